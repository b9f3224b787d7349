"""An urgent request that nobody opened although everybody was rung, the leads too: say so, once, and ask what now."""

from typing import Final

from bot.flow.effects import CaseView
from bot.flow.exchange import Exchange

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
    others = ("elsewhere",) if _others(ex) else ()
    ex.ask(KIND, "wait", *others, "numbers")


def pass_over(ex: Exchange) -> None:
    """Let the next handoff of this conversation go to an organisation that has no request of this person.

    Whom they asked before is no business of the next one: unlike a wish of the person's, it is not in the summary.
    """
    ex.elsewhere = tuple(dict.fromkeys((*ex.elsewhere, *_theirs(ex))))
    ex.into = ""


def _theirs(ex: Exchange) -> list[str]:
    return [each.organisation for each in ex.situation.cases if not each.complaint]


def _others(ex: Exchange) -> bool:
    """Whether any other organisation can open a case now."""
    theirs = {*_theirs(ex), *ex.elsewhere}
    return any(
        each.able(complaint=False) and each.organisation not in theirs for each in ex.situation.staffing
    )
