"""An earlier row of a case carries a right MAC; beside the audit chain it shows all the same."""

from collections.abc import Awaitable, Callable

import pytest

from bot.kernel.audit import complaints_chain
from bot.storage.inspection import SqlInspection, deeds_of
from bot.storage.turned_back import stands_otherwise
from bot.usecases.row_integrity import is_ours
from tests.usecases.house import DEMO, Caseworker, House, Person
from tests.usecases.test_complaints import WRONG, complain_about_a_centre

Deed = Callable[[House, Caseworker, Person, str], Awaitable[object]]


async def odd(house: House) -> int:
    """How many cases stand other than recorded; every row must be one that this server wrote."""
    chains, rows = await SqlInspection(house.fener.database).history()
    assert all(is_ours(house.fener.keys, row) for row in rows)
    return len(stands_otherwise(rows, deeds_of(chains)))


async def claim(house: House, ana: Caseworker, _sam: Person, case: str) -> None:
    await house.fener.staff.claim(ana.row, case)  # type: ignore[arg-type]  # an id as the table holds it


async def reply(_house: House, ana: Caseworker, _sam: Person, case: str) -> None:
    await ana.reply(case, "Hello")


async def close(house: House, ana: Caseworker, _sam: Person, case: str) -> None:
    await house.fener.staff.close(ana.row, case)  # type: ignore[arg-type]  # an id as the table holds it


async def decline(_house: House, ana: Caseworker, _sam: Person, case: str) -> None:
    await ana.decline(case)


async def erase(house: House, ana: Caseworker, sam: Person, case: str) -> None:
    await claim(house, ana, sam, case)
    await sam.say("erase")
    await sam.choose("Yes, erase")


@pytest.mark.parametrize("deed", [claim, reply, close, decline, erase])
async def test_a_row_from_before_a_recorded_deed_is_found(house: House, deed: Deed) -> None:
    ana = await house.caseworker()
    sam = house.person()
    await sam.hand_over()
    [before] = await house.rows("cases")
    case = str(before["id"])
    assert await odd(house) == 0

    await deed(house, ana, sam, case)
    assert await odd(house) == 0
    fields = ", ".join(f"{name} = :{name}" for name in before)
    await house.write(f"UPDATE cases SET {fields}", **before)

    assert await odd(house) == 1


async def test_a_deleted_case_that_was_put_back_is_found_by_the_end_of_its_story(house: House) -> None:
    await house.caseworker()
    sam = house.person()
    await sam.hand_over()
    [before] = await house.rows("cases")
    await sam.say("erase")
    await sam.choose("Yes, erase")
    assert await house.rows("cases") == []

    names = ", ".join(before)
    places = ", ".join(f":{name}" for name in before)
    await house.write(f"INSERT INTO cases ({names}) VALUES ({places})", **before)

    assert await odd(house) == 1


async def test_a_whole_story_with_returns_and_replies_stands_as_recorded(house: House) -> None:
    ana = await house.caseworker()
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id
    for text in ("One", "Two"):
        await ana.reply(case, text)
        await sam.say("thank you")
    await house.fener.staff.close(ana.row, case)
    await house.person("88123").hand_over()

    assert await odd(house) == 0


async def test_a_complaint_that_became_the_focal_points_stands_as_both_chains_say(house: House) -> None:
    """Before there was one the organisation's own chain held it, and its leads heard of unusual reading."""
    ana = await house.caseworker()
    sam = house.person()
    for text in ("hi", "1", "1"):
        await sam.say(text)
    await complain_about_a_centre(sam)
    await sam.choose("Yes")
    await sam.say(WRONG)
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    own, _ = await SqlInspection(house.fener.database).history()
    assert [chain.organisation for chain in own if case in chain.deeds] == [DEMO]

    fay = await house.caseworker("Fay", role="focal-point")
    house.fener.staffing.stale()
    await house.fener.staffing.now()
    await sam.say("erase")
    await sam.choose("Yes, erase")

    assert fay.row.active
    chains, _ = await SqlInspection(house.fener.database).history()
    assert [chain.organisation for chain in chains if case in chain.deeds] == [DEMO, complaints_chain(DEMO)]
    assert await odd(house) == 0
