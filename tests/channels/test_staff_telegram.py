"""The bot for staff: takes a code, says "The queue", and nothing else to anybody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.channels.polling import poll
from bot.channels.staff_telegram import LINKED, NOT_LINKED, LinkChats, TelegramBell
from bot.channels.telegram_api import TelegramChannel
from bot.kernel.staff_address import StaffAddress
from tests.channels.test_telegram_inbox import QUICK
from tests.doubles.telegram import TelegramDouble

CODE = "0123456789abcdef"


@asynccontextmanager
async def listening(telegram: TelegramDouble) -> AsyncIterator[list[StaffAddress]]:
    """The bot at work; which chats a code linked."""
    chats: list[StaffAddress] = []

    async def link(text: str, where: StaffAddress) -> bool:
        if text != CODE:
            return False
        chats.append(where)
        return True

    bot, stop = TelegramChannel(telegram.token, api_url=telegram.url), asyncio.Event()
    task = asyncio.create_task(poll(bot, LinkChats(bot, TelegramBell(bot), link).take, stop, pace=QUICK))
    yield chats
    stop.set()
    await task
    await bot.close()


def heard(person: object, count: int) -> Callable[[], bool]:
    return lambda: len(person.heard) >= count  # type: ignore[attr-defined]  # a person of the double


async def test_a_code_links_the_chat_it_was_written_in(telegram: TelegramDouble) -> None:
    robin = telegram.person()
    async with listening(telegram) as chats:
        robin.say(CODE)
        await telegram.until(heard(robin, 1))

    assert chats == [StaffAddress("telegram", str(robin.chat))]
    assert robin.heard == [LINKED]


async def test_whoever_else_writes_hears_one_sentence(telegram: TelegramDouble) -> None:
    robin, stranger = telegram.person(), telegram.person()
    async with listening(telegram) as chats:
        stranger.say("I need help")
        stranger.share_contact("+381601234567")
        robin.say("/start")
        await telegram.until(lambda: heard(stranger, 2)() and heard(robin, 1)())

    assert chats == []
    assert {*stranger.heard, *robin.heard} == {NOT_LINKED}
