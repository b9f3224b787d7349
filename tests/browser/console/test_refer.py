"""Proposing a second organisation in the page: who, with which words, and what the person and both teams then see."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.cli.referring import LABELS
from tests.browser.console.conftest import Desks
from tests.browser.console.test_team import invite
from tests.browser.console.test_work import WORDS, hand_over, number_of
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.installation import Installation, on_whatsapp

pytestmark = pytest.mark.browser

WHEELS = "rs-demo-wheels"
NOTE = "Needs a doctor this week"
STATIC = Path(__file__).resolve().parents[3] / "bot" / "web" / "console" / "static"


def test_the_page_and_the_command_line_call_each_field_what_the_person_reads() -> None:
    page = (STATIC / "view" / "refer.js").read_text("utf-8")
    sentences = (STATIC.parents[3] / "translations" / "ui.pot").read_text("utf-8")

    for name, label in LABELS.items():
        assert f'  {name}: "{label}",' in page
        assert f'msgctxt "engine/referral.field.{name}"\nmsgid "{label}"' in sentences


async def answer_and_decline(fener: Installation, sam: WhatsAppPerson) -> None:
    """The person says yes to the words, and the second team, which got them alone, has no room."""
    await sam.say("hello")
    await sam.say(number_of("Read", sam.heard[-1]))
    assert NOTE in sam.heard[-1]
    await sam.say(number_of("Yes, send this", sam.heard[-1]))
    [case] = await fener.cases("rosa")
    opened = await fener.case("open", case["designation"], home="rosa")
    assert NOTE in opened
    assert "Lantern Demo Centre" in opened
    assert WORDS not in opened
    await fener.case("send-back", case["designation"], "--reason", "full", home="rosa")
    await sam.say("hello again")
    await sam.say(number_of("Read", sam.heard[-1]))
    assert "They have no room at the moment." in sam.heard[-1]


async def test_a_caseworker_proposes_another_organisation_and_only_the_ticked_words_reach_it(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation())
        await ana.start()
        page = ana.page
        link = await invite(fener, WHEELS, "lead")
        await fener.case("enrol", "--invite", link, "--alias", "Rosa", home="rosa")
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await expect(ana.in_queue(designation)).to_be_visible()
        await ana.open(designation)
        await page.get_by_role("button", name="Claim").click()
        await page.get_by_role("button", name="Refer ...").click()

        preview = page.get_by_role("region", name="What would leave")
        await expect(page.get_by_label("Which organisation")).to_contain_text("Wheels")
        await page.get_by_label("About what").select_option("health")
        await expect(preview).to_contain_text("Topic: Health")
        await expect(preview).not_to_contain_text(WORDS)
        await page.get_by_role("checkbox", name="Note from the helper").check()
        await page.get_by_role("textbox", name="Note from the helper").fill(NOTE)
        await page.get_by_role("checkbox", name="About who you are").check()
        await page.get_by_role("textbox", name="About who you are").fill("a trans woman")
        await expect(preview).to_contain_text(f"Note from the helper: {NOTE}")
        await expect(preview).not_to_contain_text("trans")
        await page.get_by_role("button", name="Ask the person").click()
        allow = page.get_by_role("checkbox", name="This is not an LGBTIQ+ organisation.")
        await expect(allow).to_be_focused()
        await page.get_by_role("checkbox", name="About who you are").uncheck()
        await ana.look("refer-1280")
        await page.set_viewport_size({"width": 360, "height": 740})
        await ana.look("refer-360")
        wide = await page.evaluate("document.querySelector('dialog').scrollWidth <= innerWidth")
        assert wide
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.get_by_role("button", name="Ask the person").click()
        await expect(page.get_by_text("Nothing leaves before they say yes.")).to_be_visible()
        others = page.locator("details", has_text="Other organisations")
        await expect(others).to_contain_text("The person is asked")
        assert await fener.cases("rosa") == []

        await answer_and_decline(fener, sam)
        await expect(others).to_contain_text("Not taken, no room at the moment")
        await ana.look("refer-declined")
