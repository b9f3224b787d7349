"""Slots that are read where nothing can have filled them."""

from collections.abc import Iterator, Mapping

from bot.flow.definition import END, Flow, SlotType, Step
from bot.flow.draft import Draft, Reading
from bot.flow.graph import slot_types
from bot.flow.lint.paths import start_of, targets
from bot.flow.lint.world import World
from bot.kernel.problems import Problem

RESULT = "result"
COUNT = "count"


def lint_slots(draft: Draft, world: World) -> Iterator[Problem]:
    """A problem where a slot of the flow is read and no path to there asks or sets it.

    Shared slots may have been filled in another flow and are not looked at.
    """
    flow = draft.flow
    before = _filled_before(flow, slot_types(flow, world.shared))
    own = {*flow.remember, RESULT, COUNT}
    seen: set[tuple[str, str]] = set()
    for reading in draft.readings:
        step = flow.steps.get(reading.step)
        if step is None or step.name not in before or reading.slot not in own:
            continue
        known = before[step.name] | _filled_within(step, reading)
        if reading.slot not in known and (reading.slot, reading.step) not in seen:
            seen.add((reading.slot, reading.step))
            yield _too_early(reading, flow)


def _filled_before(flow: Flow, types: Mapping[str, SlotType]) -> dict[str, frozenset[str]]:
    """For each step that can be reached, what may have been filled when it begins."""
    start = start_of(flow)
    before: dict[str, frozenset[str]] = {start: frozenset()} if start is not None else {}
    waiting = list(before)
    while waiting:
        step = flow.steps.get(waiting.pop())
        if step is None:
            continue
        after = before[step.name] | _filled_by(step)
        for target in targets(flow, step, types):
            if target == END:
                continue
            known = before.get(target)
            if known is None or not after <= known:
                before[target] = (known or frozenset()) | after
                waiting.append(target)
    return before


def _filled_by(step: Step) -> frozenset[str]:
    filled = {slot for slot, _ in step.sets}
    if step.ask is not None:
        filled.add(step.ask)
    if step.call is not None:
        filled.add(RESULT)
    if step.match is not None:
        filled.add(COUNT)
    return frozenset(filled)


def _filled_within(step: Step, reading: Reading) -> frozenset[str]:
    """What the step itself has filled when it comes to read."""
    filled = {COUNT} if step.match is not None else set()
    if reading.stage >= 2:  # noqa: PLR2004 (behind `set`, see draft.Stage)
        filled |= {slot for slot, _ in step.sets}
    if reading.stage >= 3:  # noqa: PLR2004 (behind the answer, see draft.Stage)
        filled |= _filled_by(step)
    return frozenset(filled)


def _too_early(reading: Reading, flow: Flow) -> Problem:
    slot = reading.slot
    if slot == RESULT:
        message = "'result' is read, and no step on the way here calls a flow"
        mend = "put a step with 'call' before this one"
    elif slot == COUNT:
        message = "'{count}' is read, and no step on the way here has a 'match'"
        mend = "remove it, or put it at or behind the step with 'match'"
    elif any(slot in _filled_by(step) for step in flow.steps.values()):
        message = f"'{slot}' is read before any step on the way here asks for it"
        mend = f"put the step with 'ask: {slot}' before this one"
    else:
        message = f"'{slot}' is read, and no step asks for it"
        mend = f"add a step with 'ask: {slot}' before this one, or remove '{slot}' here"
    return Problem("F401", reading.mark, message, mend)
