import asyncio
from contextlib import suppress

import pytest

from bot.kernel.ids import Pseudonym
from bot.ports import TurnLocks
from tests.ports.conftest import Memory

WHO = Pseudonym("0" * 32)
SOMEBODY_ELSE = Pseudonym("1" * 32)


async def test_turns_of_one_person_run_one_after_the_other_in_order_of_asking(memory: Memory) -> None:
    log: list[str] = []

    async def turn(number: int) -> None:
        async with memory.locks.hold(WHO):
            log.append(f"{number} starts")
            await asyncio.sleep(0.002)
            log.append(f"{number} ends")

    await asyncio.gather(*(turn(number) for number in range(6)))

    assert log == [f"{number} {what}" for number in range(6) for what in ("starts", "ends")]


async def test_other_people_do_not_wait(memory: Memory) -> None:
    async with memory.locks.hold(WHO), asyncio.timeout(2), memory.locks.hold(SOMEBODY_ELSE):
        pass


async def test_a_turn_that_fails_lets_the_next_one_in(memory: Memory) -> None:
    with pytest.raises(ZeroDivisionError):
        async with memory.locks.hold(WHO):
            raise ZeroDivisionError

    async with asyncio.timeout(2), memory.locks.hold(WHO):
        pass


async def test_who_gives_up_waiting_is_not_waited_for(memory: Memory) -> None:
    entered = asyncio.Event()

    async def wait_and_enter() -> None:
        async with memory.locks.hold(WHO):
            entered.set()

    async with memory.locks.hold(WHO):
        impatient = asyncio.create_task(wait_and_enter())
        patient = asyncio.create_task(wait_and_enter())
        await asyncio.sleep(0.02)
        impatient.cancel()
        with suppress(asyncio.CancelledError):
            await impatient
        assert not entered.is_set()

    async with asyncio.timeout(2):
        await patient
    assert entered.is_set()


async def test_a_turn_cancelled_while_it_runs_lets_the_next_one_in(memory: Memory) -> None:
    inside = asyncio.Event()

    async def stuck() -> None:
        async with memory.locks.hold(WHO):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stuck())
    await inside.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    async with asyncio.timeout(2), memory.locks.hold(WHO):
        pass


async def test_turns_in_two_processes_never_overlap_and_keep_their_order(memory: Memory) -> None:
    log: list[str] = []

    async def turn(locks: TurnLocks, name: str) -> None:
        async with locks.hold(WHO):
            log.append(f"{name} starts")
            await asyncio.sleep(0.01)
            log.append(f"{name} ends")

    async with memory.locks.hold(WHO):
        first = asyncio.create_task(turn(memory.other_locks, "first"))
        await asyncio.sleep(0.03)
        second = asyncio.create_task(turn(memory.locks, "second"))
        await asyncio.sleep(0.03)
        assert log == []
    async with asyncio.timeout(5):
        await asyncio.gather(first, second)

    assert log == ["first starts", "first ends", "second starts", "second ends"]


async def test_many_turns_in_two_processes_are_all_taken_alone(memory: Memory) -> None:
    inside = 0
    taken = 0

    async def turn(locks: TurnLocks) -> None:
        nonlocal inside, taken
        async with locks.hold(WHO):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0.001)
            inside -= 1
            taken += 1

    async with asyncio.timeout(20):
        await asyncio.gather(
            *(turn(locks) for _ in range(10) for locks in (memory.locks, memory.other_locks))
        )

    assert taken == 20
