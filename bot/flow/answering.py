"""The answer to a flow's own question: a choice, a typed value, or something that was not understood."""

from typing import Final

from bot.flow import code_words, consent, handing_off, introduction, outcome
from bot.flow.asking import (
    CODE_WORDS,
    GATE,
    INTRODUCE,
    MENU,
    MORE,
    RATE,
    UNDO,
    WIDER,
    choice_of,
    meant,
    turn_page,
)
from bot.flow.definition import Value
from bot.flow.exchange import Exchange
from bot.flow.prepared import FREE, SEALED, SKIP, PreparedStep
from bot.flow.speaking import filled
from bot.flow.steps import ask_again, follow, leave_step, look_wider, offer_menu, resume, run
from bot.flow.typed import Reading, read
from bot.nlu.personal import find_personal

_TRY_AGAIN: Final = {
    "choice": "engine/try_again.choice",
    "yes no": "engine/try_again.yes_no",
    "number": "engine/try_again.number",
    "date": "engine/try_again.date",
    "age group": "engine/try_again.age",
    "place": "engine/try_again.place",
    "phone": "engine/try_again.phone",
    "language": "engine/try_again.language",
    "need": "engine/try_again.text",
    "text": "engine/try_again.text",
    "sealed text": "engine/try_again.text",
}

# --- a choice ------------------------------------------------------------------------------------------


def choose(ex: Exchange, name: str) -> None:
    """Take the choice `name` of the waiting question of the flow."""
    if name == MORE:
        show_page(ex, 1)
    elif name == UNDO:
        take_back(ex)
    elif name == GATE:
        handing_off.ask_gate(ex)
    elif name == CODE_WORDS:
        code_words.ask_word(ex)
    elif name.startswith(WIDER):
        ex.remember_place()
        look_wider(ex, name.removeprefix(WIDER))
    elif name in (INTRODUCE, RATE):
        ex.remember_place()
        (introduction if name == INTRODUCE else outcome).ask_which(ex)
    elif name == MENU:
        ex.remember_place()
        open_menu(ex)
    elif ex.top.phase == "permission":
        _permit(ex, name)
    elif ex.top.phase == "consent":
        _agree(ex, name)
    else:
        _choose_at_step(ex, ex.step(), name)


def show_page(ex: Exchange, by: int) -> None:
    """Another page under the same question; what the step does is not done again."""
    page = turn_page(ex, by)
    ask_again(ex)
    ex.page = page


def take_back(ex: Exchange) -> None:
    """Undo the last answer and ask that question again."""
    if ex.go_back():
        ex.clear_question()
        ex.say("engine/undone")
    else:
        ex.undo = False
        ex.say("engine/back.nothing")
    ask_again(ex)


def open_menu(ex: Exchange) -> None:
    """Go to the menu for good."""
    found = ex.ready.entry("menu")
    ex.asked = None
    ex.clear_question()
    ex.frames.clear()
    if found is None:
        offer_menu(ex)
        return
    ex.enter(found.flow.id)
    run(ex)


def _permit(ex: Exchange, name: str) -> None:
    ex.remember_place()
    top = ex.top
    if name == "yes":
        ex.permitted = (*ex.permitted, top.flow)
        ex.move(top.step, "new")
        run(ex)
        return
    ex.say("engine/permission.declined")
    ex.frames.pop()
    _go_on_below(ex)


def _go_on_below(ex: Exchange) -> None:
    """After a flow that was not entered: its caller goes on without a result; with none, the menu."""
    if ex.frames:
        resume(ex)
        run(ex)
    else:
        open_menu(ex)


def _agree(ex: Exchange, name: str) -> None:
    prepared = ex.step()
    if name == "yes":
        ex.remember_place()
        consent.agree(ex, prepared)
        run(ex)
        return
    if name == "other":
        consent.ask_another(ex, prepared)
        run(ex)
        return
    if name == "again":
        consent.ask_after_all(ex)
        run(ex)
        return
    ex.remember_place()
    refuse(ex, prepared)


def refuse(ex: Exchange, prepared: PreparedStep) -> None:
    """Nothing was sent: go where the step says, else to the menu."""
    handing_off.forget_sealed(ex)
    ex.say("engine/consent.declined")
    handoff = prepared.step.handoff
    if handoff is not None and handoff.if_declined is not None:
        follow(ex, handoff.if_declined)
        run(ex)
    else:
        open_menu(ex)


def _choose_at_step(ex: Exchange, prepared: PreparedStep, name: str) -> None:
    step = prepared.step
    ex.remember_place()
    written = choice_of(prepared, name)
    ex.passed.append(f"{prepared.key}#{name}")
    if step.ask is not None:
        _fill_from_choice(ex, prepared, name, given=written is None)
    ex.misses = 0
    leave_step(ex, prepared, written.go if written is not None else None)
    run(ex)


def _fill_from_choice(ex: Exchange, prepared: PreparedStep, name: str, *, given: bool) -> None:
    """The name is the value at a choice; of the engine's own choices too; else, and where it says so, the slot stays empty."""
    slot = prepared.step.ask or ""
    if prepared.slot == "choice" or (name != SKIP and (prepared.slot == "yes no" or given)):
        ex.keep(slot, name)
        if prepared.slot == "language":
            ex.language = name
    else:
        ex.keep(slot, None)


# --- typed ---------------------------------------------------------------------------------------------


def answer_typed(ex: Exchange, text: str) -> bool:
    """Take typed text as the answer to the flow's question; False when it is none."""
    choice = meant(ex, text)
    if choice is not None:
        if choice.sure:
            choose(ex, choice.name)
        elif ex.listened_to or _is_surely_a_topic(ex, text):
            return False
        else:
            ex.trace.append("meant")
            ex.say("engine/did_you_mean")
            ex.ask("meant", choice.name, "none")
        return True
    if ex.top.phase:
        return False
    prepared = ex.step()
    if prepared.step.ask is None:
        return False
    return _take_reading(ex, prepared, read(ex, prepared, text))


def _is_surely_a_topic(ex: Exchange, text: str) -> bool:
    """Whether a sentence at a menu is more surely about a topic than it is one of the choices."""
    if ex.top.phase or ex.step().step.ask is not None:
        return False
    guesses = ex.ready.library.intents.guess(text)
    return (
        guesses.band == "sure" and guesses.best[0][0] in ex.ready.flows and guesses.best[0][0] != ex.top.flow
    )


def _take_reading(ex: Exchange, prepared: PreparedStep, reading: Reading) -> bool:
    if reading.too_long:
        ex.trace.append(prepared.again_key)
        ex.say("engine/too_long")
        return True
    if reading.candidates:
        ex.say("engine/did_you_mean")
        ex.ask("place" if prepared.slot == "place" else "need", *reading.candidates, "none")
        return True
    if reading.value is None:
        return False
    if _leaves(ex, prepared) and (found := find_personal(str(reading.value))):
        ask_about_personal(ex, str(reading.value), tuple(dict.fromkeys(each.kind for each in found)))
        return True
    accept(ex, prepared, reading.value)
    return True


def _leaves(ex: Exchange, prepared: PreparedStep) -> bool:
    """Whether free words asked here go into a handoff of this flow."""
    return prepared.slot in FREE and prepared.step.ask in ex.flow().handed


def accept(ex: Exchange, prepared: PreparedStep, value: Value) -> None:
    """Keep the value and go on. Sealed words that no handoff of the flow shares are not kept at all."""
    slot = prepared.step.ask or ""
    ex.remember_place()
    if prepared.slot not in SEALED or slot in ex.flow().handed:
        ex.keep(slot, value)
    ex.misses = 0
    leave_step(ex, prepared)
    run(ex)


# --- personal data before a handoff --------------------------------------------------------------------


def ask_about_personal(ex: Exchange, text: str, kinds: tuple[str, ...]) -> None:
    """Say what in the words may show who the person is, and ask before it leaves."""

    def question() -> str:
        named = ", ".join(ex.sentence(f"engine/personal.kind.{kind}") for kind in kinds)
        return f"{ex.sentence('engine/personal.found', kinds=named)}\n{ex.sentence('engine/personal.ask')}"

    ex.trace.append(f"{ex.step().key}.personal")
    ex.tell(question)
    ex.held = text
    ex.ask("personal", "remove", "send", "again")


def settle_personal(ex: Exchange, name: str, held: str) -> None:
    """Take it out, send it as it is, or write it again."""
    ex.asked = None
    prepared = ex.step()
    if name == "again" or not held:
        ask_again(ex)
        return
    accept(ex, prepared, without_personal(ex, held) if name == "remove" else held)


def without_personal(ex: Exchange, text: str) -> str:
    """The text with every finding replaced."""
    mark = ex.sentence("engine/personal.removed")
    for finding in sorted(find_personal(text), key=lambda each: each.start, reverse=True):
        text = f"{text[: finding.start]}{mark}{text[finding.end :]}"
    return text


# --- not understood ------------------------------------------------------------------------------------


def not_understood(ex: Exchange) -> None:
    """Ask again in other words; after the step's tries go where it says, or offer a person."""
    if ex.top.phase:
        ex.say("engine/try_again.yes_no")
        return
    prepared = ex.step()
    step = prepared.step
    ex.tries += 1
    if ex.tries > step.tries:
        give_up(ex, prepared)
        return
    ex.trace.append(prepared.again_key)
    if step.try_again:
        ex.tell_all(lambda: [filled(ex, line) for line in ex.ready.voice(prepared, ex.language).try_again])
    elif prepared.slot is not None:
        ex.say(_TRY_AGAIN[prepared.slot])
    else:
        ex.say("engine/not_understood")


def give_up(ex: Exchange, prepared: PreparedStep) -> None:
    """Stop asking this: the step's own way on, or the offer of a person."""
    if prepared.step.give_up is not None:
        ex.remember_place()
        follow(ex, prepared.step.give_up)
        run(ex)
        return
    offer_person(ex)


def offer_person(ex: Exchange) -> None:
    """Say that a person can help, before anything else."""
    ex.tries = 0
    ex.misses = 0
    ex.trace.append("offer")
    ex.say("engine/not_understood.person")
    ex.ask("offer", "person", "menu")
