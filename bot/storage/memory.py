"""Conversations, replies, locks and rate limits in the memory of one process. Nothing here reaches a disk."""

import asyncio
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from bot.kernel.ids import Pseudonym
from bot.ports import Stored
from bot.storage.expiring import ExpiringTable

SESSIONS: Final = 2_000_000
"""Sessions of one process; beyond, the one that has been idle longest goes."""

REPLIES: Final = 100_000
"""Replies kept for redelivery in one process, some 900 bytes each; of one that went a redelivery has no second effect, and
is told where the conversation is."""

COUNTERS: Final = 1_000_000
"""Rate limits that one process counts at a time."""


class MemorySessions:
    """Sealed sessions under session pseudonyms."""

    __slots__ = ("_table",)

    def __init__(self, monotonic: Callable[[], float], limit: int = SESSIONS) -> None:
        """Take a clock in seconds that never goes back."""
        self._table: ExpiringTable[Pseudonym, Stored] = ExpiringTable(monotonic, limit)

    async def load(self, who: Pseudonym) -> Stored | None:
        """The session, or None when there is none or it ran out."""
        return self._table.get(who)

    async def save(self, who: Pseudonym, sealed: bytes, *, expected: int, seconds: int) -> bool:
        """Write version `expected + 1` when the stored version is `expected` (0: none); False otherwise."""
        stored = self._table.get(who)
        if (stored.version if stored else 0) != expected:
            return False
        self._table.put(who, Stored(sealed, expected + 1), seconds)
        return True

    async def forget(self, who: Pseudonym) -> None:
        """Destroy the session at once."""
        self._table.drop(who)


class MemoryReplays:
    """The sealed reply to each recent inbound message."""

    __slots__ = ("_table",)

    def __init__(self, monotonic: Callable[[], float], limit: int = REPLIES) -> None:
        """Take a clock in seconds that never goes back."""
        self._table: ExpiringTable[bytes, bytes] = ExpiringTable(monotonic, limit)

    async def recall(self, digest: bytes) -> bytes | None:
        """The sealed reply to the message with this keyed digest."""
        return self._table.get(digest)

    async def keep(self, digest: bytes, sealed: bytes, *, seconds: int) -> None:
        """Remember a sealed reply."""
        self._table.put(digest, sealed, seconds)

    async def forget(self, digests: Sequence[bytes]) -> None:
        """Destroy these at once."""
        for digest in digests:
            self._table.drop(digest)


class MemoryLocks:
    """One turn at a time per person, in order of asking; others do not wait."""

    __slots__ = ("_turns",)

    def __init__(self) -> None:
        """Hold nothing."""
        self._turns: _Turns = {}

    def hold(self, who: Pseudonym) -> "_Hold":
        """Enter when no other turn of `who` runs."""
        return _Hold(self._turns, who)

    def __len__(self) -> int:
        """How many people have a turn running or waiting."""
        return len(self._turns)


class _Hold:
    """A turn that wants in. Whoever leaves hands over to the one who waits longest, so that nobody slips in between."""

    __slots__ = ("_turns", "_who")

    def __init__(self, turns: "_Turns", who: Pseudonym) -> None:
        self._turns = turns
        self._who = who

    async def __aenter__(self) -> None:
        if self._who not in self._turns:
            self._turns[self._who] = None
            return
        waiting = self._turns[self._who]
        if waiting is None:
            waiting = self._turns[self._who] = deque()
        door = asyncio.get_running_loop().create_future()
        waiting.append(door)
        try:
            await door
        except asyncio.CancelledError:
            if door.done() and not door.cancelled():  # our turn had just come: it is the next one's now
                self._leave()
            raise

    async def __aexit__(self, *_raised: object) -> None:
        self._leave()

    def _leave(self) -> None:
        waiting = self._turns[self._who]
        while waiting:
            door = waiting.popleft()
            if not door.done():  # who gave up waiting is passed over
                door.set_result(None)
                return
        del self._turns[self._who]


_Turns = dict[Pseudonym, deque[asyncio.Future[None]] | None]
"""Whose turn runs, and who waits for its end; None while nobody ever did, which is nearly always."""


class MemoryRateLimits:
    """Counts under keyed digests. A call that was refused does not count: who waits is heard again."""

    __slots__ = ("_monotonic", "_table")

    def __init__(self, monotonic: Callable[[], float], limit: int = COUNTERS) -> None:
        """Take a clock in seconds that never goes back."""
        self._monotonic = monotonic
        self._table: ExpiringTable[bytes, array[float]] = ExpiringTable(monotonic, limit)

    async def allow(self, digest: bytes, *, limit: int, seconds: int) -> bool:
        """Whether this is at most the `limit`-th call within `seconds`."""
        now = self._monotonic()
        calls = self._table.get(digest)
        if calls is None:
            calls = array("d")  # a tenth of what a deque takes
        while calls and calls[0] <= now - seconds:
            del calls[0]
        if len(calls) >= limit:
            return False
        calls.append(now)
        self._table.put(digest, calls, seconds)
        return True

    def __len__(self) -> int:
        """How many counts are kept."""
        return len(self._table)
