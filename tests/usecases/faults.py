"""What can go wrong around a turn."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from bot.kernel.errors import StorageError
from bot.kernel.ids import Pseudonym
from bot.ports import Stored
from bot.storage.memory import MemorySessions
from tests.usecases.house import House


class FlakySessions:
    """A session store that fails when told: the port, over the real one."""

    def __init__(self, inner: MemorySessions) -> None:
        self.inner = inner
        self.fails = False
        self.conflicts = False

    async def load(self, who: Pseudonym) -> Stored | None:
        return await self.inner.load(who)

    async def save(self, who: Pseudonym, sealed: bytes, *, expected: int, seconds: int) -> bool:
        if self.fails:
            raise StorageError("memory.unreachable")
        if self.conflicts:
            return False
        return await self.inner.save(who, sealed, expected=expected, seconds=seconds)

    async def forget(self, who: Pseudonym) -> None:
        await self.inner.forget(who)


@contextmanager
def nobody_can_write(house: House) -> Iterator[None]:
    """The database refuses writes: somebody else holds it."""
    path = house.folder / "fener.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 1000")
    connection.execute(
        "CREATE TRIGGER no_envelopes BEFORE INSERT ON envelopes BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    try:
        yield
    finally:
        connection.execute("DROP TRIGGER no_envelopes")
        connection.close()
