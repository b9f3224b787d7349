"""Free text: words of danger before everything, then commands, choices, and the topics of all flows."""

import pytest

from bot.i18n.catalogue import Message
from tests.flow.stage import HOUSING, Person, a_library, a_person

TOPICS = """
flow: lawyer
title: A lawyer
start: here
steps:
  here:
    say: |
      About lawyers.
    choices:
      done: Done -> end
---
flow: status
title: Telling someone
start: here
high stakes: true
steps:
  here:
    say: |
      About telling.
    choices:
      done: Done -> end
"""
PHRASES = {
    "lawyer": [
        "i need a lawyer",
        "who can help me with asylum papers",
        "my asylum interview is soon",
        "legal advice for free",
        "can someone read my decision letter",
        "they refused my asylum",
        "i want to appeal the decision",
        "lawyer for refugees",
    ],
    "housing": [
        "i have nowhere to sleep",
        "i need a room tonight",
        "is there a shelter",
        "i slept outside",
        "they threw me out of the flat",
        "looking for a bed",
        "homeless tonight",
        "safe place to stay",
    ],
    "none": ["zxcv qwer", "qwer zxcv", "hjkl uiop", "asdf yxcv", "zxcv zxcv", "qwer qwer"],
    "status": [
        "should i tell my doctor that i have hiv",
        "do i have to disclose my status",
        "hiv test result disclosure",
        "tell my partner about hiv",
        "my hiv status is secret",
        "who will know my hiv status",
        "is my hiv test private",
        "positive and afraid to tell",
    ],
}


def reader() -> Person:
    return a_person(a_library(f"{HOUSING.strip()}\n---\n{TOPICS.strip()}", phrases=PHRASES))


def at_menu() -> Person:
    return reader().at("menu")


def test_a_typed_sentence_at_a_menu_goes_to_its_topic_and_says_what_was_understood() -> None:
    person = at_menu().says("i need a lawyer for my asylum decision")

    assert person.place == "lawyer/here"
    assert person.reads.startswith("I understood: A lawyer")


def test_one_tap_takes_it_back() -> None:
    person = at_menu().says("i need a lawyer for my asylum decision")

    assert person.names == ("done", "=undo")
    assert person.picks("=undo").place == "menu/need"


def test_a_topic_of_high_stakes_always_asks_first() -> None:
    person = at_menu().says("do i have to disclose my hiv status to my doctor")

    assert person.turn.trace == ("confirm",)
    assert person.labels == ("Yes", "No")
    assert person.picks("yes").place == "status/here"


def test_an_unsure_sentence_gets_up_to_three_suggestions_none_of_these_and_a_person() -> None:
    person = at_menu().says("my friend room letter")

    assert person.turn.trace == ("suggest",)
    assert person.names[-2:] == ("none", "person")
    assert 3 <= len(person.names) <= 5


def test_after_none_of_these_twice_a_person_is_offered_first() -> None:
    person = at_menu().says("my friend room letter").picks("none")
    assert person.place == "menu/need"

    person.says("my friend room letter").picks("none")

    assert person.reads == "I do not understand this well enough. A person can help."
    assert person.names[0] == "person"


def test_what_is_not_understood_gets_the_choices_again_and_then_a_person() -> None:
    person = at_menu().says("zxcv qwer")
    assert person.reads == "I did not understand that. You can choose a number or use other words."
    assert person.labels

    person.says("zxcv qwer", "zxcv qwer")

    assert person.names[0] == "person"


def test_where_no_question_waits_what_is_not_understood_gets_the_menu() -> None:
    person = reader().at("sos").picks("done").says("zxcv qwer")

    assert person.place == "menu/need"
    assert "I am not sure about that. Here are the topics." in person.reads


def test_a_typed_question_is_never_left_without_asking() -> None:
    person = reader().at("housing").says("i need a lawyer for my asylum decision")

    assert person.turn.trace == ("confirm",)
    assert person.picks("no").place == "housing/ask_city"
    assert person.says("i need a lawyer for my asylum decision").picks("yes").place == "lawyer/here"


def test_a_visible_choice_comes_before_the_topics() -> None:
    assert at_menu().says("a place to sleep").place == "housing/ask_city"


# --- words of danger -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["I want to die", "i will kill myself tonight", "samoubistvo", "I WANT TO DIEEE"]
)
def test_words_of_danger_lead_to_the_flow_for_danger_in_whatever_language(text: str) -> None:
    assert at_menu().says(text).place == "danger/life"


def test_words_of_danger_come_before_a_typed_question() -> None:
    assert reader().at("housing").says("he beats me").place == "danger/closest"


def test_words_of_danger_come_from_the_very_first_message() -> None:
    assert reader().says("I am in danger").place == "danger/closest"


def test_the_kind_of_danger_is_kept_for_the_flow_and_makes_every_handoff_urgent() -> None:
    person = reader().at("housing").picks("skip").says("I want to die")
    assert person.session.shared["crisis_kind"] == "suicide"

    person.says("menu").picks("sleep", "skip", "tonight")
    assert "- How urgent: now" in person.reads
    assert "- Kind of danger: thoughts about dying" in person.reads
    opened = person.picks("yes").says("words").opened

    assert (opened.urgency, opened.crisis) == ("now", ("suicide",))


def test_a_negation_softens_and_is_asked_about_but_never_suppresses() -> None:
    person = reader().at("housing").says("I do not want to die")

    assert person.reads == "I want to be sure I understood. Are you safe right now?"
    assert person.labels == ("Yes", "Not sure", "No")
    assert person.picks("yes").place == "housing/ask_city"


@pytest.mark.parametrize("answer", ["unsure", "no"])
def test_not_safe_and_not_sure_lead_to_the_flow_for_danger(answer: str) -> None:
    assert reader().at("housing").says("I do not want to die").picks(answer).place == "danger/life"


def test_in_the_flow_for_danger_its_own_choices_can_be_typed() -> None:
    person = reader().says("I am in danger").says("I think about dying")

    assert person.place == "danger/life"


def test_in_the_flow_for_danger_another_kind_is_taken_up_and_the_same_does_not_turn_in_a_circle() -> None:
    person = reader().says("I am in danger").says("I want to kill myself")
    assert person.place == "danger/life"

    person.says("I want to kill myself")

    assert person.place == "danger/life"
    assert "danger/life.try_again" in person.turn.trace


def test_words_of_danger_in_the_words_for_a_caseworker_are_sent_urgent_and_help_comes_at_once() -> None:
    person = reader().at("housing").picks("skip", "tonight", "yes").says("he beats me and I want to die")

    assert person.opened.note == "he beats me and I want to die"
    assert person.opened.urgency == "now"
    assert set(person.opened.crisis) == {"suicide", "violence"}
    assert person.place == "danger/life"


def test_in_danger_what_shows_who_wrote_is_taken_out_without_a_question() -> None:
    person = (
        reader().at("housing").picks("skip", "tonight", "yes").says("I want to die call +381 64 123 4567")
    )

    assert "123" not in person.opened.note
    assert person.place == "danger/life"


def test_back_returns_from_the_flow_for_danger() -> None:
    assert reader().at("housing").says("he beats me", "back").place == "housing/ask_city"


# --- languages -----------------------------------------------------------------------------------------


def speaker() -> Person:
    serbian = {
        "sr": {
            "engine/language.offer": Message("engine/language.offer", "Da nastavimo na jeziku {language}?")
        }
    }
    return a_person(a_library(ui=serbian, phrases={"none": PHRASES["none"]})).at("menu")


def test_a_message_in_another_language_is_offered_a_switch_in_that_language_and_nothing_is_changed_unasked() -> (
    None
):
    person = speaker().says("gde mogu da spavam i da li ima hrane")

    assert person.reads == "Da nastavimo na jeziku Srpski?"
    assert person.labels == ("Srpski", "English")
    assert person.session.language == "en"


def test_the_switch_is_made_on_yes_and_what_was_written_is_read_again() -> None:
    person = speaker().says("gde mogu da spavam i da li ima hrane").picks("sr")

    assert person.session.language == "sr"
    assert person.place == "menu/need"
    assert person.labels


def test_a_switch_that_was_declined_is_not_offered_again() -> None:
    person = speaker().says("gde mogu da spavam i da li ima hrane").picks("en")
    assert person.session.language == "en"

    assert "tongue" not in person.says("gde mogu da spavam i da li ima hrane").turn.trace


def test_a_language_without_texts_is_not_offered() -> None:
    assert "tongue" not in speaker().says("onde posso dormir com a minha filha").turn.trace


def test_written_to_a_typed_question_another_language_is_an_answer_when_it_fits() -> None:
    assert speaker().at("housing").says("Beograd").slot("city") == "rs-beograd"


PICK = """
flow: pick
title: Pick
start: ask
steps:
  ask:
    say: |
      Which one?
    choices:
      lawyer:
        label: Letters
        go: end
        words: [lawyer]
      done: Done -> end
"""


def test_a_sentence_that_is_surely_a_topic_is_not_taken_for_a_word_of_a_choice() -> None:
    library = a_library(f"{HOUSING.strip()}\n---\n{TOPICS.strip()}\n---\n{PICK.strip()}", phrases=PHRASES)
    person = a_person(library).at("pick")

    assert person.says("need asylum lawyer appeal decision").place == "lawyer/here"


def test_a_word_of_a_choice_in_a_sentence_that_is_no_topic_is_asked_about() -> None:
    library = a_library(f"{HOUSING.strip()}\n---\n{PICK.strip()}", phrases={"none": PHRASES["none"]})

    assert a_person(library).at("pick").says("give me that lawyer thing").names == ("lawyer", "none")
