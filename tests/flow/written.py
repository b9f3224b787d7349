"""Flows written in tests: the shortest text that shows one thing."""

from collections.abc import Callable, Mapping
from textwrap import dedent, indent

from bot.content.marks import read_yaml
from bot.flow.definition import SlotType, Step, Value
from bot.flow.draft import Draft
from bot.flow.parse import parse_flow
from bot.kernel.problems import Problem

SHARED: Mapping[str, SlotType] = {"country": "place", "interpreter": "text"}


def a_flow(steps: str, *, top: str = "", name: str = "help", start: str = "one") -> str:
    """A whole flow around `steps`; `top` are further lines at its top."""
    head = f"flow: {name}\ntitle: Help\nstart: {start}\n{dedent(top).strip()}\n".replace("\n\n", "\n")
    return f"{head}steps:\n{indent(dedent(steps).strip(), '  ')}\n"


def drafted(
    text: str, *, name: str = "help", shared: Mapping[str, SlotType] = SHARED
) -> tuple[Draft, list[Problem]]:
    """The draft of a flow file and its problems; fails where the file is no flow at all."""
    node, problems = read_yaml(text.encode(), f"flows/{name}.yaml")
    assert node is not None, problems
    draft, found = parse_flow(node, name, shared)
    assert draft is not None, found
    return draft, problems + found


def the_step(steps: str, *, top: str = "") -> Step:
    """The step `one` of a flow without problems."""
    draft, problems = drafted(a_flow(steps, top=top))
    assert problems == []
    return draft.flow.steps["one"]


def problems_of(steps: str, *, top: str = "") -> list[tuple[str, str, str, str]]:
    """Line and column, code, message and mend of each problem of `steps`."""
    return shown(drafted(a_flow(steps, top=top))[1])


def answering(answers: Mapping[str, Value]) -> Callable[[str], Value | None]:
    """A lookup of slots."""
    return answers.get


def shown(problems: list[Problem]) -> list[tuple[str, str, str, str]]:
    """Line and column, code, message and mend of each problem."""
    return [(f"{one.mark.line}:{one.mark.column}", one.code, one.message, one.mend) for one in problems]
