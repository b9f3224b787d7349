"""After an organisation declined: what the next request keeps of it, and what is never told to anybody."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.directory.model import Member, Organisation
from bot.flow.effects import MailRead
from bot.flow.library import Library
from bot.flow.session import Asked, Carried, Frame, encode
from tests.flow.stage import HOUSING, Person, a_library, a_note, a_person
from tests.flow.test_engine_another import SECOND, at_consent, on_duty, serving, with_members

INDEPENDENT = Organisation("rs-independent-demo", {"en": "Demo Ear"}, "RS")
TELLING = HOUSING.replace("flow: housing", "flow: telling", 1).replace("handoff: shelter", "handoff: psea")


def two_teams() -> Library:
    return with_members(a_library(), serving(SECOND))


def declined(library: Library | None = None, *names: str, **changes: object) -> Person:
    """Somebody who reads that the first team declined."""
    mail = a_note(case="first", **{"organisation": "rs-demo", "declined": "shelter", **changes})
    staffing = on_duty(*(names or ("rs-demo", "rs-second-demo")))
    return a_person(library or two_teams(), staffing=staffing, mail=mail).says("hi").picks("read")


def at_housing(person: Person, asked: Asked | None = None) -> Person:
    """The same conversation, at the question when a place is needed."""
    session = replace(person.session, frames=(Frame("housing", "ask_urgency"),), asked=asked)
    person.rehearsal.stored = encode(session)
    return person


def test_who_declined_is_neither_asked_again_nor_shown_nor_sent_as_unwanted() -> None:
    person = declined().picks("yes")

    assert "a person at Team rs-second-demo:" in person.reads
    assert "Not to" not in person.reads
    assert "rs-demo" not in person.reads
    opened = person.picks("yes").says("words").opened
    assert (opened.organisation, opened.excluded) == ("rs-second-demo", ())
    assert "rs-demo" not in opened.consent


def test_whom_the_person_did_not_want_for_it_is_still_shown_as_that() -> None:
    third = Organisation("rs-third-demo", {"en": "Third Demo Home"}, "RS")
    library = with_members(a_library(), serving(SECOND), serving(third))
    person = declined(library, "rs-demo", "rs-second-demo", "rs-third-demo", excluded=("rs-second-demo",))

    opened = person.picks("yes", "yes").says("words").opened
    assert (opened.organisation, opened.excluded) == ("rs-third-demo", ("rs-second-demo",))


def test_where_only_declines_leave_nobody_it_is_not_said_that_the_person_did_not_want_them() -> None:
    person = declined(a_library(), "rs-demo")
    assert person.labels == ("Emergency numbers", "Later")

    person = at_housing(person.picks("later")).picks("tonight")

    assert "You did not want" not in person.reads
    assert "Nobody can receive a message at the moment." in person.reads
    assert "Police 192" in person.reads


def test_a_declined_complaint_is_no_secret_told_in_the_next_ordinary_request() -> None:
    ear = (INDEPENDENT, Member(INDEPENDENT.id, queues=("psea", "shelter")))
    library = with_members(a_library(f"{HOUSING}\n---\n{TELLING}"), ear)
    network = library.directory.network
    assert network.queues["psea"].independent
    person = declined(library, "rs-independent-demo", organisation=INDEPENDENT.id, declined="psea")
    assert person.session.declined_by == (("psea", INDEPENDENT.id),)

    person = at_housing(person.picks("later")).picks("tonight")

    assert "a person at Team rs-independent-demo:" in person.reads
    assert person.picks("yes").says("words").opened.excluded == ()


def test_later_keeps_the_note_and_never_answers_with_nothing() -> None:
    person = declined().picks("later")

    assert "Write note when you want it." in person.reads
    assert not [each for each in person.effects if isinstance(each, MailRead)]
    assert "cannot take this" in person.says("note").picks("read").reads


@pytest.mark.parametrize(("discreet", "word"), [(True, ""), (False, "lavender")])
def test_a_quiet_person_stays_quiet_at_the_next_team(discreet: bool, word: str) -> None:
    person = declined(discreet=discreet, check_word=word) if not discreet else None
    if person is None:
        mail = a_note(case="first", organisation="rs-demo", declined="shelter", discreet=True)
        person = a_person(two_teams(), staffing=on_duty("rs-demo", "rs-second-demo"), mail=mail)
        person = person.at("housing").says("note").picks("read")
    else:
        person = person.says(word)

    opened = person.picks("yes", "yes").says("words").opened

    assert (opened.discreet, opened.check_word) == (discreet, word)
    assert ("until you write: note" if discreet else "The check word is set.") in person.reads
    assert "lavender" not in repr(opened)
    assert person.session.carried == ()


def test_a_second_decline_makes_nobody_less_quiet_and_nothing_less_urgent() -> None:
    person = declined(discreet=False, check_word="lavender", urgency="now").says("lavender").picks("later")
    other = a_note(case="second", organisation="rs-far-demo", declined="legal")
    person.rehearsal.mails = [other]
    person = person.says("hi").picks("read", "later")

    assert [each.queue for each in person.session.carried] == ["shelter", "legal"]
    opened = at_housing(person).picks("tonight", "yes").says("words").opened
    assert (opened.urgency, opened.check_word) == ("now", "lavender")
    assert [each.queue for each in person.session.carried] == ["legal"]


def test_beginning_anew_keeps_the_silence_and_no_more() -> None:
    person = declined(discreet=False, check_word="lavender", urgency="now").says("lavender").picks("later")
    person = person.after(timedelta(minutes=10)).says("hi")

    assert person.session.not_to == ()
    assert person.session.carried == (Carried("", "", "now", check_word="lavender"),)
    opened = at_housing(person).picks("tonight", "yes").says("words").opened
    assert (opened.urgency, opened.check_word) == ("soon", "lavender")


@pytest.mark.parametrize(
    ("before", "then", "told"), [("now", "now", "now"), ("normal", "soon", "in the next days")]
)
def test_the_next_request_is_never_less_urgent_than_the_declined_one(
    before: str, then: str, told: str
) -> None:
    person = declined(urgency=before).picks("yes")

    assert f"- How urgent: {told}" in person.reads
    assert person.picks("yes").says("words").opened.urgency == then


def test_nothing_is_shown_or_sent_that_was_not_said() -> None:
    library = a_library(HOUSING.replace("tonight: Tonight -> results", "tonight: Tonight -> person"))
    person = declined(with_members(library, serving(SECOND))).picks("yes")

    assert "Tonight" not in person.reads
    assert person.picks("yes").says("words").opened.shared == ()


def test_after_a_pause_whoever_holds_the_phone_is_asked_for_a_good_time_first() -> None:
    person = declined()
    person.rehearsal.now += timedelta(minutes=20)

    assert person.says("1").labels == ("Read", "Later", "Delete")
    assert "This will go to" not in person.reads
    assert not person.rehearsal.opened


def test_the_question_that_comes_back_offers_no_other_team_where_there_is_none() -> None:
    for names, said in (
        (("yes", "numbers", "later"), "another team?"),
        (("numbers", "later"), "No other team"),
    ):
        under = Asked("declined", names, "first\nshelter")
        person = at_housing(declined(), Asked("idle", ("continue", "restart"), "", under))
        assert said in person.picks("continue").reads


def test_in_danger_whoever_was_not_wanted_can_be_asked_after_all() -> None:
    library = with_members(a_library(HOUSING.replace("urgency: soon", "urgency: now")), serving(SECOND))
    person = at_consent(library, "rs-demo", "rs-second-demo")
    assert "Ask them after all" not in person.labels
    person = person.picks("other")

    assert person.labels[-1] == "Ask them after all"
    assert "a person at Team rs-demo:" in person.picks("again").reads
    assert "Not to" not in person.reads


def test_starting_again_forgets_whom_the_person_did_not_want() -> None:
    person = at_consent(two_teams(), "rs-demo", "rs-second-demo").picks("other")
    assert person.session.not_to == ("rs-demo",)

    assert person.says("/start").session.not_to == ()
