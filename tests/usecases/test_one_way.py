"""What is handed over while the keys are locked comes into the queue once they open, and nothing else does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from bot.crypto.keys import KeyRoom
from bot.crypto.one_way import OneWay, one_way_of, vouched
from bot.crypto.randomness import random_bytes
from bot.flow.library import Library
from bot.handoff.return_code import return_code
from bot.kernel.errors import ConflictError, RefusedError, StartError, StorageError
from bot.settings import Settings
from bot.storage.cases import SqlCaseDesk
from bot.storage.database import open_database
from bot.storage.memory_stores import open_memory
from bot.usecases.row_integrity import signed_with
from bot.wiring import assemble
from tests.usecases.house import OTHER, WORDS, Caseworker, House

PASSPHRASE: Final = "six words that nobody would guess"


class Guarded(House):
    """A house of one real organisation whose keys lie under a passphrase."""

    async def start(self, sessions: object = None) -> None:
        del sessions
        await self.open(PASSPHRASE)

    async def open(self, passphrase: str | None) -> None:
        settings = Settings(
            data_dir=self.folder,
            keys_dir=self.folder / "keys",
            key_custody="passphrase",
            demo=False,
            keyrings=self.pinned,
        )
        folder, now = settings.keys_path, self.clock.now()
        if passphrase is None:
            keys = KeyRoom.closed(folder)
        else:
            keys = KeyRoom.open(folder, "passphrase", now, passphrase=lambda: passphrase)
        self.fener = assemble(
            settings,
            self.library,
            keys=keys,
            database=await open_database(f"sqlite:///{self.folder / 'fener.db'}", version="test"),
            memory=await open_memory("memory://", keys),
            clock=self.clock,
            others={"telegram": self.messenger},
        )

    async def reboot(self) -> None:
        await self.fener.close()
        await self.open(None)


@pytest.fixture
async def house(tmp_path: Path, library: Library) -> AsyncIterator[Guarded]:
    installation = Guarded(tmp_path, library)
    await installation.start()
    yield installation
    await installation.close()


@pytest.fixture
async def lead(house: Guarded) -> Caseworker:
    found = await house.founded()
    await house.reboot()
    return found


async def hand_over(house: Guarded, address: str = "77123") -> list[str]:
    """Somebody hands over to the real organisation, as the shipped flow leads; what they heard."""
    sam = house.person(address)
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("Papers or a lawyer")
    await sam.choose("Yes")
    await sam.say(WORDS)
    return sam.heard


async def test_the_team_reads_it_after_unlocking_and_not_before(house: Guarded, lead: Caseworker) -> None:
    heard = await hand_over(house)
    assert "Answers cannot reach this chat yet" in heard[-2] + heard[-3]
    assert "Answers cannot reach this chat yet" in heard[-1]
    with pytest.raises(StorageError, match="fener unlock"):
        await house.fener.staff.read.queue(lead.row)

    assert await house.fener.unlock(PASSPHRASE) == 1

    [row] = await house.fener.staff.read.queue(lead.row)
    assert row.pseudonym is None
    summary, _ = await lead.read(row.id)
    assert summary.note == WORDS
    with pytest.raises(RefusedError, match="no reply can find them"):
        await lead.reply(row.id, "Hello")
    assert await house.fener.unlock(PASSPHRASE) == 0


async def test_what_was_queued_before_a_second_power_cut_comes_in_as_well(
    house: Guarded, lead: Caseworker
) -> None:
    await hand_over(house)
    await house.reboot()

    assert await house.fener.unlock(PASSPHRASE) == 1
    assert len(await house.fener.staff.read.queue(lead.row)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "urgency = CASE urgency WHEN 'now' THEN 'soon' ELSE 'now' END",
        "designation = designation || 'x'",
        "pseudonym = zeroblob(32)",
        "mailbox_public = zeroblob(32)",
        "sequence = 2",
        "opened_hour = opened_hour + 1",
        "mac = zeroblob(32)",
    ],
)
async def test_a_row_that_somebody_changed_meanwhile_never_comes_in(
    house: Guarded, lead: Caseworker, change: str
) -> None:
    await hand_over(house)
    await house.write(f"UPDATE cases SET {change}")

    assert await house.fener.unlock(PASSPHRASE) == 0
    assert await house.fener.staff.read.queue(lead.row) == []


async def test_words_of_another_handoff_never_come_in_under_this_one(
    house: Guarded, lead: Caseworker
) -> None:
    await hand_over(house)
    await hand_over(house, "88234")
    one, other = await house.rows("envelopes")
    for place, words in ((one, other), (other, one)):
        await house.write("UPDATE envelopes SET sealed = :s WHERE id = :i", s=words["sealed"], i=place["id"])

    assert await house.fener.unlock(PASSPHRASE) == 0
    assert await house.fener.staff.read.queue(lead.row) == []


async def test_who_only_writes_the_database_cannot_make_one_up(house: Guarded, lead: Caseworker) -> None:
    await hand_over(house)
    [row] = await SqlCaseDesk(house.fener.database).waiting(OTHER)
    forged = signed_with(OneWay(random_bytes(32)).row_key, replace(row, urgency="now"))
    await house.write("UPDATE cases SET urgency = 'now', mac = :mac", mac=forged.mac)

    assert await house.fener.unlock(PASSPHRASE) == 0
    assert await house.fener.staff.read.queue(lead.row) == []


async def test_an_envelope_that_another_key_signed_is_not_vouched_for(
    house: Guarded, lead: Caseworker
) -> None:
    await hand_over(house)
    [row] = await house.rows("envelopes")
    sealed = row["sealed"]
    assert isinstance(sealed, bytes)

    with pytest.raises(RefusedError):
        vouched(sealed, OneWay(random_bytes(32)), lead.identity)
    assert vouched(sealed, one_way_of(house.fener.keys.folder), lead.identity) != sealed


async def test_a_wrong_passphrase_leaves_everything_locked(house: Guarded, lead: Caseworker) -> None:
    assert lead.row.active
    with pytest.raises(StartError, match="does not open"):
        await house.fener.unlock("another six words that nobody guesses")

    assert house.fener.keys.locked


async def test_one_address_hands_over_twice_an_hour_and_no_more(house: Guarded, lead: Caseworker) -> None:
    assert lead.row.active
    for _ in range(2):
        await hand_over(house)
        await house.person().say("0")
    with pytest.raises(ConflictError):
        await hand_over(house)

    assert len(await house.rows("cases")) == 2


async def test_erasing_while_locked_says_what_could_not_be_found(house: Guarded, lead: Caseworker) -> None:
    assert lead.row.active
    sam = house.person()
    for text in ("hi", "1", "erase"):
        await sam.say(text)

    assert "could not be deleted now" in await sam.choose("Yes, erase")


async def test_while_locked_a_return_code_is_neither_made_nor_taken(house: Guarded, lead: Caseworker) -> None:
    assert lead.row.active
    sam = house.person()
    code = return_code(bytes(16))

    first = await sam.say(code)
    await sam.say("1")

    assert first.count("They are kept.") == 1
    assert "They are kept." in await sam.say(code)
    assert "They are kept." in await sam.say("return code")


async def test_a_conversation_that_begins_while_locked_says_that_answers_are_kept(
    house: Guarded, lead: Caseworker
) -> None:
    assert lead.row.active
    sam = house.person()

    assert "They are kept." in await sam.say("I am at the bus station")
    assert "They are kept." not in await sam.say("1")
    assert "112" in await sam.say("sos")
