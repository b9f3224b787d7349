"""Ten broken files whose messages alone are enough to mend them, and what else can be written wrongly."""

import pytest

from tests.content.foreign import HOUSING
from tests.flow.written import a_flow, drafted, problems_of, shown


def housing(old: str, new: str) -> list[tuple[str, str, str, str]]:
    assert old in HOUSING
    return shown(drafted(HOUSING.replace(old, new), name="housing")[1])


def test_1_a_misspelt_step_is_found_with_the_one_that_was_meant() -> None:
    assert housing("go: person", "go: persn") == [
        (
            "36:13",
            "F104",
            "'go: persn' leads nowhere",
            "write 'person' (defined at flows/housing.yaml:49:3)",
        )
    ]


def test_2_a_misspelt_slot_is_found_with_the_one_that_was_meant() -> None:
    assert housing("share: [city, urgency, note]", "share: [city, urgnecy, note]") == [
        (
            "55:19",
            "F201",
            "'share: urgnecy' names no slot of this flow",
            "write 'urgency' (defined at flows/housing.yaml:8:3)",
        )
    ]


def test_3_a_word_without_quotes_is_no_text() -> None:
    assert housing('result == "in_danger"', "result == in_danger") == [
        (
            "35:23",
            "F201",
            "there is no slot 'in_danger'",
            "write \"in_danger\" in quotes if it is a word, or name it under 'remember'; the slots here are 'country', 'city', 'urgency' or 'note'",
        )
    ]


def test_4_a_sealed_answer_cannot_be_said_back() -> None:
    assert housing("I found {count} places.", "You wrote {note}.") == [
        (
            "42:10",
            "F403",
            "'note' is sealed and cannot be read by a text",
            "leave it out; a sealed answer only goes into 'share' of a handoff",
        )
    ]


def test_5_a_misspelt_key_is_found() -> None:
    assert housing("give up: ask_urgency", "giv up: ask_urgency") == [
        ("18:5", "F102", "the step 'ask_city' has no key 'giv up'", "write 'give up'")
    ]


def test_6_a_text_that_yaml_cuts_off_is_found() -> None:
    assert housing("skip: Skip -> ask_urgency", "skip: I am in camp #2") == [
        (
            "20:13",
            "F108",
            "'#2' is cut off: YAML reads a remark behind ' #'",
            "put the text in a block: '|' after the colon, the text on the next line, two spaces further in",
        )
    ]


def test_7_a_text_that_begins_with_a_slot_is_no_mapping() -> None:
    assert housing("say: |\n      I found {count} places.", "say: {count}") == [
        (
            "42:10",
            "F107",
            "'say' starts with a brace, so YAML reads a mapping",
            "put the text in a block: '|' after the colon, the text on the next line, two spaces further in",
        )
    ]


def test_8_a_list_of_branches_ends_with_one_that_is_always_taken() -> None:
    assert housing("      - go: results\n", '      - if: result == "safe"\n        go: results\n') == [
        (
            "37:9",
            "F112",
            "the last branch has an 'if', so there may be no next step",
            "add '- go: ...' as the last",
        )
    ]


def test_9_a_flow_is_named_like_its_file() -> None:
    assert housing("flow: housing", "flow: shelter") == [
        (
            "1:7",
            "F105",
            "'flow: shelter' is not the name of its file",
            "write 'flow: housing', or name the file shelter.yaml",
        )
    ]


def test_10_a_type_that_does_not_exist_is_found_with_the_one_that_was_meant() -> None:
    assert housing("city: place", "city: plaice") == [
        ("7:9", "F110", "'city' cannot be 'plaice'", "write 'place'")
    ]


def test_all_faults_of_a_file_are_told_at_once() -> None:
    text = (
        HOUSING.replace("-> safety", "-> safty").replace("title:", "titel:").replace("tries: 2", "tries: two")
    )

    assert [(place, code) for place, code, _, _ in shown(drafted(text, name="housing")[1])] == [
        ("2:1", "F102"),
        ("1:1", "F101"),
        ("17:12", "F110"),
        ("27:16", "F104"),
    ]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (
            "one:\n  say: Hi\n  choices:\n    a: A -> B -> end\n",
            (
                "F109",
                "the choice 'a' has several '->'",
                "write 'label: ...' and 'go: ...' below each other; then the label may hold '->'",
            ),
        ),
        (
            "one:\n  say: Hi\n  choices:\n    a: A ->\n",
            (
                "F109",
                "the choice 'a' has no step behind '->'",
                "write 'a: A -> step', or leave '->' out to go to 'next'",
            ),
        ),
        (
            "one:\n  say: Hi\n  choices:\n    a: -> end\n",
            ("F109", "the choice 'a' has no label before '->'", "write 'a: Label -> end'"),
        ),
        (
            "one:\n  say: Hi\n  choices:\n    a:\n      go: end\n",
            ("F101", "the choice 'a' has no 'label'", "add 'label: ...'"),
        ),
        (
            "one:\n  say: Hi\n  choices:\n    a: A -> end\n  also accept:\n    b: [c]\n",
            (
                "F208",
                "'also accept' names no choice of this step: 'b'",
                "write 'a', or remove the line",
            ),
        ),
        (
            "one:\n  ask: what\n  next: end\n",
            (
                "F407",
                "'what' is a choice, and there are no 'choices' to tap",
                "add 'choices:' and below it 'name: Label -> step'",
            ),
        ),
        (
            "one:\n  say: Hi\n  call: other\n  go: menu\n",
            ("F111", "'call' and 'go' cannot be in one step", "make two steps: a step does one thing"),
        ),
        (
            "one:\n  say: Hi\n  go: menu\n  next: end\n",
            ("F111", "'next' is never reached behind 'go'", "remove one of the two"),
        ),
        (
            "one:\n  call: other\n  choices:\n    a: A -> end\n  next: end\n",
            (
                "F111",
                "'choices' and 'call' cannot be in one step",
                "make a second step with 'call' and go there with 'next'",
            ),
        ),
        (
            "one:\n  say: Hi\n  share: [what]\n  next: end\n",
            ("F113", "'share' does nothing in a step without 'handoff'", "remove it, or add 'handoff'"),
        ),
        (
            "one:\n  show: a.png\n  next: end\n",
            (
                "F113",
                "'show' has no 'show text'",
                "add 'show text: |' with what the picture or audio says, for people who cannot see or hear it",
            ),
        ),
        (
            "one:\n  show: ../../etc/passwd\n  show text: Hi\n  next: end\n",
            ("F106", "'../../etc/passwd' cannot be the name of a file", "write a file of flows/media/"),
        ),
        (
            "one:\n  say: Hi\n  next:\n    if: what\n    go: end\n",
            (
                "F112",
                "'next' is neither a step nor a list",
                "write '- if: ...' and 'go: ...' below each other",
            ),
        ),
        (
            "one:\n  say: Hi\n  next:\n    - go: end\n    - go: one\n",
            ("F112", "the branches below this one are never reached", "give it an 'if', or put it last"),
        ),
        (
            "one:\n  say: Hi {what ever}.\n  next: end\n",
            ("F606", "'{what ever}' holds no slot name", "write a slot in braces, {city}, or no braces"),
        ),
        (
            "one:\n  say: Hi {.\n  next: end\n",
            ("F606", "a brace is not closed", "write a slot in braces, {city}, or no braces"),
        ),
        ("one:\n  say: ''\n  next: end\n", ("F103", "'say' is empty", "write its value, or remove the line")),
        (
            "one: Hello\n",
            (
                "F100",
                "the step 'one' is not a list of 'name: value' lines",
                "write one 'name: value' a line below it, two spaces further in",
            ),
        ),
        (
            "one:\n  say: Hi\n  choices:\n    a: A -> end\n  remind after: soon\n",
            ("F110", "'remind after: soon' is no length of time", "write 'remind after: 10 minutes'"),
        ),
        (
            "one:\n  say: Hi\n  end: two words\n",
            ("F110", "'end: two words' is not one word", "write one word: end: in_danger"),
        ),
        (
            "one:\n  match: shelter\n  near: what\n  next: end\n",
            ("F402", "'near: what' is of type 'choice'", "use a slot of type 'place', or change its type"),
        ),
        (
            "one:\n  set:\n    what: 3\n  next: end\n",
            ("F402", "a number does not fit a slot of type 'choice'", 'write a text in quotes: "now"'),
        ),
        (
            "one:\n  say: You are in {country}.\n  next: end\n",
            (
                "F201",
                "this flow does not use the shared slot 'country'",
                "add it at the top: uses: [country]",
            ),
        ),
    ],
)
def test_what_is_written_wrongly_says_what_to_write(steps: str, expected: tuple[str, str, str]) -> None:
    found = problems_of(steps, top="remember: {what: choice}")

    assert [one[1:] for one in found] == [expected]


@pytest.mark.parametrize(
    ("top", "code", "message", "mend"),
    [
        ("entry: satrt", "F110", "there is no entry 'satrt'", "write 'start'"),
        ("uses: [contry]", "F209", "flows/shared.yaml has no slot 'contry'", "write 'country'"),
        (
            "uses: [country]\nremember: {country: place}",
            "F210",
            "'country' is also under 'remember'",
            "keep it in one place: 'uses' for shared answers",
        ),
        ("remember: {result: text}", "F106", "'result' is a word of the language", "choose another name"),
        ("remember: {in: text}", "F106", "'in' cannot be the name of a slot", "use letters, digits and _"),
        (
            "sensitive: perhaps",
            "F110",
            "'sensitive: perhaps' is neither yes nor no",
            "write 'sensitive: true'",
        ),
        ("approval: three people", "F110", "'approval' cannot be 'three people'", "write 'two people'"),
    ],
)
def test_what_stands_at_the_top_is_checked(top: str, code: str, message: str, mend: str) -> None:
    found = problems_of("one:\n  say: Hi\n  next: end\n", top=top)

    assert [one[1:] for one in found] == [(code, message, mend)]


def test_a_flow_that_is_no_form_is_one_problem() -> None:
    draft_text = a_flow("one:\n  say: Hi\n  next: end\n").replace("steps:", "steps: none\nstebs:")

    assert [one[1] for one in shown(drafted(draft_text)[1])] == ["F102", "F100"]
