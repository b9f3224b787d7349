"""How far a person is: from every question a caseworker must be at most three visible choices away."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.flow.definition import END, Flow
from bot.flow.draft import Draft
from bot.flow.graph import TYPED, leads_to_next, slot_types
from bot.flow.lint.world import World
from bot.flow.nearest import nearest
from bot.kernel.problems import Problem

FARTHEST: Final = 3
"""Visible choices between a question and a person; the `9` under each message does not count."""

Node = tuple[str, str]
Ways = dict[Node, list[tuple[Node, int]]]


def lint_way_to_a_person(drafts: Sequence[Draft], world: World) -> Iterator[Problem]:
    """One problem for each flow with a question that is too far from a person, at its farthest question."""
    flows = {draft.flow.id: draft.flow for draft in drafts}
    distances = _distances(flows, world)
    if distances is None:
        return
    for flow in flows.values():
        far = [
            (distances.get((flow.id, step.name)), step)
            for step in flow.steps.values()
            if step.waits and distances.get((flow.id, step.name), FARTHEST + 1) > FARTHEST
        ]
        if not far:
            continue
        distance, step = max(far, key=lambda one: FARTHEST + 99 if one[0] is None else one[0])
        how = "no choice leads from" if distance is None else f"{distance} choices lie between"
        yield Problem(
            "F305",
            step.mark,
            f"{how} '{step.name}' {'to' if distance is None else 'and'} a person",
            "add a choice such as 'human: Talk to a person -> ...' that leads to a handoff, here or on the way",
        )


def _distances(flows: Mapping[str, Flow], world: World) -> dict[Node, int] | None:
    """Fewest choices from each step to a handoff; None where there is no flow for a person to be reached by."""
    ways = _ways(flows, world)
    goals = [
        (flow.id, step.name)
        for flow in flows.values()
        for step in flow.steps.values()
        if step.handoff is not None
    ]
    goals += [(flow.id, flow.start) for flow in flows.values() if "person" in flow.entry]
    if not any("person" in flow.entry for flow in flows.values()):
        return None
    back: Ways = {}
    for node, leads in ways.items():
        for target, cost in leads:
            back.setdefault(target, []).append((node, cost))
    distances = dict.fromkeys(goals, 0)
    waiting = deque(goals)
    while waiting:
        node = waiting.popleft()
        for before, cost in back.get(node, ()):
            distance = distances[node] + cost
            if distance < distances.get(before, distance + 1):
                distances[before] = distance
                (waiting.append if cost else waiting.appendleft)(before)
    return distances


def _ways(flows: Mapping[str, Flow], world: World) -> Ways:
    """Each step's ways and what they cost: a choice costs one; what is typed or happens by itself, nothing."""
    menus = [(flow.id, flow.start) for flow in flows.values() if "menu" in flow.entry]
    ways: Ways = {(flow.id, END): [(menu, 0) for menu in menus] for flow in flows.values()}
    for flow in flows.values():
        types = slot_types(flow, world.shared)
        for step in flow.steps.values():
            here = (flow.id, step.name)
            typed = step.ask is not None and types.get(step.ask) in TYPED - {"language"}
            cost = 1 if step.waits and not typed else 0
            nexts = [(flow.id, _meant(flow, branch.target)) for branch in step.next]
            ways.setdefault(here, []).extend(
                ((flow.id, _meant(flow, choice.go)), 1) for choice in step.choices if choice.go is not None
            )
            if step.call is not None and step.call in flows:
                called = flows[step.call]
                ways[here].append(((called.id, called.start), 0))
                ways[called.id, END] += [(node, 0) for node in nexts]
            elif leads_to_next(step, types):
                ways[here] += [(node, cost) for node in nexts]
            if step.go is not None and step.go in flows:
                ways[here].append(((step.go, flows[step.go].start), 0))
            if step.end is not None:
                ways[here].append(((flow.id, END), 0))
    return ways


def _meant(flow: Flow, target: str) -> str:
    if target == END or target in flow.steps:
        return target
    return nearest(target, flow.steps) or target
