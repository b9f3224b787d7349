"""The table in memory: ends, bounds, and the same speed with few and with many."""

import asyncio
import gc
import time
import tracemalloc

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.kernel.ids import Pseudonym
from bot.storage.expiring import ExpiringTable
from bot.storage.memory import MemoryLocks, MemoryRateLimits, MemorySessions

KEYS = st.integers(0, 12)
LIMIT = 8


class TableIsADictWithEnds(RuleBasedStateMachine):
    """Whatever is done in whatever order, the table answers like a plain dict of values and ends."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.table: ExpiringTable[int, int] = ExpiringTable(lambda: self.now, LIMIT)
        self.model: dict[int, tuple[int, float]] = {}

    def live(self) -> dict[int, int]:
        return {key: value for key, (value, ends) in self.model.items() if ends > self.now}

    @rule(key=KEYS, value=st.integers(), seconds=st.integers(1, 60))
    def put(self, key: int, value: int, seconds: int) -> None:
        self.table.put(key, value, seconds)
        self.model[key] = (value, self.now + seconds)
        # Room is made by dropping whatever ends soonest: the model learns what went.
        self.model = {key: kept for key, kept in self.model.items() if key in self.table._entries}

    @rule(key=KEYS)
    def drop(self, key: int) -> None:
        self.table.drop(key)
        self.model.pop(key, None)

    @rule(seconds=st.floats(0, 40))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(most=st.integers(0, 5))
    def sweep(self, most: int) -> None:
        before = len(self.table)
        assert before - len(self.table) <= self.table.sweep(most) <= most

    @invariant()
    def what_lives_is_found_and_nothing_else(self) -> None:
        live = self.live()
        assert {key: self.table.get(key) for key in range(13)} == {key: live.get(key) for key in range(13)}
        assert len(self.table) <= LIMIT

    @invariant()
    def every_entry_is_in_its_bucket_once(self) -> None:
        inside = [key for keys in self.table._buckets.values() for key in keys]
        assert sorted(inside) == sorted(self.table._entries)
        assert sorted(self.table._order) == sorted(self.table._buckets)


TestTableIsADictWithEnds = TableIsADictWithEnds.TestCase
TestTableIsADictWithEnds.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_when_the_table_is_full_what_ends_soonest_goes_first() -> None:
    table: ExpiringTable[str, int] = ExpiringTable(lambda: 0.0, 2)
    table.put("soon", 1, 100)
    table.put("late", 2, 1000)

    table.put("new", 3, 500)

    assert (table.get("soon"), table.get("late"), table.get("new")) == (None, 2, 3)


def test_what_ended_leaves_memory_also_when_nobody_asks_for_it() -> None:
    now = [0.0]
    table: ExpiringTable[int, int] = ExpiringTable(lambda: now[0], 10_000)
    for key in range(1000):
        table.put(key, key, 30)
    now[0] = 1000.0

    for key in range(1000, 1050):
        table.put(key, key, 30)

    assert len(table) == 50


async def test_what_ended_leaves_memory_also_when_nobody_writes() -> None:
    now = [0.0]
    table: ExpiringTable[int, int] = ExpiringTable(lambda: now[0], 10_000, step=0.01)
    for key in range(1000):
        table.put(key, key, 30)
    await asyncio.sleep(0.03)
    assert len(table) == 1000

    now[0] = 1000.0
    async with asyncio.timeout(5):
        while len(table) > 0:  # noqa: ASYNC110  # nothing tells that memory was let go
            await asyncio.sleep(0.01)


async def test_a_session_costs_less_than_two_kilobytes_beside_its_own_bytes() -> None:
    sessions = MemorySessions(time.monotonic)
    count, size = 5000, 600
    gc.collect()
    tracemalloc.start()
    for number in range(count):
        await sessions.save(Pseudonym(f"{number:032x}"), bytes(size), expected=0, seconds=1800)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert used / count - size < 2048


async def steps_of_a_turn(sessions: MemorySessions, people: int) -> float:
    """Processor time of a turn, the quickest of a few rounds."""
    best = float("inf")
    for start in range(5):
        before = time.process_time()
        for number in range(start, start + 500):
            who = Pseudonym(f"{number * 7919 % people:032x}")
            stored = await sessions.load(who)
            await sessions.save(who, b"sealed", expected=stored.version if stored else 0, seconds=1800)
        best = min(best, time.process_time() - before)
    return best


async def test_a_turn_among_many_sessions_is_about_as_fast_as_among_few() -> None:
    few, many = MemorySessions(time.monotonic), MemorySessions(time.monotonic)
    for sessions, people in ((few, 500), (many, 100_000)):
        for number in range(people):
            await sessions.save(Pseudonym(f"{number:032x}"), b"sealed", expected=0, seconds=1800)

    assert await steps_of_a_turn(many, 100_000) < 10 * await steps_of_a_turn(few, 500)


async def test_sessions_beyond_the_limit_push_out_the_one_idle_longest() -> None:
    now = [0.0]
    sessions = MemorySessions(lambda: now[0], limit=3)
    names = [Pseudonym(f"{number:032x}") for number in range(4)]
    for who in names:
        await sessions.save(who, b"sealed", expected=0, seconds=1800)
        now[0] += 60

    assert [await sessions.load(who) is not None for who in names] == [False, True, True, True]


async def test_locks_and_counts_leave_nothing_behind() -> None:
    locks = MemoryLocks()
    now = [0.0]
    limits = MemoryRateLimits(lambda: now[0])

    async def turn(number: int) -> None:
        async with locks.hold(Pseudonym(str(number % 3))):
            await asyncio.sleep(0)
            assert len(locks) > 0

    await asyncio.gather(*(turn(number) for number in range(30)))
    for number in range(100):
        await limits.allow(b"%d" % number, limit=5, seconds=10)
    now[0] = 100.0

    for number in range(10):
        await limits.allow(b"later %d" % number, limit=5, seconds=10)

    assert len(locks) == 0
    assert len(limits) == 10
