"""Stepping back from a case: no reason, no place lost, and a person who was answered hears that somebody else answers."""

import pytest

from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.web.caring import caring
from tests.usecases.house import Caseworker, House, Person

OTHERS = "Another person of the team can answer now."


async def a_claimed_case(house: House, *, answered: bool) -> tuple[Caseworker, Caseworker, Person, CaseId]:
    """Ana has Sam's case, Mina is there too."""
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    if answered:
        await ana.reply(case, "Hello, I am Ana.")
    return ana, mina, sam, case


async def test_who_was_answered_hears_at_once_that_somebody_else_answers_and_a_colleague_goes_on(
    house: House,
) -> None:
    ana, mina, sam, case = await a_claimed_case(house, answered=True)

    row = await caring(house.fener).step_back(ana.row, case, await ana.written(case, OTHERS))

    assert (row.status, row.claimed_by) == ("waiting", None)
    assert OTHERS in house.messenger.heard
    await mina.reply(case, "Hello, I am Mina.")
    assert (await house.case()).claimed_by == mina.row.id
    assert "I am Mina" in house.messenger.heard
    assert "Ana" not in house.messenger.heard.rpartition(OTHERS)[2]
    assert sam.heard


async def test_who_comes_back_later_reads_it_behind_the_same_question_as_any_answer(house: House) -> None:
    ana, _, sam, case = await a_claimed_case(house, answered=True)
    await sam.say("1")
    house.clock.move(hours=3)
    await caring(house.fener).step_back(ana.row, case, await ana.written(case, OTHERS))

    assert OTHERS not in house.messenger.heard
    assert "Is now a good time" in await sam.say("hi")
    assert OTHERS in await sam.say("1")


async def test_who_was_never_answered_met_nobody_and_hears_nothing(house: House) -> None:
    ana, _, _, case = await a_claimed_case(house, answered=False)

    row = await caring(house.fener).step_back(ana.row, case, None)

    assert (row.status, row.claimed_by, row.note_sequence) == ("waiting", None, 0)
    assert house.messenger.sent == []
    assert await house.rows("notes") == []


async def test_the_case_keeps_its_place_before_those_who_came_later(house: House) -> None:
    ana, mina, _, case = await a_claimed_case(house, answered=False)
    house.clock.move(hours=2)
    await house.person("88001").hand_over()
    later = next(row.id for row in await house.fener.staff.read.queue(mina.row) if row.id != case)

    await caring(house.fener).step_back(ana.row, case, None)

    assert [row.id for row in await house.fener.staff.read.queue(mina.row)] == [case, later]


@pytest.mark.parametrize("answered", [False, True])
async def test_the_sentence_comes_neither_too_early_nor_is_it_left_out(house: House, answered: bool) -> None:
    """Before a first answer it would count as one: nobody would have to read how the person wants to be spoken to."""
    ana, _, _, case = await a_claimed_case(house, answered=answered)
    told = None if answered else await ana.written(case, OTHERS)

    with pytest.raises(RefusedError, match=r"step-back\.told"):
        await caring(house.fener).step_back(ana.row, case, told)

    assert (await house.case()).claimed_by == ana.row.id


async def test_only_who_has_the_case_steps_back(house: House) -> None:
    ana, mina, _, case = await a_claimed_case(house, answered=False)
    step_back = caring(house.fener).step_back

    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await step_back(mina.row, case, None)
    await step_back(ana.row, case, None)
    with pytest.raises(RefusedError, match=r"case\.status"):
        await step_back(ana.row, case, None)


async def test_a_person_who_erased_meanwhile_is_no_hindrance(house: House) -> None:
    ana, _, sam, case = await a_claimed_case(house, answered=True)
    await sam.say("1")
    await sam.say("erase")
    await sam.choose("Yes")

    row = await caring(house.fener).step_back(ana.row, case, None)

    assert (row.status, row.claimed_by) == ("waiting", None)
