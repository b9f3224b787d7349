"""The answer to a question of the engine's own: what each of its choices does."""

from typing import Final

from msgspec.structs import replace

from bot.flow import (
    always,
    another,
    code_words,
    introduction,
    late,
    mail_gate,
    open_cases,
    outcome,
    referral,
    return_code,
)
from bot.flow.answering import choose, not_understood, settle_personal
from bot.flow.asking import TAPPED, meant, numbered
from bot.flow.erasing import erase
from bot.flow.exchange import Exchange
from bot.flow.session import Asked
from bot.flow.steps import ask_again, resume, run, take_avoided, take_report
from bot.flow.understanding import accept_candidate, go_to_crisis, go_to_topic, refuse_suggestion

_ASK_AGAIN: Final = {
    "gate_word": "engine/gate.word_ask",
    "safe_word": "engine/safe_word.ask",
    "mail_word": "engine/mail.word_ask",
    "erase": "engine/erase.ask",
    "personal": "engine/personal.ask",
    "gate": "engine/gate.ask",
    "safe": "engine/crisis.soften",
    "return": "engine/return.about",
    return_code.TYPING: "engine/return.ask",
    return_code.WHICH: "engine/return.which",
    return_code.CHECK_WORD: "engine/mail.word_ask",
    code_words.CHECK_WORD: "engine/mail.word_ask",
    "menu": "engine/menu.offer",
    "whose": "engine/case.whose",
    "which": "engine/case.which",
}


def decide(ex: Exchange, asked: Asked, name: str, held: str) -> str:
    """Do what the choice says. What it gives back is a held message that can go on now, or nothing."""
    match asked.kind:
        case "mail" | "mail_word" | "declined" | "referral":
            return _after_note(ex, asked, name, held)
        case "idle" | "whose":
            after = _after_pause if asked.kind == "idle" else _after_whose
            return after(ex, asked, name, held)
        case "tongue":
            ex.asked = None
            ex.language = name
            if ex.frames and ex.top.phase in ("consent", "permission"):
                ask_again(ex)  # what a yes would mean is said anew, in the language of the yes
                return ""
            return held
        case _:
            _decide_plainly(ex, asked, name, held)
            return ""


def _after_note(ex: Exchange, asked: Asked, name: str, held: str) -> str:
    """A waiting note is read, left or deleted, or what it told is decided."""
    if asked.kind == "declined":
        if name in ("yes", "numbers"):
            _hand_on(ex, asked, held)  # the conversation goes elsewhere now
        return _after_mail(ex, asked, held) if another.answer_declined(ex, asked, name) else ""
    if asked.kind == "referral":
        return _after_mail(ex, asked, held) if referral.answer(ex, asked, name) else _keep(ex, held)
    settled = mail_gate.answer_time(ex, name if asked.kind == "mail" else "later")
    return _after_mail(ex, asked, held) if settled or asked.kind == "mail_word" else _keep(ex, held)


def _hand_on(ex: Exchange, asked: Asked, held: str) -> None:
    """Words that waited for the note go to the case they were for; where that is not sure, it is said that nobody got them."""
    ex.asked = None
    if not held or not ex.cases or held.startswith(TAPPED):
        return
    if meant(ex, held) is not None or ex.ready.commands.find(held, digits=numbered(ex)) is not None:
        return
    if ex.case is not None and asked.under is None and not _is_waited_for(ex):
        open_cases.add_to_case(ex, held)
    else:
        ex.say("engine/case.not_sent")


def _is_waited_for(ex: Exchange) -> bool:
    """Whether a flow waits for what is typed, or for a yes."""
    if not ex.frames or ex.top.phase == "new":
        return False
    return ex.top.phase != "" or ex.step().step.ask is not None


def _decide_plainly(ex: Exchange, asked: Asked, name: str, held: str) -> None:
    match asked.kind:
        case "erase" if name == "yes":
            erase(ex)
        case "erase":
            ex.say("engine/erase.cancelled")
            resume(ex)
            run(ex)
        case "gate":
            always.answer_gate(ex, name)
        case "personal":
            settle_personal(ex, name, held)
        case "safe" if name != "yes":
            go_to_crisis(ex, tuple(asked.data.split("\n")))
        case "menu" | "offer" | "suggest" | "case" if name in ("person", "menu", "cancel"):
            _go_elsewhere(ex, name)
        case "which" | "state" | "no_other" | "late":
            _decide_whom(ex, asked, name)
        case "return" | return_code.WHICH:
            answer = return_code.answer_offer if asked.kind == "return" else return_code.answer_which
            answer(ex, name)
        case "cancel":
            open_cases.cancel_case(ex, sure=name == "yes")
        case _:
            _decide_meaning(ex, asked, name)


def _decide_whom(ex: Exchange, asked: Asked, name: str) -> None:
    """Which of the open conversations, whether a state body may be asked, what where nobody is left or nobody came."""
    match asked.kind:
        case late.KIND:
            _decide_late(ex, asked.data, name)
        case "state":
            another.answer_state(ex, asked.data, name)
        case "no_other":
            another.answer_no_other(ex, name)
        case _:
            always.answer_which(ex, name)


def _decide_late(ex: Exchange, queue: str, name: str) -> None:
    """Nobody answered yet: nothing goes to another organisation before the person said yes to exactly what, and to whom."""
    ex.asked = None
    if name == "elsewhere":
        late.ask_another(ex, queue)
    elif name == "numbers":
        always.visit(ex, "sos")
    else:
        ex.say("engine/late.waits")
        ask_again(ex)


def _go_elsewhere(ex: Exchange, name: str) -> None:
    """What is offered where a topic ends: the menu, a person, taking a request back."""
    if name == "person":
        always.person(ex)
    elif name == "menu":
        always.menu(ex)
    else:
        ex.say("engine/case.cancel_ask")
        ex.ask("cancel", "yes", "no")


def _decide_meaning(ex: Exchange, asked: Asked, name: str) -> None:
    """Questions about what was meant, and those that can be skipped."""
    match asked.kind:
        case "suggest" if name != "none":
            go_to_topic(ex, name)
        case "confirm" if name == "yes":
            go_to_topic(ex, asked.data)
        case "suggest" | "confirm":
            refuse_suggestion(ex)
        case "meant" if name != "none":
            ex.asked = None
            choose(ex, name)
        case "report":
            take_report(ex, name)
        case "avoid":
            take_avoided(ex, name)
        case "rate_which" | "rate" | "show_which" | "show" if name not in ("none", "skip"):
            _go_on_with_service(ex, asked, name)
        case "place" | "need" if name != "none":
            accept_candidate(ex, name)
        case "meant" | "place" | "need":
            ex.asked = None
            not_understood(ex)
        case _:
            ask_again(ex)


def _go_on_with_service(ex: Exchange, asked: Asked, name: str) -> None:
    """How it was at a service that was shown, or a text to show there."""
    match asked.kind:
        case "rate_which":
            outcome.ask_how(ex, name)
        case "rate":
            outcome.take(ex, asked.data, name)
        case "show_which":
            introduction.ask_what(ex, name)
        case _:
            introduction.show(ex, asked.data, name)


def _after_whose(ex: Exchange, _asked: Asked, name: str, held: str) -> str:
    """Whom the words that wait are for: one case gets them, or nobody does."""
    ex.asked = None
    if any(each.id == name for each in ex.cases):
        ex.into = name
        return held
    ex.say("engine/case.not_sent")
    always.menu(ex)
    return ""


def take_word(ex: Exchange, asked: Asked, text: str, held: str) -> str:
    """Take a typed word for the question that asks for one; what it gives back is as in `decide`."""
    match asked.kind:
        case "gate_word":
            always.set_check_word(ex, text)
        case "safe_word":
            always.set_safe_word(ex, text)
        case return_code.TYPING:
            return_code.take(ex, "", held)
        case return_code.CHECK_WORD:
            return_code.try_word(ex, text)
        case code_words.CHECK_WORD:
            code_words.try_word(ex, text)
        case _:
            settled = mail_gate.try_word(ex, text)
            return _after_mail(ex, asked, held) if settled else _keep(ex, held)
    return ""


def _after_mail(ex: Exchange, asked: Asked, held: str) -> str:
    """After the note: the question under it, else the message that came before it, else what was waiting."""
    if asked.under is not None:
        return _uncover(ex, asked.under, held)
    if held:
        if len(ex.cases) > 1:
            ex.into = ex.into_before  # it was written before the note was read, and is no answer to it
        return held
    if ex.frames and ex.frames[-1].phase == "new":
        ex.frames.clear()
    elif ex.frames:
        ask_again(ex)
    return ""


def _uncover(ex: Exchange, under: Asked, held: str) -> str:
    """Bring the engine question back that another one covered; its choices say what it is about."""
    ex.asked = under
    ex.say(_asks_again(under))
    return _keep(ex, held)


def _asks_again(under: Asked) -> str:
    if under.kind == "declined":
        return "engine/declined.again" if "yes" in under.names else "engine/declined.none"
    return _ASK_AGAIN.get(under.kind, "engine/try_again.choice")


def _keep(ex: Exchange, held: str) -> str:
    ex.held = held
    return ""


def _after_pause(ex: Exchange, asked: Asked, name: str, held: str) -> str:
    if name == "restart":
        start_again(ex)
        return ""
    ex.asked = None
    if asked.under is not None:
        return _uncover(ex, asked.under, held)
    if held:
        return held
    ask_again(ex)
    return ""


def start_again(ex: Exchange) -> None:
    """Begin at the start entry with no answers kept; the language stays until another is chosen."""
    ex.frames.clear()
    ex.asked = None
    ex.shared.clear()
    ex.permitted = ()
    ex.trail = ()
    ex.crisis = ()
    ex.not_now = False
    ex.into = ""
    ex.opened = ""
    ex.theirs = False
    ex.seen = ()
    ex.services = ()
    ex.elsewhere = ()
    ex.state_ok = ()
    ex.not_to = ()
    ex.carried = tuple([replace(each, queue="") for each in ex.carried])  # only how quiet answers are
    ex.wider = None
    ex.misses = 0
    ex.clear_question()
    found = ex.ready.entry("start")
    if found is not None:
        ex.enter(found.flow.id)
    run(ex)
