"""Who is on duty is counted beside the turns: once for all of them, and they wait only when they must."""

import asyncio
import contextlib
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from bot.kernel.errors import StorageError
from bot.ports import Keyrings
from bot.storage.staff import SqlStaffRegister
from bot.usecases.check_staffing import BEARABLE, FRESH, CheckStaffing
from tests.usecases.house import DEMO, House

PATIENCE = 60.0  # seconds: what should not wait at all is given long enough on any machine


class SlowKeyrings:
    """The port over the real one: waits behind a door, fails when told, counts how often it is asked."""

    def __init__(self, inner: Keyrings) -> None:
        self.inner = inner
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()
        self.fault: Exception | None = None

    async def entries(self, organisation: str) -> Sequence[bytes]:
        self.asked += 1
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        return await self.inner.entries(organisation)

    async def append(self, organisation: str, entry: bytes, *, expected: int) -> None:
        await self.inner.append(organisation, entry, expected=expected)

    async def organisations(self) -> Sequence[str]:
        return await self.inner.organisations()


class Watched:
    """A count of who is on duty in an installation, over keyrings that a test holds up."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.keyrings = SlowKeyrings(house.fener.staff.keyrings)
        self.staffing = CheckStaffing(
            keyrings=self.keyrings,
            register=SqlStaffRegister(house.fener.database),
            roots={DEMO: house.fener.staffing._roots[DEMO]},  # as the installation pinned it
            heads=house.fener.keys.heads,
            hours=lambda _organisation, _moment: True,
            clock=house.clock,
        )

    async def on_duty(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return sum(each.on_duty for each in await self.staffing.now())

    async def settled(self) -> None:
        """When no count is under way, and what went wrong in it was told."""
        if self.staffing._counting is not None:
            async with asyncio.timeout(PATIENCE):
                await asyncio.wait([self.staffing._counting])
        await asyncio.sleep(0)


@pytest.fixture
async def watched(house: House) -> Watched:
    await house.caseworker("Ana")
    return Watched(house)


async def test_a_turn_does_not_wait_while_who_was_on_duty_is_known_well_enough(watched: Watched) -> None:
    assert await watched.on_duty() == 1
    await watched.house.write("UPDATE staff SET duty_statement = x''")
    watched.house.clock.move(seconds=FRESH.total_seconds())
    watched.keyrings.open.clear()

    assert await watched.on_duty() == 1  # the door is shut: it did not wait

    watched.keyrings.open.set()
    await watched.settled()
    assert await watched.on_duty() == 0


async def test_however_many_turns_ask_it_is_counted_once(watched: Watched) -> None:
    watched.keyrings.open.clear()
    turns = [asyncio.create_task(watched.on_duty()) for _ in range(50)]
    await asyncio.sleep(0)
    watched.keyrings.open.set()
    assert await asyncio.gather(*turns) == [1] * 50
    assert watched.keyrings.asked == 1

    watched.house.clock.move(seconds=FRESH.total_seconds())
    assert await asyncio.gather(*(watched.on_duty() for _ in range(50))) == [1] * 50
    await watched.settled()
    assert watched.keyrings.asked == 2


async def test_a_turn_waits_when_what_is_known_is_too_old(watched: Watched) -> None:
    assert await watched.on_duty() == 1
    await watched.house.write("UPDATE staff SET duty_statement = x''")
    watched.house.clock.move(seconds=BEARABLE.total_seconds())

    assert await watched.on_duty() == 0


async def test_a_turn_waits_after_somebody_came_or_went_even_while_it_is_being_counted(
    watched: Watched,
) -> None:
    assert await watched.on_duty() == 1
    watched.house.clock.move(seconds=FRESH.total_seconds())
    watched.keyrings.open.clear()
    assert await watched.on_duty() == 1  # a count has begun, and will not know what comes now
    await watched.house.write("UPDATE staff SET duty_statement = x''")
    watched.staffing.stale()
    turn = asyncio.create_task(watched.on_duty())
    await asyncio.sleep(0)
    watched.keyrings.open.set()

    assert await turn == 0


async def test_a_turn_that_is_given_up_takes_the_count_from_nobody(watched: Watched) -> None:
    watched.keyrings.open.clear()
    given_up, patient = (asyncio.create_task(watched.on_duty()) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await given_up
    watched.keyrings.open.set()

    assert await patient == 1
    assert watched.keyrings.asked == 1


async def test_a_fault_beside_the_turns_is_told_and_tried_again_but_not_at_every_turn(
    watched: Watched,
) -> None:
    assert await watched.on_duty() == 1
    watched.keyrings.fault = ZeroDivisionError("a fault of ours")
    watched.house.clock.move(seconds=FRESH.total_seconds())
    with capture_logs() as told:
        for _ in range(5):
            assert await watched.on_duty() == 1
            await watched.settled()
    assert [(line["event"], line["kind"]) for line in told] == [("task.failed", "ZeroDivisionError")]
    assert watched.keyrings.asked == 2

    watched.house.clock.move(seconds=BEARABLE.total_seconds())
    with pytest.raises(ZeroDivisionError):  # now it is the turn's own trouble
        await watched.on_duty()
    watched.keyrings.fault = None
    assert await watched.on_duty() == 1


async def test_while_the_database_is_away_turns_go_on_with_what_was_known(watched: Watched) -> None:
    assert await watched.on_duty() == 1
    watched.keyrings.fault = StorageError("database.away")
    for _ in range(3):
        watched.house.clock.move(seconds=BEARABLE.total_seconds())
        assert await watched.on_duty() == 1
    watched.keyrings.fault = None
    await watched.house.write("UPDATE staff SET duty_statement = x''")
    watched.house.clock.move(seconds=BEARABLE.total_seconds())
    assert await watched.on_duty() == 0
