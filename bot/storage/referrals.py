"""Both sides of referrals in the database, each with the case that it belongs to."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, update

from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseId
from bot.kernel.rows import ReferralRow
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import storage_errors
from bot.storage.rows import is_still, referral_of, values
from bot.storage.tables import referrals


class SqlReferrals:
    """Rows of sealed states; a state that was replaced leaves no byte."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def add(self, row: ReferralRow) -> None:
        """Keep a new one; raises ConflictError (`referral.taken`) when the id is taken."""
        async with self._database.writing() as connection:
            added = await connection.execute(insert_if_free(connection, referrals).values(values(row)))
            if added.rowcount != 1:
                raise ConflictError("referral.taken", "Try again.")

    @storage_errors
    async def write(self, row: ReferralRow, *, expected: ReferralRow) -> None:
        """Replace the state; raises ConflictError (`referral.changed`) when the stored row differs from `expected`."""
        this = (referrals.c.id == row.id, referrals.c.case == row.case, is_still(referrals, expected))
        async with self._database.writing() as connection:
            done = await connection.execute(update(referrals).where(*this).values(sealed=row.sealed))
            if done.rowcount != 1:
                raise ConflictError("referral.changed", "It changed meanwhile: look again.")
        await self._database.scrub()

    @storage_errors
    async def of(self, case: CaseId) -> Sequence[ReferralRow]:
        """Those of one case."""
        return await self._found(referrals.c.case == case)

    @storage_errors
    async def find(self, row: str) -> ReferralRow | None:
        """The row with this id."""
        return next(iter(await self._found(referrals.c.id == row)), None)

    @storage_errors
    async def everything(self) -> Sequence[ReferralRow]:
        """All of them, for what lapses by itself."""
        return await self._found()

    async def _found(self, *which: ColumnElement[bool]) -> Sequence[ReferralRow]:
        async with self._database.reading() as connection:
            found = await connection.execute(select(referrals).where(*which).order_by(referrals.c.id))
            return [referral_of(row) for row in found.mappings()]
