"""An ordinary case and a complaint side by side: words go to one of them, and never to the other by surprise."""

from datetime import timedelta

import pytest

from bot.directory.model import Member
from bot.flow.effects import AddToCase, CancelCase, ChangeUrgency, MailRead, OpenCase, SetGate
from bot.handoff.routing import Staffing
from tests.flow.stage import HOUSING, Person, a_library, a_note, a_person, an_open_case

STAFFING = (Staffing("rs-demo", "Demo Lantern", 2, 1), Staffing("rs-other", "Another House", 2, 1))
MEMBERS = (Member("rs-demo", queues=("general", "psea")), Member("rs-other", queues=("general", "psea")))
COMPLAINING = HOUSING.replace("handoff: shelter", "handoff: psea")
COMPLAINT = an_open_case(
    id="complaint",
    complaint="psea",
    organisation="rs-other",
    organisation_name="Another House",
    designation="quiet river",
)
ORDINARY = an_open_case(id="ordinary")


def somebody(*cases: object, **changes: object) -> Person:
    person = a_person(a_library(COMPLAINING, members=MEMBERS), staffing=STAFFING)
    person.rehearsal.cases = list(cases)  # type: ignore[arg-type]  # views of open cases
    return person


def complaining(person: Person) -> Person:
    """To the end of a complaint."""
    return person.at("housing").picks("skip", "tonight", "yes").says("he asked for a favour")


def added(person: Person) -> list[str]:
    return [effect.case for effect in person.effects if isinstance(effect, AddToCase)]


def test_a_complaint_beside_an_open_case_is_a_case_of_its_own_and_goes_elsewhere() -> None:
    person = complaining(somebody(ORDINARY))

    assert (person.opened.organisation, person.opened.queue) == ("rs-other", "psea")
    assert added(person) == []
    assert "This stays apart from your other conversation." in person.reads


def test_after_a_complaint_words_go_nowhere_before_the_person_said_whom_they_are_for() -> None:
    person = complaining(somebody(ORDINARY))
    complaint = person.rehearsal.cases[-1].id

    person.says("I am at the station now")

    assert added(person) == []
    assert "Who is this for? It was not sent yet." in person.reads
    assert "Another House, your complaint" in person.reads
    assert person.names == ("ordinary", complaint, "none")
    person.picks("ordinary")
    assert person.effects == [AddToCase("I am at the station now", "ordinary")]
    assert "Added, locked, for Demo Lantern." in person.reads
    assert person.says("and I am cold").effects == [AddToCase("and I am cold", "ordinary")]


def test_words_for_the_complaint_are_acknowledged_as_such() -> None:
    person = somebody(ORDINARY, COMPLAINT).says("it happened twice").picks("complaint")

    assert added(person) == ["complaint"]
    assert "to your complaint at Another House. Only they get it." in person.reads


def test_words_for_nobody_are_dropped_and_said_to_be() -> None:
    person = somebody(ORDINARY, COMPLAINT).says("hello there").picks("none")

    assert person.effects == []
    assert "It was sent to nobody." in person.reads
    assert person.place == "menu/need"
    assert added(person.says("hello again")) == []


def test_a_complaint_alone_takes_no_words_of_a_new_conversation() -> None:
    person = somebody(COMPLAINT).says("hi")

    assert person.effects == []
    person.says("person")
    assert person.names == ("complaint", "person", "menu")
    assert "quiet river: Another House, your complaint" in person.reads
    person.picks("complaint")
    assert "Your next messages go to your complaint at Another House." in person.reads
    assert person.says("one more thing").effects == [AddToCase("one more thing", "complaint")]


def test_a_complaint_alone_takes_words_in_the_conversation_that_made_it() -> None:
    person = complaining(somebody())
    while person.names and person.names != ("menu", "person"):
        person.picks(person.names[-1])

    assert added(person.says("and it was at night")) == [""]
    assert "to your complaint at" in person.reads


def test_somebody_with_a_complaint_alone_can_ask_for_other_people() -> None:
    person = somebody(COMPLAINT).says("person").picks("person").picks("yes").says("I need a lawyer")

    opened = person.opened
    assert opened.queue == "general"
    assert added(person) == []


def test_an_ordinary_handoff_never_goes_into_a_complaint_even_in_the_same_organisation() -> None:
    same = an_open_case(id="complaint", complaint="psea", designation="quiet river")
    person = somebody(same).says("person").picks("person").picks("yes").says("I need a lawyer")

    assert isinstance(person.opened, OpenCase)
    assert added(person) == []


def test_a_second_complaint_through_the_same_queue_goes_into_the_first() -> None:
    person = complaining(somebody(ORDINARY, COMPLAINT))

    assert added(person) == ["complaint"]
    assert not any(isinstance(effect, OpenCase) for effect in person.effects)
    assert "to your complaint at Another House" in person.reads


def test_a_complaint_does_not_go_on_where_the_person_has_an_ordinary_case_by_now() -> None:
    elsewhere = an_open_case(id="ordinary", organisation="rs-other", organisation_name="Another House")
    person = complaining(somebody(elsewhere, COMPLAINT))

    assert person.opened.organisation == "rs-demo"


def test_person_asks_which_conversation_and_what_follows_belongs_to_it() -> None:
    person = somebody(ORDINARY, COMPLAINT).says("person")
    assert person.names == ("ordinary", "complaint", "menu")
    assert person.labels[:2] == ("amber heron", "quiet river")

    person.picks("complaint").picks("cancel").picks("yes")

    assert person.effects == [CancelCase("complaint")]


def test_the_gate_is_set_for_the_case_that_was_just_opened() -> None:
    person = complaining(somebody(ORDINARY))
    complaint = person.rehearsal.cases[-1].id
    while "silent" not in person.names:
        person.picks("=gate" if "=gate" in person.names else person.names[-1])

    assert person.picks("silent").effects == [SetGate(discreet=True, case=complaint)]


def test_notes_of_two_cases_are_offered_one_after_the_other_in_the_same_words() -> None:
    person = somebody(ORDINARY, COMPLAINT)
    person.rehearsal.mails = [
        a_note("From the lantern", case="ordinary"),
        a_note("From the house", case="complaint", organisation_name="Another House"),
    ]

    first = person.says("hi").reads
    person.picks("read")
    assert person.effects == [MailRead("ordinary")]  # "hi" was no answer to it: for whom it is, is asked
    assert "From the lantern" in person.reads
    assert "Who is this for?" in person.reads
    assert "From the house" not in person.reads
    second = person.picks("ordinary").reads
    assert first == second == "There is a note. Is now a good time?"
    person.picks("read")
    assert person.effects == [MailRead("complaint")]
    assert "From the house" in person.reads
    assert person.picks("ordinary").effects == [AddToCase("hi", "ordinary")]


def test_words_after_a_note_answer_those_who_wrote_it() -> None:
    person = somebody(ORDINARY, COMPLAINT)
    person.rehearsal.mails = [a_note("Hello", case="complaint", organisation_name="Another House")]
    person.says("note").picks("read")

    assert person.says("Yes, on Monday").effects == [AddToCase("Yes, on Monday", "complaint")]
    assert "to your complaint" in person.reads


def test_notes_put_off_are_each_reached_by_asking() -> None:
    person = somebody(ORDINARY, COMPLAINT)
    person.rehearsal.mails = [a_note("One", case="ordinary"), a_note("Two", case="complaint")]
    person.says("note").picks("later").says("note").picks("later")

    assert "One" in person.says("note").picks("read").reads
    assert "Two" in person.says("note").picks("read").reads


def test_tries_of_one_check_word_do_not_count_for_another() -> None:
    person = somebody(ORDINARY, COMPLAINT)
    person.rehearsal.mails = [
        a_note("One", case="ordinary", check_word="lavender"),
        a_note("Two", case="complaint", check_word="rosemary"),
    ]
    person.says("hi").picks("read").says("wrong", "wrong again").picks("later")
    person.says("note").picks("read").says("rosemary")

    assert "Two" in person.reads


@pytest.mark.parametrize("words", ["I want to die", "I want to kill myself"])
def test_words_of_crisis_wait_for_no_question_and_raise_the_ordinary_case(words: str) -> None:
    person = somebody(ORDINARY, COMPLAINT).says(words)

    assert person.effects == [ChangeUrgency("now", "ordinary")]
    assert "Thank you for telling me." in person.reads


def test_the_menu_sends_words_to_nobody_until_person() -> None:
    person = somebody(ORDINARY, COMPLAINT).says("menu")
    assert "Your messages go to nobody now." in person.reads

    assert added(person.says("blue sky")) == []


def test_beginning_again_after_a_pause_forgets_whom_the_words_were_for() -> None:
    person = somebody(ORDINARY, COMPLAINT).says("person").picks("complaint").says("sos")
    person.after(timedelta(minutes=6)).says("done").picks("restart")

    assert person.session.into == ""
    assert not person.session.theirs


# --- cases that the person is quiet about ---------------------------------------------------------------


def test_a_quiet_case_is_not_spoken_of_and_takes_no_words_until_asked_for() -> None:
    quiet = an_open_case(id="ordinary", quiet=True)
    person, stranger = somebody(quiet), somebody()

    for text in ("hi", "menu", "blue sky", "sos", "help", "erase", "2", "note", "lavender"):
        person.says(text)
        stranger.says(text)
        assert person.reads == stranger.reads, text
        assert person.effects == stranger.effects, text
    assert "Demo Lantern" in person.says("person").reads


def test_a_handoff_to_where_a_quiet_case_lies_goes_into_it_without_saying_so() -> None:
    quiet = an_open_case(id="ordinary", quiet=True, organisation="rs-demo")
    person, stranger = somebody(quiet), somebody()
    for each in (person, stranger):
        each.at("human").picks("yes").says("I am back")

    assert added(person) == ["ordinary"]
    said = person.reads.removesuffix("Is there anything else?")
    assert said == stranger.reads.removesuffix("How should an answer arrive here?")
    assert "Your message is locked and waits for Demo Lantern." in said
    assert not any(isinstance(effect, SetGate) for effect in person.picks("menu").effects)


def test_a_quiet_case_stays_quiet_beside_a_complaint_that_is_not() -> None:
    person = complaining(somebody(an_open_case(id="ordinary", quiet=True)))

    assert person.opened.organisation == "rs-other"
    assert "your other conversation" not in person.reads
    assert "Demo Lantern" not in person.says("hello there").reads


def test_a_conversation_that_ended_while_it_was_chosen_keeps_its_number_and_shows_no_id() -> None:
    person = somebody(ORDINARY, COMPLAINT).says("I am at the station")
    assert person.labels[:2] == ("amber heron", "quiet river")
    person.rehearsal.cases = [COMPLAINT]

    person.says("what was that?")

    assert person.names[:2] == ("ordinary", "complaint")
    assert person.labels[:2] == ("–", "quiet river")
    assert "1 ordinary" not in person.reads
    person.picks("ordinary")
    assert added(person) == []
