"""An urgent request that nobody opened: the person hears so, once, and chooses what now."""

from dataclasses import replace

from bot.directory.model import Member
from bot.flow.effects import AddToCase
from bot.handoff.routing import Staffing
from tests.flow.stage import a_library, a_note, a_person, an_open_case

ASKS = "Nobody has answered yet."
LATE = an_open_case(id="1", queue="general", urgency="now", too_long=True)
OTHER = Staffing("rs-harbour", "Demo Harbour", keys=1, on_duty=1)
OURS = Staffing("rs-demo", "Demo Lantern", keys=1, on_duty=1)


def test_words_go_into_the_case_first_and_then_the_person_hears_that_nobody_came() -> None:
    person = a_person(case=LATE).says("Are you there?")

    assert person.effects == [AddToCase("Are you there?", "1")]
    assert ASKS in person.reads


def test_it_is_said_once_in_a_conversation() -> None:
    person = a_person(case=LATE).says("Are you there?").picks("wait").says("Hello")

    assert ASKS not in person.reads


def test_a_question_gives_way_to_whatever_is_written_instead() -> None:
    person = a_person(case=LATE).says("Are you there?").says("I am at the station")

    assert person.effects == [AddToCase("I am at the station", "1")]


def test_a_waiting_note_comes_before_it() -> None:
    person = a_person(case=LATE, mail=a_note(case="1")).says("Are you there?")

    assert ASKS not in person.reads


def test_another_team_is_offered_only_where_one_takes_what_it_is_about() -> None:
    library = a_library(
        members=[Member("rs-demo", queues=("general", "shelter")), Member("rs-harbour", queues=("general",))]
    )
    for_shelter = replace(LATE, queue="shelter")

    assert a_person(library, case=LATE, staffing=[OURS]).says("Hello?").names == ("wait", "numbers")
    assert a_person(library, case=for_shelter, staffing=[OURS, OTHER]).says("Hello?").names == (
        "wait",
        "numbers",
    )
    assert a_person(library, case=LATE, staffing=[OURS, OTHER]).says("Hello?").names == (
        "wait",
        "elsewhere",
        "numbers",
    )


def test_the_next_team_is_named_and_nothing_is_sent_before_a_yes() -> None:
    library = a_library(members=[Member("rs-demo"), Member("rs-harbour")])
    person = a_person(library, case=LATE, staffing=[OURS, OTHER]).says("Hello?").picks("elsewhere")

    assert "Demo Harbour" in person.reads
    assert "Demo Lantern" not in person.reads
    assert "How urgent: now" in person.reads
    assert person.effects == []


def test_helplines_are_one_tap_away() -> None:
    person = a_person(case=LATE).says("Are you there?").picks("numbers")

    assert person.place.startswith("sos/")


def test_who_asked_for_quiet_hears_nothing_of_it_unasked() -> None:
    quiet = an_open_case(id="1", urgency="now", too_long=True, quiet=True)

    assert ASKS not in a_person(case=quiet).says("hello").reads
