"""Ways through flows: steps that nothing leads to, steps that lead nowhere, loops without a question, recursion."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.flow.circles import circles
from bot.flow.definition import END, Flow, SlotType, Step
from bot.flow.draft import Draft
from bot.flow.graph import leads_to_next, slot_types, ways
from bot.flow.lint.world import World
from bot.flow.nearest import nearest, one_of
from bot.kernel.problems import Problem

Node = tuple[str, str]
"""A flow and a step."""


def lint_paths(draft: Draft, world: World) -> Iterator[Problem]:
    """Unreachable steps and dead ends of one flow."""
    flow = draft.flow
    types = slot_types(flow, world.shared)
    reached = _reached(flow, types)
    for step in flow.steps.values():
        if step.name not in reached and reached:
            mend = f"let a step go to '{step.name}', or remove it"
            yield Problem("F301", step.mark, f"nothing leads to the step '{step.name}'", mend)
        if leads_to_next(step, types) and not step.next:
            yield _dead_end(step)


def start_of(flow: Flow) -> str | None:
    """The first step; of a misspelt one, the step that was meant."""
    return flow.start if flow.start in flow.steps else nearest(flow.start, flow.steps)


def targets(flow: Flow, step: Step, types: Mapping[str, SlotType]) -> Iterator[str]:
    """Where a step leads within its flow; a misspelt target counts as the step that was meant."""
    for _, target in ways(step, types):
        if target == END or target in flow.steps:
            yield target
        else:
            meant = nearest(target, flow.steps)
            if meant is not None:
                yield meant


def lint_calls(drafts: Sequence[Draft], world: World) -> Iterator[Problem]:
    """Flows that call themselves and loops in which nobody is asked anything, across all flows."""
    flows = {draft.flow.id: draft.flow for draft in drafts}
    calls = {
        flow.id: [(step.call, step) for step in flow.steps.values() if step.call in flows]
        for flow in flows.values()
    }
    for circle in circles({name: [str(called) for called, _ in steps] for name, steps in calls.items()}):
        first = min(circle)
        step = next(step for called, step in calls[first] if called in circle)
        yield Problem(
            "F304",
            step.mark,
            f"{' and '.join(repr(name) for name in sorted(circle))} call each other without end"
            if len(circle) > 1
            else f"the flow '{first}' calls itself",
            "use 'go' instead of 'call' in one of them: it jumps for good and does not come back",
        )
    for loop in circles(_silent_ways(flows, world)):
        yield _silent(loop, flows)


def _reached(flow: Flow, types: Mapping[str, SlotType]) -> set[str]:
    start = start_of(flow)
    waiting = [start] if start is not None else []
    reached = set(waiting)
    while waiting:
        for target in targets(flow, flow.steps[waiting.pop()], types):
            if target != END and target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _dead_end(step: Step) -> Problem:
    open_choices = [choice.name for choice in step.choices if choice.go is None]
    if open_choices:
        message = f"after the choice {one_of(open_choices)} of '{step.name}' nothing comes"
        mend = "write 'Label -> step' at the choice, or 'next: ...' at the step"
    elif step.ask is not None:
        message = f"after the answer at '{step.name}' nothing comes"
        mend = "add 'next: ...' with a step, or 'next: end'"
    else:
        message = f"after the step '{step.name}' nothing comes"
        mend = "add 'next: ...' with a step, or 'next: end'"
    return Problem("F302", step.mark, message, mend)


def _silent_ways(flows: Mapping[str, Flow], world: World) -> dict[Node, list[Node]]:
    """Where each step that asks nothing leads without a question on the way."""
    silent = _silent_flows(flows, world)
    edges: dict[Node, list[Node]] = {}
    for flow in flows.values():
        types = slot_types(flow, world.shared)
        for step in flow.steps.values():
            if step.waits or step.handoff is not None:
                continue
            found: list[Node] = []
            if step.call is None or step.call in silent:
                found += [(flow.id, target) for target in targets(flow, step, types) if target != END]
            found += [
                (other, flows[other].start) for other in (step.call, step.go) if other and other in flows
            ]
            edges[flow.id, step.name] = found
    return edges


def _silent_flows(flows: Mapping[str, Flow], world: World) -> set[str]:
    """The flows that can run from their start to an end without asking anything."""
    callers: dict[str, set[str]] = {}
    for flow in flows.values():
        for step in flow.steps.values():
            if step.call is not None:
                callers.setdefault(step.call, set()).add(flow.id)
    silent: set[str] = set()
    waiting = set(flows)
    while waiting:
        name = waiting.pop()
        if name not in silent and _runs_silently(flows[name], slot_types(flows[name], world.shared), silent):
            silent.add(name)
            waiting |= callers.get(name, set())
    return silent


def _runs_silently(flow: Flow, types: Mapping[str, SlotType], silent: Collection[str]) -> bool:
    """Whether a flow can run through when only the flows of `silent` do."""
    waiting = [flow.start]
    seen = set(waiting)
    while waiting:
        step = flow.steps.get(waiting.pop())
        if step is None or step.waits or step.handoff is not None:
            continue
        if step.call is not None and step.call not in silent:
            continue
        if step.end is not None:
            return True
        for target in targets(flow, step, types):
            if target == END:
                return True
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return False


def _silent(loop: frozenset[Node], flows: Mapping[str, Flow]) -> Problem:
    flow_id, step_name = min(loop, key=lambda node: flows[node[0]].steps[node[1]].mark)
    across = len({flow for flow, _ in loop}) > 1
    names = sorted(f"{flow}/{step}" if across else step for flow, step in loop)
    message = f"{one_of(names).replace(' or ', ' and ')} lead to each other without a question"
    if len(loop) == 1:
        message = f"'{step_name}' leads to itself without a question"
    return Problem(
        "F303",
        flows[flow_id].steps[step_name].mark,
        message,
        "let one step of the loop ask something, or leave the loop",
    )
