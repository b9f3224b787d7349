"""A working installation: its parts, what runs beside requests, and the guard that answers nobody with nothing behind it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot.channels.polling import poll
from bot.channels.signatures import TwilioSignatures
from bot.channels.staff_telegram import LinkChats, TelegramBell
from bot.channels.telegram_inbox import TelegramInbox
from bot.channels.try_channel import Pages
from bot.crypto.keys import ServerKeys
from bot.directory.vetting import may_be_offered
from bot.flow.library import Library
from bot.kernel.errors import FenerError, SendError, StartError
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.keyrings import SqlKeyrings
from bot.storage.memory_stores import Memory
from bot.storage.staff import SqlStaffRegister, SqlStaffSessions
from bot.telemetry.logs import logger, place_of
from bot.telemetry.metrics import Metrics
from bot.usecases.add_note import AddNote
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.claim_case import ClaimCase
from bot.usecases.close_case import CloseCase
from bot.usecases.decline_case import DeclineCase
from bot.usecases.destroy_wraps import DestroyWraps
from bot.usecases.enrol_caseworker import EnrolCaseworker
from bot.usecases.go_on_duty import GoOnDuty
from bot.usecases.invite_caseworker import InviteCaseworker
from bot.usecases.keep_counters import KeepCounters
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.keep_ways import KeepWays
from bot.usecases.offer_referral import OfferReferral
from bot.usecases.purge_expired import PurgeExpired
from bot.usecases.read_case import ReadCase
from bot.usecases.return_case import ReturnCase
from bot.usecases.ring_staff import RingStaff
from bot.usecases.send_reply import SendReply
from bot.usecases.sign_keyring import SignKeyring
from bot.usecases.take_turn import TakeTurn
from bot.usecases.tell_wait import TellWait
from bot.usecases.turn_keys import TurnKeys
from bot.usecases.unlock_keys import UnlockKeys
from bot.usecases.vouch_for_audit import VouchForAudit

if TYPE_CHECKING:  # a server without these channels starts sooner, and smaller, without their libraries
    from bot.channels.telegram_api import TelegramChannel
    from bot.channels.twilio_api import WhatsAppChannel

TEST_MARK: Final = "TEST"
"""Stands before every message while fictitious services are offered on a real channel."""

WHATSAPP_PATH: Final = "/channels/whatsapp"
TELEGRAM_PATH: Final = "/channels/telegram"

_JOB_EVERY: Final = 3600.0
_RING_EVERY: Final = 15.0
_POLL_AGAIN: Final = 5.0  # seconds after a fault of ours


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # the one place that asks


class Content:
    """The release in force."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @property
    def library(self) -> Library:
        """One immutable release."""
        return self._library


@dataclass(frozen=True, slots=True)
class Staff:
    """The parts that the caseworkers' interface and the command line use."""

    register: SqlStaffRegister
    sessions: SqlStaffSessions
    keyrings: SqlKeyrings
    roots: Mapping[str, str]
    invite: InviteCaseworker
    enrol: EnrolCaseworker
    sign_keyring: SignKeyring
    duty: GoOnDuty
    read: ReadCase
    claim: ClaimCase
    reply: SendReply
    decline: DeclineCase
    note: AddNote
    give_back: ReturnCase
    close: CloseCase
    refer: OfferReferral


@dataclass(frozen=True, slots=True)
class Bells:
    """What rings caseworkers, what looks after how, what is told of waiting; `bot` is None while the bot for staff is off."""

    ring: RingStaff
    ways: KeepWays
    wait: TellWait
    bot: "TelegramChannel | None"

    async def bot_name(self) -> str:
        """The user name of the bot for staff; empty while it is off, out of reach or refused."""
        if self.bot is None:
            return ""
        try:
            return await self.bot.check()
        except FenerError:
            return ""


@dataclass(frozen=True, slots=True)
class Fener:
    """A whole, working installation in one process."""

    settings: Settings
    content: Content
    keys: ServerKeys
    database: Database
    memory: Memory
    metrics: Metrics
    counters: KeepCounters
    staffing: CheckStaffing
    turns: TakeTurn
    staff: Staff
    services: KeepDirectory
    vouch: VouchForAudit
    wraps: DestroyWraps
    turn_keys: TurnKeys
    purge: PurgeExpired
    unlock: UnlockKeys
    bell: Bells
    telegram: "TelegramChannel | None"
    whatsapp: "WhatsAppChannel | None"
    inbox: TelegramInbox | None
    try_channel: Pages | None
    demo_organisations: tuple[str, ...]
    clock: SystemClock

    @property
    def test_mark(self) -> str | None:
        """What stands before every message of a demo on a real channel."""
        return TEST_MARK if self.settings.marks_test else None

    @property
    def twilio_signatures(self) -> TwilioSignatures | None:
        """The check of Twilio's signatures, on the configured public URL; None while WhatsApp is off."""
        token, url = self.settings.twilio_auth_token, self.settings.public_url
        if token is None or url is None:
            return None
        tokens = [each.strip() for each in token.get_secret_value().split(",") if each.strip()]
        return TwilioSignatures(url + WHATSAPP_PATH, tokens)

    @asynccontextmanager
    async def running(self, *, polls: bool) -> AsyncIterator[None]:
        """What works beside requests: Telegram's long polling and the hourly job, in one process of many."""
        stop = asyncio.Event()
        tasks = [asyncio.create_task(self.counters.run(stop))]
        if polls:
            tasks.append(asyncio.create_task(self._jobs(stop)))
            tasks.append(asyncio.create_task(self._ring(stop)))
            if self.bell.bot is not None:
                tasks.append(asyncio.create_task(self._hear_staff(self.bell.bot, stop)))
        if self.telegram is not None and self.inbox is not None:
            if self.settings.telegram_mode == "webhook":
                await self._register_webhook(self.telegram)
            elif polls:
                tasks.append(asyncio.create_task(self._poll(self.telegram, self.inbox, stop)))
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.close()

    async def close(self) -> None:
        """Let go of connections."""
        if self.telegram is not None:
            await self.telegram.close()
        if self.bell.bot is not None:
            await self.bell.bot.close()
        if self.whatsapp is not None:
            await self.whatsapp.close()
        await self.memory.close()
        await self.database.close()

    async def telegram_name(self) -> str:
        """The bot's user name; empty when Telegram is off or out of reach for now.

        Raises StartError when the token is refused.
        """
        if self.telegram is None:
            return ""
        try:
            return await self.telegram.check()
        except SendError:
            return ""

    async def check_offer(self) -> None:
        """Refuse to answer real people with nothing real behind it.

        Raises StartError unless an organisation is staffed and a service vetted, or the demo was asked for.
        """
        if not self.settings.real_channel or self.settings.offers_demo:
            return
        today = self.clock.now().date()
        staffed = [
            each
            for each in await self.staffing.now()
            if each.keys and each.organisation not in self.demo_organisations
        ]
        current = await self.services.directory.now()
        offered = any(
            may_be_offered(organisation, service, today)
            for organisation in current.organisations.values()
            for service in organisation.services
        )
        if staffed and offered:
            return
        missing = []
        if not staffed:
            missing.append("no organisation has a caseworker who can open a case")
        if not offered:
            missing.append("no service is vetted")
        raise StartError(
            "demo.guard",
            f"A real channel is set, but {' and '.join(missing)}. Start without a channel to enrol caseworkers "
            "('fener staff invite') and vet services first, or set FENER_DEMO=1 to try it: every message then says TEST.",
        )

    async def _register_webhook(self, telegram: "TelegramChannel") -> None:
        secret = self.settings.telegram_webhook_secret
        assert secret is not None
        await telegram.register_webhook(
            f"{self.settings.public_url}{TELEGRAM_PATH}", secret.get_secret_value()
        )
        logger().info("webhook.registered", channel="telegram")

    async def _ring(self, stop: asyncio.Event) -> None:
        """Look at every queue some times a minute. A fault of ours is no reason to be silent until the next start."""
        while not stop.is_set():
            try:
                await self.bell.ring(tuple(self.staff.roots))
            except Exception as fault:  # noqa: BLE001  # the next look is soon
                logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _RING_EVERY)

    async def _hear_staff(self, bot: "TelegramChannel", stop: asyncio.Event) -> None:
        """Take the codes that link chats of caseworkers, whatever the way of the bot that people write to."""
        inbox = LinkChats(bot, TelegramBell(bot), self.bell.ways.link)
        while not stop.is_set():
            try:
                await poll(bot, inbox.take, stop, report=_report_staff_poll)
            except FenerError as fault:
                logger().error("bell.failed", way="telegram", reason=fault.code)
                return
            except Exception as fault:  # noqa: BLE001  # nothing was acknowledged: Telegram hands it out again
                logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _POLL_AGAIN)

    async def _poll(self, telegram: "TelegramChannel", inbox: TelegramInbox, stop: asyncio.Event) -> None:
        """Poll until told to stop. A fault of ours is no reason to be deaf until the next start."""
        while not stop.is_set():
            logger().info("poll.started", channel="telegram")
            try:
                await poll(telegram, inbox.take, stop, report=_report_poll, give_up=inbox.apologise)
            except FenerError as fault:
                logger().error("poll.waiting", channel="telegram", reason=fault.code)
                return
            except Exception as fault:  # noqa: BLE001  # nothing was acknowledged: Telegram hands it out again
                logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _POLL_AGAIN)

    async def _purge_provider(self) -> None:
        """Delete at Twilio what is older than an hour; no ids are kept for it."""
        if self.whatsapp is None:
            return
        try:
            await self.whatsapp.purge(self.clock.now())
        except FenerError as fault:
            logger().warning("send.failed", channel="whatsapp", reason=fault.code)

    async def _jobs(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                if not self.keys.locked:
                    await self.purge()
            except Exception as fault:  # noqa: BLE001  # the next hour tries again
                logger().error("retention.failed", kind=type(fault).__name__)
            try:
                await self._purge_provider()
            except Exception as fault:  # noqa: BLE001  # one odd answer must not end the hourly job for good
                logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
            try:
                await asyncio.wait_for(stop.wait(), _JOB_EVERY)
            except TimeoutError:
                continue


def _report_staff_poll(event: str, mend: str) -> None:
    logger().warning("bell.failed", way="telegram", reason=event)
    if mend:
        sys.stderr.write(f"fener: FENER_STAFF_TELEGRAM_TOKEN: {mend}\n")


def _report_poll(event: str, mend: str) -> None:
    logger().warning("poll.waiting", channel="telegram", reason=event)
    if mend:
        sys.stderr.write(f"fener: {mend}\n")
