"""Cases in the database: the person's side and the caseworkers' side, each call one transaction.

A row is replaced only when the stored one is, field by field, the one the caller read: a caseworker's answer and a
person's next message never overwrite each other.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseId
from bot.ports import CaseRow, EnvelopeRow, NoteRow
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import storage_errors
from bot.storage.rows import case_of, envelope_of, is_still, values
from bot.storage.tables import cases, envelopes, notes, return_codes
from bot.storage.tables import seen as digests_seen

_OPEN_FIRST: Final = (cases.c.closed_hour.is_not(None), cases.c.touched_hour.desc(), cases.c.id)
_FRESH: Final = 1.0  # seconds that `any_open` may be remembered: another process may open the first case


class SqlCaseQueue:
    """The person's side of a case."""

    __slots__ = ("_any", "_asking", "_database", "_fresh_until", "_monotonic", "_opened")

    def __init__(self, database: Database, monotonic: Callable[[], float]) -> None:
        """Take the database and a clock in seconds that never goes back."""
        self._database = database
        self._monotonic = monotonic
        self._any = False
        self._fresh_until = float("-inf")
        self._opened = 0
        self._asking = asyncio.Lock()

    @storage_errors
    async def open(self, case: CaseRow, envelope: EnvelopeRow, seen: Sequence[bytes]) -> None:
        """Commit a new case with its first envelope and the digests of the messages that made it.

        Raises ConflictError: `case.already-open` under this pseudonym, `case.designation-taken`, `case.message-seen`.
        """
        async with self._database.writing() as connection:
            added = await connection.execute(insert_if_free(connection, cases).values(values(case)))
            if added.rowcount == 0:
                raise await _why_not(connection, case)
            await _add_envelope(connection, envelope)
            await _add_seen(connection, case.id, seen)
        self._opened += 1
        self._any = True

    @storage_errors
    async def find(self, pseudonyms: Sequence[bytes]) -> Sequence[CaseRow]:
        """The open cases under these case pseudonyms, one at most under each; then closed ones whose last reply waits.

        Those spoken in last come first.
        """
        if not pseudonyms or await self._database.glance.knows(pseudonyms) is False:
            return []
        query = select(cases).where(cases.c.pseudonym.in_(pseudonyms)).order_by(*_OPEN_FIRST)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [case_of(row) for row in found]

    @storage_errors
    async def seen(self, digests: Sequence[bytes]) -> CaseRow | None:
        """The case, open or closed, that one of these message digests already went into."""
        if not digests:
            return None
        matching = digests_seen.c.digest.in_(digests)
        query = select(cases).join(digests_seen).where(matching).order_by(*_OPEN_FIRST).limit(1)
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().first()
        return None if found is None else case_of(found)

    @storage_errors
    async def append(
        self, case: CaseRow, envelope: EnvelopeRow, seen: Sequence[bytes], *, expected: CaseRow
    ) -> None:
        """Add the person's next message and write the row `case` (sequence counted up), in one commit.

        Raises ConflictError: `case.changed` when the stored row differs from `expected`, `case.message-seen`.
        """
        async with self._database.writing() as connection:
            await _replace(connection, case, expected)
            await _add_envelope(connection, envelope)
            await _add_seen(connection, case.id, seen)
        if case.pseudonym != expected.pseudonym or _ends_codes(case, expected):
            await self._database.scrub()

    @storage_errors
    async def any_open(self) -> bool:
        """Whether any case has a pseudonym at all: without one nobody needs a fingerprint.

        Asks at most once a second, however many turns there are; a case opened by another process is known a second
        later, one of this process at once.
        """
        if self._monotonic() < self._fresh_until:
            return self._any
        async with self._asking:
            if self._monotonic() >= self._fresh_until:
                opened = self._opened
                asked = self._monotonic()
                found = await self._database.glance.any_case()
                if found is None:
                    query = select(exists().where(cases.c.pseudonym.is_not(None)))
                    async with self._database.reading() as connection:
                        found = bool(await connection.scalar(query))
                self._any = found or self._opened != opened  # one may have been opened while we asked
                self._fresh_until = asked + _FRESH
        return self._any


class SqlCaseDesk:
    """The caseworkers' side of a case; every statement names the organisation."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def waiting(self, organisation: str) -> Sequence[CaseRow]:
        """Open cases of the organisation, oldest first; random order within an hour."""
        query = (
            select(cases)
            .where(cases.c.organisation == organisation, cases.c.closed_hour.is_(None))
            .order_by(cases.c.opened_hour, cases.c.id)
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [case_of(row) for row in found]

    @storage_errors
    async def counts(self, organisation: str) -> Mapping[CaseId, int]:
        """How many notes each open case of the organisation has; those without any are left out."""
        query = (
            select(cases.c.id, func.count())
            .join(envelopes)
            .where(
                cases.c.organisation == organisation,
                cases.c.closed_hour.is_(None),
                envelopes.c.direction == "internal",
            )
            .group_by(cases.c.id)
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).all()
        return {CaseId(case): int(count) for case, count in found}

    @storage_errors
    async def rewrite(self, organisation: str, change: Callable[[bytes], bytes]) -> int:
        """Replace each envelope by what `change` makes of it; how many became another one."""
        ours = select(envelopes).join(cases).where(cases.c.organisation == organisation)
        changed = 0
        async with self._database.writing() as connection:
            for row in (await connection.execute(ours)).mappings().all():
                envelope = envelope_of(row)
                sealed = change(envelope.sealed)
                if sealed == envelope.sealed:
                    continue
                this = envelopes.c.id == envelope.id
                await connection.execute(update(envelopes).where(this).values(sealed=sealed))
                changed += 1
        if changed:
            await self._database.scrub()
        return changed

    @storage_errors
    async def read(self, organisation: str, case: CaseId) -> tuple[CaseRow, Sequence[EnvelopeRow]] | None:
        """The case with all its envelopes in order, or None when it is not this organisation's."""
        ours = (cases.c.id == case, cases.c.organisation == organisation)
        inside = select(envelopes).join(cases).where(*ours).order_by(envelopes.c.position)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(cases).where(*ours))).mappings().first()
            if row is None:
                return None
            found = (await connection.execute(inside)).mappings().all()
        return case_of(row), [envelope_of(envelope) for envelope in found]

    @storage_errors
    async def write(self, case: CaseRow, *, expected: CaseRow) -> None:
        """Replace the row; raises ConflictError (`case.changed`) when the stored one differs from `expected`."""
        async with self._database.writing() as connection:
            await _replace(connection, case, expected)
        if case.pseudonym != expected.pseudonym or _ends_codes(case, expected):
            await self._database.scrub()

    @storage_errors
    async def reply(
        self, case: CaseRow, note: NoteRow, copy: EnvelopeRow | None, *, expected: CaseRow
    ) -> None:
        """Put a note into the mailbox, the caseworkers' copy beside it, and write the row, in one commit.

        Raises ConflictError (`case.changed`) when the stored row differs from `expected`.
        """
        async with self._database.writing() as connection:
            await _replace(connection, case, expected)
            await connection.execute(notes.insert().values(values(note)))
            if copy is not None:
                await _add_envelope(connection, copy)

    @storage_errors
    async def erase(self, organisation: str, case: CaseId) -> None:
        """Delete the case with its envelopes, notes and digests; nothing when it is not this organisation's."""
        ours = delete(cases).where(cases.c.id == case, cases.c.organisation == organisation)
        async with self._database.writing() as connection:
            gone = (await connection.execute(ours)).rowcount
        if gone:
            await self._database.scrub()


async def _replace(connection: AsyncConnection, case: CaseRow, expected: CaseRow) -> None:
    # The organisation of `case` is in the condition too: a case never moves to another one.
    same = (cases.c.id == case.id, cases.c.organisation == case.organisation, is_still(cases, expected))
    done = await connection.execute(update(cases).where(*same).values(values(case)))
    if done.rowcount != 1:
        raise ConflictError("case.changed", "Somebody else changed the case: read it again.")
    if _ends_codes(case, expected):
        await connection.execute(delete(return_codes).where(return_codes.c.case == case.id))


def _ends_codes(case: CaseRow, expected: CaseRow) -> bool:
    """Whether a return code made before is worth nothing after this change: the case moved, or nothing ties it to anybody."""
    return case.salt != expected.salt


async def _add_envelope(connection: AsyncConnection, envelope: EnvelopeRow) -> None:
    last = select(func.coalesce(func.max(envelopes.c.position), 0)).where(envelopes.c.case == envelope.case)
    position = (
        await connection.execute(last)
    ).scalar_one() + 1  # nobody else adds: the case's row is ours by now
    await connection.execute(envelopes.insert().values({**values(envelope), "position": position}))


async def _add_seen(connection: AsyncConnection, case: CaseId, digests: Sequence[bytes]) -> None:
    unique = dict.fromkeys(digests)
    if not unique:
        return
    rows = [{"digest": digest, "case": case} for digest in unique]
    added = await connection.execute(insert_if_free(connection, digests_seen).values(rows))
    if added.rowcount != len(rows):
        raise ConflictError("case.message-seen", "This message went into a case already.")


async def _why_not(connection: AsyncConnection, case: CaseRow) -> ConflictError:
    same_person = select(exists().where(cases.c.pseudonym == case.pseudonym, cases.c.closed_hour.is_(None)))
    if case.pseudonym is not None and await connection.scalar(same_person):
        return ConflictError("case.already-open", "This person has an open case: add to it.")
    return ConflictError("case.designation-taken", "Choose another designation.")
