from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ports.conftest import Memory


async def test_a_message_never_seen_has_no_reply(memory: Memory) -> None:
    assert await memory.replays.recall(b"digest") is None


async def test_a_redelivery_gets_the_same_reply(memory: Memory) -> None:
    await memory.replays.keep(b"digest", b"sealed reply", seconds=60)

    assert await memory.replays.recall(b"digest") == b"sealed reply"
    assert await memory.replays.recall(b"digest") == b"sealed reply"


async def test_forgotten_replies_are_gone_and_the_others_stay(memory: Memory) -> None:
    for digest in (b"one", b"two", b"three"):
        await memory.replays.keep(digest, digest, seconds=60)

    await memory.replays.forget([b"one", b"three", b"unknown"])

    assert await memory.replays.recall(b"one") is None
    assert await memory.replays.recall(b"two") == b"two"
    assert await memory.replays.recall(b"three") is None


async def test_forgetting_nothing_is_fine(memory: Memory) -> None:
    await memory.replays.forget([])


async def test_a_reply_is_kept_only_for_its_time(memory: Memory) -> None:
    await memory.replays.keep(b"short", b"reply", seconds=1)
    await memory.replays.keep(b"long", b"reply", seconds=60)

    await memory.pass_time(1.1)

    assert await memory.replays.recall(b"short") is None
    assert await memory.replays.recall(b"long") == b"reply"


@given(digest=st.binary(max_size=40), sealed=st.binary(max_size=5000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_bytes_are_kept_come_back_unchanged(
    memory: Memory, digest: bytes, sealed: bytes
) -> None:
    await memory.replays.keep(digest, sealed, seconds=60)

    assert await memory.replays.recall(digest) == sealed
