"""The directory in the page: two editors vouch, one changes the week, a person reports, the lead takes it out."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_team import invite
from tests.browser.console.test_work import number_of
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

CENTRE = "Asylum Protection Center"


async def open_the_centre(editor: Caseworker) -> None:
    page = editor.page
    await page.get_by_label("Show").select_option("all")
    await page.get_by_label("Find").fill("asylum protection")
    await page.get_by_role("button", name=CENTRE).click()
    await expect(page.get_by_role("heading", name="Services", exact=True)).to_be_focused()


async def vouch(editor: Caseworker, label: str, picture: str) -> None:
    page = editor.page
    await page.get_by_role("button", name=label).click()
    for box in await page.get_by_role("checkbox").all():
        await box.check()
    await page.get_by_label("How I know").fill("called back on another number")
    await editor.look(picture)
    await page.get_by_role("button", name="Vouch", exact=True).click()


async def lawyers(sam: WhatsAppPerson) -> str:
    """What somebody reads who asks for a lawyer in Serbia and for more, until the centre comes or there is no more."""
    for text in ("hi", "1", "1", "I need a lawyer"):
        await sam.say(text)
    for label in ("Another country", "Serbia"):
        await sam.say(number_of(label, sam.heard[-1]))
    while CENTRE not in sam.heard[-1] and "That was all I found." not in sam.heard[-1]:
        await sam.say(number_of("Show more", sam.heard[-1]))
    return sam.heard[-1]


async def change_the_week(edi: Caseworker) -> None:
    """Hours and a notice, with what they mean shown before they count."""
    page = edi.page
    await page.get_by_label("Open, as OpenStreetMap").fill("every day")
    await expect(page.get_by_text("write it like 'Mo-Fr 09:00-17:00; PH off'")).to_be_visible()
    await expect(page.get_by_label("Open, as OpenStreetMap")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Open, as OpenStreetMap").fill("Mo-Su 10:00-14:00")
    await expect(page.get_by_text("10:00–14:00").first).to_be_visible()
    await page.get_by_label("Notice", exact=True).fill("Ring twice")
    await expect(page.locator(".person-card")).to_contain_text("Ring twice")
    await page.get_by_label("The card as a person reads it, in").select_option("ar")
    await expect(page.locator(".person-card")).to_have_attribute("dir", "rtl")
    await page.get_by_label("Who told you, or where it stands").fill("they called")
    await edi.look("weekly", full=True)
    await page.get_by_role("button", name="Say it from now on").click()
    await expect(page.get_by_text("It counts from now on.")).to_be_visible()


async def test_two_editors_vouch_one_changes_the_week_a_person_reports_and_a_lead_takes_it_out(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana, edi = await desks.new(), await desks.new(name="Edi")
        bo = await desks.new(name="Bo", width=360, height=740, dark=True)
        await ana.enrol(fener.invitation())
        await ana.start()
        await edi.enrol(await invite(fener, "rs-demo-lantern", "directory-editor"))
        await bo.enrol(await invite(fener, "rs-demo-harbour", "directory-editor"))
        for editor in (edi, bo):
            await editor.page.get_by_role("button", name="Start working").click()
            await expect(editor.page.get_by_role("heading", name="Directory", exact=True)).to_be_visible()
        await edi.look("editor-list")
        await bo.look("editor-list-dark-360")

        await open_the_centre(edi)
        await edi.look("service-unverified", full=True)
        await vouch(edi, "Vouch for it ...", "vouch")
        await expect(edi.page.get_by_text("vouches: a second vetter has to")).to_be_visible()
        await expect(edi.page.get_by_role("button", name="Vouch")).to_have_count(0)
        assert CENTRE not in await lawyers(twilio.person("+381601234501"))
        await open_the_centre(bo)
        await vouch(bo, "Vouch as the second ...", "vouch-dark-360")
        await expect(bo.page.get_by_text("Offered to people today.")).to_be_visible()
        await bo.look("service-dark-360", full=True)
        assert CENTRE in await lawyers(twilio.person("+381601234502"))

        await change_the_week(edi)
        sam = twilio.person("+381601234503")
        assert "Ring twice" in await lawyers(sam)

        for label in ("Main menu", "Tell us / complain", "I want to tell you", "Someone did wrong", "A place I was shown here"):  # fmt: skip
            await sam.say(number_of(label, sam.heard[-1]))
        await sam.say(number_of(CENTRE, sam.heard[-1]))
        assert "Noted." in sam.heard[-1]

        await ana.page.keyboard.press("o")
        await expect(ana.page.locator("button.service").first).to_contain_text("look into it")
        await ana.look("lead-list")
        await ana.page.locator("button.service").first.click()
        await expect(ana.page.get_by_text("Somebody reported it")).to_be_visible()
        await ana.look("lead-reported", full=True)
        await ana.page.get_by_role("button", name="Suspend now").click()
        await expect(ana.page.get_by_text("Not offered to anybody.")).to_be_visible()
        assert CENTRE not in await lawyers(twilio.person("+381601234504"))
        await ana.page.get_by_role("button", name="← Directory").click()
        await expect(ana.page.locator("button.service").first).to_be_focused()
