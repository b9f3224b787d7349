"""Looking at a whole database without changing it: is it sound, what is the newest of each, is every audit line in place?"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.crypto.checkpoint import Span, line_hash
from bot.crypto.members import Head
from bot.handoff.many_cases import Alarm, alarms_in
from bot.ports import CaseRow
from bot.storage.audit import before, first_break
from bot.storage.database import Database
from bot.storage.faults import storage_errors
from bot.storage.rows import case_of
from bot.storage.schema import State, look
from bot.storage.tables import audit, cases, envelopes, meta, notes, return_codes

INSTALLATION: Final = "installation"
_FAULTS_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Chain:
    """One organisation's audit chain. `broken` is the position of the first line that does not fit; None: whole.

    `first` is the position of the oldest line that is there: those before it went with time. `deeds` are the events of
    each case, in order. `alarms`: who opened or saved unusually many cases within two hours, the latest first.
    """

    organisation: str
    lines: int
    first: int
    broken: int | None
    span: Span
    hashes: Sequence[str] = field(repr=False)
    deeds: Mapping[str, Sequence[str]] = field(repr=False)
    alarms: Sequence[Alarm] = ()

    def digest(self, position: int) -> str | None:
        """The hash of the line at a position; None when it is not there."""
        at = position - self.first
        return self.hashes[at] if 0 <= at < len(self.hashes) else None


def deeds_of(chains: Iterable[Chain]) -> Mapping[str, Sequence[str]]:
    """What an organisation's chains say of each case: its own, then the one of its complaints.

    A complaint from before there was a focal point goes on in the second.
    """
    found: dict[str, list[str]] = {}
    for chain in sorted(chains, key=lambda one: one.organisation):
        for case, deeds in chain.deeds.items():
            found.setdefault(case, []).extend(deeds)
    return found


class SqlInspection:
    """Reads what an operator asks about a whole database; nothing here is scoped to an organisation."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @storage_errors
    async def state(self) -> State:
        """Tables, revision, and the version that made them."""
        async with self._database.reading() as connection:
            return await look(connection)

    @storage_errors
    async def installation(self) -> str | None:
        """Whose keys the database was made with; None before the first start of a server."""
        query = select(meta.c.value).where(meta.c.name == INSTALLATION)
        async with self._database.reading() as connection:
            return await connection.scalar(query)

    @storage_errors
    async def faults(self) -> Sequence[str]:
        """What SQLite finds wrong with its file and its references; PostgreSQL checks its own pages."""
        async with self._database.reading() as connection:
            if connection.dialect.name != "sqlite":
                return ()
            # A PRAGMA binds nothing, and the number is ours.
            # nosemgrep: statement-made-of-strings  # noqa: ERA001  # semgrep reads it
            found = await connection.exec_driver_sql(f"PRAGMA integrity_check({_FAULTS_TOLD})")
            faults = [str(row[0]) for row in found if row[0] != "ok"]
            stray = await connection.exec_driver_sql("PRAGMA foreign_key_check")
            tables = sorted({str(row[0]) for row in stray})
        return (*faults, *(f"rows of {table} belong to nothing" for table in tables))

    @storage_errors
    async def cases(self) -> Sequence[CaseRow]:
        """Every case of every organisation."""
        async with self._database.reading() as connection:
            return await _cases(connection)

    @storage_errors
    async def newest(self) -> Mapping[str, int]:
        """The latest hour since 1970 in each table that has one; tables without rows are left out."""
        wanted = {
            "cases": func.max(cases.c.opened_hour),
            "envelopes": func.max(envelopes.c.hour),
            "notes": func.max(notes.c.hour),
            "audit": func.max(audit.c.hour),
            "return_codes": func.max(return_codes.c.hour),
        }
        queries = [select(latest).scalar_subquery().label(name) for name, latest in wanted.items()]
        async with self._database.reading() as connection:
            found = (await connection.execute(select(*queries))).mappings().one()
        return {name: int(hour) for name, hour in found.items() if hour is not None}

    @storage_errors
    async def history(self) -> tuple[Sequence[Chain], Sequence[CaseRow]]:
        """Every organisation's audit chain, recomputed, and every case, as they stood at one moment."""
        async with self._database.reading() as connection:
            return await _chains(connection), await _cases(connection)


async def _cases(connection: AsyncConnection) -> Sequence[CaseRow]:
    return [case_of(row) for row in (await connection.execute(select(cases))).mappings()]


async def _chains(connection: AsyncConnection) -> Sequence[Chain]:
    query = select(audit).order_by(audit.c.organisation, audit.c.position)
    rows: dict[str, list[_Row]] = {}
    for row in (await connection.execute(query)).mappings():
        rows.setdefault(row["organisation"], []).append(_row(row))
    return [_checked(organisation, lines) for organisation, lines in rows.items()]


@dataclass(frozen=True, slots=True)
class _Row:
    organisation: str
    position: int
    hour: int
    line: bytes
    hash: bytes


def _row(found: RowMapping) -> _Row:
    """The row; SQLite may hold text where somebody else wrote it."""
    line, digest = (
        value if isinstance(value, bytes) else str(value).encode() for value in (found["line"], found["hash"])
    )
    return _Row(found["organisation"], found["position"], found["hour"], line, digest)


def _checked(organisation: str, rows: Sequence[_Row]) -> Chain:
    """The chain by its lines, and each row by its line: what stands beside a line must say the same."""
    at = first_break([row.line for row in rows])
    beside = next((place for place, row in enumerate(rows) if not _says_the_same(row)), None)
    places = [place for place in (at, beside) if place is not None]
    hashes = [line_hash(row.line) for row in rows]
    first, last = rows[0].position, rows[-1].position
    return Chain(
        organisation,
        len(rows),
        first,
        rows[min(places)].position if places else None,
        Span(first, before(rows[0].line), Head(last + 1, hashes[-1])),
        hashes,
        _deeds(rows),
        alarms_in(row.line for row in rows),
    )


def _deeds(rows: Sequence[_Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        try:
            fields = json.loads(row.line)
        except ValueError:
            continue
        if isinstance(fields, dict) and fields.get("case"):
            found.setdefault(str(fields["case"]), []).append(str(fields.get("event")))
    return found


def _says_the_same(row: _Row) -> bool:
    try:
        fields = json.loads(row.line)
    except ValueError:
        return False
    if not isinstance(fields, dict) or row.hash != hashlib.sha256(row.line).digest():
        return False
    return all(fields.get(name) == getattr(row, name) for name in ("organisation", "position", "hour"))
