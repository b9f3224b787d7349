"""Whatever stands in a file, it is read or refused with a place inside it, and never crashes the check."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.folders import read_content
from bot.content.marks import read_yaml
from bot.content.mending import mended
from bot.flow.lint import World, lint_flows
from bot.flow.parse import parse_facts, parse_flow, parse_shared
from bot.kernel.problems import Problem
from tests.content.foreign import HOUSING, TODAY, write
from tests.flow.written import SHARED

PIECES = (
    "say: |", "say:", "- ", "  ", "\n", ": ", "#", " #", "{", "}", "[", "]", "->", "'", '"', "|", ">", "&a", "*a", "!t",
    "steps:", "choices:", "next:", "if:", "go:", "end", "{city}", "result ==", "null", "~", "\t", "é", "ع", "\u2028", "\x85",
    "facts:", "remember:", "uses:", "match: shelter", "show: 3", "fact: 'sos.{x}'", "handoff: general", "set:", "call: housing",
)  # fmt: skip


def checked(source: bytes) -> list[Problem]:
    node, problems = read_yaml(source, "flows/housing.yaml")
    if node is None:
        assert problems
        return problems
    draft, found = parse_flow(node, "housing", SHARED)
    _, shared = parse_shared(node)
    facts, more = parse_facts(node)
    problems += [*found, *shared, *more]
    if draft is not None:
        problems += lint_flows([draft], [*facts, *draft.facts], World(today=TODAY, shared=SHARED))
    return problems


def assert_inside(source: bytes, problems: list[Problem]) -> None:
    lines = source.decode("utf-8", errors="replace").removeprefix("\ufeff").splitlines() or [""]
    for problem in problems:
        assert problem.message
        assert problem.mend
        assert problem.mark.file == "flows/housing.yaml"
        assert 1 <= problem.mark.line <= len(lines) + 1
        line = lines[problem.mark.line - 1] if problem.mark.line <= len(lines) else ""
        assert 1 <= problem.mark.column <= len(line) + 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    assert_inside(source, checked(source))


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.integers(0, len(HOUSING)), st.integers(0, 30), st.sampled_from(PIECES)),
        min_size=1,
        max_size=4,
    )
)
def test_any_change_to_a_good_file_is_read_or_refused(changes: list[tuple[int, int, str]]) -> None:
    text = HOUSING
    for at, length, piece in changes:
        text = text[:at] + piece + text[at + length :]
    source = text.encode()

    assert_inside(source, checked(source))
    again = mended(source, "flows/housing.yaml")
    assert mended(again, "flows/housing.yaml") == again


@settings(max_examples=100)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_heap_of_pieces_is_read_or_refused(text: str) -> None:
    assert_inside(text.encode(), checked(text.encode()))


# No deadline: the words of all shipped languages are read too.
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(
        [
            "flows/shared.yaml",
            "flows/facts/a.yaml",
            "directory/taxonomy.yaml",
            "directory/network.yaml",
            "directory/places.yaml",
            "directory/rs/rs-lantern.yaml",
            "translations/languages.yaml",
            "translations/en/phrases.yaml",
            "translations/en/commands.yaml",
            "translations/sr/flows.po",
        ]
    ),
    st.one_of(
        st.binary(max_size=60),
        st.lists(
            st.sampled_from([*PIECES, "needs:", "- {code: sr", "organisations:", 'msgid "', "en: [a]"]),
            max_size=12,
        )
        .map("".join)
        .map(str.encode),
    ),
)
def test_any_file_of_a_folder_is_read_or_refused(tmp_path: Path, path: str, source: bytes) -> None:
    root = write(
        tmp_path, {"translations/languages.yaml": "- {code: en, name: English}\n- {code: sr, name: S}\n"}
    )
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(source)

    for problem in read_content(root, today=TODAY).problems:
        assert problem.message
        assert problem.mend
    (root / path).unlink()
