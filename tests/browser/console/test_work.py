"""A caseworker's day in the browser: enrol, be rung, read, answer, pass on, close."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.console.conftest import Desks
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser
WORDS = "I slept at the station again"


def number_of(label: str, text: str) -> str:
    """The number to type for an option."""
    found = re.search(rf"^(\d+) {re.escape(label)}", text, re.MULTILINE)
    assert found, f"no option {label!r} in:\n{text}"
    return found[1]


async def hand_over(sam: WhatsAppPerson, words: str = WORDS) -> str:
    """From "hi" to a queued case; the designation."""
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.say(number_of("Papers or a lawyer", sam.heard[-1]))
    await sam.say(number_of("Yes", sam.heard[-1]))
    await sam.say(words)
    found = re.search(r"is called: (\w+ \w+)", sam.heard[-1])
    assert found, sam.heard[-1]
    return found[1]


async def agree_again(sam: WhatsAppPerson) -> None:
    """A second yes: from the menu to a doctor, with nothing more to say."""
    await sam.say("menu")
    for label in ("Health", "A doctor or medicine", "Ask a person", "Yes", "Nothing more"):
        await sam.say(number_of(label, sam.heard[-1]))


async def test_a_person_on_whatsapp_and_a_caseworker_in_the_browser_talk_to_each_other(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation(), pictures=True)
        assert "enrol" not in ana.page.url
        await ana.look("enrol-4-ready")
        await ana.start()
        page = ana.page
        await expect(page.get_by_role("button", name="On duty until")).to_be_visible()
        await expect(page.get_by_text("No open case.")).to_be_visible()
        await ana.look("queue-empty")

        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await expect(page).to_have_title("(1) Fener")
        await ana.picture("queue-one")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=designation, level=1)).to_be_focused()
        assert await ana.said() == [WORDS]
        await expect(page.get_by_text("What they agreed to")).to_be_visible()
        assert "Lantern Demo Centre" in await page.locator("blockquote").inner_text()
        await ana.picture("case")

        await page.keyboard.press("r")
        await page.keyboard.type("Hello, I am Ana. Are you safe now?")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("the chat is live")).to_be_visible()
        await fener.until(
            lambda: any("I am Ana" in text for text in sam.heard), "the reply arrives by itself"
        )
        await sam.say("yes, for tonight")
        await expect(page.locator(".log")).to_contain_text("yes, for tonight", timeout=15_000)
        await ana.picture("case-talk")
        await agree_again(sam)
        agreed = page.locator(".agreed > li")
        await expect(agreed).to_have_count(2, timeout=15_000)
        marks = await agreed.locator("code").all_inner_texts()
        assert [len(mark) for mark in marks] == [12, 12]
        assert len(set(marks)) == 2
        await agreed.last.scroll_into_view_if_needed()
        await ana.look("agreed")
        assert designation not in page.url
        assert designation not in await page.title()

        await page.get_by_role("button", name="Close", exact=True).click()
        await page.get_by_label("We helped here").check()
        await ana.look("close-dialog")
        await page.get_by_role("button", name="Close the case").click()
        await expect(page.get_by_text("No open case.")).to_be_visible(timeout=15_000)
