"""`fener stats`: the report of a quarter printed, as CSV and as PDF, and a mend for whatever is wrong."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.installation import SystemClock
from bot.kernel.rows import Cell
from bot.storage.counters import SqlCounters
from bot.storage.database import Database
from bot.usecases.keep_counters import week_of
from bot.usecases.quarter import last_over, quarter_of
from tests.cli.stored import Stored

ROOT = Path(__file__).resolve().parents[2]
STATS = ["stats", "--content", str(ROOT)]
TODAY = SystemClock().now().date()
OVER = last_over(TODAY)


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    made = Stored(tmp_path, monkeypatch)

    async def add(database: Database) -> None:
        await SqlCounters(database).add({Cell("unmet", "shelter", "RS", week_of(OVER.first)): 30})

    made.work(add)
    return made


def test_without_a_word_it_is_the_newest_quarter_that_is_over(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stored.file.exists()
    assert main(STATS) == 0

    told = capsys.readouterr().out
    assert f"What was needed, {OVER}\n" in told
    assert "30 or more" in told
    assert "A conversation is not a person" in told


def test_both_files_are_written_with_the_same_numbers(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    table, paper = stored.data / "report.csv", stored.data / "report.pdf"

    assert main([*STATS, "--quarter", str(OVER), "--csv", str(table), "--pdf", str(paper)]) == 0

    assert "30 or more" in capsys.readouterr().out
    rows = list(csv.reader(io.StringIO(table.read_bytes().decode("utf-8-sig"))))
    assert ["Searches in vain", "A safe place to sleep", "RS", "Conversations", "30", ""] in rows
    assert paper.read_bytes().startswith(b"%PDF-")
    assert b"(30 or more)" in paper.read_bytes()


def test_a_quarter_that_lasts_is_marked(stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    assert stored.file.exists()
    assert main([*STATS, "--quarter", str(quarter_of(TODAY))]) == 0

    told = capsys.readouterr().out
    assert ("so far, as of" in told) == (not quarter_of(TODAY).is_over(TODAY))


@pytest.mark.parametrize(
    ("words", "code", "mend"),
    [
        (["--quarter", "autumn"], 2, "Write the quarter as 20"),
        (["--quarter", "2099-Q1"], 2, "has not begun"),
        (["--quarter", "2019-Q1"], 2, "Look at the file that you saved"),
        (["--csv", "nowhere/report.csv"], 1, "name a file in a folder where you may write"),
    ],
)
def test_what_is_wrong_is_said_with_its_mend(
    stored: Stored, capsys: pytest.CaptureFixture[str], words: Sequence[str], code: int, mend: str
) -> None:
    assert stored.file.exists()
    assert main([*STATS, *words]) == code

    assert mend in capsys.readouterr().err


def test_without_a_database_it_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Stored(tmp_path, monkeypatch)

    assert main(STATS) == 1

    assert "fener db upgrade" in capsys.readouterr().err
