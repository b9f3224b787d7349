"""An urgent request that nobody opened: the person hears so, once, and chooses what now."""

from bot.flow.effects import AddToCase
from bot.handoff.routing import Staffing
from tests.flow.stage import a_note, a_person, an_open_case

ASKS = "Nobody has answered yet."
LATE = an_open_case(id="1", urgency="now", too_long=True)
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


def test_another_team_is_offered_only_where_there_is_one() -> None:
    alone = a_person(case=LATE, staffing=[OURS]).says("Are you there?")
    together = a_person(case=LATE, staffing=[OURS, OTHER]).says("Are you there?")

    assert alone.names == ("wait", "numbers")
    assert together.names == ("wait", "elsewhere", "numbers")


def test_helplines_are_one_tap_away() -> None:
    person = a_person(case=LATE).says("Are you there?").picks("numbers")

    assert person.place.startswith("sos/")


def test_who_asked_for_quiet_hears_nothing_of_it_unasked() -> None:
    quiet = an_open_case(id="1", urgency="now", too_long=True, quiet=True)

    assert ASKS not in a_person(case=quiet).says("hello").reads
