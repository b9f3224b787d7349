"""A Valkey that behaves as badly as it is told, in front of a real one."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit


class UnrulyValkey:
    """Stands between us and a real Valkey, sees every byte, and answers in its place when told."""

    def __init__(self, url: str, seen: list[bytes]) -> None:
        self._where = urlsplit(url)
        self._seen = seen
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.answers: Callable[[bytes], bytes | None] | None = None

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"valkey://127.0.0.1:{port}{self._where.path}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection(self._where.hostname, self._where.port)
        self._writers |= {writer, to_there}

        async def back() -> None:
            while data := await there.read(65536):
                writer.write(data)

        task = asyncio.create_task(back())
        try:
            while data := await reader.read(65536):
                self._seen.append(data)
                if self.answers is None:
                    to_there.write(data)
                elif (answer := self.answers(data)) is None:
                    break
                else:
                    writer.write(answer)
        except ConnectionError:
            pass
        finally:
            task.cancel()
            writer.close()
            to_there.close()
