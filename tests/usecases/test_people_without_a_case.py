"""Who has no case leaves nothing, costs nothing, and makes nobody wait."""

import asyncio
import time
from dataclasses import replace

import pytest

import bot.usecases.recognise_person as recognising
from bot.crypto.pseudonym import FingerprintCache, Fingerprinter, SessionNames
from bot.kernel.address import Address
from bot.kernel.errors import ConflictError, RefusedError, StorageError
from bot.kernel.ids import Pseudonym
from bot.storage.cases import SqlCaseQueue
from bot.storage.mailboxes import SqlMailboxes
from bot.usecases.open_notes import OpenNotes
from bot.usecases.recognise_person import RecognisePerson
from bot.wiring import keeping_referrals
from tests.usecases.faults import nobody_can_write
from tests.usecases.house import Caseworker, House, Person

TABLES_OF_PEOPLE = ("cases", "envelopes", "notes", "seen")


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


async def test_nobody_without_a_case_leaves_a_row_in_the_database(house: House, ana: Caseworker) -> None:
    before = {table: await house.rows(table) for table in ("staff", "audit", "keyrings")}
    for number in range(5):
        person = house.person(f"7700{number}")
        for text in ("hi", "1", "1", "menu", "sos", "help", "9", "0", "erase", "note"):
            await person.say(text)

    for table in TABLES_OF_PEOPLE:
        assert await house.rows(table) == []
    assert {table: await house.rows(table) for table in before} == before
    assert ana.row.active


class CountingFingerprinter(Fingerprinter):
    """Counts, and says in which order fingerprints were made."""

    def __init__(self, salt: bytes, seconds: float = 0.0) -> None:
        super().__init__(salt)
        self.made: list[str] = []
        self._seconds = seconds

    def compute(self, who: Pseudonym, address: Address) -> bytes:
        assert who
        time.sleep(self._seconds)
        self.made.append(address.reveal())
        return address.reveal().encode().ljust(32, b"\x00")


def recogniser(house: House, fingerprinter: Fingerprinter) -> RecognisePerson:
    fener = house.fener
    return RecognisePerson(
        keys=fener.keys,
        fingerprinter=fingerprinter,
        queue=SqlCaseQueue(fener.database, house.clock.monotonic),
        keyrings=fener.staff.keyrings,
        staffing=fener.staffing,
        notes=OpenNotes(mailboxes=SqlMailboxes(fener.database), staffing=fener.staffing),
        wait=fener.bell.wait,
        referrals=keeping_referrals(fener.database, fener.keys, house.clock),
        turn_keys=fener.turn_keys,
        clock=house.clock,
    )


async def test_strangers_cost_no_fingerprint_while_no_case_is_open(house: House, ana: Caseworker) -> None:
    assert ana.row.active
    recognise = recogniser(house, CountingFingerprinter(b"salt"))
    assert not await recognise.anybody()
    sam = house.person()
    await sam.hand_over()
    house.clock.move(seconds=2)
    assert await recognise.anybody()
    await house.fener.staff.close(ana.row, (await house.case()).id)
    house.clock.move(seconds=2)

    assert not await recognise.anybody()


def names(house: House, numbers: range) -> list[tuple[Pseudonym, Address]]:
    of = SessionNames(house.fener.keys.memory_key).of
    addresses = [Address("telegram", f"9{number:05}") for number in numbers]
    return [(of(address), address) for address in addresses]


async def test_a_live_person_goes_before_a_flood_of_strangers(house: House) -> None:
    fingerprinter = CountingFingerprinter(b"salt", seconds=0.01)
    recognise = recogniser(house, fingerprinter)
    flood = [
        asyncio.create_task(recognise.fingerprint(who, address, live=False))
        for who, address in names(house, range(50))
    ]
    await asyncio.sleep(0.02)
    [(who, address)] = names(house, range(90, 91))

    await recognise.fingerprint(who, address, live=True)

    assert len(fingerprinter.made) <= 6
    assert fingerprinter.made[-1] == address.reveal()
    await asyncio.gather(*flood)
    assert len(fingerprinter.made) == 51


async def test_strangers_in_a_flood_are_answered_in_time_and_do_not_wait_in_memory(
    house: House, ana: Caseworker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ana.row.active
    await house.person().hand_over()
    monkeypatch.setattr(recognising, "PATIENCE_SECONDS", 0.3)
    strangers = [house.person(f"5500{number}") for number in range(30)]

    def slowly(_self: Fingerprinter, _who: Pseudonym, _address: Address) -> bytes:
        time.sleep(2.0)
        return bytes(32)

    monkeypatch.setattr(Fingerprinter, "compute", slowly)

    async with asyncio.timeout(30):  # less than half of what thirty in a row would take
        answers = await asyncio.gather(*(each.say("hi") for each in strangers))

    assert all("English" in answer for answer in answers)
    waiting = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert [task for task in waiting if "fingerprint" in repr(task.get_coro())] == []


async def test_somebody_with_a_case_who_came_in_a_flood_is_known_at_their_next_message(
    house: House, ana: Caseworker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id
    await house.restart()
    await ana.reply(case, "We have a bed")
    monkeypatch.setattr(recognising, "PATIENCE_SECONDS", 0.0)
    assert "English" in await sam.say("hello?")
    monkeypatch.setattr(recognising, "PATIENCE_SECONDS", 8.0)

    assert "Is now a good time?" in await sam.say("hello?")


async def test_nothing_is_told_as_erased_that_there_was_no_time_to_look_for(
    house: House, ana: Caseworker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ana.row.active
    sam = house.person()
    await sam.hand_over()
    await house.restart()
    with monkeypatch.context() as in_a_flood:
        in_a_flood.setattr(recognising, "PATIENCE_SECONDS", 0.0)
        in_a_flood.setattr(
            FingerprintCache, "keep", lambda *_: None
        )  # nor does a thread that went on find out
        await sam.say("erase")
        with pytest.raises(ConflictError):
            await sam.choose("Yes, erase")

    assert "deleted" in await sam.choose("Yes, erase")
    assert await house.rows("cases") == []


async def test_a_fingerprint_whose_asker_went_away_holds_up_nobody(house: House) -> None:
    fingerprinter = CountingFingerprinter(b"salt", seconds=0.05)
    recognise = recogniser(house, fingerprinter)
    asked = [
        asyncio.create_task(recognise.fingerprint(who, address, live=False))
        for who, address in names(house, range(4))
    ]
    await asyncio.sleep(0.01)
    for task in asked[:3]:
        task.cancel()
    [(who, address)] = names(house, range(9, 10))

    await asyncio.wait_for(recognise.fingerprint(who, address, live=True), 2.0)
    await asyncio.wait_for(asked[3], 2.0)


# --- limits ---------------------------------------------------------------------------------------------


async def test_a_person_who_writes_too_much_is_told_so_and_others_are_not(house: House) -> None:
    sam, kim = house.person(), house.person("88234")
    for _ in range(40):
        await sam.say("hi")

    assert "English" not in await sam.say("hi")
    assert "English" in await kim.say("hi")
    house.clock.move(seconds=60)
    assert await sam.say("menu")


async def test_who_writes_too_much_is_told_so_in_their_language(house: House) -> None:
    sam, told = house.person(), house.library.catalogue.ui
    await sam.say("hi")
    await sam.choose("العربية")
    for _ in range(38):
        await sam.say("9")

    limited = await sam.say("9")

    assert told("engine/too_many", "ar") in limited
    assert told("engine/too_many", "ar") != told("engine/too_many", "en")


async def test_words_of_danger_are_never_dropped_by_the_limit(house: House) -> None:
    sam = house.person()
    for text in ("hi", "1", "1"):
        await sam.say(text)
    for _ in range(50):
        await sam.say("menu")
    limited = await sam.say("menu")

    answer = await sam.say("he is going to kill me")

    assert answer != limited
    assert len(answer) > len(limited)


async def test_too_many_messages_change_nothing(house: House) -> None:
    sam = house.person()
    for _ in range(40):
        await sam.say("hi")
    delivery = sam.delivery("9")

    refused = await sam.take(delivery)
    house.clock.move(seconds=61)
    taken = await sam.take(delivery)

    assert refused.kept is None
    assert taken.message != refused.message
    assert not taken.repeated


# --- one person, two addresses --------------------------------------------------------------------------

NUMBER, SCOPED = "+381601234567", "RS.13491208655302741918"


def known_by(house: House, number: str, scoped: str = "") -> Person:
    if scoped:
        return house.person(scoped, channel="whatsapp", also=number)
    return house.person(number, channel="whatsapp")


async def test_a_conversation_goes_on_when_the_scoped_id_comes(house: House, ana: Caseworker) -> None:
    assert ana.row.active
    await known_by(house, NUMBER).consent()

    both = known_by(house, NUMBER, SCOPED)
    answer = await both.say("I slept at the station")

    assert "code words are" in answer
    assert len(await house.rows("cases")) == 1
    await both.say("it is cold")
    assert (await house.case()).sequence == 2


async def test_a_case_follows_its_person_from_their_number_to_their_scoped_id(
    house: House, ana: Caseworker
) -> None:
    await known_by(house, NUMBER).hand_over()
    case = (await house.case()).id
    await known_by(house, NUMBER, SCOPED).say("hello?")
    await house.restart()
    await ana.reply(case, "We have a bed")

    alone = house.person(SCOPED, channel="whatsapp")

    assert "Is now a good time?" in await alone.say("hello?")
    assert "We have a bed" in await alone.choose("Read")
    assert len(await house.rows("cases")) == 1


async def test_a_reply_sealed_before_the_case_moved_to_the_scoped_id_is_refused_not_lost(
    house: House, ana: Caseworker
) -> None:
    await known_by(house, NUMBER).hand_over()
    case = (await house.case()).id
    mailbox = await ana.mailbox(case)
    stale = replace(await ana.written(case, "We have a bed"), mailbox=mailbox)
    await known_by(house, NUMBER, SCOPED).say("hello?")

    with pytest.raises(RefusedError, match="read the case again"):
        await house.fener.staff.reply(ana.row, (await house.case()).id, stale)


async def test_a_turn_that_fails_does_not_lose_the_place_under_the_number(
    house: House, ana: Caseworker
) -> None:
    assert ana.row.active
    await known_by(house, NUMBER).consent()
    both = known_by(house, NUMBER, SCOPED)
    with nobody_can_write(house), pytest.raises(StorageError):
        await both.say("I slept at the station")

    assert "code words are" in await both.say("I slept at the station")


async def test_turns_under_both_addresses_at_once_lose_nothing(house: House, ana: Caseworker) -> None:
    old, both = known_by(house, NUMBER), known_by(house, NUMBER, SCOPED)
    await old.hand_over()
    case = (await house.case()).id

    await asyncio.gather(old.say("it is so cold"), both.say("and very dark"))

    _, messages = await ana.read(case)
    assert sorted(message.text for message in messages if message.kind == "message") == [
        "and very dark",
        "it is so cold",
    ]
