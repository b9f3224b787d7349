"""Counts in whole tens: added up across processes, refused below ten, gone after their time."""

import pytest
from sqlalchemy.exc import IntegrityError

from bot.kernel.rows import Cell
from bot.storage.counters import SqlCounters
from bot.storage.database import Database
from bot.storage.retention import SqlRetention
from bot.storage.tables import counters
from tests.ports.conftest import Opener

CELL = Cell("unmet", "shelter", "RS", "2026-W48")
OTHER = CELL._replace(detail="PT")


@pytest.fixture
def kept(database: Database) -> SqlCounters:
    return SqlCounters(database)


async def test_counts_of_several_processes_add_up(kept: SqlCounters, opener: Opener) -> None:
    await kept.add({CELL: 10, OTHER: 20})
    await SqlCounters(await opener()).add({CELL: 30})

    assert await kept.of("unmet") == {OTHER: 20, CELL: 40}
    assert list(await kept.of("unmet")) == sorted([CELL, OTHER])
    assert await kept.of("something else") == {}


@pytest.mark.parametrize("count", [0, -10, 1, 9, 11, 25])
async def test_what_is_not_in_whole_tens_is_not_counted_and_nothing_beside_it(
    kept: SqlCounters, count: int
) -> None:
    with pytest.raises(ValueError, match="whole tens"):
        await kept.add({OTHER: 10, CELL: count})

    assert await kept.of("unmet") == {}


@pytest.mark.parametrize("count", [0, 9, 11])
async def test_the_table_itself_refuses_what_stands_for_fewer_than_ten(
    database: Database, count: int
) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(counters.insert(), {**CELL._asdict(), "count": count})


async def test_weeks_that_are_too_old_go_and_the_others_stay(
    kept: SqlCounters, retention: SqlRetention
) -> None:
    old = CELL._replace(week="2024-W52")
    await kept.add({CELL: 10, old: 10})
    assert (await retention.report())["counters"] == 2

    assert await kept.expire("2025-W01") == 1

    assert await kept.of("unmet") == {CELL: 10}
