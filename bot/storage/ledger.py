"""The directory's ledger in the database: lines in order, trusted by nobody unverified."""

from collections.abc import Sequence

from sqlalchemy import func, select

from bot.kernel.errors import ConflictError
from bot.kernel.rows import LedgerLine
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import storage_errors
from bot.storage.tables import directory_ledger


class SqlDirectoryLedger:
    """What happened to services, line by line."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def lines(self, since: int = 0) -> Sequence[LedgerLine]:
        """The lines from position `since` on, in order."""
        query = (
            select(directory_ledger)
            .where(directory_ledger.c.position >= since)
            .order_by(directory_ledger.c.position)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [LedgerLine(row.position, _bytes(row.line), _bytes(row.mac)) for row in rows]

    @storage_errors
    async def append(self, line: LedgerLine) -> None:
        """Add the next line; raises ConflictError `ledger.changed` when its position is not the next one."""
        how_many = select(func.count()).select_from(directory_ledger)
        row = {"position": line.position, "line": line.line, "mac": line.mac}
        async with self._database.writing() as connection:
            if await connection.scalar(how_many) == line.position:
                added = await connection.execute(insert_if_free(connection, directory_ledger).values(row))
                if added.rowcount == 1:
                    return
            raise ConflictError("ledger.changed", "Somebody else wrote to the directory: look again.")


def _bytes(value: object) -> bytes:
    """A value as bytes: SQLite may hold text where somebody else wrote it."""
    return value if isinstance(value, bytes) else str(value or "").encode()
