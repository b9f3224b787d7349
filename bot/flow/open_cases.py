"""A person's open cases: which one their words go to, going back to one, taking one back.

Free words go to one case and never to another by surprise. With one open it is that one; a complaint only where this
conversation made or chose it. With several open the person is asked first, and the answer says who got the words.
"""

from collections.abc import Sequence

from bot.flow import code_words
from bot.flow.effects import AddToCase, CancelCase, CaseView, ChangeUrgency
from bot.flow.exchange import Exchange
from bot.flow.handing_off import how_long, next_duty, place_in_queue, say_added
from bot.flow.late import ask_what_now, is_late
from bot.flow.steps import ask_again
from bot.flow.typed import LONGEST_SEALED


def resume(ex: Exchange, case: CaseView) -> None:
    """Back to the people who have a case: what is written from now on goes to them."""
    ex.paused = False
    ex.into = case.id
    ex.frames.clear()
    ex.clear_question()
    ex.trace.append("resumed")
    ex.say_with("engine/case.open", organisation=case.organisation_name, designation=case.designation)
    code_words.tell_own(ex, case)
    say_waiting(ex, case)
    if is_late(ex, case):
        ask_what_now(ex, case)
        return
    ex.say_with(
        "engine/case.resumed_complaint" if case.complaint else "engine/case.resumed",
        organisation=case.organisation_name,
    )
    ex.ask("case", "cancel", "menu")


def ask_which(ex: Exchange, cases: Sequence[CaseView]) -> None:
    """Several people could be meant, or only those who have a complaint: ask, with what each conversation is."""
    ex.clear_question()
    ex.trace.append("which")
    ex.say("engine/case.which")
    list_cases(ex)
    others = () if any(not each.complaint for each in cases) else ("person",)
    ex.ask("which", *(each.id for each in cases), *others, "menu")


def add_to_case(ex: Exchange, text: str) -> None:
    """Seal free text to the open case and say so in one line; a waiting question goes on waiting.

    With several cases open nothing goes anywhere until the person said whom it is for.
    """
    case = ex.case
    if case is None:
        ex.held = text
        ex.trace.append("whose")
        ex.say("engine/case.whose")
        list_cases(ex)
        ex.ask("whose", *(each.id for each in ex.cases), "none")
        return
    ex.effects.append(AddToCase(text.strip()[:LONGEST_SEALED], case.id))
    ex.trace.append("added")
    say_added(ex, case)


def list_cases(ex: Exchange) -> None:
    """Say which open conversation is which: code words and organisation, and whether it is a complaint."""
    for case in ex.cases:
        say_which(ex, case)


def say_which(ex: Exchange, case: CaseView) -> None:
    """One line: code words and organisation of this conversation."""
    key = "engine/case.line_complaint" if case.complaint else "engine/case.line"
    ex.say_with(key, designation=case.designation, organisation=case.organisation_name)


def raise_urgency(ex: Exchange, case: CaseView | None) -> None:
    """Move an ordinary case to the front; a complaint is not what helps in danger."""
    if case is not None and case.urgency != "now" and not case.complaint:
        ex.effects.append(ChangeUrgency("now", case.id))


def say_waiting(ex: Exchange, case: CaseView) -> None:
    """Where the case stands, honestly: opened or not, how many before it, whether anybody works now."""
    ex.tell(lambda: _waiting(ex, case))


def _waiting(ex: Exchange, case: CaseView) -> str:
    if case.status == "claimed":
        lines = [ex.sentence("wait/claimed", organisation=case.organisation_name)]
    else:
        lines = [ex.sentence("wait/waiting", organisation=case.organisation_name)]
        if case.place:
            lines.append(place_in_queue(ex, case.place))
    lines.append(ex.sentence("wait/on_duty" if case.on_duty else "wait/off_duty"))
    if not case.on_duty:
        lines.append(next_duty(ex, case.organisation))
        lines.append(ex.sentence("rescue/sos"))
    elif case.status == "waiting" and case.place:
        lines.append(how_long(ex, case.usual))
    return "\n".join(line for line in lines if line)


def cancel_case(ex: Exchange, *, sure: bool) -> None:
    """Take the open case back, after one question."""
    case = ex.case
    if sure and case is not None:
        ex.effects.append(CancelCase(case.id))
        ex.trace.append("cancelled")
        ex.gate_due = False
        ex.say("engine/case.cancelled" if case.status == "waiting" else "engine/case.cancel_asked")
    ask_again(ex)
