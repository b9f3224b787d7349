"""What limits there are on people and caseworkers, and what they must never limit."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from bot.crypto.pseudonym import Fingerprinter
from bot.kernel.address import Address
from bot.kernel.errors import RefusedError
from bot.kernel.ids import Pseudonym
from bot.usecases import recognise_person
from bot.usecases.membership import MOST_HELD
from bot.usecases.newcomers import Newcomers
from tests.usecases.house import HandClock, House


def test_only_so_many_people_begin_in_a_minute() -> None:
    clock = HandClock()
    newcomers = Newcomers(clock, 3)

    assert [newcomers.may_begin() for _ in range(5)] == [True, True, True, False, False]
    clock.move(minutes=1)
    assert newcomers.may_begin()


async def test_a_flood_of_strangers_leaves_those_in_a_conversation_and_words_of_crisis_alone(
    house: House,
) -> None:
    sam, alex = house.person("88000"), house.person("88001")
    await sam.say("hi")
    house.fener.turns._newcomers = Newcomers(house.clock, 0)  # a whole minute is full

    assert "wait a minute" in await alex.say("hi")
    assert "wait a minute" not in await sam.say("1")
    assert "wait a minute" not in await alex.say("I want to kill myself")


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  # what is waited for has no event
        await asyncio.sleep(0)


async def test_a_flood_of_new_addresses_stalls_nobody_in_a_conversation_and_no_words_of_crisis(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every stranger costs a fingerprint. Who is in a conversation goes before all of them; danger is answered anyhow."""
    await house.caseworker("Ana")
    sam = house.person("88000")
    await sam.hand_over()
    turns = house.fener.turns
    fingerprinter, me = turns._recognise._fingerprinter, turns._names.of(Address("telegram", "88000"))
    mine = fingerprinter.known(me) or b""
    order: list[Pseudonym] = []
    door = threading.Event()

    def slow(self: Fingerprinter, who: Pseudonym, _address: Address) -> bytes:
        order.append(who)
        door.wait(60)
        found = mine if who == me else b"%32d" % len(order)
        self._cache.keep(who, found)
        return found

    turns._newcomers = Newcomers(house.clock, 201)  # no more may begin in this minute
    monkeypatch.setattr(Fingerprinter, "compute", slow)
    monkeypatch.setattr(recognise_person, "PATIENCE_SECONDS", 60)
    strangers = [house.person(f"9{number:04}") for number in range(300)]
    flood = [asyncio.create_task(each.say("hi")) for each in strangers]
    await until(lambda: bool(order))

    assert "Added, locked" in await sam.say("Are you there?")  # still remembered: waits for nobody

    fingerprinter.forget(me)
    waiting = asyncio.create_task(sam.say("I am cold"))
    await until(lambda: bool(turns._recognise._live))
    monkeypatch.setattr(recognise_person, "PATIENCE_SECONDS", 0.05)
    alex = house.person("88999")
    said = await alex.say("I want to kill myself")
    assert "wait a minute" not in said
    assert turns._names.of(Address("telegram", "88999")) not in order  # answered while the line stood still
    door.set()
    assert "Added, locked" in await waiting
    await asyncio.gather(*flood)

    assert order[1] == me
    told_to_wait = [each for each in strangers if "wait a minute" in each.heard[-1]]
    assert len(told_to_wait) == 300 - 201
    assert all(each.heard[-1] for each in strangers)


async def test_one_address_that_writes_without_end_is_slowed_alone_and_danger_gets_through(
    house: House,
) -> None:
    sam, alex = house.person("88000"), house.person("88001")
    for _ in range(70):
        await sam.say("hi")

    assert "wait a minute" in sam.heard[-1]
    assert "wait a minute" not in await alex.say("hi")
    assert "wait a minute" not in await sam.say("I want to kill myself")
    house.clock.move(minutes=1, seconds=1)
    assert "wait a minute" not in await sam.say("hi")


async def test_taking_cases_has_a_limit_and_coming_into_the_queue_has_none(house: House) -> None:
    ana = await house.caseworker("Ana")
    mina = await house.caseworker("Mina", role="caseworker")
    cases = []
    for number in range(MOST_HELD + 1):
        await house.person(f"88{number:03}").hand_over()
        rows = await house.fener.staff.read.queue(ana.row)
        [fresh] = [row.id for row in rows if row.id not in cases]
        cases.append(fresh)
    for case in cases[:MOST_HELD]:
        await house.fener.staff.claim(ana.row, case)
    last = cases[-1]

    with pytest.raises(RefusedError, match=r"case\.enough"):
        await house.fener.staff.claim(ana.row, last)
    with pytest.raises(RefusedError, match=r"case\.enough"):
        await ana.reply(last, "Hello")
    await house.fener.staff.claim(ana.row, cases[0])  # hers already
    await house.fener.staff.claim(mina.row, last)
    await house.fener.staff.close(ana.row, cases[0])
    await house.person("88999").hand_over()
    [fresh] = [row.id for row in await house.fener.staff.read.queue(ana.row) if row.id not in cases]
    await house.fener.staff.claim(ana.row, fresh)


@pytest.mark.parametrize("chosen", ["Only when", "Ask for a check word"])
@pytest.mark.parametrize("hours", [0, 2])
async def test_where_silence_was_chosen_the_first_page_does_not_say_whether_somebody_is_known(
    house: House, monkeypatch: pytest.MonkeyPatch, hours: int, chosen: str
) -> None:
    """An open case and a session that is over, or nobody at all: one fingerprint each, and the same page."""
    ana = await house.caseworker("Ana")
    sam = house.person("88000")
    await sam.hand_over()
    case = (await house.case()).id
    await sam.choose("How answers arrive")
    await sam.choose(chosen)
    await sam.say("lavender")
    house.clock.move(hours=hours)
    await house.restart()
    _, before = await ana.read(case)
    costs = []
    compute = Fingerprinter.compute

    def counted(self: Fingerprinter, who: Pseudonym, address: Address) -> bytes:
        costs.append(1)
        return compute(self, who, address)

    monkeypatch.setattr(Fingerprinter, "compute", counted)
    known = await sam.say("hi")
    after_known = len(costs)
    stranger = await house.person("88001").say("hi")

    assert (after_known, len(costs)) == (1, 2)
    assert known == stranger
    _, after = await ana.read(case)
    assert len(after) == len(before)  # whose words these are nobody knows: they are not in the case
    await sam.say("1")
    assert "Lantern Demo Centre" in await sam.say("person")  # who asks for their people finds them


async def test_the_first_message_costs_the_same_whether_somebody_is_known_or_not(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.caseworker("Ana")
    await house.person("88000").hand_over()
    await house.restart()
    costs = []
    compute = Fingerprinter.compute

    def counted(self: Fingerprinter, who: Pseudonym, address: Address) -> bytes:
        costs.append(1)
        return compute(self, who, address)

    monkeypatch.setattr(Fingerprinter, "compute", counted)
    for number, address in enumerate(("88000", "88001"), start=1):
        await house.person(address).say("hi")
        assert len(costs) == number
