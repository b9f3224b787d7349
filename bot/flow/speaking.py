"""What a step says: its texts with their slots filled, its checked facts, the picture's words, the services found."""

from datetime import date
from functools import partial
from typing import Final

from bot.directory.card import card
from bot.directory.filters import RELAXED
from bot.directory.matching import Match, MatchResult, Query
from bot.directory.model import pick
from bot.flow.definition import Fact, MatchSpec, Text, Value
from bot.flow.effects import NothingFit
from bot.flow.exchange import Exchange
from bot.flow.outcome import note_shown
from bot.flow.prepared import AGE_GROUPS, SEALED, Line, PreparedFlow, PreparedStep
from bot.flow.session import Frame, Wider
from bot.i18n.formatting import placeholders
from bot.i18n.languages import ENGLISH

SERVED: Final = frozenset({"sourced", "reviewed"})
"""States of a fact that may be shown."""

LEFT_OUT_LINES: Final = 2

_AGES: Final = {"under 18": (0, 17), "18 or older": (18, 120)}


def speak(ex: Exchange, prepared: PreparedStep) -> None:
    """Say the step's own texts, facts and picture text, in this order."""
    step = prepared.step
    voice = prepared.voices.get(ex.language) or ex.ready.voice(prepared, ex.language)
    if voice.foreign:
        ex.say_in_english()
    if voice.say:
        ex.tell_all(lambda: [filled(ex, line) for line in ex.ready.voice(prepared, ex.language).say])
    if step.facts:
        say_facts(ex, prepared)
    if voice.show is not None:
        ex.tell_all(lambda: _pictured(ex, prepared))


def _pictured(ex: Exchange, prepared: PreparedStep) -> tuple[str, ...]:
    shown = ex.ready.voice(prepared, ex.language).show
    return (filled(ex, shown),) if shown is not None else ()


def filled(ex: Exchange, line: Line) -> str:
    """A text with its slots; an empty slot reads as nothing."""
    if not line.open:
        return line.text
    values: dict[str, str | int] = {}
    for name in placeholders(line.text):
        if name == "count" and ex.count is not None:
            values[name] = ex.count
        else:
            values[name] = shown(ex, name, ex.language)
    return ex.fill(line.text, values)


def shown(ex: Exchange, slot: str, language: str) -> str:
    """What a slot holds, as the person would say it: the label of a choice, the name of a place."""
    value = ex.value(slot)
    if value is None:
        return ""
    flow = ex.flow()
    kind = flow.types.get(slot)
    if kind in SEALED:
        return ""
    return _worded(ex, flow, slot, value, language)


def _worded(ex: Exchange, flow: PreparedFlow, slot: str, value: Value, language: str) -> str:
    directory = ex.ready.library.directory
    match flow.types.get(slot):
        case "place":
            word = str(value)
            return directory.places.name(directory.places.resolve(word) or word, language)
        case "need":
            need = directory.taxonomy.needs.get(str(value))
            return (need.label.get(language) or need.label.get(ENGLISH) or need.id) if need else str(value)
        case "language":
            spoken = ex.ready.library.catalogue.languages.get(str(value))
            return spoken.name if spoken else str(value)
        case "yes no" if value in ("yes", "no"):
            return ex.ready.sentence(f"engine/{value}", language)
        case "age group" if value in AGE_GROUPS:
            return ex.ready.sentence(AGE_GROUPS[str(value)], language)
        case _:
            label = _label(ex, flow, slot, value)
            return _served(ex, label, language) if label else str(value)


def _label(ex: Exchange, flow: PreparedFlow, slot: str, value: Value) -> Text | None:
    labels = flow.labels.get(slot) or ex.ready.shared_labels.get(slot)
    return labels.get(str(value)) if labels else None


def _served(ex: Exchange, text: Text, language: str) -> str:
    return ex.ready.library.catalogue.flow_text(text.context, text.source, language).text.strip()


# --- facts ---------------------------------------------------------------------------------------------


def say_facts(ex: Exchange, prepared: PreparedStep) -> None:
    """Show each checked fact with its date; say once that one is being checked.

    People act on a fact, so a translation that nobody reviewed is not served.
    """
    today = ex.situation.now.date()
    missing = False
    for written in prepared.step.facts:
        name = _with_slots(ex, written) if "{" in written else written
        fact = ex.ready.library.facts.get(name)
        if fact is None or not may_be_shown(fact, today):
            missing = True
            continue
        ex.tell(partial(_fact, ex, fact))
    if missing:
        ex.say("engine/fact.checking")


def _fact(ex: Exchange, fact: Fact) -> str:
    served = ex.ready.library.catalogue.flow_text(
        fact.text.context, fact.text.source, ex.language, safety_critical=True
    )
    if ex.language != ENGLISH and served.language == ENGLISH:
        ex.say_in_english()
    checked = ex.sentence("engine/fact.checked_on", date=fact.checked_on.isoformat())
    return f"{served.text.strip()}\n{checked}"


def may_be_shown(fact: Fact, today: date) -> bool:
    """Whether a fact may be served today: sourced or reviewed, and not past its last day."""
    return fact.state in SERVED and today <= fact.expires_on


def _with_slots(ex: Exchange, text: str) -> str:
    """A fact id with the raw values of its slots: `sos.{country}` gives `sos.rs`."""
    for name in placeholders(text):
        value = ex.value(name)
        text = text.replace(f"{{{name}}}", "" if value is None else str(value))
    return text


# --- services ------------------------------------------------------------------------------------------


def find_services(ex: Exchange, spec: MatchSpec, *, skip: int, relax: str = "") -> tuple[Query, MatchResult]:
    """The services for what the person said so far; what is empty is no filter. `relax` is what they let go of."""
    directory = ex.situation.directory or ex.ready.library.directory
    flow = ex.flow()
    near: str | None = None
    if spec.near is not None:
        value = ex.value(spec.near) if spec.near in flow.types else spec.near
        near = directory.places.resolve(str(value)) if value is not None else None
    text = ex.value(spec.text) if spec.text is not None and flow.types.get(spec.text) not in SEALED else None
    age = next(
        (
            _AGES[str(value)]
            for slot, kind in flow.types.items()
            if kind == "age group" and (value := ex.value(slot)) in _AGES
        ),
        None,
    )
    query = Query(
        need=slot_or_word(ex, flow, spec.need),
        place=near,
        languages=tuple(word for word in (slot_or_word(ex, flow, each) for each in spec.languages) if word),
        populations=spec.populations,
        safety=spec.safety,
        text="" if text is None else str(text),
        age=age,
        exclude=tuple(word for word in (slot_or_word(ex, flow, each) for each in spec.without) if word),
        relax=relax,
        limit=spec.show,
        skip=skip,
        demo=ex.situation.demo,
        trusted_less=ex.situation.trusted_less,
    )
    return query, directory.match(query, ex.situation.now)


def slot_or_word(ex: Exchange, flow: PreparedFlow, word: str) -> str:
    """What the slot of that name holds, or the word itself where there is no such slot."""
    return str(ex.value(word) or "") if word in flow.types else word


def say_services(ex: Exchange, prepared: PreparedStep, *, again: bool = False) -> bool:
    """Say the step's texts, the next services and what more there could be; False when there is none at all.

    Coming back shows the next ones. After the last ones it says so and starts over the next time.
    """
    spec = prepared.step.match
    assert spec is not None
    top = ex.top
    key = next((key for key in top.shown if key.startswith(f"{top.step}=")), top.step)
    relax = key.partition("=")[2]
    done = top.shown.get(key, 0)
    skip = max(0, done - spec.show) if again else done
    query, found = find_services(ex, spec, skip=skip, relax=relax)
    ex.count = found.total
    if found.total == 0 and not relax:
        _say_left_out(ex, query)
        _say_more(ex, top, found, relax)
        _count_unmet(ex, query)
        return False
    speak(ex, prepared)
    if not found.matches:
        ex.say("engine/no_more")
        _note_shown(ex, top, key, 0)
        _say_more(ex, top, found, relax)
        return True
    for match in found.matches:
        note_shown(ex, f"{match.organisation.id}/{match.service.id}")
        ex.tell(partial(_card, ex, match))
    ex.note_seen([f"{match.organisation.id}/{match.service.id}" for match in found.matches])
    if not again:
        _note_shown(ex, top, key, skip + len(found.matches))
    _say_more(ex, top, found, relax)
    return True


def _count_unmet(ex: Exchange, query: Query) -> None:
    """Have it counted that nothing was there: the need and the country, nothing finer and nobody."""
    directory = ex.ready.library.directory
    if query.need not in directory.taxonomy.needs:
        return
    said_place = query.place or directory.places.resolve(str(ex.shared.get("country") or ""))
    place = directory.places.by_id.get(said_place or "")
    country = place.country if place is not None else ""
    ex.count_once(f"{query.need}/{country}", NothingFit(query.need, country))


def offer_wider(ex: Exchange) -> None:
    """Put what more could be found under the question that now waits; what was offered before is over."""
    top, wider = ex.top, ex.wider
    fresh = wider is not None and (wider.flow, wider.at) == (top.flow, "")
    ex.wider = Wider(top.flow, wider.step, top.step, wider.names) if wider is not None and fresh else None


def _say_more(ex: Exchange, top: Frame, found: MatchResult, relax: str) -> None:
    """How many more there are if the person can travel, manage in another language, or wait."""
    names = tuple(name for name in RELAXED if name in found.more and name != relax)
    for name in names:
        ex.say_with(f"engine/more_if.{name}", count=found.more[name])
    ex.wider = Wider(top.flow, top.step, "", names) if names else None


def _say_left_out(ex: Exchange, query: Query) -> None:
    """Why nothing fits, in a line or two: what is never let go of is told, and not offered."""
    directory = ex.situation.directory or ex.ready.library.directory
    counts = directory.left_out(query, ex.situation.now)
    for name in sorted(counts, key=lambda each: -counts[each])[:LEFT_OUT_LINES]:
        ex.say_with(f"engine/left_out.{name}", count=counts[name])


def _card(ex: Exchange, match: Match) -> str:
    return card(match, ex.language, ex.situation.now, ex.sentence)


def service_name(ex: Exchange, name: str) -> str:
    """What a service is called, with whose it is, as on its card."""
    directory = ex.situation.directory or ex.ready.library.directory
    organisation, _, ident = name.partition("/")
    found = directory.organisations.get(organisation)
    for service in found.services if found else ():
        if found and service.id == ident:
            return ex.ready.library.catalogue.ui(
                "card/name",
                ex.language,
                organisation=pick(found.name, ex.language) or organisation,
                service=pick(service.name, ex.language) or ident,
            )
    return name


def _note_shown(ex: Exchange, top: Frame, key: str, count: int) -> None:
    """Note how many were shown; after the last of those that were found wider, the next visit begins as at first."""
    shown_so_far = {each: number for each, number in top.shown.items() if each != key}
    if count or key == top.step:
        shown_so_far[key] = count
    ex.frames[-1] = Frame(top.flow, top.step, top.phase, top.slots, top.result, shown_so_far, top.agreed)


# --- topics --------------------------------------------------------------------------------------------


def topic_label(ex: Exchange, flow: str) -> str:
    """What a flow is about, in words for the person."""
    key = f"topic/{flow}"
    if ex.ready.has_sentence(key):
        return ex.sentence(key)
    found = ex.ready.flows.get(flow)
    return found.flow.title if found else flow
