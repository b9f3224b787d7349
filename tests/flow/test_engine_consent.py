"""Permission, consent, handing off, personal data, nobody on duty, nobody at all, how answers arrive."""

from dataclasses import replace

import pytest

from bot.directory.model import Hours, Member
from bot.flow.effects import COUNTED, AddToCase, ChangeUrgency, OpenCase, SetGate
from bot.flow.rehearsal import said
from bot.handoff.routing import Staffing
from tests.flow.stage import HOUSING, Person, a_library, a_person, an_open_case

SENSITIVE = """
flow: private
title: Private
start: ask
sensitive: true
remember: {what: choice}
steps:
  ask:
    say: |
      A personal question.
    ask: what
    choices:
      one: One -> ask
      done: Done -> end
---
flow: outer
title: Outer
start: call
steps:
  call:
    call: private
    next: after
  after:
    say: |
      After it.
    choices:
      again: Again -> call
      done: Done -> end
"""


def test_permission_is_asked_before_the_first_step_of_a_personal_topic() -> None:
    person = a_person(a_library(SENSITIVE)).at("private")

    assert person.turn.trace == ("private/permission",)
    assert person.reads == "The next part is about personal things. Is it okay to go on?"
    assert person.labels == ("Yes", "Not now")
    assert person.picks("yes").reads == "A personal question."


def test_permission_is_asked_once_in_a_session_and_flow() -> None:
    person = a_person(a_library(SENSITIVE)).at("outer").picks("yes", "done", "again")

    assert person.turn.trace == ("private/ask",)


def test_not_now_goes_on_without_the_topic() -> None:
    person = a_person(a_library(SENSITIVE)).at("outer").picks("no")

    assert "That is fine. We can do something else." in person.reads
    assert person.place == "outer/after"


def test_not_now_at_a_topic_of_its_own_leads_to_the_menu() -> None:
    assert a_person(a_library(SENSITIVE)).at("private").picks("no").place == "menu/need"


def at_consent(person: Person) -> Person:
    return person.at("housing").says("Belgrade").picks("tonight")


def test_the_consent_shows_exactly_what_leaves_and_to_whom_by_the_name_of_the_keyring() -> None:
    library = a_library()
    person = at_consent(a_person(library, staffing=[Staffing("rs-demo", "Name From The Keyring", 2, 1)]))

    assert person.turn.trace[-1] == "housing/person.consent"
    assert said(person.turn).texts[0].split("\n") == [
        "This will go to a person at Name From The Keyring:",
        "- Language: English",
        "- Topic: A place to sleep",
        "- How urgent: in the next days",
        "- Town: Belgrade",
        "- When you need it: Tonight",
        "- Your words: what you write in the next message",
    ]
    assert "One limit: We must act when a child is in danger." in person.reads
    assert said(person.turn).texts[-1] == "Is it okay to send this?"
    assert person.labels == ("Yes, send it", "No, do not send", "Another organisation")


def test_each_idea_of_the_consent_is_at_most_350_characters_long() -> None:
    assert max(map(len, said(at_consent(a_person()).turn).texts)) <= 350


def test_nothing_leaves_before_the_person_said_yes() -> None:
    effects = at_consent(a_person()).effects

    assert all(isinstance(effect, COUNTED) for effect in effects)


def test_what_leaves_is_what_was_shown_and_the_text_of_the_consent_goes_with_it() -> None:
    person = at_consent(a_person())
    shown = "\n\n".join(said(person.turn).texts)

    opened = person.picks("yes").says("I slept at the station").opened

    assert opened.consent == shown
    assert [(field.slot, field.value) for field in opened.shared] == [
        ("city", "Belgrade"),
        ("urgency", "Tonight"),
    ]
    assert (opened.note, opened.note_slot) == ("I slept at the station", "note")
    assert (opened.organisation, opened.queue, opened.urgency) == ("rs-demo", "shelter", "soon")
    assert (opened.language, opened.need, opened.country, opened.designation) == (
        "en",
        "shelter",
        "RS",
        "amber heron",
    )


def test_only_what_share_names_leaves() -> None:
    library = a_library(HOUSING.replace("share: [city, urgency, note]", "share: [urgency, note]"))
    opened = at_consent(a_person(library)).picks("yes").says("words").opened

    assert [field.slot for field in opened.shared] == ["urgency"]
    assert opened.country == ""


def test_an_empty_answer_does_not_leave() -> None:
    opened = a_person().at("housing").picks("skip", "tonight", "yes").says("words").opened

    assert [field.slot for field in opened.shared] == ["urgency"]


def test_no_sends_nothing_and_goes_where_the_step_says() -> None:
    library = a_library(HOUSING.replace("if declined: results", "if declined: ask_urgency"))
    person = at_consent(a_person(library)).picks("no")

    assert "Nothing was sent." in person.reads
    assert person.place == "housing/ask_urgency"
    assert not person.rehearsal.opened


def test_no_leads_to_the_menu_where_the_step_says_nothing() -> None:
    library = a_library(HOUSING.replace("    if declined: results\n", ""))

    assert at_consent(a_person(library)).picks("no").place == "menu/need"


def test_the_person_reads_that_it_waits_and_the_two_code_words() -> None:
    person = at_consent(a_person()).picks("yes").says("words")

    assert "Your message is locked and waits for Demo Lantern." in person.reads
    assert "amber heron" in person.reads


def test_with_nobody_on_duty_the_step_for_that_is_said_after_the_message_is_locked() -> None:
    person = at_consent(a_person(on_duty=False)).picks("yes").says("words")

    assert person.opened.queue == "shelter"
    assert person.turn.trace.index("housing/person.queued") < person.turn.trace.index("housing/leave_message")
    assert "Nobody is on duty now. Write to me any time to collect the answer." in person.reads


def test_with_nobody_on_duty_and_no_step_for_it_the_engine_says_so() -> None:
    library = a_library(HOUSING.replace("    if closed: leave_message\n", ""))
    person = at_consent(a_person(library, on_duty=False)).picks("yes").says("words")

    assert "Nobody is on duty now. Your message is locked and waits for them." in person.reads


def test_with_nobody_on_duty_the_time_of_the_next_duty_is_told_where_it_is_known() -> None:
    library = a_library(HOUSING.replace("    if closed: leave_message\n", ""))
    network = replace(library.directory.network, duty=Hours("Mo-Su 03:00-03:01", "UTC"))
    library = replace(library, directory=replace(library.directory, network=network))

    person = at_consent(a_person(library, on_duty=False)).picks("yes").says("words")
    waiting = a_person(library, on_duty=False, case=an_open_case(on_duty=False)).at("housing").says("9")

    for reads in (person.reads, waiting.reads):
        assert "Nobody is on duty now." in reads
        assert "Opens tomorrow at 3:00" in reads


def test_a_flow_with_words_of_its_own_for_that_hour_leaves_the_next_duty_told() -> None:
    library = a_library(version="release-with-hours")
    network = replace(library.directory.network, duty=Hours("Mo-Su 03:00-03:01", "UTC"))
    library = replace(library, directory=replace(library.directory, network=network))

    known = at_consent(a_person(library, on_duty=False)).picks("yes").says("words")
    unknown = at_consent(a_person(on_duty=False)).picks("yes").says("words")

    assert "Opens tomorrow at 3:00" in known.reads
    assert "Opens" not in unknown.reads
    for each in (known, unknown):
        assert "Nobody is on duty now. Write to me any time to collect the answer." in each.reads


def test_when_nobody_can_receive_it_that_is_said_before_anything_is_asked_with_numbers_and_the_menu() -> None:
    person = at_consent(a_person(keys=0))

    assert person.turn.trace[-2:] == ("housing/person.nobody", "sos/numbers")
    assert "Nobody can receive a message at the moment." in person.reads
    assert "Police 192." in person.reads
    assert "=menu" in person.names
    assert not person.rehearsal.opened
    assert person.picks("=menu").place == "menu/need"


def test_while_the_servers_keys_are_locked_it_is_said_that_answers_cannot_come_yet() -> None:
    person = a_person()
    person.rehearsal.answers_can_come = False

    at_consent(person)

    assert "Answers cannot reach this chat yet" in person.reads
    person.picks("yes").says("words")
    assert "An answer comes to this chat" not in person.reads
    assert "gate" not in person.turn.trace


def test_when_what_was_agreed_no_longer_holds_it_is_shown_again_and_the_words_are_not_asked_twice() -> None:
    person = at_consent(a_person()).picks("yes")
    person.rehearsal.staffing = [Staffing("rs-demo", "Another Name", 2, 1)]

    person.says("I slept at the station")

    assert person.turn.trace[-1] == "housing/person.consent"
    assert "Another Name" in person.reads
    assert not person.rehearsal.opened
    assert person.picks("yes").opened.note == "I slept at the station"


def test_a_handoff_without_a_question_is_sent_on_yes() -> None:
    opened = a_person().at("danger").picks("harm", "yes").opened

    assert (opened.queue, opened.urgency, opened.note) == ("general", "now", "")


def test_words_can_be_left_out() -> None:
    library = a_library(
        HOUSING.replace("    ask: note\n", "    ask: note\n    choices:\n      skip: Nothing more\n")
    )
    opened = at_consent(a_person(library)).picks("yes", "skip").opened

    assert (opened.note, opened.note_slot) == ("", "")


def with_words_asked_earlier() -> Person:
    text = (
        HOUSING.replace("    ask: note\n    handoff", "    handoff")
        .replace(
            "  results:\n",
            "  tell:\n    say: |\n      Tell me.\n    ask: note\n    next: person\n  results:\n",
        )
        .replace("Tonight -> results", "Tonight -> tell")
    )
    return a_person(a_library(text)).at("housing").picks("skip", "tonight").says("I slept at the station")


def test_sealed_words_asked_earlier_leave_with_the_handoff_and_are_gone_after_it() -> None:
    person = with_words_asked_earlier()
    assert "- Your words: what you write in the next message" in person.reads
    assert all(b"station" not in place for place in person.session.trail)

    opened = person.picks("yes").opened

    assert opened.note == "I slept at the station"
    assert b"station" not in person.rehearsal.stored


def test_sealed_words_are_forgotten_when_the_person_says_no() -> None:
    person = with_words_asked_earlier()
    assert b"station" in person.rehearsal.stored

    person.picks("no")

    assert b"station" not in person.rehearsal.stored


# --- personal data -------------------------------------------------------------------------------------


def with_a_number() -> Person:
    return at_consent(a_person()).picks("yes").says("Call me on +381 64 123 4567 please")


def test_a_phone_number_in_the_words_is_asked_about_before_it_leaves() -> None:
    person = with_a_number()

    assert "It has: a phone number" in person.reads
    assert person.names == ("remove", "send", "again")
    assert person.effects == []


def test_it_can_be_taken_out() -> None:
    note = with_a_number().picks("remove").opened.note

    assert note == "Call me on (taken out) please"


def test_it_can_be_sent_as_it_is() -> None:
    assert with_a_number().picks("send").opened.note == "Call me on +381 64 123 4567 please"


def test_it_can_be_written_again() -> None:
    person = with_a_number().picks("again")

    assert person.place == "housing/person"
    assert b"123" not in person.rehearsal.stored
    assert person.says("just words").opened.note == "just words"


def test_another_word_does_not_lose_the_message() -> None:
    person = with_a_number().says("hmm")

    assert person.names == ("remove", "send", "again")
    assert person.picks("send").opened.note == "Call me on +381 64 123 4567 please"


# --- an open case --------------------------------------------------------------------------------------


def test_a_handoff_while_a_case_is_open_goes_into_that_case_and_opens_no_second() -> None:
    person = a_person(case=an_open_case()).at("housing").picks("skip", "tonight")
    assert "Demo Lantern" in person.reads

    person.picks("yes").says("more words")

    assert not any(isinstance(effect, OpenCase) for effect in person.effects)
    added = next(effect for effect in person.effects if isinstance(effect, AddToCase))
    assert "more words" in added.text
    assert "Tonight" in added.text


def test_a_more_urgent_handoff_moves_the_open_case() -> None:
    person = a_person(case=an_open_case()).at("danger").picks("harm", "yes")

    assert ChangeUrgency("now") in person.effects


def test_a_complaint_never_goes_to_the_organisation_that_holds_the_case() -> None:
    text = HOUSING.replace("handoff: shelter", "handoff: psea")
    members = [Member("rs-demo", queues=("psea",)), Member("rs-other", queues=("psea",))]
    staffing = [Staffing("rs-demo", "Demo Lantern", 2, 1), Staffing("rs-other", "Another House", 2, 1)]
    library = a_library(text, members=members)

    without_case = a_person(library, staffing=staffing).at("housing").picks("skip", "tonight")
    with_case = (
        a_person(library, staffing=staffing, case=an_open_case()).at("housing").picks("skip", "tonight")
    )
    alone = (
        a_person(library, staffing=staffing[:1], case=an_open_case()).at("housing").picks("skip", "tonight")
    )

    quiet = (
        a_person(library, staffing=staffing[:1], case=an_open_case(quiet=True))
        .at("housing")
        .picks("skip", "tonight")
    )

    assert "housing/person.nobody" in quiet.turn.trace
    assert "This will go to a person at Demo Lantern:" in without_case.reads
    assert "This will go to a person at Another House:" in with_case.reads
    assert "housing/person.nobody" in alone.turn.trace


def test_a_number_that_is_shared_is_shown_and_not_denied() -> None:
    text = (
        HOUSING.replace("  urgency: choice\n", "  urgency: choice\n  number: phone\n")
        .replace("share: [city, urgency, note]", "share: [number, note]")
        .replace("Tonight -> results", "Tonight -> call_me")
        .replace(
            "  results:\n",
            "  call_me:\n    say: |\n      Which number?\n    ask: number\n    next: person\n  results:\n",
        )
    )
    person = a_person(a_library(text)).at("housing").picks("skip", "tonight").says("+381 11 222 3333")

    assert "- Number: +381112223333" in person.reads
    assert "Not sent: your name and your number." not in person.reads
    opened = person.picks("yes").says("words").opened
    assert [(field.slot, field.value) for field in opened.shared] == [("number", "+381112223333")]
    assert b"2223333" not in person.rehearsal.stored


# --- how answers arrive --------------------------------------------------------------------------------


def queued() -> Person:
    return at_consent(a_person()).picks("yes").says("words")


def test_how_answers_should_arrive_is_asked_after_the_handoff_and_can_be_skipped() -> None:
    person = queued()

    assert person.turn.trace[-1] == "gate"
    assert person.place == "end"
    assert person.labels == ("Say: there is a note", "Only when I write note", "Ask for a check word", "Skip")
    assert person.picks("skip").effects == []
    assert person.reads == "Is there anything else?"


@pytest.mark.parametrize(("choice", "discreet"), [("tell", False), ("silent", True)])
def test_the_person_chooses_between_a_neutral_sentence_and_silence(choice: str, discreet: bool) -> None:
    assert SetGate(discreet=discreet) in queued().picks(choice).effects


def test_a_check_word_is_taken_and_never_repeated() -> None:
    person = queued().picks("word")
    assert person.reads == "Choose a check word. This chat asks for it before it shows an answer."

    person.says("Lavender")

    assert SetGate(discreet=False, check_word="lavender") in person.effects
    assert "avender" not in person.reads


@pytest.mark.parametrize("bad", ["ab", "two words", "12345", "sos", "x" * 31])
def test_a_check_word_is_one_word_and_no_command_or_number(bad: str) -> None:
    person = queued().picks("word").says(bad)

    assert not any(isinstance(effect, SetGate) for effect in person.effects)


def test_where_the_flow_goes_on_after_a_handoff_the_question_waits_under_its_choices() -> None:
    text = HOUSING.replace(
        "    if closed: leave_message\n    next: end", "    if closed: leave_message\n    next: wait"
    ).replace(
        "  leave_message:",
        "  wait:\n    say: |\n      You can stay.\n    choices:\n      done: Done -> end\n  leave_message:",
    )
    person = a_person(a_library(text)).at("housing").picks("skip", "tonight", "yes").says("words")

    assert person.place == "housing/wait"
    assert b"words" not in person.rehearsal.stored
    assert list(person.names) == ["done", "=gate"]
    assert person.picks("=gate").names == ("tell", "silent", "word", "skip")
    assert person.picks("tell").place == "housing/wait"
    assert list(person.names) == ["done"]


def test_where_nobody_wrote_the_limits_the_consent_says_that_they_are_not_known() -> None:
    library = a_library(members=[Member("rs-demo", queues=("general", "shelter"))])
    person = a_person(library).at("housing").picks("skip", "tonight")

    assert (
        "I do not know when this group must tell somebody else. Ask them before you tell more."
        in person.reads
    )
    assert "One limit:" not in person.reads
