import asyncio

from tests.ports.conftest import Memory


async def test_calls_up_to_the_limit_are_allowed_and_no_more(memory: Memory) -> None:
    allowed = [await memory.limits.allow(b"who", limit=3, seconds=60) for _ in range(5)]

    assert allowed == [True, True, True, False, False]


async def test_each_key_is_counted_by_itself(memory: Memory) -> None:
    assert await memory.limits.allow(b"one", limit=1, seconds=60)
    assert await memory.limits.allow(b"two", limit=1, seconds=60)
    assert not await memory.limits.allow(b"one", limit=1, seconds=60)


async def test_who_was_refused_is_heard_again_when_the_time_is_over(memory: Memory) -> None:
    assert await memory.limits.allow(b"who", limit=1, seconds=1)
    assert not await memory.limits.allow(b"who", limit=1, seconds=1)

    await memory.pass_time(1.1)

    assert await memory.limits.allow(b"who", limit=1, seconds=1)


async def test_no_stretch_of_time_holds_more_than_the_limit(memory: Memory) -> None:
    assert await memory.limits.allow(b"who", limit=2, seconds=2)
    await memory.pass_time(1.2)
    assert await memory.limits.allow(b"who", limit=2, seconds=2)
    await memory.pass_time(1)  # the first call is too old by now, the second is not

    assert await memory.limits.allow(b"who", limit=2, seconds=2)
    assert not await memory.limits.allow(b"who", limit=2, seconds=2)


async def test_a_limit_of_nothing_allows_nothing(memory: Memory) -> None:
    assert not await memory.limits.allow(b"who", limit=0, seconds=60)


async def test_calls_at_the_same_moment_are_all_counted(memory: Memory) -> None:
    allowed = await asyncio.gather(*(memory.limits.allow(b"who", limit=5, seconds=60) for _ in range(20)))

    assert sum(allowed) == 5
