"""What the caseworkers' interface is made of: every part it can ask, and what holds on this installation."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.crypto.keys import ServerKeys
from bot.kernel.ids import CaseId, CaseworkerId
from bot.kernel.messages import ChannelName
from bot.ports import CaseRow, Clock, ContentSource, Keyrings, StaffRegister
from bot.usecases.add_note import AddNote
from bot.usecases.claim_case import ClaimCase
from bot.usecases.close_case import CloseCase
from bot.usecases.decline_case import DeclineCase
from bot.usecases.dismiss_staff import DismissStaff
from bot.usecases.enrol_caseworker import EnrolCaseworker
from bot.usecases.go_on_duty import GoOnDuty
from bot.usecases.invite_caseworker import InviteCaseworker
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.keep_ways import KeepWays
from bot.usecases.look_over_audit import LookOverAudit
from bot.usecases.mute_case import MuteCase
from bot.usecases.offer_referral import OfferReferral
from bot.usecases.read_case import ReadCase
from bot.usecases.report_quarter import ReportQuarter
from bot.usecases.return_case import ReturnCase
from bot.usecases.send_reply import SendReply
from bot.usecases.sign_keyring import SignKeyring
from bot.usecases.tell_alarms import TellAlarms
from bot.usecases.tell_wait import TellWait
from bot.usecases.vouch_for_audit import VouchForAudit
from bot.usecases.watch_network import WatchNetwork
from bot.web.caring import Care
from bot.web.console.auth import Door


@dataclass(frozen=True, slots=True)
class Rules:
    """What the network allows, as the installation runs. `channels`: each with the longest text of one message."""

    demo: bool
    channels: Mapping[ChannelName, int | None]
    live_minutes: int
    answer_days: int
    after_close_days: int
    at_most_days: int
    duty_hours: Callable[[str, datetime], bool]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the interface can do."""

    door: Door
    invite: InviteCaseworker
    enrol: EnrolCaseworker
    dismiss: DismissStaff
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
    mute: MuteCase
    care: Care
    away_until: Callable[[CaseworkerId], Awaitable[int | None]]
    left_alone: Callable[[str, Sequence[CaseRow]], Awaitable[frozenset[CaseId]]]
    look_over: LookOverAudit
    alarms: TellAlarms
    report: ReportQuarter
    network: WatchNetwork
    vouch: VouchForAudit
    register: StaffRegister
    keyrings: Keyrings
    keys: ServerKeys
    roots: Mapping[str, str]
    content: ContentSource
    clock: Clock
    public_url: str | None
    rules: Rules
    services: KeepDirectory
    ways: KeepWays
    wait: TellWait
    staff_bot: Callable[[], Awaitable[str]]

    def name_of(self, organisation: str) -> str:
        """What people call an organisation, in English where there is no better."""
        found = self.content.library.directory.organisations.get(organisation)
        return found.name.get("en", organisation) if found is not None else organisation
