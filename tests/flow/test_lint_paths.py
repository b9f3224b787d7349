from bot.flow.circles import circles
from bot.flow.lint import World, lint_flows
from tests.content.foreign import TODAY
from tests.flow.written import SHARED, a_flow, drafted

WORLD = World(today=TODAY, shared=SHARED)
KINDS = {"F301", "F302", "F303", "F304", "F305", "F104"}


def found(*flows: tuple[str, str], codes: frozenset[str] = frozenset(KINDS)) -> list[tuple[str, str, str]]:
    """Code, place and message of the problems of these flows; the parser finds none."""
    drafts = []
    for name, text in flows:
        draft, problems = drafted(text, name=name)
        assert problems == []
        drafts.append(draft)
    return [
        (one.code, str(one.mark), one.message) for one in lint_flows(drafts, (), WORLD) if one.code in codes
    ]


def help_flow(steps: str, **more: str) -> tuple[str, str]:
    return "help", a_flow(steps, **more)


def test_a_step_that_nothing_leads_to_is_found() -> None:
    assert found(help_flow("one:\n  say: Hi\n  next: end\nlost:\n  say: Hi\n  next: end\n")) == [
        ("F301", "flows/help.yaml:8:3", "nothing leads to the step 'lost'")
    ]


def test_steps_that_only_lead_to_each_other_are_unreachable_too() -> None:
    steps = "one:\n  say: Hi\n  next: end\ntwo:\n  say: Hi\n  choices:\n    a: A -> three\nthree:\n  say: Hi\n  choices:\n    b: B -> two\n"

    assert [one[2] for one in found(help_flow(steps))] == [
        "nothing leads to the step 'two'",
        "nothing leads to the step 'three'",
    ]


def test_a_step_that_only_a_misspelt_word_leads_to_is_not_reported_twice() -> None:
    draft, problems = drafted(a_flow("one:\n  say: Hi\n  next: secnod\nsecond:\n  say: Hi\n  next: end\n"))

    assert [one.code for one in problems] == ["F104"]
    assert [one.code for one in lint_flows([draft], (), WORLD) if one.code in KINDS] == []


def test_every_way_out_of_a_step_counts() -> None:
    steps = """
        one:
          say: Hi
          ask: where
          give up: lost
          choices:
            skip: Skip -> skipped
          next: found
        lost: {end: lost}
        skipped: {end: skipped}
        found:
          match: shelter
          if none: nothing
          next: person
        nothing: {end: nothing}
        person:
          say: Hi
          handoff: general
          if declined: declined
          if closed: closed
          next: end
        declined: {end: declined}
        closed: {end: closed}
        """
    assert found(help_flow(steps, top="remember: {where: place}")) == []


def test_a_step_without_a_next_one_is_a_dead_end() -> None:
    messages = {
        "one:\n  say: Hi\n": "after the step 'one' nothing comes",
        "one:\n  say: Hi\n  choices:\n    a: A -> end\n    b: B\n": "after the choice 'b' of 'one' nothing comes",
        "one:\n  say: Hi\n  ask: where\n  choices:\n    a: A -> end\n": "after the answer at 'one' nothing comes",
        "one:\n  call: help2\n": "after the step 'one' nothing comes",
        "one:\n  say: Hi\n  handoff: general\n": "after the step 'one' nothing comes",
    }
    for steps, message in messages.items():
        assert [
            (one[0], one[2])
            for one in found(help_flow(steps, top="remember: {where: place}"), codes=frozenset({"F302"}))
        ] == [("F302", message)]


def test_a_choice_of_its_own_for_every_answer_needs_no_next_step() -> None:
    steps = "one:\n  say: Hi\n  ask: how\n  choices:\n    a: A -> end\n    b: B -> end\n"

    assert found(help_flow(steps, top="remember: {how: choice}")) == []


def test_a_loop_without_a_question_is_found() -> None:
    steps = "one:\n  say: Hi\n  next: two\ntwo:\n  say: Hi\n  next:\n    - if: country\n      go: end\n    - go: one\n"

    assert found(help_flow(steps, top="uses: [country]")) == [
        ("F303", "flows/help.yaml:6:3", "'one' and 'two' lead to each other without a question")
    ]


def test_a_step_that_leads_to_itself_is_a_loop() -> None:
    steps = "one:\n  match: shelter\n  next:\n    - if: country\n      go: end\n    - go: one\n"

    assert [one[2] for one in found(help_flow(steps, top="uses: [country]"))] == [
        "'one' leads to itself without a question"
    ]


def test_a_loop_with_a_question_is_a_menu() -> None:
    steps = "one:\n  say: Hi\n  next: two\ntwo:\n  say: Hi\n  choices:\n    a: A -> one\n    b: B -> end\n"

    assert found(help_flow(steps)) == []


def test_a_loop_through_another_flow_is_found() -> None:
    one = help_flow("one:\n  say: Hi\n  go: other\n")
    other = ("other", a_flow("one:\n  say: Hi\n  go: help\n", name="other"))

    assert found(one, other) == [
        ("F303", "flows/help.yaml:5:3", "'help/one' and 'other/one' lead to each other without a question")
    ]


def test_a_loop_around_a_called_flow_that_asks_is_no_silent_loop() -> None:
    caller = help_flow(
        'one:\n  call: other\n  next:\n    - if: result == "again"\n      go: one\n    - go: end\n'
    )
    silent = ("other", a_flow("one:\n  say: Hi\n  end: again\n", name="other"))
    asking = (
        "other",
        a_flow("one:\n  say: Hi\n  choices:\n    a: A -> two\ntwo:\n  end: again\n", name="other"),
    )

    assert [one[0] for one in found(caller, silent)] == ["F303"]
    assert found(caller, asking) == []


def test_flows_that_call_each_other_are_found() -> None:
    one = help_flow("one:\n  say: Hi\n  choices:\n    a: A -> two\ntwo:\n  call: other\n  next: end\n")
    other = (
        "other",
        a_flow(
            "one:\n  say: Hi\n  choices:\n    a: A -> two\ntwo:\n  call: help\n  next: end\n", name="other"
        ),
    )
    alone = help_flow("one:\n  say: Hi\n  choices:\n    a: A -> two\ntwo:\n  call: help\n  next: end\n")

    assert found(one, other) == [
        ("F304", "flows/help.yaml:9:3", "'help' and 'other' call each other without end")
    ]
    assert found(alone) == [("F304", "flows/help.yaml:9:3", "the flow 'help' calls itself")]


def test_going_back_to_a_flow_for_good_is_no_recursion() -> None:
    one = help_flow("one:\n  say: Hi\n  choices:\n    a: A -> two\ntwo:\n  call: other\n  next: end\n")
    other = (
        "other",
        a_flow("one:\n  say: Hi\n  choices:\n    a: A -> two\ntwo:\n  go: help\n", name="other"),
    )

    assert found(one, other) == []


PERSON = (
    "person",
    a_flow("one:\n  say: Hi\n  handoff: general\n  next: end\n", name="person", top="entry: person"),
)


def questions(number: int, last: str) -> str:
    steps = [
        f"q{n}:\n  say: Hi\n  choices:\n    a: A -> q{n + 1}\n    z: Z -> end\n" for n in range(1, number + 1)
    ]
    return "".join([*steps, f"q{number + 1}:\n  {last}\n"])


def test_a_question_three_choices_from_a_person_is_near_enough() -> None:
    assert found(help_flow(questions(3, "go: person"), start="q1"), PERSON) == []


def test_a_question_four_choices_from_a_person_is_too_far() -> None:
    assert found(help_flow(questions(4, "go: person"), start="q1"), PERSON) == [
        ("F305", "flows/help.yaml:5:3", "4 choices lie between 'q1' and a person")
    ]


def test_a_flow_from_which_no_choice_leads_to_a_person_says_so() -> None:
    assert [one[2] for one in found(help_flow(questions(1, "end: done"), start="q1"), PERSON)] == [
        "no choice leads from 'q1' to a person"
    ]


def test_the_way_to_a_person_may_lead_through_the_menu_and_through_called_flows() -> None:
    menu = (
        "menu",
        a_flow(
            "one:\n  say: Hi\n  choices:\n    a: A -> two\ntwo:\n  go: person\n",
            name="menu",
            top="entry: menu",
        ),
    )
    caller = help_flow("one:\n  call: other\n  next: two\ntwo:\n  say: Hi\n  handoff: general\n  next: end\n")
    called = ("other", a_flow("one:\n  say: Hi\n  choices:\n    a: A -> end\n", name="other"))

    assert found(help_flow("one:\n  say: Hi\n  choices:\n    a: A -> end\n"), menu, PERSON) == []
    assert found(caller, called, PERSON) == []


def test_circles_are_found_in_large_graphs_without_recursion() -> None:
    ring = {str(number): [str((number + 1) % 20_000)] for number in range(20_000)}

    assert [len(circle) for circle in circles(ring)] == [20_000]
    assert list(circles({"a": ["b"], "b": ["c"], "c": []})) == []
    assert set(circles({"a": ["b"], "b": ["a", "c"], "c": ["c"]})) == {frozenset("ab"), frozenset("c")}


def test_each_problem_says_what_to_do() -> None:
    draft, _ = drafted(a_flow("one:\n  say: Hi\nlost:\n  say: Hi\n  next: end\n"))
    mends = {one.code: one.mend for one in lint_flows([draft], (), WORLD)}

    assert mends["F301"] == "let a step go to 'lost', or remove it"
    assert mends["F302"] == "add 'next: ...' with a step, or 'next: end'"


def test_typing_an_answer_is_no_choice() -> None:
    slots = "remember: {a: number, b: date, c: place, d: text, e: phone}"
    steps = "".join(
        f"{slot}:\n  say: Hi\n  ask: {slot}\n  next: {after}\n"
        for slot, after in zip("abcde", [*"bcde", "f"], strict=True)
    )

    assert found(help_flow(steps + "f:\n  go: person\n", start="a", top=slots), PERSON) == []


def test_a_thousand_flows_that_call_each_other_in_a_row_are_checked_in_no_time() -> None:
    last = ("f1000", a_flow("one:\n  end: done\n", name="f1000"))
    row = [
        (
            f"f{number}",
            a_flow(
                f"one:\n  call: f{number + 1}\n  next: two\ntwo:\n  call: f{number + 1}\n  next: end\n",
                name=f"f{number}",
            ),
        )
        for number in range(1000)
    ]
    again = (
        "again",
        a_flow(
            'one:\n  call: f0\n  next:\n    - if: result == "more"\n      go: one\n    - go: end\n',
            name="again",
        ),
    )

    assert [one[0] for one in found(again, *row, last)] == ["F303"]
