"""Questions that turns ask all the time, put to the driver itself.

Through SQLAlchemy each costs over a millisecond of processor time; so they cost 10 microseconds on SQLite and
some 50 on PostgreSQL, and people without a case do not pay for those who have one.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from bot.storage.faults import driver_errors

if TYPE_CHECKING:
    from asyncpg import Pool  # type: ignore[import-untyped]  # it ships no types

_MOST: Final = 500  # values in one SQLite statement
_ANY: Final = "SELECT 1 FROM cases WHERE pseudonym IS NOT NULL LIMIT 1"
_ORGANISATIONS: Final = "SELECT DISTINCT organisation FROM keyrings ORDER BY organisation"
_CONNECTIONS: Final = 4
_CLOSE: Final = 2.0  # seconds


class Glance(Protocol):
    """Answers at once, or with None: then the question must be asked properly, which also says what is wrong."""

    async def any_case(self) -> bool | None:
        """Whether any case has a pseudonym at all."""
        ...

    async def knows(self, pseudonyms: Sequence[bytes]) -> bool | None:
        """Whether any case is under one of these pseudonyms."""
        ...

    async def organisations(self) -> Sequence[str] | None:
        """Organisations that have a keyring, in the order of their names."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class NoGlance:
    """Knows nothing: for a database that only one connection can reach."""

    async def any_case(self) -> bool | None:
        """None."""
        return None

    async def knows(self, pseudonyms: Sequence[bytes]) -> bool | None:  # noqa: ARG002  # a Protocol's signature
        """None."""
        return None

    async def organisations(self) -> Sequence[str] | None:
        """None."""
        return None

    async def close(self) -> None:
        """Nothing to let go of."""


class SqliteGlance:
    """Reads SQLite's file in the event loop's own thread: readers wait for nobody there, so it blocks nobody."""

    __slots__ = ("_connection", "_file")

    def __init__(self, file: Path) -> None:
        """Take the file of an open database."""
        self._file = file
        self._connection: sqlite3.Connection | None = None

    async def any_case(self) -> bool | None:
        """Whether any case has a pseudonym at all."""
        rows = self._rows(_ANY, ())
        return None if rows is None else bool(rows)

    async def knows(self, pseudonyms: Sequence[bytes]) -> bool | None:
        """Whether any case is under one of these pseudonyms."""
        if len(pseudonyms) > _MOST:
            return None
        places = ",".join("?" * len(pseudonyms))
        rows = self._rows(f"SELECT 1 FROM cases WHERE pseudonym IN ({places}) LIMIT 1", pseudonyms)  # noqa: S608  # nosec B608  # question marks only
        return None if rows is None else bool(rows)

    async def organisations(self) -> Sequence[str] | None:
        """Organisations that have a keyring, in the order of their names."""
        rows = self._rows(_ORGANISATIONS, ())
        return None if rows is None else [str(row[0]) for row in rows]

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _rows(self, sql: str, values: Sequence[bytes]) -> list[tuple[object, ...]] | None:
        try:
            if self._connection is None:
                uri = f"{self._file.as_uri()}?mode=ro"
                self._connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error:
            return None


class PostgresGlance:
    """A few connections beside SQLAlchemy's."""

    __slots__ = ("_opened", "_pool")

    def __init__(self, pool: "Pool") -> None:
        """Take a pool of asyncpg that was not opened yet."""
        self._pool = pool
        self._opened = False

    async def any_case(self) -> bool | None:
        """Whether any case has a pseudonym at all."""
        try:
            return await (await self._open()).fetchval(_ANY) is not None
        except driver_errors():
            return None

    async def knows(self, pseudonyms: Sequence[bytes]) -> bool | None:
        """Whether any case is under one of these pseudonyms."""
        sql = "SELECT EXISTS (SELECT FROM cases WHERE pseudonym = ANY ($1::bytea[]))"
        try:
            return bool(await (await self._open()).fetchval(sql, list(pseudonyms)))
        except driver_errors():
            return None

    async def organisations(self) -> Sequence[str] | None:
        """Organisations that have a keyring, in the order of their names."""
        try:
            return [str(row[0]) for row in await (await self._open()).fetch(_ORGANISATIONS)]
        except driver_errors():
            return None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._opened:
            with contextlib.suppress(TimeoutError, *driver_errors()):
                await asyncio.wait_for(self._pool.close(), _CLOSE)
            self._opened = False

    async def _open(self) -> "Pool":
        if not self._opened:
            await self._pool
            self._opened = True
        return self._pool


def postgres_glance(url: str, patience: float) -> PostgresGlance:
    """A glance at PostgreSQL that gives up after `patience` seconds; the first question connects."""
    import asyncpg

    async def keep(_connection: object) -> None:
        """Keep a connection as it is: nothing here changes its state."""

    return PostgresGlance(
        asyncpg.create_pool(
            url, min_size=0, max_size=_CONNECTIONS, timeout=patience, command_timeout=patience, reset=keep
        )
    )
