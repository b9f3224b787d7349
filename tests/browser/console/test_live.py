"""What a colleague does appears by itself, and takes nothing away from who is typing."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.console.conftest import Desks
from tests.browser.console.test_team import invite
from tests.browser.console.test_work import hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

TYPING = "I am still thinking about what to"


async def test_a_note_a_claim_a_return_and_a_close_of_a_colleague_appear_while_one_types(
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
        for each in (ana, mina):
            await expect(each.in_queue(designation)).to_be_visible(timeout=15_000)
            await each.open(designation)
        area = ana.page.get_by_label("Reply to the person")
        await area.fill(TYPING)

        async def nothing_is_lost() -> None:
            assert await area.input_value() == TYPING
            assert await area.evaluate("(area) => area === document.activeElement")

        await mina.page.get_by_role("button", name="Note to colleagues").click()
        await mina.page.get_by_label("Note to colleagues: the").fill("I know the shelter there.")
        await mina.page.get_by_role("button", name="Keep note").click()
        await expect(ana.page.locator(".log")).to_contain_text("I know the shelter there.", timeout=15_000)
        await expect(ana.in_queue(designation)).to_contain_text("1 note")
        await nothing_is_lost()

        await mina.page.get_by_role("button", name="Claim").click()
        await expect(ana.in_queue(designation)).to_contain_text("With Mina", timeout=15_000)
        await expect(ana.page.get_by_text("With Mina. You can write a note to them.")).to_be_visible()
        await expect(ana.page.get_by_text("What you wrote was not sent; it stays here.")).to_be_visible()
        await expect(ana.page.get_by_role("button", name="Send", exact=True)).to_be_hidden()
        await nothing_is_lost()
        await ana.page.keyboard.press("Control+Enter")
        await ana.look("claimed-while-typing")

        await mina.page.get_by_role("button", name="Give back").click()
        await mina.page.get_by_label("My shift ends").check()
        await mina.page.get_by_role("button", name="Give back").last.click()
        await expect(ana.in_queue(designation)).to_contain_text("Waiting", timeout=15_000)
        await expect(ana.page.locator(".log")).to_contain_text("Given back: My shift ends")
        await expect(ana.page.get_by_role("button", name="Send", exact=True)).to_be_visible()
        await nothing_is_lost()
        assert not any(TYPING in text for text in sam.heard)

        await mina.page.get_by_role("button", name="Close", exact=True).click()
        await mina.page.get_by_label("The person asked to close").check()
        await mina.page.get_by_role("button", name="Close the case").click()
        told = ana.page.get_by_role("dialog", name="The case that you had open was closed or erased")
        await expect(told.get_by_label("Your reply")).to_have_value(TYPING, timeout=15_000)
        await ana.look("closed-while-typing")
        await told.get_by_role("button", name="Let it go").click()
        await expect(ana.page.get_by_text("No open case.")).to_be_visible()
        await expect(ana.page.get_by_role("dialog")).to_have_count(0)
        assert TYPING not in await ana.page.content()


async def test_what_was_not_sent_is_still_there_after_a_look_at_another_case(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation())
        await ana.start()
        one = await hand_over(twilio.person("+381601234567"))
        two = await hand_over(twilio.person("+381601234568"))
        await expect(ana.in_queue(two)).to_be_visible(timeout=15_000)
        await ana.open(one)
        await ana.page.get_by_label("Reply to the person").fill(TYPING)
        await ana.open(two)
        await expect(ana.page.get_by_label("Reply to the person")).to_have_value("")
        await ana.page.get_by_role("button", name="Team").click()
        await ana.open(one)
        await expect(ana.page.get_by_label("Reply to the person")).to_have_value(TYPING)

        await ana.page.get_by_role("button", name="Lock").click()
        await ana.unlock()
        await ana.open(one)
        await expect(ana.page.get_by_label("Reply to the person")).to_have_value("")
