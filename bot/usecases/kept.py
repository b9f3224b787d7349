"""What a turn comes to: what is said, whether an answer may come by itself afterwards, and what is kept, in kinds."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from bot.flow import effects
from bot.flow.effects import Effect
from bot.flow.engine import Turn
from bot.kernel.messages import OutboundMessage
from bot.usecases.recognise_person import Known


class Did(StrEnum):
    """One thing that a turn did beyond answering. A closed list; each is recorded where it is done."""

    CASE_OPENED = "case opened"
    MESSAGE_ADDED = "message added"
    CASE_CHANGED = "case changed"
    CASE_RENEWED = "case renewed"
    CASE_DELETED = "case deleted"
    CASE_CUT_LOOSE = "case cut loose"
    CLOSE_ASKED = "close asked"
    CASE_MOVED = "case moved"
    CODE_MADE = "return code made"
    NOTES_READ = "notes read"
    NOTES_DELETED = "notes deleted"
    ROUTE_DROPPED = "route dropped"
    ERASED = "erased"


class Kept(NamedTuple):
    """What is kept of a person after a turn: never what was said, nor who said it.

    `place`: the place in the conversation, in memory. `route`: the way back to them, in memory. `organisation`: to
    which the case on disk is sealed that this person is linked to; empty when there is none. `did`: what this turn
    did, in order; without any it wrote nothing to a disk.
    """

    place: bool
    route: bool
    organisation: str
    did: tuple[Did, ...] = ()


def said_in(done: Sequence[Effect]) -> OutboundMessage | None:
    """What a turn says; None when it says nothing."""
    for effect in done:
        if isinstance(effect, effects.Say):
            return effect.message
    return None


def may_come_back(turn: Turn, known: Known | None) -> bool:
    """Whether an answer may come into this chat by itself from now on: never over a hidden or closed one."""
    if turn.session is None or turn.session.hidden:
        return False
    if any(isinstance(effect, effects.DropRoute | effects.ForgetPerson) for effect in turn.effects):
        return False
    chosen = [effect for effect in turn.effects if isinstance(effect, effects.SetGate)]
    if chosen:
        return not chosen[-1].discreet and not chosen[-1].check_word
    if known is None:
        return True
    waits = known.mail is not None and not _settles_notes(turn.effects)
    return not waits and known.row.closed_hour is None and not known.gate.asks_first


def opens_case(done: Sequence[Effect]) -> bool:
    """Whether a new case is queued."""
    return any(isinstance(effect, effects.OpenCase) for effect in done)


def makes_code(done: Sequence[Effect]) -> bool:
    """Whether a return code is made."""
    return any([isinstance(effect, effects.MakeReturnCode) for effect in done])  # noqa: C419  # no generator: each turn


def forgets_person(done: Sequence[Effect]) -> bool:
    """Whether all that we hold of the person goes."""
    return any([isinstance(effect, effects.ForgetPerson) for effect in done])  # noqa: C419  # no generator: twice a turn


def notes_shown(did: Sequence[Did], known: Known | None) -> tuple[str, ...]:
    """Ids of the notes whose words stand in the answer."""
    return tuple(note.id for note in known.notes) if known is not None and Did.NOTES_READ in did else ()


def ways_erased(known: Known | None, *, remains: bool) -> tuple[Did, ...]:
    """What forgetting did; `remains`: the case stays with its caseworkers."""
    if known is None:
        return (Did.ERASED,)
    return (Did.CASE_CUT_LOOSE if remains else Did.CASE_DELETED, Did.ERASED)


def _settles_notes(done: Sequence[Effect]) -> bool:
    return any(isinstance(effect, effects.MailRead | effects.MailDeleted) for effect in done)
