"""What somebody who writes the database can make a caseworker believe: nothing."""

from pathlib import Path

import aiosqlite
import pytest
from playwright.async_api import expect

from tests.browser.console.conftest import Desks
from tests.browser.console.test_work import WORDS, hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import Installation, on_whatsapp

pytestmark = pytest.mark.browser


async def write(fener: Installation, statement: str, *values: object) -> list[bytes]:
    """What somebody with write access to the database does; the first column of what comes back."""
    async with aiosqlite.connect(fener.folder / "data" / "fener.db") as database:
        rows = await (await database.execute(statement, values)).fetchall()
        await database.commit()
    return [row[0] for row in rows]


ENVELOPE = "sequence = ? AND direction = 'in' AND \"case\" = (SELECT id FROM cases WHERE designation = ?)"
READ = f"SELECT sealed FROM envelopes WHERE {ENVELOPE}"
REPLACE = f"UPDATE envelopes SET sealed = ? WHERE {ENVELOPE}"


async def test_changed_moved_and_missing_messages_are_told_and_nothing_of_them_is_shown(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        await ana.enrol(fener.invitation())
        await ana.start()
        sam, lou = twilio.person("+381601234567"), twilio.person("+381601234568")
        first, second = await hand_over(sam), await hand_over(lou, "nobody else reads this")
        await sam.say("it is cold and I am alone")
        await expect(ana.in_queue(second)).to_be_visible()
        alarm = page.get_by_role("alert")

        [mine], [theirs] = await write(fener, READ, 1, first), await write(fener, READ, 1, second)
        await write(fener, REPLACE, theirs, 1, first)
        await ana.in_queue(first).click()
        await expect(alarm).to_contain_text("was changed (envelope.elsewhere)")
        await ana.picture("tampered")
        for hidden in (WORDS, "nobody else reads this", "it is cold"):
            assert hidden not in await page.content()

        changed = mine.replace(b'"sig":"', b'"sig":"A')
        await write(fener, REPLACE, changed, 1, first)
        await ana.in_queue(first).click()
        await expect(alarm).to_contain_text("was changed (envelope.format)")

        await write(fener, REPLACE, mine, 1, first)
        await ana.open(first)
        assert await ana.said() == [WORDS, "it is cold and I am alone"]
        await page.keyboard.press("q")
        await write(fener, f"DELETE FROM envelopes WHERE {ENVELOPE}", 2, first)
        await ana.in_queue(first).click()
        await expect(alarm).to_contain_text("is missing")
        assert WORDS not in await page.content()

        await ana.open(second)
        assert await ana.said() == ["nobody else reads this"]
        await write(
            fener,
            "UPDATE keyrings SET entry = CAST(replace(CAST(entry AS TEXT), 'a', 'b') AS BLOB) WHERE position = 1",
        )
        await page.get_by_role("button", name="Team").click()
        await expect(alarm).to_contain_text("does not verify")

        await write(fener, "DELETE FROM keyrings WHERE position = 1")
        await page.get_by_role("button", name="Team").click()
        await expect(alarm).to_contain_text("keyring.truncated")
