"""Inviting, listing and removing people on the command line."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.handoff.roles import StaffRole
from bot.kernel.rows import StaffSession
from bot.ports import Invite
from bot.storage.database import Database, open_database
from bot.storage.staff import SqlStaffRegister, SqlStaffSessions
from tests.cli.stored import Stored
from tests.ports.examples import a_caseworker

ROOT = Path(__file__).resolve().parents[2]
DEMO, OTHER = "rs-demo-lantern", "rs-demo-harbour"
LATER = 4_000_000_000


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    found = Stored(tmp_path, monkeypatch)
    found.open_keys()
    found.make_tables()
    monkeypatch.setenv("FENER_CONTENT_DIR", str(ROOT))
    return found


def enrolled(stored: Stored, kid: str, *, organisation: str = DEMO) -> None:
    """Somebody with this key, signed in."""

    async def enrol() -> None:
        database: Database = await open_database(f"sqlite:///{stored.file}", version="test")
        register = SqlStaffRegister(database)
        row = a_caseworker(identity_kid=kid, alias=f"{kid[0]}\x1b[31m")
        await register.invite(Invite(kid.encode(), organisation, "auditor", LATER))
        assert await register.redeem(kid.encode(), 0, row)
        await SqlStaffSessions(database).open(StaffSession(kid.encode(), row.id, LATER))
        await database.close()

    asyncio.run(enrol())


def rows(stored: Stored, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(stored.file) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("role", list(StaffRole))
def test_each_of_the_eight_roles_can_be_invited(
    stored: Stored, capsys: pytest.CaptureFixture[str], role: StaffRole
) -> None:
    assert main(["staff", "invite", "--org", DEMO, "--role", role.value]) == 0

    assert "/console/#enrol=" in capsys.readouterr().out
    assert rows(stored, "SELECT organisation, role FROM invites") == [(DEMO, role.value)]


def test_a_role_that_nobody_knows_is_not_invited(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["staff", "invite", "--org", DEMO, "--role", "superuser"])

    assert "focal-point" in capsys.readouterr().err
    assert rows(stored, "SELECT * FROM invites") == []


def test_everybody_of_an_organisation_is_listed_and_nobody_else(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(stored, "a" * 32)
    enrolled(stored, "b" * 32, organisation=OTHER)

    assert main(["staff", "list", "--org", DEMO]) == 0
    assert capsys.readouterr().out == f"{'a' * 16}  auditor           a<U+001B>[31m\n"
    assert main(["staff", "list", "--org", DEMO, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"key": "a" * 32, "role": "auditor", "alias": "a\x1b[31m"}]
    assert main(["staff", "list", "--org", "nowhere"]) == 0
    assert capsys.readouterr().out == "Nobody of 'nowhere' is enrolled.\n"


def test_who_is_removed_is_signed_out_and_that_is_in_the_audit(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(stored, "a" * 32)
    enrolled(stored, "c" * 32)

    assert main(["staff", "remove", "--org", DEMO, "aaaa"]) == 0

    assert "is signed out" in capsys.readouterr().out
    assert rows(stored, "SELECT identity_kid FROM staff WHERE active") == [("c" * 32,)]
    [(line,)] = rows(stored, "SELECT line FROM audit")
    assert b'"event":"staff.removed"' in bytes(line)  # type: ignore[call-overload]  # SQLite gives bytes


@pytest.mark.parametrize("key", ["", "ff", "a"])
def test_nobody_is_removed_where_it_is_not_clear_who_is_meant(
    stored: Stored, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    enrolled(stored, "a1" + "0" * 30)
    enrolled(stored, "a2" + "0" * 30)

    assert main(["staff", "remove", "--org", DEMO, key]) != 0

    assert "see 'fener staff list" in capsys.readouterr().err
    assert len(rows(stored, "SELECT * FROM staff WHERE active")) == 2


def test_an_operator_removes_nobody_by_another_organisations_name(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    enrolled(stored, "a" * 32)

    assert main(["staff", "remove", "--org", OTHER, "aaaa"]) != 0
    assert len(rows(stored, "SELECT * FROM staff WHERE active")) == 1
