"""Comparisons that can never hold: with a word that a slot never has, or that no called flow ends with."""

from collections.abc import Iterator, Mapping, Sequence

from bot.flow.definition import Expression, Flow, Step, Value
from bot.flow.draft import Draft
from bot.flow.nearest import nearest, one_of
from bot.kernel.problems import Problem

RESULT = "result"


def lint_values(drafts: Sequence[Draft]) -> Iterator[Problem]:
    """A warning for each word that is compared with and can never be there."""
    flows = {draft.flow.id: draft.flow for draft in drafts}
    for flow in flows.values():
        known = _values(flow, flows)
        for step in flow.steps.values():
            for expression in _conditions(step):
                for slot, value in expression.compared:
                    if slot in known and value not in known[slot]:
                        yield _never(expression, slot, value, sorted(known[slot]))


def _conditions(step: Step) -> Iterator[Expression]:
    for branch in step.next:
        if branch.condition is not None:
            yield branch.condition
    for choice in step.choices:
        if choice.condition is not None:
            yield choice.condition


def _values(flow: Flow, flows: Mapping[str, Flow]) -> dict[str, set[str]]:
    """What the flow's own choices can be, and what the flows it calls end with; what is not known is left out."""
    known: dict[str, set[str]] = {slot: set() for slot, kind in flow.remember.items() if kind == "choice"}
    for step in flow.steps.values():
        if step.ask in known:
            known[step.ask].update(choice.name for choice in step.choices)
        for slot, expression in step.sets:
            if slot not in known:
                continue
            value = expression.evaluate(lambda _: None)
            if isinstance(value, str) and not expression.names:
                known[slot].add(value)
            else:
                del known[slot]
    called = {step.call for step in flow.steps.values() if step.call is not None}
    if called and called <= flows.keys():
        known[RESULT] = {word for name in called for word in _endings(name, flows)}
    return known


def _endings(name: str, flows: Mapping[str, Flow]) -> Iterator[str]:
    """The words a flow can end with, those of the flows it goes on to included."""
    waiting = [name]
    seen = set(waiting)
    while waiting:
        for step in flows[waiting.pop()].steps.values():
            if step.end is not None:
                yield step.end
            if step.go is not None and step.go in flows and step.go not in seen:
                seen.add(step.go)
                waiting.append(step.go)


def _never(expression: Expression, slot: str, value: Value, known: list[str]) -> Problem:
    what = "no called flow ends with" if slot == RESULT else f"'{slot}' is never"
    close = nearest(str(value), known)
    mend = f'write "{close}"' if close else f"it can be {one_of(known)}" if known else "remove the branch"
    return Problem("F408", expression.mark, f"{what} '{value}', so this never holds", mend, "warning")
