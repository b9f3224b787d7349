"""The polling loop acknowledges only what was processed, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from bot.channels.polling import GiveUp, Handle, Pace, poll
from bot.channels.telegram import Update
from bot.channels.telegram_api import TelegramChannel
from bot.kernel.errors import SendError, StartError, StorageError
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_server import TOKEN

QUICK = Pace(
    long_poll=5.0,
    running=0.02,
    held=0.02,
    first_pause=0.01,
    longest_pause=0.05,
    last_word=1.0,
    turn=0.3,
    tries=5,
)


@dataclass(slots=True)
class Notebook:
    """A handler that writes down what it was given, and the loop's reports."""

    taken: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    mends: list[str] = field(default_factory=list)

    async def take(self, update: Update) -> bool:
        self.taken.append(text_of(update))
        return True

    def report(self, event: str, mend: str) -> None:
        self.events.append(event)
        self.mends.append(mend)


@asynccontextmanager
async def polling(
    telegram: TelegramDouble, handle: Handle, notes: Notebook, give_up: GiveUp | None = None
) -> AsyncIterator[asyncio.Event]:
    channel = TelegramChannel(TOKEN, api_url=telegram.url)
    stop = asyncio.Event()
    loop = asyncio.create_task(poll(channel, handle, stop, report=notes.report, give_up=give_up, pace=QUICK))
    try:
        yield stop
        stop.set()
        await asyncio.wait_for(loop, 5)
    finally:
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop
        await channel.close()


def text_of(update: Update) -> str:
    assert update.delivery
    return update.delivery.message.text


async def test_messages_are_processed_once_and_then_confirmed(telegram: TelegramDouble) -> None:
    notes = Notebook()
    sam, kim = telegram.person(), telegram.person()
    async with polling(telegram, notes.take, notes):
        sent = {sam.say("one"), kim.say("two"), sam.say("three")}
        await telegram.until(lambda: telegram.confirmed == sent)

    assert sorted(notes.taken) == ["one", "three", "two"]
    assert notes.events == []


async def test_what_was_being_processed_at_a_crash_comes_again_and_what_was_done_does_not(
    telegram: TelegramDouble,
) -> None:
    done: list[str] = []
    reached = asyncio.Event()

    async def dies_at_the_second(update: Update) -> bool:
        if text_of(update) == "second":
            reached.set()
            await asyncio.sleep(60)
        done.append(text_of(update))
        return True

    sam = telegram.person()
    sam.say("first")
    second, third = sam.say("second"), sam.say("third")
    channel = TelegramChannel(TOKEN, api_url=telegram.url)
    loop = asyncio.create_task(poll(channel, dies_at_the_second, asyncio.Event(), pace=QUICK))
    await reached.wait()
    await telegram.until(lambda: len(telegram.confirmed) == 1)
    loop.cancel()  # as kill -9 would: no last word
    with suppress(asyncio.CancelledError):
        await loop
    await channel.close()
    assert done == ["first"]

    notes = Notebook()
    async with polling(telegram, notes.take, notes):
        await telegram.until(lambda: {second, third} <= telegram.confirmed)
    assert notes.taken == ["second", "third"]


async def test_one_persons_messages_stay_in_order_while_others_do_not_wait(telegram: TelegramDouble) -> None:
    taken: list[str] = []
    slow = asyncio.Event()

    async def slow_for_sam(update: Update) -> bool:
        if text_of(update) == "sam 1":
            await slow.wait()
        taken.append(text_of(update))
        return True

    notes = Notebook()
    sam, kim = telegram.person(), telegram.person()
    async with polling(telegram, slow_for_sam, notes):
        sam.say("sam 1")
        sam.say("sam 2")
        await telegram.until(lambda: telegram.handed_out)
        for number in range(3):
            kim.say(f"kim {number}")
            await telegram.until(lambda number=number: f"kim {number}" in taken)  # type: ignore[misc]  # bound per turn
        assert telegram.confirmed == set()
        slow.set()
        await telegram.until(lambda: len(telegram.confirmed) == 5)

    assert taken == ["kim 0", "kim 1", "kim 2", "sam 1", "sam 2"]


async def test_updates_that_arrive_mixed_up_are_taken_in_the_order_of_their_ids(
    telegram: TelegramDouble,
) -> None:
    telegram.out_of_order = True
    notes = Notebook()
    sam = telegram.person()
    for number in range(5):
        sam.say(str(number))
    async with polling(telegram, notes.take, notes):
        await telegram.until(lambda: len(telegram.confirmed) == 5)

    assert notes.taken == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "away", [StorageError("database.unreachable"), SendError("telegram.network", retryable=True), None]
)
async def test_while_the_database_is_away_nothing_is_lost_or_given_up(
    telegram: TelegramDouble, away: Exception | None
) -> None:
    tries = 0
    taken: list[str] = []

    async def away_for_a_while(update: Update) -> bool:
        nonlocal tries
        tries += 1
        if tries <= 12:
            if away is None:
                return False
            raise away
        taken.append(text_of(update))
        return True

    notes = Notebook()
    sam = telegram.person()
    async with polling(telegram, away_for_a_while, notes):
        sam.say("first")
        sam.say("second")
        await telegram.until(lambda: len(telegram.confirmed) == 2)

    assert taken == ["first", "second"]
    assert notes.events == ["polling.held"]


async def test_a_message_that_breaks_the_code_silences_nobody_and_is_given_up_openly(
    telegram: TelegramDouble,
) -> None:
    taken: list[str] = []
    tries = 0

    async def breaks_on_poison(update: Update) -> bool:
        nonlocal tries
        if text_of(update) == "poison":
            tries += 1
            raise ZeroDivisionError
        taken.append(text_of(update))
        return True

    given_up: list[str] = []

    async def give_up(update: Update) -> None:
        given_up.append(text_of(update))

    notes = Notebook()
    sam, kim = telegram.person(), telegram.person()
    async with polling(telegram, breaks_on_poison, notes, give_up):
        sam.say("poison")
        sam.say("after")
        kim.say("hello")
        await telegram.until(lambda: len(telegram.confirmed) == 3)

    assert taken == ["hello", "after"]
    assert (tries, given_up) == (QUICK.tries, ["poison"])
    assert notes.events == ["polling.held", "polling.given_up"]


async def test_a_turn_that_never_ends_is_cut_off_and_silences_nobody(telegram: TelegramDouble) -> None:
    taken: list[str] = []

    async def hangs(update: Update) -> bool:
        if text_of(update) == "hang":
            await asyncio.sleep(60)
        taken.append(text_of(update))
        return True

    notes = Notebook()
    sam, kim = telegram.person(), telegram.person()
    async with polling(telegram, hangs, notes):
        sam.say("hang")
        sam.say("after")
        kim.say("hello")
        await telegram.until(lambda: len(telegram.confirmed) == 3)

    assert taken == ["hello", "after"]


async def test_one_message_that_is_never_done_cannot_fill_the_whole_window(telegram: TelegramDouble) -> None:
    taken: list[str] = []

    async def never_done(update: Update) -> bool:
        if text_of(update) == "stuck":
            return False
        taken.append(text_of(update))
        return True

    notes = Notebook()
    sam, kim = telegram.person(), telegram.person()
    async with polling(telegram, never_done, notes):
        sam.say("stuck")
        for number in range(150):
            kim.say(str(number))
        await telegram.until(lambda: len(telegram.confirmed) == 151)

    assert taken == [str(number) for number in range(150)]
    assert "polling.given_up" in notes.events


async def test_a_long_outage_with_a_full_window_gives_nobody_up(telegram: TelegramDouble) -> None:
    back = False
    taken: list[str] = []

    async def away(update: Update) -> bool:
        if back:
            taken.append(text_of(update))
        return back

    notes = Notebook()
    async with polling(telegram, away, notes):
        for number in range(130):
            telegram.person().say(str(number))
        await telegram.until(lambda: len(telegram.called("getUpdates")) > 8)
        assert telegram.confirmed == set()
        back = True
        await telegram.until(lambda: len(telegram.confirmed) == 130)

    assert sorted(map(int, taken)) == list(range(130))
    assert notes.events == ["polling.held"]


async def test_unknown_updates_are_acknowledged_and_never_handled(telegram: TelegramDouble) -> None:
    notes = Notebook()
    async with polling(telegram, notes.take, notes):
        number = telegram.push("message", {"chat": "strange"})
        await telegram.until(lambda: number in telegram.confirmed)

    assert notes.taken == []


async def test_a_webhook_left_behind_is_removed_and_its_messages_are_kept(telegram: TelegramDouble) -> None:
    channel = TelegramChannel(TOKEN, api_url=telegram.url)
    await channel.register_webhook("https://example.org/old", "secret")
    await channel.close()
    telegram.webhook = None  # nobody answers there
    telegram.person().say("hello")
    notes = Notebook()
    async with polling(telegram, notes.take, notes):
        await telegram.until(lambda: telegram.confirmed)

    assert notes.taken == ["hello"]
    assert telegram.called("deleteWebhook") == [{"drop_pending_updates": False}]


async def test_a_webhook_that_a_newer_copy_sets_is_left_alone(telegram: TelegramDouble) -> None:
    notes = Notebook()
    newer = TelegramChannel(TOKEN, api_url=telegram.url)
    async with polling(telegram, notes.take, notes):
        await telegram.until(lambda: telegram.called("getUpdates"))
        await newer.register_webhook("https://example.org/new", "secret")
        await telegram.until(lambda: notes.events)
    await newer.close()

    assert notes.events == ["polling.conflict"]
    assert telegram.webhook
    assert telegram.webhook.url == "https://example.org/new"


async def test_network_trouble_is_reported_once_and_polling_goes_on(telegram: TelegramDouble) -> None:
    notes = Notebook()
    telegram.fail(502, times=3, method="getUpdates")
    telegram.flood(retry_after=1, method="deleteWebhook")
    telegram.person().say("hello")
    async with polling(telegram, notes.take, notes):
        await telegram.until(lambda: telegram.confirmed)

    assert notes.taken == ["hello"]
    assert notes.events == ["polling.throttled", "polling.unreachable", "polling.recovered"]


async def test_another_copy_is_told_in_one_sentence_and_polling_goes_on_when_it_stops(
    telegram: TelegramDouble,
) -> None:
    notes = Notebook()
    telegram.fail(409, times=2, method="getUpdates")
    telegram.person().say("hello")
    async with polling(telegram, notes.take, notes):
        await telegram.until(lambda: telegram.confirmed)

    assert notes.taken == ["hello"]
    assert notes.events == ["polling.conflict", "polling.recovered"]
    assert "another copy is running" in notes.mends[0]


async def test_a_refused_token_ends_the_loop_with_a_mend(telegram: TelegramDouble) -> None:
    channel = TelegramChannel(TOKEN[:-1] + "x", api_url=telegram.url)
    notes = Notebook()

    with pytest.raises(StartError, match="token is not accepted"):
        await poll(channel, notes.take, asyncio.Event(), pace=QUICK)
    await channel.close()


async def test_a_refusal_after_the_token_worked_is_waited_out(telegram: TelegramDouble) -> None:
    notes = Notebook()
    async with polling(telegram, notes.take, notes):
        telegram.person().say("before")
        await telegram.until(lambda: telegram.confirmed)
        telegram.fail(401, method="getUpdates")
        telegram.person().say("after")
        await telegram.until(lambda: "polling.recovered" in notes.events)
        await telegram.until(lambda: len(telegram.confirmed) == 2)

    assert notes.taken == ["before", "after"]
    assert notes.events == ["polling.refused", "polling.recovered"]


async def test_stopping_lets_a_running_turn_end_and_confirms_it(telegram: TelegramDouble) -> None:
    started = asyncio.Event()
    done: list[str] = []

    async def takes_a_moment(update: Update) -> bool:
        started.set()
        await asyncio.sleep(0.1)
        done.append(text_of(update))
        return True

    notes = Notebook()
    sam = telegram.person()
    async with polling(telegram, takes_a_moment, notes) as stop:
        number = sam.say("hello")
        await started.wait()
        stop.set()

    assert done == ["hello"]
    assert telegram.confirmed == {number}


async def test_after_a_quiet_time_lower_update_ids_are_still_read(telegram: TelegramDouble) -> None:
    notes = Notebook()
    sam = telegram.person()
    async with polling(telegram, notes.take, notes):
        sam.say("before")
        await telegram.until(lambda: len(telegram.confirmed) == 1)
        telegram.end_long_poll()
        await telegram.until(lambda: telegram.called("getUpdates")[-1].get("offset", 0) == 0)
        telegram.restart_update_ids(12_345)
        sam.say("a week later")
        await telegram.until(lambda: len(telegram.confirmed) == 2)

    assert notes.taken == ["before", "a week later"]
