"""What each role sees when it signs in; and what a caseworker can do against words that hurt."""

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Request, expect

from bot.installation import SystemClock
from bot.usecases.keep_counters import week_of
from bot.usecases.quarter import last_over, quarter_of
from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_story import TOO_WIDE
from tests.browser.console.test_team import invite
from tests.browser.console.test_work import WORDS, hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

DEMO = "rs-demo-lantern"
RINGS_NOWHERE = {
    "FENER_SMTP_HOST": "127.0.0.1",
    "FENER_SMTP_PORT": "9",
    "FENER_SMTP_SECURITY": "none",
    "FENER_SMTP_FROM": "desk@example.org",
    "FENER_STAFF_TELEGRAM_TOKEN": "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "FENER_TELEGRAM_API_URL": "http://127.0.0.1:9",
}
"""A mail server and a messenger that are away."""


async def test_who_receives_no_cases_sees_what_their_role_does_and_no_queue(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        lead = await desks.new()
        await lead.enrol(fener.invitation())
        await lead.start()
        designation = await hand_over(twilio.person("+381601234567"))
        odo = await desks.new(name="Odo")
        asked: list[str] = []

        def heard(request: Request) -> None:
            asked.append(request.url.partition("/console/api")[2])

        odo.page.on("request", heard)
        await odo.enrol(await invite(fener, DEMO, "auditor"))
        await expect(odo.page.get_by_text("Your role receives no cases")).to_be_visible()
        await odo.page.get_by_role("button", name="Start working").click()
        await expect(odo.page.get_by_role("heading", name="Signed in as auditor")).to_be_visible()
        await expect(odo.page.get_by_text("Every line follows from the one before")).to_be_visible()
        await expect(odo.page.get_by_role("row", name="staff.enrolled 2")).to_be_visible()
        await odo.look("auditor")

        assert designation not in await odo.page.content()
        assert not [path for path in asked if path.startswith(("/cases", "/team", "/rules"))]
        await odo.page.get_by_role("button", name="Sign out everywhere").click()
        await expect(odo.page.get_by_text("You are signed out on every device.")).to_be_visible()
        await odo.page.get_by_label("Your six words").fill(" ".join(odo.words))
        await odo.page.get_by_role("button", name="Unlock").click()
        await expect(odo.page.get_by_role("heading", name="Signed in as auditor")).to_be_visible()

        admin = await desks.new(name="Adi")
        await admin.enrol(await invite(fener, DEMO, "content-admin"))
        await admin.page.get_by_role("button", name="Start working").click()
        await expect(admin.page.get_by_text("fener check")).to_be_visible()
        await admin.look("content-admin")


def count(file: Path) -> tuple[str, str]:
    """Counts of the newest quarter that is over, and its name with the one after it."""
    quarter = last_over(SystemClock().now().date())
    week = week_of(quarter.first)
    with sqlite3.connect(file) as connection:
        connection.executemany(
            "INSERT INTO counters VALUES (?, ?, ?, ?, ?)",
            [
                ("unmet", "shelter", "RS", week, 120),
                ("unmet", "shelter", "*", week, 30),
                ("outcome", "*", "helped", week, 40),
            ],
        )
    connection.close()
    return str(quarter), str(quarter_of(quarter.last + timedelta(days=1)))


def begins(file: Path) -> bytes:
    """The beginning of a file."""
    return file.read_bytes()[:20]


async def sees_the_report(who: Caseworker, quarter: str, newer: str) -> None:
    """The numbers as words, a bar of their width, both files, the method; nothing is wider than the page."""
    page = who.page
    report = page.locator("section.report")
    await expect(report.get_by_text(f"What was needed, {quarter}", exact=True)).to_be_visible()
    await expect(report.get_by_role("row", name="all together 150 or more")).to_be_visible()
    shares = report.locator("tr", has_text="A safe place to sleep").locator(".share")
    await expect(shares).to_have_count(2)
    [longest, shortest] = [await shares.nth(place).bounding_box() for place in (0, 1)]
    assert longest is not None
    assert shortest is not None
    assert 0 < shortest["width"] < longest["width"]
    await who.look(f"report-{who.name}", full=True)
    assert await page.evaluate(TOO_WIDE) == 0
    for kind, starts in (("PDF", b"%PDF-"), ("CSV", b"\xef\xbb\xbftable")):
        async with page.expect_download() as saved:
            await report.get_by_role("button", name=f"Save as {kind}").click()
        file = await saved.value
        assert file.suggested_filename == f"fener-{quarter}.{kind.lower()}"
        assert begins(Path(await file.path())).startswith(starts)
    await report.get_by_text("How it was counted").click()
    await expect(report.get_by_text("A conversation is not a person")).to_be_visible()
    await report.get_by_label("Quarter").select_option(newer)
    await expect(report.get_by_text(f"What was needed, {newer}", exact=False)).to_be_visible()


async def _choose_how_to_be_rung(lead: Caseworker) -> None:
    """A mail address goes in, cannot be read back, rings nowhere where no server is, and goes; a code can be had."""
    section = lead.page.locator("#ways")
    await lead.page.set_viewport_size({"width": 360, "height": 740})
    await section.get_by_role("button", name="Add Telegram").click()
    await expect(lead.page.locator("#way-code")).to_have_text(re.compile(r"[0-9a-f]{4}(-[0-9a-f]{4}){3}"))
    await lead.look("ways-telegram-360")
    await lead.page.get_by_role("button", name="Done").click()
    await section.get_by_role("button", name="Add a mail address").click()
    await lead.look("ways-mail-360")
    await lead.page.set_viewport_size({"width": 1280, "height": 800})
    await lead.page.get_by_role("textbox", name="Mail address").fill("robin.canary@example.org")
    await lead.page.get_by_role("button", name="Add", exact=True).click()
    await expect(section.get_by_role("heading", name="Mail 1")).to_be_visible()
    assert "canary" not in await lead.page.content()
    await section.get_by_role("button", name="Ring now: Mail 1").click()
    await expect(lead.page.get_by_text("Nothing could be sent there")).to_be_visible()
    await section.get_by_role("heading", name="How I am rung").scroll_into_view_if_needed()
    await lead.look("ways")
    await lead.page.set_viewport_size({"width": 360, "height": 740})
    await section.get_by_role("heading", name="How I am rung").scroll_into_view_if_needed()
    await lead.look("ways-360")
    await lead.page.set_viewport_size({"width": 1280, "height": 800})
    await section.get_by_role("button", name="Take out: Mail 1").click()
    await expect(section.get_by_role("heading", name="Mail 1")).to_have_count(0)


async def test_a_lead_invites_and_removes_in_the_page(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path, **RINGS_NOWHERE) as fener:
        lead, cy = await desks.new(), await desks.new(name="Cy", width=360, height=740)
        quarters = count(tmp_path / "data" / "fener.db")
        await lead.enrol(fener.invitation())
        await lead.start()
        await lead.page.get_by_role("button", name="Team").click()
        await _choose_how_to_be_rung(lead)
        await lead.page.get_by_role("button", name="Invite somebody").click()
        await lead.page.get_by_label("Role").select_option("aggregate-only")
        await lead.page.get_by_role("button", name="Make a link").click()
        link = await lead.page.get_by_label("Link").input_value()
        await lead.look("invite")
        await lead.page.get_by_role("button", name="Done").click()

        await cy.enrol(link)
        await cy.page.get_by_role("button", name="Start working").click()
        await expect(cy.page.get_by_text("Nothing that can be told yet.")).to_be_visible()
        await sees_the_report(cy, *quarters)
        await lead.page.get_by_role("button", name="Numbers").click()
        await sees_the_report(lead, *quarters)
        await expect(lead.page.get_by_role("heading", name="Lantern Demo Centre yours")).to_be_visible()
        await expect(lead.page.get_by_text("too few cases to say").first).to_be_visible()
        await lead.page.keyboard.press("t")
        await lead.page.get_by_role("button", name="Remove Cy").click()
        await lead.page.get_by_role("button", name="Remove", exact=True).click()
        await expect(lead.page.get_by_role("button", name="Remove Cy")).to_have_count(0)
        await cy.page.get_by_role("button", name="Sign out everywhere").click()
        await expect(cy.page.get_by_text("Sign in again.")).to_be_visible()


async def test_words_can_be_put_out_of_sight_and_a_case_can_be_quiet(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation())
        await ana.start()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await ana.open(designation)
        words = ana.page.locator(".message.person .words").first

        await ana.page.get_by_role("button", name="Blur", exact=True).first.click()
        await expect(words).to_have_attribute("aria-hidden", "true")
        await ana.look("blurred")
        await ana.page.get_by_role("button", name="Show", exact=True).first.click()
        await expect(words).to_have_attribute("aria-hidden", "false")
        assert await ana.said() == [WORDS]
        await ana.page.get_by_role("button", name="Blur their words").click()
        await expect(words).to_have_attribute("aria-hidden", "true")

        await ana.page.get_by_role("button", name="Mute ...").click()
        await ana.look("mute")
        await ana.page.get_by_role("button", name="1 hour", exact=True).click()
        await expect(ana.page.get_by_text("takes no words until")).to_be_visible()
        assert "Nothing was sent" in str(await sam.say("something that hurts"))
        await ana.page.get_by_role("button", name="Muted ...").click()
        await ana.page.get_by_role("button", name="Take words again").click()
        await expect(ana.page.get_by_text("takes no words until")).to_have_count(0)
