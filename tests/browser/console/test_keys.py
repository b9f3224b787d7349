"""Keys in the browser: locking, unlocking, losing them, and a browser that cannot keep them."""

import re
from pathlib import Path

import aiosqlite
import pytest
from playwright.async_api import expect

from tests.browser.console.conftest import Desks
from tests.browser.console.test_work import WORDS, hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import Installation, on_whatsapp

pytestmark = pytest.mark.browser
EVERYTHING_KEPT = """async () => {
  const all = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
    });
    for (const table of database.objectStoreNames) {
      all.push(await new Promise((resolve) => {
        const asked = database.transaction(table).objectStore(table).getAll();
        asked.onsuccess = () => resolve(asked.result);
      }));
    }
  }
  return JSON.stringify([all, {...localStorage}, {...sessionStorage}, document.cookie, await caches.keys()]);
}"""


async def test_ten_quiet_minutes_lock_the_page_and_the_words_open_it_again(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        await page.clock.install()
        await ana.enrol(fener.invitation())
        await ana.start()
        designation = await hand_over(twilio.person("+381601234567"))
        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await ana.open(designation)
        await page.clock.fast_forward(9 * 60_000)
        assert await ana.said() == [WORDS]

        await page.clock.fast_forward(70_000)
        await expect(page.get_by_role("heading", name="Unlock your keys")).to_be_visible()
        assert WORDS not in await page.content()
        assert designation not in await page.content()
        await ana.look("locked")
        await hand_over(twilio.person("+381601234568"), "a second person")
        await page.clock.fast_forward(20_000)
        await expect(page).to_have_title("(2) Fener")  # locked, and still counting

        await page.get_by_label("Your six words").fill("six words that are not these")
        await page.get_by_role("button", name="Unlock").click()
        await expect(page.get_by_text("These words do not open the keys.")).to_be_visible(timeout=20_000)
        await ana.unlock()
        await ana.open(designation)
        assert await ana.said() == [WORDS]

        await page.get_by_role("button", name="Lock").click()
        async with aiosqlite.connect(fener.folder / "data" / "fener.db") as database:
            await database.execute("DELETE FROM staff_sessions")
            await database.commit()
        await page.clock.fast_forward(20_000)
        await expect(page.get_by_text("nothing rings until you unlock")).to_be_visible()
        await ana.unlock()

        kept = await page.evaluate(EVERYTHING_KEPT)
        assert "box" in kept
        kept = re.sub(r'[\\"]+\w+[\\"]+:', "", kept)  # "kind" and "box" may be among the words,
        kept = kept.replace("caseworker", "")  # and so may "case"
        for secret in (WORDS, designation, "Ana", *ana.words):
            assert secret not in kept

        await page.goto("about:blank")
        await page.go_back()
        await expect(page.get_by_role("heading", name="Unlock your keys")).to_be_visible()
        assert WORDS not in await page.content()


async def test_a_lost_browser_is_replaced_by_the_key_file_and_the_words(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation())
        await ana.page.emulate_media(media="print")
        await ana.picture("recovery-sheet", full=True)
        sheet = await ana.page.locator(".sheet").inner_text()
        assert all(word in sheet for word in ana.words)
        await ana.page.emulate_media(media="screen")
        saved = await ana.save_key_file(tmp_path)
        assert saved.name == "fener-keys-ana.json"
        designation = await hand_over(twilio.person("+381601234567"))

        again = await desks.new(width=360, height=740)
        again.words = ana.words
        page = again.page
        await page.goto(f"http://localhost:{fener.port}/console/")
        await expect(page.get_by_role("heading", name="The caseworkers' console")).to_be_visible()
        await again.look("welcome-360", full=True)
        await page.get_by_role("button", name="I have a key file").click()
        await page.get_by_label("Key file").set_input_files(saved)
        await page.get_by_role("button", name="Use this file").click()
        await again.unlock()
        await again.open(designation)
        assert await again.said() == [WORDS]


async def test_a_browser_without_the_needed_cryptography_is_told_before_it_starts(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path) as fener:
        old = await desks.new()
        await old.page.add_init_script(
            "const real = crypto.subtle.generateKey.bind(crypto.subtle);"
            "crypto.subtle.generateKey = async (how, ...rest) => {"
            " if (how.name === 'X25519') throw new DOMException('no', 'NotSupportedError');"
            " return real(how, ...rest); }"
        )
        await old.page.goto(fener.invitation())
        await expect(old.page.get_by_role("heading", name="cannot keep your keys")).to_be_visible()
        await expect(old.page.get_by_text("Your link is not used up")).to_be_visible()
        await old.look("unsupported")

        able = await desks.new()
        await able.page.goto(fener.invitation())
        await expect(able.page.get_by_label("Your work name")).to_be_visible()
        await able.page.goto("about:blank")
        await able.page.goto(fener.invitation()[:-3] + "abc")
        await expect(able.page.get_by_role("heading", name="This link does not work")).to_be_visible()
