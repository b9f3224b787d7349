"""The answers where another organisation is looked for: after one declined, a state body, nobody left."""

from bot.flow import declined
from bot.flow.answering import open_menu, refuse
from bot.flow.consent import handoff_of
from bot.flow.exchange import Exchange
from bot.flow.session import Asked
from bot.flow.steps import run


def answer_declined(ex: Exchange, asked: Asked, name: str) -> bool:
    """Whether to ask the next organisation. True when the conversation can go on where it was."""
    if name == "yes":
        declined.take_yes(ex, asked)
        return False
    if name == "numbers":
        declined.settle(ex, asked)
        ex.asked = None
        show_numbers(ex)
        return False
    ex.asked = None  # the note stays: it is asked about again when they want it
    ex.not_now = True
    ex.say("engine/mail.later_done")
    return True


def answer_state(ex: Exchange, organisation: str, name: str) -> None:
    """Whether a state body may be asked, for this one request; without a yes nothing is shown or sent."""
    ex.asked = None
    ex.remember_place()
    if name == "yes":
        queue = handoff_of(ex.step()).queue
        ex.state_ok = tuple(dict.fromkeys((*ex.state_ok, (queue, organisation))))
        run(ex)
        return
    refuse(ex, ex.step())


def answer_no_other(ex: Exchange, name: str) -> None:
    """Nobody is left whom the person wants: numbers, those they did not want after all, the menu."""
    ex.asked = None
    if name == "again":
        ex.not_to = ()
        run(ex)
    elif name == "numbers":
        show_numbers(ex)
    else:
        open_menu(ex)


def show_numbers(ex: Exchange) -> None:
    """The numbers that help now."""
    found = ex.ready.entry("sos")
    if found is None:
        open_menu(ex)
        return
    ex.frames.clear()
    ex.clear_question()
    ex.enter(found.flow.id)
    run(ex)
