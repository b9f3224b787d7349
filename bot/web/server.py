"""uvicorn, with an end to its patience: for requests that never finish, and for those that wait when it must stop."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
"""How long a request line with its headers may take to arrive, and a new connection to begin one."""

LARGEST_HEAD: Final = 32 * 1024  # bytes; what browsers and providers send is far below


class Server(uvicorn.Server):
    """Serves until told to stop; lets go of requests that wait for news, so that stopping takes no longer than one."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None] | None) -> None:
        """`hang_up` answers what waits."""
        super().__init__(config)
        self._hang_up = hang_up

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish open requests and stop."""
        if self._hang_up is not None:
            self._hang_up()
        await super().shutdown(sockets)


class Connection(HttpToolsProtocol):
    """One connection. uvicorn alone waits for a head as long, and reads one as large, as anybody likes.

    The application bounds bodies, in size and in time.
    """

    _head: int | None = 0  # bytes of a head that has not ended; None while a body or an answer is under way
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head is too large already."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins; on a connection that was used before the clock starts again."""
        super().on_message_begin()
        if self._head is None:
            self._head = 0
            self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._stop_waiting()
        super().on_headers_complete()

    def _stop_waiting(self) -> None:
        self._head = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()
