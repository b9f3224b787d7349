"""Every way of ringing says the same nothing, and fails in the same few words."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from bot.channels.staff_mail import MailBell, MailServer
from bot.channels.staff_telegram import TelegramBell
from bot.channels.telegram_api import TelegramChannel
from bot.kernel.errors import SendError
from bot.kernel.staff_address import StaffAddress, WayKind
from bot.usecases.bell import Bell
from tests.doubles.smtp import SmtpDouble
from tests.doubles.telegram import TelegramDouble
from tests.usecases.house import START, Pager

FROM = "desk@example.org"


@dataclass(frozen=True, slots=True)
class Way:
    """One implementation: where somebody is rung, where nobody is, what came, and the same with its server away."""

    bell: Bell
    there: StaffAddress
    nobody: StaffAddress
    other_kind: StaffAddress
    heard: Callable[[], list[str]]
    away: Bell


@pytest.fixture(params=["email", "telegram"])
async def way(request: pytest.FixtureRequest, telegram: TelegramDouble) -> AsyncIterator[Way]:
    kind: WayKind = request.param
    if kind == "email":
        async with SmtpDouble(gone=frozenset({"canary@example.org"})) as mail:
            yield _mail(mail)
        return
    robin = telegram.person()
    robin.say("/start")  # a bot reaches only who wrote to it
    channel = TelegramChannel(telegram.token, api_url=telegram.url)
    away = TelegramChannel(telegram.token, api_url="http://127.0.0.1:9")
    yield Way(
        TelegramBell(channel),
        StaffAddress("telegram", str(robin.chat)),
        StaffAddress("telegram", "660066006"),
        StaffAddress("email", "robin@example.org"),
        lambda: list(robin.heard),
        TelegramBell(away),
    )
    await channel.close()
    await away.close()


def _mail(mail: SmtpDouble) -> Way:
    def bell(port: int) -> MailBell:
        return MailBell(MailServer("127.0.0.1", port, FROM, "none"), now=lambda: START)

    return Way(
        bell(mail.port),
        StaffAddress("email", "robin@example.org"),
        StaffAddress("email", "canary@example.org"),
        StaffAddress("telegram", "1"),
        lambda: [each.text for each in mail.taken],
        bell(9),
    )


async def test_a_ring_arrives_once_and_says_the_queue_and_nothing_else(way: Way) -> None:
    await way.bell.ring(way.there)

    [heard] = way.heard()
    words = heard.replace("robin@example.org", "").replace(FROM, "")
    assert "The queue" in words
    assert all(word not in words.lower() for word in ("case", "fener", "urgent", "lantern", "person", "help"))


async def test_two_rings_cannot_be_told_apart(way: Way) -> None:
    await way.bell.ring(way.there)
    await way.bell.ring(way.there)

    first, second = way.heard()
    assert first == second


async def test_where_nobody_is_the_fault_says_so_and_never_where(way: Way) -> None:
    with pytest.raises(SendError) as caught:
        await way.bell.ring(way.nobody)

    assert caught.value.gone
    assert caught.value.__cause__ is caught.value.__context__ is None
    told = "".join(traceback.format_exception(caught.value))
    assert way.nobody.unveil() not in told


async def test_a_server_that_is_away_may_be_there_later(way: Way) -> None:
    with pytest.raises(SendError) as caught:
        await way.away.ring(way.there)

    assert caught.value.retryable


async def test_another_kind_of_address_is_refused(way: Way) -> None:
    with pytest.raises(SendError, match="wrong_way"):
        await way.bell.ring(way.other_kind)

    assert way.heard() == []


async def test_many_rings_at_once_all_arrive(way: Way) -> None:
    await asyncio.gather(*(way.bell.ring(way.there) for _ in range(5)))

    assert len(way.heard()) == 5


async def test_the_pager_of_the_tests_keeps_to_the_same() -> None:
    pager = Pager()
    await pager.ring(StaffAddress("email", "a@example.org"))
    pager.fault = SendError("email.refused", gone=True)
    with pytest.raises(SendError):
        await pager.ring(StaffAddress("email", "a@example.org"))

    assert pager.heard() == ["a@example.org"]
