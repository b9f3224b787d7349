"""Type the passphrase into a server that started locked: through a socket in KEYS_DIR, which is closed to others."""

import argparse
import asyncio
import getpass
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from bot.kernel.errors import FenerError, StartError
from bot.settings import read_settings

Unlock = Callable[[str], Awaitable[int]]

_SOCKETS: Final = "unlock-*.sock"
_LONGEST_PATH: Final = 107  # bytes of a Unix socket's path on Linux
_LONGEST: Final = 4096  # bytes of a passphrase
_PATIENCE: Final = 60  # seconds; stretching takes about one


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener unlock`: none; without a terminal the passphrase is the first line of standard input."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Ask for the passphrase and give it to every process of the server on this machine."""
    del args
    sockets = sorted(read_settings().keys_path.glob(_SOCKETS))
    if not sockets:
        raise StartError(
            "keys.open", "No server with locked keys is running here: there is nothing to unlock."
        )
    if sys.stdin.isatty():
        passphrase = getpass.getpass("Passphrase of the server's keys: ")
    else:
        passphrase = sys.stdin.readline()
    told = [_give(path, passphrase.strip()) for path in sockets]
    refused = [said for said in told if not said.startswith("ok")]
    if refused:
        print(f"fener: {refused[0]}", file=sys.stderr)
        return 1
    waited = sum(int(said.split()[1]) for said in told)
    print(f"Unlocked. Answers can come again. Handed over meanwhile: {waited}.")
    return 0


def _give(path: Path, passphrase: str) -> str:
    with socket.socket(socket.AF_UNIX) as talk:
        talk.settimeout(_PATIENCE)
        try:
            talk.connect(str(path))
            talk.sendall(passphrase.encode() + b"\n")
            return talk.makefile(encoding="utf-8").readline().strip() or "The server did not answer."
        except OSError:
            return "The server does not listen: is it still running? Start it again if not."


@asynccontextmanager
async def waiting_for_passphrase(folder: Path, worker: int, unlock: Unlock) -> AsyncIterator[None]:
    """Take passphrases while the keys are locked. Raises StartError where the folder's path is too long for a socket."""
    path = folder / f"unlock-{worker}.sock"
    if len(str(path).encode()) > _LONGEST_PATH:
        raise StartError(
            "keys.locked", "FENER_KEYS_DIR is too long a path to unlock later: type the passphrase now."
        )
    path.unlink(missing_ok=True)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(TimeoutError, ValueError, ConnectionError):
                async with asyncio.timeout(_PATIENCE):
                    line = await reader.readline()
                    said = await _tried(line.decode(errors="replace").strip(), unlock)
                    writer.write(f"{said}\n".encode())
                    await writer.drain()
                    if said.startswith("ok"):
                        path.unlink(missing_ok=True)
        finally:
            writer.close()

    server = await asyncio.start_unix_server(take, path=str(path), limit=_LONGEST)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _tried(passphrase: str, unlock: Unlock) -> str:
    try:
        return f"ok {await unlock(passphrase)}"
    except FenerError as fault:
        return fault.mend or fault.code
