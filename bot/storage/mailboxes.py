"""Replies that wait in the database until their person writes again."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from bot.kernel.ids import CaseId, NoteId
from bot.ports import NoteRow
from bot.storage.database import Database
from bot.storage.faults import storage_errors
from bot.storage.rows import note_of
from bot.storage.tables import notes as rows


class SqlMailboxes:
    """Mailboxes by case."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def waiting(self, case: CaseId) -> Sequence[NoteRow]:
        """Notes of the case in order, delivered ones that are not yet deleted included."""
        query = select(rows).where(rows.c.case == case).order_by(rows.c.sequence)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [note_of(row) for row in found]

    @storage_errors
    async def delivered(self, notes: Sequence[NoteId], hour: int) -> None:
        """Mark as shown to the person; a note that was shown before keeps its first hour."""
        if not notes:
            return
        unread = (rows.c.id.in_(notes), rows.c.delivered_hour.is_(None))
        async with self._database.writing() as connection:
            await connection.execute(update(rows).where(*unread).values(delivered_hour=hour))

    @storage_errors
    async def delete(self, notes: Sequence[NoteId]) -> None:
        """Delete at once."""
        if not notes:
            return
        async with self._database.writing() as connection:
            gone = (await connection.execute(delete(rows).where(rows.c.id.in_(notes)))).rowcount
        if gone:
            await self._database.scrub()
