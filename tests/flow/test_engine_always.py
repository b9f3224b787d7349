"""What works at any step: person, leave, back, menu, help, sos, language, erase, slow, safe word; pauses."""

from datetime import timedelta

import pytest

from bot.flow.effects import CancelCase, DropRoute, ForgetPerson, Forgotten
from bot.flow.engine import after_erasing
from bot.flow.rehearsal import said
from bot.kernel.messages import InboundMessage
from tests.flow.stage import HOUSING, Person, a_library, a_person, an_open_case


def at_a_question() -> Person:
    return a_person().at("housing").picks("skip")


@pytest.mark.parametrize("nine", ["9", "٩", "person", "Person!", "human", "osoba"])
def test_a_person_is_one_word_away(nine: str) -> None:
    assert at_a_question().says(nine).place == "human/ask"


@pytest.mark.parametrize("zero", ["0", "٠", "leave", "exit", "izadji"])
def test_leaving_ends_the_conversation_with_one_neutral_sentence_and_nothing_under_it(zero: str) -> None:
    person = at_a_question().says(zero)

    assert person.rehearsal.session is None
    assert person.effects == [DropRoute()]
    assert said(person.turn).texts == ("Okay. Have a good day.",)
    assert (said(person.turn).options, said(person.turn).footer) == ((), ())


def test_an_open_case_stays_when_the_person_leaves() -> None:
    person = a_person(case=an_open_case()).at("housing").says("0")

    assert person.rehearsal.case is not None
    assert CancelCase() not in person.effects


def test_the_menu_is_one_word_away_and_back_returns_to_the_question() -> None:
    person = at_a_question().says("menu")

    assert person.place == "menu/need"
    assert person.says("*").place == "housing/ask_urgency"


def test_help_lists_what_can_be_written_and_asks_again() -> None:
    person = at_a_question().says("help")

    assert "You can write these at any time:" in person.reads
    assert "erase: delete what this chat keeps" in person.reads
    assert "When do you need a place?" in person.reads
    assert person.labels == ("Tonight", "Later")


@pytest.mark.parametrize("word", ["sos", "SOS", "🆘", "نجدة"])
def test_emergency_numbers_come_at_once_and_the_question_waits(word: str) -> None:
    person = at_a_question().says(word)

    assert "Police 192." in person.reads
    assert person.picks("done").place == "housing/ask_urgency"
    assert "When do you need a place?" in person.reads


def test_emergency_numbers_are_there_from_the_very_first_message() -> None:
    person = a_person().says("sos")

    assert "Police 192." in person.reads
    assert person.picks("done").place == "tongue/pick"


def test_a_person_is_there_from_the_very_first_message() -> None:
    assert a_person().says("9").place == "human/ask"


def test_changing_the_language_keeps_the_place_and_the_answers() -> None:
    person = a_person().at("housing").says("Belgrade", "language").picks("sr")

    assert person.session.language == "sr"
    assert person.place == "housing/ask_urgency"
    assert person.slot("city") == "rs-beograd"


def test_sos_inside_sos_does_not_pile_up() -> None:
    person = at_a_question()
    for _ in range(20):
        person.says("sos")

    assert len(person.session.frames) == 2
    assert person.picks("done").place == "housing/ask_urgency"


def test_slow_sends_one_idea_a_message_until_it_is_said_again() -> None:
    person = at_a_question().says("slow")

    assert said(person.turn).separate is True
    assert said(person.picks("later").turn).separate is True
    assert said(person.says("slow").turn).separate is False


def test_one_minute_without_a_flow_for_it_asks_again_and_is_no_dead_end() -> None:
    person = at_a_question().says("1min")

    assert person.place == "housing/ask_urgency"
    assert person.labels


# --- erase ---------------------------------------------------------------------------------------------


def test_erase_explains_asks_once_and_forgets_the_person() -> None:
    person = at_a_question().says("erase")

    assert "This deletes what is kept." in person.reads
    assert "Erase what this chat keeps?" in person.reads
    assert person.labels == ("Yes, erase", "No, keep it")
    assert person.effects == []
    person.picks("yes")
    assert person.effects == [ForgetPerson()]
    assert person.rehearsal.session is None
    assert "What can remain" in person.reads


def test_erase_can_be_taken_back_and_the_question_waits() -> None:
    person = at_a_question().says("erase").picks("no")

    assert "Nothing was erased." in person.reads
    assert person.place == "housing/ask_urgency"


def test_erase_asks_again_when_the_answer_is_neither() -> None:
    assert at_a_question().says("erase", "hmm what").names == ("yes", "no")


def test_erase_takes_a_waiting_case_back() -> None:
    person = a_person(case=an_open_case()).at("housing").says("erase").picks("yes")

    assert person.effects == [ForgetPerson()]
    assert "Requests that nobody had opened, deleted: 1" in person.reads
    assert "Demo Lantern" not in person.reads


def test_erase_says_that_an_opened_case_can_only_be_asked_to_be_deleted() -> None:
    person = a_person(case=an_open_case(status="claimed")).at("housing").says("erase").picks("yes")

    assert "Requests that a helper has opened, no longer tied to you: 1" in person.reads
    assert "The team is asked to delete what you sent." in person.reads
    assert "A helper may still remember what they read." in person.reads


@pytest.mark.parametrize(("channel", "words"), [("telegram", "Delete chat"), ("whatsapp", "Clear chat")])
def test_erase_tells_how_to_clear_the_persons_own_side(channel: str, words: str) -> None:
    person = at_a_question().says("erase")
    person.rehearsal.channel = channel  # type: ignore[assignment]  # one of the channel names

    assert words in person.picks("yes").reads


@pytest.mark.parametrize(
    ("done", "says", "never"),
    [
        (Forgotten(messages=7, gone=7), ["deleted on both sides: 7 of 7"], "refused"),
        (
            Forgotten(messages=7, gone=4),
            ["deleted on both sides: 4 of 7", "The app refused the others."],
            "broke",
        ),
        (Forgotten(messages=7, broke=True), ["broke off. Some messages are still there."], "of 7"),
        (Forgotten(), ["Messages older than 48 hours stay."], "both sides"),
        (Forgotten(untied=1), ["A team could not be told"], "is asked to delete what you sent"),
        (
            Forgotten(deleted=1, untied=1, told=1, answers=2),
            ["Waiting answers deleted: 2"],
            "could not be told",
        ),
    ],
)
def test_erase_says_what_really_went(done: Forgotten, says: list[str], never: str) -> None:
    person = a_person(case=an_open_case()).at("housing")
    message = InboundMessage("telegram", "1", "1")

    said = after_erasing(a_library(), person.session, message, person.rehearsal.situation(), done)

    text = "\n".join(said.texts)
    assert all(words in text for words in says)
    assert never not in text
    assert "Demo Lantern" not in text
    assert not said.options + said.footer


def test_erase_says_the_same_to_somebody_quiet_about_a_case_as_to_somebody_without_one() -> None:
    """Who erases on somebody else's telephone does not learn from it whether they asked for help."""
    message = InboundMessage("telegram", "1", "1")
    texts = []
    for case, done in (
        (an_open_case(quiet=True), Forgotten(untied=1, told=1, answers=1)),
        (None, Forgotten()),
    ):
        person = a_person(case=case).at("housing")
        said = after_erasing(a_library(), person.session, message, person.rehearsal.situation(), done)
        texts.append(said.texts)

    assert texts[0] == texts[1]
    assert "If a request of yours waited, it is deleted" in "\n".join(texts[0])


def test_erase_never_claims_that_nothing_remains() -> None:
    reads = at_a_question().says("erase").picks("yes").reads.casefold()

    assert "nothing remains" not in reads
    assert "nothing is left" not in reads


# --- safe word -----------------------------------------------------------------------------------------


def with_a_safe_word() -> Person:
    return at_a_question().says("safe word", "Lavender")


def test_the_safe_word_is_chosen_by_the_person_and_never_repeated() -> None:
    person = at_a_question().says("safe word")
    assert "Choose a safe word." in person.reads

    person.says("Lavender")

    assert "avender" not in person.reads
    assert person.place == "housing/ask_urgency"


@pytest.mark.parametrize("bad", ["ab", "two words", "123", "menu", "9", "x" * 31])
def test_a_command_a_number_or_several_words_cannot_be_the_safe_word(bad: str) -> None:
    assert at_a_question().says("safe word", bad).session.safe_word == ""


def test_after_the_safe_word_only_everyday_things_are_said() -> None:
    person = with_a_safe_word().says("lavender")

    assert person.effects == [DropRoute()]
    for text in (
        "hello",
        "9",
        "0",
        "menu",
        "sos",
        "erase",
        "back",
        "I want to die",
        "who are you",
        "1",
        "back rose",
    ):
        person.says(text)
        message = said(person.turn)
        assert message.texts[0] in (
            "Hello. Here you find opening hours and small tips for the day.",
            "Many museums close on one day of the week. Look at their page before you go.",
            "The weather can change today. A light jacket is a good idea.",
            "Tip of the day: drink a glass of water and take a short walk.",
        )
        assert (len(message.texts), message.options, message.footer) == (1, (), ())


def test_a_button_of_before_does_nothing_behind_the_safe_word() -> None:
    person = with_a_safe_word()
    session = person.session
    person.says("lavender").taps(f"{session.nonce}.1").taps("-.9")

    assert said(person.turn).footer == ()


def test_back_and_the_word_return_to_the_question() -> None:
    person = with_a_safe_word().says("lavender", "hello", "back LAVENDER")

    assert person.place == "housing/ask_urgency"
    assert "When do you need a place?" in person.reads


def test_sos_and_the_word_show_the_numbers() -> None:
    assert "Police 192." in with_a_safe_word().says("lavender", "sos lavender").reads


def test_a_waiting_note_is_not_mentioned_behind_the_safe_word() -> None:
    person = with_a_safe_word().says("lavender")
    person.rehearsal.cases = [an_open_case()]
    person.rehearsal.answer("I am here.")

    assert "note" not in person.says("hello").reads


# --- a pause -------------------------------------------------------------------------------------------


def test_after_five_quiet_minutes_the_person_is_asked_whether_to_go_on_and_nothing_is_shown() -> None:
    person = at_a_question().after(timedelta(minutes=6)).says("1")

    assert person.reads == "Do you want to go on or start again?"
    assert person.labels == ("Go on", "Start again")
    assert person.slot("urgency") is None


def test_going_on_takes_the_message_that_was_written() -> None:
    person = at_a_question().after(timedelta(minutes=6)).says("tonight").picks("continue")

    assert person.slot("urgency") == "tonight"


def test_a_tap_after_a_pause_waits_as_well() -> None:
    person = at_a_question().after(timedelta(minutes=6)).picks("tonight").picks("continue")

    assert person.slot("urgency") == "tonight"


def test_starting_again_forgets_the_answers() -> None:
    person = at_a_question().after(timedelta(minutes=6)).says("hello").picks("restart")

    assert person.place == "tongue/pick"
    assert person.session.shared == {}
    assert person.session.trail == ()


def test_long_words_for_a_caseworker_are_not_lost_to_a_pause() -> None:
    person = a_person().at("housing").picks("skip", "tonight", "yes").after(timedelta(minutes=8))

    person.says("I slept at the station").picks("continue")

    assert person.opened.note == "I slept at the station"


def test_within_five_minutes_nothing_is_asked() -> None:
    assert at_a_question().after(timedelta(minutes=4)).says("1").slot("urgency") == "tonight"


def test_leaving_emergency_numbers_and_danger_do_not_wait_after_a_pause() -> None:
    assert at_a_question().after(timedelta(minutes=9)).says("0").rehearsal.session is None
    assert "Police 192." in at_a_question().after(timedelta(minutes=9)).says("sos").reads
    assert at_a_question().after(timedelta(minutes=9)).says("I want to die").place == "danger/life"


def test_a_conversation_that_has_just_begun_starts_over_instead_of_asking() -> None:
    person = a_person().says("hi").after(timedelta(minutes=9)).says("hello again")

    assert person.place == "tongue/pick"
    assert person.reads == "Hello."


def test_after_half_an_hour_the_conversation_is_gone() -> None:
    person = at_a_question().after(timedelta(minutes=31)).says("hello")

    assert person.place == "tongue/pick"


def test_start_begins_anew() -> None:
    assert at_a_question().says("/start").place == "tongue/pick"
    assert a_person().says("/start k7").place == "tongue/pick"


# --- an open case --------------------------------------------------------------------------------------


def test_with_an_open_case_person_says_honestly_where_it_stands() -> None:
    person = a_person(case=an_open_case(place=3, on_duty=False)).at("housing").says("9")

    assert "You have an open conversation with Demo Lantern. Its name: amber heron" in person.reads
    assert "Requests before yours: 2" in person.reads
    assert "Nobody is on duty now." in person.reads
    assert person.place == "end"


def test_a_waiting_case_can_be_taken_back_after_one_question() -> None:
    person = a_person(case=an_open_case()).at("housing").says("9").picks("cancel")
    assert person.effects == []

    assert person.picks("yes").effects == [CancelCase()]


def test_a_mistyped_command_is_understood_where_it_answers_nothing() -> None:
    assert at_a_question().says("persn").place == "human/ask"


def test_a_choice_that_looks_like_a_command_does_not_shadow_it() -> None:
    library = a_library(HOUSING.replace("skip: Skip ->", "menu: Menu ->"))
    person = a_person(library).at("housing")

    assert person.says("menu").place == "menu/need"


def test_a_message_of_the_simulator_is_taken_like_any_other() -> None:
    person = a_person()

    assert person.rehearsal.take(InboundMessage("simulator", "1", "hi")).session is not None


def test_a_yes_that_was_meant_for_erase_never_becomes_another_answer_after_a_pause() -> None:
    person = at_a_question().says("erase").after(timedelta(minutes=6)).says("1").picks("continue")

    assert person.slot("urgency") is None
    assert person.names == ("yes", "no")
    assert person.picks("yes").effects == [ForgetPerson()]


def test_words_that_wait_for_an_answer_about_a_phone_number_survive_a_pause() -> None:
    person = a_person().at("housing").picks("skip", "tonight", "yes").says("call +381 64 123 4567")

    person.after(timedelta(minutes=6)).says("1").picks("continue").picks("send")

    assert person.opened.note == "call +381 64 123 4567"


def test_a_number_after_a_pause_means_what_stood_under_it() -> None:
    choices = "\n".join(f"      c{number}: Number {number} -> results" for number in range(1, 20))
    text = HOUSING.replace(
        "      tonight: Tonight -> results\n", f"{choices}\n      tonight: Tonight -> results\n"
    )
    person = a_person(a_library(text)).at("housing").picks("skip", "=more")

    person.after(timedelta(minutes=6)).says("2").picks("continue")

    assert "housing/ask_urgency#c9" in person.turn.passed


def test_after_emergency_numbers_back_undoes_the_answer_before_them() -> None:
    person = at_a_question().says("sos").picks("done")

    assert person.says("back").place == "housing/ask_city"


def test_back_inside_the_emergency_numbers_returns_to_the_question() -> None:
    assert at_a_question().says("sos", "back").place == "housing/ask_urgency"


def test_a_step_can_say_after_how_long_everything_is_forgotten() -> None:
    library = a_library(
        HOUSING.replace("    ask: urgency\n", "    ask: urgency\n    forget after: 3 minutes\n")
    )

    before = a_person(library).at("housing").says("Belgrade").after(timedelta(minutes=2)).says("tonight")
    after = a_person(library).at("housing").says("Belgrade").after(timedelta(minutes=3)).says("tonight")

    assert before.slot("urgency") == "tonight"
    assert after.place == "tongue/pick"
    assert b"rs-beograd" not in after.rehearsal.stored
