"""One turn of a conversation: content, what is remembered and a message give the next session and the effects.

Pure: the same arguments give the same turn. How a message is read is in `receiving`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.flow.always import show_neutral
from bot.flow.answering import open_menu
from bot.flow.asking import numbered, options, page
from bot.flow.definition import Value
from bot.flow.effects import Effect, Forgotten, Say, Situation
from bot.flow.erasing import tell_forgotten
from bot.flow.exchange import SECONDS, Exchange
from bot.flow.late import say_late
from bot.flow.library import Library
from bot.flow.mail_gate import say_spoilt
from bot.flow.prepared import Ready, ready
from bot.flow.receiving import IDLE_MINUTES, take_message
from bot.flow.session import Frame, Session
from bot.flow.steps import ask_again, run
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import InboundMessage, Option, OutboundMessage

LOST: Final = "lost"


class Turn(NamedTuple):
    """What one message leads to. `session` None: the conversation is over and nothing is remembered.

    `trace` names what was said, for tests and the bounded walk: `housing/ask_city`, `housing/ask_city.try_again`,
    `housing/person.consent`, `housing/results.empty`, `menu`. `passed` names every step gone through and every choice
    taken (`housing/ask_city#skip`), silent ones too. Neither is ever logged.
    """

    session: Session | None
    effects: tuple[Effect, ...]
    trace: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What waits for an answer: the names of the choices shown, in the order of their numbers from 1.

    `asks` is the type of the slot that typed text fills, or the kind of a question of the engine's own.
    """

    names: tuple[str, ...]
    asks: str = ""


def advance(library: Library, session: Session | None, message: InboundMessage, situation: Situation) -> Turn:
    """Take one message. Never raises: where content and conversation do not fit, the person gets the menu."""
    made = ready(library)
    before = session if session is not None else new_session(library, situation)
    ex = Exchange(made, before, message, situation)
    try:
        take_message(ex, before)
        say_late(ex)
        if session is None and not situation.answers_can_come and not (ex.bare or ex.ended):
            # who has an open case must not believe that this went into it
            ex.say("engine/mail.answers_locked")
        if situation.spoilt == "aloud" and not (ex.bare or ex.hidden or ex.ended):
            say_spoilt(ex)
        return _finish(ex)
    except Exception:  # noqa: BLE001 (a person never meets an exception; tests look for LOST in the trace)
        return _lost(made, before, message, situation)


def begin(
    library: Library,
    flow: str,
    situation: Situation,
    *,
    language: str = ENGLISH,
    slots: Mapping[str, Value] | None = None,
) -> Turn:
    """Start a conversation at a flow's first step, for scripted conversations and the bounded walk."""
    made = ready(library)
    empty = Session(made.release, language, int(situation.now.timestamp()) // SECONDS)
    ex = Exchange(made, empty, None, situation)
    ex.enter(flow)
    for slot, value in (slots or {}).items():
        ex.keep(slot, value)
    run(ex)
    return _finish(ex)


def remind(library: Library, session: Session, situation: Situation) -> OutboundMessage:
    """Where the conversation is, said once more without a message: nothing is done, and the session stays as it is.

    The waiting question of a flow is repeated, unless somebody else may hold the phone by now; anywhere else the person
    is asked to send it again. Never raises.
    """
    made = ready(library)
    ex = Exchange(made, session, None, situation)
    at_step = ex.at_flow_question() and not ex.frames[-1].phase and ex.present - session.minute < IDLE_MINUTES
    try:
        if ex.hidden:
            show_neutral(ex)
        elif at_step:
            ask_again(ex)
        else:
            ex.say("engine/send_again")
        return _said(ex, options(ex, session.nonce) if at_step and not ex.hidden else ())
    except Exception:  # noqa: BLE001 (as in `advance`: a person never meets an exception)
        ex = Exchange(made, session, None, situation)
        ex.say("engine/send_again")
        return _said(ex, ())


def after_erasing(
    library: Library, session: Session | None, message: InboundMessage, situation: Situation, done: Forgotten
) -> OutboundMessage:
    """What is said once a person is forgotten: what really went. The rest as in the turn that asked for it."""
    made = ready(library)
    ex = Exchange(made, session or new_session(library, situation), message, situation)
    tell_forgotten(ex, done)
    return ex.message_out((), numbered=True, english=_english(ex, numbered=True))


def question(library: Library, session: Session, situation: Situation) -> Question:
    """The question that waits in a session, for scripted conversations and the bounded walk."""
    ex = Exchange(ready(library), session, None, situation)
    names = tuple(each.name for each in page(ex))
    if ex.asked is not None:
        return Question(names, ex.asked.kind)
    asks = (ex.step().slot or "") if ex.frames and not ex.frames[-1].phase else ""
    return Question(names, asks)


def new_session(library: Library, situation: Situation, language: str = ENGLISH) -> Session:
    """A conversation that has not begun: its first step is the start entry's."""
    made = ready(library)
    found = made.entry("start")
    frames = (Frame(found.flow.id, found.flow.start, "new"),) if found is not None else ()
    return Session(made.release, language, int(situation.now.timestamp()) // SECONDS, frames)


def _finish(ex: Exchange) -> Turn:
    if ex.ended:
        message = ex.message_out((), numbered=True, english=_english(ex, numbered=True))
        return Turn(None, (*ex.effects, Say(message)), tuple(ex.trace), tuple(ex.passed))
    message = _said(ex, () if ex.bare else options(ex, ex.situation.nonce))
    shape = 0
    if ex.frames and ex.frames[-1].phase != "new":
        shape = ex.step().shape
    return Turn(ex.session(shape), (*ex.effects, Say(message)), tuple(ex.trace), tuple(ex.passed))


def _said(ex: Exchange, shown: tuple[Option, ...]) -> OutboundMessage:
    """Everything said, with these options; that words choose where a digit is the answer."""
    digits_choose = numbered(ex)
    if not digits_choose and not ex.bare:
        ex.say("engine/words_here")
    return ex.message_out(shown, numbered=digits_choose, english=_english(ex, numbered=digits_choose))


def _english(ex: Exchange, *, numbered: bool) -> OutboundMessage | None:
    """The same message in English, where it was asked for and the conversation is in another language."""
    if ex.english is None or ex.language == ENGLISH:
        return None
    quiet = ex.bare or ex.ended
    shown = () if quiet else ex.rendered_in_english(lambda: options(ex, ex.situation.nonce))
    return ex.message_in_english(shown, numbered=numbered)


def _lost(made: Ready, before: Session, message: InboundMessage, situation: Situation) -> Turn:
    """The menu, with nothing of the failed turn."""
    ex = Exchange(made, before, message, situation)
    ex.trail = ()
    ex.asked = None
    ex.frames.clear()
    ex.trace.append(LOST)
    try:
        ex.say("engine/not_understood.menu")
        open_menu(ex)
        return _finish(ex)
    except Exception:  # noqa: BLE001 (even the menu is broken: the footer still leads to a person and out)
        ex.frames.clear()
        ex.asked = None
        return _finish(ex)
