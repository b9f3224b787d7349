"""After a reboot nobody has typed the passphrase: people get information, SOS and a way out; later answers come again."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.doubles.telegram import TelegramDouble
from tests.e2e.installation import Installation
from tests.e2e.test_real_organisation import duty_on, found_and_pin, real_content
from tests.e2e.test_story import WORDS, hand_over_on_telegram, say

PASSPHRASE: Final = "correct horse battery staple lamp fox"
NO_ANSWERS: Final = "Answers cannot reach this chat yet"


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path that a Unix socket can have."""
    with tempfile.TemporaryDirectory(prefix="fener-") as folder:
        yield Path(folder)


def locked_later(folder: Path) -> Installation:
    """An installation of a real organisation under a passphrase, which its first starts are given."""
    fener = Installation(
        folder,
        FENER_CONTENT_DIR=str(real_content(folder)),
        FENER_DEMO="0",
        FENER_KEY_CUSTODY="passphrase",
        FENER_KEYS_PASSPHRASE=PASSPHRASE,
    )
    fener.cwd = folder
    return fener


async def open_for_people(fener: Installation, telegram: TelegramDouble) -> None:
    await found_and_pin(fener)
    await fener.stop()
    fener.settings |= {"FENER_TELEGRAM_TOKEN": telegram.token, "FENER_TELEGRAM_API_URL": telegram.url}
    await fener.start()
    await duty_on(fener, "mira")


async def reboot(fener: Installation) -> None:
    """A power cut; the machine starts the server again, and nobody is there."""
    await fener.kill()
    del fener.settings["FENER_KEYS_PASSPHRASE"]
    await fener.start()


async def test_while_locked_people_are_helped_and_told_and_after_unlocking_all_is_as_before(
    telegram: TelegramDouble, short: Path
) -> None:
    fener = locked_later(short)
    async with fener:
        await open_for_people(fener, telegram)
        early = telegram.person()
        before = await hand_over_on_telegram(early)
        await fener.case("reply", before, "This waited.", home="mira")
        await reboot(fener)
        assert "fener unlock" in fener.log.read_text()

        await say(early, "I am at the bus station")
        assert "Answers cannot be shown right now. They are kept." in early.heard[-1]
        await say(early, "sos")
        assert "112" in early.heard[-1]
        code, _, errors = await fener.fener(
            "case", "list", "--server", fener.url, "--passphrase-file", str(short / "passphrase"), home="mira"
        )
        assert code != 0
        assert "fener unlock" in errors

        sam = telegram.person()
        designation = await hand_over_on_telegram(sam)
        assert any(NO_ANSWERS in text for text in sam.heard[:-1]), "told before the consent"
        assert any(NO_ANSWERS in text for text in sam.heard[-1:]), "and after it"

        code, _, errors = await fener.fener("unlock", stdin="something else entirely\n")
        assert code != 0
        assert "does not open" in errors
        code, told, errors = await fener.fener("unlock", stdin=f"{PASSPHRASE}\n")
        assert code == 0, errors
        assert "Handed over meanwhile: 1" in told
        assert not list((short / "keys").glob("*.sock"))

        opened = await fener.opened(designation, home="mira")
        assert opened["summary"]["note"] == WORDS
        assert NO_ANSWERS in opened["summary"]["consent"]

        await say(early, "It is me again, from before")
        assert any(sign in early.heard[-1] for sign in ("Added, locked", "There is a note"))

        kim = telegram.person()
        anew = await hand_over_on_telegram(kim)
        await fener.case("reply", anew, "Hello, I am Mira.", home="mira")
        await fener.until(lambda: any("I am Mira" in text for text in kim.heard), "the answer comes")
