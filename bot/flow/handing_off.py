"""Handing over what was agreed: sealed and queued by the outside, said honestly, then how answers should arrive."""

from dataclasses import replace
from typing import Final

from bot.directory.hours import opening_of
from bot.directory.when import opens_words
from bot.flow.consent import (
    checksum,
    consent_texts,
    handoff_of,
    is_complaint,
    receiver,
    shown_texts,
    what_leaves,
)
from bot.flow.definition import Urgency
from bot.flow.effects import AddToCase, CaseView, ChangeUrgency, OpenCase, SetGate
from bot.flow.exchange import Exchange, named
from bot.flow.prepared import SEALED, PreparedStep
from bot.flow.recipients import exclude, is_named
from bot.flow.session import Agreement, Frame
from bot.handoff.case import whole_hour
from bot.handoff.retention import LONGEST_UNREAD
from bot.handoff.routing import Reception
from bot.handoff.triage import LAST, queue_order, raised

GATE_CHOICES: Final = ("tell", "silent", "word", "skip")
_HOUR: Final = 60  # minutes
_URGENCIES: Final[tuple[Urgency, ...]] = ("normal", "soon", "now")


def hand_off(ex: Exchange, prepared: PreparedStep, crisis: tuple[str, ...] = ()) -> bool:
    """Ask the outside to seal and queue what was agreed, and say so. False when consent has to be asked again.

    `crisis`: kinds found in the words themselves, after the consent was shown; they only raise the urgency.
    """
    handoff = handoff_of(prepared)
    top = ex.top
    found = receiver(ex, handoff)
    texts = shown_texts(ex, prepared, found) if found is not None else []
    if found is None or top.agreed is None or top.agreed != Agreement(found.organisation, checksum(texts)):
        ex.frames[-1] = Frame(top.flow, top.step, "new", top.slots, top.result, top.shown)
        return False
    leaving = what_leaves(ex, prepared)
    note = str(ex.value(leaving.note_slot) or "") if leaving.note_slot else ""
    if is_complaint(ex, handoff) and is_named(ex, found.organisation, note):
        exclude(ex, found.organisation)
        ex.trace.append(f"{prepared.key}.named")
        ex.say_with("engine/handoff.named", organisation=found.name)
        ex.frames[-1] = Frame(top.flow, top.step, "new", top.slots, top.result, top.shown)
        return False
    urgency: Urgency = "now" if crisis else leaving.urgency
    complaint = handoff.queue if is_complaint(ex, handoff) else ""
    case = _open_there(ex, found.organisation, complaint)
    if case is not None and case in ex.cases:
        _extend(ex, case, _agreed_to(ex, prepared, note, found), urgency)
    elif case is not None:
        _add_quietly(ex, case, _agreed_to(ex, prepared, note, found), urgency)
        say_queued(ex, found, case.designation, case.code_words)
        _say_status(ex, complaint)
    else:
        quiet = _as_quiet(ex, complaint, handoff.queue)
        ex.effects.append(
            OpenCase(
                organisation=found.organisation,
                queue=handoff.queue,
                urgency=urgency,
                language=ex.language,
                need=leaving.need,
                designation=ex.situation.designation,
                consent="\n\n".join(consent_texts(ex, prepared, found)),
                shared=leaving.fields,
                note=note,
                crisis=tuple(dict.fromkeys((*ex.crisis, *crisis))),
                country=leaving.country,
                note_slot=leaving.note_slot if note else "",
                excluded=ex.not_to,
                discreet=quiet.discreet,
                check_word=quiet.check_word,
                code_words=ex.situation.code_words,
            )
        )
        say_queued(ex, found, ex.situation.designation, ex.situation.code_words)
        _say_how_long(ex, found, raised(urgency, (*ex.crisis, *crisis)), complaint)
        _say_status(ex, complaint)
        _say_quiet(ex, quiet)
        if ex.cases and ex.situation.answers_can_come:
            ex.say("engine/case.apart")
        ex.opened = named(found.organisation, ex.situation.designation)
        ex.elsewhere = ()
        ex.into = ""  # of several the person says anew whom they write to
        ex.gate_due = ex.situation.answers_can_come
    ex.state_ok = ()
    forget_sealed(ex)
    ex.trail = ()
    ex.paused = False
    ex.trace.append(f"{prepared.key}.queued")
    if not found.on_duty:
        if handoff.if_closed is not None:
            ex.off_duty = True
            # The step of the flow cannot know the hours of those who were asked.
            if next_duty(ex, found.organisation):
                ex.tell(lambda: next_duty(ex, found.organisation))
        else:
            ex.trace.append(f"{prepared.key}.closed")
            ex.tell(lambda: _closed(ex, found.organisation))
    return True


def _as_quiet(ex: Exchange, complaint: str, queue: str) -> SetGate:
    """How answers to a new case of this kind may arrive: as for the declined ones; that of its queue is over now."""
    before = [each for each in ex.carried if each.complaint == complaint]
    ex.carried = tuple(
        [each for each in ex.carried if each.complaint != complaint or each.queue not in ("", queue)]
    )
    return SetGate(before[-1].discreet, before[-1].check_word) if before else SetGate(discreet=False)


def _say_quiet(ex: Exchange, quiet: SetGate) -> None:
    """That the choice holds on; nothing where there was none, or no answer can come."""
    if not ex.situation.answers_can_come:
        return
    if quiet.discreet:
        ex.say("engine/gate.silent_done")
    if quiet.check_word:
        ex.say("engine/gate.word_done")


def _open_there(ex: Exchange, organisation: str, complaint: str) -> CaseView | None:
    """The person's open case of this kind in an organisation; there is never a second one."""
    for each in ex.situation.cases:
        if (each.organisation, each.complaint) == (organisation, complaint):
            return each
    return None


def _add_quietly(ex: Exchange, case: CaseView, added: AddToCase, urgency: Urgency) -> None:
    """Add to a case that the person is quiet about, without saying that there was one: as if it were new."""
    _add(ex, case, added, urgency)
    ex.opened = named(case.organisation, case.designation)
    ex.into = case.id


def _say_status(ex: Exchange, complaint: str) -> None:
    """How to look after a complaint from elsewhere: who complains may not want to keep the chat on this phone."""
    if complaint and ex.situation.answers_can_come:
        ex.say("engine/return.status")


def _closed(ex: Exchange, organisation: str) -> str:
    closed = (ex.sentence("engine/handoff.closed"), next_duty(ex, organisation), ex.sentence("rescue/sos"))
    return "\n".join(line for line in closed if line)


def next_duty(ex: Exchange, organisation: str) -> str:
    """When duty begins again, as one sentence; empty where nobody wrote it down, or it should be now."""
    network = ex.ready.library.directory.network
    own = [member.duty for member in network.members if member.organisation == organisation]
    hours = next((each for each in own if each is not None), network.duty)
    found = opening_of(hours, ex.situation.now) if hours is not None else None
    if found is None or found.state != "closed" or found.opens is None:
        return ""
    return opens_words(found.opens, ex.situation.now, ex.language, ex.sentence)


def place_in_queue(ex: Exchange, place: int) -> str:
    """How many are before this request; a place is counted from 1."""
    return ex.sentence("wait/ahead", count=place - 1) if place > 1 else ex.sentence("wait/next")


def how_long(ex: Exchange, usual: int | None) -> str:
    """Up to how many minutes most people waited lately, or that nobody knows."""
    if usual is None:
        return ex.sentence("wait/unknown")
    if usual % _HOUR == 0:
        return ex.sentence("wait/lately_hours", hours=usual // _HOUR)
    return ex.sentence("wait/lately_minutes", minutes=usual)


def _say_how_long(ex: Exchange, found: Reception, urgency: Urgency, complaint: str) -> None:
    """The place and the wait of a case that this turn opens; nothing where nobody looked, or of a complaint.

    Of those who came within the same hour nobody knows who came first: all of them count as before.
    """
    wait = (ex.situation.waits or {}).get(found.organisation)
    if wait is None or complaint:
        return
    place = wait.place(queue_order(urgency, whole_hour(ex.situation.now), LAST))
    ex.tell(lambda: place_in_queue(ex, place))
    if found.on_duty:
        ex.tell(lambda: how_long(ex, wait.usual))


def say_queued(ex: Exchange, found: Reception, designation: str, words: str) -> None:
    """What a person hears once something of theirs is locked and waits. `words` are its code words."""
    ex.say_with("engine/handoff.queued", organisation=found.name)
    ex.say_with("engine/handoff.designation", designation=designation)
    ex.say_with("engine/words.given", words=words)
    if ex.situation.answers_can_come:
        days = LONGEST_UNREAD.days
        ex.tell(
            lambda: f"{ex.sentence('engine/handoff.answer')}\n{ex.sentence('engine/handoff.days', days=days)}"
        )
    else:
        ex.say("engine/handoff.answers_locked")


def _extend(ex: Exchange, case: CaseView, added: AddToCase, urgency: Urgency) -> None:
    """There is an open case of this kind with this organisation already: what was agreed goes into it."""
    ex.into = case.id
    if _add(ex, case, added, urgency):
        ex.tell(
            lambda: ex.sentence(
                "engine/case.urgency_changed", urgency=ex.sentence(f"engine/urgency.{urgency}")
            )
        )
    say_added(ex, case)


def say_added(ex: Exchange, case: CaseView) -> None:
    """One line after words went into a case: who has them, and that it is the complaint where it is one."""
    key = "engine/case.added_complaint" if case.complaint else "engine/case.added"
    ex.say_with(key, organisation=case.organisation_name)


def _agreed_to(ex: Exchange, prepared: PreparedStep, note: str, found: Reception) -> AddToCase:
    """What was agreed to for an open case, a line each as caseworkers read it; topic and urgency are in no other place."""
    leaving = ex.rendered_in_english(lambda: what_leaves(ex, prepared))
    lines = [f"{label}: {value}" for label, value in leaving.shown_fields]
    return AddToCase(
        "\n".join([*lines, note] if note else lines), consent="\n\n".join(consent_texts(ex, prepared, found))
    )


def _add(ex: Exchange, case: CaseView, added: AddToCase, urgency: Urgency) -> bool:
    """Ask the outside to seal what was agreed to an open case; whether that makes it more urgent."""
    ex.effects.append(replace(added, case=case.id))
    if _URGENCIES.index(urgency) <= _URGENCIES.index(case.urgency):
        return False
    ex.effects.append(ChangeUrgency(urgency, case.id))
    return True


def forget_sealed(ex: Exchange) -> None:
    """What was sealed is not kept any longer, in no frame."""
    for number, frame in enumerate(ex.frames):
        flow = ex.ready.flows.get(frame.flow)
        if flow is None or flow.sealed.isdisjoint(frame.slots):
            continue
        slots = {name: value for name, value in frame.slots.items() if name not in flow.sealed}
        ex.frames[number] = Frame(
            frame.flow, frame.step, frame.phase, slots, frame.result, frame.shown, frame.agreed
        )
    for slot, kind in ex.ready.library.shared.items():
        if kind in SEALED:
            ex.shared.pop(slot, None)


# --- how answers arrive --------------------------------------------------------------------------------


def ask_gate(ex: Exchange) -> None:
    """Ask how an answer should arrive: say that there is one, stay silent, ask for a check word."""
    ex.gate_due = False
    ex.trace.append("gate")
    ex.say("engine/gate.ask")
    ex.ask("gate", *GATE_CHOICES)
