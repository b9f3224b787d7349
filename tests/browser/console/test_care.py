"""So that nobody carries too much alone: words that hurt, stepping back, a pause, what colleagues see of it, and a decision of two."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_team import invite
from tests.browser.console.test_work import hand_over
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

OTHERS = "Another person of the team can answer now."
TOLD = "Two of us agreed to call the emergency services"
HURTS = "Fuck YOU, nobody answers"


async def reads_what_hurts_when_ready(ana: Caseworker, sam: WhatsAppPerson) -> None:
    """With the keyboard. What comes meanwhile hides nothing again."""
    await sam.say(HURTS)
    hurtful = ana.page.locator(".message.person").filter(has_text="may hurt")
    await expect(hurtful).to_have_count(1, timeout=15_000)
    words = hurtful.locator(".words")
    await expect(words).to_have_attribute("aria-hidden", "true")
    await ana.look("words-that-hurt")
    await hurtful.get_by_role("button", name="Show").focus()
    await ana.page.keyboard.press("Enter")
    await expect(words).to_have_attribute("aria-hidden", "false")
    assert await words.inner_text() == HURTS
    await sam.say("I am sorry")
    await expect(ana.page.locator(".log")).to_contain_text("I am sorry", timeout=15_000)
    await expect(words).to_have_attribute("aria-hidden", "false")


async def steps_back(ana: Caseworker, designation: str) -> None:
    await ana.page.get_by_role("button", name="Step back").click()
    dialog = ana.page.get_by_role("dialog", name="Step back from this case?")
    await expect(dialog).to_contain_text(OTHERS)
    await expect(dialog.get_by_role("radio")).to_have_count(0)
    await ana.look("step-back")
    await dialog.get_by_role("button", name="Step back").click()
    await expect(ana.in_queue(designation)).to_contain_text("Waiting", timeout=15_000)
    await expect(ana.page.get_by_text("You stepped back.")).to_be_visible()


async def claims_and_takes_a_pause(mina: Caseworker, designation: str) -> None:
    await expect(mina.in_queue(designation)).to_contain_text("Waiting", timeout=15_000)
    await mina.open(designation)
    await mina.page.get_by_role("button", name="Claim").click()
    await mina.page.get_by_role("button", name="That was heavy").click()
    pause = mina.page.get_by_role("dialog", name="Take a pause?")
    await expect(pause.get_by_label(designation)).not_to_be_checked()
    await mina.look("pause")
    await pause.get_by_role("button", name="15 minutes").click()
    await expect(mina.page.get_by_role("button", name="Away until")).to_be_visible(timeout=15_000)
    await expect(mina.in_queue(designation)).to_contain_text("Yours")


async def takes_over(ana: Caseworker, designation: str) -> None:
    await expect(ana.in_queue(designation)).to_contain_text("With Mina", timeout=15_000)
    await ana.open(designation)
    await expect(ana.page.locator(".case-head")).to_contain_text("With Mina, away until")
    await ana.look("colleague-away")
    await ana.page.get_by_role("button", name="Take over").click()
    await expect(ana.in_queue(designation)).to_contain_text("Yours", timeout=15_000)


async def decide_together(ana: Caseworker, mina: Caseworker, designation: str) -> None:
    """Ana asks, Mina hears of it, reads and agrees, and only then can the person be told."""
    await ana.page.get_by_role("button", name="Emergency services").click()
    dialog = ana.page.get_by_role("dialog", name="Ask a colleague about the emergency services?")
    await dialog.get_by_role("button", name="Ask a colleague").click()
    await expect(dialog).to_be_visible()  # not before it is said whether telling them is safe
    await dialog.get_by_label("Yes: they are told before").check()
    await ana.look("emergency-ask")
    await dialog.get_by_role("button", name="Ask a colleague").click()
    here = ana.page.get_by_role("region", name="Emergency services")
    await expect(here).to_contain_text("You ask whether", timeout=15_000)
    await expect(here.get_by_role("button", name="I agree")).to_have_count(0)
    await expect(mina.in_queue(designation)).to_contain_text("asks for a second person", timeout=15_000)
    await mina.open(designation)
    there = mina.page.get_by_role("region", name="Emergency services")
    await expect(there).to_contain_text("Ana asks whether")
    await mina.look("emergency-asked")
    await there.get_by_role("button", name="I agree").click()
    await expect(there).to_contain_text("Ana and you agreed", timeout=15_000)
    await expect(there.get_by_role("button", name="We called")).to_have_count(0)
    await expect(here).to_contain_text("You and Mina agreed", timeout=15_000)
    await here.get_by_role("button", name="Tell the person").click()
    await ana.look("emergency-tell")
    await ana.page.get_by_role("button", name="Tell them").click()
    await expect(here).to_contain_text("the person was told", timeout=15_000)
    await here.get_by_role("button", name="We called").click()
    await expect(here).to_be_hidden(timeout=15_000)


async def is_back(mina: Caseworker) -> None:
    await mina.page.get_by_role("button", name="Away until").click()
    await mina.look("away-duty")
    await mina.page.get_by_role("button", name="End the pause").click()
    await expect(mina.page.get_by_role("button", name="On duty until")).to_be_visible(timeout=15_000)


async def test_who_has_enough_steps_back_or_takes_a_pause_and_a_colleague_goes_on(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana, mina = await desks.new(), await desks.new(name="Mina")
        await ana.enrol(fener.invitation())
        await ana.start()
        await mina.enrol(await invite(fener, "rs-demo-lantern"))
        await mina.start()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await ana.open(designation)
        await ana.reply("Hello, I am Ana.")
        await fener.until(lambda: any("I am Ana" in text for text in sam.heard), "the answer arrives")
        await reads_what_hurts_when_ready(ana, sam)
        await steps_back(ana, designation)
        await fener.until(lambda: any(OTHERS in text for text in sam.heard), "the person hears of it")
        await claims_and_takes_a_pause(mina, designation)
        await takes_over(ana, designation)
        await expect(mina.in_queue(designation)).to_contain_text("With Ana", timeout=15_000)
        await is_back(mina)
        await decide_together(ana, mina, designation)
        await fener.until(lambda: any(TOLD in text for text in sam.heard), "the person is told before")
        await ana.page.get_by_role("button", name="Team").click()
        await expect(ana.page.get_by_text("fewer than ten times")).to_be_visible()
