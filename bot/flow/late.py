"""An urgent request that nobody opened although everybody was rung, the leads too: say so, once, and ask what now."""

from typing import Final

from bot.flow.declined import begin_anew, carry, next_one
from bot.flow.effects import CaseView
from bot.flow.exchange import Exchange
from bot.flow.session import Carried

KIND: Final = "late"


def is_late(ex: Exchange, case: CaseView) -> bool:
    """Whether the case waits too long, and this conversation has not said so yet."""
    return case.too_long and case.id not in ex.late_told


def is_due(ex: Exchange) -> bool:
    """Whether words of this turn went into a case that waits too long."""
    case = ex.case
    return "added" in ex.trace and case is not None and is_late(ex, case)


def say_late(ex: Exchange) -> None:
    """After words went into a case that waits too long: ask what now, unless something else is asked."""
    case = ex.case
    if ex.asked is None and case is not None and is_due(ex):
        ask_what_now(ex, case)


def ask_what_now(ex: Exchange, case: CaseView) -> None:
    """Say that nobody answered yet; offer to keep waiting, another organisation where there is one, the helplines."""
    ex.late_told = tuple(dict.fromkeys((*ex.late_told, case.id)))
    ex.clear_question()
    ex.trace.append(KIND)
    ex.say("engine/late.ask")
    others = ("elsewhere",) if _another_can(ex, case.queue) else ()
    ex.ask(KIND, "wait", *others, "numbers", data=case.queue)


def ask_another(ex: Exchange, queue: str) -> None:
    """Begin the handoff to this queue anew: its consent names an organisation that has no request of this person.

    It is as urgent and as quiet as the one that waits. Whom they asked before is no business of the next one: unlike a wish of the person's, it is not in the summary.
    """
    ex.elsewhere = _passed_over(ex)
    ex.into = ""
    for case in ex.situation.cases:
        if case.too_long and case.queue == queue:
            carry(ex, Carried("", queue, case.urgency, case.quiet, case.check_word))
    begin_anew(ex, queue)


def _passed_over(ex: Exchange) -> tuple[str, ...]:
    theirs = [each.organisation for each in ex.situation.cases if not each.complaint]
    return tuple(dict.fromkeys((*ex.elsewhere, *theirs)))


def _another_can(ex: Exchange, queue: str) -> bool:
    """Whether the queue has another organisation that fits and can open a case now: no empty promise."""
    before, ex.elsewhere = ex.elsewhere, _passed_over(ex)
    found = next_one(ex, queue)
    ex.elsewhere = before
    return found is not None
