"""A whole Fener as an operator runs it: a process of its own, its files in a folder, its command line beside it."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.doubles.telegram import TelegramDouble
from tests.doubles.twilio import TwilioDouble

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = "https://help.example.org"
PATIENCE = 60.0  # seconds; generous, because the machine of a test may be busy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Installation:
    """`folder` holds everything it may write: data, keys, logs, the caseworkers' homes."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = settings
        self.workers = 1
        self.log = folder / "server.log"
        self.out = folder / "server.out"
        self.cwd = ROOT  # where fener.toml is looked for
        self._process: asyncio.subprocess.Process | None = None
        (folder / "passphrase").write_text("six words only for this test\n")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FENER_")}
        return {
            **kept,
            "FENER_CONTENT_DIR": str(ROOT),
            "FENER_DATA_DIR": str(self.folder / "data"),
            "FENER_KEYS_DIR": str(self.folder / "keys"),
            "FENER_KEY_CUSTODY": "file",
            "FENER_DEMO": "1",
            **self.settings,
        }

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start and wait until it is ready and has said so: a second worker may answer before the first has printed."""
        said = self.out.stat().st_size if self.out.exists() else 0
        with self.out.open("ab") as out, self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "serve",
                "--port",
                str(self.port),
                *(["--workers", str(self.workers)] if self.workers > 1 else []),
                cwd=self.cwd,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )
        try:
            await self.until(self._is_ready, "the server is ready")
            await self.until(
                lambda: b"Stop with Ctrl+C" in self.out.read_bytes()[said:], "the server said what to do next"
            )
        except BaseException:
            if self._process.returncode is None:
                await self.kill()
            raise

    async def _is_ready(self) -> bool:
        assert self._process is not None
        if self._process.returncode is not None:
            raise AssertionError(f"the server ended: {self.log.read_text()}")
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def kill(self) -> None:
        """As a power cut does: SIGKILL."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def stop(self) -> int:
        """As an operator does: SIGTERM; the exit code."""
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.terminate()
        try:
            return await asyncio.wait_for(self._process.wait(), PATIENCE)
        finally:
            if self._process.returncode is None:
                await self.kill()

    def _workers(self) -> list[int]:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return [int(child) for child in children]

    def worker_count(self) -> int:
        return len(self._workers())

    def kill_one_worker(self) -> None:
        """As the kernel does when memory runs out."""
        os.kill(self._workers()[-1], signal.SIGKILL)

    async def restart(self) -> None:
        await self.kill()
        await self.start()

    def invitation(self) -> str:
        """The newest link the server printed for the lead of the demo."""
        links = re.findall(r"http://\S+/console/#enrol=\S+", self.out.read_text())
        return str(links[-1])

    async def fener(self, *words: str, home: str = "ana", stdin: str = "") -> tuple[int, str, str]:
        """Run the command line as somebody with a home of their own: exit code, output, errors."""
        folder = self.folder / home
        folder.mkdir(exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            cwd=self.cwd,
            env={**self.environment, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await asyncio.wait_for(process.communicate(stdin.encode()), PATIENCE * 2)
        assert process.returncode is not None
        return process.returncode, out.decode(), errors.decode()

    async def case(self, action: str, *words: str, home: str = "ana", stdin: str = "") -> str:
        """One `fener case` action that must work; what it printed."""
        options = ["--server", self.url, "--passphrase-file", str(self.folder / "passphrase")]
        code, out, errors = await self.fener("case", action, *words, *options, home=home, stdin=stdin)
        assert code == 0, errors
        return out

    async def enrol(self, home: str = "ana") -> None:
        """Enrol the lead of the demo, who is then on duty."""
        await self.case("enrol", "--invite", self.invitation(), "--alias", home.title(), home=home)
        await asyncio.sleep(2.1)  # who is on duty may be two seconds old in a running server

    async def cases(self, home: str = "ana") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(await self.case("list", "--json", home=home))
        return found

    async def opened(self, case: str, home: str = "ana") -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self.case("open", case, "--json", home=home))
        return found

    @staticmethod
    async def until(check: Any, what: str, patience: float = PATIENCE) -> None:
        """Wait until `check` (a function or coroutine function) is true."""
        end = asyncio.get_running_loop().time() + patience
        while asyncio.get_running_loop().time() < end:
            result = check()
            if asyncio.iscoroutine(result):
                result = await result
            if result:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"waited in vain until {what}")


def on_whatsapp(twilio: TwilioDouble, folder: Path, **settings: str) -> Installation:
    """An installation on WhatsApp; the double's webhook points to it."""
    installation = Installation(
        folder,
        FENER_PUBLIC_URL=PUBLIC,
        FENER_TWILIO_ACCOUNT_SID=twilio.account,
        FENER_TWILIO_AUTH_TOKEN=twilio.token,
        FENER_TWILIO_FROM=twilio.sender,
        FENER_TWILIO_API_URL=twilio.url,
        **settings,
    )
    twilio.webhook_url = f"{installation.url}/channels/whatsapp#rc=3&rp=ct,rt"
    twilio.public_url = f"{PUBLIC}/channels/whatsapp"
    return installation


def on_telegram(telegram: TelegramDouble, folder: Path, **settings: str) -> Installation:
    """An installation on Telegram by long polling."""
    return Installation(
        folder, FENER_TELEGRAM_TOKEN=telegram.token, FENER_TELEGRAM_API_URL=telegram.url, **settings
    )
