"""Conversations, replies, locks and rate limits in a Valkey that several processes share.

Valkey sees sealed bytes under keyed digests. It is refused when it would write them down: see `open_valkey`.
Losing it loses open conversations' places, never a case.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from bot.crypto.randomness import token
from bot.kernel.errors import StorageError
from bot.kernel.ids import Pseudonym
from bot.ports import Stored
from bot.storage.memory import MemoryLocks
from bot.storage.resp import Reply
from bot.storage.valkey_client import (
    MemoryUrl,
    Script,
    ValkeyClient,
    check_valkey,
    memory_errors,
    open_valkey,
)

__all__ = [
    "MemoryUrl",
    "ValkeyClient",
    "ValkeyLocks",
    "ValkeyRateLimits",
    "ValkeyReplays",
    "ValkeySessions",
    "ValkeyTable",
    "check_valkey",
    "open_valkey",
]

_HELD: Final = 6.0  # seconds that a lock outlives its process
_SOONEST, _LATEST = 0.005, 0.05  # seconds between two looks at a lock that another process holds

_SAVE: Final = Script(
    """
local stored = redis.call('GET', KEYS[1])
local version = stored and string.match(stored, '^%d+') or '0'
if version ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
)

_ALLOW: Final = Script(
    """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local start = now - ARGV[2] * 1000000
while true do
  local oldest = redis.call('LINDEX', KEYS[1], 0)
  if not oldest or tonumber(oldest) > start then break end
  redis.call('LPOP', KEYS[1])
end
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
)

# KEYS: who waits, in order; until when each counts as alive. ARGV: token, milliseconds, whether to join the queue.
# Answers 1 to the one at the head. Those before it that stopped showing up are put out.
_ENTER: Final = Script(
    """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then
  if ARGV[3] == '0' then return 0 end
  redis.call('RPUSH', KEYS[1], ARGV[1])
end
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[2])
redis.call('PEXPIRE', KEYS[2], 2 * ARGV[2])
while true do
  local head = redis.call('LINDEX', KEYS[1], 0)
  if head == ARGV[1] then return 1 end
  local ends = redis.call('HGET', KEYS[2], head)
  if ends and tonumber(ends) > now then return 0 end
  redis.call('LPOP', KEYS[1])
  redis.call('HDEL', KEYS[2], head)
end
"""
)


_LEAVE: Final = Script("""
redis.call('LREM', KEYS[1], 1, ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
""")


class ValkeySessions:
    """Sealed sessions under session pseudonyms."""

    __slots__ = ("_client",)

    def __init__(self, client: ValkeyClient) -> None:
        """Take a client of `open_valkey`."""
        self._client = client

    @memory_errors
    async def load(self, who: Pseudonym) -> Stored | None:
        """The session, or None when there is none or it ran out."""
        found = await self._client.call("GET", _session(who))
        if not isinstance(found, bytes):
            return None
        version, _, sealed = found.partition(b":")
        return Stored(sealed, int(version))

    @memory_errors
    async def save(self, who: Pseudonym, sealed: bytes, *, expected: int, seconds: int) -> bool:
        """Write version `expected + 1` when the stored version is `expected` (0: none); False otherwise."""
        value = b"%d:%b" % (expected + 1, sealed)
        return bool(await self._client.run(_SAVE, [_session(who)], [expected, value, seconds]))

    @memory_errors
    async def forget(self, who: Pseudonym) -> None:
        """Destroy the session at once."""
        await self._client.call("DEL", _session(who))


class ValkeyReplays:
    """The sealed reply to each recent inbound message."""

    __slots__ = ("_client",)

    def __init__(self, client: ValkeyClient) -> None:
        """Take a client of `open_valkey`."""
        self._client = client

    @memory_errors
    async def recall(self, digest: bytes) -> bytes | None:
        """The sealed reply to the message with this keyed digest."""
        return _bytes(await self._client.call("GET", b"r:" + digest))

    @memory_errors
    async def keep(self, digest: bytes, sealed: bytes, *, seconds: int) -> None:
        """Remember a sealed reply."""
        await self._client.call("SET", b"r:" + digest, sealed, "EX", seconds)

    @memory_errors
    async def forget(self, digests: Sequence[bytes]) -> None:
        """Destroy these at once."""
        if digests:
            await self._client.call("DEL", *(b"r:" + digest for digest in digests))


class ValkeyRateLimits:
    """Counts under keyed digests, by Valkey's clock. A call that was refused does not count."""

    __slots__ = ("_client",)

    def __init__(self, client: ValkeyClient) -> None:
        """Take a client of `open_valkey`."""
        self._client = client

    @memory_errors
    async def allow(self, digest: bytes, *, limit: int, seconds: int) -> bool:
        """Whether this is at most the `limit`-th call within `seconds`."""
        return bool(await self._client.run(_ALLOW, [b"n:" + digest], [limit, seconds]))


class ValkeyLocks:
    """One turn at a time per person over all processes, in order of asking.

    A process that dies in a turn lets the person's next turn in after a few seconds. The lock is a courtesy: what
    keeps a session whole is the compare-and-set of `save`.
    """

    __slots__ = ("_client", "_held", "_here")

    def __init__(self, client: ValkeyClient, held: float = _HELD) -> None:
        """Take a client of `open_valkey`, and for how many seconds a lock outlives its process."""
        self._client = client
        self._held = round(held * 1000)  # milliseconds
        self._here = MemoryLocks()

    @asynccontextmanager
    async def hold(self, who: Pseudonym) -> AsyncIterator[None]:
        """Enter when no other turn of `who` runs in any process."""
        async with self._here.hold(
            who
        ):  # one of this process stands in Valkey's queue; the others wait here, in order
            place = _Place(who, token())
            try:
                wait = _SOONEST
                while not await self._look(place, join=True):
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, _LATEST)
                async with self._renewed(place):
                    yield
            finally:
                self._client.run_later(_LEAVE, place.keys, [place.token])

    @asynccontextmanager
    async def _renewed(self, place: "_Place") -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        renewing: set[asyncio.Task[None]] = set()

        async def renew() -> None:
            with suppress(StorageError):
                while True:
                    await self._look(place, join=False)
                    await asyncio.sleep(self._held / 3000)

        # A usual turn ends long before the first renewal, and then costs no task.
        timer = loop.call_later(self._held / 3000, lambda: renewing.add(loop.create_task(renew())))
        try:
            yield
        finally:
            timer.cancel()
            for task in renewing:
                task.cancel()

    @memory_errors
    async def _look(self, place: "_Place", *, join: bool) -> bool:
        return bool(await self._client.run(_ENTER, place.keys, [place.token, self._held, int(join)]))


class _Place:
    __slots__ = ("keys", "token")

    def __init__(self, who: Pseudonym, token: str) -> None:
        self.keys = (f"l:{who}", f"m:{who}")
        self.token = token


class ValkeyTable:
    """Sealed bytes under digests: what bot.storage.routes.SharedRoutes keeps its routes in."""

    __slots__ = ("_client", "_prefix")

    def __init__(self, client: ValkeyClient, prefix: bytes = b"w:") -> None:
        """Take a client of `open_valkey`, and what its keys begin with."""
        self._client = client
        self._prefix = prefix

    @memory_errors
    async def put(self, digest: bytes, sealed: bytes, seconds: int) -> None:
        """Keep sealed bytes for so long, in place of what was there."""
        await self._client.call("SET", self._prefix + digest, sealed, "EX", seconds)

    @memory_errors
    async def get(self, digest: bytes) -> bytes | None:
        """The sealed bytes, or None."""
        return _bytes(await self._client.call("GET", self._prefix + digest))

    @memory_errors
    async def drop(self, digest: bytes) -> None:
        """Forget at once."""
        await self._client.call("DEL", self._prefix + digest)


def _session(who: Pseudonym) -> str:
    return f"s:{who}"


def _bytes(reply: Reply) -> bytes | None:
    return reply if isinstance(reply, bytes) else None
