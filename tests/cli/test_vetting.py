"""Vetting on the command line: two names, a suspension at once, a history, and files that git can keep."""

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.content.directory_folder import load_directory
from bot.directory.vetting import state_today
from bot.installation import SystemClock
from bot.nlu.normalise import fold
from tests.cli.stored import Stored
from tests.directory.test_parse import WHOLE, write

NEW = """\
# Somebody new.
organisation: rs-new
name: {en: New House}
country: RS
services:
  - service: legal
    name: {en: New lawyers}
    needs: [legal_asylum]   # for now
"""
NAME = "rs-new/legal"
VET = ("--evidence", "visited, policy read", "--checklist", "all")


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stored = Stored(tmp_path, monkeypatch)
    stored.open_keys()
    stored.make_tables()
    lasting = WHOLE["rs/rs-lantern.yaml"].replace("2027-05-01", "2999-05-01")
    write(tmp_path, {**WHOLE, "rs/rs-lantern.yaml": lasting, "rs/rs-new.yaml": NEW})
    return tmp_path


def fener(content: Path, action: str, *words: str) -> int:
    return main(["directory", action, *words, "--content", str(content)])


def offered(content: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert fener(content, "match", "--need", "legal_asylum", "--limit", "9", "--json") == 0
    return [match["organisation"] for match in json.loads(capsys.readouterr().out)["matches"]]


def told(content: Path, capsys: pytest.CaptureFixture[str], action: str, *words: str) -> str:
    capsys.readouterr()
    assert fener(content, action, *words) == 0
    return capsys.readouterr().out


def vet_twice(content: Path) -> None:
    for name in ("Ana", "Bo"):
        assert fener(content, "vet", NAME, "--by", name, *VET, "--expires", _in_days(90)) == 0


def _in_days(days: int) -> str:
    from datetime import timedelta

    return (SystemClock().now().date() + timedelta(days=days)).isoformat()


def test_two_people_vouch_and_one_takes_out(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "rs-new" not in offered(content, capsys)
    first = told(content, capsys, "vet", NAME, "--by", "Ana", *VET)
    assert first == f"{NAME}: proposed; Ana vouches, and a second vetter has to.\n"
    assert "rs-new" not in offered(content, capsys)
    second = told(content, capsys, "vet", NAME, "--by", "Bo", *VET)
    assert second == f"{NAME}: vetted until {_in_days(183)} by Ana and Bo.\n"
    assert "rs-new" in offered(content, capsys)
    assert (
        told(content, capsys, "suspend", NAME, "--by", "Ana", "--reason", "a report")
        == f"{NAME}: suspended.\n"
    )
    assert "rs-new" not in offered(content, capsys)
    assert "vetted until" in told(
        content, capsys, "reinstate", NAME, "--by", "Bo", "--reason", "looked into it"
    )
    assert "rs-new" in offered(content, capsys)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("vet", NAME, "--by", "ana", *VET), 1, "You vouched already"),
        (("vet", NAME, "--by", "Bo", "--evidence", "visited", "--checklist", "reached"), 1, "Do these first: agreed"),
        (("vet", "rs-new/nothing", "--by", "Bo", *VET), 2, "there is no service 'rs-new/nothing'"),
        (("reinstate", NAME, "--by", "Bo", "--reason", "because"), 1, "It is not suspended."),
        (("dismiss", NAME, "--by", "Bo", "--reason", "because"), 1, "Nobody reported anything"),
        (("agree", NAME, "--by", "Bo", "--word", "women_only"), 1, "Nobody asked for another answer to 'women_only'."),
        (("decline", NAME, "--by", "Bo", "--word", "x", "--reason", "because"), 1, "Nobody asked for another answer"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_sentence(
    content: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, sentence: str
) -> None:
    told(content, capsys, "vet", NAME, "--by", "Ana", *VET)

    assert fener(content, *words) == code
    assert sentence in capsys.readouterr().err


def test_without_keys_nothing_is_written(
    content: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENER_KEYS_DIR", str(content / "elsewhere"))

    assert fener(content, "suspend", NAME, "--by", "Ana", "--reason", "a report") == 1
    assert "There are no keys yet" in capsys.readouterr().err


def test_a_history_tells_the_commits_of_the_file_and_then_what_the_database_holds(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identity = ("-c", "user.name=Cy", "-c", "user.email=cy@example.org")
    for command in (
        ("init", "-q"),
        ("add", "directory"),
        (*identity, "commit", "-q", "-m", "Add the new house"),
    ):
        subprocess.run(
            ["git", "-C", str(content), *command], check=True
        )  # git of the host, in the test's own folder
    vet_twice(content)
    told(content, capsys, "suspend", NAME, "--by", "Ana", "--reason", "a report")

    lines = told(content, capsys, "history", NAME).splitlines()
    today = SystemClock().now().date()
    assert lines[0] == "directory/rs/rs-new.yaml:"
    assert lines[1].endswith(" Cy: Add the new house")
    assert lines[2] == "since then:"
    assert lines[3:] == [
        f"  {today} proposed by Ana; until {_in_days(90)}; visited, policy read",
        f"  {today} vetted by Bo; until {_in_days(90)}; visited, policy read",
        f"  {today} suspended by Ana; a report",
    ]


def test_a_history_without_git_and_without_events_says_so(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        told(content, capsys, "history", NAME)
        == "directory/rs/rs-new.yaml:\n  not in git\nsince then:\n  nothing\n"
    )


def test_what_is_due_tells_first_vetters_and_suspensions(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(content, capsys, "vet", NAME, "--by", "Ana", *VET)
    assert f"{NAME}: proposed; vouched for by Ana, waits for a second vetter\n" in told(
        content, capsys, "due"
    )
    told(content, capsys, "suspend", NAME, "--by", "Ana", "--reason", "a report")
    assert f"{NAME}: suspended\n" in told(content, capsys, "due")
    [row] = [row for row in json.loads(told(content, capsys, "due", "--json")) if row["service"] == NAME]

    day = SystemClock().now().date().isoformat()
    assert row == {
        "service": NAME,
        "state": "suspended",
        "expires": None,
        "todo": [{"what": "suspended", "detail": day, "mark": 0}],
    }


def test_what_happened_is_written_into_the_files_and_then_the_files_say_it(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vet_twice(content)
    file = content / "directory" / "rs" / "rs-new.yaml"
    dry = told(content, capsys, "write-back", "--dry-run")
    assert dry.startswith(f"directory/rs/rs-new.yaml: {NAME}\n1 files would be written.")
    assert file.read_text("utf-8") == NEW
    told(content, capsys, "write-back")
    after = file.read_text("utf-8")

    assert after.startswith(NEW)
    assert len(after.splitlines()) == len(NEW.splitlines()) + 1
    directory, problems = load_directory(content, fold=fold)
    assert directory is not None, problems
    vetting = directory.organisations["rs-new"].services[0].vetting
    assert state_today(vetting, SystemClock().now().date()) == "vetted"
    assert told(content, capsys, "write-back").startswith("0 files were written.")
    assert "rs-new" in offered(content, capsys)


def test_a_changed_history_offers_nothing_and_says_so(
    content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vet_twice(content)
    stored = content / "data" / "fener.db"
    with sqlite3.connect(stored) as connection:
        connection.execute("DELETE FROM directory_ledger WHERE position = 1")
    connection.close()

    assert offered(content, capsys) == []
    assert fener(content, "due") == 1
    assert "was changed by somebody else" in capsys.readouterr().err
    assert fener(content, "history", NAME) == 1
    assert fener(content, "write-back") == 1
    assert fener(content, "suspend", NAME, "--by", "Ana", "--reason", "a report") == 1


def test_the_doctor_counts_what_was_vetted_at_run_time_and_names_a_changed_history(
    content: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FENER_CONTENT_DIR", str(content))
    found = _doctor(capsys)
    assert found["services"] == ("ok", "1 of 2 may be offered today")
    vet_twice(content)
    assert _doctor(capsys)["services"] == ("ok", "2 of 2 may be offered today")
    with sqlite3.connect(content / "data" / "fener.db") as connection:
        connection.execute("DELETE FROM directory_ledger")
    connection.close()

    assert _doctor(capsys)["directory"][0] == "fail"


def _doctor(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    capsys.readouterr()
    main(["doctor", "--json"])
    return {each["check"]: (each["level"], each["said"]) for each in json.loads(capsys.readouterr().out)}
