"""The Telegram double refuses what Telegram refuses; the official client drives it."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.request import HTTPXRequest

from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_server import TOKEN


@pytest.fixture
async def bot(telegram: TelegramDouble) -> AsyncIterator[Bot]:
    async with a_bot(telegram) as client:
        yield client


def a_bot(telegram: TelegramDouble, token: str = TOKEN) -> Bot:
    return Bot(
        token, base_url=f"{telegram.url}/bot", request=HTTPXRequest(), get_updates_request=HTTPXRequest()
    )


async def test_the_official_client_reads_every_kind_of_update_the_double_makes(
    telegram: TelegramDouble, bot: Bot
) -> None:
    sam = telegram.person()
    sam.say("hi")
    sam.edit("hello")
    sam.share_contact("+381601234567")
    sam.share_location(44.8, 20.4)
    sam.send_photo("look")
    sam.block()
    sam.unblock()
    await bot.send_message(sam.chat, "?", reply_markup=one_button("x"))
    sam.tap("Yes")

    updates = await bot.get_updates()

    assert [sam.chat] * 8 == [update.effective_chat.id for update in updates if update.effective_chat]
    assert (updates[-1].callback_query and updates[-1].callback_query.data) == "x"
    assert (
        updates[2].message and updates[2].message.contact and updates[2].message.contact.phone_number
    ) == "+381601234567"


async def test_a_wrong_token_and_an_unknown_method_are_refused(telegram: TelegramDouble) -> None:
    for token in (TOKEN[:-1] + "x", "nonsense"):
        with pytest.raises(InvalidToken):
            async with a_bot(telegram, token):
                pass
    assert (await raw(telegram, "sendMessageToEverybody"))["error_code"] == 404


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"text": "x"}, "parameter 'chat_id' is required"),
        ({"chat_id": 1, "text": "x", "txt": "y"}, "unknown parameter 'txt'"),
        ({"chat_id": 1, "text": 7}, "'text' must be String"),
        ({"chat_id": 1, "text": "x", "protect_content": "perhaps"}, "'protect_content' must be Boolean"),
        ({"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"txt": "y"}]]}}, "must be"),
        (
            {"chat_id": 1, "text": "x", "link_preview_options": {"disabled": True}},
            "must be LinkPreviewOptions",
        ),
    ],
)
async def test_parameters_are_held_to_the_official_schema(
    telegram: TelegramDouble, given: dict[str, object], fault: str
) -> None:
    answer = await raw(telegram, "sendMessage", **given)

    assert answer["error_code"] == 400
    assert fault in str(answer["description"])


@pytest.mark.parametrize(
    ("text", "fault"),
    [("", "required"), (" \n", "text is empty"), ("x" * 4097, "too long"), ("🏳" * 2049, "too long")],
)
async def test_text_is_counted_in_utf16_units(
    telegram: TelegramDouble, bot: Bot, text: str, fault: str
) -> None:
    sam = telegram.person()
    sam.say("hi")

    with pytest.raises(BadRequest, match=fault):
        await bot.send_message(sam.chat, text)
    await bot.send_message(sam.chat, "🏳" * 2048)


@pytest.mark.parametrize("text", ["<b>open", "a < b", "<script>x</script>", "<b>x</i>"])
async def test_broken_markup_is_refused(telegram: TelegramDouble, bot: Bot, text: str) -> None:
    sam = telegram.person()
    sam.say("hi")

    with pytest.raises(BadRequest, match="parse entities"):
        await bot.send_message(sam.chat, text, parse_mode="HTML")


@pytest.mark.parametrize(
    "keyboard",
    [
        [[InlineKeyboardButton("x", callback_data="€" * 22)]],
        [[InlineKeyboardButton("x")]],
        [[InlineKeyboardButton(" ", callback_data="x")]],
        [[InlineKeyboardButton("x", callback_data="x")] * 9],
        [[InlineKeyboardButton("x", callback_data="x")]] * 101,
    ],
)
async def test_impossible_buttons_are_refused(
    telegram: TelegramDouble, bot: Bot, keyboard: list[list[InlineKeyboardButton]]
) -> None:
    sam = telegram.person()
    sam.say("hi")

    with pytest.raises(BadRequest):
        await bot.send_message(sam.chat, "x", reply_markup=InlineKeyboardMarkup(keyboard))


async def test_an_update_comes_again_until_a_higher_offset_confirms_it(
    telegram: TelegramDouble, bot: Bot
) -> None:
    first, second = telegram.person().say("a"), telegram.person().say("b")

    assert [first, second] == [update.update_id for update in await bot.get_updates()]
    assert [first, second] == [update.update_id for update in await bot.get_updates(offset=first)]
    assert [second] == [update.update_id for update in await bot.get_updates(offset=second)]
    assert {first} == telegram.confirmed
    assert await bot.get_updates(offset=second + 1) == ()


async def test_a_confirmed_update_can_be_played_again_with_the_same_id(
    telegram: TelegramDouble, bot: Bot
) -> None:
    number = telegram.person().say("a")
    update = dict(telegram.pending[0])
    await bot.get_updates()
    await bot.get_updates(offset=number + 1)
    telegram.replay(update)

    assert [number] == [again.update_id for again in await bot.get_updates()]


async def test_polling_conflicts_with_a_webhook_and_with_a_second_poller(
    telegram: TelegramDouble, bot: Bot
) -> None:
    await bot.set_webhook("https://example.org/hook", secret_token="s" * 20)
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    waiting = asyncio.create_task(bot.get_updates(timeout=5))
    await telegram.until(lambda: telegram.called("getUpdates")[1:])

    async with a_bot(telegram) as other:
        await other.get_updates()

    with pytest.raises(Conflict, match=r"(?i)other getUpdates"):
        await waiting


async def test_people_can_block_and_servers_can_be_busy(
    telegram: TelegramDouble, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the library's coming type, without its warning
    sam = telegram.person()
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await bot.send_message(sam.chat, "unasked")
    sam.say("hi")
    telegram.flood(retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(sam.chat, "x")
    telegram.fail(502)
    with pytest.raises(NetworkError):
        await bot.send_message(sam.chat, "x")
    sam.block()
    with pytest.raises(Forbidden, match="blocked"):
        await bot.send_message(sam.chat, "x")
    assert sam.heard == []


async def test_only_messages_of_the_last_two_days_can_be_deleted(telegram: TelegramDouble, bot: Bot) -> None:
    sam = telegram.person()
    sam.say("hi")
    old = await bot.send_message(sam.chat, "old")
    telegram.age(hours=47)
    new = await bot.send_message(sam.chat, "new")
    telegram.age(hours=2)

    with pytest.raises(BadRequest, match="can't be deleted"):
        await bot.delete_message(sam.chat, old.message_id)
    assert await bot.delete_messages(sam.chat, [old.message_id, new.message_id, 999])
    assert sam.heard == ["old"]


async def test_a_tap_is_answered_once_and_in_time(telegram: TelegramDouble, bot: Bot) -> None:
    sam = telegram.person()
    sam.say("hi")
    await bot.send_message(sam.chat, "?", reply_markup=one_button("x"))
    sam.tap("Yes")
    sam.tap("Yes")
    one, two = [update.callback_query for update in (await bot.get_updates())[1:]]
    assert one
    assert two

    assert await bot.answer_callback_query(one.id)
    with pytest.raises(BadRequest, match=r"(?i)too old"):
        await bot.answer_callback_query(one.id)
    telegram.age(hours=1)
    with pytest.raises(BadRequest, match=r"(?i)too old"):
        await bot.answer_callback_query(two.id)


async def test_editing_nothing_is_refused(telegram: TelegramDouble, bot: Bot) -> None:
    sam = telegram.person()
    sam.say("hi")
    sent = await bot.send_message(sam.chat, "?", reply_markup=one_button("x"))

    await bot.edit_message_reply_markup(sam.chat, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)not modified"):
        await bot.edit_message_reply_markup(sam.chat, sent.message_id)
    assert sam.messages[0].labels == []


async def test_a_webhook_gets_the_secret_and_the_same_update_until_it_answers_well(
    telegram: TelegramDouble, bot: Bot
) -> None:
    got: list[tuple[str, int]] = []

    async def hook(request: aiohttp.web.Request) -> aiohttp.web.Response:
        got.append((request.headers["X-Telegram-Bot-Api-Secret-Token"], (await request.json())["update_id"]))
        return aiohttp.web.Response(status=503 if len(got) < 3 else 200)

    app = aiohttp.web.Application()
    app.router.add_post("/hook", hook)
    runner = aiohttp.web.AppRunner(app)
    await runner.setup()
    site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="quiet")

    number = telegram.person().say("hi")
    await telegram.until(lambda: number in telegram.confirmed)

    assert [("quiet", number)] * 3 == got
    await runner.cleanup()


def one_button(payload: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data=payload)]])


async def raw(telegram: TelegramDouble, method: str, **given: object) -> dict[str, object]:
    url = f"{telegram.url}/bot{telegram.token}/{method}"
    async with aiohttp.ClientSession() as session, session.post(url, json=given) as answer:
        body = await answer.json()
        assert isinstance(body, dict)
        return body
