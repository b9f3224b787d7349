"""Every Protocol of bot.ports on every implementation: each test runs once for each of them."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SealedRoutes
from bot.ports import RateLimits, Replays, RouteVault, SessionStore, TurnLocks
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import Database, open_database
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.memory import MemoryLocks, MemoryRateLimits, MemoryReplays, MemorySessions
from bot.storage.retention import SqlRetention
from bot.storage.routes import MemoryRoutes, SharedRoutes
from bot.storage.tables import metadata
from bot.storage.valkey import (
    ValkeyLocks,
    ValkeyRateLimits,
    ValkeyReplays,
    ValkeySessions,
    ValkeyTable,
    open_valkey,
)

KEY = bytes(range(32))


class Opener(Protocol):
    """Opens one more connection to the database of the test, as another process would."""

    async def __call__(self) -> Database: ...


@pytest.fixture(scope="session")
def new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "fener.db"
    asyncio.run(_make(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_url: str) -> str:
    asyncio.run(_make(postgres_url))
    return postgres_url


async def _make(url: str) -> None:
    database = await open_database(url)
    await database.close()


IN_MEMORY = "sqlite:///:memory:"


@pytest.fixture(params=["sqlite", "sqlite in memory", pytest.param("postgresql", marks=pytest.mark.servers)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The test's database."""
    if request.param == "sqlite in memory":
        return IN_MEMORY
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("new_sqlite"), tmp_path / "fener.db")
        return f"sqlite:///{tmp_path / 'fener.db'}"
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url


@pytest.fixture
async def opener(database_url: str) -> AsyncIterator[Opener]:
    """Opens the test's database, which is empty at first."""
    opened: list[Database] = []

    async def open_once_more() -> Database:
        if opened and database_url == IN_MEMORY:
            return opened[0]  # nobody else can reach it
        opened.append(await open_database(database_url))
        return opened[-1]

    if database_url.startswith("postgresql"):
        await _empty(await open_once_more())
    yield open_once_more
    for database in opened:
        await database.close()


async def _empty(database: Database) -> None:
    async with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.execute(table.delete())


@pytest.fixture
async def database(opener: Opener) -> Database:
    return await opener()


@pytest.fixture
def queue(database: Database) -> SqlCaseQueue:
    return SqlCaseQueue(database, time.monotonic)


@pytest.fixture
def desk(database: Database) -> SqlCaseDesk:
    return SqlCaseDesk(database)


@pytest.fixture
def mailboxes(database: Database) -> SqlMailboxes:
    return SqlMailboxes(database)


@pytest.fixture
def retention(database: Database) -> SqlRetention:
    return SqlRetention(database)


@dataclass(frozen=True, slots=True)
class Memory:
    """One kind of memory store, and how time passes for it."""

    sessions: SessionStore
    replays: Replays
    locks: TurnLocks
    limits: RateLimits
    routes: RouteVault
    other_locks: TurnLocks
    """The locks as another process sees them; the same ones where there is no other process."""
    pass_time: Callable[[float], Awaitable[None]]


@pytest.fixture(params=["memory", pytest.param("valkey", marks=pytest.mark.servers)])
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[Memory]:
    make = _of_this_process if request.param == "memory" else _of_valkey
    url = "" if request.param == "memory" else request.getfixturevalue("valkey_url")
    async with make(url) as made:
        yield made


@asynccontextmanager
async def _of_this_process(_url: str) -> AsyncIterator[Memory]:
    now = [1000.0]

    def monotonic() -> float:
        return now[0]

    async def pass_time(seconds: float) -> None:
        now[0] += seconds

    locks = MemoryLocks()
    yield Memory(
        MemorySessions(monotonic),
        MemoryReplays(monotonic),
        locks,
        MemoryRateLimits(monotonic),
        MemoryRoutes(SealedRoutes(KEY), monotonic),
        locks,
        pass_time,
    )


@asynccontextmanager
async def _of_valkey(url: str) -> AsyncIterator[Memory]:
    client = await open_valkey(url)
    yield Memory(
        ValkeySessions(client),
        ValkeyReplays(client),
        ValkeyLocks(client),
        ValkeyRateLimits(client),
        SharedRoutes(SealedRoutes(KEY), ValkeyTable(client), SessionNames(KEY).digest),
        ValkeyLocks(client),
        asyncio.sleep,
    )
    await client.aclose()
