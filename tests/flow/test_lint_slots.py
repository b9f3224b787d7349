import pytest

from bot.flow.lint import World
from bot.flow.lint.slots import lint_slots
from bot.flow.lint.values import lint_values
from tests.content.foreign import TODAY
from tests.flow.written import SHARED, a_flow, drafted

WORLD = World(today=TODAY, shared=SHARED)
TOP = "uses: [country]\nremember: {city: place, note: sealed text, fits: yes no}"


def found(steps: str) -> list[tuple[str, str]]:
    draft, problems = drafted(a_flow(steps, top=TOP))
    assert problems == []
    return [(str(one.mark).removeprefix("flows/help.yaml:"), one.message) for one in lint_slots(draft, WORLD)]


ASK = "  say: Where?\n  ask: city\n"


def test_a_slot_that_no_step_asks_for_is_read_in_vain() -> None:
    assert found("one:\n  say: You are in {city}.\n  next: end\n") == [
        ("8:10", "'city' is read, and no step asks for it")
    ]


def test_a_slot_that_is_asked_only_later_is_read_too_early() -> None:
    assert found("one:\n  say: You are in {city}.\n  next: two\ntwo:\n" + ASK + "  next: end\n") == [
        ("8:10", "'city' is read before any step on the way here asks for it")
    ]


@pytest.mark.parametrize(
    "steps",
    [
        "one:\n" + ASK + "  next: two\ntwo:\n  say: You are in {city}.\n  next: end\n",
        "one:\n" + ASK + "  next:\n    - if: city\n      go: end\n    - go: end\n",
        "one:\n  set:\n    city: '\"rs-nis\"'\n  match: shelter\n  near: city\n  next: end\n",
        "one:\n  say: Hi\n  ask: note\n  handoff: general\n  share: [note]\n  next: end\n",
        "one:\n  say: Hi {country}.\n  next: end\n",
        "one:\n" + ASK + "  try again: Not {city}.\n  choices:\n    a: A -> one\n  next: end\n",
        "one:\n  match: shelter\n  say: I found {count}.\n  next: two\ntwo:\n  say: Of {count}.\n  next: end\n",
    ],
)
def test_a_slot_that_some_way_here_fills_may_be_read(steps: str) -> None:
    assert found(steps) == []


def test_one_of_two_ways_here_is_enough() -> None:
    steps = (
        "one:\n  say: Hi\n  choices:\n    ask: Yes -> two\n    not: No -> three\n"
        "two:\n" + ASK + "  next: three\nthree:\n  say: You are in {city}.\n  next: end\n"
    )
    assert found(steps) == []


def test_a_step_cannot_say_the_answer_it_is_about_to_ask_for() -> None:
    assert [one[0] for one in found("one:\n  say: Not {city}?\n  ask: city\n  next: end\n")] == ["8:10"]


def test_the_result_of_a_call_needs_a_call_on_the_way() -> None:
    early = 'one:\n  say: Hi\n  next:\n    - if: result == "x"\n      go: end\n    - go: end\n'

    assert [one[1] for one in found(early)] == ["'result' is read, and no step on the way here calls a flow"]
    assert found(early.replace("say: Hi", "call: other")) == []


def test_a_count_needs_a_match_on_the_way() -> None:
    assert [one[1] for one in found("one:\n  say: I found {count}.\n  next: end\n")] == [
        "'{count}' is read, and no step on the way here has a 'match'"
    ]


def never(*flows: tuple[str, str]) -> list[tuple[str, str]]:
    drafts = [drafted(text, name=name)[0] for name, text in flows]
    return [(one.message, one.mend) for one in lint_values(drafts)]


CALLER = (
    "help",
    a_flow('one:\n  call: check\n  next:\n    - if: result == "in_dangr"\n      go: end\n    - go: end\n'),
)


def test_a_branch_for_a_word_that_no_called_flow_ends_with_can_never_be_taken() -> None:
    check = ("check", a_flow("one:\n  end: in_danger\n", name="check"))
    on = ("check", a_flow("one:\n  go: other\n", name="check"))
    other = ("other", a_flow("one:\n  end: in_dangr\n", name="other"))

    assert never(CALLER, check) == [
        ("no called flow ends with 'in_dangr', so this never holds", 'write "in_danger"')
    ]
    assert never(CALLER, on, other) == []
    assert never(CALLER) == []


def test_a_branch_for_an_answer_that_is_no_choice_can_never_be_taken() -> None:
    steps = (
        "one:\n  say: Hi\n  ask: how\n  choices:\n    fast: Fast -> two\n    slow: Slow -> two\n"
        'two:\n  say: Hi\n  next:\n    - if: how in ["slow", "fsat"]\n      go: end\n    - go: end\n'
    )
    set_too = steps.replace("say: Hi\n  next", 'set:\n    how: "fsat"\n  next')

    assert never(("help", a_flow(steps, top="remember: {how: choice}"))) == [
        ("'how' is never 'fsat', so this never holds", 'write "fast"')
    ]
    assert never(("help", a_flow(set_too, top="remember: {how: choice}"))) == []


def test_a_step_says_its_text_before_it_sets_a_slot() -> None:
    steps = 'one:\n  say: You are in {city}.\n  set:\n    city: "rs-nis"\n  next: end\n'

    assert [one[1] for one in found(steps)] == ["'city' is read before any step on the way here asks for it"]
