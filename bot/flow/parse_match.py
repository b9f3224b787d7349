"""What a step finds and passes on: `match` in the directory and `handoff` to a queue, with their own keys."""

from typing import Final, cast, get_args

from bot.flow.definition import Avoid, Handoff, MatchSpec, Report, SlotType, Urgency
from bot.flow.draft import ReferenceKind
from bot.flow.expressions import SEALED
from bot.flow.nearest import one_of
from bot.flow.step_form import StepForm
from bot.kernel.problems import Mark, Node, Scalar

MATCH_KEYS: Final = ("near", "for", "languages", "text", "safety", "without", "if none")
HANDOFF_KEYS: Final = ("share", "urgency", "if declined", "if closed")
URGENCIES: Final[tuple[Urgency, ...]] = get_args(Urgency)

_TEXT_SLOTS: Final[frozenset[SlotType]] = frozenset({"text", "choice"})


def parse_match(step: StepForm) -> MatchSpec | None:
    """What the step looks for, or None when it looks for nothing."""
    node = step.get("match")
    need = step.form.word(node, "match") if node is not None else None
    if node is None or need is None:
        return None
    step.refer("need", need, node.mark, "match")
    show = step.get("show")
    limit = step.form.number(show, "show", least=1, most=9) if show is not None and counts(show) else None
    return MatchSpec(
        need=need,
        mark=node.mark,
        near=_near(step),
        populations=_referred(step, "for", "population"),
        languages=_languages(step),
        text=_search_text(step),
        safety=_referred(step, "safety", "attribute"),
        without=_without(step),
        show=limit or 3,
        if_none=step.optional_target("if none"),
    )


def parse_report(step: StepForm) -> Report | None:
    """Whether the step takes a report about a service, and where it goes when there is none to report."""
    found = _asked_of(step, "report", "service", "no service was shown, or it was none of them")
    return None if found is None else Report(*found)


def parse_avoid(step: StepForm) -> Avoid | None:
    """Whether the step asks which organisation a complaint must not go to, and where it goes when there is none to name."""
    found = _asked_of(step, "avoid", "organisation", "no organisation could be named, or it was none of them")
    return None if found is None else Avoid(*found)


def _asked_of(step: StepForm, key: str, word: str, otherwise: str) -> tuple[Mark, str] | None:
    """Where a key that asks for one of several stands, and the step for when it was none; that has to be said."""
    node = step.get(key)
    if node is None or step.form.one_of(node, key, (word,)) is None:
        return None
    target = step.optional_target("if none")
    if target is None:
        mend = f"add 'if none: ...', for when {otherwise}"
        step.form.fault("F101", step.fields.key_mark(key), f"'{key}' has no 'if none'", mend)
        return None
    return node.mark, target


def _near(step: StepForm) -> str | None:
    node = step.get("near")
    word = step.form.word(node, "near") if node is not None else None
    if node is None or word is None:
        return None
    if word in step.flow.slots:
        step.read(word, node.mark, 2, "'match'")
        _typed(step, "near", word, node.mark, frozenset({"place"}))
    elif word in step.flow.unused:
        step.slot(word, node.mark, f"'near: {word}'")
    else:
        step.refer("place", word, node.mark, "near")
    return word


def _search_text(step: StepForm) -> str | None:
    node = step.get("text")
    word = step.form.word(node, "text") if node is not None else None
    if node is None or word is None or not step.slot(word, node.mark, f"'text: {word}'"):
        return None
    step.read(word, node.mark, 2, "'match'")
    _typed(step, "text", word, node.mark, _TEXT_SLOTS | SEALED)
    return word


def _typed(step: StepForm, key: str, slot: str, mark: Mark, wanted: frozenset[SlotType]) -> None:
    kind = step.flow.slots[slot]
    if kind not in wanted | SEALED:
        names = one_of(sorted(wanted - SEALED))
        step.form.fault(
            "F402",
            mark,
            f"'{key}: {slot}' is of type '{kind}'",
            f"use a slot of type {names}, or change its type",
        )


def _languages(step: StepForm) -> tuple[str, ...]:
    node = step.get("languages")
    found = step.form.words(node, "languages") if node is not None else ()
    for word, mark in found:
        if word in step.flow.slots:
            step.read(word, mark, 2, "'match'")
            _typed(step, "languages", word, mark, frozenset({"language", "text"}))
        else:
            step.refer("language", word, mark, "languages")
    return tuple(word for word, _ in found)


def _without(step: StepForm) -> tuple[str, ...]:
    node = step.get("without")
    found = step.form.words(node, "without") if node is not None else ()
    for word, mark in found:
        if word in step.flow.slots:
            step.read(word, mark, 2, "'match'")
            _typed(step, "without", word, mark, frozenset({"choice"}))
        else:
            step.refer("organisation", word, mark, "without")
    return tuple(word for word, _ in found)


def _referred(step: StepForm, key: str, kind: ReferenceKind) -> tuple[str, ...]:
    node = step.get(key)
    found = step.form.words(node, key) if node is not None else ()
    for word, mark in found:
        step.refer(kind, word, mark, key)
    return tuple(word for word, _ in found)


def parse_handoff(step: StepForm) -> Handoff | None:
    """Where the step passes the person on, or None when it does not."""
    node = step.get("handoff")
    queue = step.form.word(node, "handoff") if node is not None else None
    if node is None or queue is None:
        return None
    step.refer("queue", queue, node.mark, "handoff")
    urgency_node = step.get("urgency")
    urgency = step.form.one_of(urgency_node, "urgency", URGENCIES) if urgency_node is not None else None
    return Handoff(
        queue=queue,
        mark=node.mark,
        share=_share(step),
        urgency=cast("Urgency", urgency) if urgency is not None else "normal",
        if_declined=step.optional_target("if declined"),
        if_closed=step.optional_target("if closed"),
    )


def _share(step: StepForm) -> tuple[str, ...]:
    node = step.get("share")
    shared: list[str] = []
    for word, mark in step.form.words(node, "share") if node is not None else ():
        if word in shared:
            step.form.fault("F210", mark, f"'{word}' stands twice under 'share'", "keep one")
        elif step.slot(word, mark, f"'share: {word}'"):
            step.read(word, mark, 3, "'share'", sealed_too=True)
            shared.append(word)
    return tuple(shared)


def counts(node: Node) -> bool:
    """Whether `show` holds a number of services and not a file."""
    return isinstance(node, Scalar) and node.value.strip().isdecimal()
