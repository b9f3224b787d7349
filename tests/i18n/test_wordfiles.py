from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.i18n.codes import CODES
from bot.i18n.wordfiles import (
    COMMANDS,
    CRISIS_KINDS,
    parse_abuse,
    parse_commands,
    parse_crisis,
    parse_phrases,
)
from bot.kernel.problems import Node, Problem

Parser = Callable[[Node, str], tuple[Mapping[str, tuple[str, ...]], list[Problem]]]


def _read(parse: Parser, text: str) -> tuple[Mapping[str, tuple[str, ...]], list[str]]:
    node, _ = read_yaml(text.encode(), "words.yaml")
    assert node is not None
    words, problems = parse(node, "en")
    assert all(problem.mend and problem.code in CODES for problem in problems)
    return words, [problem.code for problem in problems]


def test_phrases_are_read_per_flow_and_too_few_are_told() -> None:
    words, codes = _read(parse_phrases, "menu.main: [start, hello  there]\n")

    assert words == {"menu.main": ("start", "hello there")}
    assert codes == ["T304"]


def test_phrases_of_a_flow_that_does_not_exist_are_left_out() -> None:
    node, _ = read_yaml(b"menu.main: [a]\nmenu.man: [b]\nnone: [weather]\n", "phrases.yaml")
    assert node is not None

    words, problems = parse_phrases(node, "en", flows=["menu.main"])

    assert set(words) == {"menu.main", "none"}
    assert [(p.code, p.severity) for p in problems if p.severity == "error"] == [("T302", "error")]


@pytest.mark.parametrize(
    ("parse", "text", "code"),
    [
        (parse_phrases, "- a", "T301"),
        (parse_phrases, "a: {b: c}", "T303"),
        (parse_phrases, "a: ['']", "T303"),
        (parse_phrases, "a: [x]\nb: [X]", "T305"),
        (parse_crisis, "- a", "T401"),
        (parse_crisis, "sadness: [x]", "T402"),
        (parse_crisis, "suicide: [[a]]", "T403"),
        (parse_crisis, "suicide: ['k*']", "T403"),
        (parse_crisis, "suicide: [suicid*]", "T404"),
        (parse_commands, "- a", "T501"),
        (parse_commands, "quit: [x]", "T502"),
        (parse_commands, "leave: ['0']", "T503"),
        (parse_commands, "leave: [exit]\nback: [EXIT]", "T504"),
        (parse_commands, "leave: [exit]", "T505"),
        (parse_abuse, "- a", "T506"),
        (parse_abuse, "insults: [go to hell]", "T506"),
        (parse_abuse, "abuse: [[a]]", "T507"),
        (parse_abuse, "abuse: ['k*']", "T507"),
    ],
)
def test_each_fault_of_a_word_list_has_its_code(parse: Parser, text: str, code: str) -> None:
    assert code in _read(parse, text)[1]


def test_keys_may_be_written_with_spaces_or_underscores() -> None:
    assert _read(parse_crisis, "danger_now: [he is here with a knife]")[0] == {
        "danger now": ("he is here with a knife",)
    }
    assert _read(parse_commands, "one_minute: 1min")[0] == {"one minute": ("1min",)}


def test_the_kinds_and_commands_are_those_of_the_contract() -> None:
    assert CRISIS_KINDS == ("suicide", "danger now", "violence", "trafficking", "child", "medical")
    assert len(COMMANDS) == 14


@pytest.mark.parametrize("parse", [parse_phrases, parse_crisis, parse_commands, parse_abuse])
@given(text=st.text())
def test_no_yaml_breaks_a_word_list(parse: Parser, text: str) -> None:
    node, _ = read_yaml(text.encode("utf-8", "ignore"), "words.yaml")
    if node is not None:
        parse(node, "en")
