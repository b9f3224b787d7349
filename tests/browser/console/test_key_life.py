"""What happens to keys over time: a colleague shares an open case, new words for a lost paper, nothing can be read out."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.console.conftest import Desks
from tests.browser.console.test_team import invite
from tests.browser.console.test_work import WORDS, hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

WATCH_KEYS = """(() => {
  globalThis.usedKeys = [];
  const { subtle } = globalThis.crypto;
  for (const name of ["sign", "deriveBits", "deriveKey", "encrypt", "decrypt"]) {
    const real = subtle[name].bind(subtle);
    Object.defineProperty(subtle, name, { value: (how, key, ...rest) => {
      globalThis.usedKeys.push([name, key]);
      return real(how, key, ...rest);
    } });
  }
})()"""
"""Every key that signs, opens, seals or derives from now on."""

USED = """async () => {
  const readOut = new Set();
  const kinds = new Set();
  for (const [name, key] of globalThis.usedKeys) {
    const out = await crypto.subtle.exportKey(key.type === "secret" ? "raw" : "pkcs8", key).catch(() => null);
    kinds.add(`${name} ${key.algorithm.name}`);
    if (key.extractable || out !== null) readOut.add(`${name} ${key.algorithm.name}`);
  }
  return { kinds: [...kinds].sort(), readOut: [...readOut] };
}"""


async def test_a_case_is_shared_with_who_could_not_read_it_and_new_words_replace_the_old_ones(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        await ana.page.add_init_script(WATCH_KEYS)
        await ana.enrol(fener.invitation())
        await ana.start()
        designation = await hand_over(twilio.person("+381601234567"))
        bo = await desks.new(name="Bo", width=360, height=740)
        await bo.enrol(await invite(fener, "rs-demo-lantern"))
        await bo.start()
        await bo.in_queue(designation).click()
        await expect(bo.page.get_by_text("Ask one of them to share it with you")).to_be_visible()

        await ana.page.get_by_role("button", name="Team").click()
        await ana.page.get_by_role("button", name="Share open cases with Bo").click()
        await ana.look("share")
        await ana.page.get_by_role("button", name="Share", exact=True).click()
        await expect(ana.page.get_by_text("Shared: one case.")).to_be_visible(timeout=20_000)
        await bo.page.reload()
        await bo.unlock()
        await bo.open(designation)
        assert await bo.said() == [WORDS]

        await bo.page.get_by_role("button", name="Team").click()
        await bo.page.get_by_role("button", name="Use on another computer").click()
        await bo.look("another-computer-360", full=True)
        await bo.page.get_by_role("button", name="Close").click()

        await ana.page.get_by_role("button", name="Make new words").click()
        await ana.page.get_by_label("Your six words, as they are now").fill("not these words at all now")
        await ana.page.get_by_role("button", name="Continue").click()
        await expect(ana.page.get_by_text("These words do not open the keys.")).to_be_visible(timeout=20_000)
        await ana.page.get_by_label("Your six words, as they are now").fill(" ".join(ana.words))
        await ana.page.get_by_role("button", name="Continue").click()
        chips = ana.page.locator("#new-words li")
        await expect(chips).to_have_count(6, timeout=20_000)
        old, ana.words = ana.words, await chips.all_text_contents()
        for place, word in enumerate(ana.words):
            box = ana.page.get_by_label(f"New word {place + 1}", exact=True)
            if await box.count():
                await box.fill(word)
        assert await ana.axe() == []
        use = ana.page.get_by_role("button", name="Use the new words")
        await expect(use).to_be_enabled(timeout=20_000)
        await use.click()
        await expect(ana.page.get_by_role("heading", name="My keys")).to_be_visible()

        used = await ana.page.evaluate(USED)
        own = {"decrypt AES-GCM", "encrypt AES-GCM", "sign Ed25519", "deriveBits X25519", "deriveBits HKDF"}
        assert own <= set(used["kinds"])
        assert used["readOut"] == []

        await ana.page.get_by_role("button", name="Lock").click()
        await ana.page.get_by_label("Your six words").fill(" ".join(old))
        await ana.page.get_by_role("button", name="Unlock").click()
        await expect(ana.page.get_by_text("These words do not open the keys.")).to_be_visible(timeout=20_000)
        await ana.unlock()
