import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.choices import ChoiceMatch, Choosable, match_choice

MENU = (
    Choosable.of("sleep", 1, "A place to sleep", ["shelter", "room"]),
    Choosable.of("legal", 2, "Legal", ["lawyer", "asylum"]),
    Choosable.of("health", 3, "Health", ["doctor"]),
    Choosable.of("not_now", 4, "Not now"),
)


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "٢",
        "2️⃣",
        "LEGAL!",
        "legal please",
        "the second one",
        "Lawyer",
        "option 2",
        "I want legal",
        "two please",
        "número 2",
    ],
)
def test_the_ways_people_name_the_second_choice_are_understood(text: str) -> None:
    assert match_choice(text, MENU) == ChoiceMatch("legal", sure=True)


@pytest.mark.parametrize("text", ["leagl", "legall", "lawer", "laywer please"[:6]])
def test_a_typo_is_understood_but_asked_about(text: str) -> None:
    assert match_choice(text, MENU) == ChoiceMatch("legal", sure=False)


@pytest.mark.parametrize("text", ["a place to slepe", "a plase to sleep"])
def test_one_wrong_letter_in_a_long_label_leaves_no_doubt(text: str) -> None:
    assert match_choice(text, MENU) == ChoiceMatch("sleep", sure=True)


@pytest.mark.parametrize("text", ["no legal", "not legal", "I don't want legal", "no lawyer", "now"])
def test_a_negated_label_is_not_that_label(text: str) -> None:
    assert match_choice(text, MENU) is None


def test_a_label_that_is_itself_a_negation_still_works() -> None:
    assert match_choice("not now", MENU) == ChoiceMatch("not_now", sure=True)
    assert match_choice("not now please", MENU) == ChoiceMatch("not_now", sure=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "0",
        "²",
        "hello",
        "zzz",
        "legal or health",
        "2 people",
        "x" * 100_000,
        "1 2",
        "!!!",
        "2 3",
    ],
)
def test_what_names_no_choice_or_two_is_no_choice(text: str) -> None:
    assert match_choice(text, MENU) is None


def test_two_choices_with_the_same_word_are_never_guessed_between() -> None:
    options = (Choosable.of("a", 1, "Help"), Choosable.of("b", 2, "help!"))

    assert match_choice("help", options) is None
    assert match_choice("halp", options) is None


def test_a_choice_named_inside_a_longer_sentence_is_asked_about() -> None:
    assert match_choice("is there a doctor nearby", MENU) == ChoiceMatch("health", sure=False)


def test_labels_in_other_scripts_match_in_all_their_spellings() -> None:
    options = (
        Choosable.of("yes", 1, "Да, хоћу"),
        Choosable.of("no", 2, "كلا"),
        Choosable.of("water", 3, "می‌خواهم"),
    )

    assert match_choice("da hocu", options) == ChoiceMatch("yes", sure=True)
    assert match_choice("كلّا", options) == ChoiceMatch("no", sure=True)
    assert match_choice("مي خواهم", options) == ChoiceMatch("water", sure=True)


def test_a_choice_made_without_its_folded_forms_is_still_found() -> None:
    assert match_choice("legal", (Choosable("legal", 1, "LEGAL"),)) == ChoiceMatch("legal", sure=True)


@given(st.text(), st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=8))
def test_no_text_and_no_labels_break_matching(text: str, labels: list[tuple[str, str]]) -> None:
    options = [Choosable.of(f"o{n}", n, label, [word]) for n, (label, word) in enumerate(labels, start=1)]

    found = match_choice(text, options)

    assert found is None or found.name in {option.name for option in options}


@given(st.sampled_from(MENU), st.sampled_from(["", " ", "!", "…", "\u200f"]))
def test_a_label_as_shown_always_finds_its_choice(option: Choosable, around: str) -> None:
    assert match_choice(f"{around}{option.label}{around}", MENU) == ChoiceMatch(option.name, sure=True)
