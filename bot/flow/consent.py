"""Asking before anything: permission for a personal topic, consent to exactly what leaves and to whom.

The text of a consent is worked out anew when the handoff is sealed; if it is not what the person said yes to,
nothing is sent and it is shown again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from zlib import crc32

from bot.flow.definition import Handoff, Urgency
from bot.flow.effects import Shared
from bot.flow.exchange import Exchange, LostError
from bot.flow.prepared import SEALED, SKIP, PreparedStep
from bot.flow.recipients import (
    AGE_SLOT,
    agreed_states,
    ask_no_other,
    ask_state,
    askable,
    exclude,
    excluded_names,
    not_for,
    safe_space,
)
from bot.flow.session import Agreement, Frame
from bot.flow.speaking import shown
from bot.handoff.retention import LONGEST_AFTER_CLOSE, LONGEST_ENVELOPE
from bot.handoff.routing import ADULTS, MINORS, Reception, Staffing, route
from bot.handoff.triage import URGENCIES
from bot.i18n.languages import ENGLISH

_GROUPS: Final = {"under 18": MINORS, "18 or older": ADULTS}


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a handoff sends: answers with their labels, the slot of the free words, the rest of the header."""

    fields: tuple[Shared, ...]
    shown_fields: tuple[tuple[str, str], ...]
    note_slot: str
    asks_note: bool
    urgency: Urgency
    need: str
    country: str
    has_phone: bool


# --- permission ----------------------------------------------------------------------------------------


def ask_permission(ex: Exchange) -> None:
    """Ask before a personal topic, without naming it."""
    top = ex.top
    ex.frames[-1] = Frame(top.flow, top.step, "permission", top.slots, top.result, top.shown)
    ex.clear_question()
    ex.trace.append(f"{top.flow}/permission")
    ex.say("engine/permission.ask")


# --- consent -------------------------------------------------------------------------------------------


def receiver(ex: Exchange, handoff: Handoff, *, agreed: Collection[str] | None = None) -> Reception | None:
    """The organisation that would receive this handoff now; the one that has the open case, when there is one.

    `agreed` are the state bodies that may, when not those that the person agreed to.

    A complaint is a case of its own: an ordinary handoff never goes into it. It never goes to an organisation that holds
    the person's ordinary case, also one that they are quiet about; only where its queue is one that may stay `inside`
    and no other can take it, the focal points there get it, and nobody else there learns of it.
    """
    complaint = handoff.queue if is_complaint(ex, handoff) else ""
    staffing = ex.situation.staffing
    focal = {each.organisation for each in staffing if each.focal_points}
    inside = focal if complaint and _may_stay_inside(ex, handoff) else set()
    theirs = holding(ex) if complaint else frozenset()
    over = frozenset() if complaint else frozenset(ex.elsewhere)
    states = agreed_states(ex, handoff.queue) if agreed is None else agreed
    unwanted = over.union(not_for(ex, states))
    may_not = over.union(not_for(ex, states, kind=complaint))
    for case in sorted(ex.cases, key=lambda each: each is not ex.case):
        if case.complaint == complaint and case.organisation not in (theirs - inside) | unwanted:
            is_focal = bool(complaint) and case.organisation in focal
            return Reception(case.organisation, case.organisation_name, case.on_duty, is_focal)
    found = _routed(ex, handoff, staffing, excluded=theirs | may_not)
    if found is None and theirs:
        found = _routed(
            ex, handoff, [each for each in staffing if each.organisation in inside], excluded=may_not
        )
    return found


def holding(ex: Exchange) -> frozenset[str]:
    """The organisations that have an ordinary case of this person."""
    return frozenset(each.organisation for each in ex.situation.cases if not each.complaint)


def _routed(
    ex: Exchange, handoff: Handoff, staffing: Sequence[Staffing], *, excluded: frozenset[str]
) -> Reception | None:
    """The organisation for this queue where the person is; where none serves that place, one that serves others."""
    library = ex.ready.library
    places = library.directory.places
    around: list[str] = []
    groups: list[str] = []
    for slot, kind in ex.flow().types.items():
        value = ex.value(slot)
        if kind == "place" and value is not None:
            around += places.around(places.resolve(str(value)) or "")
        elif kind == "age group" and value is not None:
            groups += [_GROUPS[str(value)]] if str(value) in _GROUPS else []
    if not groups and (said := _GROUPS.get(str(ex.shared.get(AGE_SLOT)))) is not None:
        groups.append(said)
    for where in (tuple(around), ()):
        found = route(
            library.directory.network.members,
            handoff.queue,
            places=where,
            language=ex.language.partition("-")[0],
            staffing=staffing,
            groups=tuple(groups),
            excluded=excluded,
            complaint=is_complaint(ex, handoff),
            space=safe_space(ex),
            urgent=how_urgent(ex, handoff) == "now",
            today=ex.situation.now.date(),
        )
        if found is not None:
            return found
    return None


def how_urgent(ex: Exchange, handoff: Handoff) -> Urgency:
    """How urgent the handoff is: now in a crisis; never less than what was declined before it."""
    before: list[Urgency] = [each.urgency for each in ex.carried if each.queue == handoff.queue]
    return "now" if ex.crisis else min((handoff.urgency, *before), key=URGENCIES.index)


def is_complaint(ex: Exchange, handoff: Handoff) -> bool:
    """Whether the handoff goes through a queue of complaints."""
    queue = ex.ready.library.directory.network.queues.get(handoff.queue)
    return queue is not None and queue.independent


def _may_stay_inside(ex: Exchange, handoff: Handoff) -> bool:
    queue = ex.ready.library.directory.network.queues.get(handoff.queue)
    return queue is not None and queue.inside


def ask_consent(ex: Exchange, prepared: PreparedStep) -> None:
    """Show exactly what leaves and to whom, and ask. Where nobody can receive it: say so, then the numbers."""
    handoff = handoff_of(prepared)
    top = ex.top
    found = receiver(ex, handoff)
    if found is None and (state := receiver(ex, handoff, agreed=askable(ex))) is not None:
        ask_state(ex, state.organisation)
        return
    if found is None and _would_be_wanted(ex, handoff):
        ask_no_other(ex)
        return
    if found is None:
        ex.trace.append(f"{prepared.key}.nobody")
        ex.say("engine/handoff.no_keys")
        sos = ex.ready.entry("sos")
        ex.frames.clear()
        if sos is not None:
            ex.enter(sos.flow.id)
            ex.no_way = True
        return
    ex.frames[-1] = Frame(top.flow, top.step, "consent", top.slots, top.result, top.shown)
    ex.clear_question()
    ex.trace.append(f"{prepared.key}.consent")
    ex.tell_all(lambda: shown_texts(ex, prepared, found))


def _would_be_wanted(ex: Exchange, handoff: Handoff) -> bool:
    """Whether somebody could take it, were they not unwanted: those who declined cannot."""
    if not ex.not_to:
        return False
    unwanted, ex.not_to = ex.not_to, ()
    found = receiver(ex, handoff, agreed=askable(ex))
    ex.not_to = unwanted
    return found is not None


def shown_texts(ex: Exchange, prepared: PreparedStep, found: Reception) -> list[str]:
    """Everything that the person decides by: the consent, and before its question what is for them alone."""
    *texts, question = consent_texts(ex, prepared, found)
    return [*texts, *_for_them_alone(ex, found), question]


def _for_them_alone(ex: Exchange, found: Reception) -> list[str]:
    """What the person should know of this organisation, and what it should not know of them: it is never sealed to it."""
    texts = []
    if found.focal_points and found.organisation in {
        each.organisation for each in ex.cases if not each.complaint
    }:
        texts.append(ex.sentence("engine/consent.same_group"))
    if not found.is_space:
        texts.append(ex.sentence("engine/consent.space", organisation=found.name))
    return texts


def consent_texts(ex: Exchange, prepared: PreparedStep, found: Reception) -> list[str]:
    """The consent, one idea a text: what leaves and to whom, what does not, how it is kept, limits, the question.

    It is sealed to the organisation as it is.
    """
    leaving = what_leaves(ex, prepared)
    lines = [ex.sentence("engine/consent.intro", organisation=found.name)]
    lines += [
        ex.sentence("engine/consent.field", label=label, value=value) for label, value in leaving.shown_fields
    ]
    if leaving.asks_note:
        lines.append(ex.sentence("engine/consent.next", label=ex.sentence("engine/summary.note")))
    locked = "engine/consent.locked_complaint" if found.focal_points else "engine/consent.locked"
    kept = [ex.sentence(locked, organisation=found.name)]
    if not leaving.has_phone:
        kept.insert(0, ex.sentence("engine/consent.not_sent"))
    texts = [
        "\n".join(f"- {line}" if number else line for number, line in enumerate(lines)),
        "\n".join(kept),
        "\n".join(
            (
                ex.sentence(
                    "engine/consent.retention", days=LONGEST_AFTER_CLOSE.days, longest=LONGEST_ENVELOPE.days
                ),
                ex.sentence("engine/consent.app"),
            )
        ),
    ]
    if found.organisation in askable(ex):
        texts.append(ex.sentence("engine/consent.state", organisation=found.name))
    if found.full:
        texts.append(ex.sentence("engine/consent.full", organisation=found.name))
    texts.append(limits_of(ex, found.organisation))
    if not ex.situation.answers_can_come:
        texts.append(ex.sentence("engine/handoff.answers_locked"))
    texts.append(ex.sentence("engine/consent.ask"))
    return texts


def limits_of(ex: Exchange, organisation: str) -> str:
    """When this organisation must tell somebody else; where it wrote nothing, that it is not known."""
    for member in ex.ready.library.directory.network.members:
        if member.organisation == organisation:
            limits = member.limits_short.get(ex.language) or member.limits_short.get(ENGLISH)
            if limits:
                return ex.sentence("engine/consent.limits", limits=limits)
    return ex.sentence("engine/consent.no_limits")


def what_leaves(ex: Exchange, prepared: PreparedStep) -> Leaving:
    """The answers named by `share` that are filled, in its order, with the language and the urgency."""
    handoff = handoff_of(prepared)
    types = ex.flow().types
    fields: list[Shared] = []
    shown_fields: list[tuple[str, str]] = []
    note_slot = ""
    country = ""
    need = _need(ex, handoff)
    urgency = how_urgent(ex, handoff)
    for slot in handoff.share:
        kind = types.get(slot)
        if kind == "sealed text" and not note_slot:
            note_slot = slot
            continue
        value = ex.value(slot)
        if value is None or (kind == "choice" and value == SKIP):
            continue
        label = _slot_label(ex, slot)
        plain = str(value)
        here = plain if kind in SEALED else shown(ex, slot, ex.language)
        sent = plain if kind in SEALED else shown(ex, slot, ENGLISH)
        fields.append(Shared(slot, ex.rendered_in_english(partial(_slot_label, ex, slot)), sent))
        shown_fields.append((label, here))
        if kind == "place" and not country:
            places = ex.ready.library.directory.places
            country = places.country_of(places.resolve(plain) or "") or ""
        elif kind == "need":
            need = plain
    written = note_slot and ex.value(note_slot) is not None
    asks_note = bool(note_slot) and (prepared.step.ask == note_slot or bool(written))
    code = ex.told_in or ex.language
    language = ex.ready.library.catalogue.languages.get(code)
    header = [(ex.sentence("engine/summary.language"), language.name if language else code)]
    topic = _topic(ex, need, handoff.queue)
    if topic:
        header.append((ex.sentence("engine/summary.topic"), topic))
    header.append((ex.sentence("engine/summary.urgency"), ex.sentence(f"engine/urgency.{urgency}")))
    if ex.crisis:
        kinds = ", ".join(ex.sentence(f"engine/crisis.{kind.replace(' ', '_')}") for kind in ex.crisis)
        header.append((ex.sentence("engine/summary.crisis"), kinds))
    if ex.not_to:
        header.append((ex.sentence("engine/summary.not_to"), excluded_names(ex)))
    return Leaving(
        fields=tuple(fields),
        shown_fields=(*header, *shown_fields),
        note_slot=note_slot,
        asks_note=asks_note,
        urgency=urgency,
        need=need,
        country=country,
        has_phone=any(types.get(field.slot) == "phone" for field in fields),
    )


def _topic(ex: Exchange, need: str, queue: str) -> str:
    """What the case will be about, as the queue and the need say it; it leaves with every handoff."""
    directory = ex.ready.library.directory
    found = directory.taxonomy.needs.get(need)
    listed = directory.network.queues.get(queue)
    labels = found.label if found is not None else (listed.label if listed is not None else {})
    return labels.get(ex.language) or labels.get(ENGLISH) or need


def _need(ex: Exchange, handoff: Handoff) -> str:
    """What the queue is for, when it is for one thing."""
    queue = ex.ready.library.directory.network.queues.get(handoff.queue)
    return queue.needs[0] if queue is not None and len(queue.needs) == 1 else ""


def _slot_label(ex: Exchange, slot: str) -> str:
    key = f"slot/{slot}"
    if ex.ready.has_sentence(key):
        return ex.sentence(key)
    return slot.replace("_", " ").capitalize()


def agree(ex: Exchange, prepared: PreparedStep) -> None:
    """The person said yes to what was shown: keep to whom and a checksum of it."""
    found = receiver(ex, handoff_of(prepared))
    top = ex.top
    agreed = None
    if found is not None:
        foreign = ex.foreign  # the consent is only read here, not said
        agreed = Agreement(found.organisation, checksum(shown_texts(ex, prepared, found)))
        ex.foreign = foreign
    ex.frames[-1] = Frame(top.flow, top.step, "new", top.slots, top.result, top.shown, agreed)


def ask_another(ex: Exchange, prepared: PreparedStep) -> None:
    """The person does not want the organisation that was named: ask about the next one that fits."""
    top = ex.top
    found = receiver(ex, handoff_of(prepared))
    if found is not None:
        exclude(ex, found.organisation)
    ex.frames[-1] = Frame(top.flow, top.step, "new", top.slots, top.result, top.shown)


def offers_unwanted(ex: Exchange) -> bool:
    """Whether those whom the person did not want are offered again beside the consent: in danger nobody should be missed."""
    return bool(ex.not_to) and how_urgent(ex, handoff_of(ex.step())) == "now"


def ask_after_all(ex: Exchange) -> None:
    """The person wants whom they did not want before: ask about the first that fits."""
    top = ex.top
    ex.not_to = ()
    ex.frames[-1] = Frame(top.flow, top.step, "new", top.slots, top.result, top.shown)


def checksum(texts: list[str]) -> int:
    """A number for the exact text of a consent."""
    return crc32("\n".join(texts).encode())


def handoff_of(prepared: PreparedStep) -> Handoff:
    """The handoff of a step that has one."""
    if prepared.step.handoff is None:
        raise LostError
    return prepared.step.handoff
