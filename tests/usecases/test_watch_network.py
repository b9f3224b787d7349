"""How long people wait in the network: once a day, in bands and tens, without a case and without complaints."""

import dataclasses
import time
from datetime import timedelta

import pytest

from bot.crypto.epochs import epoch_number
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.ids import CaseId, EnvelopeId
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.usecases.row_integrity import signed
from bot.usecases.watch_network import Waiting, Watched, WatchNetwork
from tests.ports.examples import a_case, an_envelope
from tests.usecases.house import DEMO, OTHER, House


@pytest.fixture
async def watch(house: House) -> WatchNetwork:
    await house.founded()
    await house.caseworker("Ana")
    return WatchNetwork(
        audit=SqlAuditTrail(house.fener.database),
        desk=SqlCaseDesk(house.fener.database),
        staffing=house.fener.staffing,
        keys=house.fener.keys,
        content=house.fener.content,
        clock=house.clock,
    )


def hour_of(house: House, ago: float) -> int:
    return whole_hour(house.clock.now() - timedelta(hours=ago))


async def come(
    house: House,
    number: int,
    *,
    ago: float,
    queue: str = "general",
    organisation: str = DEMO,
    ours: bool = True,
) -> None:
    """A case that came so many hours ago, with its row and its line."""
    hour = hour_of(house, ago)
    row = a_case(
        id=CaseId(f"{number:032x}"),
        organisation=organisation,
        queue=queue,
        designation=f"amber heron {number}",
        pseudonym=number.to_bytes(32),
        opened_hour=hour,
        touched_hour=hour,
        epoch=epoch_number(house.clock.now()),
    )
    row = signed(house.fener.keys, row) if ours else row
    cases = SqlCaseQueue(house.fener.database, time.monotonic)
    await cases.open(
        row, dataclasses.replace(an_envelope(row), id=EnvelopeId(f"{number:032x}")), [number.to_bytes(32)]
    )
    await happen(house, AuditEvent.CASE_OPENED, number, ago=ago, organisation=organisation)


async def happen(
    house: House, event: AuditEvent, number: int, *, ago: float, organisation: str = DEMO
) -> None:
    entry = AuditEntry(organisation, event, "system", f"{number:032x}")
    await SqlAuditTrail(house.fener.database).append(entry, hour_of(house, ago))


async def seen(watch: WatchNetwork, organisation: str = DEMO, own: str = "") -> Watched:
    return next(each for each in await watch(own) if each.organisation == organisation)


def waiting(one: Watched) -> dict[str, int]:
    return {each.queue: each.cases for each in one.queues if each.cases}


async def test_an_empty_network_tells_nothing_but_who_is_in_it(watch: WatchNetwork, house: House) -> None:
    told = await watch()

    assert [each.organisation for each in told] == [
        member.organisation for member in house.library.directory.network.members
    ]
    assert {(each.first_answer, each.stuck) for each in told} == {("few", "few")}
    assert Waiting("general", 0) in told[0].queues
    assert not [one for each in told for one in each.queues if one.queue in house.fener.staffing.complaints]


async def test_nine_that_wait_look_like_none_and_the_tenth_shows_on_the_next_day(
    watch: WatchNetwork, house: House
) -> None:
    for number in range(9):
        await come(house, number, ago=14)
    before = await watch()
    assert waiting(before[0]) == {}

    await come(house, 9, ago=14)
    assert await watch() == before  # who looks again on the same day sees nothing new
    house.clock.move(days=1)

    assert waiting(await seen(watch)) == {"general": 10}


async def test_what_came_after_midnight_is_not_in_it(watch: WatchNetwork, house: House) -> None:
    for number in range(20):
        await come(house, number, ago=3)

    assert waiting(await seen(watch)) == {}


async def test_a_case_that_was_answered_or_is_no_row_of_ours_does_not_wait(
    watch: WatchNetwork, house: House
) -> None:
    for number in range(12):
        await come(house, number, ago=40, ours=number > 0)
    await happen(house, AuditEvent.CASE_REPLIED, 1, ago=39)
    await happen(house, AuditEvent.CASE_ERASED, 2, ago=39)

    one = await seen(watch)

    assert waiting(one) == {}
    assert one.stuck == "few"


@pytest.mark.parametrize(
    ("hours", "band"), [(1, "hour"), (2, "day"), (24, "day"), (25, "three-days"), (100, "longer")]
)
async def test_how_long_half_of_the_first_answers_took_is_told_in_coarse_bands_from_ten_on(
    watch: WatchNetwork, house: House, hours: int, band: str
) -> None:
    for number in range(10):
        assert (await seen(watch)).first_answer == "few"
        await happen(house, AuditEvent.CASE_OPENED, number, ago=200)
        await happen(house, AuditEvent.CASE_REPLIED, number, ago=200 - hours)
        await happen(house, AuditEvent.CASE_REPLIED, number, ago=20)
        if number == 8:
            house.clock.move(days=1)
    house.clock.move(days=1)

    assert (await seen(watch)).first_answer == band


async def test_who_still_waits_makes_the_answers_slower(watch: WatchNetwork, house: House) -> None:
    for number in range(20):
        await happen(house, AuditEvent.CASE_OPENED, number, ago=200)
    for number in range(9):
        await happen(house, AuditEvent.CASE_REPLIED, number, ago=200)

    assert (await seen(watch)).first_answer == "longer"


async def test_one_stuck_case_is_told_to_its_own_organisation_alone(
    watch: WatchNetwork, house: House
) -> None:
    await come(house, 1, ago=60)

    assert (await seen(watch, own=DEMO)).stuck == "some"
    assert (await seen(watch, own=OTHER)).stuck == "few"
    assert (await seen(watch)).stuck == "few"
    assert (await seen(watch, OTHER, own=OTHER)).stuck == "none"


async def test_ten_stuck_cases_are_told_to_the_network(watch: WatchNetwork, house: House) -> None:
    for number in range(10):
        await come(house, number, ago=60)

    assert (await seen(watch, own=OTHER)).stuck == "many"


async def test_complaints_are_in_no_number(watch: WatchNetwork, house: House) -> None:
    [complaints] = [name for name in house.fener.staffing.complaints if name == "complaints"]
    for number in range(20):
        await come(house, number, ago=60, queue=complaints)

    one = await seen(watch, own=DEMO)
    assert (waiting(one), one.first_answer, one.stuck) == ({}, "few", "none")
