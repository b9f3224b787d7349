"""`fener directory unmet`: whole tens, how they were counted, and nothing else."""

import csv
import io
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.kernel.rows import Cell
from bot.storage.counters import SqlCounters
from bot.storage.database import Database
from tests.cli.stored import Stored

ROOT = Path(__file__).resolve().parents[2]
UNMET = ["directory", "unmet", "--content", str(ROOT)]


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    return Stored(tmp_path, monkeypatch)


def count(stored: Stored, **tens: int) -> None:
    async def add(database: Database) -> None:
        await SqlCounters(database).add(
            {Cell("unmet", "shelter", country, "2026-W47"): count for country, count in tens.items()}
        )

    stored.work(add)


def test_the_report_says_what_was_missing_and_how_it_was_counted(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    count(stored, RS=30, PT=10)
    count(stored, **{"*": 10, "": 20})

    assert main(UNMET) == 0

    told = capsys.readouterr().out
    assert "(shelter): 70 or more" in told
    for line in ("RS: 30", "PT: 10", "several countries: 10", "no country said: 20"):
        assert f"  2026-W47  {line} or more" in told
    assert "rounded down" in told
    assert "A conversation is not a person" in told


def test_a_spreadsheet_gets_the_cells_alone_and_the_method_stands_beside_them(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    count(stored, RS=30)

    assert main([*UNMET, "--format", "csv"]) == 0

    told = capsys.readouterr()
    assert list(csv.reader(io.StringIO(told.out))) == [
        ["week", "need", "country", "conversations_at_least"],
        ["2026-W47", "shelter", "RS", "30"],
    ]
    assert "A conversation is not a person" in told.err


def test_weeks_before_the_one_asked_for_are_left_out(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    count(stored, RS=30)

    assert main([*UNMET, "--since", "2026-W48"]) == 0
    assert "Nothing to tell" in capsys.readouterr().out


def test_what_is_no_week_is_refused_with_the_way_to_write_it(
    stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    stored.make_tables()

    assert main([*UNMET, "--since", "last week"]) == 2
    assert "2026-W48" in capsys.readouterr().err
