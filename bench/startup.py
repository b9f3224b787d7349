"""From start to the first answer: `fener chat` and `fener serve`, beside an empty Python and an empty FastAPI app.

Interleaved rounds, medians, and the processor time of each, which says more on a machine with other work to do.
Every server starts on a data folder that is not there yet, as after installing. Aim: the first answer within 2 s,
and within 5 s with a directory of ten thousand services in five thousand files.
"""

import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.http import cpu_of, free_port, memory_of, request, start_empty, start_fener, turns
from bench.made import organisations, write_files
from bot.content.directory_folder import load_directory
from bot.nlu.normalise import fold

ROUNDS = 5
LARGE = 10_000  # services
PATIENCE = 6000  # looks, PAUSE seconds apart
PAUSE = 0.01
STILL = 1.0  # seconds in which a server uses no processor when it has learned all it learns beside its start
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Begun:
    """Seconds until the first answer, and of the processor until then; MiB when all is learned, of a server."""

    wall: float
    cpu: float
    memory: float = 0.0


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        _measure(large_content(Path(folder)))


def large_content(folder: Path) -> Path:
    """The shipped content with ten thousand services more."""
    shipped, problems = load_directory(_ROOT, fold=fold)
    if shipped is None:
        raise SystemExit(f"bench: {problems[0].mark}: {problems[0].message}")
    for name in ("directory", "flows", "translations"):
        shutil.copytree(_ROOT / name, folder / name)
    write_files(list(organisations(shipped, LARGE)), folder)
    return folder


def _measure(large: Path) -> None:
    starts: Mapping[str, Callable[[], Begun]] = {
        "python -c pass": lambda: _command("-c", "pass"),
        "fener chat": lambda: _chat(_ROOT),
        "fener chat, 10,000 services": lambda: _chat(large),
        "empty FastAPI": _empty,
        "fener serve": lambda: _serve(_ROOT),
        "fener serve, 10,000 services": lambda: _serve(large),
    }
    for start in starts.values():
        start()  # files come into memory, modules are compiled
    found: dict[str, list[Begun]] = {name: [] for name in starts}
    for _ in range(ROUNDS):
        for name, start in starts.items():
            found[name].append(start())
    for name, beside, aim in (
        ("fener chat", "python -c pass", 2),
        ("fener chat, 10,000 services", "fener chat", 5),
        ("fener serve", "empty FastAPI", 2),
        ("fener serve, 10,000 services", "fener serve", 5),
    ):
        ours, yardstick = _median(found[name]), _median(found[beside])
        print(
            f"{name}: first answer after {ours.wall:.2f} s ({ours.cpu:.2f} s of the processor; aim <= {aim} s)   "
            f"{beside}: {yardstick.wall:.2f} s ({yardstick.cpu:.2f} s)   ratio {ours.wall / yardstick.wall:.1f}"
        )
        if ours.memory:
            print(f"memory of {name} at rest: {ours.memory:.0f} MiB; {beside}: {yardstick.memory:.0f} MiB")


def _median(starts: list[Begun]) -> Begun:
    return Begun(
        *(statistics.median(getattr(each, name) for each in starts) for name in ("wall", "cpu", "memory"))
    )


def _chat(content: Path) -> Begun:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "hi.txt"
        script.write_text("hi\n", encoding="utf-8")
        return _command("-m", "bot", "chat", "--content", str(content), "--script", str(script))


def _command(*arguments: str) -> Begun:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FENER_")}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [sys.executable, *arguments], cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, check=True
    )
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Begun(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _serve(content: Path) -> Begun:
    with tempfile.TemporaryDirectory() as folder:
        return _server(
            lambda port: start_fener(port, Path(folder), FENER_CONTENT_DIR=str(content)), turns(0)[0]
        )


def _empty() -> Begun:
    return _server(start_empty, request("/", b""))


def _server(start: Callable[[int], "subprocess.Popen[bytes]"], first: bytes) -> Begun:
    port, began = free_port(), time.monotonic()
    process = start(port)
    try:
        _answer(port, first)
        wall, cpu = time.monotonic() - began, cpu_of(process.pid)
        used = -1.0
        while used != (used := cpu_of(process.pid)):
            time.sleep(STILL)
        return Begun(wall, cpu, memory_of(process.pid))
    finally:
        process.terminate()
        process.wait(15)


def _answer(port: int, first: bytes) -> None:
    """Send the first request as soon as somebody listens, and wait for its answer."""
    for _ in range(PATIENCE):
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(first)
                if not connection.recv(64).startswith(b"HTTP/1.1 200 "):
                    raise SystemExit(f"bench: the first answer of port {port} is no answer")
                return
        except ConnectionError:
            time.sleep(PAUSE)
    raise SystemExit(f"bench: port {port} does not answer")


if __name__ == "__main__":
    main()
