"""The whole story in two windows, and every page and dialog on the way: looked at, and open to who cannot see."""

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_team import invite
from tests.browser.try_it.open_page import OpenPage
from tests.e2e.installation import Installation

pytestmark = pytest.mark.browser

CENTRE = "Lantern Demo Centre"
AFRAID = "أنا خائف، لا أستطيع العودة إلى المنزل"
SIZES: tuple[tuple[int, int, tuple[Literal["light", "dark"], ...]], ...] = (
    (1280, 800, ("dark", "light")),  # the last of each is also read by axe-core
    (360, 740, ("light", "dark")),
)
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def looked_at(who: Caseworker, name: str) -> None:
    """The page as it is: pictures for people at two sizes by day and by night, nothing cut off, nothing serious."""
    page = who.page
    for width, height, schemes in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in schemes:
            await page.emulate_media(color_scheme=scheme)
            await who.picture(f"{name}-{width}-{scheme}", full=width < height)
        assert await page.evaluate(TOO_WIDE) == 0, f"{name} is wider than {width}"
        found = await who.axe()
        assert not found, (name, found)
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1280, "height": 800})


async def asked(who: Caseworker, button: str, name: str, *, exact: bool = True) -> None:
    """A dialog, looked at and left with Escape."""
    await who.page.get_by_role("button", name=button, exact=exact).first.click()
    await expect(who.page.get_by_role("dialog")).to_be_visible()
    await looked_at(who, name)
    await who.page.keyboard.press("Escape")
    await expect(who.page.get_by_role("dialog")).to_have_count(0)


def on(page: Page, who: Caseworker) -> Caseworker:
    """The eyes of `who` on another page."""
    return Caseworker(page, who.name, who.artefacts)


async def test_a_person_at_the_try_page_and_a_caseworker_at_the_console_go_through_the_whole_story(
    chromium: Browser, desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        await page.goto(f"{fener.url}/console/")
        await looked_at(ana, "01-welcome")
        await page.get_by_role("button", name="I have a key file").click()
        await looked_at(ana, "01-key-file")
        await ana.enrol(fener.invitation())
        await looked_at(ana, "02-enrolled")
        await ana.start()
        await looked_at(ana, "03-queue-empty")

        sam = await OpenPage.of(chromium, fener.url)
        eyes = on(sam.page, ana)
        await looked_at(eyes, "04-try-start")
        for text in ("hi", "العربية", "1", "9", "2"):
            await sam.say(text)
        newest = sam.page.locator("#log .theirs").last
        await expect(newest.locator(".english")).to_contain_text(CENTRE)
        await looked_at(eyes, "05-try-consent")
        await sam.say("1")
        await sam.say(AFRAID)
        found = re.search(r"is called: (\w+ \w+)", await newest.locator(".english").inner_text())
        assert found
        designation = found[1]

        await expect(ana.in_queue(designation)).to_be_visible()
        await looked_at(ana, "06-queue")
        await ana.open(designation)
        assert await ana.said() == [AFRAID]
        await looked_at(ana, "07-case")
        await page.get_by_text("Quick phrases").click()
        await looked_at(ana, "07-phrases")
        await page.keyboard.press("c")
        await expect(page.get_by_role("button", name="Give back")).to_be_visible()
        await asked(ana, "Give back", "08-give-back")
        await asked(ana, "Close", "09-close")
        await asked(ana, "Help", "10-help")

        await ana.reply("مرحبا، أنا آنا. هل أنت في أمان الآن؟")
        await expect(page.get_by_text("the chat is live")).to_be_visible()
        await expect(sam.page.locator("#log .theirs").last).to_contain_text("أنا آنا")
        await expect(sam.page.locator("#last")).to_contain_text(f"An answer from {CENTRE} came by itself.")
        await looked_at(eyes, "11-try-answer")
        await sam.say("نعم، هذه الليلة")
        await expect(page.locator(".log")).to_contain_text("نعم، هذه الليلة")
        await looked_at(ana, "12-case-talk")

        await the_day_ends(ana)
        await sam.page.get_by_role("link", name="Leave now").click()
        await sam.page.wait_for_url("**/try/clock.html")
        await looked_at(eyes, "16-clock")
        assert sam.wrong == []


async def the_day_ends(ana: Caseworker) -> None:
    """The case is closed, the team looked at, duty ended, the keys locked."""
    page = ana.page
    await page.get_by_role("button", name="Close", exact=True).click()
    await page.get_by_label("We helped here").check()
    await page.get_by_role("button", name="Close the case").click()
    await expect(page.get_by_text("No open case.")).to_be_visible()
    await page.get_by_role("button", name="Team").click()
    await expect(page.get_by_role("rowheader", name="Ana")).to_be_visible()
    await looked_at(ana, "13-team")
    await asked(ana, "On duty until", "14-duty", exact=False)
    await page.get_by_role("button", name="Lock", exact=True).click()
    await expect(page.get_by_label("Your six words")).to_be_visible()
    await page.get_by_text("I lost my words").click()
    await looked_at(ana, "15-locked")


async def test_who_waits_for_the_lead_and_the_lead_who_signs_them_in_see_whole_pages(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path, FENER_DEMO="0") as fener:
        lea, omar = await desks.new(name="Lea"), await desks.new(name="Omar")
        await lea.enrol(await invite(fener, "rs-demo-harbour", "lead"))
        await looked_at(lea, "20-founded")
        await lea.start()
        await omar.enrol(await invite(fener, "rs-demo-harbour"))
        await looked_at(omar, "21-wait-for-lead")
        await omar.start()
        await expect(omar.page.get_by_text("The operator has not pinned your keyring yet")).to_be_visible()
        await looked_at(omar, "22-not-pinned")
        await lea.page.keyboard.press("t")
        person = lea.page.get_by_role("listitem").filter(has_text="Omar")
        await person.get_by_role("button", name="Sign in Omar").click()
        await lea.page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(lea.page.get_by_role("dialog")).to_be_visible()
        await looked_at(lea, "23-sign-in")
