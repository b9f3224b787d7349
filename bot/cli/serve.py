"""The server: checks everything, says in one sentence what is missing, then answers."""

import argparse
import asyncio
import gc
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot import __version__
from bot.cli.announce import announce, demo_link
from bot.cli.content import load_or_list
from bot.cli.custody import open_or_leave_locked
from bot.cli.unlock import waiting_for_passphrase
from bot.cli.workers import REFUSED, supervise
from bot.crypto.keys import ServerKeys
from bot.flow.library import Library
from bot.installation import SystemClock
from bot.kernel.errors import FenerError, StartError
from bot.settings import Settings, read_settings
from bot.storage.files import private_folder
from bot.telemetry.logs import logger, report_task, set_up_logs
from bot.web.application import application
from bot.wiring import build

LOCKED_NOW: Final = (
    "The keys are locked. Information, SOS and handoffs without an answer work. Run 'fener unlock' here."
)
_WORKERS_AT_MOST: Final = 64
_BACKLOG: Final = 2048
_STOP_SECONDS: Final = 8
_FIRST_ANSWER: Final = (
    0.2  # seconds that a start leaves to whoever waits already, before it learns from phrases
)
_YOUNG: Final = 50_000  # new objects between two collections; a turn makes hundreds and leaves no circles


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (default 8080)")
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="processes; more than one needs PostgreSQL and Valkey",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    began = time.monotonic()
    settings = read_settings()
    set_up_logs(settings.log_level)
    harden()
    check_workers(settings, args.workers)
    prepare_folder(settings.data_dir)
    library = load_or_list(settings.content_dir)
    if library is None:
        return 1
    gc.set_threshold(_YOUNG, 20, 100)
    listening = listen(args.host, args.port)
    keys = open_or_leave_locked(settings, SystemClock())
    start = Start(settings, library, keys, listening, args.workers, began)
    if args.workers > 1:
        _prepare(library)  # once, before processes part
        return supervise(args.workers, lambda number: _worker(start, number))
    return _run_loop(serve(start, 0))


def _prepare(library: Library) -> None:
    """Index words of danger and learn from phrases, so that no first message waits for it."""
    library.crisis.prepare()
    library.intents.prepare()
    give_back_memory()


def check_workers(settings: Settings, workers: int) -> None:
    """Refuse several processes over stores that only one can use."""
    if not 1 <= workers <= _WORKERS_AT_MOST:
        raise StartError("workers.number", f"--workers takes a number from 1 to {_WORKERS_AT_MOST}.")
    missing = []
    if settings.database_url is None or not settings.database_url.startswith("postgresql://"):
        missing.append("PostgreSQL (FENER_DATABASE_URL=postgresql://...)")
    if settings.memory_url == "memory://":
        missing.append("Valkey (FENER_MEMORY_URL=valkey://host:port/0)")
    if workers > 1 and missing:
        raise StartError("workers.stores", f"More than one worker needs {' and '.join(missing)}.")


def prepare_folder(folder: Path) -> None:
    """Make the data folder, closed to others. Raises StartError when it cannot be written."""
    private_folder(folder)
    probe = folder / f".writable-{os.getpid()}"
    try:
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError:
        raise StartError(
            "data.unwritable",
            f"The data folder {folder} cannot be written: check its disk and owner, or set FENER_DATA_DIR.",
        ) from None


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises StartError when the port is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except PermissionError:
        listening.close()
        raise StartError(
            "port.forbidden",
            f"Port {port} is not allowed for this account: choose one above 1023 with --port.",
        ) from None
    except (OSError, OverflowError):
        listening.close()
        raise StartError(
            "port.taken", f"Port {port} on {host} is taken: stop what uses it, or choose another with --port."
        ) from None
    listening.set_inheritable(True)
    return listening


def harden() -> None:
    """No core dumps and no reading of our memory by others: it holds keys and, for moments, addresses."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        pr_set_dumpable = 4  # prctl(2)
        ctypes.CDLL(None).prctl(pr_set_dumpable, 0, 0, 0, 0)


def give_back_memory() -> None:
    """Hand what reading and learning took for a moment back to the system; malloc keeps it otherwise. glibc only."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # malloc_trim(3)


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


def _run_loop(main: Coroutine[None, None, int]) -> int:
    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(main)


@dataclass(frozen=True, slots=True)
class Start:
    """What every worker begins with; loaded once, before processes part."""

    settings: Settings
    library: Library
    keys: ServerKeys
    listening: socket.socket
    workers: int
    began: float


async def serve(start: Start, worker: int) -> int:
    """Build everything and answer until told to stop; the exit code. Raises StartError."""
    import uvicorn

    from bot.web.server import Connection, Server

    asyncio.get_running_loop().set_exception_handler(report_task)
    fener = await build(start.settings, start.library, start.keys)
    try:
        await fener.check_offer()
        name = await fener.telegram_name() if worker == 0 else ""
        link = await demo_link(fener, start.listening) if worker == 0 and not start.keys.locked else ""
    except FenerError:
        await fener.close()
        raise
    if worker == 0:
        announce(start.settings, start.listening, link, name)
        logger().info(
            "server.ready",
            version=__version__,
            telegram=start.settings.telegram,
            whatsapp=start.settings.whatsapp,
            demo=start.settings.offers_demo,
            workers=start.workers,
            milliseconds=round((time.monotonic() - start.began) * 1000),
        )

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with fener.running(polls=worker == 0):
            if start.workers == 1:  # the first answer goes first
                learning = threading.Thread(target=_prepare, args=(start.library,), daemon=True)
                asyncio.get_running_loop().call_later(_FIRST_ANSWER, learning.start)
            yield

    config = uvicorn.Config(
        application(fener, running),
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        backlog=_BACKLOG,
    )
    server = Server(config, fener.try_channel.hang_up if fener.try_channel is not None else None)
    async with AsyncExitStack() as open_:
        if start.keys.locked:
            if worker == 0:
                logger().warning("keys.locked")
                print(f"fener: {LOCKED_NOW}", file=sys.stderr, flush=True)
            await open_.enter_async_context(
                waiting_for_passphrase(start.settings.keys_path, worker, fener.unlock)
            )
        await server.serve(sockets=[start.listening])
    logger().info("server.stopped")
    return 0 if server.started else 1


def _worker(start: Start, number: int) -> int:
    try:
        return _run_loop(serve(start, number))
    except FenerError as fault:
        if number == 0:
            print(f"fener: {fault.mend or fault.code}", file=sys.stderr, flush=True)
        return REFUSED
    except KeyboardInterrupt:
        return 0
