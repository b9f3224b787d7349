"""A caseworker's machine remembers how far the audit had come, and tells what a writer of the server's database did."""

import hashlib
import json
import stat
from pathlib import Path

import pytest

from bot.cli.checkpoints import KeptCheckpoint
from bot.crypto.checkpoint import NOTHING, Checkpoint, sign_checkpoint
from bot.crypto.members import Head
from bot.crypto.signing import SigningKey
from tests.cli.test_case import Desk, Server, ana, desk, library, server

__all__ = ["ana", "desk", "library", "server"]

SERVER = SigningKey.from_seed(b"s" * 32)
ORG = "rs-lantern"
YEAR = 365 * 24
SEEN = Head(5, "a" * 64)


def said(head: Head, hour: int = 100) -> str:
    return sign_checkpoint(SERVER, Checkpoint(ORG, head, hour)).decode()


def told(now: Head, then: Head, hour: int = 100) -> dict[str, object]:
    return {"checkpoint": said(now, hour), "checkpoint_then": said(then, hour)}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A machine that looked when there were five lines."""
    file = tmp_path / "caseworker.keys"
    assert KeptCheckpoint(file).compare(told(SEEN, Head(0, NOTHING)), SERVER.public, ORG) == ""
    return file


def test_what_grew_is_fine_and_kept_for_the_next_time(keys: Path) -> None:
    kept = KeptCheckpoint(keys)
    assert kept.lines == 5

    assert kept.compare(told(Head(9, "b" * 64), SEEN), SERVER.public, ORG) == ""

    assert KeptCheckpoint(keys).lines == 9
    assert stat.S_IMODE(keys.with_name("caseworker.keys.checkpoint").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("now", "then", "fault"),
    [
        (Head(4, "b" * 64), Head(0, NOTHING), "its end is missing"),
        (Head(0, NOTHING), Head(0, NOTHING), "its end is missing"),
        (Head(5, "b" * 64), Head(5, "b" * 64), "it was made anew"),
        (Head(9, "c" * 64), Head(5, "b" * 64), "it was made anew"),
        (Head(9, "c" * 64), Head(0, NOTHING), "it was made anew"),
    ],
)
def test_what_did_not_grow_is_told_and_stays_told(keys: Path, now: Head, then: Head, fault: str) -> None:
    assert fault in KeptCheckpoint(keys).compare(told(now, then), SERVER.public, ORG)

    assert KeptCheckpoint(keys).lines == 5
    assert fault in KeptCheckpoint(keys).compare(told(now, then), SERVER.public, ORG)


def test_a_line_that_went_with_its_year_is_no_fault(keys: Path) -> None:
    later = told(Head(900, "c" * 64), Head(0, NOTHING), hour=100 + YEAR)

    assert KeptCheckpoint(keys).compare(later, SERVER.public, ORG) == ""


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"checkpoint": "", "checkpoint_then": ""},
        {"checkpoint": said(Head(9, "b" * 64)), "checkpoint_then": "{}"},
        {
            name: sign_checkpoint(SigningKey.from_seed(b"x" * 32), Checkpoint(ORG, SEEN, 100)).decode()
            for name in ("checkpoint", "checkpoint_then")
        },
    ],
)
def test_a_server_that_does_not_stand_by_its_audit_is_told(keys: Path, answer: dict[str, object]) -> None:
    assert "no longer stands by the audit" in KeptCheckpoint(keys).compare(answer, SERVER.public, ORG)
    assert KeptCheckpoint(keys).lines == 5


def test_a_damaged_file_of_ours_is_begun_anew(keys: Path) -> None:
    keys.with_name("caseworker.keys.checkpoint").write_bytes(b"\x00 nothing")
    kept = KeptCheckpoint(keys)
    assert kept.lines == 0

    assert kept.compare(told(SEEN, Head(0, NOTHING)), SERVER.public, ORG) == ""

    assert KeptCheckpoint(keys).lines == 5


# --- with a server ---------------------------------------------------------------------------------------


def forge(server: Server, keep: int) -> None:
    """Make the chain anew from line `keep` on, with every hash right."""
    house = server.house
    before = "0" * 64
    for row in sorted(server.run(house.rows("audit")), key=lambda row: str(row["position"]).zfill(9)):
        fields = json.loads(bytes(row["line"]))  # type: ignore[call-overload]  # a column of bytes
        if fields["position"] >= keep:
            fields |= {"event": "case.closed", "prev": before}
        line = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
        before = hashlib.sha256(line).hexdigest()
        server.run(
            house.write(
                "UPDATE audit SET line = :line, hash = :hash WHERE position = :position",
                line=line,
                hash=bytes.fromhex(before),
                position=fields["position"],
            )
        )


def test_an_audit_that_only_grew_is_no_news(server: Server, ana: Desk) -> None:
    server.person()
    for _ in range(3):
        code, _, errors = ana.case("list")
        assert (code, errors) == (0, "")


def test_a_cut_audit_is_told_to_its_caseworkers_who_work_on(server: Server, ana: Desk) -> None:
    server.person()
    ana.does("list")
    server.run(server.house.write("DELETE FROM audit WHERE position = (SELECT max(position) FROM audit)"))

    for _ in range(2):
        code, out, errors = ana.case("list")
        assert code == 0
        assert "No open case" not in out
        assert "its end is missing" in errors


def test_an_audit_made_anew_is_told_although_it_is_longer_than_before(server: Server, ana: Desk) -> None:
    server.person()
    ana.does("list")
    server.run(server.house.person("88123").hand_over())
    forge(server, 1)

    assert "it was made anew" in ana.case("list")[2]


def test_an_audit_that_the_server_itself_saw_whole_is_no_longer_stood_by(server: Server, ana: Desk) -> None:
    server.person()
    server.run(server.house.fener.purge())
    server.run(server.house.write("DELETE FROM audit"))

    assert "no longer stands by the audit" in ana.case("list")[2]
