"""Several caseworkers: two in the demo, and a real organisation whose lead signs a colleague in."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from bot.installation import SystemClock
from bot.storage.audit import SqlAuditTrail
from bot.storage.database import open_database
from bot.storage.staff import SqlStaffRegister
from bot.usecases.invite_caseworker import InviteCaseworker
from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_work import WORDS, hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import Installation, on_whatsapp

pytestmark = pytest.mark.browser


async def invite(fener: Installation, organisation: str, role: str = "caseworker") -> str:
    """A link for one more person, as `fener staff invite` makes it."""
    database = await open_database(f"sqlite:///{fener.folder / 'data' / 'fener.db'}", version="test")
    try:
        inviting = InviteCaseworker(
            register=SqlStaffRegister(database), audit=SqlAuditTrail(database), clock=SystemClock()
        )
        return await inviting(organisation, role, console=f"http://localhost:{fener.port}/console/")
    finally:
        await database.close()


async def test_two_caseworkers_share_a_case_by_notes_and_by_giving_it_back(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana, mina = await desks.new(), await desks.new(name='Mina <img src=x onerror="alert(1)">', dark=True)
        await ana.enrol(fener.invitation())
        await ana.start()
        await mina.enrol(await invite(fener, "rs-demo-lantern"))
        await mina.start()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)

        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await ana.open(designation)
        await ana.page.keyboard.press("c")
        await expect(ana.page.get_by_role("button", name="Give back")).to_be_visible()
        await expect(mina.in_queue(designation)).to_contain_text("With Ana", timeout=15_000)
        await mina.open(designation)
        assert await mina.said() == [WORDS]
        await expect(mina.page.get_by_text("With Ana. You can write a note to them.")).to_be_visible()
        await mina.page.keyboard.press("n")
        await mina.page.get_by_label("Note to colleagues").fill("I know the shelter there.")
        await mina.page.keyboard.press("Control+Enter")
        await expect(mina.page.locator(".log")).to_contain_text("I know the shelter there.")
        await mina.look("note-dark")

        await ana.page.locator("h1").focus()
        await ana.page.keyboard.press("b")
        await ana.page.get_by_label("Another colleague knows more").check()
        await ana.page.get_by_role("button", name="Give back").last.click()
        await expect(ana.in_queue(designation)).to_contain_text("Waiting", timeout=15_000)
        await expect(ana.page.locator(".log")).to_contain_text("I know the shelter there.")
        await expect(mina.page.locator(".log")).to_contain_text(
            "Given back: Another colleague knows more", timeout=15_000
        )
        await mina.page.route("**/claim", on_a_slow_line)
        await mina.page.get_by_role("button", name="Claim").click()
        await mina.page.get_by_role("button", name="To the person").click()
        await mina.reply("I am Mina, I take over from Ana.")
        await fener.until(lambda: any("take over" in text for text in sam.heard), "Mina is heard")
        assert not any("shelter there" in text or "Given back" in text for text in sam.heard)

        await mina.page.get_by_role("button", name="Team").click()
        await expect(mina.page.get_by_role("rowheader", name="Ana")).to_be_visible()
        await mina.look("team", full=True)
        assert "I know the shelter there." in await opened_by_cli(fener, mina, designation, tmp_path)


async def on_a_slow_line(route: Route) -> None:
    """The answer takes its time; who works on meanwhile must not run into their own deed."""
    answer = await route.fetch()
    await asyncio.sleep(0.5)
    await route.fulfill(response=answer)


async def opened_by_cli(fener: Installation, who: Caseworker, designation: str, folder: Path) -> str:
    """What `fener case open` shows with the key file that the browser saved."""
    saved = await who.save_key_file(folder)
    passphrase = folder / "words"
    passphrase.write_text(" ".join(who.words))
    code, out, errors = await fener.fener(
        "case", "open", designation, "--keys", str(saved), "--passphrase-file", str(passphrase), home="cli"
    )
    assert code == 0, errors
    return out


async def test_a_real_organisations_lead_pins_the_root_and_signs_a_colleague_in_by_words(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path, FENER_DEMO="0") as fener:
        lea = await desks.new(name="Lea")
        await lea.enrol(await invite(fener, "rs-demo-harbour", "lead"))
        lines = await lea.page.locator("pre").inner_text()
        assert re.fullmatch(r'\[keyrings\]\nrs-demo-harbour = "[0-9a-f]{64}"', lines)
        await lea.look("founded")
        await lea.start()
        await expect(lea.page.get_by_text("No open case.")).to_be_visible()

        omar = await desks.new(name="Omar", width=360, height=740)
        await omar.enrol(await invite(fener, "rs-demo-harbour"))
        theirs = await omar.page.locator(".card .words-list li").all_text_contents()
        await omar.picture("wait-for-lead-360", full=True)
        await omar.start()
        await expect(omar.page.get_by_text("The operator has not pinned your keyring yet")).to_be_visible()

        await lea.page.keyboard.press("t")
        person = lea.page.get_by_role("listitem").filter(has_text="Omar")
        await expect(person.locator(".words-list li")).to_have_count(8)
        assert await person.locator(".words-list li").all_text_contents() == theirs
        await lea.look("waiting-colleague", full=True)
        await person.get_by_role("button", name="Sign in Omar").click()
        await lea.page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(lea.page.get_by_role("dialog")).to_be_visible()
        await lea.page.get_by_label("We compared the words by voice").check()
        await lea.page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(lea.page.get_by_role("rowheader", name="Omar")).to_be_visible()
