"""Passkeys: a second way to open the keys of this browser, which never takes the words away."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import CDPSession, Page, expect

from tests.browser.console.caseworker import SLOW, Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_work import WORDS, hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import Installation, on_whatsapp

pytestmark = pytest.mark.browser

IN_STORE = """async (change) => {
  const opening = indexedDB.open("fener-console", 1);
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(opening);
  const table = () => database.transaction("keys", "readwrite").objectStore("keys");
  const texts = (await done(table().get("passkeys"))) ?? [];
  const changed = texts.map((text) => {
    const record = JSON.parse(text);
    if (change === "box") record.box = (record.box[0] === "A" ? "B" : "A") + record.box.slice(1);
    if (change === "made") record.made += 86400;
    return change === "cut" ? text.slice(1) : JSON.stringify(record);
  });
  if (change) await done(table().put(changed, "passkeys"));
  database.close();
  return texts;
}"""
"""What the browser keeps of passkeys; with a change, that is written back. The keys are in order already."""

ONLY_WHEN_ASKED_AGAIN = """
if (globalThis.PublicKeyCredential) {
  const real = PublicKeyCredential.prototype.getClientExtensionResults;
  PublicKeyCredential.prototype.getClientExtensionResults = function () {
    const told = real.call(this);
    return told.prf?.enabled ? { ...told, prf: { enabled: true } } : told;
  };
}
"""
"""As many security keys do: they say that they can, and compute only at the next question."""

LISTEN = """
globalThis.asked = [];
for (const name of ["create", "get"]) {
  const real = navigator.credentials?.[name].bind(navigator.credentials);
  if (real) CredentialsContainer.prototype[name] = (options) => (asked.push(options.publicKey), real(options));
}
"""
"""Keeps what the page asked of authenticators, in `asked`."""

CANCELLED_ONCE = """(name) => {
  navigator.credentials[name] = async () => {
    delete navigator.credentials[name];
    throw new DOMException("the person said no", "NotAllowedError");
  };
}"""
"""The next question is cancelled, as browsers tell it. Chromium's authenticator could only refuse for good."""


class Authenticator:
    """A made-up authenticator of the device, in Chromium's own test bench."""

    def __init__(self, session: CDPSession, name: str) -> None:
        self._session = session
        self._name = name

    @classmethod
    async def of(cls, ana: Caseworker, *, computes: bool = True) -> "Authenticator":
        """Give a caseworker one that always says yes; `computes` is WebAuthn's PRF."""
        session = await ana.session()
        await session.send("WebAuthn.enable")
        options: dict[str, Any] = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "hasPrf": computes,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        told = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return cls(session, told["authenticatorId"])

    async def credentials(self) -> list[dict[str, Any]]:
        told = await self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._name})
        return list(told["credentials"])

    async def lose(self) -> None:
        """Every passkey on it is gone."""
        await self._session.send("WebAuthn.clearCredentials", {"authenticatorId": self._name})


async def is_empty(device: Authenticator) -> bool:
    return not await device.credentials()


async def choose_a_passkey(ana: Caseworker, link: str) -> None:
    """The first page of enrolment, and on to the page that makes the passkey."""
    page = ana.page
    await page.goto(link)
    await page.get_by_label("Your work name").fill(ana.name)
    await page.get_by_label("A passkey").check()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("heading", name="Make your passkey")).to_be_visible()


async def write_the_words_down(ana: Caseworker) -> None:
    """From the words to the last page of enrolment."""
    page = ana.page
    chips = page.locator("#words li")
    await expect(chips).to_have_count(6)
    ana.words = await chips.all_text_contents()
    ready = page.get_by_role("button", name="I have written them down")
    await expect(ready).to_be_enabled(timeout=SLOW)
    await ready.click()
    for place, word in enumerate(ana.words):
        box = page.get_by_label(f"Word {place + 1}", exact=True)
        if await box.count():
            await box.fill(word)
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_role("button", name="Start working")).to_be_visible(timeout=SLOW)


async def enrol_with_a_passkey(ana: Caseworker, link: str) -> None:
    await choose_a_passkey(ana, link)
    await ana.page.get_by_role("button", name="Make the passkey").click()
    await write_the_words_down(ana)


async def lock(page: Page) -> None:
    await page.get_by_role("button", name="Lock").click()
    await expect(page.get_by_role("heading", name="Unlock your keys")).to_be_visible()


async def unlock_by_words(ana: Caseworker) -> None:
    page = ana.page
    await page.get_by_label("your six words").fill(" ".join(ana.words))
    await page.get_by_role("button", name="Unlock", exact=True).click()
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible(timeout=SLOW)


async def unlock_by_passkey(page: Page) -> None:
    await page.get_by_role("button", name="Use your passkey").click()
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible(timeout=SLOW)


async def add_a_passkey(ana: Caseworker) -> None:
    """Under Team, with the words."""
    page = ana.page
    await page.get_by_role("button", name="Team").click()
    await page.get_by_role("button", name="Add a passkey on this device").click()
    await page.get_by_label("Your six words").fill(" ".join(ana.words))
    await page.get_by_role("button", name="Make the passkey").click()
    await expect(page.get_by_text("From now on this passkey opens your keys")).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize("answers", ["at once", "when asked again"])
async def test_a_passkey_opens_the_keys_and_the_cases_and_the_server_never_hears_of_it(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path, answers: str
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        sent: list[str] = []
        page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
        if answers == "when asked again":
            await page.add_init_script(ONLY_WHEN_ASKED_AGAIN)
        await page.add_init_script(LISTEN)
        device = await Authenticator.of(ana)

        await page.goto(fener.invitation())
        await expect(page.get_by_label("Your work name")).to_be_visible()
        await ana.look("passkey-1-way", full=True)
        await page.goto("about:blank")
        await choose_a_passkey(ana, fener.invitation())
        await ana.look("passkey-2-make", full=True)
        make = page.get_by_role("button", name="Make the passkey")
        if answers == "when asked again":
            await page.evaluate(CANCELLED_ONCE, "get")
            await make.click()
            await expect(page.get_by_text("No passkey was used")).to_be_visible()
        await make.click()
        await expect(page.get_by_text("The passkey is made.")).to_be_visible()
        await ana.look("passkey-3-words", full=True)
        await write_the_words_down(ana)
        await ana.start()

        [credential] = await device.credentials()
        assert credential["rpId"] == "localhost"
        assert (credential["userName"], credential["userDisplayName"]) == ("Fener", "Fener")  # nobody's name
        made, *more = await page.evaluate("asked")
        assert made["attestation"] == "none"
        assert made["authenticatorSelection"] == {"residentKey": "preferred", "userVerification": "required"}
        assert len(more) == (1 if answers == "when asked again" else 0)
        designation = await hand_over(twilio.person("+381601234567"))
        await ana.open(designation)
        assert await ana.said() == [WORDS]
        await lock(page)
        assert WORDS not in await page.content()
        await ana.look("passkey-4-unlock", full=True)
        await unlock_by_passkey(page)
        await ana.open(designation)
        assert await ana.said() == [WORDS]

        await page.reload()
        await unlock_by_passkey(page)
        [kept] = await page.evaluate(IN_STORE, "")
        identity = await page.evaluate("(text) => JSON.parse(text).credential", kept)
        assert len(sent) > 20
        assert not [each for each in sent if identity in each]


async def test_a_device_that_cannot_lock_keys_says_so_and_six_words_do(desks: Desks, tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        device = await Authenticator.of(ana, computes=False)
        await choose_a_passkey(ana, fener.invitation())
        await page.get_by_role("button", name="Make the passkey").click()
        await expect(page.get_by_text("This passkey cannot lock keys")).to_be_visible()
        await ana.look("no-prf")
        await fener.until(lambda: is_empty(device), "the device was told to forget it")
        await page.get_by_role("button", name="Go on with six words").click()
        await write_the_words_down(ana)
        await ana.start()
        await lock(page)
        await expect(page.get_by_role("button", name="Use your passkey")).to_have_count(0)
        await ana.unlock()


async def test_a_refused_prompt_and_a_lost_passkey_are_told_kindly_and_the_recovery_words_open(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new(width=360, height=740, dark=True)
        page = ana.page
        device = await Authenticator.of(ana)
        await page.goto(fener.invitation())
        await expect(page.get_by_label("A passkey")).to_be_visible()
        await ana.look("passkey-way-360", full=True)
        await page.goto("about:blank")
        await choose_a_passkey(ana, fener.invitation())
        make = page.get_by_role("button", name="Make the passkey")
        await page.evaluate(CANCELLED_ONCE, "create")
        await make.click()
        await expect(page.get_by_text("No passkey was used")).to_be_visible()
        await ana.look("passkey-make-360", full=True)
        await make.click()
        await expect(page.get_by_text("The passkey is made.")).to_be_visible()
        await ana.look("passkey-words-360", full=True)
        await write_the_words_down(ana)
        await page.emulate_media(media="print")
        sheet = await page.locator(".sheet").inner_text()
        assert all(word in sheet for word in ana.words)
        await page.emulate_media(media="screen")
        await ana.start()

        await lock(page)
        await page.evaluate(CANCELLED_ONCE, "get")
        await page.get_by_role("button", name="Use your passkey").click()
        await expect(page.get_by_text("No passkey was used")).to_be_visible()
        await ana.look("passkey-cancelled-360", full=True)
        await unlock_by_passkey(page)

        await lock(page)
        await device.lose()
        await page.get_by_role("button", name="Use your passkey").click()
        await expect(page.get_by_text("No passkey was used")).to_be_visible()
        await unlock_by_words(ana)
        await page.get_by_role("button", name="Team").click()
        await ana.look("passkey-team-360", full=True)
        await page.get_by_role("button", name="Remove the passkey").click()
        await page.get_by_role("button", name="Remove", exact=True).click()
        await expect(page.get_by_role("heading", name="Remove this passkey?")).to_be_visible()
        await page.get_by_label("I have my six words on paper").check()
        await ana.look("passkey-remove-360")
        await page.get_by_role("button", name="Remove", exact=True).click()
        await expect(page.get_by_text("Removed. Your six words open your keys.")).to_be_visible()
        assert await page.evaluate(IN_STORE, "") == []
        await lock(page)
        await ana.unlock()


async def test_who_has_only_words_adds_a_passkey_later_with_them_and_with_no_others(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        device = await Authenticator.of(ana)
        await ana.enrol(fener.invitation())
        await ana.start()
        await page.get_by_role("button", name="Team").click()
        await page.get_by_role("button", name="Add a passkey on this device").click()
        await page.get_by_label("Your six words").fill("six words that are not these")
        await page.get_by_role("button", name="Make the passkey").click()
        await expect(page.get_by_text("These words do not open the keys.")).to_be_visible(timeout=SLOW)
        assert await page.evaluate(IN_STORE, "") == []
        await ana.look("passkey-add")
        await page.get_by_label("Your six words").fill(" ".join(ana.words))
        await page.get_by_role("button", name="Make the passkey").click()
        await expect(page.get_by_text("From now on this passkey opens your keys")).to_be_visible(timeout=SLOW)
        assert len(await device.credentials()) == 1  # the second try of the words needed no second passkey
        await ana.look("passkey-team", full=True)

        await page.get_by_role("button", name="Add a passkey on this device").click()
        await page.get_by_label("Your six words").fill(" ".join(ana.words))
        await page.get_by_role("button", name="Make the passkey").click()
        await expect(page.get_by_text("has a passkey for these keys already")).to_be_visible(timeout=SLOW)
        await page.get_by_role("button", name="Cancel").click()
        await lock(page)
        await unlock_by_passkey(page)
        await lock(page)
        await unlock_by_words(ana)

        await device.lose()
        await add_a_passkey(ana)
        assert len(await page.evaluate(IN_STORE, "")) == 2  # the lost one may turn up again
        await lock(page)
        await unlock_by_passkey(page)


@pytest.mark.parametrize("change", ["box", "made"])
async def test_what_was_changed_in_the_browsers_store_is_refused_and_the_words_open(
    desks: Desks, tmp_path: Path, change: str
) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new(dark=True)
        page = ana.page
        await Authenticator.of(ana)
        await enrol_with_a_passkey(ana, fener.invitation())
        await ana.start()
        await page.evaluate(IN_STORE, change)
        await lock(page)
        await page.get_by_role("button", name="Use your passkey").click()
        await expect(page.get_by_text("This passkey does not open the keys in this browser.")).to_be_visible()
        await ana.look(f"passkey-changed-{change}-dark", full=True)
        await expect(page.get_by_role("heading", name="Queue")).to_have_count(0)
        await unlock_by_words(ana)

        await page.evaluate(IN_STORE, "cut")
        await lock(page)
        await expect(page.get_by_text("does not fit your keys any more")).to_be_visible()
        await expect(page.get_by_role("button", name="Use your passkey")).to_have_count(0)
        await ana.unlock()


async def test_the_key_file_of_a_browser_with_a_passkey_opens_elsewhere_with_the_words(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new()
        await Authenticator.of(ana)
        await enrol_with_a_passkey(ana, fener.invitation())
        saved = await ana.save_key_file(tmp_path)
        assert "passkey" not in saved.read_text()

        again = await desks.new(name="Ana")
        again.words = ana.words
        page = again.page
        await page.goto(f"http://localhost:{fener.port}/console/")
        await page.get_by_role("button", name="I have a key file").click()
        await page.get_by_label("Key file").set_input_files(saved)
        await page.get_by_role("button", name="Use this file").click()
        await expect(page.get_by_role("button", name="Use your passkey")).to_have_count(0)
        await again.unlock()


async def test_no_passkey_is_offered_where_none_can_work(desks: Desks, tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener:
        by_number = await desks.new()
        await by_number.page.goto(fener.invitation().replace("localhost", "127.0.0.1"))
        await expect(by_number.page.get_by_label("Your work name")).to_be_visible()
        await expect(by_number.page.get_by_label("A passkey")).to_have_count(0)

        old = await desks.new()
        await old.page.add_init_script("delete globalThis.PublicKeyCredential")
        await old.page.goto(fener.invitation())
        await expect(old.page.get_by_label("Your work name")).to_be_visible()
        await expect(old.page.get_by_label("A passkey")).to_have_count(0)
        assert (await by_number.page.request.get(fener.url + "/console/")).headers[
            "permissions-policy"
        ].count("publickey-credentials-") == 2
