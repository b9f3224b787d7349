"""Codes with which a case can be moved to another address, in the database."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select

from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseId
from bot.ports import CaseRow, ReturnCodeRow
from bot.storage.database import Database
from bot.storage.faults import storage_errors
from bot.storage.rows import case_of, is_still, return_code_of, values
from bot.storage.tables import cases, return_codes


class SqlReturnCodes:
    """At most one code a case; one that is replaced leaves no byte."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def keep(self, code: ReturnCodeRow, *, expected: CaseRow) -> None:
        """Keep the case's only code; raises ConflictError (`case.changed`) when the stored case differs from `expected`."""
        still = select(cases.c.id).where(is_still(cases, expected)).with_for_update()
        async with self._database.writing() as connection:
            if await connection.scalar(still) is None:
                raise ConflictError("case.changed", "Somebody else changed the case: read it again.")
            earlier = delete(return_codes).where(return_codes.c.case == code.case)
            gone = (await connection.execute(earlier)).rowcount
            await connection.execute(return_codes.insert().values(values(code)))
        if gone:
            await self._database.scrub()

    @storage_errors
    async def find(self, names: Sequence[bytes], *, since: int) -> tuple[ReturnCodeRow, CaseRow] | None:
        """The code under any of these names that was made in this hour or later, with its case.

        A closed one only while it is tied to its person, for the last reply.
        """
        good = (return_codes.c.name.in_(names), return_codes.c.hour >= since, cases.c.pseudonym.is_not(None))
        async with self._database.reading() as connection:
            code = (
                (await connection.execute(select(return_codes).join(cases).where(*good))).mappings().first()
            )
            if code is None:
                return None
            case = select(cases).where(cases.c.id == code["case"])
            return return_code_of(code), case_of((await connection.execute(case)).mappings().one())

    @storage_errors
    async def forget(self, case: CaseId) -> None:
        """Destroy the case's code at once."""
        await self._delete(return_codes.c.case == case)

    @storage_errors
    async def expire(self, *, before: int) -> int:
        """Delete codes made before this hour; how many went."""
        return await self._delete(return_codes.c.hour < before)

    async def _delete(self, which: ColumnElement[bool]) -> int:
        async with self._database.writing() as connection:
            gone = (await connection.execute(delete(return_codes).where(which))).rowcount
        if gone:
            await self._database.scrub()
        return gone
