"""A conversation that began in an earlier release goes on in this one: same question, moved question, or one before.

Texts do not count; what a question asks, its choices and its handoff do (`PreparedStep.shape`).
"""

from bot.flow.definition import SlotType, Value
from bot.flow.exchange import Exchange
from bot.flow.prepared import PreparedFlow
from bot.flow.session import Frame, recall_place


def follow_release(ex: Exchange, shape: int) -> bool:
    """Put the conversation into this release. True when the question changed: it must be asked, not answered.

    `shape` is the structure of the question when it was asked.
    """
    if not ex.frames:
        return False
    before = ex.frames[-1]
    followed = _follow(ex, tuple(ex.frames))
    if followed is not None:
        ex.frames = followed
        if before.phase in ("new", "call") or ex.step().shape == shape:
            return False
        ex.asked = None
        top = followed[-1]
        ex.frames[-1] = Frame(top.flow, top.step, "", top.slots, top.result, top.shown)
        if ex.step().step.waits:
            return True
    ex.asked = None
    while ex.trail:
        place, ex.trail = recall_place(ex.trail)
        earlier = _follow(ex, place.frames) if place is not None else None
        if earlier is not None and place is not None:
            ex.frames = earlier
            ex.shared = {
                name: value
                for name, value in place.shared.items()
                if _fits(ex.ready.library.shared.get(name), value)
            }
            return True
    ex.frames = []
    return True


def _follow(ex: Exchange, frames: tuple[Frame, ...]) -> list[Frame] | None:
    """The frames in this release; callers that are gone are left out, None when the running step is gone."""
    followed: list[Frame] = []
    for number, frame in enumerate(frames):
        found = _find(ex, frame)
        if found is not None:
            flow, step = found
            slots = {
                name: value
                for name, value in frame.slots.items()
                if _fits(flow.flow.remember.get(name), value)
            }
            agreed = frame.agreed if step == frame.step else None
            last = number == len(frames) - 1
            if last or (frame.phase != "call") or flow.flow.steps[step].call is not None:
                followed.append(
                    Frame(flow.flow.id, step, frame.phase, slots, frame.result, frame.shown, agreed)
                )
        elif number == len(frames) - 1:
            return None
    return followed


def _find(ex: Exchange, frame: Frame) -> tuple[PreparedFlow, str] | None:
    flow = ex.ready.flows.get(frame.flow)
    if flow is not None and frame.step in flow.steps:
        return flow, frame.step
    moved = ex.ready.moved.get(f"{frame.flow}/{frame.step}")
    return (ex.ready.flows[moved[0]], moved[1]) if moved is not None else None


def _fits(kind: SlotType | None, value: Value) -> bool:
    """Whether an answer can still be held by a slot of this type."""
    if kind is None:
        return False
    return isinstance(value, int) == (kind == "number") or kind == "yes no"
