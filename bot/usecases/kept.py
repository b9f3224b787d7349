"""What a turn comes to: what is said, whether an answer may come by itself afterwards, and what is kept, in kinds."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from bot.flow import effects
from bot.flow.effects import Effect, Forgotten
from bot.kernel.messages import OutboundMessage


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
    REFERRAL_REFUSED = "referral refused"
    NOTES_READ = "notes read"
    NOTES_DELETED = "notes deleted"
    ROUTE_DROPPED = "route dropped"
    SERVICE_FLAGGED = "service flagged"
    ERASED = "erased"


class Kept(NamedTuple):
    """What is kept of a person after a turn: never what was said, nor who said it.

    `place`: the place in the conversation, in memory. `route`: the way back to them, in memory. `organisations`: to
    which the cases on disk are sealed that this person is linked to and that may be spoken of. `did`: what this turn
    did, in order; without any it wrote nothing to a disk.
    """

    place: bool
    route: bool
    organisations: tuple[str, ...] = ()
    did: tuple[Did, ...] = ()


def said_in(done: Sequence[Effect]) -> OutboundMessage | None:
    """What a turn says; None when it says nothing."""
    for effect in done:
        if isinstance(effect, effects.Say):
            return effect.message
    return None


def opens_case(done: Sequence[Effect]) -> bool:
    """Whether a new case is queued."""
    return any(isinstance(effect, effects.OpenCase) for effect in done)


def opened_in(done: Sequence[Effect]) -> tuple[str, ...]:
    """The organisations that a new case is queued for."""
    return tuple([each.organisation for each in done if isinstance(each, effects.OpenCase)])


def makes_code(done: Sequence[Effect]) -> bool:
    """Whether a return code is made."""
    return any([isinstance(effect, effects.MakeReturnCode) for effect in done])  # noqa: C419  # no generator: each turn


def forgets_person(done: Sequence[Effect]) -> bool:
    """Whether all that we hold of the person goes."""
    return any([isinstance(effect, effects.ForgetPerson) for effect in done])  # noqa: C419  # no generator: twice a turn


def ways_erased(forgotten: Forgotten) -> tuple[Did, ...]:
    """What forgetting did."""
    deleted = (Did.CASE_DELETED,) if forgotten.deleted else ()
    untied = (Did.CASE_CUT_LOOSE,) if forgotten.untied else ()
    return (*deleted, *untied, Did.ERASED)
