"""Flow files from marked YAML to frozen flows, with every fault at once. The way in: `parse_flow`."""

import keyword
import re
from collections.abc import Mapping
from typing import Final, cast, get_args

from bot.flow.definition import Entry, Fact, Flow, SlotType, Step
from bot.flow.draft import Draft
from bot.flow.forms import Form, plain
from bot.flow.nearest import nearest
from bot.flow.parse_facts import parse_facts_of
from bot.flow.parse_step import parse_step
from bot.flow.step_form import FlowSoFar
from bot.kernel.problems import Fields, Mark, Node, Problem, Scalar

FLOW_KEYS: Final = frozenset(
    {
        "flow",
        "title",
        "start",
        "entry",
        "remember",
        "uses",
        "sensitive",
        "high stakes",
        "safety critical",
        "approval",
        "facts",
        "steps",
    }
)
ENTRIES: Final[tuple[Entry, ...]] = get_args(Entry)
SLOT_TYPES: Final[tuple[SlotType, ...]] = get_args(SlotType)

_FLOW_ID: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_STEP: Final = re.compile(r"[^\W_][\w-]{0,59}")
_SLOT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_RESERVED_SLOTS: Final = frozenset({"result", "count", "true", "false", "none", "null", "yes", "no"})

Slots = Mapping[str, SlotType]


def parse_flow(node: Node, stem: str, shared: Slots) -> tuple[Draft | None, list[Problem]]:
    """The flow of one file and its problems. `stem` is the file's name without `.yaml`.

    `shared` are the slots of flows/shared.yaml. The draft is None when there is no telling what the flow is;
    otherwise it holds what could be read, so that the checks find everything else at once.
    """
    form = Form()
    fields = form.fields(node, "a flow", FLOW_KEYS)
    if fields is None:
        return None, form.problems
    flow_id = _flow_id(form, fields, stem)
    title = _word(form, fields, "title") or ""
    own, slot_marks = parse_slots(form, fields.get("remember"), "remember")
    uses = _uses(form, fields, own, shared)
    steps_node = form.required(fields, "steps", "a flow")
    steps_fields = form.fields(steps_node, "'steps'") if steps_node is not None else None
    marks = _step_marks(form, steps_fields)
    safety_critical = form.flag(fields.get("safety critical"), "safety critical")
    so_far = FlowSoFar(
        id=flow_id,
        slots={**{name: shared[name] for name in uses}, **own},
        unused=tuple(name for name in shared if name not in uses and name not in own),
        slot_marks=slot_marks,
        steps=marks,
        safety_critical=safety_critical,
    )
    steps: dict[str, Step] = {}
    for key, body in steps_fields or ():
        if key.value in marks:
            step = parse_step(form, key, body, so_far)
            if step is not None:
                steps[step.name] = step
    _no_double_past(form, steps)
    facts_node = fields.get("facts")
    facts = parse_facts_of(form, facts_node) if facts_node is not None else ()
    flow = Flow(
        id=flow_id,
        title=title,
        start=_start(form, fields, marks),
        mark=fields.key_mark("flow"),
        steps=steps,
        entry=_entries(form, fields),
        remember=own,
        uses=uses,
        sensitive=form.flag(fields.get("sensitive"), "sensitive"),
        high_stakes=form.flag(fields.get("high stakes"), "high stakes"),
        safety_critical=safety_critical,
        approval=_approval(form, fields),
    )
    draft = Draft(
        flow,
        facts,
        tuple(so_far.references),
        tuple(so_far.readings),
        slot_marks=tuple((name, mark) for name, mark in slot_marks.items() if mark is not None),
    )
    return draft, form.problems


def parse_shared(node: Node) -> tuple[Slots, list[Problem]]:
    """The slots that flows share: `remember:` of flows/shared.yaml."""
    form = Form()
    fields = form.fields(node, "flows/shared.yaml", {"remember"})
    if fields is None:
        return {}, form.problems
    slots, _ = parse_slots(form, fields.get("remember"), "remember")
    return slots, form.problems


def parse_facts(node: Node) -> tuple[tuple[Fact, ...], list[Problem]]:
    """The facts of one file of flows/facts/."""
    form = Form()
    fields = form.fields(node, "a file of facts", {"facts"})
    inner = form.required(fields, "facts", "a file of facts") if fields is not None else None
    return (parse_facts_of(form, inner) if inner is not None else ()), form.problems


def parse_slots(
    form: Form, node: Node | None, key: str
) -> tuple[dict[str, SlotType], dict[str, Mark | None]]:
    """Slot -> type, and slot -> where it is declared."""
    slots: dict[str, SlotType] = {}
    marks: dict[str, Mark | None] = {}
    fields = form.fields(node, f"'{key}'") if node is not None else None
    for name, type_node in fields or ():
        if not _SLOT.fullmatch(name.value) or keyword.iskeyword(name.value):
            form.fault(
                "F106", name.mark, f"'{name.value}' cannot be the name of a slot", "use letters, digits and _"
            )
            continue
        if name.value.lower() in _RESERVED_SLOTS:
            form.fault("F106", name.mark, f"'{name.value}' is a word of the language", "choose another name")
            continue
        kind = form.one_of(type_node, name.value, SLOT_TYPES)
        slots[name.value] = cast("SlotType", kind) if kind is not None else _probable_type(type_node)
        marks[name.value] = name.mark
    return slots, marks


def _probable_type(node: Node) -> SlotType:
    """What a misspelt type was meant to be, so that it is reported once."""
    meant = nearest(plain(node.value), SLOT_TYPES) if isinstance(node, Scalar) else None
    return cast("SlotType", meant) if meant is not None else "text"


def _word(form: Form, fields: Fields, key: str) -> str | None:
    node = form.required(fields, key, "a flow")
    return form.word(node, key) if node is not None else None


def _flow_id(form: Form, fields: Fields, stem: str) -> str:
    node = form.required(fields, "flow", "a flow")
    word = form.word(node, "flow") if node is not None else None
    if node is None or word is None:
        return stem
    if not _FLOW_ID.fullmatch(word):
        form.fault(
            "F106", node.mark, f"'{word}' cannot be the name of a flow", "use letters, digits, _, - and dots"
        )
    if word != stem:
        form.fault(
            "F105",
            node.mark,
            f"'flow: {word}' is not the name of its file",
            f"write 'flow: {stem}', or name the file {word}.yaml",
        )
    return stem


def _uses(form: Form, fields: Fields, own: Slots, shared: Slots) -> tuple[str, ...]:
    node = fields.get("uses")
    found = []
    for name, mark in form.words(node, "uses") if node is not None else ():
        if name in own:
            form.fault(
                "F210",
                mark,
                f"'{name}' is also under 'remember'",
                "keep it in one place: 'uses' for shared answers",
            )
        elif name in found:
            form.fault("F210", mark, f"'{name}' stands twice under 'uses'", "keep one")
        elif not form.unknown(
            "F209",
            (name, mark),
            dict.fromkeys(shared),
            message=f"flows/shared.yaml has no slot '{name}'",
            otherwise="declare it there under 'remember'",
        ):
            found.append(name)
    return tuple(found)


def _step_marks(form: Form, steps: Fields | None) -> dict[str, Mark | None]:
    marks: dict[str, Mark | None] = {}
    for key, _ in steps or ():
        if not _STEP.fullmatch(key.value) or key.value == "end":
            form.fault(
                "F106",
                key.mark,
                f"'{key.value}' cannot be the name of a step",
                "use letters, digits, _ and -; not 'end'",
            )
            continue
        marks[key.value] = key.mark
    if steps is not None and not steps.entries:
        form.fault("F103", steps.mark, "'steps' is empty", "write at least one step")
    return marks


def _start(form: Form, fields: Fields, steps: Mapping[str, Mark | None]) -> str:
    word = _word(form, fields, "start")
    node = fields.get("start")
    if word is None or node is None:
        return next(iter(steps), "")
    if not steps:
        return word
    form.unknown(
        "F104",
        (word, node.mark),
        steps,
        message=f"'start: {word}' leads nowhere",
        otherwise=f"add a step '{word}' below",
    )
    return word


def _entries(form: Form, fields: Fields) -> tuple[Entry, ...]:
    node = fields.get("entry")
    found: list[Entry] = []
    if node is None:
        return ()
    for word, mark in form.words(node, "entry"):
        name = plain(word)
        if not form.unknown(
            "F110",
            (name, mark),
            dict.fromkeys(ENTRIES),
            message=f"there is no entry '{word}'",
            otherwise=f"write one of: {', '.join(ENTRIES)}",
        ):
            found.append(cast("Entry", name))
    return tuple(dict.fromkeys(found))


def _approval(form: Form, fields: Fields) -> str:
    node = fields.get("approval")
    return (form.one_of(node, "approval", {"two people"}) or "") if node is not None else ""


def _no_double_past(form: Form, steps: Mapping[str, Step]) -> None:
    seen: dict[str, str] = {}
    for step in steps.values():
        for name in step.moved_from:
            if name in seen:
                form.fault(
                    "F210",
                    step.mark,
                    f"'{name}' moved to '{seen[name]}' and to '{step.name}'",
                    "keep one 'moved from'",
                )
            elif name in steps:
                form.fault(
                    "F210",
                    step.mark,
                    f"'{name}' moved to '{step.name}' and still exists",
                    "remove 'moved from', or the old step",
                )
            seen.setdefault(name, step.name)
