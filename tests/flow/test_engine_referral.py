"""The question whether a second organisation may be asked: every word before the yes, and where each answer leads."""

from datetime import date, timedelta

import pytest

from bot.directory.model import Member
from bot.flow.effects import AddToCase, MailRead, News, Offered, OpenCase, RefuseReferral
from bot.handoff.routing import Staffing
from tests.flow.stage import NOON, Person, a_library, a_note, a_person, an_open_case

FIELDS = (("place", "Belgrade"), ("note", "Needs a doctor"))
OFFER = Offered(3, "rs-wheels", "Demo Wheels", "shelter", FIELDS)
MEMBERS = (Member("rs-demo", queues=("general",)), Member("rs-wheels", queues=("shelter",)))
STAFFED = (Staffing("rs-demo", "Demo Lantern", 2, 1), Staffing("rs-wheels", "Demo Wheels", 1, 0))
FIRST = an_open_case(status="claimed", id="first")


def asked(offer: Offered = OFFER, *, staffing: tuple[Staffing, ...] = STAFFED, word: str = "hi") -> Person:
    """Somebody who reads the note that asks them."""
    mail = a_note(case="first", offers=(offer,))
    person = a_person(a_library(members=MEMBERS), staffing=staffing, case=FIRST, mail=mail)
    return person.says(word).picks("read")


def opened(person: Person) -> list[OpenCase]:
    return [effect for effect in person.effects if isinstance(effect, OpenCase)]


def test_every_word_that_would_leave_is_read_before_the_question() -> None:
    person = asked()

    assert "Demo Lantern can ask Demo Wheels to help you too." in person.reads
    assert "- Sent by: Demo Lantern\n- Language: English\n- Topic: " in person.reads
    assert "- Place: Belgrade\n- Note from the helper: Needs a doctor" in person.reads
    assert "Only what stands above is sent." in person.reads
    assert "Not sent:" not in person.reads  # their name may stand in what the helper wrote
    assert "You may say no. Your request with Demo Lantern stays as it is." in person.reads
    assert "To take back a yes, write 9 and choose your request to Demo Wheels." in person.reads
    assert person.labels == ("Yes, send this", "No", "Ask me later")
    assert opened(person) == []


def test_a_yes_opens_a_case_with_exactly_the_text_that_was_read_as_its_consent() -> None:
    before = asked()
    read = before.reads
    person = before.picks("yes")

    [effect] = opened(person)
    assert (effect.organisation, effect.queue) == ("rs-wheels", "shelter")
    assert (effect.referred_from, effect.referred) == ("first", 3)
    assert (
        effect.consent.splitlines()[0]
        == "Demo Lantern can ask Demo Wheels to help you too. Demo Wheels is a separate team. Only this would be sent to them:"
    )
    assert [line for line in effect.consent.splitlines() if line not in read] == []
    assert [each.value for each in effect.shared] == ["Demo Lantern", *(value for _, value in FIELDS)]
    assert effect.note == ""
    assert "waits for Demo Wheels" in person.reads


@pytest.mark.parametrize("answer", ["maybe", "what?"])
def test_what_is_no_answer_asks_again_and_sends_nothing(answer: str) -> None:
    person = asked().says(answer)

    assert person.labels == ("Yes, send this", "No", "Ask me later")
    assert person.effects == []


def test_no_is_told_and_later_is_not() -> None:
    assert RefuseReferral(3, "first") in asked().picks("no").effects
    assert not [
        each for each in asked().picks("later").effects if isinstance(each, RefuseReferral | OpenCase)
    ]


def test_the_message_that_came_before_goes_into_the_first_case_after_the_answer() -> None:
    person = asked(word="Did you find a doctor?")
    assert AddToCase("Did you find a doctor?", "first") not in person.effects

    assert AddToCase("Did you find a doctor?", "first") in person.picks("no").effects


@pytest.mark.parametrize(
    ("offer", "staffing"),
    [
        (OFFER, STAFFED[:1]),  # nobody there has a key any more
        (Offered(3, "rs-wheels", "Demo Wheels", "general", FIELDS), STAFFED),  # another queue than it takes
        (Offered(3, "rs-gone", "Demo Gone", "shelter", FIELDS), STAFFED),  # left the network
        (Offered(3, "rs-demo", "Demo Lantern", "general", FIELDS), STAFFED),  # has a case of theirs
    ],
)
def test_what_cannot_be_asked_is_over_without_a_word(offer: Offered, staffing: tuple[Staffing, ...]) -> None:
    person = asked(offer, staffing=staffing)

    assert RefuseReferral(3, "first", possible=False) in person.effects
    assert "separate team" not in person.reads


@pytest.mark.parametrize(
    "away",
    [
        Member("rs-wheels", queues=("shelter",), most_open=0),
        Member("rs-wheels", queues=("shelter",), paused_until=date(2100, 1, 1)),
    ],
)
def test_a_team_that_takes_no_new_cases_is_not_asked_about_and_gets_nothing_after_a_yes(away: Member) -> None:
    def reads(members: tuple[Member, ...]) -> Person:
        return a_person(
            a_library(members=members),
            staffing=STAFFED,
            case=FIRST,
            mail=a_note(case="first", offers=(OFFER,)),
        ).says("hi")

    closed = reads((MEMBERS[0], away)).picks("read")
    assert RefuseReferral(3, "first", possible=False) in closed.effects
    assert "separate team" not in closed.reads

    over = Member("rs-wheels", queues=("shelter",), most_open=5, paused_until=NOON.date())
    assert "separate team" in reads((MEMBERS[0], over)).picks("read").reads


def test_a_team_that_pauses_between_question_and_yes_gets_nothing() -> None:
    away = Member("rs-wheels", queues=("shelter",), most_open=0)
    person = asked()
    person.rehearsal.library = a_library(members=(MEMBERS[0], away))

    assert opened(person.picks("yes")) == []
    assert "Nothing was sent." in person.reads


def test_who_lost_their_keys_between_question_and_yes_gets_nothing() -> None:
    person = asked()
    person.rehearsal.staffing = STAFFED[:1]

    assert opened(person.picks("yes")) == []
    assert "Nothing was sent." in person.reads


def test_another_name_in_the_keyring_asks_anew() -> None:
    person = asked()
    person.rehearsal.mails = [
        a_note(case="first", offers=(Offered(3, "rs-wheels", "Demo Cars", "shelter", FIELDS),))
    ]

    assert opened(person.picks("yes")) == []
    assert "Demo Cars is a separate team" in person.reads


def test_leaving_danger_and_a_person_come_before_the_answer() -> None:
    assert "Have a good day" in asked().says("0").reads
    assert "Police 192." in asked().says("sos").reads
    assert opened(asked().says("I want to die")) == []


def test_after_a_pause_whoever_holds_the_phone_is_asked_for_a_good_time_first() -> None:
    person = asked()
    person.rehearsal.now += timedelta(minutes=10)

    assert person.says("1").labels == ("Read", "Later", "Delete")
    assert opened(person) == []


@pytest.mark.parametrize(
    ("news", "told"),
    [
        (News("Demo Wheels", "accepted"), "Demo Wheels has your request now and answers here."),
        (News("Demo Wheels", "declined", "area"), "They do not work where you are, or not on this."),
        (News("Demo Wheels", "done"), "Demo Wheels has finished what you asked them for."),
        (News("Demo Wheels", "lapsed"), "Nobody at Demo Wheels took your request in time."),
    ],
)
def test_how_it_went_is_told_in_plain_words_behind_the_gate(news: News, told: str) -> None:
    mail = a_note(case="first", notes=(), news=(news,))
    person = a_person(a_library(members=MEMBERS), staffing=STAFFED, case=FIRST, mail=mail).says("hi")
    assert told not in person.reads

    assert told in person.picks("read").reads
    assert MailRead("first") in person.effects
