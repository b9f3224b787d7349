"""Where a step can lead, and the picture of a flow as Mermaid or DOT text."""

from collections.abc import Iterator, Mapping
from typing import Literal

from bot.flow.definition import END, Flow, SlotType, Step

Way = Literal["next", "choice", "give up", "none", "declined", "closed"]
"""Why a step leads on: its `next`, a choice, too many tries, no match, no consent, nobody on duty."""

TYPED: frozenset[SlotType] = frozenset(
    {"text", "sealed text", "number", "age group", "date", "place", "language", "need", "phone"}
)
"""Types whose answer can be typed or skipped past the choices, so that it goes to `next`."""


def slot_types(flow: Flow, shared: Mapping[str, SlotType]) -> dict[str, SlotType]:
    """Slot -> type as the flow sees it."""
    return {**{name: shared[name] for name in flow.uses if name in shared}, **flow.remember}


def leads_to_next(step: Step, types: Mapping[str, SlotType]) -> bool:
    """Whether the step can be left through `next`."""
    if step.go is not None or step.end is not None:
        return False
    if not step.waits or step.handoff is not None:
        return True
    if any(choice.go is None for choice in step.choices):
        return True
    if step.ask is None:
        return False
    return not step.choices or types.get(step.ask) in TYPED


def ways(step: Step, types: Mapping[str, SlotType]) -> Iterator[tuple[Way, str]]:
    """Every step (or `end`) this one can lead to within its flow, and why."""
    if leads_to_next(step, types):
        for branch in step.next:
            yield "next", branch.target
    for choice in step.choices:
        if choice.go is not None:
            yield "choice", choice.go
    if step.give_up is not None:
        yield "give up", step.give_up
    for found in (step.match, step.report, step.avoid):
        if found is not None and found.if_none is not None:
            yield "none", found.if_none
    if step.handoff is not None and step.handoff.if_declined is not None:
        yield "declined", step.handoff.if_declined
    if step.handoff is not None and step.handoff.if_closed is not None:
        yield "closed", step.handoff.if_closed


def mermaid(flow: Flow, shared: Mapping[str, SlotType]) -> str:
    """The flow as a Mermaid flowchart."""
    lines = ["flowchart TD", *(f"  {_node(name)}{_shape(step)}" for name, step in flow.steps.items())]
    lines += [
        f"  {_node(start)} -->|{_escaped(label)}| {_node(target)}"
        if label
        else f"  {_node(start)} --> {_node(target)}"
        for start, target, label in arrows(flow, shared)
    ]
    return "\n".join(lines) + "\n"


def dot(flow: Flow, shared: Mapping[str, SlotType]) -> str:
    """The flow in the language of Graphviz."""
    lines = [f"digraph {_quoted(flow.id)} {{", "  rankdir=TB;", "  node [shape=box];"]
    lines += [f"  {_quoted(name)};" for name in flow.steps]
    lines += [
        f"  {_quoted(start)} -> {_quoted(target)} [label={_quoted(label)}];"
        for start, target, label in arrows(flow, shared)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def arrows(flow: Flow, shared: Mapping[str, SlotType]) -> Iterator[tuple[str, str, str]]:
    """From, to and label of every arrow."""
    types = slot_types(flow, shared)
    for step in flow.steps.values():
        for label, target in (*_chosen(step), *_by_itself(step, types)):
            yield step.name, target, label


def _chosen(step: Step) -> Iterator[tuple[str, str]]:
    for choice in step.choices:
        if choice.go is not None:
            yield choice.label.source, choice.go


def _by_itself(step: Step, types: Mapping[str, SlotType]) -> Iterator[tuple[str, str]]:
    for branch in step.next if leads_to_next(step, types) else ():
        yield branch.condition.source if branch.condition else "", branch.target
    for way, target in ways(step, types):
        if way not in {"next", "choice"}:
            yield way, target
    for word, other in (("go", step.go), ("call", step.call), (step.end or "", END if step.end else None)):
        if other is not None:
            yield word, other


def _node(name: str) -> str:
    return "s_" + "".join(
        letter if letter.isascii() and letter.isalnum() else f"_{ord(letter):x}_" for letter in name
    )


def _shape(step: Step) -> str:
    label = _escaped(step.name)
    if step.handoff is not None:
        return f"([{label}])"
    return f"{{{{{label}}}}}" if step.waits else f"[{label}]"


def _escaped(text: str) -> str:
    return '"' + text.replace('"', "#quot;").replace("\n", " ") + '"'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
