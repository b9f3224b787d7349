"""A strict mail server on the loopback: it takes one mail after the other, and refuses what a real one refuses.

async with SmtpDouble() as mail:
    ...  # ring against mail.port
    assert mail.taken
"""

import asyncio
import base64
import re
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_LINE = 998  # characters; RFC 5322, 2.1.1
_ADDRESS = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it came: from whom, to whom, and all of its lines."""

    sender: str
    to: tuple[str, ...]
    text: str


@dataclass(slots=True)
class SmtpDouble:
    """Speaks SMTP without TLS. `gone` are addresses that nobody has; `user` and `password` must sign in, where they are set."""

    user: str = ""
    password: str = ""
    gone: frozenset[str] = frozenset()
    answer_to_data: str = "250 taken"
    port: int = 0
    taken: list[Mail] = field(default_factory=list)
    greeted_as: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = _Talk(self, reader, writer)
        try:
            await talk.run()
        finally:
            writer.close()


class _Talk:
    """One connection."""

    def __init__(
        self, server: SmtpDouble, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._known = not server.user
        self._sender = ""
        self._to: list[str] = []

    async def run(self) -> None:
        await self._say("220 double")
        while line := await self._line():
            command = line.split(" ")[0].upper()
            if command == "QUIT":
                await self._say("221 bye")
                return
            await self._say(await self._answer(command, line))

    async def _answer(self, command: str, line: str) -> str:  # noqa: PLR0911  # one line a command
        match command:
            case "EHLO":
                self._server.greeted_as.append(line.partition(" ")[2])
                return "250-double\r\n250 AUTH PLAIN" if self._server.user else "250 double"
            case "AUTH":
                return self._sign_in(line)
            case "MAIL" if self._known and (found := _ADDRESS.search(line)):
                self._sender, self._to = found[1], []
                return "250 ok"
            case "RCPT" if self._sender and (found := _ADDRESS.search(line)):
                if found[1] in self._server.gone:
                    return f"550 no such mailbox: {found[1]}"
                self._to.append(found[1])
                return "250 ok"
            case "DATA" if self._to:
                return await self._take()
            case "RSET":
                self._sender, self._to = "", []
                return "250 ok"
            case _:
                return "503 not now"

    def _sign_in(self, line: str) -> str:
        given = base64.b64decode(line.split(" ")[2]).decode().split("\0")[1:]
        self._known = given == [self._server.user, self._server.password]
        return "235 welcome" if self._known else f"535 not you, {self._server.user}"

    async def _take(self) -> str:
        await self._say("354 go on")
        lines: list[str] = []
        while (line := await self._line()) != ".":
            if len(line) > _LINE or not line.isascii():
                return "550 not a mail"
            lines.append(line)
        if self._server.answer_to_data.startswith("250"):
            self._server.taken.append(Mail(self._sender, tuple(self._to), "\n".join(lines)))
        return self._server.answer_to_data

    async def _line(self) -> str:
        return (await self._reader.readline()).decode().rstrip("\r\n")

    async def _say(self, line: str) -> None:
        self._writer.write(f"{line}\r\n".encode())
        await self._writer.drain()
