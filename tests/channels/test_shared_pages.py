"""Pages that several processes serve: an answer arrives wherever the page asks, once, and the store reads nothing."""

import asyncio
import time

import pytest

from bot.channels.shared_pages import SharedPages, open_pages
from bot.channels.try_channel import TryChannel
from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.kernel.messages import OutboundMessage

PAGE = "0123456789abcdef" * 2
HERE = Address("simulator", PAGE)
REPLY = OutboundMessage(("مرحبا",), language="ar", from_case=True, english=OutboundMessage(("Hello",)))
SOON = 30.0  # seconds until a test gives up


class Table:
    """A store that several processes share. `seen` is everything that was ever written to it."""

    def __init__(self) -> None:
        self.kept: dict[bytes, bytes] = {}
        self.seen = b""

    async def put(self, digest: bytes, sealed: bytes, seconds: int) -> None:
        assert seconds > 0
        self.kept[digest] = sealed
        self.seen += digest + sealed

    async def get(self, digest: bytes) -> bytes | None:
        return self.kept.get(digest)

    async def drop(self, digest: bytes) -> None:
        self.kept.pop(digest, None)


def two_processes(patience: float = SOON) -> tuple[SharedPages, SharedPages, Table]:
    table = Table()
    one, other = (SharedPages(time.monotonic, table, b"k" * 32, patience=patience) for _ in range(2))
    return one, other, table


async def test_an_answer_sent_in_one_process_reaches_a_page_that_asks_another_and_is_told_once() -> None:
    one, other, table = two_processes()
    assert await one.enter(HERE)
    assert await other.knows(HERE)
    asking = asyncio.create_task(one.news(HERE, 0, SOON))
    sending = asyncio.create_task(other.send(HERE, REPLY))

    [news] = await asking or ()
    assert news.message == REPLY
    assert not sending.done()
    [again] = await other.news(HERE, 0, SOON) or ()
    assert again.number == news.number  # a page drops what it has already
    assert await other.news(HERE, news.number, 0.01) == ()

    assert await sending == ()
    for secret in (PAGE, "مرحبا", "Hello"):
        assert secret.encode() not in table.seen


async def test_an_answer_that_no_page_took_is_refused_and_not_shown_later() -> None:
    one, other, _ = two_processes(patience=0.05)
    await one.enter(HERE)

    with pytest.raises(SendError) as refused:
        await other.send(HERE, REPLY)

    assert refused.value.retryable
    assert await one.news(HERE, 0, 0.01) == ()


async def test_a_page_that_left_is_forgotten_by_every_process_with_what_waited_for_it() -> None:
    one, other, table = two_processes()
    await one.enter(HERE)
    await other.leave(HERE)

    assert not await one.knows(HERE)
    assert await one.news(HERE, 0, SOON) is None
    with pytest.raises(SendError):
        await one.send(HERE, REPLY)
    assert table.kept == {}


async def test_a_stopping_process_answers_whoever_waits_there_and_lets_nobody_in() -> None:
    one, other, _ = two_processes()
    await one.enter(HERE)
    asking = asyncio.create_task(one.news(HERE, 0, SOON))

    one.hang_up()

    assert await asking is None
    assert not await one.enter(HERE)
    assert await other.enter(HERE)


async def test_a_page_waits_once_in_a_process_however_often_it_asks() -> None:
    one, _, table = two_processes()
    await one.enter(HERE)
    waits = [asyncio.create_task(one.news(HERE, 0, SOON)) for _ in range(50)]

    ended = await asyncio.wait_for(asyncio.gather(*waits[:-1]), SOON)
    assert ended == [()] * 49
    assert not waits[-1].done()

    sending = asyncio.create_task(one.send(HERE, REPLY))
    [news] = await waits[-1] or ()
    assert news.message == REPLY
    assert await one.news(HERE, news.number, 0.01) == ()
    assert await sending == ()
    assert table.kept


async def test_pages_beyond_the_limit_are_told_to_come_back_and_keep_nobody_out_for_long() -> None:
    table = Table()
    pages = SharedPages(time.monotonic, table, b"k" * 32, pages=2)
    some = [Address("simulator", f"{number:032x}") for number in range(3)]
    waits = []
    for page in some[:2]:
        assert await pages.enter(page)
        waits.append(asyncio.create_task(pages.news(page, 0, SOON)))
    await asyncio.sleep(0)

    assert not await pages.enter(some[2])
    assert await pages.enter(some[0])  # who is inside stays so
    assert await pages.news(some[2], 0, SOON) is None

    await pages.leave(some[0])
    waits[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits[0]
    assert await pages.enter(some[2])
    pages.hang_up()
    assert await waits[1] is None


def test_alone_a_process_keeps_its_pages_to_itself() -> None:
    assert isinstance(open_pages(time.monotonic, None, b"k" * 32), TryChannel)
    assert isinstance(open_pages(time.monotonic, Table(), b"k" * 32), SharedPages)
