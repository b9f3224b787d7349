"""`fener backup` and `fener restore`: a copy that is whole, private, without what was erased, and nothing without keys."""

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.crypto.keys import KeyRoom
from bot.installation import SystemClock
from bot.storage.tables import metadata
from tests.cli.stored import HOUR, Stored

ORG = "demo-lantern"


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    found = Stored(tmp_path, monkeypatch)
    keys = found.open_keys()
    found.make_tables()
    found.change(f"INSERT INTO meta VALUES ('installation', '{keys.installation}')")
    return found


def contents(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(file) as connection:
        found = {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
            for name in metadata.tables
            if name != "epochs"  # which keys are in force is decided by those that are there now
        }
    connection.close()
    return found


def test_a_backup_that_is_put_back_holds_every_row(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.open_case()
    stored.write_audit(ORG, 3)
    before = contents(stored.file)

    assert main(["backup", "copy.db"]) == 0
    assert "Wrote copy.db: tables of revision 0001, 2 cases." in capsys.readouterr().out
    shutil.rmtree(stored.data)
    assert main(["restore", "copy.db"]) == 0

    assert contents(stored.file) == before
    assert main(["db", "check"]) == 0
    assert "every case row (2) is one that this server wrote" in capsys.readouterr().out
    assert stat.S_IMODE(stored.file.stat().st_mode) == 0o600
    assert sorted(each.name for each in stored.data.iterdir()) == ["fener.db"]


def test_a_backup_is_made_while_somebody_writes_and_is_for_our_eyes_only(stored: Stored) -> None:
    stored.open_case()
    writer = sqlite3.connect(stored.file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM cases")

    assert main(["backup", "copy.db"]) == 0

    writer.execute("ROLLBACK")
    writer.close()
    assert len(contents(Path("copy.db"))["cases"]) == 1
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600
    assert not list(Path().glob("copy.db-*"))


def test_what_was_deleted_is_not_in_a_later_backup_even_where_the_file_still_holds_it(stored: Stored) -> None:
    stored.open_case()
    with sqlite3.connect(stored.file) as connection:  # somebody deleted without overwriting
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE remains (text)")
        connection.execute("INSERT INTO remains VALUES (?)", ("canary-of-long-ago" * 500,))
        connection.commit()
        connection.execute("DROP TABLE remains")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"canary-of-long-ago" in stored.file.read_bytes()

    assert main(["backup", "copy.db"]) == 0

    assert b"canary-of-long-ago" not in Path("copy.db").read_bytes()


def test_no_key_is_in_a_backup(stored: Stored) -> None:
    stored.open_case()

    assert main(["backup", "copy.db"]) == 0

    copy = Path("copy.db").read_bytes()
    for file in stored.keys.glob("*.key"):
        secret = file.read_text().split()[3]
        assert secret.encode() not in copy
        assert bytes.fromhex(secret) not in copy


def test_nothing_is_written_over(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    Path("copy.db").write_text("something of mine")
    assert main(["backup", "copy.db"]) == 1
    assert Path("copy.db").read_text() == "something of mine"

    assert main(["backup", "other.db"]) == 0
    assert main(["restore", "other.db"]) == 1
    assert f"{stored.file} is there: stop the server and move it away first." in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told_and_leaves_nothing(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()

    assert main(["backup", "nowhere/copy.db"]) == 1
    assert "nowhere/copy.db cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("spoil", [b"", b"SQLite format 3\0" + b"x" * 5000, b"no database at all"])
def test_a_file_that_is_no_backup_changes_nothing(
    stored: Stored, capsys: pytest.CaptureFixture[str], spoil: bytes
) -> None:
    shutil.rmtree(stored.data)
    Path("copy.db").write_bytes(spoil)

    assert main(["restore", "copy.db"]) == 1
    assert "copy.db is damaged or is no database of Fener." in capsys.readouterr().err
    assert not stored.data.exists()
    assert main(["restore", "absent.db"]) == 1
    assert "There is no file absent.db." in capsys.readouterr().err


def test_a_backup_is_not_put_back_beside_no_keys_or_others(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    assert main(["backup", "copy.db"]) == 0
    shutil.rmtree(stored.data)
    stored.keys.rename(stored.keys.with_name("elsewhere"))

    assert main(["restore", "copy.db"]) == 1
    assert "put your copy of the keys there first" in capsys.readouterr().err
    KeyRoom.open(stored.keys, "file", SystemClock().now())
    assert main(["restore", "copy.db"]) == 1
    assert "are not the ones that this backup was made with" in capsys.readouterr().err
    assert not stored.data.exists()


def test_what_is_past_its_time_goes_as_soon_as_a_backup_is_put_back(stored: Stored) -> None:
    stored.open_case()
    stored.open_case(hour=HOUR - 91 * 24)
    assert main(["backup", "copy.db"]) == 0
    shutil.rmtree(stored.data)

    assert main(["restore", "copy.db"]) == 0

    assert len(contents(stored.file)["cases"]) == 1


def test_a_chain_that_is_shorter_after_a_restore_is_whole_for_us_and_shows_to_who_kept_a_checkpoint(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.write_audit(ORG, 3)
    assert main(["backup", "copy.db"]) == 0
    stored.write_audit(ORG, 4)
    assert main(["db", "purge"]) == 0
    capsys.readouterr()
    assert main(["audit", "checkpoint", "--org", ORG]) == 0
    Path("kept.json").write_text(capsys.readouterr().out)
    shutil.rmtree(stored.data)

    assert main(["restore", "copy.db"]) == 0
    assert "their checkpoints of the audit are ahead of it" in capsys.readouterr().out

    assert main(["audit", "verify"]) == 0
    assert main(["audit", "verify", "--checkpoint", "kept.json"]) == 1
    assert "its end is missing beside the checkpoint of 7 lines" in capsys.readouterr().err


def test_who_was_signed_out_since_a_backup_and_a_link_that_was_used_stay_so(stored: Stored) -> None:
    later = int(SystemClock().now().timestamp()) + 1000
    stored.change(f"INSERT INTO invites VALUES (x'01', '{ORG}', 'lead', {later})")
    stored.change(f"INSERT INTO staff VALUES ('s', '{ORG}', 'lead', 'Ana', 'k', x'', x'', x'', 1)")
    stored.change(f"INSERT INTO staff_sessions VALUES (x'02', 's', {later})")
    assert main(["backup", "copy.db"]) == 0
    shutil.rmtree(stored.data)

    assert main(["restore", "copy.db"]) == 0

    there = contents(stored.file)
    assert (len(there["staff"]), there["staff_sessions"], there["invites"]) == (1, [], [])


@pytest.mark.parametrize("words", [["backup", "copy.db"], ["restore", "copy.db"]])
def test_for_postgresql_its_own_tools_are_named(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert stored.file.exists()
    monkeypatch.setenv("FENER_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    assert main(words) == 1
    assert "use pg_dump and pg_restore" in capsys.readouterr().err
