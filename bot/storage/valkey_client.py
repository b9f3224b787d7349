"""The connection to Valkey, and the check that it writes nothing down."""

import asyncio
import functools
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Final, Never, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

from bot.kernel.errors import StartError, StorageError
from bot.storage.resp import Argument, Link, Reply, RespError

P = ParamSpec("P")
T = TypeVar("T")

_PORT: Final = 6379
_ANSWER: Final = 5  # seconds until Valkey counts as unreachable
_UNREACHABLE: Final = (
    "memory.unreachable",
    "Valkey does not answer: check that it runs, and FENER_MEMORY_URL.",
)
_FAILED: Final = ("memory.failed", "Valkey did not do what was asked: see its own log.")
_PASSWORD: Final = ("memory.refused", "Valkey refuses us: check name and password in FENER_MEMORY_URL.")
_REFUSALS: Final = {
    "LOADING": _UNREACHABLE,
    "NOAUTH": _PASSWORD,
    "NOPERM": ("memory.refused", "Valkey's user may not do this: allow it the commands that Fener uses."),
    "OOM": ("memory.full", "Valkey is full: raise its maxmemory."),
    "WRONGPASS": _PASSWORD,
}
_WRITES_NOTHING: Final = (
    ("save", b"", 'save ""'),
    ("appendonly", b"no", "appendonly no"),
    ("slowlog-max-len", b"0", "slowlog-max-len 0"),
)


class Script:
    """A script and the name under which Valkey remembers it."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        """Take the script in Lua."""
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


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


class ValkeyClient:
    """One connection to Valkey, made anew when it was lost."""

    __slots__ = ("_connecting", "_link", "_patience", "_where")

    def __init__(self, where: MemoryUrl, patience: float = _ANSWER) -> None:
        """Take where it is, and after how many seconds it counts as away. The first call connects."""
        self._where = where
        self._patience = patience
        self._link: Link | None = None
        self._connecting = asyncio.Lock()

    async def call(self, *arguments: Argument) -> Reply:
        """The reply to one command. Raises OSError when Valkey is away, RespError when it refuses."""
        link = self._link if self._link is not None and not self._link.closed else await self._connected()
        reply = await link.call(*arguments)
        if isinstance(reply, RespError):
            raise reply
        return reply

    async def run(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> Reply:
        """The reply of a script, which runs as one step."""
        try:
            return await self.call("EVALSHA", script.digest, len(keys), *keys, *arguments)
        except RespError as refused:
            if refused.code != "NOSCRIPT":
                raise
        return await self.call("EVAL", script.text, len(keys), *keys, *arguments)

    def run_later(self, script: Script, keys: Sequence[Argument], arguments: Sequence[Argument]) -> None:
        """Send a script after the commands before it, without waiting for the reply or for a lost connection."""
        link = self._link
        if link is None:
            return

        def look(done: "asyncio.Future[Reply]") -> None:
            if done.cancelled() or done.exception() is not None:
                return
            reply = done.result()
            if isinstance(reply, RespError) and reply.code == "NOSCRIPT":
                again = link.call("EVAL", script.text, len(keys), *keys, *arguments)
                again.add_done_callback(_ignore)

        link.call("EVALSHA", script.digest, len(keys), *keys, *arguments).add_done_callback(look)

    async def aclose(self) -> None:
        """Hang up."""
        if self._link is not None:
            self._link.close()
            self._link = None
            await asyncio.sleep(0)  # the event loop closes the socket in its next step

    async def _connected(self) -> Link:
        async with self._connecting:
            if self._link is not None and not self._link.closed:
                return self._link
            async with asyncio.timeout(self._patience):
                _, link = await asyncio.get_running_loop().create_connection(
                    lambda: Link(self._patience), self._where.host, self._where.port
                )
                try:
                    await self._greet(link)
                except BaseException:
                    link.close()
                    raise
            self._link = link
            return link

    async def _greet(self, link: Link) -> None:
        where = self._where
        greetings = []
        if where.password is not None:
            name = () if where.username is None else (where.username,)
            greetings.append(link.call("AUTH", *name, where.password))
        greetings.append(link.call("SELECT", where.database))
        for reply in await asyncio.gather(*greetings):
            if isinstance(reply, RespError):
                raise reply


def memory_errors(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[object, Never, T]]:
    """The method, raising StorageError without a trace of what it was asked, like bot.storage.faults."""

    @functools.wraps(method)
    async def translated(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except RespError as refused:
            failure = StorageError(*_REFUSALS.get(refused.code, _FAILED))
        except OSError:
            failure = StorageError(*_UNREACHABLE)
        raise failure

    return translated


async def open_valkey(url: str) -> ValkeyClient:
    """A client of the Valkey at `valkey://host:port/n`, once it is sure that it writes nothing down.

    Raises StartError that names everything to change: persistence, slow log, replicas.
    """
    client = ValkeyClient(MemoryUrl.parse(url))
    failure: StartError
    try:
        await check_valkey(client)
    except StartError as refused:
        failure = refused
    except StorageError as fault:
        failure = StartError(fault.code, fault.mend)
    else:
        return client
    await client.aclose()
    raise failure


@memory_errors
async def check_valkey(client: ValkeyClient) -> None:
    """Raise StartError unless save is empty, appendonly no, slowlog-max-len 0 and there is no replica.

    Raises StorageError when Valkey does not answer or refuses us.
    """
    mends = []
    try:
        for name, value, mend in _WRITES_NOTHING:
            if await client.call("CONFIG", "GET", name) != [name.encode(), value]:
                mends.append(mend)
        replication = await client.call("INFO", "replication")
    except RespError as refused:
        if refused.code in _REFUSALS and refused.code != "NOPERM":
            raise
        raise StartError(
            "memory.unchecked",
            "Allow Fener's Valkey user CONFIG GET and INFO: it must see that nothing is written.",
        ) from None
    lines = replication.split() if isinstance(replication, bytes) else []
    if b"role:master" not in lines or b"connected_slaves:0" not in lines:
        mends.append("no replica, and be none")
    if mends:
        raise StartError(
            "memory.persists",
            f"Valkey would write conversations down. Set in valkey.conf: {', '.join(mends)}.",
        )


def _ignore(future: "asyncio.Future[Reply]") -> None:
    if not future.cancelled():
        future.exception()
