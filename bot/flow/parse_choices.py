"""The choices of a step: `Label -> step` on one line, or label, go, words and if below each other."""

import re
from typing import Final

from bot.flow.definition import END, Choice
from bot.flow.step_form import StepForm
from bot.kernel.problems import Fields, Mark, Node, Scalar

CHOICE_KEYS: Final = frozenset({"label", "go", "words", "if"})

_NAME: Final = re.compile(r"[^\W_][\w -]{0,39}")
_ARROW: Final = "->"


def parse_choices(step: StepForm, ask: str | None) -> tuple[Choice, ...]:
    """The choices in file order, with the words of `also accept` added."""
    node = step.get("choices")
    if node is None:
        _choices_wanted(step, ask)
        return ()
    fields = step.form.fields(node, "'choices'")
    if fields is None:
        return ()
    if not fields.entries:
        step.form.fault("F103", node.mark, "'choices' is empty", "write for example 'yes: Yes -> step'")
    names: dict[str, Mark | None] = {key.value: key.mark for key, _ in fields}
    more = _also_accepted(step, names)
    found = [_choice(step, key, body, more.get(key.value, ())) for key, body in fields]
    return tuple(choice for choice in found if choice is not None)


def _choices_wanted(step: StepForm, ask: str | None) -> None:
    if ask is not None and step.flow.slots.get(ask) == "choice":
        step.form.fault(
            "F407",
            step.fields.key_mark("ask"),
            f"'{ask}' is a choice, and there are no 'choices' to tap",
            "add 'choices:' and below it 'name: Label -> step'",
        )


def _also_accepted(step: StepForm, names: dict[str, Mark | None]) -> dict[str, tuple[str, ...]]:
    node = step.get("also accept")
    fields = step.form.fields(node, "'also accept'") if node is not None else None
    found = {}
    for key, words in fields or ():
        if not step.form.unknown(
            "F208",
            (key.value, key.mark),
            names,
            message=f"'also accept' names no choice of this step: '{key.value}'",
            otherwise="remove the line",
        ):
            found[key.value] = tuple(word for word, _ in step.form.words(words, "also accept"))
    return found


def _choice(step: StepForm, key: Scalar, body: Node, more: tuple[str, ...]) -> Choice | None:
    if not _NAME.fullmatch(key.value):
        step.form.fault(
            "F106", key.mark, f"'{key.value}' cannot be the name of a choice", "use letters, digits and _"
        )
        return None
    context = step.context(f"choices.{key.value}")
    if isinstance(body, Fields) and (not body.inline or body.get("label") is not None):
        return _long_choice(step, key, body, context, more)
    if isinstance(body, Fields):
        step.form.text(body, key.value, context)
        return None
    return _short_choice(step, key, body, context, more)


def _short_choice(
    step: StepForm, key: Scalar, body: Node, context: str, more: tuple[str, ...]
) -> Choice | None:
    scalar = step.form.scalar(body, key.value)
    if scalar is None:
        return None
    label, arrow, target = (part.strip() for part in scalar.value.partition(_ARROW))
    if not arrow:
        step.form.nothing_lost(scalar)
    if not label or (arrow and not target) or _ARROW in target:
        _misshapen(step, key, scalar, label, target)
        target = END
    text = step.form.text_of(label, scalar.mark, context)
    step.placeholders(text, 2)
    go = step.step_named(target, scalar.mark, f"'{label} -> {target}'") if arrow else None
    return Choice(key.value, text, key.mark, go, more)


def _misshapen(step: StepForm, key: Scalar, scalar: Scalar, label: str, target: str) -> None:
    what = f"the choice '{key.value}'"
    if _ARROW in target:
        message = f"{what} has several '->'"
        mend = "write 'label: ...' and 'go: ...' below each other; then the label may hold '->'"
    elif label:
        message = f"{what} has no step behind '->'"
        mend = f"write '{key.value}: {label} -> step', or leave '->' out to go to 'next'"
    else:
        message = f"{what} has no label before '->'"
        mend = f"write '{key.value}: Label -> {target or 'step'}'"
    step.form.fault("F109", scalar.mark, message, mend)


def _long_choice(
    step: StepForm, key: Scalar, body: Fields, context: str, more: tuple[str, ...]
) -> Choice | None:
    what = f"the choice '{key.value}'"
    fields = step.form.fields(body, what, CHOICE_KEYS)
    label = step.form.required(body, "label", what)
    if fields is None or label is None:
        return None
    text = step.text(label, "label", context)
    go = fields.get("go")
    words = fields.get("words")
    condition = fields.get("if")
    accepted = tuple(word for word, _ in step.form.words(words, "words")) if words is not None else ()
    target = step.target(go, "go") if go is not None else None
    expression = step.condition(condition, 2) if condition is not None else None
    if text is None:
        return None
    return Choice(key.value, text, key.mark, target, (*accepted, *more), expression)
