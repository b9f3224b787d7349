"""Free text that answers no question: words of danger, the topics of all flows, and an honest "not sure"."""

from typing import Final

from bot.flow.answering import accept, answer_typed, not_understood, offer_person, open_menu, without_personal
from bot.flow.asking import UNDO, choosables
from bot.flow.effects import AddToCase
from bot.flow.exchange import Exchange
from bot.flow.handing_off import hand_off, say_added
from bot.flow.open_cases import add_to_case, raise_urgency
from bot.flow.prepared import PreparedStep
from bot.flow.speaking import topic_label
from bot.flow.steps import ask_again, run
from bot.flow.typed import LONGEST_SEALED
from bot.i18n.languages import ENGLISH
from bot.nlu.crisis import CrisisHit
from bot.nlu.language import guess_language
from bot.nlu.personal import find_personal

MISSES: Final = 2
"""After this many "none of these" a person is offered first."""


# --- words of danger -----------------------------------------------------------------------------------


def in_crisis_flow(ex: Exchange) -> bool:
    """Whether the conversation is in the flow for danger already."""
    crisis = ex.ready.library.entries.get("crisis")
    return any(frame.flow == crisis for frame in ex.frames)


def answer_danger(ex: Exchange, hit: CrisisHit, text: str) -> bool:
    """Lead to the flow for danger. False when we are there already and the words answer its question."""
    known = in_crisis_flow(ex) and set(hit.kinds) <= set(ex.crisis)
    if known or (in_crisis_flow(ex) and hit.softened):
        return False
    if in_crisis_flow(ex) and ex.asked is None and answer_typed(ex, text):
        note_danger(ex, hit.kinds)
        return True
    if hit.softened:
        ex.trace.append("safe")
        ex.say("engine/crisis.soften")
        ex.ask("safe", "yes", "unsure", "no", data="\n".join(hit.kinds))
        return True
    go_to_crisis(ex, hit.kinds, text)
    return True


def note_danger(ex: Exchange, kinds: tuple[str, ...]) -> None:
    """Remember the kinds: they make every handoff of this conversation urgent."""
    ex.crisis = tuple(dict.fromkeys((*kinds, *ex.crisis)))


def go_to_crisis(ex: Exchange, kinds: tuple[str, ...], text: str = "") -> None:
    """Go to the flow for danger at once. Words written for a handoff or to an open case are not lost."""
    ex.asked = None
    case = ex.case
    prepared = _handing_off(ex)
    if text and prepared is not None:
        _finish_handoff(ex, prepared, kinds, text)
    elif text and case is not None and not ex.paused:
        ex.effects.append(AddToCase(text, case.id))
        raise_urgency(ex, case)
        say_added(ex, case)
        ex.remember_place()
    else:
        for each in ex.cases if ex.undecided else [case]:
            raise_urgency(ex, each)
        ex.remember_place()
    note_danger(ex, kinds)
    ex.keep_shared("crisis_kind", kinds[0])
    crisis = ex.ready.entry("crisis") or ex.ready.entry("sos")
    ex.clear_question()
    ex.frames.clear()
    if crisis is not None:
        ex.enter(crisis.flow.id)
        if "crisis_kind" in crisis.flow.remember:
            ex.keep("crisis_kind", kinds[0])
    run(ex)


def _handing_off(ex: Exchange) -> PreparedStep | None:
    """The step, when what is typed now are the words of an agreed handoff."""
    if not ex.frames or ex.frames[-1].phase or ex.frames[-1].agreed is None:
        return None
    prepared = ex.step()
    return prepared if prepared.step.handoff is not None and prepared.slot == "sealed text" else None


def _finish_handoff(ex: Exchange, prepared: PreparedStep, kinds: tuple[str, ...], text: str) -> None:
    """Send the words as agreed, urgent, with what could show who wrote them taken out: no question now."""
    words = text.strip()[:LONGEST_SEALED]
    if find_personal(words):
        words = without_personal(ex, words)
    ex.keep(prepared.step.ask or "", words)
    hand_off(ex, prepared, kinds)


# --- topics --------------------------------------------------------------------------------------------


def understand(ex: Exchange, text: str) -> None:
    """Free text where no question of the flow was answered: an open case gets it, else a topic is looked for."""
    if ex.listened_to:
        add_to_case(ex, text)
        return
    at_question = bool(ex.frames)
    careful = at_question and (ex.top.phase != "" or ex.step().step.ask is not None or in_crisis_flow(ex))
    guesses = ex.ready.library.intents.guess(text)
    here = ex.frames[-1].flow if ex.frames else ""
    best = [name for name, _ in guesses.best if name in ex.ready.flows and name != here]
    if guesses.band == "sure" and best and guesses.best[0][0] == best[0]:
        flow = ex.ready.flows[best[0]].flow
        if flow.high_stakes or careful:
            ex.trace.append("confirm")
            ex.tell(lambda: ex.sentence("engine/confirm_topic", topic=topic_label(ex, flow.id)))
            ex.ask("confirm", "yes", "no", data=flow.id)
        else:
            go_to_topic(ex, flow.id)
        return
    if offer_language(ex, text):
        return
    if guesses.band == "unsure" and best and not careful:
        ex.trace.append("suggest")
        ex.say("engine/did_you_mean")
        ex.ask("suggest", *best[:3], "none", "person")
        return
    if at_question:
        not_understood(ex)
    else:
        nothing_fits(ex)


def offer_language(ex: Exchange, text: str) -> bool:
    """Ask once whether to go on in the language that the message seems to be in, when there are texts in it."""
    tongue = guess_language(text)
    catalogue = ex.ready.library.catalogue
    if tongue is None or tongue in (ex.language, ex.offered) or tongue not in catalogue.served:
        return False
    spoken = catalogue.languages.get(tongue)
    if spoken is None or tongue in catalogue.withheld:
        return False
    ex.offered = tongue
    ex.held = text
    ex.trace.append("tongue")
    ex.texts.append(catalogue.ui("engine/language.offer", tongue, language=spoken.name))
    if ex.english is not None:
        ex.english.append(catalogue.ui("engine/language.offer", ENGLISH, language=spoken.name))
    ex.ask("tongue", tongue, ex.language)
    return True


def go_to_topic(ex: Exchange, flow: str) -> None:
    """Say what was understood and go there; one tap takes it back."""
    ex.tell(lambda: ex.sentence("engine/understood", topic=topic_label(ex, flow)))
    ex.remember_place()
    back = bool(ex.frames)
    ex.asked = None
    ex.clear_question()
    ex.jump(flow)
    run(ex)
    ex.undo = back and ex.at_flow_question()
    if ex.undo and all(each.name != UNDO for each in choosables(ex)):
        ex.say("engine/undo.hint")  # no room for one more option


def nothing_fits(ex: Exchange) -> None:
    """None of the topics was meant: the menu and a person; the second time a person first."""
    ex.misses += 1
    if ex.misses >= MISSES:
        offer_person(ex)
        return
    misses = ex.misses
    ex.say("engine/not_understood.menu")
    ex.remember_place()
    open_menu(ex)
    ex.misses = misses


def refuse_suggestion(ex: Exchange) -> None:
    """After "none of these": back to the question that waits, or the menu; the second time a person first."""
    ex.asked = None
    ex.misses += 1
    misses = ex.misses
    if misses >= MISSES:
        offer_person(ex)
    elif ex.frames:
        ask_again(ex)
        ex.misses = misses
    else:
        ex.misses -= 1
        nothing_fits(ex)


def accept_candidate(ex: Exchange, name: str) -> None:
    """A place or need that was asked about is what was meant."""
    ex.asked = None
    accept(ex, ex.step(), name)
