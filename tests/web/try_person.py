"""A person at the try page, over HTTP: says what a page says and hears what it would show."""

import asyncio
import contextlib
import secrets
from types import TracebackType
from typing import Any, Self

import aiohttp


class TryPerson:
    """One open page. `heard` holds every text as WhatsApp would show it, `facts` what was kept after each message."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.id = secrets.token_hex(16)
        self.heard: list[str] = []
        self.replies: list[dict[str, Any]] = []
        self.facts: list[dict[str, Any] | None] = []
        self.about: dict[str, Any] = {}
        self.message_ids: list[str] = []
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        status, self.about = await self.call("enter")
        assert status == 200
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if self._listening is not None:
                self._listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._listening
        finally:
            await self._session.close()

    async def call(self, name: str, **content: Any) -> tuple[int, Any]:
        """One call of the page: status and decoded answer."""
        async with self._session.post(
            f"{self.url}/try/api/{name}", json={"id": self.id, **content}
        ) as answer:
            text = await answer.text()
            return answer.status, await answer.json() if text else None

    async def say(self, text: str = "", tapped: str | None = None, message_id: str | None = None) -> str:
        """Write or tap, wait for the answer; its text."""
        self.message_ids.append(message_id or secrets.token_hex(16))
        content = {"message_id": self.message_ids[-1], "text": text, "tapped": tapped}
        status, answer = await self.call("say", **content)
        assert status == 200, answer
        self.facts.append(answer["kept"])
        if answer["said"] is None:
            return ""
        self._hear(answer["said"])
        return self.heard[-1]

    def _hear(self, said: dict[str, Any]) -> None:
        self.replies.append(said)
        self.heard.append("\n\n".join(said["whatsapp"]))

    def listen(self) -> None:
        """Take news as an open page does, one request after the other."""
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        last = 0
        while True:
            try:
                status, answer = await self.call("wait", after=last)
            except aiohttp.ClientError:
                return  # the server went away
            if status != 200:
                return
            for each in answer["news"]:
                last = each["number"]
                self._hear(each["said"])

    def button(self, label: str) -> str:
        """The payload of a button under the newest reply."""
        rows = [row for part in self.replies[-1]["telegram"] for row in part["keyboard"]]
        [payload] = [
            str(button["payload"]) for row in rows for button in row if label in str(button["label"])
        ]
        return payload
