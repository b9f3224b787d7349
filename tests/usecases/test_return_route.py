"""The way back to a person exists only in memory, only in a live chat, and goes when they say so."""

import asyncio

import pytest

from bot.crypto.pseudonym import SessionNames
from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.kernel.ids import Pseudonym
from bot.usecases.do_effects import ROUTE_SECONDS
from tests.usecases.house import Caseworker, House, Person


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


@pytest.fixture
async def sam(house: House, ana: Caseworker) -> Person:
    assert ana.row.active
    person = house.person()
    await person.hand_over()
    return person


async def test_a_way_back_is_kept_for_ten_minutes_after_the_last_message(house: House, sam: Person) -> None:
    case = (await house.case()).id
    house.clock.move(minutes=9)
    await sam.say("are you there?")
    house.clock.move(seconds=ROUTE_SECONDS - 1)
    assert await house.route(case)

    house.clock.move(seconds=1)

    assert not await house.route(case)


async def test_somebody_without_a_case_leaves_no_way_back(house: House, sam: Person) -> None:
    case = (await house.case()).id
    await sam.say("0")
    kim = house.person("88234")
    for text in ("hi", "1", "1", "menu"):
        await kim.say(text)

    assert not await house.route(case)
    assert not await house.route("")


@pytest.mark.parametrize("words", [("0",), ("leave",), ("exit",)])
async def test_leaving_destroys_the_way_back_at_once(
    house: House, ana: Caseworker, sam: Person, words: tuple[str, ...]
) -> None:
    case = (await house.case()).id
    assert await house.route(case)
    for word in words:
        await sam.say(word)

    assert not await house.route(case)
    assert not (await ana.reply(case, "Hello")).delivered
    assert house.messenger.sent == []


async def test_erasing_destroys_the_way_back(house: House, ana: Caseworker, sam: Person) -> None:
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    await sam.say("erase")
    await sam.choose("Yes, erase")

    assert not await house.route(case)


async def test_blocking_the_bot_destroys_the_way_back_and_leaves_the_case(house: House, sam: Person) -> None:
    case = (await house.case()).id

    await house.fener.turns.left(Address("telegram", sam.address))

    assert not await house.route(case)
    assert (await house.case()).id == case


async def test_behind_the_safe_word_no_answer_comes_however_long_the_person_plays_along(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = (await house.case()).id
    await sam.say("safe word")
    await sam.say("lavender")
    assert await house.route(case)
    for text in ("lavender", "what is the weather", "hello?"):
        answer = await sam.say(text)
        assert "Lantern" not in answer
        assert not await house.route(case)

    sent = await ana.reply(case, "Hello, I am Ana.")

    assert not sent.delivered
    assert house.messenger.sent == []


async def test_no_way_back_is_kept_while_an_unread_note_waits_behind_the_gate(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = (await house.case()).id
    await house.restart()
    await ana.reply(case, "first")
    await sam.say("hello?")
    assert not await house.route(case)
    await sam.choose("Later")
    assert not await house.route(case)

    assert not (await ana.reply(case, "second")).delivered

    await sam.say("note")
    answer = await sam.choose("Read")
    assert answer.index("first") < answer.index("second")
    assert await house.route(case)


async def test_a_push_waits_for_the_persons_running_turn_and_is_not_sent_to_who_left_in_it(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = (await house.case()).id
    reply = await ana.written(case, "Hello")
    lock = house.fener.memory.locks.hold(name_of(house, sam))
    async with lock:  # a turn of this person runs
        pushing = asyncio.create_task(house.fener.staff.reply(ana.row, (await house.case()).id, reply))
        await asyncio.sleep(0.2)
        assert not pushing.done()
        await house.fener.memory.routes.forget((await house.case()).id)  # and ends with `0`

    assert not (await pushing).delivered
    assert house.messenger.sent == []
    assert len(await house.rows("notes")) == 1


def name_of(house: House, person: Person) -> Pseudonym:
    return SessionNames(house.fener.keys.memory_key).of(Address("telegram", person.address))


async def test_a_failed_send_keeps_the_note_waiting(house: House, ana: Caseworker, sam: Person) -> None:
    case = (await house.case()).id
    house.messenger.fault = SendError("throttled", retryable=True)

    sent = await ana.reply(case, "We have a bed")

    assert not sent.delivered
    assert await house.route(case)
    [note] = await house.rows("notes")
    assert note["delivered_hour"] is None
    assert "Is now a good time?" in await sam.say("hello?")


async def test_a_chat_that_is_gone_is_forgotten(house: House, ana: Caseworker, sam: Person) -> None:
    assert sam.heard
    case = (await house.case()).id
    house.messenger.fault = SendError("gone", gone=True)

    await ana.reply(case, "We have a bed")

    assert not await house.route(case)


async def test_a_reply_that_is_kept_is_never_told_as_failed_because_sending_broke(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert sam.heard
    case = (await house.case()).id

    class OddError(Exception):
        pass

    house.messenger.fault = OddError()  # type: ignore[assignment]  # what no adapter should raise

    sent = await ana.reply(case, "We have a bed")

    assert not sent.delivered
    assert len(await house.rows("notes")) == 1


async def test_a_push_says_only_what_is_new(house: House, ana: Caseworker, sam: Person) -> None:
    assert sam.heard
    case = (await house.case()).id
    await ana.reply(case, "first")
    await ana.reply(case, "second")

    assert [("first" in "".join(m.texts), "second" in "".join(m.texts)) for m in house.messenger.sent] == [
        (True, False),
        (False, True),
    ]
    await sam.say("thanks")
    assert await house.rows("notes") == []


async def test_a_way_back_never_outlives_a_restart(house: House, sam: Person) -> None:
    assert sam.heard
    case = (await house.case()).id
    await house.restart()

    assert not await house.route(case)


async def test_closing_destroys_the_way_back(house: House, ana: Caseworker, sam: Person) -> None:
    assert sam.heard
    case = (await house.case()).id
    await house.fener.staff.close(ana.row, (await house.case()).id)

    assert not await house.route(case)
