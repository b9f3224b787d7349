"""What is kept for a redelivery comes back as it was said, whole."""

import time

from hypothesis import given
from hypothesis import strategies as st

from bot.kernel.messages import Option, OutboundMessage
from bot.storage.memory import MemoryReplays, MemorySessions
from bot.usecases.remember import Remember

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
OPTIONS = st.lists(st.builds(Option, st.integers(0, 99), TEXT, TEXT), max_size=4).map(tuple)
MESSAGES = st.builds(
    OutboundMessage,
    texts=st.lists(TEXT, max_size=3).map(tuple),
    language=TEXT,
    direction=st.sampled_from(["ltr", "rtl"]),
    options=OPTIONS,
    footer=OPTIONS,
    separate=st.booleans(),
    from_case=st.booleans(),
    numbered=st.booleans(),
    english=st.none(),
)


@given(said=MESSAGES, english=st.none() | MESSAGES, digest=st.binary(min_size=16, max_size=16))
async def test_a_kept_reply_comes_back_exactly_as_it_was_said(
    said: OutboundMessage, english: OutboundMessage | None, digest: bytes
) -> None:
    said = said._replace(english=english)
    remember = Remember(
        sessions=MemorySessions(time.monotonic),
        replays=MemoryReplays(time.monotonic),
        memory_key=bytes(32),
        idle_seconds=60,
    )

    await remember.keep_reply(digest, said)

    assert await remember.reply_to(digest) == said
