"""One step while it is read: it knows its flow, checks the names it meets and notes what it refers to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.flow.definition import END, Expression, SlotType, Text, Value
from bot.flow.draft import Reading, Reference, ReferenceKind, Stage
from bot.flow.expressions import BUILT_IN, SEALED, compile_condition, compile_value
from bot.flow.forms import Form
from bot.flow.nearest import mend_name
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

_NAMED_TYPES: Final[Mapping[SlotType, ReferenceKind]] = {
    "place": "place",
    "need": "need",
    "language": "language",
}
"""Types whose values are names of the directory or of languages.yaml."""


@dataclass(slots=True)
class FlowSoFar:
    """What a step may refer to in its own flow, and what was collected on the way."""

    id: str
    slots: Mapping[str, SlotType]
    unused: tuple[str, ...]
    slot_marks: Mapping[str, Mark | None]
    steps: Mapping[str, Mark | None]
    safety_critical: bool = False
    references: list[Reference] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)


class StepForm:
    """One step while it is read: knows its flow, and answers with checked names."""

    def __init__(self, form: Form, flow: FlowSoFar, key: Scalar, fields: Fields) -> None:
        self.form = form
        self.flow = flow
        self.name = key.value
        self.mark = key.mark
        self.fields = fields

    def get(self, key: str) -> Node | None:
        """The value under `key`."""
        return self.fields.get(key)

    def context(self, field_name: str) -> str:
        """The msgctxt of a text of this step."""
        return f"{self.flow.id}/{self.name}/{field_name}"

    def texts(self, key: str) -> tuple[Text, ...]:
        """A text or a list of texts; their placeholders are readings."""
        node = self.get(key)
        if node is None:
            return ()
        nodes = node.values if isinstance(node, Items) else (node,)
        if not nodes:
            self.form.fault("F103", node.mark, f"'{key}' is empty", "write a text, or remove the line")
        name = key.replace(" ", "_")
        contexts = [self.context(name if index == 0 else f"{name}.{index}") for index in range(len(nodes))]
        found = [self.text(item, key, context) for item, context in zip(nodes, contexts, strict=True)]
        return tuple(text for text in found if text is not None)

    def text(self, node: Node, key: str, context: str) -> Text | None:
        """One text of this step."""
        text = self.form.text(node, key, context)
        if text is not None:
            self.placeholders(text, 2 if key in {"try again", "label"} else 0)
        return text

    def placeholders(self, text: Text, stage: Stage) -> None:
        """Check the slots in braces."""
        for name in text.placeholders:
            if name == "count" and "count" not in self.flow.slots:
                self.flow.readings.append(Reading("count", text.mark, self.name, stage))
            elif self.slot(name, text.mark, f"'{{{name}}}'"):
                self.read(name, text.mark, stage, "a text")

    def slot(self, name: str, mark: Mark, what: str) -> bool:
        """Whether `name` is a slot this flow may use; a problem when it is not."""
        if name in self.flow.slots:
            return True
        if name in self.flow.unused:
            self.form.fault(
                "F201",
                mark,
                f"this flow does not use the shared slot '{name}'",
                f"add it at the top: uses: [{name}]",
            )
            return False
        marks = {slot: self.flow.slot_marks.get(slot) for slot in self.flow.slots}
        self.form.fault(
            "F201",
            mark,
            f"{what} names no slot of this flow",
            mend_name(name, marks, otherwise=f"name it under 'remember': {name}: text"),
        )
        return False

    def read(self, name: str, mark: Mark, stage: Stage, by: str, *, sealed_too: bool = False) -> None:
        """Note that a slot is read here; a sealed one only by `share`."""
        if not sealed_too and self.flow.slots.get(name) in SEALED:
            self.form.fault(
                "F403",
                mark,
                f"'{name}' is sealed and cannot be read by {by}",
                "leave it out; a sealed answer only goes into 'share' of a handoff",
            )
        self.flow.readings.append(Reading(name, mark, self.name, stage))

    def target(self, node: Node, key: str) -> str | None:
        """A step of this flow, or `end`."""
        word = self.form.word(node, key)
        return self.step_named(word, node.mark, f"'{key}: {word}'") if word is not None else None

    def optional_target(self, key: str) -> str | None:
        """The step under `key`, or None when the key is not there."""
        node = self.get(key)
        return self.target(node, key) if node is not None else None

    def step_named(self, word: str, mark: Mark, what: str) -> str:
        """`word`, with a problem when no step has that name."""
        if word != END:
            self.form.unknown(
                "F104",
                (word, mark),
                self.flow.steps,
                message=f"{what} leads nowhere",
                otherwise=f"add a step '{word}'; another flow is reached by a step with 'go: {word}'",
            )
        return word

    def refer(self, kind: ReferenceKind, name: str, mark: Mark, key: str) -> None:
        """Note a name that must exist outside this flow."""
        self.flow.references.append(Reference(kind, name, mark, self.name, key))

    def condition(self, node: Node, stage: Stage) -> Expression | None:
        """The expression of an `if`."""
        scalar = self.form.scalar(node, "if")
        if scalar is None:
            return None
        expression, problems = compile_condition(scalar, self.flow.slots, self.flow.unused)
        return self._noted(expression, problems, stage)

    def value(self, node: Node, slot: str) -> Expression | None:
        """The expression of a `set`."""
        scalar = self.form.scalar(node, slot)
        if scalar is None:
            return None
        expression, problems = compile_value(
            scalar, self.flow.slots.get(slot, "text"), self.flow.slots, self.flow.unused
        )
        if expression is not None and not expression.names:
            self._refer_to(slot, expression.evaluate(lambda _: None), expression.mark, "set")
        return self._noted(expression, problems, 1)

    def _refer_to(self, slot: str, value: Value | None, mark: Mark, key: str) -> None:
        """Note a place, a need or a language that is written out."""
        kind = _NAMED_TYPES.get(self.flow.slots.get(slot, "text"))
        if kind is not None and isinstance(value, str) and value:
            self.refer(kind, value, mark, key)

    def _noted(
        self, expression: Expression | None, problems: list[Problem], stage: Stage
    ) -> Expression | None:
        self.form.problems.extend(problems)
        if expression is None:
            return None
        for slot, value in expression.compared:
            self._refer_to(slot, value, expression.mark, "if")
        for name in expression.names:
            if name not in BUILT_IN or name in self.flow.slots or name == "result":
                self.flow.readings.append(Reading(name, expression.mark, self.name, stage))
        return expression
