"""Who opens or saves unusually many cases within two hours: it is written once, told to leads, and hinders nobody."""

import json
from collections.abc import Awaitable, Callable

import pytest

from bot.kernel.ids import CaseId
from bot.ports import StaffRow
from bot.storage.audit import SqlAuditTrail, first_break
from bot.usecases.tell_alarms import TellAlarms
from tests.usecases.house import DEMO, Caseworker, House
from tests.web.test_console_access import a_case_in


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


async def cases(house: House, count: int) -> list[CaseId]:
    return [await a_case_in(house, "legal", f"amber heron {number}", number) for number in range(count)]


async def written(house: House) -> list[tuple[str, str]]:
    """Event and actor of each line about too much."""
    lines = [json.loads(line) for line in await SqlAuditTrail(house.fener.database).chain(DEMO)]
    assert not [line for line in lines if line["event"].startswith("staff.many") and line["case"]]
    return [(line["event"], line["actor"]) for line in lines if line["event"].startswith("staff.many")]


async def told(house: House) -> list[tuple[str, str, int]]:
    tell = TellAlarms(audit=SqlAuditTrail(house.fener.database), clock=house.clock)
    return [(each.who, each.event, each.cases) for each in await tell(DEMO)]


@pytest.mark.parametrize(
    ("asks", "usual", "raised", "event"),
    [
        (lambda house: house.fener.staff.read, 20, "staff.many-read", "case.read"),
        (lambda house: house.fener.staff.read.export, 3, "staff.many-exported", "case.exported"),
    ],
)
async def test_beyond_the_usual_it_is_written_once_and_everything_is_still_handed_out(
    house: House,
    ana: Caseworker,
    *,
    asks: Callable[[House], Callable[[StaffRow, CaseId], Awaitable[object]]],
    usual: int,
    raised: str,
    event: str,
) -> None:
    several = await cases(house, usual + 2)
    for case in [*several[:usual], *several[:usual]]:  # the same ones twice
        await asks(house)(ana.row, case)
    assert (await written(house), await told(house)) == ([], [])

    await house.restart()  # nothing of the count was only in memory
    for case in several[usual:]:
        assert await asks(house)(ana.row, case)

    assert await written(house) == [(raised, ana.row.id)]
    assert await told(house) == [(ana.row.id, event, usual + 2)]
    assert first_break(await SqlAuditTrail(house.fener.database).chain(DEMO)) is None


async def test_nobody_goes_unnoticed_because_the_clock_strikes_in_between(
    house: House, ana: Caseworker
) -> None:
    several = await cases(house, 8)
    export = house.fener.staff.read.export
    for case in several[:2]:
        await export(ana.row, case)
    house.clock.move(hours=1)
    for case in several[2:5]:
        await export(ana.row, case)
    assert await written(house) == [("staff.many-exported", ana.row.id)]
    assert await told(house) == [(ana.row.id, "case.exported", 5)]

    house.clock.move(hours=1)
    for case in several[5:]:  # what was told is not told again
        await export(ana.row, case)

    assert await written(house) == [("staff.many-exported", ana.row.id)]


async def test_each_caseworker_and_every_two_hours_count_by_themselves(house: House, ana: Caseworker) -> None:
    mina = await house.caseworker("Mina", role="caseworker")
    several = await cases(house, 4)
    export = house.fener.staff.read.export
    for case in several[:2]:
        await export(ana.row, case)
        await export(mina.row, case)
    house.clock.move(hours=2)
    for case in several[2:]:
        await export(ana.row, case)
    assert await written(house) == []

    for _ in range(2):
        house.clock.move(hours=1)
        for case in several:
            await export(ana.row, case)
    assert await written(house) == [("staff.many-exported", ana.row.id)] * 2


async def test_leads_are_told_for_three_days(house: House, ana: Caseworker) -> None:
    for case in await cases(house, 4):
        await house.fener.staff.read.export(ana.row, case)

    house.clock.move(days=3)
    assert await told(house) == [(ana.row.id, "case.exported", 4)]
    house.clock.move(hours=1)
    assert await told(house) == []
