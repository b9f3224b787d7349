"""One connection to Valkey for all turns of a process: commands of many turns travel together.

The official client costs 70 to 100 microseconds of processor time a command, six of which would cost more than the
turn itself; this one costs about 15. It speaks the part of the protocol that our commands need.
Source: https://valkey.io/topics/protocol/ (RESP2).
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias, cast

Argument = bytes | str | int
Reply: TypeAlias = "bytes | int | list[Reply] | RespError | None"

_LINE: Final = b"\r\n"
_DEEPEST: Final = 8  # levels of lists in lists; we need one
_LARGEST: Final = 64 * 1024 * 1024  # bytes of one reply; beyond, it is not Valkey that answers


class RespError(Exception):
    """What Valkey answers to a command it does not do: `NOAUTH`, `OOM`, `NOSCRIPT` and so on, without its text."""

    def __init__(self, code: str) -> None:
        """Take the first word of the answer."""
        super().__init__(code)
        self.code = code


class Garbled(Exception):  # noqa: N818  # said of a peer that does not speak the protocol
    """The peer does not speak the protocol."""


class _Incomplete(Exception):  # noqa: N818  # not an error: more is to come
    pass


class Reader:
    """Turns bytes, however they are cut, into replies."""

    __slots__ = ("_data", "_next")

    def __init__(self) -> None:
        """Start with nothing."""
        self._data = bytearray()
        self._next = 0

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that are complete now, in order. Raises Garbled."""
        self._data += data
        while self._next < len(self._data):
            start = self._next
            try:
                reply = self._reply(0)
            except _Incomplete:
                self._next = start
                break
            yield reply
        del self._data[: self._next]
        self._next = 0

    def _reply(self, depth: int) -> Reply:
        line = self._line()
        kind, rest = line[:1], line[1:]
        match kind:
            case b"+":
                return rest
            case b"-":
                return RespError(rest.partition(b" ")[0].decode("ascii", "replace"))
            case b":":
                return _number(rest)
            case b"$":
                return self._bulk(_number(rest))
            case b"*" if depth < _DEEPEST:
                count = _number(rest)
                return None if count == -1 else [self._reply(depth + 1) for _ in range(_sized(count))]
            case _:
                raise Garbled

    def _line(self) -> bytes:
        end = self._data.find(_LINE, self._next)
        if end < 0:
            raise _Incomplete
        line = bytes(self._data[self._next : end])
        self._next = end + 2
        return line

    def _bulk(self, size: int) -> bytes | None:
        if size == -1:
            return None
        end = self._next + _sized(size)
        if len(self._data) < end + 2:
            raise _Incomplete
        if self._data[end : end + 2] != _LINE:
            raise Garbled
        value = bytes(self._data[self._next : end])
        self._next = end + 2
        return value


def command(arguments: Sequence[Argument]) -> bytes:
    """A command as it travels."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        value = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(value), value))
    return b"".join(parts)


class Link(asyncio.Protocol):
    """An open connection. Commands called within one step of the event loop are sent as one packet."""

    def __init__(self, patience: float) -> None:
        """Take for how many seconds an answer may fail to come before the connection counts as dead."""
        self._loop = asyncio.get_running_loop()
        self._patience = patience
        self._reader = Reader()
        self._waiting: deque[asyncio.Future[Reply]] = deque()
        self._out: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._answers = 0
        self.closed = False

    def call(self, *arguments: Argument) -> "asyncio.Future[Reply]":
        """The reply to come; ConnectionError when the connection is lost before."""
        future: asyncio.Future[Reply] = self._loop.create_future()
        if self.closed or self._transport is None:
            future.set_exception(ConnectionError())
            return future
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(command(arguments))
        self._waiting.append(future)
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience, self._look, self._answers)
        return future

    def close(self) -> None:
        """Hang up; whoever waits gets ConnectionError."""
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, but not by inheritance

    def data_received(self, data: bytes) -> None:
        """Called by the event loop: hand replies to those who wait, in order."""
        try:
            for reply in self._reader.feed(data):
                self._answers += 1
                future = self._waiting.popleft()
                if not future.done():  # who gave up waiting left its place
                    future.set_result(reply)
        except (Garbled, IndexError):
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # may hold an address
        """Called by the event loop."""
        self.closed = True
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(ConnectionError())

    def _flush(self) -> None:
        if self._transport is not None and not self.closed:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _look(self, answers: int) -> None:
        self._watch = None
        if not self._waiting:
            return
        if self._answers == answers:  # nothing came for as long as we have patience
            self.close()
        else:
            self._watch = self._loop.call_later(self._patience, self._look, self._answers)


def _number(text: bytes) -> int:
    digits = text[1:] if text[:1] == b"-" else text
    if not digits.isdigit() or len(digits) > 20:  # noqa: PLR2004  # digits of the largest 64-bit number
        raise Garbled
    return int(text)


def _sized(size: int) -> int:
    if not 0 <= size <= _LARGEST:
        raise Garbled
    return size
