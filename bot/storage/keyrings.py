"""Each organisation's keyring in the database: signed entries in order, trusted by nobody unverified."""

from collections.abc import Sequence

from sqlalchemy import func, select

from bot.kernel.errors import ConflictError
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import storage_errors
from bot.storage.tables import keyrings


class SqlKeyrings:
    """Keyrings by organisation."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def entries(self, organisation: str) -> Sequence[bytes]:
        """All entries in order."""
        query = (
            select(keyrings.c.entry)
            .where(keyrings.c.organisation == organisation)
            .order_by(keyrings.c.position)
        )
        async with self._database.reading() as connection:
            return (await connection.scalars(query)).all()

    @storage_errors
    async def append(self, organisation: str, entry: bytes, *, expected: int) -> None:
        """Add one; raises ConflictError (`keyring.changed`) when there are not `expected` entries."""
        how_many = select(func.count()).select_from(keyrings).where(keyrings.c.organisation == organisation)
        row = {"organisation": organisation, "position": expected, "entry": entry}
        async with self._database.writing() as connection:
            if await connection.scalar(how_many) == expected:
                added = await connection.execute(insert_if_free(connection, keyrings).values(row))
                if added.rowcount == 1:
                    return
            raise ConflictError("keyring.changed", "Somebody else added to the keyring: read it again.")

    @storage_errors
    async def organisations(self) -> Sequence[str]:
        """Organisations that have a keyring, in the order of their names."""
        known = await self._database.glance.organisations()
        if known is not None:
            return known
        query = select(keyrings.c.organisation).distinct().order_by(keyrings.c.organisation)
        async with self._database.reading() as connection:
            return (await connection.scalars(query)).all()
