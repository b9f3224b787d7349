from datetime import date, timedelta

import pytest

from bot.content.marks import read_yaml
from bot.flow.definition import Branch, Step
from bot.flow.draft import Reference
from bot.flow.parse import parse_facts, parse_shared
from bot.kernel.problems import Mark
from tests.content.foreign import HOUSING
from tests.flow.written import a_flow, answering, drafted, the_step


def go(step: Step) -> list[tuple[str, str | None]]:
    return [(choice.name, choice.go) for choice in step.choices]


def test_the_example_of_the_manual_parses_whole() -> None:
    draft, problems = drafted(HOUSING, name="housing")
    flow = draft.flow

    assert problems == []
    assert (flow.id, flow.title, flow.start, flow.sensitive) == (
        "housing",
        "Find a safe place",
        "ask_city",
        True,
    )
    assert flow.remember == {"city": "place", "urgency": "choice", "note": "sealed text"}
    assert flow.uses == ("country",)
    assert list(flow.steps) == ["ask_city", "ask_urgency", "safety", "results", "person", "leave_message"]
    assert flow.steps["ask_city"].mark == Mark("flows/housing.yaml", 11, 3)
    assert go(flow.steps["results"]) == [("more", "results"), ("human", "person"), ("done", "end")]
    assert draft.references == (
        Reference("flow", "safety.check", Mark("flows/housing.yaml", 33, 11), "safety", "call"),
        Reference("need", "shelter", Mark("flows/housing.yaml", 39, 12), "results", "match"),
        Reference("queue", "housing", Mark("flows/housing.yaml", 53, 14), "person", "handoff"),
    )


def test_a_text_knows_where_its_translations_are() -> None:
    step = the_step(
        """
        one:
          say:
            - |
              Hello.
            - |
              You are in {country}.
          choices:
            stay: Stay -> end
          try again: |
            Once more.
        """,
        top="uses: [country]",
    )

    assert [text.context for text in step.say] == ["help/one/say", "help/one/say.1"]
    assert [text.source for text in step.say] == ["Hello.", "You are in {country}."]
    assert step.say[1].placeholders == ("country",)
    assert step.choices[0].label.context == "help/one/choices.stay"
    assert step.try_again[0].context == "help/one/try_again"


def test_keys_are_written_with_spaces_or_underscores() -> None:
    spaces = the_step(
        "one:\n  say: Hi\n  ask: when\n  try again: Again\n  give up: end\n  next: end\n",
        top="remember: {when: yes no}",
    )
    lines = the_step(
        "one:\n  say: Hi\n  ask: when\n  try_again: Again\n  give_up: end\n  next: end\n",
        top="remember: {when: yes_no}",
    )

    assert spaces == lines
    assert spaces.give_up == "end"


def test_a_choice_is_one_line_or_a_block() -> None:
    step = the_step(
        """
        one:
          say: Hi
          ask: what
          choices:
            tea: Tea -> end      # a remark behind the step is no text
            milk: Milk
            both:
              label: Tea -> milk, or milk -> tea
              go: end
              words: [all, tea with milk]
              if: what != "milk"
            none: {label: Nothing, go: end}
          also accept:
            tea: [chai, çay]
            both: [everything]
          next: end
        """,
        top="remember: {what: choice}",
    )

    assert go(step) == [("tea", "end"), ("milk", None), ("both", "end"), ("none", "end")]
    assert [choice.label.source for choice in step.choices] == [
        "Tea",
        "Milk",
        "Tea -> milk, or milk -> tea",
        "Nothing",
    ]
    assert [choice.words for choice in step.choices] == [
        ("chai", "çay"),
        (),
        ("all", "tea with milk", "everything"),
        (),
    ]
    assert step.choices[2].condition is not None
    assert step.choices[2].condition.names == ("what",)


def test_yes_no_and_on_are_words() -> None:
    step = the_step(
        "one:\n  say: Hi\n  ask: alone\n  choices:\n    yes: Yes -> end\n    no: No -> end\n",
        top="remember: {alone: yes no}",
    )

    assert go(step) == [("yes", "end"), ("no", "end")]


def test_a_question_with_yes_or_no_needs_no_choices_of_its_own() -> None:
    step = the_step("one:\n  say: Hi\n  ask: alone\n  next: end\n", top="remember: {alone: yes no}")

    assert step.choices == ()
    assert step.waits


@pytest.mark.parametrize(
    ("written", "expected"),
    [("10 minutes", timedelta(minutes=10)), ("1 hour", timedelta(hours=1)), ("2 days", timedelta(days=2))],
)
def test_timers_are_read(written: str, expected: timedelta) -> None:
    step = the_step(
        f"one:\n  say: Hi\n  choices:\n    a: A -> end\n  remind after: {written}\n  forget after: {written}\n"
    )

    assert (step.remind_after, step.forget_after) == (expected, expected)


def test_what_a_step_matches_is_read_with_all_its_filters() -> None:
    step = the_step(
        """
        one:
          match: shelter
          near: country
          for: [trans, minors]
          languages: [sr, tongue]
          text: words
          safety: asks_legal_status
          without: [state, unwanted]
          show: 5
          if none: end
          next: end
        """,
        top="uses: [country]\nremember: {words: text, tongue: language, unwanted: choice}",
    )

    assert step.match is not None
    assert (step.match.need, step.match.near, step.match.text) == ("shelter", "country", "words")
    assert step.match.populations == ("trans", "minors")
    assert step.match.languages == ("sr", "tongue")
    assert step.match.safety == ("asks_legal_status",)
    assert step.match.without == ("state", "unwanted")
    assert (step.match.show, step.match.if_none, step.show) == (5, "end", None)


def test_a_picture_comes_with_words_that_stand_for_it() -> None:
    step = the_step("one:\n  show: breathe.png\n  show text: A hand that opens and closes.\n  next: end\n")

    assert (
        step.show
        == the_step("one:\n  show: media/breathe.png\n  show text: Hi\n  next: end\n").show
        == "breathe.png"
    )
    assert step.show_text is not None
    assert step.show_text.context == "help/one/show_text"


def test_set_call_go_and_end_are_read() -> None:
    draft, problems = drafted(
        a_flow(
            """
            one:
              set:
                urgency: "soon"
                count_of: 3
              next: two
            two:
              call: safety.check
              next:
                - if: result == "in_danger" and count_of > 2
                  go: three
                - if: urgency == "soon"
                  go: end
                - four
            three:
              end: in_danger
            four:
              say: Bye
              go: menu
            """,
            top="remember: {urgency: choice, count_of: number}",
        )
    )
    steps = draft.flow.steps

    assert problems == []
    assert [(slot, value.evaluate(answering({}))) for slot, value in steps["one"].sets] == [
        ("urgency", "soon"),
        ("count_of", 3),
    ]
    assert [branch.target for branch in steps["two"].next] == ["three", "end", "four"]
    assert steps["two"].next[2] == Branch("four", Mark("flows/help.yaml", 18, 9))
    assert (steps["two"].call, steps["three"].end, steps["four"].go) == ("safety.check", "in_danger", "menu")


def test_a_fact_may_be_chosen_by_a_slot() -> None:
    draft, problems = drafted(
        a_flow("one:\n  fact: [water, 'sos.{country}']\n  next: end\n", top="uses: [country]")
    )

    assert problems == []
    assert draft.flow.steps["one"].facts == ("water", "sos.{country}")
    assert [(one.slot, one.stage) for one in draft.readings] == [("country", 0)]


def test_every_key_of_a_flow_is_read() -> None:
    draft, problems = drafted(
        a_flow(
            "one:\n  say: Hi\n  moved from: [hello, old/hello]\n  note: A greeting\n  safety critical: yes\n  next: end\n",
            top="entry: [start, one_minute]\nsensitive: yes\nhigh stakes: true\napproval: two people\nsafety critical: no",
        )
    )
    flow = draft.flow

    assert problems == []
    assert flow.entry == ("start", "one minute")
    assert (flow.sensitive, flow.high_stakes, flow.safety_critical, flow.approval) == (
        True,
        True,
        False,
        "two people",
    )
    assert flow.steps["one"].moved_from == ("hello", "old/hello")
    assert flow.steps["one"].note == "A greeting"
    assert flow.steps["one"].safety_critical


def test_a_whole_flow_can_be_safety_critical() -> None:
    draft, _ = drafted(a_flow("one:\n  say: Hi\n  next: end\n", top="safety_critical: true"))

    assert draft.flow.safety_critical
    assert draft.flow.steps["one"].safety_critical


def test_facts_are_read_from_their_own_files_and_from_flows() -> None:
    text = (
        "facts:\n  rs_72_hours:\n    text: |\n      You have 72 hours to reach the centre on your paper.\n"
        "    source: UNHCR Help Serbia, https://help.unhcr.org/serbia/applying-for-asylum-in-serbia\n"
        "    checked_on: 2026-11-21\n    checked by: editor-a\n    expires on: 2027-05-21\n    state: reviewed   # by a named editor\n"
    )
    node, _ = read_yaml(text.encode(), "flows/facts/rs.yaml")
    assert node is not None
    facts, problems = parse_facts(node)
    draft, more = drafted(a_flow("one:\n  fact: rs_72_hours\n  next: end\n", top=text))

    assert problems == more == []
    assert facts[0].text.context == "fact/rs_72_hours"
    assert (facts[0].checked_on, facts[0].expires_on) == (date(2026, 11, 21), date(2027, 5, 21))
    assert (facts[0].state, facts[0].checked_by) == ("reviewed", "editor-a")
    assert [fact.id for fact in draft.facts] == ["rs_72_hours"]


def test_shared_slots_are_declared_like_a_flows_own() -> None:
    node, _ = read_yaml(b"remember:\n  country: place\n  interpreter: text\n", "flows/shared.yaml")
    assert node is not None

    assert parse_shared(node) == ({"country": "place", "interpreter": "text"}, [])


def test_a_sealed_answer_may_be_shared_and_nothing_else() -> None:
    step = the_step(
        "one:\n  say: Write.\n  ask: note\n  handoff: general\n  urgency: soon\n  share: [note, call]\n  if declined: end\n  if closed: end\n  next: end\n",
        top="remember: {note: sealed text, call: phone}",
    )

    assert step.handoff is not None
    assert step.handoff.share == ("note", "call")
    assert (step.handoff.urgency, step.handoff.if_declined, step.handoff.if_closed) == ("soon", "end", "end")
