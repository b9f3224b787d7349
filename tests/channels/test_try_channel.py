"""The try page as a channel: nothing malformed becomes a message, and nothing counts as delivered that was not taken."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.limits import INBOUND_TEXT, PAYLOAD_BYTES
from bot.channels.try_channel import (
    SILENT_SECONDS,
    TryChannel,
    parse_page,
    parse_said,
    parse_wait,
)
from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.kernel.messages import OutboundMessage

PAGE = "0123456789abcdef" * 2
HERE = Address("simulator", PAGE)
REPLY = OutboundMessage(("Hello, I am Ana.",), from_case=True)


class Monotonic:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def a_channel(clock: Monotonic | None = None, pages: int = 3) -> TryChannel:
    return TryChannel(clock or Monotonic(), pages=pages, patience=0.05)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


# --- what a page sends ----------------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_whatever_bytes_come_nothing_is_raised(body: bytes) -> None:
    for parse in (parse_page, parse_said, parse_wait):
        parse(body)  # raises nothing


@given(
    st.dictionaries(
        st.sampled_from(["id", "message_id", "text", "tapped", "after"]),
        st.one_of(st.text(max_size=80), st.integers(), st.none(), st.just(PAGE), st.lists(st.text())),
    )
)
def test_a_message_is_understood_only_when_all_of_it_is_well_formed(content: dict[str, object]) -> None:
    said = parse_said(json.dumps(content).encode())

    if said is not None:
        assert said.address == Address("simulator", str(content["id"]))
        assert content["id"] == content["message_id"] == PAGE
        assert len(said.message.text) <= INBOUND_TEXT
        assert len((said.message.tapped or "").encode()) <= PAYLOAD_BYTES


@pytest.mark.parametrize(
    "number", ["", "abc", PAGE[:-1], PAGE + "0", PAGE.upper(), "g" * 32, f"{PAGE}\n", "..%2f" * 6]
)
def test_a_page_is_named_by_thirty_two_hexadecimal_digits_and_nothing_else(number: str) -> None:
    assert parse_page(json.dumps({"id": number}).encode()) is None
    assert parse_said(json.dumps({"id": number, "message_id": PAGE, "text": "hi"}).encode()) is None
    assert parse_said(json.dumps({"id": PAGE, "message_id": number, "text": "hi"}).encode()) is None


def test_a_tap_carries_no_text_and_a_payload_too_long_is_no_message() -> None:
    tapped = parse_said(json.dumps({"id": PAGE, "message_id": PAGE, "text": "x", "tapped": "a.1"}).encode())
    assert tapped is not None
    assert (tapped.message.text, tapped.message.tapped) == ("", "a.1")

    long = json.dumps({"id": PAGE, "message_id": PAGE, "tapped": "x" * (PAYLOAD_BYTES + 1)}).encode()
    assert parse_said(long) is None


def test_the_same_message_number_on_two_pages_names_two_messages() -> None:
    one = parse_said(json.dumps({"id": PAGE, "message_id": PAGE, "text": "hi"}).encode())
    other = parse_said(json.dumps({"id": PAGE[::-1], "message_id": PAGE, "text": "hi"}).encode())

    assert one is not None
    assert other is not None
    assert one.message.message_id != other.message.message_id


# --- what waits for a page ------------------------------------------------------------------------------


async def test_a_reply_counts_as_delivered_once_the_page_says_that_it_has_it() -> None:
    channel = a_channel()
    await channel.enter(HERE)
    asking = asyncio.create_task(channel.news(HERE, 0, 1.0))
    await settled()
    sending = asyncio.create_task(channel.send(HERE, REPLY))

    [news] = await asking or ()
    assert (news.number, news.message) == (1, REPLY)
    assert not sending.done()
    again = asyncio.create_task(channel.news(HERE, 1, 0.01))

    assert await sending == ()
    assert await again == ()


async def test_a_reply_that_the_page_does_not_take_is_refused_and_not_shown_later() -> None:
    channel = a_channel()
    await channel.enter(HERE)
    asking = asyncio.create_task(channel.news(HERE, 0, 1.0))
    await settled()

    with pytest.raises(SendError) as refused:
        await channel.send(HERE, REPLY)

    assert refused.value.retryable
    assert not refused.value.gone
    await asking
    assert await channel.news(HERE, 0, 0.01) == ()


@pytest.mark.parametrize("entered", [False, True])
async def test_nothing_can_be_sent_to_a_page_that_is_not_open(entered: bool) -> None:
    clock = Monotonic()
    channel = a_channel(clock)
    if entered:
        await channel.enter(HERE)
        clock.seconds = SILENT_SECONDS - 1

    with pytest.raises(SendError):
        await channel.send(HERE, REPLY)


async def test_two_replies_at_once_arrive_in_order() -> None:
    channel = a_channel()
    await channel.enter(HERE)
    second = OutboundMessage(("And one more thing.",))
    asking = asyncio.create_task(channel.news(HERE, 0, 1.0))
    await settled()
    sending = asyncio.gather(channel.send(HERE, REPLY), channel.send(HERE, second))

    got = list(await asking or ())
    got += [each for each in await channel.news(HERE, got[-1].number, 0.01) or () if each not in got]

    assert [each.message for each in got] == [REPLY, second]
    await channel.news(HERE, got[-1].number, 0.01)
    await sending


async def test_a_newer_request_ends_the_older_one() -> None:
    channel = a_channel()
    await channel.enter(HERE)
    older = asyncio.create_task(channel.news(HERE, 0, 5.0))
    await settled()
    newer = asyncio.create_task(channel.news(HERE, 0, 0.01))

    assert await older == ()
    assert await newer == ()


async def test_leaving_ends_what_waits_and_forgets_the_page() -> None:
    channel = a_channel()
    await channel.enter(HERE)
    asking = asyncio.create_task(channel.news(HERE, 0, 5.0))
    await settled()

    await channel.leave(HERE)

    assert await asking is None
    assert len(channel) == 0
    with pytest.raises(SendError):
        await channel.send(HERE, REPLY)


async def test_there_are_never_more_pages_than_the_limit() -> None:
    channel = a_channel(pages=3)
    let_in = [await channel.enter(Address("simulator", f"{number:032x}")) for number in range(5)]

    assert let_in == [True, True, True, False, False]
    assert len(channel) == 3


async def test_a_silent_page_makes_room_after_a_minute_and_one_that_asks_stays() -> None:
    clock = Monotonic()
    channel = a_channel(clock, pages=2)
    silent = Address("simulator", "0" * 32)
    await channel.enter(silent)
    await channel.enter(HERE)
    asking = asyncio.create_task(channel.news(HERE, 0, 5.0))
    await settled()
    clock.seconds = SILENT_SECONDS + 1

    assert await channel.enter(Address("simulator", "1" * 32))
    assert not await channel.knows(silent)
    assert await channel.knows(HERE)
    channel.hang_up()
    assert await asking is None


async def test_a_stopping_server_answers_whoever_waits_and_lets_nobody_in() -> None:
    channel = a_channel()
    await channel.enter(HERE)
    asking = asyncio.create_task(channel.news(HERE, 0, 60.0))
    await settled()

    channel.hang_up()

    assert await asking is None
    assert not await channel.enter(HERE)
