"""What the messengers call: signature first, the whole turn, then the answer; and never a person in a log."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels.signatures import TwilioSignatures
from bot.channels.telegram import Update
from bot.kernel.errors import StorageError
from bot.kernel.messages import OutboundMessage
from bot.ports import Delivery
from bot.telemetry.metrics import Metrics
from bot.usecases.take_turn import Answer
from bot.web.bodies import MAX_BODY
from bot.web.webhooks import TelegramWebhook, WhatsAppWebhook

URL = "https://help.example.org/channels/whatsapp"
TOKEN, SECRET = "made-up-token", "made-up_secret"
NUMBER, NAME, WORDS = "+381607734951", "Zvezdana Canarić", "I slept at the station"


class Turns:
    """Answers, or fails as it is told."""

    def __init__(self) -> None:
        self.taken: list[Delivery] = []
        self.fault: Exception | None = None
        self.said: OutboundMessage | None = OutboundMessage(("Hello",))

    async def __call__(self, delivery: Delivery) -> Answer:
        self.taken.append(delivery)
        if self.fault is not None:
            raise self.fault
        return Answer(self.said)


class Updates:
    """Takes Telegram's updates, or not."""

    def __init__(self) -> None:
        self.taken: list[Update] = []
        self.done = True

    async def __call__(self, update: Update) -> bool:
        self.taken.append(update)
        return self.done


def whatsapp(turns: Turns, *, token: str = TOKEN) -> WhatsAppWebhook:
    return WhatsAppWebhook(
        turns,
        lambda: OutboundMessage(("Please send that again.",)),
        signatures=TwilioSignatures(URL, [token]) if token else None,
        metrics=Metrics(),
    )


def form(**changes: str) -> dict[str, str]:
    return {
        "MessageSid": "SM" + "0" * 32,
        "AccountSid": "AC" + "0" * 32,
        "From": f"whatsapp:{NUMBER}",
        "To": "whatsapp:+14155238886",
        "Body": WORDS,
        "ProfileName": NAME,
        "WaId": NUMBER[1:],
        "NumMedia": "0",
        **changes,
    }


@asynccontextmanager
async def client(app: object) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # an ASGI application by form
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made


async def post(
    hook: WhatsAppWebhook, fields: dict[str, str], *, token: str = TOKEN, signed: dict[str, str] | None = None
) -> httpx.Response:
    signature = RequestValidator(token).compute_signature(URL, signed or fields)
    async with client(hook) as http:
        return await http.post("/channels/whatsapp", data=fields, headers={"X-Twilio-Signature": signature})


async def test_a_signed_message_is_answered_in_place() -> None:
    turns = Turns()
    answer = await post(whatsapp(turns), form())

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert "<Message" in answer.text
    assert "Hello" in answer.text
    assert [delivery.message.text for delivery in turns.taken] == [WORDS]


@pytest.mark.parametrize(
    "change", [{"Body": "other words"}, {"From": "whatsapp:+381600000000"}, {"MessageSid": "SM" + "1" * 32}]
)
async def test_a_changed_field_breaks_the_signature(change: dict[str, str]) -> None:
    turns = Turns()
    answer = await post(whatsapp(turns), form(**change), signed=form())

    assert (answer.status_code, answer.content) == (403, b"")
    assert turns.taken == []


@pytest.mark.parametrize("signature", ["", "AAAA", "é", "0" * 5000])
async def test_no_signature_or_a_wrong_one_is_refused_with_an_empty_body(signature: str) -> None:
    turns = Turns()
    headers = {b"X-Twilio-Signature": signature.encode("latin-1")} if signature else {}
    async with client(whatsapp(turns)) as http:
        answer = await http.post("/channels/whatsapp", data=form(), headers=headers)

    assert (answer.status_code, answer.content) == (403, b"")
    assert turns.taken == []


async def test_another_accounts_signature_is_refused() -> None:
    assert (await post(whatsapp(Turns()), form(), token="another-token")).status_code == 403


async def test_without_a_token_every_call_is_refused() -> None:
    turns = Turns()

    assert (await post(whatsapp(turns, token=""), form(), token="")).status_code == 403
    assert turns.taken == []


async def test_a_field_that_is_doubled_does_not_pass_with_the_signature_of_one() -> None:
    turns = Turns()
    signature = RequestValidator(TOKEN).compute_signature(URL, form())
    data = urlencode([*form().items(), ("From", "whatsapp:+381600000000")])
    headers = {"X-Twilio-Signature": signature, "content-type": "application/x-www-form-urlencoded"}
    async with client(whatsapp(turns)) as http:
        answer = await http.post("/channels/whatsapp", content=data, headers=headers)

    assert answer.status_code == 403
    assert turns.taken == []


async def test_when_a_turn_could_not_be_done_twilio_hears_200_and_the_person_is_asked_to_send_it_again(
    capfd: pytest.CaptureFixture[str],
) -> None:
    turns = Turns()
    for fault in (StorageError("database.unreachable"), RuntimeError(f"{NUMBER} {WORDS}"), TimeoutError()):
        turns.fault = fault
        answer = await post(whatsapp(turns), form())
        assert answer.status_code == 200
        assert "send that again" in answer.text

    out, errors = capfd.readouterr()
    for canary in (NUMBER, NUMBER[1:], NAME, WORDS):
        assert canary not in out + errors


async def test_a_turn_that_says_nothing_is_an_empty_answer() -> None:
    turns = Turns()
    turns.said = None

    answer = await post(whatsapp(turns), form())

    assert answer.status_code == 200
    assert "<Message" not in answer.text


async def test_a_call_from_nobody_is_acknowledged_without_a_turn() -> None:
    turns = Turns()
    status = form(MessageStatus="delivered")
    del status["From"]

    assert (await post(whatsapp(turns), status)).status_code == 200
    assert turns.taken == []


async def test_other_methods_are_not_allowed() -> None:
    for hook in (whatsapp(Turns()), telegram(Updates())):
        async with client(hook) as http:
            for method in ("GET", "PUT", "DELETE", "HEAD"):
                answer = await http.request(method, "/")
                assert (answer.status_code, answer.content) == (405, b"")


async def chunks(parts: Sequence[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_a_body_over_64_kib_is_refused_however_it_comes() -> None:
    for hook, headers in (
        (whatsapp(Turns()), {}),
        (telegram(Updates()), {"X-Telegram-Bot-Api-Secret-Token": SECRET}),
    ):
        async with client(hook) as http:
            whole = await http.post("/", content=b"a" * (MAX_BODY + 1), headers=headers)
            parted = await http.post("/", content=chunks([b"a" * 1000] * 66), headers=headers)
            lying = await http.post("/", content=b"a", headers={**headers, "content-length": "9" * 5000})
        assert [each.status_code for each in (whole, parted, lying)] == [413, 413, 413]


# --- Telegram -------------------------------------------------------------------------------------------


def telegram(updates: Updates | None, *, secret: str = SECRET) -> TelegramWebhook:
    return TelegramWebhook(updates, secret=secret, metrics=Metrics())


UPDATE = json.dumps(
    {
        "update_id": 7,
        "message": {
            "message_id": 3,
            "date": 1_790_000_000,
            "chat": {"id": 7_093_418_265, "type": "private", "first_name": NAME},
            "from": {"id": 7_093_418_265, "is_bot": False, "first_name": NAME},
            "text": WORDS,
        },
    }
)


async def update(
    hook: TelegramWebhook, body: str | bytes = UPDATE, secret: str | bytes = SECRET
) -> httpx.Response:
    async with client(hook) as http:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        return await http.post("/channels/telegram", content=body, headers=headers)  # type: ignore[arg-type]  # bytes too


async def test_an_update_with_our_secret_is_taken_and_acknowledged() -> None:
    updates = Updates()

    answer = await update(telegram(updates))

    assert (answer.status_code, answer.content) == (200, b"")
    [taken] = updates.taken
    assert taken.delivery is not None
    assert taken.delivery.message.text == WORDS


async def test_an_update_that_was_not_done_is_asked_for_again() -> None:
    updates = Updates()
    updates.done = False

    assert (await update(telegram(updates))).status_code == 503


@pytest.mark.parametrize(
    "secret", ["", "x", SECRET + "x", SECRET[:-1], SECRET.upper(), "é".encode("latin-1")]
)
async def test_another_secret_is_refused_unread(secret: str | bytes) -> None:
    updates = Updates()

    answer = await update(telegram(updates), secret=secret)

    assert (answer.status_code, answer.content) == (403, b"")
    assert updates.taken == []


async def test_without_a_secret_or_a_bot_every_update_is_refused() -> None:
    assert (await update(telegram(Updates(), secret=""), secret="")).status_code == 403
    assert (await update(telegram(None))).status_code == 403


async def test_what_is_no_update_is_not_asked_for_again() -> None:
    updates = Updates()
    for body in (b"", b"{}", b"[]", b"null", b"\xff", b"[" * 60_000, b'{"update_id": "x"}'):
        assert (await update(telegram(updates), body)).status_code == 200

    assert all(each.delivery is None for each in updates.taken)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_telegram_webhook(body: bytes) -> None:
    updates = Updates()

    answer = asyncio.run(update(telegram(updates), body))

    assert answer.status_code == 200
    assert all(each.delivery is None for each in updates.taken)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=8))
def test_no_signed_form_breaks_the_whatsapp_webhook(fields: dict[str, str]) -> None:
    clean = {
        name.encode(errors="ignore").decode(): value.encode(errors="ignore").decode()
        for name, value in fields.items()
    }

    answer = asyncio.run(post(whatsapp(Turns()), clean))

    assert answer.status_code in {200, 403}  # 403: what a form cannot carry unchanged
