"""Takes the two pictures of README.md anew: `python -m tests.browser.pictures`. A person writes Arabic, Ana answers."""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import CHROMIUM
from tests.browser.try_it.open_page import OpenPage
from tests.e2e.installation import Installation

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SIZE = ViewportSize(width=1280, height=860)
AFRAID = "أنا خائف، لا أستطيع العودة إلى المنزل"
ANSWER = "مرحبا، أنا آنا. هل أنت في أمان الآن؟"
TONIGHT = "نعم، هذه الليلة"


async def take(browser: Browser, fener: Installation, folder: Path) -> None:
    """Both pictures, from one story."""
    context = await browser.new_context(viewport=SIZE, reduced_motion="reduce", locale="en-GB")
    ana = Caseworker(await context.new_page(), "Ana", folder)
    await ana.enrol(fener.invitation())
    await ana.start()
    sam = await OpenPage.of(browser, fener.url, width=SIZE["width"], height=SIZE["height"])
    for text in ("hi", "العربية", "1", "9", "2", "1", AFRAID):
        await sam.say(text)
    newest = sam.page.locator("#log .theirs .english").last
    found = re.search(r"is called: (\w+ \w+)", await newest.inner_text())
    assert found
    await expect(ana.in_queue(found[1])).to_be_visible()
    await ana.open(found[1])
    await ana.page.keyboard.press("c")
    await expect(ana.page.get_by_role("button", name="Give back")).to_be_visible()
    await ana.reply(ANSWER)
    await expect(newest).to_contain_text(ANSWER)
    await sam.page.screenshot(path=PICTURES / "try.png")
    await sam.say(TONIGHT)
    await expect(ana.page.locator(".log")).to_contain_text(TONIGHT)
    await ana.page.screenshot(path=PICTURES / "console.png")


async def main() -> None:
    """Start a server and a browser of their own, and stop them."""
    if CHROMIUM is None:
        sys.exit("Chromium is not installed: no pictures were taken")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Installation(folder) as fener, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            await take(browser, fener, folder)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
