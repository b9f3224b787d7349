"""One turn of a conversation: content, what is remembered and a message give the next session and the effects.

Pure: the same arguments give the same turn. The order in which a message is read is docs/explanation/understanding.md:
words of danger, commands, waiting notes, the question at hand, an open case, the topics of all flows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.flow import always, mail_gate
from bot.flow.answering import answer_typed, choose, open_menu
from bot.flow.asking import MORE, by_number, meant, numbered, options, page
from bot.flow.commands import Command
from bot.flow.deciding import STUBBORN, TYPED, decide, start_again, take_word
from bot.flow.definition import Value
from bot.flow.effects import Effect, Situation
from bot.flow.exchange import SECONDS, Exchange
from bot.flow.library import Library
from bot.flow.migration import follow_release
from bot.flow.prepared import Ready, ready
from bot.flow.session import Frame, Session
from bot.flow.steps import ask_again, run
from bot.flow.understanding import add_to_case, answer_danger, understand
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import InboundMessage
from bot.nlu.normalise import bare_number, fold

IDLE_MINUTES: Final = 5
"""After this many quiet minutes the person is asked whether to go on: someone else may hold the phone."""

URGENT: Final[frozenset[Command]] = frozenset({"leave", "sos", "erase", "safe word", "mail"})
"""Commands that do not wait until a note was offered."""

ALWAYS_NONCE: Final = "-"
LOST: Final = "lost"
_TAPPED: Final = "\x00"
_BY_DIGIT: Final[Mapping[str, Command]] = {"9": "person", "0": "leave"}


@dataclass(frozen=True, slots=True)
class Turn:
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
    more: bool = False


def advance(library: Library, session: Session | None, message: InboundMessage, situation: Situation) -> Turn:
    """Take one message. Never raises: where content and conversation do not fit, the person gets the menu."""
    made = library.prepared[0] if library.prepared else ready(library)
    before = session if session is not None else new_session(library, situation)
    ex = Exchange(made, before, message, situation)
    try:
        _take(ex, before)
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


def question(library: Library, session: Session, situation: Situation) -> Question:
    """The question that waits in a session, for scripted conversations and the bounded walk."""
    ex = Exchange(ready(library), session, None, situation)
    names = tuple(each.name for each in page(ex))
    if ex.asked is not None:
        return Question(names, ex.asked.kind, MORE in names)
    asks = (ex.step().slot or "") if ex.frames and not ex.frames[-1].phase else ""
    return Question(names, asks, MORE in names)


def new_session(library: Library, situation: Situation, language: str = ENGLISH) -> Session:
    """A conversation that has not begun: its first step is the start entry's."""
    made = ready(library)
    found = made.entry("start")
    frames = (Frame(found.flow.id, found.flow.start, "new"),) if found is not None else ()
    return Session(made.release, language, int(situation.now.timestamp()) // SECONDS, frames)


def _finish(ex: Exchange) -> Turn:
    if ex.ended:
        return Turn(None, ex.say_effect(ex.message_out((), numbered=True)), tuple(ex.trace), tuple(ex.passed))
    shown = () if ex.bare else options(ex, ex.situation.nonce)
    digits_choose = numbered(ex)
    if not digits_choose and not ex.bare:
        ex.say("engine/words_here")
    message = ex.message_out(shown, numbered=digits_choose)
    shape = 0
    if ex.frames and ex.frames[-1].phase != "new":
        shape = ex.step().shape
    return Turn(ex.session(shape), ex.say_effect(message), tuple(ex.trace), tuple(ex.passed))


def _lost(made: Ready, before: Session, message: InboundMessage, situation: Situation) -> Turn:
    """The menu, with nothing of the failed turn."""
    ex = Exchange(made, before, message, situation)
    ex.trail = ()
    ex.asked = None
    ex.frames.clear()
    ex.trace.append(LOST)
    ex.say("engine/not_understood.menu")
    try:
        open_menu(ex)
        return _finish(ex)
    except Exception:  # noqa: BLE001 (even the menu is broken: the footer still leads to a person and out)
        ex.frames.clear()
        ex.asked = None
        return _finish(ex)


# --- reading the message -------------------------------------------------------------------------------


def _take(ex: Exchange, before: Session) -> None:
    message = ex.message
    assert message is not None
    text = message.text.strip()
    held, ex.held = ex.held, ""
    if ex.hidden:
        _take_hidden(ex, text)
        return
    if before.release != ex.ready.release and follow_release(ex, before.shape):
        ex.say("engine/moved")
        ask_again(ex)
        return
    if message.tapped is not None:
        _take_tap(ex, message.tapped, before.nonce, held)
        return
    if message.dropped is not None:
        ex.say(f"engine/dropped.{message.dropped.value}")
    elif message.edited and not _is_urgent(ex, text):
        ex.say("engine/edited")
        text = ""
    elif not text:
        ex.say("engine/dropped.unknown")
    if text:
        _take_text(ex, text, held)
    else:
        ex.held = held
        _repeat(ex)


def _repeat(ex: Exchange) -> None:
    """The question that waits, once more: the engine's own only needs its choices again."""
    if ex.asked is None:
        ask_again(ex)


def _is_urgent(ex: Exchange, text: str) -> bool:
    return ex.ready.library.crisis.find(text) is not None


def _take_hidden(ex: Exchange, text: str) -> None:
    """Everyday things only, until a command comes with the safe word: `back lavender`, `sos lavender`."""
    command = ex.ready.commands.with_word(text, ex.safe_word)
    if command is None:
        always.show_neutral(ex)
        return
    ex.hidden = False
    if command == "back":
        ask_again(ex)
    else:
        always.obey(ex, command)


def _take_tap(ex: Exchange, payload: str, nonce: str, held: str) -> None:
    """A button: what is always there works from any message; of the others only those last shown."""
    mark, _, choice = payload.rpartition(".")
    command = _BY_DIGIT.get(choice) if mark == ALWAYS_NONCE else None
    if command is not None:
        _obey_or_gate(ex, command, choice)
        return
    if mark != nonce or not (choice.isascii() and choice.isdecimal()):
        ex.held = held
        ex.say("engine/old_button")
        _repeat(ex)
        return
    _take_number(ex, int(choice), held)


def _take_number(ex: Exchange, number: int, held: str = "", *, gates: bool = True) -> None:
    """The choice under a number of the page shown."""
    if gates and _gated(ex, f"{_TAPPED}{number}", held):
        return
    name = by_number(ex, number)
    if name is None:
        ex.held = held
        ex.say("engine/old_button")
        _repeat(ex)
    elif ex.asked is not None:
        _go_on(ex, decide(ex, ex.asked, name, held))
    else:
        choose(ex, name)


def _go_on(ex: Exchange, held: str) -> None:
    """A message that had to wait is taken now."""
    if not held:
        return
    if held.startswith(_TAPPED):
        _take_number(ex, int(held[1:]), gates=False)
    else:
        _take_text(ex, held, "", gates=False)


def _take_text(ex: Exchange, text: str, held: str, *, gates: bool = True) -> None:
    if ex.safe_word and fold(text) == ex.safe_word:
        always.hide(ex)
        return
    if bare_number(text) is None:
        hit = ex.ready.library.crisis.find(text)
        if hit is not None and answer_danger(ex, hit, text):
            return
    command = ex.ready.commands.find(text, digits=numbered(ex))
    if command is not None:
        if gates:
            _obey_or_gate(ex, command, text)
        else:
            always.obey(ex, command)
        return
    if gates and _gated(ex, text, held):
        return
    if ex.asked is not None:
        _answer_engine(ex, text, held)
    else:
        _answer(ex, text)


def _obey_or_gate(ex: Exchange, command: Command, text: str) -> None:
    if command not in URGENT and mail_gate.is_due(ex):
        ex.held = text
        mail_gate.ask_time(ex)
        return
    always.obey(ex, command)


def _answer(ex: Exchange, text: str) -> None:
    """No question of the engine waits: the flow's question, an open case, a topic."""
    if text.startswith("/start"):
        start_again(ex)
    elif not ex.frames:
        understand(ex, text)
    elif ex.frames[-1].phase == "new":
        if ex.situation.case is not None and not ex.paused:
            ex.frames.clear()
            add_to_case(ex, text)
        else:
            run(ex)
    elif not answer_typed(ex, text):
        near = ex.ready.commands.near(text)
        if near is not None:
            always.obey(ex, near)
        else:
            understand(ex, text)


def _answer_engine(ex: Exchange, text: str, held: str) -> None:
    asked = ex.asked
    assert asked is not None
    choice = meant(ex, text) if asked.names else None
    if choice is not None and choice.sure:
        _go_on(ex, decide(ex, asked, choice.name, held))
    elif asked.kind in TYPED:
        _go_on(ex, take_word(ex, asked, text, held))
    elif asked.kind in STUBBORN:
        ex.held = held
        ex.say("engine/try_again.choice")
    else:
        ex.asked = None
        _answer(ex, text)


# --- before the question at hand -----------------------------------------------------------------------


def _gated(ex: Exchange, text: str, held: str) -> bool:
    """Whether something has to be asked before this message is taken: a waiting note, a long pause."""
    if mail_gate.is_due(ex):
        ex.held = text
        mail_gate.ask_time(ex)
        return True
    quiet = int(ex.situation.now.timestamp()) // SECONDS - ex.minute
    return quiet >= IDLE_MINUTES and _paused_long(ex, text, held)


def _paused_long(ex: Exchange, text: str, held: str) -> bool:
    """After a pause: what may be asked first. At the very beginning there is nothing to hide or to resume."""
    if ex.asked is not None and ex.asked.kind in ("mail", "mail_word"):
        ex.held = held
        mail_gate.ask_time(ex)
    elif not ex.frames or ex.frames[-1].phase == "new":
        return False
    elif ex.not_now:
        start_again(ex)
    elif ex.frames[0].flow == ex.ready.library.entries.get("start"):
        if _chooses(ex, text):
            return False
        start_again(ex)
    else:
        ex.held = text
        ex.trace.append("idle")
        ex.say("engine/idle.ask")
        ex.ask("idle", "continue", "restart")
    return True


def _chooses(ex: Exchange, text: str) -> bool:
    choice = meant(ex, text)
    return text.startswith(_TAPPED) or (choice is not None and choice.sure)
