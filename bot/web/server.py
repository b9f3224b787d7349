"""uvicorn, with an end to its patience: for requests that never finish, and for those that wait when it must stop."""

import asyncio
import socket
from collections.abc import Callable
from typing import Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
"""How long a request line with its headers may take to arrive, and a new connection to begin one."""

BODY_SECONDS: Final = 20.0
"""How long a body may take to arrive: a slow telephone needs a few; who trickles keeps nothing open."""

LARGEST_HEAD: Final = 32 * 1024  # bytes; what browsers and providers send is far below

_TICKS: Final = 10  # of uvicorn's, a tenth of a second each


class Server(uvicorn.Server):
    """Serves until told to stop; lets go of requests that wait for news, so that stopping takes no longer than one."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None] | None = None) -> None:
        """`hang_up` answers what waits."""
        super().__init__(config)
        self._hang_up = hang_up

    async def on_tick(self, counter: int) -> bool:
        """Once a second look who is too slow: that costs no request a clock of its own."""
        if counter % _TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.end_if_slow(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish open requests and stop."""
        if self._hang_up is not None:
            self._hang_up()
        await super().shutdown(sockets)


class Connection(HttpToolsProtocol):
    """One connection. uvicorn alone waits for a request as long, and reads a head as large, as anybody likes.

    The application bounds the size of bodies.
    """

    _head: int | None = 0  # bytes of a head that has not ended; None while a body or an answer is under way
    _began: float = 0.0  # when the connection, the newest head or the newest body began

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._began = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head is too large already."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > LARGEST_HEAD and not self.transport.is_closing():
            answering = self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]  # uvicorn's type forgets that there is none at first
            self._hang_up(b"" if answering else b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """A request begins; on a connection that was used before the clock starts again."""
        super().on_message_begin()
        if self._head is None:
            self._head = 0
            self._began = self.loop.time()

    def on_headers_complete(self) -> None:
        """The head is whole; the body's time begins."""
        self._head = None
        self._began = self.loop.time()
        super().on_headers_complete()

    def end_if_slow(self, now: float) -> None:
        """Hang up when the head has not come in time; say so first when it is the body.

        A request that waits behind another one's answer is not read meanwhile, and so not late.
        """
        if self.pipeline or self.transport.is_closing():
            return
        waited = now - self._began
        if self._head is not None:
            if waited > HEAD_SECONDS:
                self._hang_up()
        elif self.cycle.more_body and waited > BODY_SECONDS:
            self._hang_up(b"" if self.cycle.response_started else b"408 Request Timeout")

    def _hang_up(self, status: bytes = b"") -> None:
        """End the connection, with an answer in place of the application's."""
        if status:
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
        self.transport.close()
