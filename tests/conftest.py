"""Servers for the whole session, started when the first test asks for them."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.storage.servers import running_postgres, running_valkey


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
