"""The return code: made for an open case, and typed on another phone, number or channel to go on there.

What is typed as a code goes nowhere else: into no case, no answer and no session.
"""

from typing import Final

from bot.flow import mail_gate
from bot.flow.asking import STUBBORN
from bot.flow.effects import CaseView, CheckWordTried, MakeReturnCode, UseReturnCode
from bot.flow.exchange import Exchange
from bot.flow.mail_gate import CHECK_WORD_TRIES
from bot.flow.open_cases import list_cases, say_waiting, say_which
from bot.flow.steps import ask_again
from bot.handoff.retention import LONGEST_CODE
from bot.nlu.normalise import fold

TYPING: Final = "return_code"
"""The kind of the question that a code answers."""

WHICH: Final = "return_which"
"""The kind of the question for which of several open conversations a code is made."""

CHECK_WORD: Final = "return_word"
"""The kind of the question for the check word, before a code is made."""


def open_by_command(ex: Exchange) -> None:
    """`return code`: with an open case offer to make one, without one ask for it."""
    if not ex.situation.answers_can_come:
        ex.say("engine/mail.answers_locked")
        ask_again(ex)
    elif len(ex.cases) > 1:
        ex.trace.append("return.which")
        ex.say("engine/return.which")
        list_cases(ex)
        ex.ask(WHICH, *(each.id for each in ex.cases), "later")
    elif ex.cases:
        _offer(ex, ex.cases[0])
    else:
        ex.trace.append("return.ask")
        ex.say("engine/return.ask")
        ex.ask(TYPING, "skip")


def answer_which(ex: Exchange, name: str) -> None:
    """Which of several conversations the code is for; or not now."""
    case = next((each for each in ex.cases if each.id == name), None)
    if case is None:
        ask_again(ex)
    else:
        _offer(ex, case)


def _offer(ex: Exchange, case: CaseView) -> None:
    """Say what a code for this conversation does, and whether to make one."""
    ex.trace.append("return")
    ex.say("engine/return.about")
    if len(ex.cases) > 1:
        say_which(ex, case)
        ex.say("engine/return.only")
    ex.ask("return", "make", "later", data=case.id)


def _asked_about(ex: Exchange) -> CaseView | None:
    """The case that the question at hand is about, while it is open and may be spoken of."""
    case = ex.asked.data if ex.asked is not None else None
    return next((each for each in ex.cases if each.id == case), None)


def answer_offer(ex: Exchange, name: str) -> None:
    """Make a code, behind the check word where there is one; or not now."""
    case = _asked_about(ex)
    if name != "make":
        ask_again(ex)
    elif case is None or not ex.situation.answers_can_come:
        open_by_command(ex)
    elif not case.check_word:
        _make(ex, case)
    elif _is_closed(ex, case):
        _stay_closed(ex)
    else:
        ex.say("engine/mail.word_ask")
        ex.ask(CHECK_WORD, "later", data=case.id)


def _is_closed(ex: Exchange, case: CaseView) -> bool:
    """Whether the word was wrong too often; the tries of this conversation are counted for one case at a time."""
    if ex.mail_at != case.id:
        ex.mail_at, ex.word_tries = case.id, 0
    return case.locked or ex.word_tries >= CHECK_WORD_TRIES


def try_word(ex: Exchange, text: str) -> None:
    """Take a check word: whoever holds the phone now can take the conversation away with a code."""
    case = _asked_about(ex)
    if case is None:
        open_by_command(ex)
        return
    if not _is_closed(ex, case) and fold(text) == fold(case.check_word):
        ex.word_tries = 0
        _make(ex, case)
        return
    ex.word_tries += 1
    ex.effects.append(CheckWordTried(case.id))
    left = min(CHECK_WORD_TRIES - ex.word_tries, case.tries - 1)
    if left > 0 and not case.locked:
        ex.say_with("engine/mail.word_wrong", left=left)
    else:
        _stay_closed(ex)


def _make(ex: Exchange, case: CaseView) -> None:
    situation = ex.situation
    if situation.returned == "later":
        ex.say("engine/return.later")
    else:
        ex.effects.append(MakeReturnCode(situation.return_code, case.id))
        ex.trace.append("return.made")
        ex.say_with("engine/return.made", code=situation.return_code)
        ex.say_with("engine/return.keep", days=LONGEST_CODE.days)
    ask_again(ex)


def _stay_closed(ex: Exchange) -> None:
    """No code and no answers any more; people can be asked in another way."""
    ex.say("engine/mail.word_locked")
    ask_again(ex)


def take(ex: Exchange, code: str, held: str) -> None:
    """Take what was typed as a code; empty when it cannot be one. `held` still waits for another question.

    Who goes on elsewhere is asked something; otherwise the conversation is where it was.
    """
    situation = ex.situation
    ex.held = held
    if not situation.answers_can_come:
        if not _begins(ex):  # who begins is told so anyway
            ex.say("engine/mail.answers_locked")
    elif situation.returned == "moved":
        _arrive(ex, _arrived(ex))
    elif situation.returned == "later":
        ex.say("engine/return.later")
    elif situation.returned == "own case":
        ex.trace.append("return.own_case")
        ex.say("engine/return.own_case")
    else:
        if code:
            ex.effects.append(UseReturnCode(code))
        ex.trace.append("return.refused")
        ex.say_with("engine/return.refused", days=LONGEST_CODE.days)


def _begins(ex: Exchange) -> bool:
    return bool(ex.frames) and ex.frames[-1].phase == "new"


def _arrived(ex: Exchange) -> CaseView | None:
    """The case that the code brought here in this turn; None for a closed one, which takes no words."""
    return next((each for each in ex.situation.cases if each.id == ex.situation.arrived), None)


def _arrive(ex: Exchange, case: CaseView | None) -> None:
    """The case is here now: in its language, where nothing was chosen yet, and with the note that may wait.

    What is written from now on goes there, whatever else is open here. None for a closed one: its last
    answer waits, or how it goes with what was referred is still to come.
    """
    ex.trace.append("return.moved" if case is not None else "return.closed")
    if case is not None and _begins(ex) and ex.ready.library.catalogue.languages.get(case.language):
        ex.language = case.language
    ex.say("engine/return.moved")
    ex.paused = False
    if case is None:
        waits = any(mail.case == ex.situation.arrived for mail in ex.situation.mails)
        ex.say("engine/return.closed" if waits else "engine/mail.none")
    else:
        ex.into = case.id
    if ex.asked is not None and ex.asked.kind in STUBBORN:
        return
    ex.held = ""
    ex.asked = None
    ex.frames.clear()
    ex.clear_question()
    if mail_gate.is_due(ex):
        mail_gate.ask_time(ex)
        return
    if case is not None:
        say_waiting(ex, case)
        resumed = "engine/case.resumed_complaint" if case.complaint else "engine/case.resumed"
        ex.say_with(resumed, organisation=case.organisation_name)
    ex.ask("case", "menu")
