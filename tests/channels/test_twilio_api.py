"""Sending on WhatsApp through the official client, against the strict double."""

import logging
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime

import pytest

from bot.channels.twilio_api import WhatsAppChannel
from bot.kernel.address import Address
from bot.kernel.errors import FenerError, SendError, StartError
from bot.kernel.messages import Option, OutboundMessage
from tests.doubles.twilio import ACCOUNT, SENDER, TOKEN, TwilioDouble

NUMBER = "+381601234567"
KIM = Address("whatsapp", NUMBER)
REPLY = OutboundMessage(("A caseworker wrote.",), options=(Option(1, "Read", "m:1"),))


@pytest.fixture
async def channel(twilio: TwilioDouble) -> AsyncIterator[WhatsAppChannel]:
    made = WhatsAppChannel(ACCOUNT, TOKEN, SENDER, api_url=twilio.url)
    yield made
    await made.close()


async def fault_of(call: Awaitable[object]) -> FenerError:
    with pytest.raises(FenerError) as caught:
        await call
    return caught.value


@pytest.mark.parametrize("to", [NUMBER, "RS.134x"])
async def test_a_reply_reaches_a_number_and_a_scoped_id(
    twilio: TwilioDouble, channel: WhatsAppChannel, to: str
) -> None:
    kim = twilio.person(NUMBER, "RS.134x")
    twilio.receive(kim, kim.form(Body="hi"))

    assert await channel.send(Address("whatsapp", to), REPLY) == ()
    await twilio.settled()

    assert kim.heard == ["A caseworker wrote.\n\n1 Read"]


async def test_a_long_reply_comes_in_parts_in_order(twilio: TwilioDouble, channel: WhatsAppChannel) -> None:
    kim = twilio.person(NUMBER)
    twilio.receive(kim, kim.form(Body="hi"))

    await channel.send(KIM, OutboundMessage(("One sentence. " * 200,)))
    await twilio.settled()

    assert [text[-5:] for text in kim.heard] == ["(1/2)", "(2/2)"]


@pytest.mark.parametrize(
    ("code", "status", "gone", "retryable"),
    [
        (63016, 400, False, False),
        (63014, 400, True, False),
        (21610, 400, True, False),
        (21211, 400, True, False),
        (63018, 400, False, True),
        (20429, 429, False, True),
        (20500, 500, False, True),
        (21617, 400, False, False),
    ],
)
async def test_faults_differ_by_what_can_be_done(
    twilio: TwilioDouble, channel: WhatsAppChannel, code: int, status: int, *, gone: bool, retryable: bool
) -> None:
    twilio.plan(code, status, f"The 'To' number {NUMBER} is not valid")

    fault = await fault_of(channel.send(KIM, REPLY))

    assert isinstance(fault, SendError)
    assert (fault.gone, fault.retryable) == (gone, retryable)
    assert (fault.code == "whatsapp.window_closed") is (code == 63016)


async def test_no_fault_and_no_log_line_carries_the_number_or_the_token(
    twilio: TwilioDouble, channel: WhatsAppChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.plan(21211, 400, f"The 'To' number whatsapp:{NUMBER} is not valid")
    fault = await fault_of(channel.send(KIM, REPLY))
    await channel.send(KIM, REPLY)

    assert fault.__cause__ is None
    assert fault.__context__ is None
    for shown in (repr(fault), str(fault), repr(channel), caplog.text, repr(vars(channel))):
        assert NUMBER[1:] not in shown
        assert TOKEN not in shown


async def test_wrong_credentials_are_one_sentence(twilio: TwilioDouble) -> None:
    channel = WhatsAppChannel(ACCOUNT, "wrong", SENDER, api_url=twilio.url)
    fault = await fault_of(channel.check())
    await channel.close()

    assert isinstance(fault, StartError)
    assert "FENER_TWILIO_ACCOUNT_SID" in fault.mend


async def test_right_credentials_pass(channel: WhatsAppChannel) -> None:
    await channel.check()


async def test_an_unreachable_twilio_is_worth_another_try() -> None:
    channel = WhatsAppChannel(ACCOUNT, TOKEN, SENDER, api_url="http://127.0.0.1:9")
    fault = await fault_of(channel.send(KIM, REPLY))
    await channel.close()

    assert isinstance(fault, SendError)
    assert fault.retryable


async def test_a_twilio_that_does_not_answer_is_not_waited_for(twilio: TwilioDouble) -> None:
    channel = WhatsAppChannel(ACCOUNT, TOKEN, SENDER, api_url=twilio.url, timeout=0.05)
    twilio.answering.clear()
    fault = await fault_of(channel.send(KIM, REPLY))
    twilio.answering.set()
    await channel.close()

    assert isinstance(fault, SendError)
    assert fault.retryable


async def test_what_is_older_than_an_hour_is_deleted_at_twilio_in_both_directions(
    twilio: TwilioDouble, channel: WhatsAppChannel
) -> None:
    kim = twilio.person(NUMBER)
    twilio.receive(kim, kim.form(Body="old question"))
    for _ in range(60):  # more than one page of Twilio's
        await channel.send(KIM, REPLY)
    await twilio.settled()
    twilio.age(hours=2)
    twilio.receive(kim, kim.form(Body="new question"))
    twilio.sending.clear()
    await channel.send(KIM, OutboundMessage(("on its way",)))

    gone = await channel.purge(datetime.fromtimestamp(twilio.now(), UTC))

    assert gone == 61
    assert [each["body"] for each in twilio.messages.values()] == ["new question", "on its way"]
    twilio.age(hours=2)
    assert await channel.purge(datetime.fromtimestamp(twilio.now(), UTC)) == 1
    assert [each["body"] for each in twilio.messages.values()] == ["on its way"]
    twilio.sending.set()


async def test_another_numbers_messages_on_the_same_account_are_not_purged(
    twilio: TwilioDouble, channel: WhatsAppChannel
) -> None:
    kim = twilio.person(NUMBER)
    twilio.receive(kim, kim.form(Body="x", To="whatsapp:+15550001111"))
    twilio.age(hours=2)

    assert await channel.purge(datetime.fromtimestamp(twilio.now(), UTC)) == 0
    assert len(twilio.messages) == 1


async def test_a_chat_id_of_another_messenger_is_never_sent_to_twilio(
    twilio: TwilioDouble, channel: WhatsAppChannel
) -> None:
    fault = await fault_of(channel.send(Address("telegram", "77123"), REPLY))

    assert fault.code == "whatsapp.wrong_channel"
    assert twilio.calls == []


async def test_nothing_can_be_deleted_on_whatsapp(channel: WhatsAppChannel) -> None:
    assert await channel.delete(KIM, (1, 2)) == 0
