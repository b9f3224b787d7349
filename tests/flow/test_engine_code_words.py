"""Code words in a conversation: given with a request, told again to their person, and to nobody who only holds the phone."""

from datetime import timedelta
from typing import Final

import pytest

from bot.directory.model import Member
from bot.flow.effects import AddToCase, CheckWordTried, FlagService, OpenCase
from bot.flow.rehearsal import DESIGNATION, WORDS
from bot.flow.session import encode
from tests.flow.stage import Person, a_library, a_note, a_person, an_open_case

FLOW: Final = """
flow: checking
title: Is this a helper
entry: verify
start: facts
remember: {note: sealed text}
steps:
  facts:
    tell: code words
    say: |
      Help is always free.
    choices:
      report: Report someone -> whom
      done: Done -> end
  whom:
    avoid: organisation
    say: |
      From one of these?
    if none: send
    next: send
  send:
    say: |
      In your own words.
    ask: note
    handoff: psea
    share: [note]
    choices:
      skip: Nothing more
    next: sent
  sent:
    say: |
      Thank you.
    choices:
      done: Done -> end
"""
TAKERS = (
    Member("rs-demo", queues=("general",)),
    Member("rs-north", queues=("psea",)),
    Member("rs-south", queues=("psea",)),
)
LIBRARY = a_library(FLOW, members=TAKERS, phrases={"checking": ["is this really a helper"]})


def somebody(**changes: object) -> Person:
    """In a conversation, with an open case unless `changes` says otherwise."""
    return a_person(LIBRARY, case=an_open_case(**changes)).says("hi")


def stranger() -> Person:
    return a_person(LIBRARY).says("hi")


def test_a_request_comes_with_words_that_are_not_its_name() -> None:
    person = stranger().at("human").picks("yes").says("I slept outside")

    [opened] = [effect for effect in person.effects if isinstance(effect, OpenCase)]
    assert opened.code_words == WORDS
    assert f"Your code words are: {WORDS}. A real helper says them first." in person.reads
    assert f"This request is called: {DESIGNATION}." in person.reads
    assert WORDS not in DESIGNATION
    assert WORDS not in repr(opened)


def test_the_first_answer_stands_beside_the_words_and_the_second_does_not() -> None:
    person = stranger().at("human").picks("yes").says("I slept outside")
    person.rehearsal.answer("I am Ana.")

    assert f"Your code words: {WORDS}" in person.says("hello?").picks("read").reads

    person.says("thank you").rehearsal.answer("Are you there?")
    read = person.says("note").picks("read").reads
    assert "Are you there?" in read
    assert WORDS not in read


def test_verify_tells_the_words_of_the_open_case_and_the_facts() -> None:
    person = somebody().says("verify")

    assert f"{WORDS}: Demo Lantern" in person.reads
    assert "Help is always free." in person.reads
    assert person.effects == []


def test_the_words_are_in_no_session() -> None:
    assert WORDS.split(" ")[0].encode() not in encode(somebody().says("verify").session)


def test_it_answers_at_once_while_a_note_waits_and_shows_nothing_of_it() -> None:
    person = somebody()
    person.rehearsal.mails.append(a_note("A bed is free."))

    assert "Help is always free." in person.says("verify").reads
    assert "bed" not in person.reads
    assert "Is now a good time?" in person.picks("done").reads


def test_it_works_while_writing_to_the_team_and_the_words_go_there_afterwards() -> None:
    person = somebody().says("person", "verify").picks("done").says("I am at the station")

    assert AddToCase("I am at the station") in person.effects


def test_it_does_not_end_a_pause() -> None:
    person = somebody().says("person", "menu", "verify").picks("done").says("I am at the station")

    assert not any(isinstance(effect, AddToCase) for effect in person.effects)


def test_it_works_after_a_long_silence_and_in_the_middle_of_anything() -> None:
    assert "Help is always free." in somebody().after(timedelta(minutes=10)).says("verify").reads
    assert "Help is always free." in stranger().at("human").says("verify").reads
    assert "Is it okay to send this?" in stranger().at("human").says("verify").picks("done").reads


def test_behind_the_safe_word_it_answers_only_with_that_word() -> None:
    person = somebody().says("safe word", "lavender", "lavender")

    assert WORDS not in person.says("verify").reads
    assert WORDS in person.says("verify lavender").reads


@pytest.mark.parametrize("gate", [{"quiet": True}, {"quiet": True, "check_word": "lavender"}])
def test_who_is_quiet_about_a_case_reads_what_a_stranger_reads(gate: dict[str, object]) -> None:
    person, other = somebody(**gate), stranger()

    for text in ("verify", "is this really a helper"):
        assert person.says(text).reads == other.says(text).reads
        assert person.labels == other.labels
    assert WORDS not in person.reads


def test_after_later_nothing_is_told_either() -> None:
    person = somebody()
    person.rehearsal.mails.append(a_note())
    person.says("hello?").picks("later").says("verify")

    assert WORDS not in person.reads
    assert "Demo Lantern" not in person.reads


def test_who_is_silent_reads_them_after_asking_for_the_people() -> None:
    person = somebody(quiet=True).says("person")
    assert f"Your code words: {WORDS}" in person.reads

    assert WORDS in person.says("verify").reads


def with_check_word(**changes: object) -> Person:
    return somebody(quiet=True, check_word="lavender", id="one", **changes).says("person")


def test_a_check_word_comes_before_the_words() -> None:
    person = with_check_word()
    assert WORDS not in person.reads
    assert WORDS not in person.says("verify").reads

    person.picks("=words")
    assert WORDS not in person.reads
    assert WORDS in person.says("Lavender").reads
    assert "done" in person.names


def test_a_wrong_check_word_costs_a_try_and_three_close_it() -> None:
    person = with_check_word().says("verify").picks("=words")
    for wrong in ("rose", "mint"):
        assert CheckWordTried("one") in person.says(wrong).effects
    assert "The code words stay hidden." in person.says("thyme").reads

    assert "The code words stay hidden." in person.picks("=words").reads
    assert WORDS not in person.reads


def test_a_case_that_is_locked_elsewhere_is_locked_here() -> None:
    assert "The code words stay hidden." in with_check_word(locked=True).says("verify").picks("=words").reads


def test_words_of_danger_are_heard_while_the_check_word_is_asked() -> None:
    person = with_check_word().says("verify").picks("=words").says("I want to die")

    assert "danger/life" in person.turn.trace


def test_words_of_several_cases_are_told_with_whose_they_are() -> None:
    person = somebody(id="one")
    other = an_open_case(
        id="two",
        organisation="rs-north",
        organisation_name="North",
        complaint="psea",
        code_words="lamp tray soup",
    )
    person.rehearsal.cases.append(other)

    read = person.says("verify").reads
    assert f"{WORDS}: Demo Lantern" in read
    assert "lamp tray soup: North, your complaint" in read


# --- whom a report must not reach ----------------------------------------------------------------------


def reporting() -> Person:
    person = stranger().says("verify").picks("report")
    assert person.names == ("none", "rs-north", "rs-south")
    return person


def consented_to(person: Person) -> str:
    [line] = [line for line in person.reads.splitlines() if line.startswith("This will go to a person at ")]
    return line


def test_a_report_goes_to_the_first_that_takes_complaints() -> None:
    assert "rs-north" in consented_to(reporting().picks("none"))


def test_the_organisation_that_was_named_is_passed_over_and_the_receiver_reads_so() -> None:
    person = reporting().picks("rs-north")
    assert "rs-south" in consented_to(person)

    [opened] = [each for each in person.picks("yes", "skip").effects if isinstance(each, OpenCase)]
    assert (opened.organisation, opened.excluded) == ("rs-south", ("rs-north",))


def test_a_name_in_the_words_is_heeded_before_anything_is_sent() -> None:
    person = reporting().picks("none", "yes").says("A man of RS-North asked for money")

    assert not any(isinstance(effect, OpenCase) for effect in person.effects)
    assert "You wrote the name of rs-north." in person.reads
    assert "rs-south" in consented_to(person)
    [opened] = [each for each in person.picks("yes").effects if isinstance(each, OpenCase)]
    assert (opened.organisation, opened.note) == ("rs-south", "A man of RS-North asked for money")


def test_where_only_the_named_one_is_left_nothing_is_sent() -> None:
    person = reporting().picks("rs-north", "yes").says("and rs-south knew it")

    assert not any(isinstance(effect, OpenCase) for effect in person.effects)
    assert "Nothing was sent." in person.reads
    assert "numbers" in person.names


def test_who_asks_for_the_named_ones_after_all_is_shown_their_name_again_and_then_obeyed() -> None:
    person = reporting().picks("rs-north", "yes").says("and rs-south knew it").picks("again")
    assert "rs-north" in consented_to(person)

    [opened] = [each for each in person.picks("yes").effects if isinstance(each, OpenCase)]
    assert opened.organisation == "rs-north"


def test_the_list_is_the_same_for_who_has_a_case_at_one_of_them() -> None:
    person = somebody(organisation="rs-north", quiet=True).says("verify").picks("report")

    assert person.names == ("none", "rs-north", "rs-south")
    assert "rs-south" in consented_to(person.picks("none"))


def test_where_nobody_takes_complaints_nothing_is_asked_and_nothing_sent() -> None:
    person = a_person(LIBRARY)
    person.rehearsal.staffing = [each for each in person.rehearsal.staffing if each.organisation == "rs-demo"]
    person.says("hi", "verify").picks("report")

    assert "So nothing was asked and nothing was sent." in person.reads
    assert not any(isinstance(effect, OpenCase | FlagService) for effect in person.effects)


def test_an_ordinary_handoff_may_name_the_organisation_that_it_goes_to() -> None:
    person = stranger().at("human").picks("yes").says("rs-demo helped me before")

    assert any(isinstance(effect, OpenCase) for effect in person.effects)
