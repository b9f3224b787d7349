"""Quick phrases in the person's language, and the box that says what is possible: read before anything is sent."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_work import hand_over
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

FARSI = "من در ایستگاه خوابیدم"
TIME_FARSI = "عجله نکنید"
WISH = "دری، یک زن"
BY_PHONE = "شماره شما چیست؟"  # what is your number?
CANNOT_TAKE = "نمی‌تواند این را بپذیرد"


async def hand_over_in_farsi(sam: WhatsAppPerson) -> None:
    """From "hi" to a queued case: by numbers alone, as somebody who reads no English."""
    await sam.say("hi")
    [line] = [line for line in sam.heard[-1].splitlines() if "فارسی" in line]
    await sam.say(line.split()[0].strip("\u2066\u2067\u2068\u2069\u200f"))
    for text in ("1", "9", "5", "1", WISH, "1", "1", "1", "2", "2", "1", FARSI):
        await sam.say(text)


async def one_page_stands_beside_the_case(ana: Caseworker) -> None:
    """The closest one is open; the first reply is there for every case. Nothing in it takes an answer about the person."""
    beside = ana.page.get_by_role("region", name="Playbooks")
    await expect(beside.get_by_text("What would help you first?")).to_be_attached()
    await expect(beside.locator("details[open]")).to_have_count(1)
    assert await beside.locator("input, select, textarea, form, [contenteditable]").count() == 0
    buttons = await beside.locator("button").all_text_contents()
    assert set(buttons) == {"Print this page"}
    await beside.scroll_into_view_if_needed()
    await ana.look("playbooks")


async def test_a_phrase_is_read_in_english_before_it_goes_out_in_the_language_of_the_person(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        await ana.enrol(fener.invitation())
        await ana.start()
        sam = twilio.person("+381601234567")
        await hand_over_in_farsi(sam)
        queued = page.locator("button.case")
        await expect(queued).to_be_visible(timeout=15_000)
        designation = str(await queued.get_attribute("data-case"))
        await ana.open(designation)
        await read_the_wishes(ana)

        await page.locator("h1").focus()
        await page.keyboard.press("p")
        menu = page.locator(".phrases")
        await expect(menu.get_by_text("Persian: not yet reviewed by a native reader.")).to_be_visible()
        choices = menu.get_by_role("button")
        assert await choices.count() >= 8
        for text in await choices.all_inner_texts():
            assert "not yet reviewed" in text
        first = menu.get_by_role("button").first
        await the_words_are_those_that_the_person_was_told(ana, first, sam.heard)
        assert await first.locator(".own").get_attribute("lang") == "fa"
        await ana.look("phrases-rtl")
        await page.set_viewport_size({"width": 360, "height": 740})
        await expect(menu.get_by_text("not yet reviewed by a native reader.")).to_be_visible()
        await ana.look("phrases-rtl-360", full=True)
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.keyboard.press("Escape")
        await expect(menu).to_be_hidden()

        await page.keyboard.press("Enter")
        await menu.get_by_role("button", name="Take your time.").click()
        area = page.get_by_label("Reply to the person")
        assert TIME_FARSI in await area.input_value()
        assert await area.get_attribute("lang") == "fa"
        assert await area.evaluate("(area) => getComputedStyle(area).direction") == "rtl"
        await expect(page.locator(".meaning")).to_contain_text("Take your time. You decide what you tell me.")
        await ana.look("phrase-inserted-rtl")
        await page.keyboard.press("Control+Enter")
        await fener.until(lambda: any(TIME_FARSI in text for text in sam.heard), "the phrase arrives")
        await expect(page.locator(".meaning")).to_be_hidden()

        await area.fill("in my own words")
        await expect(page.locator(".meaning")).to_be_hidden()
        assert await area.get_attribute("lang") == ""
        await area.fill("x" * 1601)
        await expect(page.get_by_text("Longer than one message (1600 characters)")).to_be_visible()

        await one_is_warned_before_asking_for_too_much(ana)
        await fener.until(
            lambda: any(BY_PHONE in text for text in sam.heard), "what is sent all the same arrives"
        )
        await decline(ana)
        await fener.until(lambda: any(CANNOT_TAKE in text for text in sam.heard), "they hear so")
        await expect(ana.in_queue(designation)).to_have_count(0)


async def the_words_are_those_that_the_person_was_told(
    ana: Caseworker, first: Locator, heard: list[str]
) -> None:
    """They stand beside the case and in the phrase that greets."""
    words = await ana.page.locator("strong.code-words").inner_text()
    assert any(words in text for text in heard)
    await expect(first.locator(".english")).to_contain_text(words)
    await expect(first.locator(".own")).to_contain_text(words)


async def one_is_warned_before_asking_for_too_much(ana: Caseworker) -> None:
    """Twice the same key sends it: the first press only says what is wrong. What is no such question goes at once."""
    page = ana.page
    area, hint = page.get_by_label("Reply to the person"), page.locator(".hint")
    await area.fill("What happened? " + BY_PHONE)
    await expect(hint).to_contain_text("Helpers never ask for a phone number or a call: impostors do.")
    await expect(hint).to_contain_text("The case already says what happened.")
    await area.press("Control+Enter")
    again = page.get_by_role("button", name="Send all the same")
    await expect(again).to_be_focused()
    assert await area.input_value() == "What happened? " + BY_PHONE
    await ana.look("warned-of-asking")
    await area.fill("Take your time.")
    await expect(hint).to_be_empty()
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    await area.fill(BY_PHONE)
    await again.click()
    await expect(area).to_have_value("")


async def read_the_wishes(ana: Caseworker) -> None:
    """Nothing can be sent before they were read; what was said stands there."""
    page = ana.page
    wishes = page.locator("dt", has_text="Interpreter and wishes").locator("+ dd").locator("li")
    await expect(wishes).to_have_text(
        [
            f"Language: {WISH}",
            "Who may interpret: A woman",
            "Where the interpreter is from: From outside",
            "Writing or speaking: By voice",
        ]
    )
    assert await page.locator("aside").get_by_text(WISH, exact=True).count() == 1
    await one_page_stands_beside_the_case(ana)
    first = page.get_by_role("region", name="Before the first answer")
    await expect(first).to_contain_text("Who may interpret: A woman")
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_hidden()
    await expect(page.get_by_text("Read first how to speak with them, above.")).to_be_visible()
    await ana.look("wishes-first")
    await page.set_viewport_size({"width": 360, "height": 740})
    await ana.look("wishes-first-360", full=True)
    await page.set_viewport_size({"width": 1280, "height": 800})
    await first.get_by_role("button", name="I have read this").click()
    await expect(first).to_be_hidden()
    await expect(page.get_by_label("Reply to the person")).to_be_focused()


async def decline(ana: Caseworker) -> None:
    """Say for the organisation that it cannot take the case; a reason has to be chosen."""
    page = ana.page
    await page.get_by_role("button", name="Decline ...").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("what they wrote to you goes nowhere")
    await dialog.get_by_role("button", name="Decline the case").click()
    await expect(dialog.get_by_label("No capacity now")).to_be_focused()
    await dialog.get_by_label("No capacity now").check()
    await dialog.get_by_label("More, for colleagues").fill("We are full until Monday")
    await ana.look("decline")
    await page.set_viewport_size({"width": 360, "height": 740})
    await ana.look("decline-360")
    await page.set_viewport_size({"width": 1280, "height": 800})
    await dialog.get_by_role("button", name="Decline the case").click()
    await expect(dialog).to_be_hidden()


async def test_what_is_possible_is_said_from_what_is_so(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        await page.clock.install()
        await ana.enrol(fener.invitation())
        await ana.start()
        box = page.locator(".possible")

        def said(what: str) -> Locator:
            return page.locator(".possible dt", has_text=what).locator("+ dd")

        await expect(said("People write by")).to_have_text("WhatsApp. You see no number and no name.")
        await expect(said("On duty")).to_contain_text("Ana (you) until")
        await expect(said("Can receive cases")).to_contain_text("nobody can open the cases")
        await expect(said("Demo")).to_contain_text("made up")
        await ana.look("possible-network")
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await ana.open(designation)
        await expect(said("A reply")).to_contain_text("Live now (seen at")
        await expect(said("The app")).to_contain_text("WhatsApp takes 1600 characters")
        await expect(said("The app")).to_contain_text("24 hours")
        await expect(said("Can open it")).to_have_text("You")
        await expect(said("Deleted")).to_contain_text("14 days after closing, on ")
        await expect(page.locator(".live")).to_contain_text("Live on WhatsApp")
        await ana.look("possible-live", full=True)

        await page.clock.fast_forward(6 * 60_000)
        await page.keyboard.press("Shift")
        await page.clock.fast_forward(
            5 * 60_000
        )  # nobody knows any more whether it is live: nothing is claimed
        await expect(said("A reply")).to_contain_text("Not live.", timeout=40_000)
        await page.get_by_role("button", name="Claim").click()
        await expect(said("A reply")).to_contain_text("Live now. It goes out at once")
        await sam.say("0")
        await expect(said("A reply")).to_contain_text("Not live.", timeout=15_000)
        await expect(page.locator(".live")).to_have_text("Not live: a reply waits for their next message.")
        await expect(said("The app")).to_contain_text("kept nowhere")
        await ana.reply("I am here when you want to write.")
        await expect(page.get_by_text("Sealed and waiting")).to_be_visible()
        await ana.look("possible-waiting", full=True)
        assert await box.count() == 1
