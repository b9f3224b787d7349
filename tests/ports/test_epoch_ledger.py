"""Which key of each epoch is in force: decided by one at a time, and by nobody who did not get to the end."""

import asyncio

import pytest
from sqlalchemy import text

from bot.kernel.errors import ConflictError
from bot.storage.database import Database
from bot.storage.epoch_ledger import SqlEpochLedger
from tests.ports.conftest import Opener


@pytest.fixture
def ledger(database: Database) -> SqlEpochLedger:
    return SqlEpochLedger(database)


async def test_what_is_recorded_is_there_until_it_is_forgotten(ledger: SqlEpochLedger) -> None:
    assert await ledger.recorded() == {}

    async with ledger.deciding():
        await ledger.record(693, b"one")
        await ledger.record(694, b"two")

    assert await ledger.recorded() == {693: b"one", 694: b"two"}
    await ledger.forget(693)
    await ledger.forget(5)
    assert await ledger.recorded() == {694: b"two"}


async def test_a_second_key_for_an_epoch_is_refused(ledger: SqlEpochLedger) -> None:
    await ledger.record(693, b"one")

    with pytest.raises(ConflictError, match=r"epoch\.recorded"):
        await ledger.record(693, b"other")

    assert await ledger.recorded() == {693: b"one"}


async def test_who_does_not_get_to_the_end_decided_nothing(ledger: SqlEpochLedger) -> None:
    async def falls_over() -> None:
        async with ledger.deciding():
            await ledger.record(693, b"one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await falls_over()

    assert await ledger.recorded() == {}


async def test_one_decides_at_a_time(opener: Opener) -> None:
    one, other = SqlEpochLedger(await opener()), SqlEpochLedger(await opener())
    found: list[dict[int, bytes]] = []
    inside = asyncio.Event()

    async def second() -> None:
        await inside.wait()
        async with other.deciding():
            found.append(dict(await other.recorded()))

    waiting = asyncio.create_task(second())
    async with one.deciding():
        inside.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert found == []
        await one.record(693, b"one")
    await waiting

    assert found == [{693: b"one"}]


async def test_a_machine_that_fell_silent_loses_the_lock(database: Database, ledger: SqlEpochLedger) -> None:
    async with ledger.deciding(), database.reading() as connection:
        if connection.dialect.name == "sqlite":
            pytest.skip("SQLite's lock goes with its process")
        limit = await connection.scalar(text("SHOW idle_in_transaction_session_timeout"))

    assert limit == "30s"
