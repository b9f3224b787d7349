"""Scripted conversations: how they are read, and that each kind of difference is told with its place."""

from dataclasses import replace
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.flow.library import Library
from bot.flow.playing import Outcome, coverage, play, play_all
from bot.flow.script import Script, parse_scripts
from bot.kernel.problems import Problem
from tests.flow.stage import ENTRIES, HOUSING, NOON, a_library, a_tree

AS_DOCUMENTED = """
flow: housing
tests:
  - name: someone who needs a place tonight and finds none reaches a person
    languages: all
    given: {directory: empty, safety.check: safe, on duty: true}
    talk:
      - bot: permission
      - tap: yes
      - bot: ask_city
      - person: qqqq
      - bot: ask_city.try_again
      - tap: skip
      - bot: ask_urgency
      - tap: tonight
      - bot: person.consent
      - tap: yes
      - bot: person
      - person: I slept at the station
      - at: end
    expect: {queued: shelter, urgency: now, shared: [urgency, note], never_logged: [station]}
"""
"""The example of the flow language, with this library's queue."""

SAFETY = """
flow: safety.check
title: Safety
start: ask
remember: {how: choice}
steps:
  ask:
    say: |
      Are you safe?
    ask: how
    choices:
      yes: Yes
      no: No
    next:
      - if: how == "no"
        go: danger
      - go: fine
  danger:
    end: in_danger
  fine:
    end: safe
"""


def the_documented_library() -> Library:
    housing = (
        HOUSING.replace("start: ask_city", "start: ask_city\nsensitive: true")
        .replace("Tonight -> results", "Tonight -> safety")
        .replace(
            "  results:\n",
            '  safety:\n    call: safety.check\n    next:\n      - if: result == "in_danger"\n        go: person\n      - go: results\n  results:\n',
        )
        .replace("urgency: soon", "urgency: now")
    )
    return a_library(f"{housing.strip()}\n---\n{SAFETY.strip()}")


def read(text: str, library: Library) -> list[Script]:
    scripts, problems = parse_scripts(a_tree(text, "flows/housing.test.yaml"), frozenset(library.flows))
    assert not problems, problems
    return scripts


def problems_of(text: str) -> list[Problem]:
    return parse_scripts(a_tree(text, "flows/housing.test.yaml"), frozenset({"housing"}))[1]


def play_one(talk: str, rest: str = "", library: Library | None = None, logged: str = "") -> Outcome:
    body = dedent(talk).strip().replace("\n", "\n      ")
    found = library or a_library()
    text = f"flow: housing\ntests:\n  - name: one\n    talk:\n      {body}\n{rest}"
    return play(read(text, found)[0], found, now=NOON, logged=lambda: logged)


def test_the_example_of_the_flow_language_goes_as_written_in_every_language_with_texts() -> None:
    library = the_documented_library()

    outcomes = play_all(read(AS_DOCUMENTED, library), library, now=NOON)

    assert [(outcome.language, outcome.failure) for outcome in outcomes] == [("en", None)]


def test_a_flow_that_is_given_a_result_is_not_run() -> None:
    library = the_documented_library()
    in_danger = AS_DOCUMENTED.replace("safety.check: safe", "safety.check: in_danger")

    outcome = play_all(read(in_danger, library), library, now=NOON)[0]

    assert outcome.failure is None
    assert not any(name.startswith("safety.check/ask") for name in outcome.passed)


def test_each_kind_of_line_is_played() -> None:
    outcome = play_one(
        """
        - bot: ask_city
        - person: Belgrade
        - bot: ask_urgency
        - command: help
        - bot: ask_urgency
        - command: sos
        - bot: sos/numbers
        - tap: done
        - at: ask_urgency
        - wait: 6 minutes
        - person: tonight
        - bot: idle
        - tap: continue
        - bot: results.empty
        - bot: person.consent
        - tap: no
        - wait: 40 minutes
        - person: hello
        - bot: tongue/pick
        """
    )

    assert outcome.failure is None


def test_a_tap_finds_its_choice_on_a_later_page() -> None:
    choices = "\n".join(f"      c{number}: Number {number} -> results" for number in range(1, 20))
    library = a_library(
        HOUSING.replace(
            "      tonight: Tonight -> results\n", f"{choices}\n      tonight: Tonight -> results\n"
        )
    )

    assert play_one("- tap: skip\n- tap: c18\n- bot: results.empty", library=library).failure is None


@pytest.mark.parametrize(
    ("talk", "line", "expected", "got"),
    [
        ("- bot: ask_urgency", 5, "the bot at ask_urgency", "it was at ask_city"),
        ("- tap: skip\n- bot: ask_city", 6, "the bot at ask_city", "it was at ask_urgency"),
        ("- tap: nowhere", 5, "a choice 'nowhere'", "the choices here are: skip"),
        ("- at: end", 5, "the conversation at end", "it is at ask_city"),
        ("- tap: skip\n- at: ask_city", 6, "the conversation at ask_city", "it is at ask_urgency"),
        ("- command: leave\n- at: ask_city", 6, "the conversation at ask_city", "it is at the end"),
        ("- bot: ask_city\n- bot: ask_city", 6, "the bot at ask_city", "it was at ask_city"),
    ],
)
def test_a_difference_is_told_in_plain_words_with_its_place(
    talk: str, line: int, expected: str, got: str
) -> None:
    failure = play_one(talk).failure

    assert failure is not None
    assert (failure.mark.file, failure.mark.line) == ("flows/housing.test.yaml", line)
    assert (failure.expected, failure.got) == (expected, got)


def test_a_difference_comes_with_what_the_person_read() -> None:
    failure = play_one("- bot: results").failure

    assert failure is not None
    assert failure.texts == ("Which city are you in? You can skip this.",)


HANDOFF = """
- tap: skip
- tap: tonight
- tap: yes
- person: I slept at the station
"""


@pytest.mark.parametrize(
    ("expect", "wanted", "got"),
    [
        ("queued: legal", "queued: legal", "queued: shelter"),
        ("queued: none", "queued: nothing", "queued: shelter"),
        ("urgency: now", "urgency: now", "urgency: soon"),
        ("shared: [urgency]", "shared: urgency", "shared: note, urgency"),
        ("shared: [city, urgency, note]", "shared: city, note, urgency", "shared: note, urgency"),
    ],
)
def test_what_is_expected_at_the_end_is_exact(expect: str, wanted: str, got: str) -> None:
    failure = play_one(HANDOFF, f"    expect: {{{expect}}}\n").failure

    assert failure is not None
    assert (failure.expected, failure.got) == (wanted, got)


def test_what_is_expected_and_so_passes() -> None:
    rest = "    expect: {queued: shelter, urgency: soon, shared: [note, urgency], never_logged: [station]}\n"

    assert play_one(HANDOFF, rest).failure is None


def test_a_word_that_was_logged_is_told() -> None:
    failure = play_one(
        HANDOFF, "    expect: {never logged: [station]}\n", logged="I slept at the Station"
    ).failure

    assert failure is not None
    assert failure.got == "it was logged"


@pytest.mark.parametrize(
    ("given", "bot"),
    [
        ("on duty: false", "leave_message"),
        ("on duty: true", "person.queued"),
        ("slots: {city: rs-beograd}", "person.queued"),
        ("now: 2026-11-23 10:00", "person.queued"),
    ],
)
def test_what_is_given_holds(given: str, bot: str) -> None:
    assert play_one(f"{HANDOFF.strip()}\n- bot: {bot}", f"    given: {{{given}}}\n").failure is None


def test_without_keys_nobody_can_receive_a_case() -> None:
    talk = "- tap: skip\n- tap: tonight\n- bot: person.nobody\n- bot: sos/numbers"

    assert play_one(talk, "    given: {keys: false}\n    expect: {queued: nothing}\n").failure is None


def test_a_slot_that_does_not_exist_cannot_be_given() -> None:
    failure = play_one("- bot: ask_city", "    given: {slots: {town: x}}\n").failure

    assert failure is not None
    assert failure.expected == "a slot 'town' in housing"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("flow: hausing\ntests: []\n", "S102", "there is no flow 'hausing'"),
        ("flow: housing\n", "S101", "'tests' is missing"),
        ("flow: housing\ntests:\n  - talk: []\n", "S101", "'name' is missing"),
        (
            "flow: housing\ntests:\n  - name: x\n    talk:\n      - says: hi\n",
            "S101",
            "'says' is not known in a talk",
        ),
        (
            "flow: housing\ntests:\n  - name: x\n    talk:\n      - wait: a while\n",
            "S101",
            "'a while' is no time to wait",
        ),
        (
            "flow: housing\ntests:\n  - name: x\n    talk: []\n    expects: {}\n",
            "S101",
            "'expects' is not known here",
        ),
        (
            "flow: housing\ntests:\n  - name: x\n    talk: []\n    given: {weather: bad}\n",
            "S101",
            "'weather' is not known here",
        ),
        (
            "flow: housing\ntests:\n  - name: x\n    talk: []\n    given: {now: soon}\n",
            "S101",
            "'soon' is no date",
        ),
        (
            "flow: housing\ntests:\n  - name: x\n    talk: []\n    given: {on duty: maybe}\n",
            "S101",
            "'maybe' is neither true nor false",
        ),
        ("- one\n- two\n", "S101", "a file of conversations is written as 'key: value'"),
    ],
)
def test_a_faulty_file_is_told_with_code_place_and_mend(text: str, code: str, message: str) -> None:
    (problem,) = problems_of(text)

    assert (problem.code, problem.message) == (code, message)
    assert problem.mend
    assert problem.mark.line >= 1


def test_a_faulty_test_does_not_hide_the_others() -> None:
    text = "flow: housing\ntests:\n  - name: x\n    talk: [nothing]\n  - name: y\n    talk: []\n"
    scripts, problems = parse_scripts(a_tree(text), frozenset({"housing"}))

    assert ([script.name for script in scripts], len(problems)) == (["y"], 1)


@given(st.text(alphabet=st.sampled_from("flow: housing\n-tesnamlk{}[]bgivxpct 1"), max_size=120))
def test_any_file_is_read_or_refused_and_never_an_error(text: str) -> None:
    node, _ = read_yaml(text.encode(), "flows/x.test.yaml")
    if node is not None:
        scripts, problems = parse_scripts(node, frozenset({"housing"}))
        assert isinstance(scripts, list)
        assert all(problem.mend for problem in problems)


def test_coverage_counts_the_steps_and_choices_that_scripts_went_through() -> None:
    library = a_library()
    outcome = play_one("- tap: skip\n- tap: tonight", library=library)

    row = next(row for row in coverage(library, [outcome]) if row.flow == "housing")

    assert (row.steps_passed, row.steps) == (3, 5)
    assert (row.choices_passed, row.choices) == (2, 6)
    assert "leave_message" in row.missed
    assert "ask_urgency#later" in row.missed


def test_a_broken_flow_is_told_where_the_script_met_it() -> None:
    library = a_library(f"{ENTRIES.strip()}\n---\n{HOUSING.strip()}")
    flow = library.flows["housing"]
    gone = replace(flow, steps={name: step for name, step in flow.steps.items() if name != "ask_urgency"})
    broken = replace(library, flows={**library.flows, "housing": gone}, prepared=[])

    failure = play_one("- tap: skip", library=broken).failure

    assert failure is not None
    assert failure.got == "the engine found no way on here"
