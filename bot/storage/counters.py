"""Counts of conversations in the database: whole tens by kind, word, detail and calendar week."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.kernel.rows import Cell
from bot.storage.database import Database
from bot.storage.faults import storage_errors
from bot.storage.tables import counters

_TENS: Final = 10
_CELL: Final = (counters.c.kind, counters.c.subject, counters.c.detail, counters.c.week)


class SqlCounters:
    """Counts; the table itself refuses what is below ten."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def add(self, tens: Mapping[Cell, int]) -> None:
        """Count these up, all or none. Raises ValueError for what is not at least ten and in whole tens."""
        if any(count < _TENS or count % _TENS for count in tens.values()):
            raise ValueError("counts are kept in whole tens")  # a fault of ours, not of a person
        async with self._database.writing() as connection:
            for cell, count in tens.items():
                await _count_up(connection, {**cell._asdict(), "count": count})

    @storage_errors
    async def of(self, kind: str) -> Mapping[Cell, int]:
        """Every count of a kind, in order of its cell."""
        query = select(counters).where(counters.c.kind == kind).order_by(*_CELL)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return {Cell(*(row[column] for column in _CELL)): int(row[counters.c.count]) for row in rows}

    @storage_errors
    async def expire(self, before: str) -> int:
        """Delete what is of weeks before this one; how many rows went."""
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(counters).where(counters.c.week < before))
        return gone.rowcount


async def _count_up(connection: AsyncConnection, row: Mapping[str, object]) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    adding = insert(counters).values(row)
    more = counters.c.count + adding.excluded.count
    await connection.execute(adding.on_conflict_do_update(index_elements=_CELL, set_={"count": more}))
