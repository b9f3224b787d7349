"""Waiting notes: never before the person says that now is good; and free text while a case is open."""

from datetime import timedelta

import pytest

from bot.flow.effects import AddToCase, ChangeUrgency, CheckWordTried, MailDeleted, MailRead
from bot.flow.rehearsal import said
from tests.flow.stage import Person, a_library, a_note, a_person, an_open_case


def with_mail(**changes: object) -> Person:
    return a_person(case=an_open_case(status="claimed"), mail=a_note("I am here.", **changes))


def test_a_note_is_only_announced_and_named_nothing() -> None:
    person = with_mail().says("hi")

    assert person.reads == "There is a note. Is now a good time?"
    assert person.labels == ("Read", "Later", "Delete")
    assert "I am here." not in person.reads
    assert person.effects == []


def test_read_shows_the_words_of_the_caseworker_and_marks_them() -> None:
    person = with_mail().says("hi").says("1")

    assert "Demo Lantern writes:\nI am here." in person.reads
    assert MailRead() in person.effects
    assert said(person.turn).from_case is True


def test_later_keeps_the_note_and_does_not_ask_again_in_this_conversation() -> None:
    person = with_mail().says("hi").says("2")

    assert "Okay. Write note when you want it." in person.reads
    assert MailRead() not in person.effects
    assert "Is now a good time" not in person.says("hello").reads
    assert "Is now a good time" in person.says("note").reads


def test_delete_deletes_the_note_unread() -> None:
    person = with_mail().says("hi").says("3")

    assert MailDeleted() in person.effects
    assert "I am here." not in person.reads


def test_another_answer_asks_again() -> None:
    assert with_mail().says("hi", "maybe").labels == ("Read", "Later", "Delete")


def test_the_message_that_came_before_the_note_is_not_lost() -> None:
    person = with_mail().says("Did you find a room?", "1")

    assert AddToCase("Did you find a room?") in person.effects


def test_an_answer_to_a_question_waits_until_the_note_is_settled() -> None:
    person = a_person().at("housing").picks("skip")
    person.rehearsal.cases = [an_open_case(status="claimed")]
    person.rehearsal.answer("I am here.")

    person.picks("tonight")
    assert person.labels == ("Read", "Later", "Delete")
    person.picks("later")

    assert person.slot("urgency") == "tonight"


@pytest.mark.parametrize(
    ("text", "shows"), [("sos", "Police 192."), ("0", "Have a good day"), ("I want to die", "Thank you")]
)
def test_danger_numbers_and_leaving_come_before_a_note(text: str, shows: str) -> None:
    person = with_mail().says(text)

    assert shows in person.reads
    assert "note" not in person.reads


def test_other_commands_wait_until_the_note_is_settled() -> None:
    person = with_mail().says("menu")
    assert person.labels == ("Read", "Later", "Delete")

    assert person.says("2").place == "menu/need"


def test_in_discreet_mode_nothing_is_said_until_note() -> None:
    person = with_mail(discreet=True).says("hi")
    assert "note" not in person.reads.replace("notes", "")

    assert person.says("note").labels == ("Read", "Later", "Delete")


def test_a_note_that_was_shown_already_is_not_announced() -> None:
    assert "Is now a good time" not in with_mail(already_shown=True).says("hi").reads


def test_a_check_word_is_asked_before_a_note_is_shown() -> None:
    person = with_mail(check_word="lavender").says("hi").says("1")

    assert person.reads == "Please write the check word."
    assert MailRead() in person.says("LAVENDER").effects
    assert "I am here." in person.reads


def test_a_wrong_check_word_has_three_tries_and_then_the_note_stays_closed() -> None:
    person = with_mail(check_word="lavender").says("hi").says("1")

    for left in (2, 1):
        person.says("rose")
        assert CheckWordTried() in person.effects
        assert f"Tries left: {left}" in person.reads
    person.says("rose")
    assert CheckWordTried() in person.effects
    assert "The note stays closed." in person.reads
    assert "I am here." not in person.says("note").reads
    assert "stays closed" in person.reads


def test_tries_are_not_given_back_by_asking_again() -> None:
    person = with_mail(check_word="lavender").says("hi").says("1").says("rose", "rose", "note").says("1")

    assert "The note stays closed." in person.says("tulip").reads


def test_a_locked_note_is_not_announced() -> None:
    assert "Is now a good time" not in with_mail(check_word="lavender", locked=True).says("hi").reads


def test_note_without_a_note_says_so() -> None:
    assert "There is no note." in a_person().at("housing").says("note").reads


def test_while_the_keys_are_locked_note_says_that_answers_are_kept() -> None:
    person = a_person()
    person.rehearsal.answers_can_come = False

    assert "They are kept." in person.at("housing").says("note").reads


def test_after_a_pause_the_announcement_is_repeated_and_not_answered() -> None:
    person = with_mail().says("hi").after(timedelta(minutes=10)).says("1")

    assert person.labels == ("Read", "Later", "Delete")
    assert MailRead() not in person.effects


def test_after_not_now_a_pause_ends_in_a_fresh_start_and_never_in_a_resume() -> None:
    person = a_person().at("housing").picks("skip")
    person.rehearsal.cases = [an_open_case(status="claimed")]
    person.rehearsal.answer("I am here.")
    person.says("hmm").picks("later").after(timedelta(minutes=10)).says("hello")

    assert person.place == "tongue/pick"


# --- free text while a case is open --------------------------------------------------------------------


def test_free_text_is_sealed_to_the_open_case_and_acknowledged_in_one_line() -> None:
    person = a_person(case=an_open_case()).says("I am at the bus station")

    assert person.effects == [AddToCase("I am at the bus station")]
    assert person.reads == "Added, locked, for Demo Lantern."


def test_an_answer_to_a_waiting_question_is_the_answer() -> None:
    person = a_person(case=an_open_case()).at("housing").says("Belgrade")

    assert person.effects == []
    assert person.slot("city") == "rs-beograd"


def test_free_text_at_a_question_that_it_does_not_answer_goes_to_the_case_and_the_question_waits() -> None:
    person = a_person(case=an_open_case()).at("housing").picks("skip").says("they moved me to another room")

    assert person.effects == [AddToCase("they moved me to another room")]
    assert person.labels == ("Tonight", "Later")
    assert person.picks("tonight").slot("urgency") == "tonight"


def test_menu_pauses_that_and_person_resumes_it() -> None:
    person = a_person(case=an_open_case()).at("housing").picks("skip").says("menu")
    assert "Your messages do not go to Demo Lantern now." in person.reads

    assert person.says("something about school").effects == []
    person.says("person")
    assert "Your next messages go to Demo Lantern." in person.reads
    assert person.says("something else").effects == [AddToCase("something else")]


def test_words_of_danger_lead_to_help_reach_the_caseworkers_and_make_the_case_urgent() -> None:
    person = a_person(case=an_open_case()).at("housing").picks("skip").says("I want to die")

    assert person.place == "danger/life"
    assert person.effects == [AddToCase("I want to die"), ChangeUrgency("now")]


def test_a_case_that_is_urgent_already_is_not_moved_again() -> None:
    person = a_person(case=an_open_case(urgency="now")).at("housing").says("I want to die")

    assert ChangeUrgency("now") not in person.effects


def test_commands_are_never_sent_to_the_case() -> None:
    person = a_person(case=an_open_case()).at("housing")

    for word in ("help", "slow", "back", "sos", "note"):
        assert not any(isinstance(effect, AddToCase) for effect in person.says(word).effects)


def test_an_answer_to_a_question_of_the_chat_is_asked_for_again_after_a_note() -> None:
    person = a_person().at("housing").picks("skip").says("erase")
    person.rehearsal.cases = [an_open_case(status="claimed")]
    person.rehearsal.answer("I am here.")

    person.says("1")
    assert person.labels == ("Read", "Later", "Delete")
    person.says("2")

    assert person.names == ("yes", "no")
    assert "Erase what this chat keeps?" in person.reads


def test_an_old_button_finds_the_waiting_note_first() -> None:
    assert with_mail().taps("deadbeef.3").labels == ("Read", "Later", "Delete")


def test_the_menu_that_is_offered_pauses_like_the_command() -> None:
    person = a_person(case=an_open_case()).at("sos").picks("done", "menu")

    assert "Your messages do not go to Demo Lantern now." in person.reads
    assert person.session.paused


def test_words_after_person_go_to_the_case_although_choices_are_offered() -> None:
    person = a_person(case=an_open_case()).at("housing").says("9", "I am outside the door")

    assert person.effects == [AddToCase("I am outside the door")]


def test_after_a_pause_words_for_the_caseworkers_are_sent_at_once_and_nothing_else_is_shown() -> None:
    person = (
        a_person(case=an_open_case()).at("sos").after(timedelta(minutes=8)).says("somebody is at the door")
    )

    assert person.effects == [AddToCase("somebody is at the door")]
    assert person.labels == ("Go on", "Start again")
    assert person.picks("continue").effects == []
    assert "Police 192." in person.reads


def test_a_person_asked_for_by_button_at_a_number_question_is_no_number_after_the_note() -> None:
    library = a_library(
        "flow: age\ntitle: Age\nstart: ask\nremember: {n: number}\nsteps:\n  ask:\n    say: |\n      How many?\n    ask: n\n    next: end\n"
    )
    person = a_person(library).at("age")
    person.rehearsal.cases = [an_open_case(status="claimed")]
    person.rehearsal.answer("I am here.")

    person.taps("-.9").picks("later")

    assert "resumed" in person.turn.trace


def test_a_note_of_a_closed_case_is_offered_as_well_and_the_conversation_begins_after_it() -> None:
    person = a_person(mail=a_note("Good luck with everything.")).says("hi")
    assert person.labels == ("Read", "Later", "Delete")

    person.says("1")

    assert "Good luck with everything." in person.reads
    assert person.place == "tongue/pick"
