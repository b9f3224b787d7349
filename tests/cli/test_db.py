"""`fener db`, `fener retention report` and `fener audit verify` over a real SQLite file."""

import io
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.cli.stored import HOUR, Stored


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    return Stored(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "words", [["db", "check"], ["db", "purge"], ["retention", "report"], ["audit", "verify"]]
)
def test_without_a_database_nothing_is_made_and_one_sentence_says_so(
    stored: Stored, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 1
    said = capsys.readouterr()
    assert said.err == f"fener: There is no database at {stored.file} yet: 'fener db upgrade' makes it.\n"
    assert said.out == ""
    assert not stored.data.exists()
    assert not stored.keys.exists()


def test_upgrade_makes_the_tables_and_may_be_run_again(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert capsys.readouterr().out == "The tables are at revision 0001.\n" * 2
    assert main(["db", "check"]) == 0


def test_a_database_of_an_older_version_is_not_changed_by_looking_at_it(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.data.mkdir()
    sqlite3.connect(stored.file).close()

    assert main(["db", "check"]) == 1
    assert "run 'fener db upgrade'" in capsys.readouterr().err
    with sqlite3.connect(stored.file) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


def test_check_finds_a_sound_database_sound(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    stored.open_case()

    assert main(["db", "check"]) == 0
    said = capsys.readouterr().out
    assert "tables: revision 0001, made by Fener 0.1.0\n" in said
    assert "cases 1, envelopes 1," in said
    assert "every case row (1) is one that this server wrote" in said


def test_check_counts_rows_that_this_server_did_not_write(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.open_case()
    stored.open_case(ours=False)
    stored.change("UPDATE cases SET urgency = 'now' WHERE id = (SELECT min(id) FROM cases)")

    assert main(["db", "check"]) == 1
    assert "2 of 3 case rows were not written by this server" in capsys.readouterr().err

    stored.change("UPDATE cases SET mac = 'text', salt = 'text', pseudonym = id")
    assert main(["db", "check"]) == 1
    assert "3 of 3 case rows were not written by this server" in capsys.readouterr().err


def test_check_says_when_the_keys_are_missing_or_others(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.change("INSERT INTO meta VALUES ('installation', 'another')")
    assert main(["db", "check"]) == 1
    assert "the keys are not the ones that this database was made with" in capsys.readouterr().err

    stored.keys.rename(stored.keys.with_name("elsewhere"))
    assert main(["db", "check"]) == 1
    assert "the keys are missing" in capsys.readouterr().err
    assert not stored.keys.exists()


def test_check_notices_a_row_that_belongs_to_nothing(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.change("DELETE FROM cases")

    assert main(["db", "check"]) == 1
    assert "rows of envelopes belong to nothing" in capsys.readouterr().err


def test_a_damaged_file_is_answered_with_one_sentence(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.file.write_bytes(b"SQLite format 3\0" + b"x" * 5000)

    assert main(["db", "check"]) == 1
    said = capsys.readouterr().err
    assert said == "fener: The database file is damaged or is none: restore a backup.\n"


def test_purge_deletes_what_is_past_its_time_and_leaves_the_rest(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.open_case(hour=HOUR - 91 * 24)

    assert main(["db", "purge"]) == 0
    assert capsys.readouterr().out == "Deleted: 0 replies, 1 case with all that hung on them.\n"
    assert main(["db", "purge"]) == 0
    assert "0 replies, 0 cases" in capsys.readouterr().out


# --- retention -----------------------------------------------------------------------------------------


def test_the_report_counts_what_is_there_and_says_until_when_at_most(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.open_case(hour=HOUR - 48)

    assert main(["retention", "report", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert report["tables"]["cases"]["rows"] == 2
    assert report["tables"]["cases"]["rule"] == "14 days after close, 90 days at most"
    assert report["tables"]["cases"]["gone_by"] == report["tables"]["envelopes"]["gone_by"] is not None
    assert report["tables"]["notes"] == {
        "rows": 0,
        "rule": "24 hours after reading, unread 30 days at most",
        "gone_by": None,
        "overdue": 0,
    }
    assert report["keys"][0]["epoch"] == int(HOUR // (24 * 30))
    assert report["memory"]["conversations"] == "30 minutes after the last message"


def test_the_report_follows_what_the_operator_decided(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    config = Path("fener.toml")
    config.touch(mode=0o600)
    config.write_text("[retention]\nafter_close_days = 2\nat_most_days = 20\n", encoding="utf-8")

    assert main(["retention", "report"]) == 0
    assert (
        "cases: 1, kept 2 days after close, 20 days at most; all of today's gone by"
        in capsys.readouterr().out
    )


def test_the_report_says_what_should_be_gone_already(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.open_case()
    stored.open_case(hour=HOUR - 91 * 24)

    assert main(["retention", "report"]) == 0
    assert "1 of them past their time: is the server running?" in capsys.readouterr().out
    assert main(["db", "purge"]) == 0
    capsys.readouterr()
    assert main(["retention", "report"]) == 0
    assert "past their time" not in capsys.readouterr().out


def test_the_report_promises_no_day_for_the_line_of_the_audit_that_stays(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.write_audit("demo-lantern", 2, hours_ago=400 * 24)
    stored.open_keys()
    assert main(["db", "purge"]) == 0
    capsys.readouterr()

    assert main(["retention", "report", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["tables"]["audit"]
    assert told["rows"] == 1  # the newest line, whose hash the next one needs
    assert told["gone_by"] is None
    assert "the newest line of each organisation stays" in told["rule"]


def test_the_report_names_nobody(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    stored.open_case()
    with sqlite3.connect(stored.file) as connection:
        row = connection.execute("SELECT id, designation, organisation FROM cases").fetchone()
    connection.close()

    main(["retention", "report"])
    main(["retention", "report", "--json"])

    said = capsys.readouterr().out
    assert not any(word in said for word in row)


def test_without_keys_the_report_says_that_it_did_not_look_at_them(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "upgrade"]) == 0
    capsys.readouterr()

    assert main(["retention", "report"]) == 0
    assert "not looked at. There are no keys yet.\n" in capsys.readouterr().out
    assert not stored.keys.exists()


# --- audit ---------------------------------------------------------------------------------------------


def test_chains_that_fit_are_answered_with_zero(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    stored.write_audit("demo-lantern", 3)
    stored.write_audit("demo-harbour", 1)

    assert main(["audit", "verify"]) == 0
    assert capsys.readouterr().out == "demo-harbour: 1 line fits\ndemo-lantern: 3 lines fit\n"


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE audit SET line = replace(line, 'case.read', 'case.open') WHERE position = 2", 2),
        ("DELETE FROM audit WHERE position = 1", 2),
        ("UPDATE audit SET hour = hour - 1 WHERE position = 3", 3),
        ("UPDATE audit SET hash = zeroblob(32) WHERE position = 0", 0),
        ("UPDATE audit SET organisation = 'demo-harbour'", 0),
        ("UPDATE audit SET line = 'nothing' WHERE position = 1", 1),
    ],
)
def test_the_first_line_that_does_not_fit_is_told(
    stored: Stored, capsys: pytest.CaptureFixture[str], statement: str, line: int
) -> None:
    stored.write_audit("demo-lantern", 5)
    stored.change(statement)

    assert main(["audit", "verify"]) == 1
    assert f": line {line} does not fit" in capsys.readouterr().err


def test_lines_that_went_with_time_are_no_damage(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    stored.write_audit("demo-lantern", 5)
    stored.change("DELETE FROM audit WHERE position < 2")

    assert main(["audit", "verify", "--org", "demo-lantern"]) == 0
    assert (
        capsys.readouterr().out == "demo-lantern: 3 lines fit, from line 2 on; those before went with time\n"
    )


def test_one_organisation_is_verified_whatever_the_others_are_like(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.write_audit("demo-harbour", 2)
    stored.write_audit("demo-lantern", 2)
    stored.change("UPDATE audit SET line = 'nothing' WHERE organisation = 'demo-harbour'")

    assert main(["audit", "verify", "--org", "demo-lantern"]) == 0
    assert main(["audit", "verify", "--org", "demo-castle"]) == 2
    assert "there are: demo-harbour, demo-lantern." in capsys.readouterr().err


# --- PostgreSQL ----------------------------------------------------------------------------------------


@pytest.mark.servers
def test_the_same_commands_work_over_postgresql(
    stored: Stored,
    empty_postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FENER_DATABASE_URL", empty_postgres_url)
    stored.open_keys()

    assert main(["db", "check"]) == 1
    assert "run 'fener db upgrade'" in capsys.readouterr().err
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "check"]) == 0
    assert main(["db", "purge"]) == 0
    assert main(["retention", "report"]) == 0
    assert main(["audit", "verify"]) == 0
    said = capsys.readouterr().out
    assert "every case row (0) is one that this server wrote" in said
    assert said.endswith("Nothing was written yet.\n")


def test_lost_epoch_keys_are_put_out_of_force_only_after_a_yes(
    stored: Stored, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.open_case()
    assert main(["db", "purge"]) == 0
    assert main(["db", "trust-keys"]) == 0
    assert "Every key in force is here" in capsys.readouterr().out
    in_force = stored.recorded()
    lost = sorted(stored.keys.glob("epoch-*.key"))
    for file in lost:
        file.unlink()

    assert main(["db", "purge"]) == 1
    assert f"copy {lost[0].name} there" in capsys.readouterr().err
    for answer in ("", "no\n", "y\n"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        assert main(["db", "trust-keys"]) == 1
        assert "Nothing was changed" in capsys.readouterr().err
    assert stored.recorded() == in_force
    assert list(stored.keys.glob("epoch-*.key")) == []

    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert main(["db", "trust-keys"]) == 0
    assert "Copy it to every machine" in capsys.readouterr().out
    assert stored.recorded().keys() <= in_force.keys()
    assert not set(stored.recorded().values()) & set(in_force.values())
    assert main(["db", "purge"]) == 0
