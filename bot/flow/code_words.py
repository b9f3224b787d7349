"""Code words of open cases: told again to their person, never to somebody who only holds the phone.

Who is quiet about a case, or said that now is not a good time, reads what a stranger reads, until they ask for their
people. Where they chose a check word, it comes before the words.
"""

from typing import Final

from bot.flow.effects import CaseView, CheckWordTried
from bot.flow.exchange import Exchange
from bot.nlu.normalise import fold

CHECK_WORD: Final = "code_words"
"""The kind of the question for the check word, before code words are told."""

_TRIES: Final = 3


def tell(ex: Exchange) -> None:
    """The words of each case that may be spoken of, or how to come to them."""
    spoken = _spoken_of(ex)
    shown = [each for each in spoken if not each.check_word]
    if shown:
        ex.trace.append("words")
        ex.say("engine/words.title")
        for each in shown:
            _tell(ex, each)
    elif spoken:
        ex.trace.append("words.behind")  # a choice under the step leads to them
    else:
        ex.trace.append("words.none")
        ex.say("engine/words.none")


def tell_own(ex: Exchange, case: CaseView) -> None:
    """The words of the case that the person asked for, in one line; or that the check word comes first."""
    if case.check_word:
        ex.say("engine/words.behind")
    elif case.code_words:
        ex.say_with("engine/words.own", words=case.code_words)


def hidden(ex: Exchange) -> CaseView | None:
    """The case whose words come after its check word: of several the one that is written to, else the first."""
    behind = [each for each in _spoken_of(ex) if each.check_word]
    return next((each for each in behind if each.id == ex.into), behind[0] if behind else None)


def _spoken_of(ex: Exchange) -> list[CaseView]:
    """The cases whose words may be told: of one that is quiet only after `person`, also where this conversation opened it."""
    if ex.not_now:
        return []
    return [each for each in ex.cases if each.code_words and (ex.theirs or not each.quiet)]


def ask_word(ex: Exchange) -> None:
    """Ask for the check word of the case whose words are hidden."""
    case = hidden(ex)
    if case is None:
        return
    if _is_closed(ex, case):
        ex.say("engine/words.closed")
        return
    ex.say("engine/mail.word_ask")
    ex.ask(CHECK_WORD, "later", data=case.id)


def try_word(ex: Exchange, text: str) -> None:
    """Take a check word; after three wrong ones the words stay hidden, and so do answers."""
    asked = ex.asked.data if ex.asked is not None else ""
    case = next((each for each in ex.cases if each.id == asked), None)
    if case is None:
        ex.asked = None
        ex.say("engine/words.none")
        return
    if not _is_closed(ex, case) and fold(text) == fold(case.check_word):
        ex.asked = None
        ex.word_tries = 0
        ex.trace.append("words")
        _tell(ex, case)
        return
    ex.word_tries += 1
    ex.effects.append(CheckWordTried(case.id))
    left = min(_TRIES - ex.word_tries, case.tries - 1)
    if left > 0 and not case.locked:
        ex.say_with("engine/mail.word_wrong", left=left)
        return
    ex.asked = None
    ex.say("engine/words.closed")


def _is_closed(ex: Exchange, case: CaseView) -> bool:
    """Whether the word was wrong too often; the tries of this conversation are counted for one case at a time."""
    if ex.mail_at != case.id:
        ex.mail_at, ex.word_tries = case.id, 0
    return case.locked or ex.word_tries >= _TRIES


def _tell(ex: Exchange, case: CaseView) -> None:
    key = "engine/case.line_complaint" if case.complaint else "engine/case.line"
    ex.say_with(key, designation=case.code_words, organisation=case.organisation_name)
