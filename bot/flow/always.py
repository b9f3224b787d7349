"""What the commands do, at any step: leave, person, back, menu, help, sos, language, erase, slow, note, and secret words."""

from typing import Final

from bot.flow import mail_gate, return_code
from bot.flow.answering import open_menu, show_page, take_back
from bot.flow.commands import Command
from bot.flow.definition import Entry
from bot.flow.effects import CancelCase, CaseView, DropRoute, ForgetPerson, SetGate
from bot.flow.exchange import MAX_FRAMES, Exchange
from bot.flow.handing_off import next_duty
from bot.flow.steps import ask_again, run
from bot.nlu.normalise import fold, words_of

HELP: Final = (
    "person",
    "leave",
    "back",
    "menu",
    "sos",
    "language",
    "erase",
    "slow",
    "one_minute",
    "mail",
    "safe_word",
    "return_code",
)
NEUTRAL: Final = ("hello", "museum", "weather", "tip")
"""What is shown while the safe word hides the conversation."""

_WORD_LENGTH: Final = range(3, 31)


def obey(ex: Exchange, command: Command) -> None:
    """Do what the command says, wherever the conversation is."""
    match command:
        case "leave":
            leave(ex)
        case "person":
            person(ex)
        case "back":
            back(ex)
        case "menu":
            menu(ex)
        case "sos" | "language" | "erase" | "one minute":
            visit(ex, command)
        case "mail":
            mail_gate.open_by_command(ex)
        case "return code":
            return_code.open_by_command(ex)
        case "help" | "slow" | "safe word":
            _about_the_chat(ex, command)


def _about_the_chat(ex: Exchange, command: Command) -> None:
    """Commands that change how the chat speaks, not where it is."""
    if command == "safe word":
        ex.tell(lambda: f"{ex.sentence('engine/safe_word.ask')}\n{ex.sentence('engine/safe_word.back')}")
        ex.ask("safe_word", "skip")
        return
    if command == "help":
        ex.trace.append("help")
        keys = ("engine/help.title", *(f"engine/help.{name}" for name in HELP))
        ex.tell(lambda: "\n".join(map(ex.sentence, keys)))
    else:
        ex.slow = not ex.slow
        ex.say("engine/slow.on" if ex.slow else "engine/slow.off")
    ask_again(ex)


def leave(ex: Exchange) -> None:
    """End the session, destroy the return route, say one neutral sentence. An open case stays."""
    ex.effects.append(DropRoute())
    ex.trace.append("leave")
    ex.unsay()
    ex.say("engine/leave")
    ex.ended = True
    ex.bare = True


def person(ex: Exchange) -> None:
    """Go to the entry for a person; with an open case, back to the people who have it."""
    case = ex.situation.case
    ex.asked = None
    ex.remember_place()
    if case is not None:
        ex.paused = False
        ex.frames.clear()
        ex.clear_question()
        ex.trace.append("resumed")
        ex.say_with("engine/case.open", organisation=case.organisation_name, designation=case.designation)
        say_waiting(ex, case)
        ex.say_with("engine/case.resumed", organisation=case.organisation_name)
        ex.ask("case", "cancel", "menu")
        return
    found = ex.ready.entry("person")
    ex.clear_question()
    ex.frames.clear()
    if found is not None:
        ex.enter(found.flow.id)
    run(ex)


def say_waiting(ex: Exchange, case: CaseView) -> None:
    """Where the case stands, honestly: opened or not, how many before it, whether anybody works now."""
    ex.tell(lambda: _waiting(ex, case))


def _waiting(ex: Exchange, case: CaseView) -> str:
    if case.status == "claimed":
        lines = [ex.sentence("wait/claimed", organisation=case.organisation_name)]
    else:
        lines = [ex.sentence("wait/waiting", organisation=case.organisation_name)]
        if case.waiting:
            lines.append(ex.sentence("wait/ahead", count=case.waiting))
    lines.append(ex.sentence("wait/on_duty" if case.on_duty else "wait/off_duty"))
    if not case.on_duty:
        lines.append(next_duty(ex, case.organisation))
    return "\n".join(line for line in lines if line)


def cancel_case(ex: Exchange, *, sure: bool) -> None:
    """Take the open case back, after one question."""
    case = ex.situation.case
    if sure and case is not None:
        ex.effects.append(CancelCase())
        ex.trace.append("cancelled")
        ex.gate_due = False
        ex.say("engine/case.cancelled" if case.status == "waiting" else "engine/case.cancel_asked")
    ask_again(ex)


def back(ex: Exchange) -> None:
    """Undo: an engine question, a page of a long list, else the last answer."""
    if ex.asked is not None and ex.frames:
        ask_again(ex)
    elif ex.asked is None and ex.page:
        show_page(ex, -1)
    else:
        ex.asked = None
        take_back(ex)


def visit(ex: Exchange, entry: Entry) -> None:
    """Run an entry flow on top of the conversation, which goes on afterwards where it was."""
    found = ex.ready.entry(entry)
    ex.asked = None
    if found is None:
        ex.say("engine/not_understood.menu")
        ask_again(ex)
        return
    ex.remember_place()
    if ex.frames and any(frame.flow == found.flow.id for frame in ex.frames):
        while ex.frames.pop().flow != found.flow.id:
            pass
    if len(ex.frames) >= MAX_FRAMES:
        ex.frames.clear()
    ex.clear_question()
    ex.enter(found.flow.id)
    run(ex)


def menu(ex: Exchange) -> None:
    """Go to the menu; what is written there does not go to an open case until `person`."""
    case = ex.situation.case
    if case is not None and not ex.paused:
        ex.paused = True
        ex.say_with("engine/case.paused", organisation=case.organisation_name)
    ex.remember_place()
    open_menu(ex)


# --- erase ---------------------------------------------------------------------------------------------


def erase(ex: Exchange) -> None:
    """Ask the outside to forget the person; say what went and what can remain."""
    case = ex.situation.case
    ex.trace.append("erased")
    ex.say("engine/erase.done")
    if case is not None:
        ex.effects.append(CancelCase())
        waiting = case.status == "waiting"
        key = "engine/erase.case_deleted" if waiting else "engine/erase.case_asked"
        ex.say_with(key, organisation=case.organisation_name)
        if not waiting:
            ex.say("engine/erase.helper")
    if not ex.situation.answers_can_come:
        ex.say("engine/erase.locked")
    ex.effects.append(ForgetPerson())
    channel = ex.message.channel if ex.message is not None else "simulator"
    if channel == "telegram":
        ex.say("engine/erase.telegram")
    ex.say("engine/erase.remains")
    if channel in ("telegram", "whatsapp"):
        ex.say(f"engine/erase.clear.{channel}")
    ex.ended = True
    ex.bare = True


# --- safe word and check word --------------------------------------------------------------------------


def is_plain_word(ex: Exchange, text: str) -> bool:
    """Whether the text can be a secret word: one word of letters and digits, no number, no command."""
    word = fold(text)
    return (
        len(word) in _WORD_LENGTH
        and words_of(text) == word
        and " " not in word
        and not word.isdecimal()
        and ex.ready.commands.find(text) is None
    )


def set_safe_word(ex: Exchange, text: str) -> None:
    """Take the safe word the person chose; it is never repeated."""
    if not is_plain_word(ex, text):
        ex.say("engine/safe_word.bad")
        return
    ex.safe_word = fold(text)
    ex.asked = None
    ex.say("engine/safe_word.set")
    ask_again(ex)


def hide(ex: Exchange) -> None:
    """The safe word was written: everyday things only from now on, and no way back by itself."""
    ex.hidden = True
    ex.effects.append(DropRoute())
    show_neutral(ex)


def show_neutral(ex: Exchange) -> None:
    """One everyday sentence, without options or anything that tells what this chat is."""
    ex.bare = True
    name = NEUTRAL[ex.minute % len(NEUTRAL)]
    ex.say(f"engine/neutral.{name}")


def answer_gate(ex: Exchange, name: str) -> None:
    """How answers should arrive; skipping leaves it at saying that there is a note."""
    ex.asked = None
    if name == "word":
        ex.say("engine/gate.word_ask")
        ex.ask("gate_word", "skip")
        return
    if name in ("tell", "silent"):
        ex.effects.append(SetGate(discreet=name == "silent"))
        ex.say(f"engine/gate.{name}_done")
    ask_again(ex)


def set_check_word(ex: Exchange, text: str) -> None:
    """Take the check word for answers; it is never repeated."""
    if not is_plain_word(ex, text):
        ex.say("engine/gate.word_bad")
        return
    ex.asked = None
    ex.effects.append(SetGate(discreet=False, check_word=fold(text)))
    ex.say("engine/gate.word_done")
    ask_again(ex)
