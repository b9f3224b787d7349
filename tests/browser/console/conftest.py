"""Chromium for the console's tests: skipped with a line that says so where it is missing, unless it must be there."""

import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.console.caseworker import Caseworker

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARTEFACTS = Path(__file__).resolve().parents[3] / "test-artefacts" / "console"

expect.set_options(timeout=15_000)  # milliseconds; the machine of a test may be busy


@pytest.fixture
async def chromium(capfd: pytest.CaptureFixture[str]) -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("FENER_REQUIRE_BROWSER") == "1":
            pytest.fail("FENER_REQUIRE_BROWSER=1, and there is no Chromium")
        with capfd.disabled():
            print("\nskipped: no Chromium here, so the console is not tested in a browser", file=sys.stderr)
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Desks:
    """Makes caseworkers, each in a browser profile of their own, and closes them at the end."""

    def __init__(self, browser: Browser, test: str) -> None:
        self._browser = browser
        self._folder = ARTEFACTS / re.sub(r"\W+", "-", test).strip("-")
        self._made: list[Caseworker] = []

    async def new(
        self, *, width: int = 1280, height: int = 800, dark: bool = False, name: str = "Ana"
    ) -> Caseworker:
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            accept_downloads=True,
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        made = Caseworker(await context.new_page(), name, self._folder)
        await made.listen()
        self._made.append(made)
        return made

    async def check(self) -> None:
        for each in self._made:
            assert not each.faults, each.faults


@pytest.fixture
async def desks(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Desks]:
    made = Desks(chromium, request.node.name)
    yield made
    await made.check()
