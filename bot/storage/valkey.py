"""Conversations, replies, locks and rate limits in a Valkey that several processes share.

Valkey sees sealed bytes under keyed digests. It is refused when it would write them down: see `open_valkey`.
Losing it loses open conversations' places, never a case.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from valkey.asyncio import BlockingConnectionPool, Valkey
from valkey.exceptions import AuthenticationError, NoPermissionError, ResponseError, ValkeyError

from bot.crypto.randomness import token
from bot.kernel.errors import StartError, StorageError
from bot.kernel.ids import Pseudonym
from bot.ports import Stored
from bot.storage.faults import storage_errors
from bot.storage.memory import MemoryLocks

_PORT: Final = 6379
_CONNECTIONS: Final = 32  # of one process; further commands wait for a free one
_ANSWER: Final = 5  # seconds until Valkey counts as unreachable
_HELD: Final = 6.0  # seconds that a lock outlives its process
_SOONEST, _LATEST = 0.005, 0.05  # seconds between two looks at a lock that another process holds

_SAVE: Final = """
local stored = redis.call('GET', KEYS[1])
local version = stored and string.match(stored, '^%d+') or '0'
if version ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""

_ALLOW: Final = """
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

# KEYS: who waits, in order; until when each counts as alive. ARGV: token, milliseconds, whether to join the queue.
# Answers 1 to the one at the head. Those before it that stopped showing up are put out.
_ENTER: Final = """
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

_LEAVE: Final = """
redis.call('LREM', KEYS[1], 1, ARGV[1])
return redis.call('HDEL', KEYS[2], ARGV[1])
"""


@dataclass(frozen=True, slots=True)
class MemoryUrl:
    """Where Valkey is: `valkey://host:port/n`, with `name:password@` before the host where it asks for one."""

    host: str
    port: int = _PORT
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "MemoryUrl":
        """Read FENER_MEMORY_URL. Raises StartError, which does not repeat it."""
        try:
            parts = urlsplit(url)
            number = parts.path.removeprefix("/") or "0"
            if parts.scheme == "valkey" and parts.hostname and number.isascii() and number.isdigit():
                return cls(
                    parts.hostname,
                    parts.port or _PORT,
                    int(number),
                    unquote(parts.username) if parts.username else None,
                    unquote(parts.password) if parts.password else None,
                )
        except ValueError:
            pass
        raise StartError("memory.url", "FENER_MEMORY_URL must be memory:// or valkey://host:port/0.")


async def open_valkey(url: str) -> Valkey:
    """A client of the Valkey at `valkey://host:port/n`, once it is sure that it writes nothing down.

    Raises StartError that names everything to change: persistence, slow log, replicas.
    """
    where = MemoryUrl.parse(url)
    pool = BlockingConnectionPool(
        host=where.host,
        port=where.port,
        db=where.database,
        username=where.username,
        password=where.password,
        max_connections=_CONNECTIONS,
        timeout=_ANSWER,
        socket_timeout=_ANSWER,
        socket_connect_timeout=_ANSWER,
    )
    client = Valkey.from_pool(pool)
    failure: StartError
    try:
        await check_valkey(client)
    except StartError as refused:
        failure = refused
    except (ValkeyError, OSError):
        failure = StartError(
            "memory.unreachable", "Valkey does not answer: check that it runs, and FENER_MEMORY_URL."
        )
    else:
        return client
    await client.aclose()
    raise failure


async def check_valkey(client: Valkey) -> None:
    """Raise StartError unless save is empty, appendonly no, slowlog-max-len 0 and there is no replica."""
    try:
        config = {
            name: (await client.config_get(name)).get(name)
            for name in ("save", "appendonly", "slowlog-max-len")
        }
        replication = await client.info("replication")
    except AuthenticationError:
        raise StartError(
            "memory.refused", "Valkey refuses us: check name and password in FENER_MEMORY_URL."
        ) from None
    except (NoPermissionError, ResponseError):
        raise StartError(
            "memory.unchecked",
            "Allow Fener's Valkey user CONFIG GET and INFO: it must see that nothing is written.",
        ) from None
    mends = []
    if config["save"] != "":
        mends.append('save ""')
    if config["appendonly"] != "no":
        mends.append("appendonly no")
    if config["slowlog-max-len"] != "0":
        mends.append("slowlog-max-len 0")
    if replication.get("role") != "master" or replication.get("connected_slaves") != 0:
        mends.append("no replica, and be none")
    if mends:
        raise StartError(
            "memory.persists",
            f"Valkey would write conversations down. Set in valkey.conf: {', '.join(mends)}.",
        )


class ValkeySessions:
    """Sealed sessions under session pseudonyms."""

    __slots__ = ("_client", "_save")

    def __init__(self, client: Valkey) -> None:
        """Take a client of `open_valkey`."""
        self._client = client
        self._save = client.register_script(_SAVE)

    @storage_errors
    async def load(self, who: Pseudonym) -> Stored | None:
        """The session, or None when there is none or it ran out."""
        found = await self._client.get(_session(who))
        if found is None:
            return None
        version, _, sealed = found.partition(b":")
        return Stored(sealed, int(version))

    @storage_errors
    async def save(self, who: Pseudonym, sealed: bytes, *, expected: int, seconds: int) -> bool:
        """Write version `expected + 1` when the stored version is `expected` (0: none); False otherwise."""
        value = b"%d:%b" % (expected + 1, sealed)
        return bool(await self._save(keys=[_session(who)], args=[expected, value, seconds]))

    @storage_errors
    async def forget(self, who: Pseudonym) -> None:
        """Destroy the session at once."""
        await self._client.delete(_session(who))


class ValkeyReplays:
    """The sealed reply to each recent inbound message."""

    __slots__ = ("_client",)

    def __init__(self, client: Valkey) -> None:
        """Take a client of `open_valkey`."""
        self._client = client

    @storage_errors
    async def recall(self, digest: bytes) -> bytes | None:
        """The sealed reply to the message with this keyed digest."""
        found: bytes | None = await self._client.get(b"r:" + digest)
        return found

    @storage_errors
    async def keep(self, digest: bytes, sealed: bytes, *, seconds: int) -> None:
        """Remember a sealed reply."""
        await self._client.set(b"r:" + digest, sealed, ex=seconds)

    @storage_errors
    async def forget(self, digests: Sequence[bytes]) -> None:
        """Destroy these at once."""
        if digests:
            await self._client.delete(*(b"r:" + digest for digest in digests))


class ValkeyRateLimits:
    """Counts under keyed digests, by Valkey's clock. A call that was refused does not count."""

    __slots__ = ("_allow",)

    def __init__(self, client: Valkey) -> None:
        """Take a client of `open_valkey`."""
        self._allow = client.register_script(_ALLOW)

    @storage_errors
    async def allow(self, digest: bytes, *, limit: int, seconds: int) -> bool:
        """Whether this is at most the `limit`-th call within `seconds`."""
        return bool(await self._allow(keys=[b"n:" + digest], args=[limit, seconds]))


class ValkeyLocks:
    """One turn at a time per person over all processes, in order of asking.

    A process that dies in a turn lets the person's next turn in after a few seconds. The lock is a courtesy: what
    keeps a session whole is the compare-and-set of `save`.
    """

    __slots__ = ("_enter", "_held", "_here", "_leave")

    def __init__(self, client: Valkey, held: float = _HELD) -> None:
        """Take a client of `open_valkey`, and for how many seconds a lock outlives its process."""
        self._enter = client.register_script(_ENTER)
        self._leave = client.register_script(_LEAVE)
        self._held = held
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
                with suppress(StorageError):  # it ends by itself soon
                    await self._go(place)

    @asynccontextmanager
    async def _renewed(self, place: "_Place") -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        renewing: set[asyncio.Task[None]] = set()

        async def renew() -> None:
            with suppress(StorageError):
                while True:
                    await self._look(place, join=False)
                    await asyncio.sleep(self._held / 3)

        # A usual turn ends long before the first renewal, and then costs no task.
        timer = loop.call_later(self._held / 3, lambda: renewing.add(loop.create_task(renew())))
        try:
            yield
        finally:
            timer.cancel()
            for task in renewing:
                task.cancel()

    @storage_errors
    async def _look(self, place: "_Place", *, join: bool) -> bool:
        args: list[str | int] = [place.token, round(self._held * 1000), int(join)]
        return bool(await self._enter(keys=place.keys, args=args))

    @storage_errors
    async def _go(self, place: "_Place") -> None:
        await self._leave(keys=place.keys, args=[place.token])


class _Place:
    __slots__ = ("keys", "token")

    def __init__(self, who: Pseudonym, token: str) -> None:
        self.keys = [f"l:{who}", f"m:{who}"]
        self.token = token


class ValkeyTable:
    """Sealed bytes under digests: what bot.storage.routes.SharedRoutes keeps its routes in."""

    __slots__ = ("_client", "_prefix")

    def __init__(self, client: Valkey, prefix: bytes = b"w:") -> None:
        """Take a client of `open_valkey`, and what its keys begin with."""
        self._client = client
        self._prefix = prefix

    @storage_errors
    async def put(self, digest: bytes, sealed: bytes, seconds: int) -> None:
        """Keep sealed bytes for so long, in place of what was there."""
        await self._client.set(self._prefix + digest, sealed, ex=seconds)

    @storage_errors
    async def get(self, digest: bytes) -> bytes | None:
        """The sealed bytes, or None."""
        found: bytes | None = await self._client.get(self._prefix + digest)
        return found

    @storage_errors
    async def drop(self, digest: bytes) -> None:
        """Forget at once."""
        await self._client.delete(self._prefix + digest)


def _session(who: Pseudonym) -> str:
    return f"s:{who}"
