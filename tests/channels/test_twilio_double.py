"""The Twilio double refuses what Twilio refuses; the official client drives it, its people are signed and checked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.channels.twilio_api import QuietClient
from bot.channels.whatsapp import twiml
from tests.doubles.twilio import ACCOUNT, SENDER, TOKEN, TwilioDouble

Hook = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def a_client(twilio: TwilioDouble, password: str = TOKEN) -> AsyncIterator[Client]:
    http = QuietClient(twilio.url)
    try:
        yield Client(ACCOUNT, password, http_client=http)
    finally:
        await http.close()


@asynccontextmanager
async def answering(twilio: TwilioDouble, hook: Hook, fragment: str = "") -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    twilio.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook{fragment}"
    yield
    await runner.cleanup()


def saying(*texts: str, status: int = 200, kind: str = "text/xml") -> Hook:
    async def hook(request: web.Request) -> web.Response:
        return web.Response(body=twiml(texts), status=status, content_type=kind)

    return hook


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"to": "", "from_": SENDER, "body": "x"}, 21604),
        ({"to": "whatsapp:+381601234567", "body": "x"}, 21603),
        ({"to": "whatsapp:381601234567", "from_": SENDER, "body": "x"}, 21211),
        ({"to": "whatsapp:+38160", "from_": SENDER, "body": "x"}, 21211),
        ({"to": "whatsapp:rs.134", "from_": SENDER, "body": "x"}, 21211),
        ({"to": "+381601234567", "from_": SENDER, "body": "x"}, 21910),
        ({"to": "whatsapp:+381601234567", "from_": "whatsapp:+1415000000", "body": "x"}, 63007),
        ({"to": "whatsapp:+381601234567", "from_": SENDER}, 21602),
        ({"to": "whatsapp:+381601234567", "from_": SENDER, "body": "x" * 1601}, 21617),
        ({"to": "whatsapp:+381601234567", "from_": SENDER, "body": "🏳" * 801}, 21617),
        ({"to": "whatsapp:+381601234567", "from_": SENDER, "content_sid": "HX" + "a" * 32}, 21655),
        ({"to": "whatsapp:+381601234567", "from_": SENDER, "body": "x", "content_retention": "maybe"}, 20001),
    ],
)
async def test_messages_are_held_to_the_schema_and_the_error_table(
    twilio: TwilioDouble, given: dict[str, str], code: int
) -> None:
    async with a_client(twilio) as client:
        with pytest.raises(TwilioRestException) as refused:
            await client.messages.create_async(**given)

    assert refused.value.code == code
    assert twilio.messages == {}


async def test_a_wrong_password_an_unknown_parameter_and_an_unknown_path_are_refused(
    twilio: TwilioDouble,
) -> None:
    async with a_client(twilio, "wrong") as client:
        with pytest.raises(TwilioRestException) as refused:
            await client.messages.create_async(to="whatsapp:+381601234567", from_=SENDER, body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)

    auth = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT, TOKEN)}
    async with aiohttp.ClientSession(headers=auth) as session:
        form = {"To": "whatsapp:+381601234567", "From": SENDER, "Body": "x", "Bdy": "y"}
        messages = f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        assert (await session.post(messages, data=form)).status == 400
        assert (await session.post(messages.replace("Messages", "Messagez"), data=form)).status == 404
        assert (await session.post(messages.replace("AC", "XX"), data=form)).status == 404


async def test_free_text_arrives_within_a_day_of_the_persons_message_and_fails_afterwards(
    twilio: TwilioDouble,
) -> None:
    kim = twilio.person("+381601234567", "RS.134x")
    async with answering(twilio, saying("hello")), a_client(twilio) as client:
        await kim.say("hi")
        twilio.age(hours=23)
        await client.messages.create_async(to="whatsapp:RS.134x", from_=SENDER, body="in time")
        await twilio.settled()
        twilio.age(hours=2)
        late = await client.messages.create_async(to="whatsapp:+381601234567", from_=SENDER, body="too late")
        await twilio.settled()
        message = await client.messages(late.sid).fetch_async()

    assert late.status == "queued"
    assert (message.status, message.error_code) == ("failed", 63016)
    assert kim.heard == ["hello", "in time"]


async def test_messages_can_be_listed_emptied_and_deleted_but_not_while_on_their_way(
    twilio: TwilioDouble,
) -> None:
    twilio.person("+381601234567")
    twilio.sending.clear()
    async with a_client(twilio) as client:
        made = await client.messages.create_async(to="whatsapp:+381601234567", from_=SENDER, body="secret")
        with pytest.raises(TwilioRestException) as refused:
            await client.messages(made.sid).delete_async()
        twilio.sending.set()
        await twilio.settled()
        await client.messages(made.sid).update_async(body="")
        listed = await client.messages.list_async(
            from_=SENDER, date_sent_after=datetime(2020, 1, 1, tzinfo=UTC)
        )
        assert await client.messages(made.sid).delete_async()

    assert refused.value.code == 20009
    assert [each.body for each in listed] == [""]
    assert twilio.messages == {}


async def test_every_inbound_message_is_signed_as_twilio_signs(twilio: TwilioDouble) -> None:
    seen: list[tuple[bool, dict[str, str]]] = []

    async def hook(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        seen.append((RequestValidator(TOKEN).validate(twilio.public_url, form, signature), form))
        return await saying()(request)

    twilio.public_url = "https://example.org/hook"
    kim = twilio.person("+381601234567", "RS.134x")
    async with answering(twilio, hook):
        await kim.share_location()
        await kim.deliver(kim.form(Body="forged"), signature="bm90IGEgc2lnbmF0dXJl")

    assert [valid for valid, _ in seen] == [True, False]
    assert seen[0][1]["Body"] == ""
    assert seen[0][1]["ExternalUserId"] == "whatsapp:RS.134x"


@pytest.mark.parametrize(
    ("hook", "code"),
    [
        (saying("x", kind="application/json"), 12300),
        (saying("x" * 1601), 21617),
        (saying(""), 21617),
        (saying("x", status=500), 11200),
    ],
)
async def test_a_bad_answer_raises_an_alert_that_keeps_number_and_text(
    twilio: TwilioDouble, hook: Hook, code: int
) -> None:
    kim = twilio.person("+381601234567")
    async with answering(twilio, hook):
        await kim.say("my secret")

    assert [alert.code for alert in twilio.alerts] == [code]
    assert twilio.alerts[0].form["Body"] == "my secret"
    assert kim.heard == []


async def test_a_slow_webhook_is_called_again_with_the_same_message_id(twilio: TwilioDouble) -> None:
    sids: list[str] = []

    async def slow_twice(request: web.Request) -> web.Response:
        sids.append(str((await request.post())["MessageSid"]))
        if len(sids) < 3:
            await asyncio.sleep(1)
        return await saying("at last")(request)

    kim = twilio.person("+381601234567")
    async with answering(twilio, slow_twice, "#rc=3&rp=ct,rt&rt=100"):
        answer = await kim.say("hi")

    assert (answer.status, answer.tries, kim.heard) == (200, 3, ["at last"])
    assert len(set(sids)) == 1


async def test_the_last_message_can_be_delivered_many_times_at_once(twilio: TwilioDouble) -> None:
    sids: list[str] = []

    async def hook(request: web.Request) -> web.Response:
        sids.append(str((await request.post())["MessageSid"]))
        return await saying("same")(request)

    kim = twilio.person("+381601234567")
    async with answering(twilio, hook):
        await kim.say("hi")
        answers = await kim.replay(times=3)

    assert [answer.texts for answer in answers] == [("same",)] * 3
    assert len(sids) == 4
    assert len(set(sids)) == 1
