"""The connection to SQLite or PostgreSQL: transactions, and erasing that leaves no trace in SQLite's files."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Insert, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from bot.kernel.errors import StartError, StorageError
from bot.storage import schema
from bot.storage.faults import READ_ONLY, UNREACHABLE, driver_errors, storage_errors, translate
from bot.storage.files import private_file
from bot.storage.glance import Glance, NoGlance, SqliteGlance, postgres_glance

_BUSY = 5000  # milliseconds that SQLite waits for another process
_PATIENCE = 200  # milliseconds that emptying the log waits for other processes' reads; writers wait meanwhile
_READERS = 4  # SQLite connections; each is a thread
_CONNECTIONS = 8  # PostgreSQL connections of one process
_CONNECT = 5.0  # seconds until PostgreSQL counts as unreachable
_ANSWER = 8.0  # seconds that one statement may take: providers wait 15 for the whole turn
_GLANCE = 2.0  # seconds that a glance may take before the question is asked properly
_WAL: Final = "PRAGMA journal_mode = WAL"
_TURN: Final = 0.02  # seconds between tries to turn the log on
_TURNS: Final = 250
_PRAGMAS: Final = (
    "PRAGMA synchronous = FULL",  # what is acknowledged survives a power cut
    "PRAGMA secure_delete = ON",  # deleted rows are overwritten
    f"PRAGMA busy_timeout = {_BUSY}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",  # no temporary files
    "PRAGMA trusted_schema = OFF",
)
_WRITES: Final = "fener_writes"
_OLD: Final = "The database lacks the tables of this version: run 'fener db upgrade'."
_SQLITE_PREFIX: Final = "sqlite:///"
_POSTGRES_PREFIX: Final = "postgresql://"
_IN_MEMORY: Final = ":memory:"


class Database:
    """One database. Read with `reading`, write with `writing`; after rows were erased, `scrub`.

    What a task reads, writes or scrubs within its own `writing` belongs to that transaction: several stores can so
    commit together, or not at all.
    """

    __slots__ = ("_engine", "_held", "_one_at_a_time", "_shared", "_turn", "_unscrubbed", "file", "glance")

    def __init__(self, engine: AsyncEngine, glance: Glance, file: Path | None = None) -> None:
        """Take an engine of `open_database`; `file` is None for PostgreSQL and for SQLite in memory."""
        self._engine = engine
        self.glance = glance
        self.file = file
        self._one_at_a_time = engine.dialect.name == "sqlite"
        self._shared = self._one_at_a_time and file is None  # SQLite in memory has one connection for all
        self._turn = asyncio.Lock()
        self._unscrubbed = False
        self._held: dict[asyncio.Task[object] | None, AsyncConnection] = {}  # who writes now, and on what

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the database for as long as it is held."""
        if (held := self._held.get(asyncio.current_task())) is not None:
            yield held
        elif self._shared:
            async with self._turn, self._engine.connect() as connection:
                yield connection
        else:
            async with self._engine.connect() as connection:
                if not self._one_at_a_time:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose work is committed at the end, or not done at all.

        Within another `writing` of the same task: done with all of that one, or undone alone.
        """
        if (held := self._held.get(asyncio.current_task())) is not None:
            async with held.begin_nested():
                yield held
        elif self._one_at_a_time:
            # SQLite takes one writer: within this process they queue here, in order, instead of polling the file.
            async with self._turn, self._engine.connect() as connection:
                await connection.execution_options(**{_WRITES: True})
                async with connection.begin(), self._holding(connection):
                    yield connection
            if self._unscrubbed:
                await self.scrub()
        else:
            async with self._engine.begin() as connection, self._holding(connection):
                yield connection

    @asynccontextmanager
    async def _holding(self, connection: AsyncConnection) -> AsyncIterator[None]:
        task = asyncio.current_task()
        self._held[task] = connection
        try:
            yield
        finally:
            del self._held[task]

    async def scrub(self) -> bool:
        """Empty SQLite's write-ahead log, which still holds what was erased; whether it is empty now.

        Never raises: what was erased is already committed as erased. While another process reads, the log cannot be
        emptied: the next write tries again, and so does the close. PostgreSQL has no such thing: what must become
        unreadable there is only ever written sealed.
        """
        if self.file is None:
            return True
        if asyncio.current_task() in self._held:  # once the transaction is committed
            self._unscrubbed = True
            return False
        try:
            async with self._turn, self._engine.connect() as connection:
                self._unscrubbed = not await _emptied(connection)
        except (SQLAlchemyError, sqlite3.Error):
            self._unscrubbed = True
        return not self._unscrubbed

    @storage_errors
    async def ping(self) -> None:
        """Return when the database answers. Raises StorageError."""
        async with self.reading() as connection:
            await connection.exec_driver_sql("SELECT 1")

    async def close(self) -> None:
        """Scrub, and let go of every connection."""
        await self.glance.close()
        await self.scrub()
        await self._engine.dispose()


async def open_database(url: str, *, version: str = "", upgrades: bool = True) -> Database:
    """The database at `sqlite:///path`, `sqlite:///:memory:` or `postgresql://...`, with its tables up to date.

    `version` is ours, kept so that an older program can say which one to install. Without `upgrades` nothing is changed.
    Raises StartError with one sentence: not reachable, not writable, written by a newer version, tables lost; `database.old`.
    """
    database = _connect(url)
    failure: StartError
    try:
        await _bring_up_to_date(database, version, upgrades=upgrades)
    except StartError as refused:
        failure = refused
    except driver_errors() as error:
        failure = _start_error(translate(error), database.file)
    else:
        return database
    await database.close()
    raise failure


async def _bring_up_to_date(database: Database, version: str, *, upgrades: bool) -> None:
    async with database.reading() as connection:
        state = await schema.look(connection)
    if not schema.needs_upgrade(state):
        return
    if not upgrades:
        raise StartError("database.old", _OLD)
    async with database.writing() as connection:
        await schema.upgrade(connection, version)


def insert_if_free(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that adds nothing when a unique value is taken: its `rowcount` says which it was.

    A violation would be an error, and PostgreSQL writes the values of those into its log.
    """
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def _connect(url: str) -> Database:
    if url.startswith(_SQLITE_PREFIX):
        return _sqlite(url.removeprefix(_SQLITE_PREFIX))
    if url.startswith(_POSTGRES_PREFIX):
        return _postgres(url)
    raise StartError(
        "database.url",
        "FENER_DATABASE_URL must be postgresql://name:password@host/database, or left out for SQLite.",
    )


def _sqlite(path: str) -> Database:
    file = None if path == _IN_MEMORY else Path(path).absolute()
    if file is None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{_IN_MEMORY}", hide_parameters=True)
    else:
        private_file(file)  # -wal and -shm get the mode of the file
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{file}", hide_parameters=True, pool_size=_READERS, max_overflow=0
        )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return Database(engine, NoGlance() if file is None else SqliteGlance(file), file)


def _postgres(url: str) -> Database:
    import asyncpg  # type: ignore[import-untyped]  # it ships no types

    async def connect() -> object:
        # The URL goes to the driver whole and unread: the engine, which others may print, never holds the password.
        return await asyncpg.connect(
            url, timeout=_CONNECT, command_timeout=_ANSWER, server_settings={"application_name": "fener"}
        )

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_ANSWER,
    )
    return Database(engine, postgres_glance(url, _GLANCE))


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing: see _begin
    cursor = connection.cursor()
    for turn in range(_TURNS):
        try:
            cursor.execute(_WAL)
            break
        except (
            sqlite3.OperationalError
        ) as fault:  # SQLite waits for nobody here: who start together take turns
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or turn + 1 == _TURNS:
                raise
            await_only(asyncio.sleep(_TURN))
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


async def _emptied(connection: AsyncConnection) -> bool:
    # On the driver itself: within a transaction, which SQLAlchemy would begin, there are no checkpoints.
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
    try:
        async with driver.execute("PRAGMA wal_checkpoint(TRUNCATE)") as cursor:
            busy, _, _ = await cursor.fetchone()
    finally:
        await driver.execute(f"PRAGMA busy_timeout = {_BUSY}")
    return not busy


def _start_error(error: StorageError, file: Path | None) -> StartError:
    if file is not None and error.code in {READ_ONLY[0], UNREACHABLE[0]}:
        return StartError(
            "data.read-only", f"{file.parent} cannot be written: check FENER_DATA_DIR and its disk."
        )
    return StartError(error.code, error.mend)
