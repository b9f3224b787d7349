"""The whole system, two hundred people, a restart, a kill, a backup: and then not one of them in any byte it wrote."""

import asyncio
import base64
import bz2
import gzip
import hashlib
import io
import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import pytest

from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_people import Person
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.canaries import files_under, leaks, leaks_in
from tests.e2e.installation import Installation, on_whatsapp
from tests.e2e.test_story import hand_over, hand_over_on_telegram, number_of, say, tap

NAME = "Zvezdana Canarić"
NUMBERS, SCOPED, BOTH, CHATS = 80, 40, 20, 60
HANDING_OVER = 7  # one of so many of each kind asks for a person
AT_ONCE = 6


def number(of: int) -> str:
    """Thirteen digits, none like another's: shorter ones stand in random hexadecimal by chance."""
    return f"+4930{(of * 7_919_311 + 123_456_789) % 10**9:09}"


def scoped_id(of: int) -> str:
    return f"RS.{(of * 982_451_653 + 57_885_161) % 10**9:09}{(of * 32_452_843 + 9) % 10**9:09}"


def chat_id(of: int) -> int:
    return 7_000_000_000 + (of * 15_485_863 + 271_828_183) % 999_999_937


def words(of: int) -> str:
    return f"Under bridge {of * 7919:06} I wait with my brother"


class Crowd:
    """Everybody who writes, and what would betray them."""

    def __init__(self, twilio: TwilioDouble, telegram: TelegramDouble) -> None:
        known = [number(at) for at in range(NUMBERS + BOTH)]
        ids = [scoped_id(at) for at in range(SCOPED + BOTH)]
        self.on_whatsapp = [twilio.person(each, name=NAME) for each in known[:NUMBERS]]
        self.on_whatsapp += [twilio.person("", each, name=NAME) for each in ids[:SCOPED]]
        self.on_whatsapp += [
            twilio.person(each, scoped, name=NAME)
            for each, scoped in zip(known[NUMBERS:], ids[SCOPED:], strict=True)
        ]
        self.on_telegram = [telegram.person(chat_id(at), name=NAME) for at in range(CHATS)]
        chats = [str(chat_id(at)) for at in range(CHATS)]
        self.canaries = (*known, *ids, *chats, NAME, "Zvezdana")
        self.words: list[str] = []
        self.designations: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.on_whatsapp) + len(self.on_telegram)

    async def ask(self) -> None:
        """Most only ask: they leave no row."""
        asking = [each for at, each in enumerate(self.on_whatsapp) if at % HANDING_OVER]
        await together(asking, self._asks)
        await together([each for at, each in enumerate(self.on_telegram) if at % HANDING_OVER], self._taps)

    async def hand_over(self) -> None:
        """Some ask for a person."""
        await together(self.on_whatsapp[::HANDING_OVER], self._hands_over)
        await together(self.on_telegram[::HANDING_OVER], self._hands_over_on_telegram)

    async def come_back(self) -> None:
        """After everything fell over, those with a case look for their answer."""
        await together(self.on_whatsapp[: 3 * HANDING_OVER : HANDING_OVER], self._asks_again)
        await together(self.on_telegram[: 2 * HANDING_OVER : HANDING_OVER], self._taps_again)

    async def _asks(self, sam: WhatsAppPerson) -> None:
        for text in ("hi", "I am in danger"):
            answer = await sam.say(text)
            assert answer.status == 200
            assert answer.texts

    async def _asks_again(self, sam: WhatsAppPerson) -> None:
        assert (await sam.say("hello again")).texts

    async def _taps(self, sam: Person) -> None:
        await say(sam, "hi")
        await tap(sam, "English")

    async def _taps_again(self, sam: Person) -> None:
        await say(sam, "hello again")

    async def _hands_over(self, sam: WhatsAppPerson) -> None:
        self.words.append(words(len(self.words)))
        self.designations[sam.number or sam.scoped] = await hand_over(sam, self.words[-1])
        await sam.share_contact(f"{NAME}.vcf")

    async def _hands_over_on_telegram(self, sam: Person) -> None:
        self.designations[str(sam.chat)] = await hand_over_on_telegram(sam)
        sam.share_contact(number(0), NAME)
        sam.share_location(44.81, 20.46)


_T = TypeVar("_T")


async def together(people: Sequence[_T], action: Callable[[_T], Awaitable[None]]) -> None:
    """Everybody, a few at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(person: _T) -> None:
        async with room:
            await action(person)

    await asyncio.gather(*(one(person) for person in people))


async def back_up(fener: Installation) -> Path:
    """Two backups: by the command that operators use, and a snapshot of the disk with all that lies beside the database."""
    folder = fener.folder / "backup"
    folder.mkdir()
    for path in files_under(fener.folder / "data"):
        shutil.copy2(path, folder / f"snapshot-{path.name}")
    code, _, errors = await fener.fener("backup", str(folder / "fener.db"))
    assert code == 0, errors
    return folder


@pytest.mark.timeout(300)
async def test_two_hundred_people_a_restart_a_kill_and_a_backup_leave_no_byte_that_names_one(
    twilio: TwilioDouble, telegram: TelegramDouble, tmp_path: Path
) -> None:
    crowd = Crowd(twilio, telegram)
    assert len(crowd) == 200
    bot = {"FENER_TELEGRAM_TOKEN": telegram.token, "FENER_TELEGRAM_API_URL": telegram.url}
    async with on_whatsapp(twilio, tmp_path, FENER_LOG_LEVEL="debug", **bot) as fener:
        await fener.enrol()
        await crowd.ask()
        await crowd.hand_over()
        by_number, by_id, by_chat = (
            crowd.designations[who] for who in (number(0), scoped_id(4), str(chat_id(0)))
        )
        await fener.case("reply", by_number, "Hello, I am Ana.")
        first = crowd.on_whatsapp[0]
        await fener.until(lambda: any("I am Ana" in text for text in first.heard), "a reply arrives")
        await fener.stop()
        await fener.start()
        await fener.case("reply", by_id, "We have a bed.")
        await fener.case("reply", by_chat, "We have a bed.")
        await fener.restart()  # kill -9
        backup = await back_up(fener)
        await crowd.come_back()
        asked = next(each for each in crowd.on_whatsapp if each.scoped == scoped_id(4))
        await asked.say("hello again")
        await asked.say(number_of("Read", asked.heard[-1]))
        assert "We have a bed" in asked.heard[-1]
        await say(crowd.on_telegram[0], "erase")
        await crowd.on_whatsapp[0].say("0")
        await fener.kill()

    ours = [tmp_path / "data", tmp_path / "keys", backup]
    assert len(crowd.designations) == len(crowd.words) + len(crowd.on_telegram[::HANDING_OVER]) >= 28
    assert not twilio.alerts
    sids = [each.last_form["MessageSid"] for each in crowd.on_whatsapp]
    token = telegram.token.partition(":")[2]
    assert leaks([tmp_path], (*crowd.canaries, token, twilio.token)) == []
    assert leaks(ours, (*sids, *crowd.words, "I am Ana", "We have a bed")) == []
    assert_a_planted_crowd_is_found(backup, crowd)


def assert_a_planted_crowd_is_found(backup: Path, crowd: Crowd) -> None:
    """One more time, with everybody's number in four bytes, or one person's in the middle of a file."""
    [largest] = sorted(files_under(backup), key=lambda path: path.stat().st_size)[-1:]
    clean = largest.read_bytes()
    middle = len(clean) // 2
    four_bytes = b"".join(struct.pack("<I", int(number(at)[4:])) for at in range(NUMBERS))
    for planted in (number(41)[1:].encode(), str(chat_id(17)).encode("utf-16-be"), four_bytes):
        assert leaks_in({"planted": clean[:middle] + planted + clean[middle:]}, crowd.canaries)


# --- the scan finds every kind of leak -------------------------------------------------------------------

WHO = "+4930123456789"
DIGITS = WHO[1:]
NATIONAL = DIGITS[3:]


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("chat.txt", text * 3)
    return file.getvalue()


def varint(value: int) -> bytes:
    groups = bytearray()
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


PLANTED: dict[str, bytes] = {
    "ASCII": WHO.encode(),
    "digits": DIGITS.encode(),
    "the national number": f"tel 0{NATIONAL}".encode(),
    "spaces": f"+{DIGITS[:3]} {DIGITS[3:5]} {DIGITS[5:]}".encode(),
    "hyphens": "-".join((DIGITS[:3], DIGITS[3:5], DIGITS[5:8], DIGITS[8:])).encode(),
    "one by one": " ".join(DIGITS).encode(),
    "thousands": f"{int(DIGITS):,}".encode(),
    "Arabic digits": "".join(chr(0x660 + int(digit)) for digit in DIGITS).encode(),
    "full width": "".join(chr(0xFF10 + int(digit)) for digit in DIGITS).encode("utf-16-le"),
    "UTF-16, little-endian": WHO.encode("utf-16-le"),
    "UTF-16, big-endian": WHO.encode("utf-16-be"),
    "UTF-32": WHO.encode("utf-32"),
    "EBCDIC": WHO.encode("cp037"),
    "reversed": DIGITS[::-1].encode(),
    "packed decimal": bytes.fromhex("0" + DIGITS),
    "packed decimal, swapped as in SMS": bytes.fromhex("".join((DIGITS + "f")[at + 1] + (DIGITS + "f")[at] for at in range(0, 14, 2))),
    "64 bits, little-endian": struct.pack("<Q", int(DIGITS)),
    "64 bits, big-endian": struct.pack(">Q", int(DIGITS)),
    "6 bytes, as SQLite has it": int(DIGITS).to_bytes(6, "big"),
    "32 bits, little-endian": struct.pack("<I", int(NATIONAL)),
    "32 bits, big-endian": struct.pack(">I", int(NATIONAL)),
    "a double": struct.pack("<d", float(DIGITS)),
    "a variable-length integer": varint(int(DIGITS)),
    "a hexadecimal integer": f"{int(DIGITS):x}".encode(),
    "hexadecimal": WHO.encode().hex().encode(),
    "hexadecimal, upper case": WHO.encode().hex().upper().encode(),
    "base32": base64.b32encode(WHO.encode()),
    "base64": base64.b64encode(WHO.encode()),
    "base64, one further": base64.b64encode(b"x" + WHO.encode()),
    "base64, two further": base64.b64encode(b"xy" + WHO.encode()),
    "base64 for URLs": base64.urlsafe_b64encode(b"to=" + WHO.encode()),
    "a URL": quote(f"whatsapp:{WHO}", safe="").encode(),
    "a URL with everything escaped": "".join(f"%{ord(each):02X}" for each in WHO).encode(),
    "JSON escapes": "".join(f"\\u{ord(each):04x}" for each in WHO).encode(),
    "gzip": gzip.compress(f"about {WHO}".encode()),
    "zlib": zlib.compress(f"about {WHO}".encode()),
    "bzip2": bz2.compress(f"about {WHO}".encode()),
    "xz": lzma.compress(f"about {WHO}".encode()),
    "a zip archive": zipped(f"about {WHO}"),
    "base64 in gzip": gzip.compress(base64.b64encode(WHO.encode())),
    "md5": hashlib.md5(WHO.encode()).digest(),
    "sha1 in hexadecimal": hashlib.sha1(DIGITS.encode()).hexdigest().encode(),
    "sha256": hashlib.sha256(WHO.encode()).digest(),
    "sha256, cut to sixteen bytes": hashlib.sha256(WHO.encode()).digest()[:16],
    "sha256 of the channel's form": hashlib.sha256(f"whatsapp:{WHO}".encode()).digest(),
    "sha256 of what a name is derived from": hashlib.sha256(b"whatsapp\0" + WHO.encode()).digest(),
    "blake2": hashlib.blake2b(WHO.encode()).digest(),
    "blake2, short": hashlib.blake2s(DIGITS.encode()).digest(),
    "sha512 in base64": base64.b64encode(hashlib.sha512(WHO.encode()).digest()),
    "a checksum": struct.pack(">I", zlib.crc32(WHO.encode())),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_leak_of_each_kind_is_found(tmp_path: Path, kind: str) -> None:
    noise = hashlib.shake_256(b"noise").digest(2000)
    (tmp_path / "fener.db-wal").write_bytes(noise + PLANTED[kind] + noise)

    assert leaks([tmp_path], [WHO, "+381601234567", "7093418265"])


def test_noise_is_not_taken_for_people(tmp_path: Path) -> None:
    (tmp_path / "fener.db").write_bytes(hashlib.shake_256(b"more noise").digest(3_000_000))
    (tmp_path / "server.log").write_text(hashlib.shake_256(b"hexadecimal").hexdigest(300_000))

    assert leaks([tmp_path], tuple(number(at) for at in range(60))) == []
