"""Which key of each epoch is in force, decided by one process at a time: a lock that the database gives and takes back.

The lock lives as long as the transaction. Whoever dies while holding it, or loses the network, loses it: SQLite's goes with
the process; PostgreSQL ends a session that does nothing in its transaction for half a minute.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import delete, func, select

from bot.kernel.errors import ConflictError
from bot.storage.database import Database, insert_if_free
from bot.storage.faults import driver_errors, storage_errors, translate
from bot.storage.tables import epochs

_LOCK: Final = 0x65706F6368  # "epoch": one process decides, the others wait
_SILENT: Final = "SET LOCAL idle_in_transaction_session_timeout = 30000"  # milliseconds


class SqlEpochLedger:
    """Fingerprints by epoch."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database

    @asynccontextmanager
    async def deciding(self) -> AsyncIterator[None]:
        """One maker at a time, in all processes of all machines; what is recorded within is committed together."""
        try:
            async with self._database.writing() as connection:
                if connection.dialect.name == "postgresql":
                    await connection.exec_driver_sql(_SILENT)
                    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                yield
        except driver_errors() as error:
            failure = translate(error)
        else:
            return
        raise failure

    @storage_errors
    async def recorded(self) -> Mapping[int, bytes]:
        """The fingerprint of each epoch's key."""
        async with self._database.reading() as connection:
            found = (await connection.execute(select(epochs))).all()
        return {int(number): bytes(fingerprint) for number, fingerprint in found}

    @storage_errors
    async def record(self, number: int, fingerprint: bytes) -> None:
        """Put a key in force. Raises ConflictError (`epoch.recorded`) when one is."""
        row = {"number": number, "fingerprint": fingerprint}
        async with self._database.writing() as connection:
            added = await connection.execute(insert_if_free(connection, epochs).values(row))
            if added.rowcount == 0:
                raise ConflictError("epoch.recorded", "Another process put a key in force: look again.")

    @storage_errors
    async def forget(self, number: int) -> None:
        """Forget which key an epoch has: it is over, or its key is lost."""
        async with self._database.writing() as connection:
            await connection.execute(delete(epochs).where(epochs.c.number == number))
