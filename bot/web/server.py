"""uvicorn, except that it first lets go of requests that wait for news: stopping takes no longer than a request."""

import socket
from collections.abc import Callable

import uvicorn


class Server(uvicorn.Server):
    """Serves until told to stop."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None] | None) -> None:
        """`hang_up` answers what waits."""
        super().__init__(config)
        self._hang_up = hang_up

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish open requests and stop."""
        if self._hang_up is not None:
            self._hang_up()
        await super().shutdown(sockets)
