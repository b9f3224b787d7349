"""A report about a service: only of what was shown here, asked in the person's language, and never in a dead end."""

import pytest

from bot.flow.effects import FlagService
from bot.flow.engine import advance
from bot.flow.exchange import SEEN
from bot.kernel.messages import InboundMessage
from tests.flow.stage import Person, a_library, a_person, a_service
from tests.flow.written import problems_of, the_step

REPORTING = """
flow: help
title: Help
start: found
steps:
  found:
    match: shelter
    show: 3
    say: Found {count}.
    if none: none
    choices:
      more: More -> found
      wrong: Something was wrong there -> which
  which:
    say: Which one?
    report: service
    if none: other
    next: noted
  noted:
    say: Noted.
    choices:
      done: Done -> end
  other:
    say: Tell people.
    choices:
      done: Done -> end
  none:
    say: Nothing.
    choices:
      wrong: Something was wrong there -> which
"""


def somebody(*names: str) -> Person:
    return a_person(a_library(REPORTING, services=[a_service(name) for name in names])).at("help")


def test_who_was_shown_services_says_which_it_was_and_only_that_is_reported() -> None:
    person = somebody("house", "tower").picks("wrong")
    assert person.names == ("rs-demo/house", "rs-demo/tower", "none")
    assert person.labels == ("Demo Lantern: House", "Demo Lantern: Tower", "None of these")

    person.picks("rs-demo/tower")

    assert person.effects == [FlagService("rs-demo/tower")]
    assert person.place == "help/noted"


@pytest.mark.parametrize("words", ["2", "demo lantern: tower"])
def test_it_is_said_by_number_or_by_name(words: str) -> None:
    assert somebody("house", "tower").picks("wrong").says(words).effects == [FlagService("rs-demo/tower")]


def test_none_of_these_and_nothing_shown_lead_on() -> None:
    assert somebody("house").picks("wrong", "none").place == "help/other"
    nothing = somebody().picks("wrong")

    assert (nothing.place, nothing.effects) == ("help/other", [])


def test_the_newest_few_are_remembered_and_forgotten_with_the_conversation() -> None:
    names = [f"s{number}" for number in range(9)]
    person = somebody(*names).picks("more", "more", "wrong")

    assert len(person.names) == SEEN + 1
    assert person.names[0] == "rs-demo/s6"
    person.says("leave", "hello")
    assert person.session.seen == ()


def test_the_question_stays_when_the_language_changes_and_back_leads_back() -> None:
    person = somebody("house").picks("wrong").says("language").picks("sr")
    assert person.names == ("rs-demo/house", "none")

    assert somebody("house").picks("wrong").says("back").place == "help/found"


def test_while_no_more_reports_are_taken_the_person_is_told_so_and_led_on() -> None:
    person = somebody("house").picks("wrong")
    full = person.rehearsal.situation()._replace(may_report=False)
    turn = advance(person.rehearsal.library, person.session, InboundMessage("simulator", "9", "1"), full)

    assert not [effect for effect in turn.effects if isinstance(effect, FlagService)]
    assert Person.read_in(turn).splitlines()[0] == "I could not note it now. A person can hear it."
    assert turn.session is not None
    assert turn.session.frames[-1].step == "other"


# --- writing it -----------------------------------------------------------------------------------------------


def test_a_report_is_read_with_its_way_out() -> None:
    step = the_step("one:\n  say: Which?\n  report: service\n  if none: end\n  next: end")

    assert step.report is not None
    assert step.report.if_none == "end"


@pytest.mark.parametrize(
    ("steps", "code", "message"),
    [
        ("one:\n  report: service\n  next: end", "F101", "'report' has no 'if none'"),
        ("one:\n  report: lawyer\n  if none: end\n  next: end", "F110", "lawyer"),
        ("one:\n  report: service\n  if none: end\n  choices: {a: A -> end}", "F111", "'choices' and 'report'"),
        ("one:\n  report: service\n  if none: end\n  match: shelter\n  next: end", "F111", "'match' and 'report'"),
        ("one:\n  report: service\n  if none: end\n  go: other", "F111", "'go' and 'report'"),
        ("one:\n  report: service\n  if none: two\n  next: end", "F104", "'if none: two' leads nowhere"),
        ("one:\n  say: x\n  if none: end\n  next: end", "F113", "'if none' does nothing in a step without 'match', 'report' or 'avoid'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_report_is_said_where_it_stands(steps: str, code: str, message: str) -> None:
    found = problems_of(steps)

    assert code in {one[1] for one in found}
    assert any(message in one[2] for one in found)
