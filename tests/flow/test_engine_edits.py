"""A publish in the middle of a conversation: same question, moved question, an earlier one, the menu."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from bot.flow.engine import advance
from bot.flow.rehearsal import said
from bot.flow.session import Frame
from bot.kernel.messages import InboundMessage
from tests.flow.stage import HOUSING, Person, a_library, a_person


def at_urgency() -> Person:
    return a_person().at("housing").says("Belgrade")


def published(person: Person, text: str) -> Person:
    person.rehearsal.library = a_library(text, version="release-2")
    return person


def test_new_texts_are_no_new_structure_and_the_answer_is_taken() -> None:
    person = published(at_urgency(), HOUSING.replace("Tonight ->", "This very night ->"))

    assert person.says("1").slot("urgency") == "tonight"


def test_a_tap_on_the_question_of_before_is_taken_when_its_structure_is_the_same() -> None:
    person = at_urgency()
    payload = said(person.turn).options[1].payload
    published(person, HOUSING.replace("When do you need a place?", "When?"))

    assert person.taps(payload).slot("urgency") == "later"


def test_a_question_whose_choices_changed_is_asked_again_and_never_answered_by_an_old_number() -> None:
    changed = HOUSING.replace(
        "      tonight: Tonight -> results\n",
        "      never: Never -> results\n      tonight: Tonight -> results\n",
    )
    person = published(at_urgency(), changed).says("1")

    assert person.slot("urgency") is None
    assert "Some texts here are new." in person.reads
    assert person.names == ("never", "tonight", "later")
    assert person.slot("city") == "rs-beograd"


def test_a_step_that_moved_is_followed() -> None:
    moved = HOUSING.replace("ask_urgency", "when_needed").replace(
        "  when_needed:\n    say", "  when_needed:\n    moved from: ask_urgency\n    say"
    )
    person = published(at_urgency(), moved).says("1")

    assert person.session.frames[-1].slots["urgency"] == "tonight"


def test_a_step_that_is_gone_leads_back_to_the_nearest_question_that_still_exists() -> None:
    without = HOUSING.replace("ask_urgency", "another_question")
    person = published(at_urgency(), without).says("1")

    assert person.place == "housing/ask_city"
    assert "Some texts here are new." in person.reads
    assert "Which city are you in?" in person.reads


def test_a_flow_that_is_gone_leads_to_where_the_person_came_from() -> None:
    person = a_person().at("menu").picks("sleep").says("Belgrade")

    assert published(person, "").rehearsal.library.flows.get("housing") is None
    assert person.says("1").place == "menu/need"


def test_when_nothing_is_left_of_it_there_is_the_menu() -> None:
    person = published(at_urgency(), "").says("1")

    assert person.names == ("menu", "person")
    assert person.says("1").place == "menu/need"


def test_an_answer_of_a_slot_that_is_gone_is_not_kept() -> None:
    without = (
        HOUSING.replace("  city: place\n", "  town: place\n")
        .replace("ask: city", "ask: town")
        .replace("near: city", "near: town")
        .replace("[city,", "[town,")
    )
    person = published(at_urgency(), without).says("later")

    assert "city" not in person.session.frames[-1].slots


def test_a_conversation_between_topics_goes_on_in_the_new_release() -> None:
    person = published(a_person().at("sos").picks("done"), HOUSING)

    assert person.says("1").place == "menu/need"


@pytest.mark.parametrize("text", ["1", "back", "hello", "9", "sos", "I want to die"])
@pytest.mark.parametrize(
    "frames",
    [
        (Frame("gone", "gone"),),
        (Frame("housing", "gone"),),
        (Frame("gone", "x", "call"), Frame("housing", "ask_urgency")),
        (Frame("housing", "ask_urgency", "consent"),),
        (Frame("housing", "ask_urgency", "permission"),),
        (Frame("housing", "person", "call"),),
        (Frame("housing", "results", "", {"city": 5}),),
        (Frame("housing", "ask_city", "", {"city": "nowhere"}, "", {"results": -7}),),
    ],
)
def test_a_session_that_fits_nowhere_leads_to_a_question_and_never_to_an_error(
    frames: tuple[Frame, ...], text: str
) -> None:
    person = at_urgency()
    broken = changed(person.session, frames=frames)
    message = InboundMessage("simulator", "1", text)

    turn = advance(person.rehearsal.library, broken, message, person.rehearsal.situation())

    assert said(turn).texts
    assert said(turn).footer


def test_a_session_of_a_release_with_other_entries_still_finds_a_way() -> None:
    person = at_urgency()
    library = person.rehearsal.library
    person.rehearsal.library = replace(library, entries={}, flows={}, version="empty", prepared=[])

    person.says("hello")

    assert said(person.turn).footer


@pytest.mark.parametrize(
    ("text", "place"),
    [("I want to die", "danger/life"), ("9", "human/ask"), ("sos", "sos/numbers"), ("menu", "menu/need")],
)
def test_danger_and_commands_are_taken_at_once_also_in_the_first_message_of_a_new_release(
    text: str, place: str
) -> None:
    changed_question = HOUSING.replace("later:\n        label: Later", "someday:\n        label: Later")

    assert published(at_urgency(), changed_question).says(text).place == place


def test_leaving_works_in_the_first_message_of_a_new_release() -> None:
    assert published(at_urgency(), "").says("0").rehearsal.session is None
