"""How caseworkers are rung, in the database: sealed addresses beside the caseworker, and nothing about any case."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import Way
from bot.storage.database import Database
from bot.storage.faults import storage_errors
from bot.storage.tables import ways


class SqlWays:
    """Ways of ringing caseworkers. Those of somebody who leaves go with `StaffRegister.write`, in the same commit."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def of(self, staff: Collection[CaseworkerId]) -> Sequence[Way]:
        """All ways of these caseworkers, by id."""
        if not staff:
            return []
        query = select(ways).where(ways.c.staff.in_(sorted(staff))).order_by(ways.c.id)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [Way(**row) for row in found]

    @storage_errors
    async def keep(self, way: Way) -> None:
        """Add one. Raises ConflictError when its caseworker is unknown."""
        row = {"id": way.id, "staff": way.staff, "kind": way.kind, "sealed": way.sealed}
        async with self._database.writing() as connection:
            await connection.execute(ways.insert().values(row))

    @storage_errors
    async def forget(self, staff: CaseworkerId, way: str) -> bool:
        """Delete one of this caseworker's; whether it was there."""
        theirs = delete(ways).where(ways.c.staff == staff, ways.c.id == way)
        async with self._database.writing() as connection:
            gone = (await connection.execute(theirs)).rowcount
        if gone:
            await self._database.scrub()
        return bool(gone)
