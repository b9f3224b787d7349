"""Sending, deleting and fetching through python-telegram-bot, against the strict double."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.channels.telegram_api import TelegramChannel
from bot.kernel.address import Address
from bot.kernel.errors import FenerError, SendError, StartError
from bot.kernel.messages import Option, OutboundMessage
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_people import Person
from tests.doubles.telegram_server import TOKEN

REPLY = OutboundMessage(
    texts=("Which one?",),
    options=(Option(1, "Housing <warm> & dry", "t:1"), Option(2, "Health", "t:2")),
    footer=(Option(9, "Person", "c:9"), Option(0, "Leave", "c:0")),
)


@pytest.fixture
async def channel(telegram: TelegramDouble) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(TOKEN, api_url=telegram.url)
    yield made
    await made.close()


def somebody(telegram: TelegramDouble) -> tuple[Person, Address]:
    sam = telegram.person()
    sam.say("hi")
    return sam, Address("telegram", str(sam.chat))


async def test_a_reply_arrives_with_its_buttons_and_a_tap_comes_back_as_their_payload(
    telegram: TelegramDouble, channel: TelegramChannel
) -> None:
    sam, address = somebody(telegram)

    ids = await channel.send(address, REPLY)
    sam.tap("2")

    assert [each.number for each in sam.messages] == list(ids)
    assert sam.heard == ["Which one?"]
    assert sam.messages[0].rows == [
        [{"text": "1 Housing <warm> & dry", "callback_data": "t:1"}],
        [{"text": "2 Health", "callback_data": "t:2"}],
        [{"text": "9 Person", "callback_data": "c:9"}, {"text": "0 Leave", "callback_data": "c:0"}],
    ]
    fetched = await channel.updates(0, wait=0)
    tap = fetched[-1]
    assert tap.delivery
    assert tap.delivery.message.tapped == "t:2"
    assert tap.delivery.address == address
    await channel.answer(tap.query)
    await channel.answer(tap.query)  # a second time is too late, and no fault
    assert len(telegram.called("answerCallbackQuery")) == 2


async def test_nothing_shows_previews_and_only_a_caseworkers_words_are_protected(
    telegram: TelegramDouble, channel: TelegramChannel
) -> None:
    sam, address = somebody(telegram)

    await channel.send(address, OutboundMessage(texts=("https://example.org",)))
    await channel.send(address, OutboundMessage(texts=("From the case",), from_case=True))

    assert [each.protected for each in sam.messages] == [False, True]
    assert all(each.others["link_preview_options"] == {"is_disabled": True} for each in sam.messages)


async def test_every_demo_message_is_marked(telegram: TelegramDouble) -> None:
    sam, address = somebody(telegram)
    channel = TelegramChannel(TOKEN, api_url=f"{telegram.url}/", test_mark="TEST")

    await channel.send(address, OutboundMessage(texts=("one", "two"), separate=True))
    await channel.close()

    assert sam.heard == ["TEST\none", "TEST\ntwo"]


async def test_our_messages_are_deleted_in_hundreds(
    telegram: TelegramDouble, channel: TelegramChannel
) -> None:
    sam, address = somebody(telegram)
    texts = tuple(str(number) for number in range(130))
    ids = await channel.send(address, OutboundMessage(texts=texts, separate=True))

    assert await channel.delete(address, ids) == 130

    assert sam.messages == []
    assert [len(call["message_ids"]) for call in telegram.called("deleteMessages")] == [100, 30]


async def test_a_short_flood_control_is_waited_out_and_a_long_one_is_not(telegram: TelegramDouble) -> None:
    sam, address = somebody(telegram)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    channel = TelegramChannel(TOKEN, api_url=telegram.url, sleep=sleep)
    telegram.flood(retry_after=3)
    await channel.send(address, REPLY)
    telegram.flood(retry_after=60)
    with pytest.raises(SendError) as refused:
        await channel.send(address, REPLY)
    await channel.close()

    assert waited == [3.0]
    assert (refused.value.retryable, refused.value.after) == (True, 60.0)
    assert len(sam.heard) == 1


async def fault_of(call: Awaitable[object]) -> FenerError:
    with pytest.raises(FenerError) as caught:
        await call
    return caught.value


async def test_somebody_who_blocked_us_or_left_is_gone(
    telegram: TelegramDouble, channel: TelegramChannel
) -> None:
    sam, address = somebody(telegram)
    sam.block()
    blocked = await fault_of(channel.send(address, REPLY))
    unknown = await fault_of(channel.send(Address("telegram", "42"), REPLY))

    for fault in (blocked, unknown):
        assert isinstance(fault, SendError)
        assert (fault.gone, fault.retryable) == (True, False)


async def test_a_busy_or_unreachable_server_is_worth_another_try(
    telegram: TelegramDouble, channel: TelegramChannel
) -> None:
    _, address = somebody(telegram)
    telegram.fail(502)
    busy = await fault_of(channel.send(address, REPLY))
    offline = TelegramChannel(TOKEN, api_url="http://127.0.0.1:9")
    away = await fault_of(offline.send(address, REPLY))
    await offline.close()

    for fault in (busy, away):
        assert isinstance(fault, SendError)
        assert fault.retryable


async def test_a_wrong_token_is_one_sentence(telegram: TelegramDouble) -> None:
    channel = TelegramChannel(TOKEN[:-1] + "x", api_url=telegram.url)
    fault = await fault_of(channel.check())
    await channel.close()

    assert isinstance(fault, StartError)
    assert "token is not accepted" in fault.mend


async def test_the_right_token_tells_the_bots_name(channel: TelegramChannel) -> None:
    assert await channel.check() == "fener_double_bot"


async def test_no_fault_carries_the_token_or_the_chat(
    telegram: TelegramDouble, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    sam, address = somebody(telegram)
    provoke: list[Callable[[], None]] = [
        lambda: telegram.fail(500),
        lambda: telegram.fail(400),
        lambda: telegram.fail(401),
        lambda: telegram.fail(409),
        lambda: telegram.flood(retry_after=60),
        lambda: setattr(sam, "blocked", True),
    ]
    for trouble in provoke:
        trouble()
        fault = await fault_of(channel.send(address, REPLY))
        assert fault.__cause__ is None
        assert fault.__context__ is None
        for shown in (repr(fault), str(fault), fault.mend, repr(channel)):
            assert TOKEN not in shown
            assert str(sam.chat) not in shown
    assert TOKEN not in caplog.text
    assert str(sam.chat) not in caplog.text


async def test_a_webhook_is_registered_for_what_we_read_and_nothing_waiting_is_dropped(
    telegram: TelegramDouble, channel: TelegramChannel
) -> None:
    telegram.person().say("waiting")
    await channel.register_webhook("https://example.org/channels/telegram", "a-secret")
    await channel.remove_webhook()

    assert telegram.called("setWebhook")[0]["allowed_updates"] == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]
    assert len(telegram.pending) == 1


async def test_groups_are_left(telegram: TelegramDouble, channel: TelegramChannel) -> None:
    await channel.leave(Address("telegram", "-1001"))

    assert telegram.left_chats == {-1001}


async def test_a_number_of_another_messenger_is_never_sent_to_telegram(
    telegram: TelegramDouble, channel: TelegramChannel
) -> None:
    fault = await fault_of(channel.send(Address("whatsapp", "381601234567"), REPLY))

    assert fault.code == "telegram.wrong_channel"
    assert telegram.calls == []
