"""A return code in a conversation: made, typed anywhere, and kept nowhere."""

from datetime import timedelta

import pytest

from bot.flow.effects import AddToCase, CheckWordTried, MakeReturnCode, SetGate, UseReturnCode
from bot.flow.engine import advance
from bot.flow.rehearsal import RETURN_CODE
from bot.flow.session import encode
from bot.handoff.return_code import return_code
from bot.kernel.messages import InboundMessage
from tests.flow.stage import Person, a_library, a_note, a_person, an_open_case

DIGITS = RETURN_CODE.replace(" ", "")
ANOTHER = return_code(bytes(range(16)))


def with_code(**changes: object) -> Person:
    return a_person(case=an_open_case(**changes)).says("hi", "return code").picks("make")


def test_the_text_says_what_a_code_is_for_before_one_is_made() -> None:
    person = a_person(case=an_open_case()).says("hi", "return code")

    assert "Whoever has it can read your answers." in person.reads
    assert "Without it nothing is lost on this phone." in person.reads
    assert person.labels == ("Make a code", "Later")
    assert person.effects == []
    assert MakeReturnCode(RETURN_CODE) not in person.picks("later").effects


def test_a_code_is_told_once_with_how_long_it_works_and_is_not_in_the_session() -> None:
    person = with_code()

    assert person.effects == [MakeReturnCode(RETURN_CODE)]
    assert f"Your return code: {RETURN_CODE}" in person.reads
    assert "once, for 30 days at most" in person.reads
    assert not holds(person, DIGITS)


def holds(person: Person, digits: str) -> bool:
    """Whether the session holds the code, or a part of it."""
    kept = encode(person.session).decode("latin-1").replace(" ", "")
    return digits[:8] in kept or digits[8:16] in kept


def test_on_another_phone_the_code_brings_the_request_and_its_code_words() -> None:
    person = with_code()
    person.rehearsal.take_another_phone()

    assert "It worked." in person.says(RETURN_CODE).reads
    assert "amber heron" in person.says("person").reads
    assert person.says("I am here now").effects == [AddToCase("I am here now")]


def test_without_the_right_code_the_request_stays_where_it_is() -> None:
    person = with_code()
    person.rehearsal.take_another_phone()

    person.says(ANOTHER)

    assert "This code does not work here" in person.reads
    assert person.rehearsal.case is None


def test_an_answer_that_waits_is_offered_on_the_other_phone_at_once() -> None:
    person = with_code()
    person.rehearsal.answer("I am here.")
    person.rehearsal.take_another_phone()

    assert "Is now a good time?" in person.says(RETURN_CODE).reads
    assert "I am here." in person.picks("read").reads


@pytest.mark.parametrize("around", ["{}", "my code is {}", "{} please"])
def test_a_code_goes_into_no_request_no_answer_and_no_session(around: str) -> None:
    for person in (a_person(case=an_open_case()).says("hi"), a_person().at("housing"), a_person().says("hi")):
        person.says(around.format(ANOTHER))

        assert not any(isinstance(effect, AddToCase) for effect in person.effects)
        assert not holds(person, ANOTHER.replace(" ", ""))
        assert ANOTHER[:9] not in person.reads


def test_a_code_written_wrong_goes_nowhere_either_and_is_not_tried() -> None:
    person = a_person(case=None).says("hi", "return code").says(ANOTHER[:-1])
    assert "This code does not work here" in person.reads
    assert person.effects == []

    person.says("1234")
    assert "This code does not work here" in person.reads
    assert UseReturnCode(ANOTHER.replace(" ", "")) in person.says(ANOTHER).effects


def test_words_of_danger_beside_a_code_come_first_and_the_code_is_left_out() -> None:
    person = a_person(case=an_open_case()).says("hi").says(f"I want to die {ANOTHER}")

    assert AddToCase("I want to die") in person.effects


def test_where_a_request_is_open_already_a_code_changes_nothing() -> None:
    person = with_code()
    person.rehearsal.take_another_phone()
    person.rehearsal.cases = [an_open_case(id="another")]

    assert "You have something open here already" in person.says(RETURN_CODE).reads
    assert [each.id for each in person.rehearsal.cases] == ["another"]


def test_a_code_that_does_not_work_hears_the_same_beside_an_open_request() -> None:
    alone = a_person(case=None).says("hi").says(ANOTHER)
    beside = a_person(case=an_open_case()).says("hi").says(ANOTHER)

    assert beside.reads.splitlines()[0] == alone.reads.splitlines()[0]
    assert beside.effects == [UseReturnCode(ANOTHER.replace(" ", ""))]


def test_behind_the_safe_word_a_code_gets_an_everyday_sentence() -> None:
    person = a_person().says("hi", "safe word", "lavender", "lavender").says(ANOTHER)

    assert person.effects == []
    assert "code" not in person.reads


def test_the_question_that_waited_is_asked_again_but_not_after_a_pause() -> None:
    person = a_person(a_library()).at("housing")
    place = person.place

    assert person.says(ANOTHER).place == place
    assert "Do you want to go on" not in person.reads
    person.after(timedelta(minutes=6)).says(ANOTHER)
    assert person.names == ("continue", "restart")


def test_how_answers_arrive_is_asked_as_before_after_a_code() -> None:
    person = with_code()
    person.rehearsal.mails = [a_note("I am here.", discreet=True)]
    person.rehearsal.take_another_phone()

    assert "There is a note" not in person.says(RETURN_CODE).reads
    assert not any(isinstance(effect, SetGate) for effect in person.effects)
    assert "There is a note" in person.says("note").reads


def guarded() -> Person:
    return a_person(case=an_open_case(check_word="lavender")).says("hi", "return code").picks("make")


def test_where_there_is_a_check_word_no_code_is_made_without_it() -> None:
    person = guarded()

    assert person.reads == "Please write the check word."
    assert person.effects == []
    assert "Tries left: 2" in person.says("rosemary").reads
    assert person.effects == [CheckWordTried()]
    assert person.says("Lavender").effects == [MakeReturnCode(RETURN_CODE)]


def test_after_three_wrong_check_words_no_code_is_made_any_more() -> None:
    person = guarded().says("one", "two", "three")
    assert "Write person to ask in another way." in person.reads

    person.says("return code").picks("make").says("lavender")

    assert not any(isinstance(effect, MakeReturnCode) for effect in person.effects)


def test_a_code_can_wait_until_the_check_word_is_remembered() -> None:
    assert guarded().picks("later").effects == []


def test_a_request_that_was_closed_meanwhile_gets_no_code() -> None:
    for person in (a_person(case=an_open_case()).says("hi", "return code"), guarded()):
        person.rehearsal.cases = []
        person.says("1" if "make" in person.names else "lavender")

        assert "Please write the return code." in person.reads
        assert person.effects == []


def test_too_many_codes_are_refused_for_now() -> None:
    person = a_person(case=an_open_case()).says("hi", "return code")
    situation = person.rehearsal.situation()._replace(returned="later")

    turn = advance(person.rehearsal.library, person.session, InboundMessage("telegram", "1", "1"), situation)

    assert "not possible right now" in person.read_in(turn)
    assert not any(isinstance(effect, MakeReturnCode) for effect in turn.effects)


COMPLAINT = an_open_case(
    id="complaint", complaint="psea", organisation_name="Another House", designation="quiet river"
)


def with_both(**changes: object) -> Person:
    """Somebody with an ordinary case, changed like this, and a complaint."""
    person = a_person()
    person.rehearsal.cases = [COMPLAINT, an_open_case(id="ordinary", **changes)]
    return person


@pytest.mark.parametrize(
    ("chosen", "which"), [("ordinary", "amber heron: Demo"), ("complaint", "quiet river: ")]
)
def test_with_several_open_the_person_says_which_one_the_code_is_for(chosen: str, which: str) -> None:
    person = with_both().says("hi", "return code")

    assert "Which conversation is the code for?" in person.reads
    assert person.names == ("ordinary", "complaint", "later")
    assert person.effects == []
    person.picks(chosen)
    assert which in person.reads
    assert "What else is open stays on this phone." in person.reads
    assert person.picks("make").effects == [MakeReturnCode(RETURN_CODE, chosen)]
    person.rehearsal.take_another_phone()
    person.says(RETURN_CODE)
    assert [case.id for case in person.rehearsal.cases] == [chosen]


def test_no_code_is_made_for_who_does_not_want_one_now() -> None:
    assert with_both().says("hi", "return code").picks("later").effects == []


def test_with_the_code_of_a_complaint_any_phone_shows_how_it_stands() -> None:
    person = with_both().says("hi", "return code").picks("complaint").picks("make")
    person.rehearsal.take_another_phone()
    person.rehearsal.cases = [an_open_case(id="another")]

    person.says(RETURN_CODE)

    assert "It worked." in person.reads
    assert "Nobody has opened it yet." in person.reads
    assert "Your next messages go to your complaint at Another House." in person.reads
    assert person.says("it happened twice").effects == [AddToCase("it happened twice", "complaint")]


def test_the_code_is_for_the_complaint_only_where_nothing_else_is_open() -> None:
    person = a_person(case=COMPLAINT).says("return code")

    assert "stays on this phone" not in person.reads
    assert person.picks("make").effects == [MakeReturnCode(RETURN_CODE, "complaint")]


def test_beside_a_complaint_the_next_words_go_to_the_request_that_came() -> None:
    person = with_both().says("return code").picks("ordinary").picks("make")
    person.rehearsal.take_another_phone()
    person.rehearsal.cases = [COMPLAINT]

    person.says(RETURN_CODE)

    assert "Your next messages go to Demo Lantern." in person.reads
    assert "Another House" not in person.reads
    assert person.says("I am here now").effects == [AddToCase("I am here now", "ordinary")]


def test_a_request_that_is_quiet_gets_no_code_before_the_person_asked_for_their_people() -> None:
    person = a_person(case=an_open_case(quiet=True)).says("hi", "return code")
    assert "Please write the return code." in person.reads

    assert person.says("person", "return code").names == ("make", "later")


def test_wrong_words_for_the_answers_of_another_request_do_not_close_this_one() -> None:
    person = with_both(check_word="lavender").says("hi")
    person.rehearsal.mails = [a_note("We look into it", case="complaint", check_word="rosemary")]
    person.says("note").picks("read").says("one", "two")

    person.says("return code").picks("ordinary").picks("make")

    assert "Tries left: 2" in person.says("three").reads
    assert person.effects == [CheckWordTried("ordinary")]
    assert person.says("lavender").effects == [MakeReturnCode(RETURN_CODE, "ordinary")]
