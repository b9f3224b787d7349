"""A caseworker at the console: what hands and eyes do, in Chromium."""

import json
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, ConsoleMessage, Download, Locator, Page, expect

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
SLOW = 20_000  # milliseconds: Argon2id on a busy machine


class Caseworker:
    """One person with a browser profile. `faults` collects what the page should never say to the console."""

    def __init__(self, page: Page, name: str, artefacts: Path) -> None:
        self.page = page
        self.name = name
        self.artefacts = artefacts
        self.words: list[str] = []
        self.faults: list[str] = []
        self._session: CDPSession | None = None

    async def listen(self) -> None:
        """Collect errors of scripts, and everything that the policy of the page refused."""
        self.page.on("pageerror", lambda fault: self.faults.append(f"script: {fault}"))
        self.page.on("console", self._heard)
        await self.page.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
        )

    def _heard(self, message: ConsoleMessage) -> None:
        expected = "Failed to load resource" in message.text  # a refused call is told in the page
        if message.type == "error" and not expected:
            self.faults.append(message.text)

    async def picture(self, name: str, *, full: bool = False) -> None:
        """A screenshot for people to look at."""
        await self.page.screenshot(path=self.artefacts / f"{name}.png", full_page=full)

    async def look(self, name: str, *, full: bool = False) -> None:
        """A screenshot, and no serious problem of accessibility on it."""
        await self.picture(name, full=full)
        found = await self.axe()
        assert not found, found

    async def enrol(self, link: str, *, pictures: bool = False) -> None:
        """From the link to the last page of enrolment."""
        page = self.page
        await page.goto(link)
        await page.get_by_label("Your work name").fill(self.name)
        if pictures:
            await self.look("enrol-1-name")
        await page.get_by_role("button", name="Continue").click()
        chips = page.locator("#words li")
        await expect(chips).to_have_count(6)
        self.words = await chips.all_text_contents()
        ready = page.get_by_role("button", name="I have written them down")
        await expect(ready).to_be_enabled(timeout=SLOW)
        if pictures:
            await self.look("enrol-2-words")
        await ready.click()
        for place, word in enumerate(self.words):
            box = page.get_by_label(f"Word {place + 1}", exact=True)
            if await box.count():
                await box.fill(word)
        if pictures:
            await self.look("enrol-3-check")
        await page.get_by_role("button", name="Start", exact=True).click()
        await expect(page.get_by_role("button", name="Start working")).to_be_visible(timeout=SLOW)

    async def start(self) -> None:
        """On to the queue."""
        await self.page.get_by_role("button", name="Start working").click()
        await expect(self.page.get_by_role("heading", name="Queue")).to_be_visible()

    async def unlock(self) -> None:
        """Type the six words."""
        await self.page.get_by_label("Your six words").fill(" ".join(self.words))
        await self.page.get_by_role("button", name="Unlock").click()
        await expect(self.page.get_by_role("heading", name="Queue")).to_be_visible(timeout=SLOW)

    async def save_key_file(self, folder: Path) -> Path:
        """Save the key file as a download."""
        async with self.page.expect_download() as waiting:
            await self.page.get_by_role("button", name="Save the key file").click()
        download: Download = await waiting.value
        path = folder / download.suggested_filename
        await download.save_as(path)
        return path

    def in_queue(self, designation: str) -> Locator:
        return self.page.locator(f'button.case[data-case="{designation}"]')

    async def open(self, designation: str) -> None:
        await self.in_queue(designation).click()
        await expect(self.page.get_by_role("heading", name=designation, level=1)).to_be_visible()

    async def reply(self, text: str) -> None:
        await self.page.get_by_label("Reply to the person").fill(text)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def said(self) -> list[str]:
        """The words in the conversation, as text."""
        return await self.page.locator(".log .words").all_inner_texts()

    async def session(self) -> CDPSession:
        """The line to Chromium's test bench. There is one: leaving any would take a made-up authenticator away."""
        if self._session is None:
            self._session = await self.page.context.new_cdp_session(self.page)
        return self._session

    async def axe(self) -> list[str]:
        """Serious and critical problems of accessibility on the page as it is."""
        session = await self.session()
        await session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
        run = "axe.run(document, {resultTypes: ['violations']}).then((found) => JSON.stringify(found.violations))"
        answer: dict[str, Any] = await session.send(
            "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in answer, answer
        violations = json.loads(answer["result"]["value"])
        return [
            f"{each['id']}: {each['help']} ({node['target']})"
            for each in violations
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]
