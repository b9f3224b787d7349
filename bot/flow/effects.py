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


@dataclass(frozen=True, slots=True)
class AddToCase:
    """Seal one more message of the person to the open case."""

    text: str


@dataclass(frozen=True, slots=True)
class SetGate:
    """How answers may arrive: `discreet` keeps silent until `note`; `check_word` is asked first, empty for none."""

    discreet: bool
    check_word: str = ""


@dataclass(frozen=True, slots=True)
class ChangeUrgency:
    """Move the open case in the queue."""

    urgency: Urgency


@dataclass(frozen=True, slots=True)
class CancelCase:
    """The person takes the waiting case back: delete it when unclaimed, else ask the team to close it."""


@dataclass(frozen=True, slots=True)
class MailRead:
    """The waiting notes were shown in this turn's Say."""


@dataclass(frozen=True, slots=True)
class MailDeleted:
    """Delete the waiting notes unread."""


@dataclass(frozen=True, slots=True)
class CheckWordTried:
    """A wrong check word was given; after three the notes stay closed until the case ends."""


@dataclass(frozen=True, slots=True)
class MakeReturnCode:
    """Keep this return code for the open case, in place of an earlier one; `Say` shows it already."""

    code: str = field(repr=False)


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
    """Erase: session, return route, replay copies, mailbox, pseudonym, our messages where the channel allows."""


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
    """The person's open case, as far as the conversation needs it. `waiting` counts cases before it.

    `language` is the one that it was opened in. `check_word` is asked for before a return code is made, empty for none;
    `locked` after three wrong ones.
    """

    designation: str
    organisation: str
    organisation_name: str
    status: Literal["waiting", "claimed"]
    urgency: Urgency = "normal"
    on_duty: bool = True
    waiting: int = 0
    language: str = ENGLISH
    check_word: str = field(default="", repr=False)
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Mail:
    """Answers waiting for the person, already opened in memory. `locked` after three wrong check words.

    `unproven`: how many wait that nobody can vouch for now; their words are not in here.
    """

    notes: tuple[str, ...]
    organisation_name: str
    designation: str
    discreet: bool = False
    check_word: str = ""
    locked: bool = False
    already_shown: bool = False
    unproven: int = 0


Returned = Literal["", "moved", "own case", "later"]


class Situation(NamedTuple):
    """Everything outside the conversation that a turn may depend on. Times are aware, in UTC.

    `staffing` says which organisations can receive a case and whether somebody is on duty. `designation` is the
    two-word name a case opened in this turn will have. `nonce` (8 characters) marks this turn's buttons, so that
    a tap on an old one is known. `answers_can_come` is false while the server's keys are locked.
    `return_code` is the one that would be made in this turn. `returned` is what came of the code that the message holds,
    or of making one: the case is here now; it stays where it is, for the person has something open here; not now.
    `spoilt`: their case was changed by somebody else and is not used; silent until they ask for a note.
    `may_report` is false when no more reports about services are taken now. `directory`: services as they stand now; None: as they were released.
    `trusted_less`: services (`organisation/service`) that people told of, and by how much they are trusted less.
    `demo` is true when fictitious services may be offered. `in_english`: say everything in English too, beside it.
    """

    now: datetime
    staffing: Sequence[Staffing] = ()
    designation: str = ""
    nonce: str = ""
    case: CaseView | None = None
    mail: Mail | None = None
    answers_can_come: bool = True
    demo: bool = False
    in_english: bool = False
    spoilt: Literal["", "silent", "aloud"] = ""
    trusted_less: Mapping[str, float] = {}
    return_code: str = ""
    returned: Returned = ""
    directory: Directory | None = None
    may_report: bool = True
