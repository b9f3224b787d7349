"""What a turn asks the outside to do, and what the outside tells a turn. Data only.

`take_turn` performs effects in order. When one fails nothing of the turn is kept and the person is asked to
send the message again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple

from bot.directory.matching import Directory
from bot.directory.trust import Outcome
from bot.flow.definition import Urgency
from bot.handoff.ringing import Wait
from bot.handoff.routing import Staffing
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import OutboundMessage


@dataclass(frozen=True, slots=True)
class Shared:
    """One answer that leaves with a handoff: slot name, label and value as the person saw them, in English."""

    slot: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Say:
    """Everything this turn says. At most one in a turn."""

    message: OutboundMessage


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Seal a summary to one organisation and queue it; committed before anything is said.

    `note` is the sealed text, empty when there is none. `consent` is the exact text the person said yes to.
    `designation` is the one `Situation` proposed and `Say` already names. `note_slot` names the slot of `note`.
    `referred_from`: the id of the case whose team proposed it, and `referred` the number of their question there.
    `excluded`: organisations that the person does not want. `discreet` and `check_word`: how answers may arrive, as in
    `SetGate`, where the person chose it for a case that was declined. `code_words`: proposed by `Situation`, as the designation is.
    """

    organisation: str
    queue: str
    urgency: Urgency
    language: str
    need: str
    designation: str
    consent: str
    shared: tuple[Shared, ...] = ()
    note: str = ""
    crisis: tuple[str, ...] = ()
    country: str = ""
    note_slot: str = ""
    referred_from: str = ""
    referred: int = 0
    excluded: tuple[str, ...] = ()
    discreet: bool = False
    check_word: str = field(default="", repr=False)
    code_words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AddToCase:
    """Seal one more message of the person to an open case; `case` is its id here and below.

    `consent` is the text that they agreed to for it, empty for words that they only wrote.
    """

    text: str
    case: str = ""
    consent: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SetGate:
    """How answers may arrive: `discreet` keeps silent until `note`; `check_word` is asked first, empty for none."""

    discreet: bool
    check_word: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class ChangeUrgency:
    """Move an open case in the queue."""

    urgency: Urgency
    case: str = ""


@dataclass(frozen=True, slots=True)
class CancelCase:
    """The person takes the waiting case back: delete it when unclaimed, else ask the team to close it."""

    case: str = ""


@dataclass(frozen=True, slots=True)
class MailRead:
    """The waiting notes of a case were shown in this turn's Say."""

    case: str = ""


@dataclass(frozen=True, slots=True)
class MailDeleted:
    """Delete the waiting notes of a case unread."""

    case: str = ""


@dataclass(frozen=True, slots=True)
class CheckWordTried:
    """A wrong check word was given; after three the notes stay closed until the case ends."""

    case: str = ""


@dataclass(frozen=True, slots=True)
class RefuseReferral:
    """The person does not want a second organisation asked (`question` of this case); or it could not be, `possible` false."""

    question: int
    case: str = ""
    possible: bool = True


@dataclass(frozen=True, slots=True)
class MakeReturnCode:
    """Keep this return code for an open case, in place of any earlier one of the person; `Say` shows it already."""

    code: str = field(repr=False)
    case: str = ""


@dataclass(frozen=True, slots=True)
class UseReturnCode:
    """Move the case of these 24 digits here. `Say` tells that it does not work: when it does, the turn is taken again."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FlagService:
    """The person says that something was wrong with a service they were shown, as `organisation/service`."""

    service: str


@dataclass(frozen=True, slots=True)
class DropRoute:
    """Destroy the live return route now: leave, quick exit, safe word."""


@dataclass(frozen=True, slots=True)
class ForgetPerson:
    """Erase: session, return route, replay copies, mailboxes, pseudonyms, our messages where the channel allows.

    What is said is worked out afterwards, from what really went (`engine.after_erasing`).
    """


@dataclass(frozen=True, slots=True)
class NothingFit:
    """Nothing was found for a need; once per conversation and cell. `country` is a code, or empty where none was said.

    Only ever counted, among those of other people: see telemetry.tallies.
    """

    need: str
    country: str


@dataclass(frozen=True, slots=True)
class RateService:
    """The person said how it was at a service (`organisation/service`) that they were shown; once per conversation.

    Counted as `NothingFit` is. Whoever takes complaints about services acts on the outcome `not_safe`.
    """

    service: str
    outcome: Outcome


Effect = (
    Say
    | OpenCase
    | AddToCase
    | SetGate
    | ChangeUrgency
    | CancelCase
    | MailRead
    | MailDeleted
    | CheckWordTried
    | RefuseReferral
    | MakeReturnCode
    | UseReturnCode
    | FlagService
    | DropRoute
    | ForgetPerson
    | NothingFit
    | RateService
)

COUNTED: Final = (NothingFit, RateService)
"""Effects that are only counted, once the turn is kept."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """One open case of the person, as far as the conversation needs it.

    `place`: from 1, in the queue; 0 while nobody can say. `usual`: up to how many minutes most waited lately, None when
    that is not known. `too_long`: it is urgent, and nobody came although everybody was rung, the leads too.

    `queue` is the one that it waits in. `complaint` names the independent queue of a complaint and is empty for an
    ordinary case. `quiet`: the person chose that nothing is said of it before they ask for their people. `language` is the
    one that it was opened in. `check_word` is asked for before a return code is made, empty for none; `locked` after three
    wrong ones, `tries` are left when the turn begins. `code_words` show who is of its team.
    """

    designation: str
    organisation: str
    organisation_name: str
    status: Literal["waiting", "claimed"]
    urgency: Urgency = "normal"
    on_duty: bool = True
    place: int = 0
    usual: int | None = None
    too_long: bool = False
    id: str = ""
    queue: str = ""
    complaint: str = ""
    quiet: bool = False
    language: str = ENGLISH
    check_word: str = field(default="", repr=False)
    locked: bool = False
    code_words: str = field(default="", repr=False)
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Offered:
    """A second organisation that the team of a case proposes. `name` is from its keyring, `fields` the words that would leave.

    `sequence` numbers the question within its case.
    """

    sequence: int
    organisation: str
    name: str
    queue: str
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class News:
    """How a referral stands since the person heard of it last: `state` and `reason` as in handoff.referral, `id` which one."""

    name: str
    state: str
    reason: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """Answers of one case waiting for the person, already opened in memory. `locked` after three wrong check words.

    `tries` are left when the turn begins. `case` is the id of the case, which may be closed by now. `unproven`: how many wait that nobody can vouch for now; their words are not in here.
    `offers`: questions whether a second organisation may be asked. `news`: how referrals stand.
    `declined`: the queue of a case that the organisation cannot take, told by an empty note; `excluded` are organisations
    that the person did not want for it. `urgency` is that of the case. `code_words`: its own,
    where its first answer is among the notes; else empty.
    """

    notes: tuple[str, ...]
    organisation_name: str
    designation: str
    discreet: bool = False
    check_word: str = ""
    locked: bool = False
    already_shown: bool = False
    unproven: int = 0
    case: str = ""
    offers: tuple[Offered, ...] = ()
    news: tuple[News, ...] = ()
    organisation: str = ""
    declined: str = ""
    excluded: tuple[str, ...] = ()
    code_words: str = field(default="", repr=False)
    urgency: Urgency = "normal"
    tries: int = 3


class Forgotten(NamedTuple):
    """What erasing really did. Of the open cases: `deleted` ones, and those `untied` from the person.

    `told`: how many of the untied ones have the request to delete sealed to their team. `answers` waited and are
    deleted. Of `messages` of ours that were known in this chat, `gone` were deleted in the app; `broke`: deleting
    there broke off, and nobody knows how many went.
    """

    deleted: int = 0
    untied: int = 0
    told: int = 0
    answers: int = 0
    messages: int = 0
    gone: int = 0
    broke: bool = False


Returned = Literal["", "moved", "own case", "later"]


class Situation(NamedTuple):
    """Everything outside the conversation that a turn may depend on. Times are aware, in UTC.

    `staffing` says which organisations can receive a case and whether somebody is on duty. `designation` is the
    two-word name a case opened in this turn will have, `code_words` are the words by which its person knows the team. `nonce` (8 characters) marks this turn's buttons, so that
    a tap on an old one is known. `answers_can_come` is false while the server's keys are locked.
    `cases` are their open cases, the ordinary ones first; `mails` what waits, in the order it is offered.
    `spoilt`: a case of theirs was changed by somebody else and is not used; silent until they ask for a note.
    `return_code` is the one that would be made in this turn. `returned` is what came of the code that the message holds,
    or of making one: a case, `arrived`, is here now; it stays where it is, for the person has something open here; not now.
    `taken`: the case that this very message opened before a failure; it is not among `cases`.
    `may_report` is false when no more reports about services are taken now. `directory`: services as they stand now; None: as they were released.
    `trusted_less`: services (`organisation/service`) that people told of, and by how much they are trusted less.
    `waits` holds who waits in organisations, for a case that this turn opens; None: nobody looked yet.
    `demo` is true when fictitious services may be offered. `in_english`: say everything in English too, beside it.
    """

    now: datetime
    staffing: Sequence[Staffing] = ()
    designation: str = ""
    nonce: str = ""
    cases: Sequence[CaseView] = ()
    mails: Sequence[Mail] = ()
    answers_can_come: bool = True
    demo: bool = False
    in_english: bool = False
    spoilt: Literal["", "silent", "aloud"] = ""
    trusted_less: Mapping[str, float] = {}
    return_code: str = ""
    returned: Returned = ""
    directory: Directory | None = None
    may_report: bool = True
    arrived: str = ""
    code_words: str = ""
    taken: CaseView | None = None
    waits: Mapping[str, Wait] | None = None
