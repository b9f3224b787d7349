import asyncio
import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.kernel.ids import Pseudonym
from bot.ports import Stored
from tests.ports.conftest import Memory

WHO = Pseudonym("0" * 32)
SOMEBODY_ELSE = Pseudonym("1" * 32)
_runs = itertools.count()


async def test_somebody_new_has_no_session(memory: Memory) -> None:
    assert await memory.sessions.load(WHO) is None


async def test_a_saved_session_comes_back_with_its_version(memory: Memory) -> None:
    assert await memory.sessions.save(WHO, b"one", expected=0, seconds=60)
    assert await memory.sessions.save(WHO, b"two", expected=1, seconds=60)

    assert await memory.sessions.load(WHO) == Stored(b"two", 2)


async def test_sessions_of_two_people_do_not_mix(memory: Memory) -> None:
    await memory.sessions.save(WHO, b"mine", expected=0, seconds=60)
    await memory.sessions.save(SOMEBODY_ELSE, b"theirs", expected=0, seconds=60)

    await memory.sessions.forget(SOMEBODY_ELSE)

    assert await memory.sessions.load(WHO) == Stored(b"mine", 1)
    assert await memory.sessions.load(SOMEBODY_ELSE) is None


async def test_a_save_on_top_of_an_unread_change_is_refused_and_changes_nothing(memory: Memory) -> None:
    await memory.sessions.save(WHO, b"one", expected=0, seconds=60)

    for expected in (0, 2, 7):
        assert not await memory.sessions.save(WHO, b"late", expected=expected, seconds=60)

    assert await memory.sessions.load(WHO) == Stored(b"one", 1)


async def test_a_session_that_is_gone_cannot_be_continued(memory: Memory) -> None:
    assert not await memory.sessions.save(WHO, b"late", expected=3, seconds=60)

    assert await memory.sessions.load(WHO) is None


async def test_of_two_turns_that_save_at_once_one_wins(memory: Memory) -> None:
    await memory.sessions.save(WHO, b"start", expected=0, seconds=60)

    saved = await asyncio.gather(
        *(memory.sessions.save(WHO, b"%d" % turn, expected=1, seconds=60) for turn in range(8))
    )

    assert sorted(saved) == [False] * 7 + [True]
    stored = await memory.sessions.load(WHO)
    assert stored == Stored(b"%d" % saved.index(True), 2)


async def test_a_forgotten_session_is_gone_at_once_and_starts_anew(memory: Memory) -> None:
    await memory.sessions.save(WHO, b"one", expected=0, seconds=60)

    await memory.sessions.forget(WHO)

    assert await memory.sessions.load(WHO) is None
    assert await memory.sessions.save(WHO, b"new", expected=0, seconds=60)


async def test_forgetting_nobody_is_fine(memory: Memory) -> None:
    await memory.sessions.forget(WHO)


async def test_an_idle_session_runs_out_and_each_save_gives_it_its_time_anew(memory: Memory) -> None:
    await memory.sessions.save(WHO, b"one", expected=0, seconds=1)
    await memory.sessions.save(WHO, b"two", expected=1, seconds=60)
    await memory.sessions.save(SOMEBODY_ELSE, b"idle", expected=0, seconds=1)

    await memory.pass_time(1.1)

    assert await memory.sessions.load(WHO) == Stored(b"two", 2)
    assert await memory.sessions.load(SOMEBODY_ELSE) is None
    assert await memory.sessions.save(SOMEBODY_ELSE, b"new", expected=0, seconds=60)


@given(sealed=st.binary(max_size=5000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_bytes_are_saved_come_back_unchanged(memory: Memory, sealed: bytes) -> None:
    who = Pseudonym(f"{next(_runs):032x}")

    assert await memory.sessions.save(who, sealed, expected=0, seconds=60)

    assert await memory.sessions.load(who) == Stored(sealed, 1)
