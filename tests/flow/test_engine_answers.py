"""Answers: numbers, labels, words, typed slots of every kind; what is not understood; back."""

import pytest

from bot.flow.effects import OpenCase
from bot.flow.rehearsal import said
from bot.kernel.messages import Dropped
from tests.flow.stage import HOUSING, a_library, a_person

TYPED = """
flow: typed
title: Typed
start: ask
remember: {answer: TYPE, note: text}
steps:
  ask:
    say: |
      Tell me.
    ask: answer
    choices:
      skip: Skip
    next: told
  told:
    say: |
      It is {answer}.
    choices:
      done: Done -> end
"""


def a_question(kind: str) -> str:
    text = TYPED.replace("TYPE", kind)
    return text.replace("{answer}", "kept") if kind in ("phone", "sealed text") else text


@pytest.mark.parametrize("two", ["2", "٢", "۲", "２", "2.", "2)", "2️⃣", "the second one"])
def test_a_choice_is_taken_by_its_number_in_the_digits_of_any_script(two: str) -> None:
    assert a_person().at("housing").picks("skip").says(two).slot("urgency") == "later"


@pytest.mark.parametrize("typed", ["later", "LATER!", "not now", "next week", "Later please"])
def test_a_choice_is_taken_by_its_label_and_by_its_other_words(typed: str) -> None:
    assert a_person().at("housing").picks("skip").says(typed).slot("urgency") == "later"


def test_a_label_with_a_small_typo_is_asked_about_before_it_is_taken() -> None:
    person = a_person().at("housing").picks("skip").says("tonigt")

    assert person.reads == "Did you mean one of these?"
    assert person.names == ("tonight", "none")
    assert person.picks("tonight").slot("urgency") == "tonight"


def test_a_negated_label_is_not_that_label() -> None:
    person = a_person().at("housing").picks("skip").says("not tonight")

    assert person.slot("urgency") is None


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("text", "my friend Sam", "my friend Sam"),
        ("number", "3", 3),
        ("number", "٩", 9),
        ("number", "0", 0),
        ("yes no", "yes", "yes"),
        ("yes no", "nope", "no"),
        ("age group", "17", "under 18"),
        ("age group", "9", "under 18"),
        ("age group", "34", "18 or older"),
        ("date", "31.12.2026", "2026-12-31"),
        ("place", "Belgrade", "rs-beograd"),
        ("place", "belgrad", "rs-beograd"),
        ("need", "lawyer", "legal_asylum"),
    ],
)
def test_a_typed_answer_is_kept_as_what_it_is(kind: str, typed: str, value: object) -> None:
    person = a_person(a_library(a_question(kind))).at("typed").says(typed)

    assert person.place == "typed/told"
    assert person.slot("answer") == value


@pytest.mark.parametrize("kind", ["number", "yes no", "age group", "date", "place", "need"])
def test_an_answer_of_the_wrong_kind_is_asked_again_with_its_own_sentence(kind: str) -> None:
    person = a_person(a_library(a_question(kind))).at("typed").says("qqqq zzzz")

    assert person.turn.trace == ("typed/ask.try_again",)
    assert person.place == "typed/ask"
    assert person.reads


@pytest.mark.parametrize("kind", ["number", "date", "age group", "phone"])
@pytest.mark.parametrize("digit", ["9", "0"])
def test_where_a_digit_is_the_answer_nine_and_zero_are_no_commands(kind: str, digit: str) -> None:
    person = a_person(a_library(a_question(kind))).at("typed").says(digit)

    assert person.place.startswith("typed/")


@pytest.mark.parametrize("kind", ["number", "date", "age group", "phone"])
def test_where_a_digit_is_the_answer_the_options_have_no_numbers_and_the_words_are_said(kind: str) -> None:
    person = a_person(a_library(a_question(kind))).at("typed")

    assert said(person.turn).numbered is False
    assert "A number is your answer here. For a person write: person. To stop write: leave." in person.reads
    assert person.says("person").place == "human/ask"


@pytest.mark.parametrize("kind", ["number", "date", "age group", "place", "phone", "text", "sealed text"])
def test_a_tapped_choice_leaves_the_slot_of_another_kind_empty(kind: str) -> None:
    person = a_person(a_library(a_question(kind))).at("typed").picks("skip")

    assert person.place == "typed/told"
    assert person.slot("answer") is None


def test_yes_and_no_are_offered_by_the_engine_when_the_file_has_none() -> None:
    library = a_library(a_question("yes no").replace("    choices:\n      skip: Skip\n", "", 1))
    person = a_person(library).at("typed")

    assert person.labels == ("Yes", "No")
    assert person.picks("no").slot("answer") == "no"


def test_an_age_group_can_be_tapped_without_giving_an_age() -> None:
    person = a_person(a_library(a_question("age group"))).at("typed")

    assert person.labels == ("Younger than 18", "18 or older", "Skip")
    assert person.picks("under 18").slot("answer") == "under 18"


def test_the_age_itself_is_not_kept() -> None:
    person = a_person(a_library(a_question("age group"))).at("typed").says("17")

    assert b"17" not in person.rehearsal.stored.replace(b"release-1", b"")


def test_a_phone_number_is_sealed_and_kept_for_nothing_but_a_handoff() -> None:
    person = a_person(a_library(a_question("phone"))).at("typed").says("+381 11 222 3333")

    assert person.place == "typed/told"
    assert b"2223333" not in person.rehearsal.stored


def test_sealed_words_that_no_handoff_takes_are_not_kept() -> None:
    person = a_person(a_library(a_question("sealed text"))).at("typed").says("I slept at the station")

    assert b"station" not in person.rehearsal.stored
    assert person.place == "typed/told"


def test_a_place_that_may_be_several_is_asked_about() -> None:
    person = a_person(a_library(a_question("place"))).at("typed").says("Novi")

    if person.place == "typed/ask":
        assert person.slot("answer") is None


def test_a_place_with_a_near_name_is_suggested_and_can_be_refused() -> None:
    person = a_person(a_library(a_question("place"))).at("typed").says("Novi Saz")

    assert person.reads == "Did you mean one of these?"
    assert set(person.names) == {"rs-novi-sad", "rs-novi-pazar", "none"} or "rs-novi-sad" in person.names
    assert person.picks("none").turn.trace == ("typed/ask.try_again",)
    assert person.says("Novi Saz").picks("rs-novi-sad").slot("answer") == "rs-novi-sad"


def test_the_language_chosen_is_the_language_of_the_conversation_from_then_on() -> None:
    person = a_person().says("hi").picks("ar")

    assert (person.session.language, said(person.turn).direction) == ("ar", "rtl")


@pytest.mark.parametrize("typed", ["srpski", "SRPSKI", "sr", "2"])
def test_a_language_can_be_typed(typed: str) -> None:
    assert a_person().says("hi", typed).session.language == "sr"


def test_an_answer_that_is_too_long_for_the_session_is_asked_for_in_smaller_parts() -> None:
    person = a_person(a_library(a_question("text"))).at("typed").says("word " * 100)

    assert person.reads == "That message is too long for me. You can send it in smaller parts."
    assert person.place == "typed/ask"


def test_after_its_tries_a_question_goes_where_it_says() -> None:
    person = a_person().at("housing")

    assert person.says("qqqq").turn.trace == ("housing/ask_city.try_again",)
    assert person.says("qqqq").turn.trace == ("housing/ask_city.try_again",)
    assert person.says("qqqq").place == "housing/ask_urgency"


def test_after_its_tries_a_question_without_a_way_on_offers_a_person() -> None:
    person = a_person(a_library(HOUSING.replace("    give up: ask_urgency\n", ""))).at("housing")

    person.says("qqqq", "qqqq", "qqqq")

    assert person.reads == "I do not understand this well enough. A person can help."
    assert person.names == ("person", "menu")
    assert person.picks("person").place == "human/ask"


def test_what_a_step_says_for_a_bad_answer_is_said_before_the_choices_again() -> None:
    person = a_person().at("housing").says("qqqq")

    assert person.reads == "I did not find that place. Another spelling?"
    assert person.labels == ("Skip",)


# --- back ----------------------------------------------------------------------------------------------


def test_back_undoes_the_last_answer_and_asks_again() -> None:
    person = a_person().at("housing").says("Belgrade").picks("later").says("back")

    assert person.place == "housing/ask_urgency"
    assert person.slot("urgency") is None
    assert person.slot("city") == "rs-beograd"
    assert person.says("*").place == "housing/ask_city"
    assert person.slot("city") is None


def test_back_at_the_first_question_says_that_there_is_nothing_to_take_back() -> None:
    person = a_person().at("housing").says("back")

    assert "There is nothing to take back." in person.reads
    assert person.place == "housing/ask_city"


def test_back_does_not_keep_what_was_sealed() -> None:
    library = a_library(HOUSING.replace("handoff: shelter", "handoff: shelter"))
    person = a_person(library).at("housing").picks("skip", "tonight", "yes").says("I slept at the station")

    assert b"station" not in person.rehearsal.stored


# --- taps ----------------------------------------------------------------------------------------------


def test_a_button_of_an_earlier_message_is_asked_again_and_never_done() -> None:
    person = a_person().at("housing")
    old = said(person.turn).options[0].payload
    person.picks("skip")

    person.taps(old)

    assert person.place == "housing/ask_urgency"
    assert "That button is from before." in person.reads
    assert person.labels == ("Tonight", "Later")


@pytest.mark.parametrize(
    "payload", ["", ".", "x", "9", "0", "00000000.99", "00000000.-1", "nonce.nine", "." * 64, "\x00.1"]
)
def test_a_button_that_nobody_made_changes_nothing(payload: str) -> None:
    person = a_person().at("housing").taps(payload)

    assert person.place == "housing/ask_city"


def test_person_and_leave_work_from_the_buttons_of_any_old_message() -> None:
    person = a_person().at("housing")
    nine, zero = (option.payload for option in said(person.turn).footer)
    person.picks("skip", "tonight")

    assert person.taps(nine).place == "human/ask"
    person.taps(zero)
    assert person.rehearsal.session is None


def test_payloads_fit_into_a_button() -> None:
    person = a_person().at("housing")

    assert all(len(option.payload.encode()) <= 64 for option in said(person.turn).options)


# --- what cannot be read -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Dropped))
def test_what_was_dropped_is_answered_kindly_and_the_question_asked_again(kind: Dropped) -> None:
    person = a_person().at("housing").sends(dropped=kind)

    assert "Which city are you in?" in person.reads
    assert len(person.reads) > len("Which city are you in? You can skip this.")
    assert person.labels == ("Skip",)


def test_words_beside_a_picture_are_read() -> None:
    person = a_person().at("housing").sends(dropped=Dropped.MEDIA, text="Belgrade")

    assert person.slot("city") == "rs-beograd"
    assert "not kept" in person.reads


def test_a_changed_message_is_not_taken_as_an_answer() -> None:
    person = a_person().at("housing").sends(edited=True, text="Belgrade")

    assert person.place == "housing/ask_city"
    assert "Changed messages are not read here." in person.reads


def test_words_of_danger_in_a_changed_message_are_read() -> None:
    person = a_person().at("housing").sends(edited=True, text="I want to die")

    assert person.place == "danger/life"


def test_an_empty_message_gets_the_question_again() -> None:
    person = a_person().at("housing").says("   ")

    assert "Which city are you in?" in person.reads


def test_of_a_choice_that_is_called_skip_nothing_is_shown_at_the_consent_and_nothing_is_sent() -> None:
    library = a_library(
        HOUSING.replace(
            "      tonight: Tonight -> results\n",
            "      tonight: Tonight -> results\n      skip: Rather not say -> results\n",
        )
    )
    said, skipped = [a_person(library).at("housing").picks("skip", name) for name in ("tonight", "skip")]
    assert "Tonight" in said.reads
    assert "Rather not say" not in skipped.reads
    assert skipped.slot("urgency") == "skip"  # conditions may ask for it

    opened = skipped.picks("yes").says("I slept at the station").effects

    [case] = [each for each in opened if isinstance(each, OpenCase)]
    assert "urgency" not in [field.slot for field in case.shared]
