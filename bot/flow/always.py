"""What the commands do, at any step: leave, person, back, menu, help, sos, language, erase, slow, note, and secret words."""

from typing import Final

from bot.flow import mail_gate, open_cases, return_code
from bot.flow.answering import open_menu, show_page, take_back
from bot.flow.commands import Command
from bot.flow.definition import Entry
from bot.flow.effects import DropRoute, SetGate
from bot.flow.exchange import MAX_FRAMES, Exchange, named
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
    "verify",
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
        case "sos" | "language" | "erase" | "one minute" | "verify":
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
    ex.theirs = True
    cases = ex.cases
    ex.asked = None
    ex.remember_place()
    if len(cases) == 1 and not cases[0].complaint:
        open_cases.resume(ex, cases[0])
    elif cases:
        open_cases.ask_which(ex, cases)
    else:
        enter_person(ex)


def answer_which(ex: Exchange, name: str) -> None:
    """One of the open conversations, or somebody else."""
    ex.asked = None
    found = next((each for each in ex.cases if each.id == name), None)
    if found is not None:
        open_cases.resume(ex, found)
    elif name == "person":
        enter_person(ex)
    else:
        menu(ex)


def enter_person(ex: Exchange) -> None:
    """The entry for a person, whatever is open."""
    found = ex.ready.entry("person")
    ex.clear_question()
    ex.frames.clear()
    if found is not None:
        ex.enter(found.flow.id)
    run(ex)


def back(ex: Exchange) -> None:
    """Undo: an engine question, a page of a long list, else the last answer. Which service it is about, a step asks itself."""
    if ex.asked is not None and ex.frames and ex.asked.kind not in ("report", "avoid"):
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
    case = ex.case
    if ex.listened_to:
        ex.paused = True
        if case is not None and len(ex.cases) == 1:
            ex.say_with("engine/case.paused", organisation=case.organisation_name)
        else:
            ex.say("engine/case.paused_all")
    ex.remember_place()
    open_menu(ex)


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
        ex.effects.append(SetGate(discreet=name == "silent", case=_gated_case(ex)))
        ex.theirs = ex.theirs and name == "tell"  # they asked before they chose silence
        ex.say(f"engine/gate.{name}_done")
    ask_again(ex)


def _gated_case(ex: Exchange) -> str:
    """The case that the question how answers arrive is about: the one opened last here."""
    cases = ex.cases
    for each in cases:
        if named(each.organisation, each.designation) == ex.opened:
            return each.id
    return ex.case.id if ex.case is not None else ""


def set_check_word(ex: Exchange, text: str) -> None:
    """Take the check word for answers; it is never repeated."""
    if not is_plain_word(ex, text):
        ex.say("engine/gate.word_bad")
        return
    ex.asked = None
    ex.effects.append(SetGate(discreet=False, check_word=fold(text), case=_gated_case(ex)))
    ex.theirs = False
    ex.say("engine/gate.word_done")
    ask_again(ex)
