"""How many open cases a team can do: a limit for taking and for whom to ask first, never for who may wait."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.kernel.errors import RefusedError
from bot.storage.cases import SqlCaseDesk
from tests.usecases.house import DEMO, House, Person, designation_in
from tests.usecases.test_complaints import WRONG, complain_about_a_centre

FAROL = "pt-demo-farol"
"""Also gives shelter; the lantern comes first in the file."""


async def limited(house: House, **most: int) -> None:
    """Start anew with limits, by the last word of the organisation's id."""
    directory = house.library.directory
    found: Mapping[str, int] = {f"rs-demo-{name}": limit for name, limit in most.items()}
    members = tuple(
        replace(each, most_open=found.get(each.organisation, each.most_open))
        for each in directory.network.members
    )
    network = replace(directory.network, members=members)
    house.library = replace(house.library, directory=replace(directory, network=network), prepared=[])
    await house.restart()


async def for_a_lawyer(sam: Person) -> str:
    await sam.consent()
    return designation_in(await sam.say("words"))


async def test_no_more_is_claimed_than_the_team_can_do_and_everybody_still_gets_into_the_queue(
    house: House,
) -> None:
    await limited(house, lantern=1)
    ana = await house.caseworker("Ana")
    first, second = house.person("1"), house.person("2")
    await for_a_lawyer(first)
    taken = await house.case()
    await house.fener.staff.claim(ana.row, taken.id)
    house.fener.staffing.stale()

    await second.consent()
    assert any("Many people wait at Lantern Demo Centre now" in heard for heard in second.heard)
    designation_in(await second.say("words"))
    waiting = [row for row in await SqlCaseDesk(house.fener.database).waiting(DEMO) if row.id != taken.id]

    assert len(waiting) == 1
    with pytest.raises(RefusedError, match=r"case\.full") as refused:
        await house.fener.staff.claim(ana.row, waiting[0].id)
    assert "most open" in refused.value.mend
    with pytest.raises(RefusedError, match=r"case\.full"):
        await ana.reply(waiting[0].id, "answering takes it too")
    await house.fener.staff.close(ana.row, taken.id)
    await house.fener.staff.claim(ana.row, waiting[0].id)


async def test_what_is_needed_now_is_taken_over_the_limit(house: House) -> None:
    await limited(house, lantern=1)
    ana = await house.caseworker("Ana")
    await for_a_lawyer(house.person("1"))
    taken = await house.case()
    await house.fener.staff.claim(ana.row, taken.id)
    sam = house.person("2")
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("I am in danger now")
    designation_in(await sam.choose("Yes, send it"))
    [urgent] = [row for row in await SqlCaseDesk(house.fener.database).waiting(DEMO) if row.id != taken.id]

    assert (await house.fener.staff.claim(ana.row, urgent.id)).claimed_by == ana.row.id


async def asks_for_shelter(sam: Person) -> str:
    """To where consent names the team."""
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    return await sam.choose("A place to sleep")


@pytest.mark.parametrize("forged", [False, True])
async def test_a_full_team_is_passed_over_for_one_with_room_and_forged_rows_fill_nobody(
    house: House, forged: bool
) -> None:
    await limited(house, lantern=1)
    ana = await house.caseworker("Ana")
    await house.caseworker("Mira", organisation=FAROL)
    assert ana.organisation == DEMO
    sam = house.person("2")
    await for_a_lawyer(house.person("1"))
    if forged:
        await house.write("UPDATE cases SET mac = :mac", mac=b"not ours")
    house.fener.staffing.stale()
    counted = {each.organisation: each.open_cases for each in await house.fener.staffing.now()}

    assert counted == {DEMO: 0 if forged else 1, FAROL: 0}
    assert ("Lantern Demo Centre" in await asks_for_shelter(sam)) is forged


async def test_a_complaint_with_the_focal_point_is_in_no_count_of_the_others(house: House) -> None:
    await limited(house, lantern=1)
    ana = await house.caseworker("Ana")
    fay = await house.caseworker("Fay", role="focal-point")
    sam = house.person("1")
    for text in ("hi", "1", "1"):
        await sam.say(text)
    await complain_about_a_centre(sam)
    await sam.choose("Yes")
    await sam.say(WRONG)
    [complaint] = await house.fener.staff.read.queue(fay.row)
    await house.fener.staff.claim(fay.row, complaint.id)
    house.fener.staffing.stale()

    assert [each.open_cases for each in await house.fener.staffing.now()] == [0]
    await for_a_lawyer(house.person("2"))
    [case] = await house.fener.staff.read.queue(ana.row)
    assert (await house.fener.staff.claim(ana.row, case.id)).claimed_by == ana.row.id
