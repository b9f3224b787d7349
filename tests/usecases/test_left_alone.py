"""No case is left with somebody who is not there for it: who was removed, or went off duty from what is needed now."""

import pytest

from bot.kernel.errors import RefusedError
from tests.usecases.house import Caseworker, House, Person
from tests.usecases.test_leavers import dismissing
from tests.usecases.test_pause import DANGER, a_case


async def with_mina(house: House) -> tuple[Caseworker, Caseworker, Person]:
    """Ana is a colleague, Mina has the case of Sam."""
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    sam, case = await a_case(house)
    await house.fener.staff.claim(mina.row, case)
    return ana, mina, sam


async def test_the_case_of_somebody_who_was_removed_is_taken_over(house: House) -> None:
    ana, mina, _ = await with_mina(house)
    case = (await house.case()).id

    await dismissing(house).remove(mina.row.organisation, mina.row.id)

    assert (await house.fener.staff.claim(ana.row, case)).claimed_by == ana.row.id


async def test_words_of_danger_go_to_the_queue_when_who_has_the_case_was_removed(house: House) -> None:
    _, mina, sam = await with_mina(house)
    await dismissing(house).remove(mina.row.organisation, mina.row.id)

    await sam.say(DANGER)

    row = await house.case()
    assert (row.status, row.urgency, row.claimed_by) == ("waiting", "now", None)


async def test_words_of_danger_go_to_the_queue_when_who_has_the_case_is_off_duty(house: House) -> None:
    _, mina, sam = await with_mina(house)
    await house.fener.staff.duty.off(await mina.fresh_row())

    await sam.say(DANGER)

    row = await house.case()
    assert (row.status, row.urgency, row.claimed_by) == ("waiting", "now", None)


async def test_what_is_needed_now_is_taken_over_from_who_is_off_duty_and_nothing_else_is(
    house: House,
) -> None:
    ana, mina, sam = await with_mina(house)
    case = (await house.case()).id
    await house.fener.staff.duty.off(await mina.fresh_row())
    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await house.fener.staff.claim(ana.row, case)
    await mina.go_on_duty()
    await sam.say(DANGER)
    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await house.fener.staff.claim(ana.row, case)

    await house.fener.staff.duty.off(await mina.fresh_row())

    assert (await house.fener.staff.claim(ana.row, case)).claimed_by == ana.row.id
