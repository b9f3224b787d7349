"""One step of a flow: what it says, asks, does, and where it goes."""

import re
from datetime import timedelta
from typing import Final

from bot.flow.definition import Expression, Step, Text
from bot.flow.forms import Form
from bot.flow.parse_choices import parse_choices
from bot.flow.parse_match import (
    HANDOFF_KEYS,
    MATCH_KEYS,
    counts,
    parse_avoid,
    parse_handoff,
    parse_match,
    parse_report,
)
from bot.flow.parse_next import parse_next
from bot.flow.step_form import FlowSoFar, StepForm
from bot.kernel.problems import Node, Scalar

STEP_KEYS: Final = frozenset(
    {
        *(
            "say",
            "fact",
            "ask",
            "choices",
            "also accept",
            "try again",
            "tries",
            "give up",
            "set",
            "call",
            "go",
        ),
        *(
            "end",
            "match",
            "report",
            "avoid",
            "tell",
            "handoff",
            "next",
            "remind after",
            "forget after",
            "show",
            "show text",
            "moved from",
        ),
        *("note", "safety critical", *MATCH_KEYS, *HANDOFF_KEYS),
    }
)
LAST: Final = ("call", "go", "end")
"""Keys that hand the conversation on; a step has at most one of them and asks nothing itself."""

_MEDIA: Final = re.compile(r"[\w-][\w.-]*")
_WORD: Final = re.compile(r"[\w-]+")
_BRACED: Final = re.compile(r"\{([^{}]*)\}")


def parse_step(form: Form, key: Scalar, body: Node, flow: FlowSoFar) -> Step | None:
    """The step under `key`, or None when its body is no form. Everything it refers to is noted in `flow`."""
    fields = form.fields(body, f"the step '{key.value}'", STEP_KEYS)
    if fields is None:
        return None
    step = StepForm(form, flow, key, fields)
    _goes_together(step)
    ask = _ask(step)
    return Step(
        name=key.value,
        mark=key.mark,
        say=step.texts("say"),
        facts=_facts(step),
        show=_media(step),
        show_text=_show_text(step),
        sets=_sets(step),
        match=parse_match(step),
        report=parse_report(step),
        avoid=parse_avoid(step),
        tells_words=_tells_words(step),
        ask=ask,
        choices=parse_choices(step, ask),
        try_again=step.texts("try again"),
        tries=_tries(step),
        give_up=step.optional_target("give up"),
        call=_flow(step, "call"),
        go=_flow(step, "go"),
        end=_end(step),
        handoff=parse_handoff(step),
        next=parse_next(step),
        remind_after=_duration(step, "remind after"),
        forget_after=_duration(step, "forget after"),
        safety_critical=flow.safety_critical or form.flag(fields.get("safety critical"), "safety critical"),
        moved_from=_words(step, "moved from"),
        note=_note(step),
    )


def _goes_together(step: StepForm) -> None:
    form, fields = step.form, step.fields
    if not fields.entries:
        form.fault(
            "F103",
            step.mark,
            f"the step '{step.name}' is empty",
            "write 'say: |' and a text, and 'next: ...'",
        )
    last = [key for key in LAST if step.get(key) is not None]
    for key in last[1:]:
        form.fault(
            "F111",
            fields.key_mark(key),
            f"'{last[0]}' and '{key}' cannot be in one step",
            "make two steps: a step does one thing",
        )
    asking = [key for key in ("report", "avoid") if step.get(key) is not None]
    for key in ("ask", "choices", "handoff", "match", *LAST, *asking[1:]) if asking else ():
        if step.get(key) is not None:
            form.fault(
                "F111",
                fields.key_mark(key),
                f"'{key}' and '{asking[0]}' cannot be in one step",
                "make two steps: a step does one thing",
            )
    for key in ("ask", "choices", "handoff", "match") if last else ():
        if step.get(key) is not None:
            form.fault(
                "F111",
                fields.key_mark(key),
                f"'{key}' and '{last[0]}' cannot be in one step",
                f"make a second step with '{last[0]}' and go there with 'next'",
            )
    if last and last[0] != "call" and step.get("next") is not None:
        form.fault(
            "F111",
            fields.key_mark("next"),
            f"'next' is never reached behind '{last[0]}'",
            "remove one of the two",
        )
    _needs(step, "match", tuple(key for key in MATCH_KEYS if key != "if none"))
    _needs(step, "match', 'report' or 'avoid", ("if none",), ("match", "report", "avoid"))
    _needs(step, "handoff", HANDOFF_KEYS)
    _needs(step, "ask' or 'choices", ("try again", "tries", "give up"), ("ask", "choices"))
    _needs(step, "choices", ("also accept",))
    _needs(step, "show", ("show text",))
    _needs(
        step, "ask', 'choices' or 'handoff", ("remind after", "forget after"), ("ask", "choices", "handoff")
    )


def _tells_words(step: StepForm) -> bool:
    """Whether the step tells the code words of open cases."""
    node = step.get("tell")
    return node is not None and step.form.one_of(node, "tell", ("code words",)) is not None


def _needs(step: StepForm, named: str, keys: tuple[str, ...], wanted: tuple[str, ...] = ()) -> None:
    if any(step.get(key) is not None for key in wanted or (named,)):
        return
    for key in keys:
        if step.get(key) is not None:
            step.form.fault(
                "F113",
                step.fields.key_mark(key),
                f"'{key}' does nothing in a step without '{named}'",
                f"remove it, or add '{named}'",
            )


def _ask(step: StepForm) -> str | None:
    node = step.get("ask")
    word = step.form.word(node, "ask") if node is not None else None
    if node is None or word is None:
        return None
    return word if step.slot(word, node.mark, f"'ask: {word}'") else None


def _facts(step: StepForm) -> tuple[str, ...]:
    node = step.get("fact")
    found = step.form.words(node, "fact") if node is not None else ()
    for name, mark in found:
        for slot in _BRACED.findall(name):
            if step.slot(slot, mark, f"'fact: {name}'"):
                step.read(slot, mark, 0, "a fact")
        step.refer("fact", name, mark, "fact")
    return tuple(name for name, _ in found)


def _media(step: StepForm) -> str | None:
    node = step.get("show")
    if node is None or counts(node):
        if node is not None and step.get("match") is None:
            step.form.fault(
                "F113",
                node.mark,
                "a number at 'show' is for 'match'",
                "write a file of flows/media/, or add 'match'",
            )
        return None
    word = step.form.word(node, "show")
    if word is None:
        return None
    if step.get("show text") is None:
        step.form.fault(
            "F113",
            node.mark,
            "'show' has no 'show text'",
            "add 'show text: |' with what the picture or audio says, for people who cannot see or hear it",
        )
    name = word.removeprefix("flows/").removeprefix("media/")
    if not _MEDIA.fullmatch(name):
        step.form.fault(
            "F106", node.mark, f"'{word}' cannot be the name of a file", "write a file of flows/media/"
        )
        return None
    step.refer("media", name, node.mark, "show")
    return name


def _show_text(step: StepForm) -> Text | None:
    node = step.get("show text")
    return step.text(node, "show text", step.context("show_text")) if node is not None else None


def _sets(step: StepForm) -> tuple[tuple[str, Expression], ...]:
    node = step.get("set")
    fields = step.form.fields(node, "'set'") if node is not None else None
    found = []
    for key, value in fields or ():
        known = step.slot(key.value, key.mark, f"'{key.value}'")
        expression = step.value(value, key.value) if known else None
        if expression is not None:
            found.append((key.value, expression))
    return tuple(found)


def _tries(step: StepForm) -> int:
    node = step.get("tries")
    return (step.form.number(node, "tries", least=1, most=9) or 2) if node is not None else 2


def _flow(step: StepForm, key: str) -> str | None:
    node = step.get(key)
    word = step.form.word(node, key) if node is not None else None
    if node is None or word is None:
        return None
    step.refer("flow", word, node.mark, key)
    return word


def _end(step: StepForm) -> str | None:
    node = step.get("end")
    word = step.form.word(node, "end") if node is not None else None
    if node is None or word is None:
        return None
    if not _WORD.fullmatch(word):
        step.form.fault("F110", node.mark, f"'end: {word}' is not one word", "write one word: end: in_danger")
        return None
    return word


def _duration(step: StepForm, key: str) -> timedelta | None:
    node = step.get(key)
    return step.form.duration(node, key) if node is not None else None


def _words(step: StepForm, key: str) -> tuple[str, ...]:
    node = step.get(key)
    return tuple(word for word, _ in step.form.words(node, key)) if node is not None else ()


def _note(step: StepForm) -> str:
    node = step.get("note")
    scalar = step.form.scalar(node, "note") if node is not None else None
    return scalar.value.strip() if scalar is not None else ""
