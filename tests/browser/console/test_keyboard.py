"""A caseworker's whole day without a mouse: what has the focus is always where the next key is expected."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_work import WORDS, hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

MOST_TABS = 40
FOCUSED = """() => {
  const focused = document.activeElement;
  const named = focused.labels?.[0]?.textContent ?? focused.getAttribute("aria-label") ?? focused.textContent;
  return named.trim();
}"""


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(MOST_TABS):
        if str(await page.evaluate(FOCUSED)).startswith(name):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name!r}")


async def sign_in(ana: Caseworker, console: str) -> None:
    """From the address to the queue, by the six words."""
    page, keys = ana.page, ana.page.keyboard
    await page.goto(console)
    await page.reload()
    await expect(page.get_by_label("Your six words")).to_be_focused()
    await keys.type(" ".join(ana.words))
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="Queue")).to_be_focused(timeout=20_000)


async def go_on_duty(page: Page) -> None:
    await page.keyboard.press("d")
    await expect(page.get_by_role("dialog", name="Duty")).to_be_visible()
    await tab_to(page, "4 hours")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def reply_with_a_phrase(page: Page) -> None:
    keys, area = page.keyboard, page.get_by_label("Reply to the person")
    await keys.press("p")
    await expect(page.locator(".phrases button").first).to_be_visible()
    await tab_to(page, "Take your time.")
    await keys.press("Enter")
    await expect(area).to_be_focused()
    await keys.type(" I am Ana.")
    await keys.press("Control+Enter")
    await expect(area).to_have_value("")
    await expect(area).to_be_focused()


async def give_back(page: Page) -> None:
    keys, dialog = page.keyboard, page.get_by_role("dialog")
    await keys.press("b")
    await expect(dialog.get_by_label("My shift ends")).to_be_focused()
    await keys.press("ArrowDown")
    await expect(dialog.get_by_label("Another language is needed")).to_be_checked()
    await tab_to(page, "Give back")
    await keys.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".log")).to_contain_text("Given back: Another language is needed")


async def test_a_day_from_signing_in_to_closing_a_case_needs_no_mouse(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        page, keys = ana.page, ana.page.keyboard
        await ana.enrol(fener.invitation())
        await sign_in(ana, f"http://localhost:{fener.port}/console/")
        await go_on_duty(page)
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await keys.press("j")
        await expect(ana.in_queue(designation)).to_be_focused()
        await keys.press("Enter")
        heading = page.get_by_role("heading", name=designation, level=1)
        await expect(heading).to_be_focused()
        assert await ana.said() == [WORDS]

        await sam.say("are you there?")
        await expect(page.locator(".log")).to_contain_text("are you there?", timeout=15_000)
        await expect(heading).to_be_focused()  # what arrives takes the focus from nobody
        await reply_with_a_phrase(page)
        await fener.until(
            lambda: any("You decide what you tell me. I am Ana." in text for text in sam.heard),
            "the reply arrives",
        )

        await keys.press("Escape")
        await expect(heading).to_be_focused()
        await keys.press("n")
        await keys.type("They slept at the station.")
        await keys.press("Control+Enter")
        await expect(page.locator(".message.note")).to_contain_text("They slept at the station.")

        await keys.press("Escape")
        await give_back(page)
        await expect(heading).to_be_focused()
        await expect(ana.in_queue(designation)).to_contain_text("Waiting")

        await keys.press("c")
        await expect(ana.in_queue(designation)).to_contain_text("Yours")
        await keys.press("x")
        await expect(page.get_by_label("We helped here")).to_be_focused()
        await keys.press("Space")
        await tab_to(page, "Close the case")
        await keys.press("Enter")
        await expect(page.get_by_text("No open case.")).to_be_visible(timeout=15_000)
        await expect(page.get_by_role("heading", name="Queue")).to_be_focused()
        await keys.press("l")
        await expect(page.get_by_label("Your six words")).to_be_focused()
