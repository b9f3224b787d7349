"""What goes by itself from the database, and a count of what is there."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Delete, and_, delete, exists, func, or_, select

from bot.handoff.retention import Cutoffs
from bot.ports import CaseRow
from bot.storage.database import Database
from bot.storage.faults import storage_errors
from bot.storage.rows import case_of
from bot.storage.tables import (
    audit,
    cases,
    envelopes,
    invites,
    metadata,
    notes,
    referrals,
    replaced_keys,
    return_codes,
    staff_sessions,
)

_HOUR: Final = 3600  # seconds


class SqlRetention:
    """Deletes what is past its time; SQLite's files are scrubbed afterwards."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def expire_notes(self, *, unread_before: int, delivered_before: int) -> int:
        """Delete notes written before one hour and still unread, or shown before the other; how many went."""
        return sum(await self._delete(delete(notes).where(_note_is_due(unread_before, delivered_before))))

    @storage_errors
    async def expire_cases(self, *, closed_before: int, opened_before: int) -> int:
        """Delete cases closed or opened before these hours, with all that hangs on them; how many cases went.

        A closed case whose reply still waits for its person loses its envelopes and stays until the note is gone; so
        does one that referred, until it is cut loose.
        """
        closed = cases.c.closed_hour < closed_before
        read_up = delete(envelopes).where(envelopes.c.case.in_(select(cases.c.id).where(closed)))
        gone, _ = await self._delete(delete(cases).where(_case_is_due(closed_before, opened_before)), read_up)
        return gone

    @storage_errors
    async def expire_access(self, *, now: int) -> int:
        """Delete invitations, staff sessions and remembered weekly keys that ended by `now`, in seconds since 1970."""
        return sum(
            await self._delete(
                delete(invites).where(invites.c.expires_at <= now),
                delete(staff_sessions).where(staff_sessions.c.expires_at <= now),
                delete(replaced_keys).where(replaced_keys.c.until_hour <= now // _HOUR),
            )
        )

    @storage_errors
    async def expire_audit(self, before: Mapping[str, int]) -> int:
        """Delete each organisation's audit lines before a position, never the newest: the next one needs its hash."""
        return sum(await self._delete(*(_lines_before(each, at) for each, at in before.items())))

    @storage_errors
    async def overdue(self, due: Cutoffs) -> Mapping[str, int]:
        """How many notes, cases and return codes an hourly job would delete at this moment; tables without any are left out."""
        wanted = {
            "notes": _note_is_due(due.notes_unread_before, due.notes_delivered_before),
            "cases": _case_is_due(due.cases_closed_before, due.cases_opened_before),
            "return_codes": return_codes.c.hour < due.codes_made_before,
        }
        counts = [
            select(func.count()).select_from(metadata.tables[name]).where(late).scalar_subquery().label(name)
            for name, late in wanted.items()
        ]
        async with self._database.reading() as connection:
            found = (await connection.execute(select(*counts))).mappings().one()
        return {name: int(count) for name, count in found.items() if count}

    @storage_errors
    async def tied(self, *, oldest_epoch: int) -> Sequence[CaseRow]:
        """Cases with a pseudonym that are closed and have no note, or whose epoch is before this one."""
        nothing_waits = and_(cases.c.closed_hour.is_not(None), ~exists().where(notes.c.case == cases.c.id))
        query = select(cases).where(
            cases.c.pseudonym.is_not(None), or_(nothing_waits, cases.c.epoch < oldest_epoch)
        )
        async with self._database.reading() as connection:
            return [case_of(row) for row in (await connection.execute(query)).mappings()]

    @storage_errors
    async def report(self) -> dict[str, int]:
        """How many rows each table holds."""
        counts = [
            select(func.count()).select_from(table).scalar_subquery().label(name)
            for name, table in metadata.tables.items()
        ]
        async with self._database.reading() as connection:
            found = (await connection.execute(select(*counts))).mappings().one()
        return {name: int(count) for name, count in found.items()}

    async def _delete(self, *statements: Delete) -> list[int]:
        async with self._database.writing() as connection:
            gone = [(await connection.execute(statement)).rowcount for statement in statements]
        if any(gone):
            await self._database.scrub()
        return gone


def _lines_before(organisation: str, position: int) -> Delete:
    later = audit.alias()
    newest = select(func.max(later.c.position)).where(later.c.organisation == organisation)
    return delete(audit).where(
        audit.c.organisation == organisation,
        audit.c.position < position,
        audit.c.position < newest.scalar_subquery(),
    )


def _note_is_due(unread_before: int, delivered_before: int) -> ColumnElement[bool]:
    unread = and_(notes.c.delivered_hour.is_(None), notes.c.hour < unread_before)
    return or_(unread, notes.c.delivered_hour < delivered_before)


def _case_is_due(closed_before: int, opened_before: int) -> ColumnElement[bool]:
    waiting = (notes.c.case == cases.c.id, notes.c.delivered_hour.is_(None))
    referred = exists().where(referrals.c.case == cases.c.id)  # untold yet: else it would be cut loose
    held = and_(cases.c.pseudonym.is_not(None), or_(exists().where(*waiting), referred))
    return or_(cases.c.opened_hour < opened_before, and_(cases.c.closed_hour < closed_before, ~held))
