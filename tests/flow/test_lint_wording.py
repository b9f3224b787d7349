import pytest

from bot.flow.definition import Text
from bot.flow.lint import World, lint_flows
from bot.flow.lint.wording import lint_text, sentences
from bot.i18n.catalogue import Catalogue, Message
from bot.i18n.languages import Language, Languages
from bot.kernel.problems import Mark, Problem
from tests.content.foreign import TODAY
from tests.flow.written import SHARED, a_flow, drafted

AT = Mark("flows/help.yaml", 4, 10)


def said(text: str) -> list[Problem]:
    return list(lint_text(Text("help/one/say", text, AT), "say"))


def codes(text: str) -> list[str]:
    return [one.code for one in said(text)]


@pytest.mark.parametrize(
    "text",
    [
        "It is illegal.",
        "Illegal people.",
        "Homosexuals can ask.",
        "Are you a homosexual?",
        "Your lifestyle.",
        "Your sexual preference.",
        "What is your real name?",
        "You are a victim.",
        "Please confess it.",
        "Do you admit it?",
        "Are you sure?",
        "Can you prove it?",
        "How do you know?",
        "Have you tried women?",
        "You will get asylum.",
        "We keep you safe.",
        "I promise.",
        "You have so much to live for.",
        "Nothing remains.",
        "This chat is end-to-end encrypted.",
    ],
)
def test_words_that_hurt_doubt_or_promise_are_found(text: str) -> None:
    assert codes(text) == ["F501"]


@pytest.mark.parametrize(
    "text",
    [
        "Each case is looked at alone. A yes is not sure.",
        "At this step you do not have to say why.",
        "Why do I ask? It helps me to find a place.",
        "Homosexual acts are a crime there.",
        "I am not sure. What do you need?",
        "Nobody needs to prove anything here.",
        "Are you safe right now?",
        "You may ask for an interpreter.",
    ],
)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text", ["Why did you leave?", "Can you tell me why?", "So, why now?", "And you left why?"]
)
def test_a_question_for_a_reason_is_found(text: str) -> None:
    assert codes(text) == ["F502"]


def test_a_person_may_ask_why() -> None:
    assert list(lint_text(Text("c", "Why do you ask?", AT), "label")) == []


def test_a_text_may_have_350_characters_and_no_more() -> None:
    fits = ("Nine chars" + ". " * 1 + "ab. " * 85)[:350]

    assert len(fits) == 350
    assert codes(fits) == []
    assert [(one.code, one.message) for one in said(fits + "a")] == [
        ("F503", "this text has 351 characters, more than 350")
    ]


def test_a_sentence_may_have_twenty_words_and_no_more() -> None:
    assert codes(" ".join(["word"] * 20) + ".") == []
    assert [one.message for one in said("Hi. " + " ".join(["word"] * 21) + ".")] == [
        "the sentence 'word word word word word word word word word wo...' has 21 words, more than 20"
    ]


def test_a_sentence_goes_on_over_a_line_and_ends_at_a_list() -> None:
    assert sentences('One two\nthree four. Five\n\nSix\n- seven\n- eight\nNine! "Ten?" Eleven') == [
        "One two three four.",
        "Five",
        "Six",
        "- seven",
        "- eight",
        "Nine!",
        '"Ten?',
        "Eleven",
    ]


def lint(steps: str, *, top: str = "", world: World | None = None, codes: str) -> list[tuple[str, str]]:
    draft, problems = drafted(a_flow(steps, top=top))
    assert problems == []
    found = lint_flows([draft], draft.facts, world or World(today=TODAY, shared=SHARED))
    return [(one.message, one.severity) for one in found if one.code == codes]


CHOICES = "one:\n  say: Hi\n  choices:\n    a: {} -> end\n    b: {} -> end\n"


def test_a_label_fits_on_a_line_of_a_small_phone_in_every_language() -> None:
    german = Message("help/one/choices.a", "x" * 41)
    catalogue = Catalogue(
        Languages((Language("en", "English"), Language("de", "Deutsch"))), {"de": {german.context: german}}
    )
    world = World(today=TODAY, shared=SHARED, catalogue=catalogue)

    assert lint(CHOICES.format("a" * 40, "B"), codes="F505") == []
    assert lint(CHOICES.format("A", "b" * 41), codes="F505") == [
        ("the label of 'b' has 41 characters, more than 40", "error")
    ]
    assert lint(CHOICES.format("A", "B"), world=world, codes="F505") == [
        ("the label of 'a' has 41 characters in de, more than 40", "error")
    ]


def test_two_choices_with_the_same_word_cannot_be_told_apart() -> None:
    words = "one:\n  say: Hi\n  choices:\n    a: Yes -> end\n    b: No -> end\n  also accept:\n    b: [never, YES]\n"

    assert lint(CHOICES.format("Yes", "yes"), codes="F211") == [("'yes' stands for 'a' and for 'b'", "error")]
    assert lint(words, codes="F211") == [("'YES' stands for 'a' and for 'b'", "error")]
    assert lint(CHOICES.format("Yes", "No"), codes="F211") == []


def test_a_sensitive_topic_is_opened_with_permission() -> None:
    steps = "one:\n  say: This is about sexual violence.\n  choices:\n    a: A -> end\n"

    assert lint(steps, codes="F506") == [
        ("'help' speaks of 'sexual violence' and does not ask permission first", "error")
    ]
    assert lint(steps, top="sensitive: true", codes="F506") == []
    assert lint(steps, top="entry: crisis", codes="F506") == []
    assert lint(steps.replace("sexual violence", "a place to sleep"), codes="F506") == []


@pytest.mark.parametrize(
    "slot", ["hiv_status", "partner_name", "date_of_birth", "address", "route", "smuggler"]
)
def test_what_is_never_asked_has_no_slot(slot: str) -> None:
    assert lint("one:\n  say: Hi\n  next: end\n", top=f"remember: {{{slot}: text}}", codes="F507") == [
        (f"'{slot}' is something we never ask", "error")
    ]


def test_the_text_of_a_fact_is_read_like_any_other() -> None:
    fact = (
        "facts:\n  law:\n    text: It is illegal.\n    source: a page\n    checked on: 2026-11-01\n"
        "    checked by: editor-a\n    expires on: 2027-11-01\n    state: reviewed\n"
    )
    assert lint("one:\n  fact: law\n  next: end\n", top=fact, codes="F501") == [
        ("'illegal' is not said here", "error")
    ]
