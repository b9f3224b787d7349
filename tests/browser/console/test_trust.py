"""What somebody who writes the database can make a caseworker believe: nothing."""

from pathlib import Path

import aiosqlite
import pytest
from playwright.async_api import expect

from bot.crypto.derive import info
from bot.crypto.suites import SealingKey, SuiteId
from bot.crypto.wire import from_base64, to_base64
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


SEAL = """async ({publicKeys, words}) => {
  const [keys, wire] = await Promise.all(
    ["keys", "wire"].map((name) => import(`/console/static/crypto/${name}.js`)));
  const sealed = {};
  for (const [suite, raw] of Object.entries(publicKeys)) {
    const to = wire.fromBase64(raw, "test");
    sealed[suite] = wire.toBase64(await keys.sealTo(to, wire.utf8(words), keys.label("test"), suite));
  }
  return sealed;
}"""


async def test_what_chromium_seals_python_opens_with_either_kind_of_key(desks: Desks, tmp_path: Path) -> None:
    suites: tuple[SuiteId, ...] = ("x25519", "x-wing")
    keys = {suite: SealingKey.make(suite) for suite in suites}
    async with Installation(tmp_path) as fener:
        ana = await desks.new()
        await ana.page.goto(f"{fener.url}/console/")
        public_keys = {suite: to_base64(key.public) for suite, key in keys.items()}
        sealed = await ana.page.evaluate(SEAL, {"publicKeys": public_keys, "words": WORDS})
    for suite, key in keys.items():
        opened = key.open(from_base64(sealed[suite], "test"), info("test"))
        assert opened.decode() == WORDS


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
