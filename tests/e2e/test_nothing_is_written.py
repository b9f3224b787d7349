"""Promise 1: no channel address is ever written, in any encoding, through a handoff, a reply, a crash and a restart."""

import base64
import gzip
import hashlib
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doubles.telegram import TelegramDouble
from tests.doubles.twilio import TwilioDouble
from tests.e2e.canaries import files_under, leaks
from tests.e2e.installation import on_telegram, on_whatsapp
from tests.e2e.test_story import WORDS, hand_over, hand_over_on_telegram, number_of, say, tap

NUMBER = "+381607734951"
SCOPED = "RS.90281734655102948371"
NAME = "Zvezdana Canarić"
CHAT = 7_093_418_265
BYSTANDER = "+351912345077"


async def test_after_a_whole_life_on_whatsapp_no_byte_names_the_person(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path, FENER_LOG_LEVEL="debug") as fener:
        await fener.enrol()
        sam = twilio.person(NUMBER, SCOPED, name=NAME)
        other = twilio.person(BYSTANDER, name=NAME)
        await other.say("hi")
        await other.send_photo(f"my number is {BYSTANDER}")
        designation = await hand_over(sam)
        await sam.share_contact(f"{NAME}.vcf")
        await sam.share_location()
        await sam.say("and one more thing")
        await fener.case("reply", designation, "Hello, I am Ana.")
        await fener.until(lambda: any("I am Ana" in text for text in sam.heard), "the reply arrives")
        await fener.restart()
        await fener.case("reply", designation, "Are you still there?")
        twilio.plan(63018, times=3)  # errors of the provider repeat the number
        await sam.say("hi")
        await sam.say(number_of("Read", sam.heard[-1]))
        await sam.say("return code")
        await sam.say(number_of("Make a code", sam.heard[-1]))
        [code] = re.findall(r"\d{4}(?: \d{4}){5}", "\n".join(sam.heard))
        await other.say(code.replace(" ", "-"))
        assert "It worked" in other.heard[-1]
        await other.say("I write from my other phone")
        await sam.replay(2)
        await fener.kill()
        sids = [form["MessageSid"] for form in (sam.last_form, other.last_form)]

        watched = [tmp_path / "data", tmp_path / "keys", tmp_path / "ana"]
        canaries = [NUMBER, SCOPED, NAME, BYSTANDER, "Zvezdana", *sids, code, code.replace(" ", "")]
        assert len(files_under(tmp_path / "data")) >= 1
        assert leaks([*watched, tmp_path], canaries) == []
        assert (
            leaks(
                [tmp_path / "data", tmp_path / "keys"],
                [WORDS, "I am Ana", "one more thing", "my other phone"],
            )
            == []
        )


async def test_after_a_whole_life_on_telegram_no_byte_names_the_person(
    telegram: TelegramDouble, tmp_path: Path
) -> None:
    async with on_telegram(telegram, tmp_path, FENER_LOG_LEVEL="debug") as fener:
        await fener.enrol()
        sam = telegram.person(CHAT, name=NAME)
        designation = await hand_over_on_telegram(sam)
        sam.share_contact(NUMBER, NAME)
        sam.share_location(44.81, 20.46)
        telegram.flood(1, times=1)
        await say(sam, "and one more thing")
        await fener.case("reply", designation, "Hello, I am Ana.")
        await fener.until(lambda: any("I am Ana" in text for text in sam.heard), "the reply arrives")
        await fener.restart()
        await fener.case("reply", designation, "Are you still there?")
        await say(sam, "hi")
        await tap(sam, "Read")
        await fener.kill()

        canaries = [str(CHAT), NUMBER, NAME, "Zvezdana", f"canary_{CHAT}", telegram.token.partition(":")[2]]
        assert leaks([tmp_path], canaries) == []
        assert leaks([tmp_path / "data", tmp_path / "keys"], [WORDS, "I am Ana", "one more thing"]) == []


async def test_a_person_who_never_asks_for_a_human_leaves_no_row(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        before = await rows(fener.folder)
        sam = twilio.person(NUMBER, SCOPED, name=NAME)
        for text in ("hi", "1", "1", "2", "1", "sos", "menu", "3", "0"):
            await sam.say(text)
        await fener.stop()

        assert await rows(fener.folder) == before


async def rows(folder: Path) -> dict[str, int]:
    """How many rows each table holds."""
    import aiosqlite

    async with aiosqlite.connect(folder / "data" / "fener.db") as database:
        tables = await database.execute_fetchall("SELECT name FROM sqlite_master WHERE type = 'table'")
        counts = {}
        for (name,) in tables:
            [[count]] = list(await database.execute_fetchall(f'SELECT count(*) FROM "{name}"'))
            counts[str(name)] = int(count)
        return counts


def planted(write: Callable[[str], bytes]) -> bytes:
    return b"noise " * 100 + write(NUMBER) + b" noise" * 100


@pytest.mark.parametrize(
    "write",
    [
        lambda number: number.encode(),
        lambda number: number.encode("utf-16-le"),
        lambda number: number.lstrip("+").encode().hex().encode(),
        lambda number: gzip.compress(f"log line about {number}".encode()),
        lambda number: hashlib.sha256(number.encode()).digest(),
        lambda number: struct.pack("<Q", int(number)),
        lambda number: struct.pack(">Q", int(number)),
        lambda number: bytes.fromhex(number.lstrip("+")),
        lambda number: number[4:].encode(),
        lambda number: f"{number[1:4]} {number[4:6]} {number[6:]}".encode(),
        lambda number: number.replace("+", "%2B").encode(),
        lambda number: base64.b64encode(b"x" + f"to={number}".encode()),
        lambda number: zlib.compress(f"page {number}".encode()),
        lambda number: "".join(chr(0x660 + int(digit)) for digit in number[1:]).encode(),
    ],
)
def test_the_scan_finds_a_planted_leak(tmp_path: Path, write: Callable[[str], bytes]) -> None:
    (tmp_path / "fener.db-wal").write_bytes(planted(write))

    assert leaks([tmp_path], [NUMBER])


def test_the_scan_finds_a_number_in_a_file_name(tmp_path: Path) -> None:
    (tmp_path / f"session-{NUMBER}.json").write_bytes(b"")

    assert leaks([tmp_path], [NUMBER])


def test_the_scan_finds_nothing_in_what_does_not_hold_it(tmp_path: Path) -> None:
    (tmp_path / "fener.db").write_bytes(hashlib.sha512(b"noise").digest() * 5000)

    assert leaks([tmp_path], [NUMBER, SCOPED, NAME, str(CHAT)]) == []
