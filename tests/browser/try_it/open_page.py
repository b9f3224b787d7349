"""The try page as somebody sees it: opens it, writes, taps, reads, and notes everything that must not happen."""

import json
import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Request

ARTEFACTS = Path(__file__).resolve().parents[3] / "test-artefacts"
PATIENCE = 20_000.0  # milliseconds


class OpenPage:
    """One window. `wrong` holds every dialog, script error, violated policy and request to elsewhere."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context = context
        self.page = page
        self.url = url
        self.wrong: list[str] = []
        self.ids: set[str] = set()
        page.set_default_timeout(PATIENCE)
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", lambda line: self.wrong.append(line.text) if line.type == "error" else None)
        page.on("request", self._requested)

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.wrong.append(f"request: {request.url}")
        if request.post_data:
            self.ids.add(str(json.loads(request.post_data)["id"]))

    @classmethod
    async def of(
        cls, browser: Browser, url: str, *, width: int = 1280, height: int = 860, dark: bool = False
    ) -> Self:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        opened = cls(context, await context.new_page(), url)
        await opened.page.goto(f"{url}/try/")
        await opened.page.locator("body[data-ready=yes]").wait_for()
        return opened

    async def look(self, name: str) -> None:
        await self.page.get_by_label(f"as {name}").check()

    async def say(self, text: str) -> str:
        """Type and send; the answer as it is shown."""
        before = await self.page.locator("#log .theirs").count()
        await self.page.get_by_label("Your message").fill(text)
        await self.page.keyboard.press("Enter")
        return await self._answer(before)

    async def tap(self, label: str) -> str:
        """Press a button of the newest message; the answer as it is shown."""
        before = await self.page.locator("#log .theirs").count()
        newest = self.page.locator("#log .theirs").last
        await newest.get_by_role("button", name=label).click()
        return await self._answer(before)

    async def _answer(self, before: int) -> str:
        answer = self.page.locator("#log .theirs").nth(before)
        await answer.wait_for()
        await self.page.locator("#writing").wait_for(state="hidden")
        return await answer.inner_text()

    async def hand_over(self, words: str) -> str:
        """To a queued case, by words; the designation."""
        for text in ("hi", "1", "1", "9", "papers or a lawyer", "Yes"):
            await self.say(text)
        found = re.search(r"is called: (\w+ \w+)", await self.say(words))
        assert found
        return found[1]

    async def lines(self, name: str) -> str:
        """A part of the panel as text."""
        return await self.page.locator(f"#{name}").inner_text()

    async def shoot(self, name: str, *, whole: bool = False) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTEFACTS / f"try-{name}.png", full_page=whole)
