"""Driver exceptions become ours without a trace: theirs hold parameters, rows and connection strings."""

import functools
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Final, Never, ParamSpec, TypeVar

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.kernel.errors import ConflictError, StorageError

P = ParamSpec("P")
T = TypeVar("T")

Fault = tuple[str, str]
"""Code and mend of a StorageError."""

UNREACHABLE: Final[Fault] = (
    "database.unreachable",
    "The database does not answer: check that it runs, and FENER_DATABASE_URL.",
)
READ_ONLY: Final[Fault] = (
    "database.read-only",
    "The database cannot be written: check its disk and who owns the data folder.",
)
_FULL: Final[Fault] = ("database.full", "The disk of the database is full: make room.")
_BUSY: Final[Fault] = ("database.busy", "Another process keeps the database locked: is a backup running?")
_BROKEN: Final[Fault] = ("database.broken", "The database file is damaged or is none: restore a backup.")
_REFUSED: Final[Fault] = (
    "database.refused",
    "The database refuses us: check name, password and rights in FENER_DATABASE_URL.",
)
_MISSING: Final[Fault] = ("database.missing", "The database in FENER_DATABASE_URL does not exist: create it.")
_FAILED: Final[Fault] = ("database.failed", "The database did not do what was asked: see its own log.")

_SQLITE: Final = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: READ_ONLY,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_NOTADB: _BROKEN,
    sqlite3.SQLITE_CORRUPT: _BROKEN,
}
# Source: https://www.postgresql.org/docs/18/errcodes-appendix.html; the longest prefix counts.
_POSTGRES: Final = {
    "08": UNREACHABLE,
    "25006": READ_ONLY,
    "28": _REFUSED,
    "3D": _MISSING,
    "42501": _REFUSED,
    "53100": _FULL,
    "55P03": _BUSY,
    "57": UNREACHABLE,
}
_LONGEST_PREFIX: Final = 5


def storage_errors(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[object, Never, T]]:
    """The method, raising StorageError or ConflictError where a driver would have raised its own.

    Ours is raised after the driver's is gone, so that not even `__context__` leads to a parameter.
    """

    @functools.wraps(method)
    async def translated(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except driver_errors() as error:
            failure = translate(error)
        raise failure

    return translated


def driver_errors() -> tuple[type[Exception], ...]:
    """What SQLAlchemy and the drivers in use may raise."""
    asyncpg = sys.modules.get("asyncpg")  # loaded with PostgreSQL only: SQLite starts faster without
    found = (getattr(asyncpg, name) for name in ("PostgresError", "InterfaceError")) if asyncpg else ()
    return (SQLAlchemyError, OSError, sqlite3.Error, *found)


def translate(error: Exception) -> StorageError:
    """Our exception for a driver's: a code and a mend, nothing of its text."""
    if isinstance(error, IntegrityError):
        return ConflictError("row.conflict", "Somebody else was first: read again.")
    return StorageError(*_fault(error))


def _fault(error: Exception) -> Fault:
    for cause in _causes(error):
        if isinstance(cause, sqlite3.Error):
            code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            return _SQLITE.get(code & 0xFF, _FAILED)  # the lower byte is the primary result code
        state = getattr(cause, "sqlstate", None)
        if isinstance(state, str):
            prefixes = (state[:length] for length in range(_LONGEST_PREFIX, 1, -1))
            return next((_POSTGRES[prefix] for prefix in prefixes if prefix in _POSTGRES), _FAILED)
    if any(
        isinstance(cause, OSError) or getattr(cause, "connection_invalidated", False)
        for cause in _causes(error)
    ):
        return UNREACHABLE
    return _FAILED


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = getattr(cause, "orig", None) or cause.__cause__
