from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.flow.lint import World, lint_flows
from tests.content.foreign import TODAY
from tests.flow.stage import a_directory
from tests.flow.written import SHARED, a_flow, drafted

WORLD = World(today=TODAY, shared=SHARED, media=frozenset({"breathe.png"}))


def found(*flows: tuple[str, str], code: str) -> list[tuple[str, str, str]]:
    drafts = [drafted(text, name=name)[0] for name, text in flows]
    facts = [fact for draft in drafts for fact in draft.facts]
    return [
        (str(one.mark), one.message, one.mend) for one in lint_flows(drafts, facts, WORLD) if one.code == code
    ]


def one(steps: str, top: str = "") -> tuple[str, str]:
    return "help", a_flow(steps, top=top)


def test_a_flow_that_does_not_exist_is_found_with_the_one_that_was_meant() -> None:
    other = ("safety.check", a_flow("one:\n  say: Hi\n  next: end\n", name="safety.check"))

    assert found(one("one:\n  call: safty.check\n  next: end\n"), other, code="F104") == [
        (
            "flows/help.yaml:6:11",
            "'call: safty.check' leads nowhere",
            "write 'safety.check' (defined at flows/safety.check.yaml:1:1)",
        )
    ]


def test_go_at_a_step_names_a_flow_and_not_a_step() -> None:
    assert found(one("one:\n  say: Hi\n  go: two\ntwo:\n  say: Hi\n  next: end\n"), code="F104") == [
        ("flows/help.yaml:7:9", "'go: two' leads nowhere", "write 'next: two': it is a step of this flow")
    ]


def test_a_step_may_be_named_like_the_flow_it_goes_to() -> None:
    person = ("person", a_flow("one:\n  say: Hi\n  next: end\n", name="person"))

    assert found(one("one:\n  say: Hi\n  next: person\nperson:\n  go: person\n"), person, code="F104") == []


def test_a_picture_must_be_in_the_folder() -> None:
    steps = "one:\n  show: {}\n  show text: A hand.\n  next: end\n"

    assert found(one(steps.format("breathe.png")), code="F207") == []
    assert found(one(steps.format("breath.png")), code="F207") == [
        ("flows/help.yaml:6:11", "there is no file in flows/media/ 'breath.png'", "write 'breathe.png'")
    ]


@pytest.mark.parametrize(
    ("word", "mend"),
    [("state", ""), ("rs-demo", ""), ("unwanted", ""), ("stat", "write 'state'"),
     ("rs-dmo", "write 'rs-demo'")],
)  # fmt: skip
def test_whom_a_match_leaves_out_is_an_organisation_a_kind_or_a_slot(word: str, mend: str) -> None:
    steps = f"one:\n  match: shelter\n  without: {word}\n  next: end\n"

    draft, _ = drafted(one(steps, top="remember: {unwanted: choice}")[1], name="help")
    world = replace(WORLD, directory=a_directory())

    problems = [
        (str(each.mark), each.message, each.mend)
        for each in lint_flows([draft], [], world)
        if each.code == "F206"
    ]

    assert problems == (
        [("flows/help.yaml:8:14", f"there is no organisation or kind '{word}'", mend)] if mend else []
    )


FACT = """
    facts:
      sos.RS:
        text: Call the number on the card.
        source: a page, https://example.org
        checked on: {checked}
        checked by: editor-a
        expires on: {expires}
        state: {state}
"""


def fact(state: str = "reviewed", checked: date = TODAY, expires: date = TODAY + timedelta(days=90)) -> str:
    return "uses: [country]\n" + "\n".join(
        line[4:] for line in FACT.format(state=state, checked=checked, expires=expires).splitlines()
    )


def test_a_fact_is_found_by_its_name_or_by_a_slot_in_it() -> None:
    steps = "one:\n  fact: {}\n  next: end\n"

    assert found(one(steps.format("sos.RS"), fact()), code="F202") == []
    assert found(one(steps.format("'sos.{country}'"), fact()), code="F202") == []
    assert [two[1:] for two in found(one(steps.format("sos.RU"), fact()), code="F202")] == [
        ("there is no fact 'sos.RU'", "write 'sos.RS' (defined at flows/help.yaml:6:3)")
    ]
    assert [two[1] for two in found(one(steps.format("'law.{country}'"), fact()), code="F202")] == [
        "no fact is named like 'fact: law.{country}'"
    ]


@pytest.mark.parametrize(
    ("days", "code", "message"),
    [
        (31, "F603", None),
        (30, "F603", "the fact 'sos.RS' lapses on 2026-12-21"),
        (0, "F603", "the fact 'sos.RS' lapses on 2026-11-21"),
        (-1, "F602", "the fact 'sos.RS' lapsed on 2026-11-20 and is not shown"),
    ],
)
def test_a_fact_is_announced_thirty_days_before_it_lapses(days: int, code: str, message: str | None) -> None:
    steps = "one:\n  fact: sos.RS\n  next: end\n"
    top = fact(checked=TODAY - timedelta(days=99), expires=TODAY + timedelta(days=days))

    assert [two[1] for two in found(one(steps, top), code=code)] == ([message] if message else [])


def test_a_fact_that_nobody_checked_is_not_shown_and_said_so() -> None:
    steps = "one:\n  fact: sos.RS\n  next: end\n"

    assert [two[1] for two in found(one(steps, fact(state="unreviewed")), code="F604")] == [
        "the fact 'sos.RS' is unreviewed, so people do not see it"
    ]
    assert found(one(steps, fact(state="sourced")), code="F604") == []


def test_a_fact_was_not_checked_in_the_future() -> None:
    steps = "one:\n  fact: sos.RS\n  next: end\n"
    top = fact(checked=TODAY + timedelta(days=9))

    assert [two[1] for two in found(one(steps, top), code="F605")] == [
        "the fact 'sos.RS' was checked on 2026-11-30, a day that has not come"
    ]


@pytest.mark.parametrize("missing", ["text", "source", "checked on", "checked by", "expires on", "state"])
def test_a_fact_without_its_source_or_dates_is_an_error(missing: str) -> None:
    lines = [line for line in fact().splitlines() if not line.strip().startswith(f"{missing}:")]
    _, problems = drafted(a_flow("one:\n  say: Hi\n  next: end\n", top="\n".join(lines)))

    assert [(two.code, two.message, two.severity) for two in problems] == [
        ("F601", f"the fact 'sos.RS' has no '{missing}'", "error")
    ]


def test_the_dates_of_a_fact_are_in_order() -> None:
    _, problems = drafted(a_flow("one:\n  say: Hi\n  next: end\n", top=fact(expires=TODAY)))

    assert [two.message for two in problems] == [
        "the fact 'sos.RS' ends on 2026-11-21, not after it was checked on 2026-11-21"
    ]


def test_every_entry_has_exactly_one_flow() -> None:
    all_of_them = one(
        "one:\n  say: Hi\n  next: end\n", "entry: [start, menu, sos, person, erase, language, crisis]"
    )
    second = ("other", a_flow("one:\n  say: Hi\n  next: end\n", name="other", top="entry: sos"))
    without = one("one:\n  say: Hi\n  next: end\n", "entry: [start, menu, sos, person, erase, language]")

    assert found(all_of_them, code="F306") == []
    assert found(all_of_them, second, code="F307") == [
        (
            "flows/other.yaml:1:1",
            "'entry: sos' stands here and in 'help'",
            "keep one (the other is at flows/help.yaml:1:1)",
        )
    ]
    assert found(without, code="F306") == [
        (
            "flows/help.yaml:1:1",
            "no flow has 'entry: crisis'",
            "write 'entry: crisis' in the flow that helps in a crisis",
        )
    ]
