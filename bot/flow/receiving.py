"""Takes one message and finds what it is, before the conversation goes on.

The order: words of danger, a return code, commands, a waiting note, a long pause, the question at hand, an open case, the topics of
all flows. Source: docs/explanation/understanding.md.
"""

from collections.abc import Mapping
from typing import Final

from bot.flow import always, late, mail_gate, return_code
from bot.flow.answering import answer_typed, choose
from bot.flow.asking import STUBBORN, TAPPED, TYPED, by_number, meant, numbered
from bot.flow.commands import Command
from bot.flow.deciding import decide, start_again, take_word
from bot.flow.exchange import SECONDS, Exchange
from bot.flow.migration import follow_release
from bot.flow.open_cases import add_to_case
from bot.flow.prepared import PAGE
from bot.flow.session import Asked, Session
from bot.flow.steps import ask_again, run
from bot.flow.understanding import answer_danger, understand
from bot.handoff.return_code import find_return_code
from bot.kernel.messages import InboundMessage
from bot.nlu.normalise import bare_number, fold

IDLE_MINUTES: Final = 5
"""After this many quiet minutes the person is asked whether to go on: someone else may hold the phone."""

URGENT: Final[frozenset[Command]] = frozenset({"leave", "sos", "erase", "safe word", "mail", "verify"})
"""Commands that do not wait until a note was offered."""

ALWAYS_NONCE: Final = "-"
_NUMBERS: Final = frozenset(str(number) for number in range(1, PAGE + 1))
_BY_DIGIT: Final[Mapping[str, Command]] = {"9": "person", "0": "leave"}


def take_message(ex: Exchange, before: Session) -> None:
    """Take the message of this exchange; `before` is the session it started from."""
    message = ex.message
    assert message is not None
    text = message.text.strip()
    held, ex.held = ex.held, ""
    if ex.hidden:
        _take_hidden(ex, text)
        return
    if (
        before.release != ex.ready.release
        and follow_release(ex, before.shape)
        and not _is_always(ex, message)
    ):
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


def _is_always(ex: Exchange, message: InboundMessage) -> bool:
    """Whether the message is taken whatever the question is: words of danger, a command, a button of the footer."""
    if message.tapped is not None:
        return message.tapped.startswith(f"{ALWAYS_NONCE}.")
    return (
        _is_urgent(ex, message.text) or ex.ready.commands.find(message.text, digits=numbered(ex)) is not None
    )


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
        _obey_or_gate(ex, command, command, held)
        return
    if mark != nonce or choice not in _NUMBERS:
        ex.held = held
        if mail_gate.is_due(ex):
            mail_gate.ask_time(ex, ex.asked)
            return
        ex.say("engine/old_button")
        _repeat(ex)
        return
    _take_number(ex, int(choice), held)


def _take_number(ex: Exchange, number: int, held: str = "", *, gates: bool = True) -> None:
    """The choice under a number of the page shown."""
    if gates and _gated(ex, f"{TAPPED}{number}", held):
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
    if held.startswith(TAPPED):
        _take_number(ex, int(held[1:]), gates=False)
    else:
        _take_text(ex, held, "", gates=False)


def _take_text(ex: Exchange, text: str, held: str, *, gates: bool = True) -> None:
    if ex.safe_word and fold(text) == ex.safe_word:
        always.hide(ex)
        return
    typed = find_return_code(text)
    if typed is not None:
        if not _is_urgent(ex, typed.rest):
            _take_code(ex, typed.code, held)
            return
        text = typed.rest  # somebody may be in danger: the code can be written again
    if bare_number(text) is None:
        hit = ex.ready.library.crisis.find(text)
        if hit is not None and answer_danger(ex, hit, text):
            return
    command = ex.ready.commands.find(text, digits=numbered(ex))
    if command is not None:
        if gates:
            _obey_or_gate(ex, command, text, held)
        else:
            always.obey(ex, command)
        return
    if gates and _gated(ex, text, held):
        return
    if ex.asked is not None:
        _answer_engine(ex, text, held)
    else:
        _answer(ex, text)


def _obey_or_gate(ex: Exchange, command: Command, text: str, held: str) -> None:
    if command not in URGENT and mail_gate.is_due(ex):
        mail_gate.ask_time(ex, _set_aside(ex, text, held))
        return
    always.obey(ex, command)


def _set_aside(ex: Exchange, text: str, held: str) -> Asked | None:
    """Keep what has to wait until another question is answered: the message, or the engine question it was for.

    An answer to an engine question would mean something else later, so that question is asked again instead.
    """
    asked = ex.asked
    if asked is None or not (asked.kind in STUBBORN or asked.kind in TYPED or _chooses(ex, text)):
        ex.held = text
        return None
    ex.held = held
    return asked


def _take_code(ex: Exchange, code: str, held: str) -> None:
    """A return code, whatever the question is; then the question that waited, unless somebody else may read it by now."""
    return_code.take(ex, code, held)
    if ex.asked is not None:
        return
    quiet = ex.present - ex.minute
    if quiet > 0 and _is_forgotten(ex, quiet):
        start_again(ex)
    elif quiet < IDLE_MINUTES or not ex.frames or ex.frames[-1].phase == "new":
        ask_again(ex)
    elif ex.not_now or ex.frames[0].flow == ex.ready.library.entries.get("start"):
        start_again(ex)
    else:
        _ask_to_go_on(ex, None)


def _answer(ex: Exchange, text: str) -> None:
    """No question of the engine waits: the flow's question, an open case, a topic."""
    if text.startswith("/start"):
        start_again(ex)
    elif not ex.frames:
        understand(ex, text)
    elif ex.frames[-1].phase == "new":
        if ex.listened_to:
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
        mail_gate.ask_time(ex, _set_aside(ex, text, held))
        return True
    quiet = ex.present - ex.minute
    if quiet > 0 and _is_forgotten(ex, quiet):
        start_again(ex)
        return True
    return quiet >= IDLE_MINUTES and _paused_long(ex, text, held)


def _is_forgotten(ex: Exchange, quiet: int) -> bool:
    """Whether the waiting step says that after so many minutes nothing of the conversation is kept."""
    if not ex.frames or ex.frames[-1].phase == "new":
        return False
    limit = ex.step().step.forget_after
    return limit is not None and quiet * SECONDS >= limit.total_seconds()


def _paused_long(ex: Exchange, text: str, held: str) -> bool:
    """After a pause: what may be asked first. At the very beginning there is nothing to hide or to resume."""
    if ex.asked is not None and ex.asked.kind in ("mail", "mail_word", "referral", "declined"):
        ex.held = held
        mail_gate.ask_time(ex, ex.asked.under)
    elif not ex.frames or ex.frames[-1].phase == "new":
        return False
    elif ex.not_now:
        start_again(ex)
    elif ex.frames[0].flow == ex.ready.library.entries.get("start"):
        if _chooses(ex, text):
            return False
        start_again(ex)
    elif ex.asked is not None and ex.asked.kind == "idle":
        return False
    else:
        under: Asked | None = None
        if _is_for_the_case(ex, text):
            add_to_case(ex, text)  # it does not wait for an answer: somebody may be in need
            if late.is_due(ex):
                return True  # whoever wrote hears that nobody came, before anything else is asked
        else:
            under = _set_aside(ex, text, held)
        _ask_to_go_on(ex, under)
    return True


def _ask_to_go_on(ex: Exchange, under: Asked | None) -> None:
    ex.trace.append("idle")
    ex.say("engine/idle.ask")
    ex.ask("idle", "continue", "restart", under=under)


def _is_for_the_case(ex: Exchange, text: str) -> bool:
    """Whether free text goes to the people who have the case, because nothing typed is waited for."""
    if ex.case is None or ex.paused or not ex.at_flow_question() or ex.frames[-1].phase:
        return False
    return ex.step().step.ask is None and not _chooses(ex, text)


def _chooses(ex: Exchange, text: str) -> bool:
    """Whether the message is a choice of the question at hand."""
    if text.startswith(TAPPED):
        return True
    choice = meant(ex, text)
    return choice is not None and choice.sure
