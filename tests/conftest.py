"""What tests of several folders ask for: the doubles of both providers, and servers for the whole session."""

import socket
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import settings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.doubles.telegram import TelegramDouble
from tests.doubles.twilio import TwilioDouble
from tests.storage.servers import running_postgres, running_valkey

settings.register_profile("shared machine", deadline=None, max_examples=60)
settings.load_profile("shared machine")


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioDouble]:
    """A strict Twilio, with its people on WhatsApp."""
    async with TwilioDouble() as double:
        yield double


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramDouble]:
    """A strict Telegram, with its people."""
    async with TelegramDouble() as double:
        yield double


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the URL of its maintenance database."""
    with running_postgres() as url:
        yield url


@pytest.fixture
async def empty_postgres_url(postgres_url: str) -> str:
    """A database of its own for one test, without tables."""
    name = "fener_test"
    admin = create_async_engine(
        postgres_url.replace("postgresql:", "postgresql+asyncpg:"), isolation_level="AUTOCOMMIT"
    )
    async with admin.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await admin.dispose()
    return postgres_url.removesuffix("postgres") + name


@pytest.fixture(scope="session")
def valkey_server_url() -> Iterator[str]:
    """A Valkey server without persistence, slow log or replicas."""
    with running_valkey() as url:
        yield url


@pytest.fixture
def valkey_url(valkey_server_url: str) -> str:
    """The Valkey server, empty."""
    where = urlsplit(valkey_server_url)
    assert where.hostname is not None
    assert where.port is not None
    with socket.create_connection((where.hostname, where.port)) as connection:
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(16) == b"+OK\r\n"
    return valkey_server_url
