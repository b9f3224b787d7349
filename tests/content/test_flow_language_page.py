"""docs/reference/flow-language.md against the program: the same keys, types and entries; its examples are sound."""

import re
from pathlib import Path
from typing import get_args

from bot.content.marks import read_yaml
from bot.flow.definition import Entry, SlotType
from bot.flow.lint import World, lint_flows
from bot.flow.parse import FLOW_KEYS, parse_facts, parse_flow
from bot.flow.parse_facts import FACT_KEYS, STATES
from bot.flow.parse_step import STEP_KEYS
from tests.content.foreign import TODAY

PAGE = (Path(__file__).parents[2] / "docs/reference/flow-language.md").read_text(encoding="utf-8")


def part(title: str) -> str:
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def keys(table: str) -> set[str]:
    """The words in backticks of the first column."""
    return {
        key
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for key in re.findall(r"`([^`]+)`", row)
    }


def test_every_key_of_a_flow_is_on_the_page_and_no_other() -> None:
    assert keys(part("Keys of a flow")) == FLOW_KEYS


def test_every_key_of_a_step_is_on_the_page_and_no_other() -> None:
    assert keys(part("Keys of a step")) == STEP_KEYS


def test_every_key_and_state_of_a_fact_is_on_the_page_and_no_other() -> None:
    assert keys(part("Facts")) == FACT_KEYS
    assert all(f"`{state}`" in part("Facts") for state in STATES)


def test_every_type_of_a_slot_and_every_entry_is_on_the_page() -> None:
    assert keys(part("Types of a slot")) == set(get_args(SlotType))
    assert all(f"`{entry}`" in part("Keys of a flow") for entry in get_args(Entry))


def test_the_examples_of_the_page_are_sound() -> None:
    flow, facts = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    node, problems = read_yaml(flow.encode(), "flows/ticket.yaml")
    assert node is not None
    draft, found = parse_flow(node, "ticket", {})
    assert draft is not None
    fact_node, fact_problems = read_yaml(facts.encode(), "flows/facts/example.yaml")
    assert fact_node is not None
    parsed, fact_found = parse_facts(fact_node)
    lint = lint_flows([draft], parsed, World(today=TODAY))

    assert problems == found == fact_problems == fact_found == []
    assert {problem.code for problem in lint} == {"F306"}  # a page does not hold every entry
