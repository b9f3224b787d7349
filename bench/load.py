"""A small load client: prepared requests over kept connections, closed or open loop."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import uvloop


@dataclass(frozen=True, slots=True)
class Result:
    """Rates in requests a second; latencies in milliseconds, in an open loop from the time a request was due."""

    rate: float
    p50: float
    p99: float
    failures: int


class _Connection(asyncio.Protocol):
    """One kept connection: a request out, its answer in, the next request out."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiting: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        start = self._buffer.lower().find(b"content-length:", 0, head)
        length = int(self._buffer[start + 15 : self._buffer.find(b"\r\n", start)]) if start >= 0 else 0
        if len(self._buffer) < head + 4 + length:
            return
        status = int(self._buffer[9:12])
        self._buffer = self._buffer[head + 4 + length :]
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(status)

    def connection_lost(self, _fault: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(0)

    async def ask(self, request: bytes) -> int:
        """Send one request; the status of its answer, 0 when the connection broke."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting


async def _closed(port: int, requests: Sequence[bytes], connections: int) -> Result:
    loop = asyncio.get_running_loop()
    lines = []
    for _ in range(connections):
        _, line = await loop.create_connection(_Connection, "127.0.0.1", port)
        lines.append(line)
    took: list[float] = []
    failures = 0
    queue = iter(requests)

    async def work(line: _Connection) -> None:
        nonlocal failures
        for request in queue:
            began = time.perf_counter()
            status = await line.ask(request)
            took.append(time.perf_counter() - began)
            failures += status != 200

    began = time.perf_counter()
    await asyncio.gather(*(work(line) for line in lines))
    spent = time.perf_counter() - began
    return _result(took, len(requests) / spent, failures)


async def _open(port: int, requests: Sequence[bytes], rate: float, connections: int) -> Result:
    loop = asyncio.get_running_loop()
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        _, line = await loop.create_connection(_Connection, "127.0.0.1", port)
        free.put_nowait(line)
    took: list[float] = []
    failures = 0

    async def one(request: bytes, due: float) -> None:
        nonlocal failures
        line = await free.get()
        failures += await line.ask(request) != 200
        took.append(loop.time() - due)
        free.put_nowait(line)

    began = loop.time()
    tasks = []
    for number, request in enumerate(requests):
        due = began + number / rate
        if (pause := due - loop.time()) > 0:
            await asyncio.sleep(pause)
        tasks.append(loop.create_task(one(request, due)))
    await asyncio.gather(*tasks)
    return _result(took, len(requests) / (loop.time() - began), failures)


def closed_loop(port: int, requests: Sequence[bytes], connections: int = 32) -> Result:
    """Every connection asks again as soon as it is answered."""
    return uvloop.run(_closed(port, requests, connections))


def open_loop(port: int, requests: Sequence[bytes], rate: float, connections: int = 128) -> Result:
    """Requests leave at their time, whether or not earlier ones were answered."""
    return uvloop.run(_open(port, requests, rate, connections))


def _result(took: list[float], rate: float, failures: int) -> Result:
    ordered = sorted(took)
    return Result(
        rate,
        ordered[len(ordered) // 2] * 1000,
        ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000,
        failures,
    )
