"""What a turn knows of a person's cases: what it may speak of, and on which ways answers may come by themselves."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from bot.flow import effects
from bot.flow.effects import CaseView, Effect, Mail
from bot.flow.engine import Turn
from bot.flow.exchange import named
from bot.flow.session import Session
from bot.kernel.errors import ConflictError
from bot.kernel.messages import InboundMessage
from bot.ports import CaseRow
from bot.usecases.move_case import in_the_way
from bot.usecases.recognise_person import Known, Spoilt, in_order

_NEEDS_NO_LOOK: Final = (
    effects.Say,
    effects.DropRoute,
    effects.OpenCase,
    effects.FlagService,
    *effects.COUNTED,
)
"""What can be done for a person without knowing whether they have a case."""


class Found(NamedTuple):
    """Who writes, as far as we could look. `taken`: this very message went into that case before a failure.

    `before` are the ids of the cases they were remembered with. `moved`: the one that a return code brought here just now.
    """

    looked: bool
    cases: tuple[Known, ...] = ()
    taken: Known | None = None
    before: tuple[str, ...] = ()
    spoilt: tuple[Spoilt, ...] = ()
    moved: str = ""

    def arrived(self, known: Known) -> "Found":
        """The same with a case that a return code brought here."""
        gone = in_the_way(self.spoilt, known)
        spoilt = tuple([each for each in self.spoilt if each not in gone])
        cases = in_order((*self.cases, known))
        return self._replace(cases=cases, spoilt=spoilt, taken=None, moved=known.row.id)

    def case(self, case: str) -> Known | None:
        """The case with this id."""
        return next((each for each in self.cases if each.row.id == case), None)


def views(found: Found) -> tuple[CaseView, ...]:
    """The open cases as the conversation sees them; not the one that this very message is in already."""
    taken = found.taken.row.id if found.taken is not None else ""
    return tuple([known.view for known in found.cases if known.is_open and known.row.id != taken])


def mails(found: Found) -> tuple[Mail, ...]:
    """What waits for the person, in the order of their cases."""
    return tuple([known.mail for known in found.cases if known.mail is not None])


def spoken_of(turn: Turn, found: Found) -> list[CaseRow]:
    """Rows of the cases that may be spoken of where the conversation is now."""
    session = turn.session
    return [
        known.row
        for known in found.cases
        if not known.gate.asks_first
        or (
            session is not None
            and (session.theirs or known.row.id == session.into or _opened(session, known))
        )
    ]


def _opened(session: Session, known: Known) -> bool:
    return session.opened == named(known.row.organisation, known.row.designation)


def may_come_back(turn: Turn, known: Known | None, found: Found) -> bool:
    """Whether an answer may come into this chat by itself from now on: never over a hidden or closed one.

    Nor of any case while the person said that now is not a good time. `known` is None for a case that this turn opened:
    silent like the one that it was referred from or that was declined.
    """
    if turn.session is None or turn.session.hidden or turn.session.not_now:
        return False
    if any(isinstance(effect, effects.DropRoute | effects.ForgetPerson) for effect in turn.effects):
        return False
    if known is None:
        opened = [each for each in turn.effects if isinstance(each, effects.OpenCase)]
        if any(each.discreet or each.check_word for each in opened):
            return False
        referred = {each.referred_from for each in opened}
        return not any(first.gate.asks_first for first in found.cases if first.row.id in referred)
    case = known.row.id
    chosen = [each for each in turn.effects if isinstance(each, effects.SetGate) and each.case == case]
    if chosen:
        return not chosen[-1].discreet and not chosen[-1].check_word
    waits = known.mail is not None and not _read(turn.effects, case)
    return not waits and known.row.closed_hour is None and not known.gate.asks_first


def _read(done: Sequence[Effect], case: str) -> bool:
    return any(
        isinstance(effect, effects.MailRead | effects.MailDeleted) and effect.case == case for effect in done
    )


def check_looked(found: Found, wanted: Sequence[Effect], *, locked: bool) -> None:
    """Never say that something was erased, added or set in a case that there was no time to look for.

    While the keys are locked nobody can look, and the texts themselves say so.
    """
    if not found.looked and not locked and not all(isinstance(effect, _NEEDS_NO_LOOK) for effect in wanted):
        raise ConflictError("turn.busy")


def spoilt(found: Found) -> Literal["", "silent", "aloud"]:
    """Whether somebody else wrote to a case of theirs, and whether that may be said unasked."""
    if not found.spoilt:
        return ""
    return "silent" if all(each.silent for each in found.spoilt) else "aloud"


def message_key(message: InboundMessage) -> str:
    """What names one message of one channel: the same when it is delivered again."""
    return f"{message.channel}\n{message.message_id}"


def yes_key(message: InboundMessage) -> str:
    """What names a message as the yes that opens a second case: what it says beside may go into the first one."""
    return f"{message_key(message)}\nreferred"
