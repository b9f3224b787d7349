"""One update and all it causes: answered before it is acknowledged, whatever goes wrong in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from bot.channels.polling import Pace, poll
from bot.channels.telegram_api import TelegramChannel
from bot.channels.telegram_inbox import TelegramInbox
from bot.kernel.address import Address
from bot.kernel.messages import Option, OutboundMessage
from bot.ports import Delivery
from bot.usecases.take_turn import Answer
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_server import TOKEN

QUICK = Pace(running=0.02, held=0.02, first_pause=0.01, longest_pause=0.05)


@dataclass(slots=True)
class EchoTurns:
    """Turns that echo, remember what they did, and give a redelivered message the same answer."""

    done: dict[str, OutboundMessage] = field(default_factory=dict)
    remembered: list[tuple[int, ...]] = field(default_factory=list)
    gone: list[Address] = field(default_factory=list)
    broken: bool = False

    async def __call__(self, delivery: Delivery) -> Answer:
        if self.broken:
            raise ZeroDivisionError
        message = delivery.message
        before = self.done.get(message.message_id)
        said = before or OutboundMessage(
            (message.tapped or message.text,), options=(Option(1, "Yes", "t:1"),)
        )
        self.done[message.message_id] = said
        return Answer(said, repeated=before is not None)

    def apology(self) -> OutboundMessage:
        return OutboundMessage(("Please send that again.",))

    async def sent(self, address: Address, ids: tuple[int, ...]) -> None:
        self.remembered.append(ids)

    async def left(self, address: Address) -> None:
        self.gone.append(address)


@pytest.fixture
def turns() -> EchoTurns:
    return EchoTurns()


@pytest.fixture
async def running(telegram: TelegramDouble, turns: EchoTurns) -> AsyncIterator[None]:
    channel = TelegramChannel(TOKEN, api_url=telegram.url)
    inbox = TelegramInbox(turns, channel)
    loop = asyncio.create_task(
        poll(channel, inbox.take, asyncio.Event(), give_up=inbox.apologise, pace=QUICK)
    )
    yield
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop
    await channel.close()


@pytest.mark.usefixtures("running")
async def test_words_and_taps_are_answered_and_both_sides_ids_kept_for_erasing(
    telegram: TelegramDouble, turns: EchoTurns
) -> None:
    sam = telegram.person()
    sam.say("hi")
    await telegram.until(lambda: len(sam.heard) == 1)
    sam.tap("1")
    await telegram.until(lambda: len(telegram.confirmed) == 2)

    assert sam.heard == ["hi", "t:1"]
    assert turns.remembered == [(min(sam.own), sam.messages[0].number), (sam.messages[1].number,)]
    assert len(telegram.called("answerCallbackQuery")) == 1


@pytest.mark.usefixtures("running")
async def test_an_answer_that_did_not_get_through_is_tried_again_with_no_second_effect(
    telegram: TelegramDouble, turns: EchoTurns
) -> None:
    sam = telegram.person()
    telegram.fail(502, times=2)
    sam.say("hi")
    await telegram.until(lambda: telegram.confirmed)

    assert sam.heard == ["hi"]
    assert len(turns.done) == 1
    assert len(telegram.called("sendMessage")) == 3


@pytest.mark.usefixtures("running")
async def test_a_person_whose_answer_telegram_refuses_is_asked_to_send_it_again(
    telegram: TelegramDouble, turns: EchoTurns
) -> None:
    sam = telegram.person()
    telegram.fail(400)
    sam.say("hi")
    await telegram.until(lambda: telegram.confirmed)

    assert sam.heard == ["Please send that again."]
    assert len(turns.done) == 1


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("told", [True, False])
async def test_somebody_who_blocks_us_or_vanished_is_forgotten_and_holds_nothing_up(
    telegram: TelegramDouble, turns: EchoTurns, *, told: bool
) -> None:
    sam = telegram.person()
    if told:
        sam.block()
    else:
        sam.deactivated = True
        sam.say("hi")
    await telegram.until(lambda: telegram.confirmed)

    assert turns.gone == [Address("telegram", str(sam.chat))]


@pytest.mark.usefixtures("running")
async def test_after_a_fault_in_the_code_the_person_is_asked_to_send_it_again(
    telegram: TelegramDouble, turns: EchoTurns
) -> None:
    turns.broken = True
    sam = telegram.person()
    sam.say("hi")
    await telegram.until(lambda: telegram.confirmed)

    assert sam.heard == ["Please send that again."]


@pytest.mark.usefixtures("running")
async def test_a_group_is_left_without_a_word(telegram: TelegramDouble, turns: EchoTurns) -> None:
    group = {"id": -1001, "type": "group", "title": "Camp"}
    telegram.push("message", {"message_id": 1, "date": 1, "chat": group, "text": "hello all"})
    await telegram.until(lambda: telegram.confirmed)

    assert telegram.left_chats == {-1001}
    assert turns.done == {}


@pytest.mark.usefixtures("running")
async def test_a_tap_on_something_that_is_not_ours_only_stops_spinning(
    telegram: TelegramDouble, turns: EchoTurns
) -> None:
    sam = telegram.person()
    sam.say("hi")
    await telegram.until(lambda: sam.heard)
    sam.tap_payload("x" * 70)
    await telegram.until(lambda: len(telegram.confirmed) == 2)

    assert len(telegram.called("answerCallbackQuery")) == 1
    assert len(turns.done) == 1
