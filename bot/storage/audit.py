"""The audit chains in the database, and how to check one.

A line is canonical JSON: `actor`, `case`, `event`, `hour`, `organisation`, `position` (from 0) and `prev`, the SHA-256
of the line before in hexadecimal (64 zeros at position 0). Old lines go after a year, so a chain may start later.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto.checkpoint import Span, line_hash
from bot.crypto.members import Head
from bot.crypto.wire import SHA256, canonical
from bot.kernel.audit import AuditEntry
from bot.kernel.errors import ConflictError
from bot.ports import Following
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import driver_errors, storage_errors, translate
from bot.storage.tables import audit

FIRST: Final = bytes(32)
"""What the first line of a chain holds instead of a hash."""

_TRIES: Final = 20  # processes that write to one chain at the same moment
_AT_ONCE: Final = 500  # lines


class _Later(NamedTuple):
    """Lines that a commit of this task ends with."""

    task: asyncio.Task[object] | None
    database: Database
    lines: list[tuple[AuditEntry, int]]


_LATER: Final[ContextVar[_Later | None]] = ContextVar("lines that come last", default=None)


class SqlAuditTrail:
    """One append-only chain per organisation."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @asynccontextmanager
    async def recording(self, entry: AuditEntry, hour: int) -> AsyncIterator[None]:
        """What is written within is committed together with this line, or neither is.

        The lines come last: who waits for the end of a chain holds every row that they need already. Those of a
        `recording` within another one wait for its end, and go to the chains by name: nobody waits for one chain while
        they hold another that somebody before them waits for.
        """
        outer, task = _LATER.get(), asyncio.current_task()
        within = outer is not None and outer.task is task and outer.database is self._database
        own = _Later(task, self._database, [])
        _LATER.set(own)
        try:
            async with self._database.writing():
                try:
                    yield
                finally:
                    _LATER.set(outer)
                own.lines.append((entry, hour))
                if not within:
                    for line in sorted(own.lines, key=lambda each: each[0].organisation):
                        await self.append(*line)
        except (
            driver_errors()
        ) as error:  # at the commit itself; everything else was translated where it happened
            failure = translate(error)
        else:
            if outer is not None and within:
                outer.lines.extend(own.lines)
            return
        raise failure

    @storage_errors
    async def append(self, entry: AuditEntry, hour: int, *, then: Following | None = None) -> None:
        """Add a line to the organisation's chain, and at once the one that `then` wants after it, if any.

        Whoever added a line holds the end of the chain until the commit: others wait for it, and then see both.
        """
        for _ in range(_TRIES):
            async with self._database.writing() as connection:
                if await _add(connection, entry, hour):
                    more = then(await _since(connection, entry.organisation, hour - 1)) if then else None
                    if more is not None:
                        await self.append(more, hour)
                    return
        raise ConflictError("audit.busy", "Too many processes write to one audit chain.")

    @storage_errors
    async def since(self, organisation: str, hour: int) -> Sequence[bytes]:
        """The newest lines in order, back to the last one from before this hour."""
        async with self._database.reading() as connection:
            return await _since(connection, organisation, hour)

    @storage_errors
    async def chain(self, organisation: str) -> Sequence[bytes]:
        """The lines in order, each holding the hash of the one before."""
        query = select(audit.c.line).where(audit.c.organisation == organisation).order_by(audit.c.position)
        async with self._database.reading() as connection:
            return [_bytes(line) for line in await connection.scalars(query)]

    @storage_errors
    async def spans(self, organisation: str | None = None) -> Mapping[str, Span]:
        """How far each organisation's chain comes, or this one's, by its first and its last line."""
        async with self._database.reading() as connection:
            wanted = [organisation] if organisation is not None else await _organisations(connection)
            found = {each: await _span(connection, each) for each in wanted}
        return {each: span for each, span in found.items() if span is not None}

    @storage_errors
    async def digest(self, organisation: str, position: int) -> str | None:
        """The hash of one line, recomputed, in hexadecimal; None when it is not there."""
        async with self._database.reading() as connection:
            line = await _line(connection, organisation, position)
        return line_hash(line) if line else None

    @storage_errors
    async def outlived(self, organisation: str, *, floor: int, before: int) -> Head | None:
        """Where the chain begins once its lines from before this hour are gone, and the hash that its first line holds.

        None: they do not follow one another, or those from position `floor` on are not all there. The newest stays.
        """
        begins: Head | None = None
        after: Head | None = None  # what the next line must hold
        async with self._database.reading() as connection:
            while lines := await _lines_from(connection, organisation, after.version if after else None):
                for at, line in lines:
                    place = _place(line)
                    if place is None or place[0] != at or (after is None and at > floor):
                        return None
                    begins = Head(*place)
                    if after is not None and begins != after:
                        return None
                    if not _is_before(line, before):
                        return begins
                    after = Head(at + 1, line_hash(line))
        return begins


def first_break(lines: Sequence[bytes]) -> int | None:
    """Where in `lines` the chain is broken: changed, missing or moved lines; None when it is whole.

    The first line is believed when it is not at position 0: those before it went with time.
    """
    expected: tuple[int, str] | None = None
    for index, line in enumerate(lines):
        place = _place(line)
        if place is None or (place[0] == 0 and place[1] != FIRST.hex()):
            return index
        if expected is not None and place != expected:
            return index
        expected = (place[0] + 1, hashlib.sha256(line).hexdigest())
    return None


def before(line: bytes) -> str:
    """The hash that a line says the one before it has; all zeros for what is no line."""
    place = _place(line)
    return place[1] if place is not None and SHA256.fullmatch(place[1]) else FIRST.hex()


async def _organisations(connection: AsyncConnection) -> Sequence[str]:
    return (await connection.scalars(select(audit.c.organisation).distinct())).all()


async def _span(connection: AsyncConnection, organisation: str) -> Span | None:
    """By the two ends of the index: the same whether there are ten lines or a hundred thousand."""
    places = select(audit.c.position).where(audit.c.organisation == organisation).limit(1)
    first = await connection.scalar(places.order_by(audit.c.position))
    last = await connection.scalar(places.order_by(audit.c.position.desc()))
    if first is None or last is None:
        return None
    oldest, newest = [await _line(connection, organisation, at) for at in (first, last)]
    return Span(first, before(oldest), Head(last + 1, line_hash(newest)))


async def _line(connection: AsyncConnection, organisation: str, position: int) -> bytes:
    query = select(audit.c.line).where(audit.c.organisation == organisation, audit.c.position == position)
    return _bytes(await connection.scalar(query))


async def _lines_from(
    connection: AsyncConnection, organisation: str, position: int | None
) -> Sequence[tuple[int, bytes]]:
    chain = select(audit.c.position, audit.c.line).where(audit.c.organisation == organisation)
    if position is not None:
        chain = chain.where(audit.c.position >= position)
    found = await connection.execute(chain.order_by(audit.c.position).limit(_AT_ONCE))
    return [(at, _bytes(line)) for at, line in found.all()]


async def _since(connection: AsyncConnection, organisation: str, hour: int) -> Sequence[bytes]:
    """From the end backwards: the same whether there are ten lines or a hundred thousand."""
    chain = select(audit.c.position, audit.c.hour, audit.c.line).where(audit.c.organisation == organisation)
    found: list[bytes] = []
    query = chain
    while rows := (await connection.execute(query.order_by(audit.c.position.desc()).limit(_AT_ONCE))).all():
        for row in rows:
            if row.hour < hour:
                return found[::-1]
            found.append(_bytes(row.line))
        query = chain.where(audit.c.position < rows[-1].position)
    return found[::-1]


def _is_before(line: bytes, hour: int) -> bool:
    said = json.loads(line).get("hour")
    return isinstance(said, int) and said < hour


def _bytes(line: object) -> bytes:
    """A line as bytes: SQLite may hold text where somebody else wrote it."""
    return line if isinstance(line, bytes) else str(line or "").encode()


async def _add(connection: AsyncConnection, entry: AuditEntry, hour: int) -> bool:
    newest = (
        select(audit.c.position, audit.c.hash)
        .where(audit.c.organisation == entry.organisation)
        .order_by(audit.c.position.desc())
        .limit(1)
    )
    last = (await connection.execute(newest)).first()
    position, previous = (0, FIRST) if last is None else (last.position + 1, last.hash)
    line = canonical(
        {
            "actor": entry.actor,
            "case": entry.case,
            "event": entry.event.value,
            "hour": hour,
            "organisation": entry.organisation,
            "position": position,
            "prev": previous.hex(),
        }
    )
    row = {
        "organisation": entry.organisation,
        "position": position,
        "hour": hour,
        "line": line,
        "hash": hashlib.sha256(line).digest(),
    }
    # Another process may have taken the position meanwhile: then nothing is added and we read again.
    return (await connection.execute(insert_if_free(connection, audit).values(row))).rowcount == 1


def _place(line: bytes) -> tuple[int, str] | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    position, previous = fields.get("position"), fields.get("prev")
    if not isinstance(position, int) or not isinstance(previous, str):
        return None
    return position, previous
