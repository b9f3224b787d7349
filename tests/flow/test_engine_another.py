"""Whom a case may go to, as the person says: another organisation, a state body or none, a space that feels safe."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from msgspec import structs

from bot.directory.model import Member, Organisation, Queue
from bot.flow.library import Library
from bot.flow.rehearsal import said
from bot.flow.session import encode
from bot.handoff.routing import Staffing
from tests.flow.stage import HOUSING, SHARED, Person, a_library, a_person, an_open_case

SECOND = Organisation("rs-second-demo", {"en": "Second Demo Home"}, "RS")
OFFICE = Organisation("rs-office-demo", {"en": "Demo Office"}, "RS", "state")
CONSULATE = Organisation("xx-consulate-demo", {"en": "Demo Desk"}, "XX", "consulate")


def with_members(library: Library, *more: tuple[Organisation, Member]) -> Library:
    """The library with further members behind its own."""
    directory = library.directory
    organisations = {**directory.organisations, **{one.id: one for one, _ in more}}
    members = (*directory.network.members, *(member for _, member in more))
    network = replace(directory.network, members=members)
    return replace(library, directory=replace(directory, organisations=organisations, network=network))


def on_duty(*names: str) -> Sequence[Staffing]:
    return [Staffing(name, f"Team {name}", keys=2, on_duty=1) for name in names]


def serving(organisation: Organisation, **more: object) -> tuple[Organisation, Member]:
    return organisation, Member(organisation.id, queues=("shelter",), **more)  # type: ignore[arg-type]  # its keys


def at_consent(library: Library, *names: str) -> Person:
    return a_person(library, staffing=on_duty(*names)).at("housing").says("Belgrade").picks("tonight")


def test_another_organisation_is_asked_about_and_the_first_is_not_asked_again() -> None:
    library = with_members(a_library(), serving(SECOND))
    person = at_consent(library, "rs-demo", "rs-second-demo")
    assert "a person at Team rs-demo:" in person.reads

    person = person.picks("other")

    assert "a person at Team rs-second-demo:" in person.reads
    assert "- Not to: Team rs-demo" in person.reads
    assert not person.rehearsal.opened
    opened = person.picks("yes").says("words").opened
    assert (opened.organisation, opened.excluded) == ("rs-second-demo", ("rs-demo",))


def test_whom_somebody_does_not_want_is_kept_for_the_next_request_of_the_conversation() -> None:
    library = with_members(a_library(), serving(SECOND))
    person = at_consent(library, "rs-demo", "rs-second-demo").picks("other", "no")

    assert person.turn.trace[-1] == "housing/person.consent"
    assert "a person at Team rs-second-demo:" in person.reads


def test_when_nobody_is_left_that_is_said_and_numbers_and_a_way_back_are_offered() -> None:
    person = at_consent(a_library(), "rs-demo").picks("other")

    assert person.reads.startswith("You did not want: Team rs-demo. No other organisation can take this now.")
    assert person.labels == ("Emergency numbers", "Ask them after all", "Menu")
    assert not person.rehearsal.opened
    assert "a person at Team rs-demo:" in person.picks("again").reads


def test_numbers_are_there_when_nobody_is_left() -> None:
    assert "Police 192" in at_consent(a_library(), "rs-demo").picks("other", "numbers").reads


def without_first(*more: tuple[Organisation, Member]) -> Library:
    library = with_members(a_library(), *more)
    network = library.directory.network
    kept = replace(network, members=tuple(each for each in network.members if each.organisation != "rs-demo"))
    return replace(library, directory=replace(library.directory, network=kept))


def test_a_state_body_is_asked_about_in_a_question_of_its_own_before_anything_is_shown() -> None:
    library = without_first(serving(OFFICE, separate_consent=True))
    person = at_consent(library, "rs-office-demo")

    assert "Only Team rs-office-demo can take this now. It is part of the state" in person.reads
    assert "This will go to" not in person.reads
    assert person.labels == ("No", "Yes")
    person = person.picks("yes")
    assert "Team rs-office-demo is part of the state. It may have to tell other offices." in person.reads
    person = person.picks("yes").says("words")
    assert person.opened.organisation == "rs-office-demo"
    assert person.session.state_ok == ()


def test_a_yes_to_a_state_body_is_for_one_request_and_no_other() -> None:
    library = without_first(serving(OFFICE, separate_consent=True))
    person = at_consent(library, "rs-office-demo").picks("yes")
    assert person.session.state_ok == (("shelter", "rs-office-demo"),)
    other = structs.replace(person.session, state_ok=(("legal", "rs-office-demo"),))
    person.rehearsal.stored = encode(other)

    person = person.picks("yes")

    assert not person.rehearsal.opened
    assert "Only Team rs-office-demo can take this now. It is part of the state" in person.reads


def test_an_open_request_with_a_state_body_takes_no_other_one_in_without_that_question() -> None:
    open_there = an_open_case(organisation="rs-office-demo", organisation_name="Demo Office")
    library = without_first(serving(OFFICE, separate_consent=True))
    person = a_person(library, staffing=on_duty("rs-office-demo"), case=open_there).at("housing")
    person = person.says("Belgrade").picks("tonight")

    assert "It is part of the state" in person.reads
    assert "Demo Office is part of the state. It may have to tell other offices." in person.picks("yes").reads


def test_without_a_yes_to_that_question_a_state_body_gets_nothing() -> None:
    person = at_consent(without_first(serving(OFFICE, separate_consent=True)), "rs-office-demo").picks("no")

    assert "Nothing was sent." in person.reads
    assert not person.rehearsal.opened


def test_a_state_body_is_not_asked_about_while_somebody_else_fits() -> None:
    person = at_consent(
        with_members(a_library(), serving(OFFICE, separate_consent=True)), "rs-office-demo", "rs-demo"
    )

    assert "a person at Team rs-demo:" in person.reads


def test_a_state_body_of_which_the_network_says_nothing_is_never_asked() -> None:
    person = at_consent(without_first(serving(OFFICE)), "rs-office-demo")

    assert person.turn.trace[-1] != "state"
    assert "This will go to" not in person.reads


def test_a_consulate_gets_no_case_also_where_it_is_the_only_one() -> None:
    person = at_consent(without_first(serving(CONSULATE, separate_consent=True)), "xx-consulate-demo")

    assert "This will go to" not in person.reads
    assert "Team xx-consulate-demo" not in person.reads


WITH_WISHES = HOUSING.replace("remember:", "uses: [safe_space, age]\nremember:")
WISHES = f"""{SHARED}
  safe_space: choice
  age: age group
"""


def asking(library: Library, *names: str, **slots: str) -> Person:
    person = a_person(library, staffing=on_duty(*names)).at("housing", **slots)
    return person.says("Belgrade").picks("tonight")


def test_the_space_that_somebody_says_is_safe_chooses_the_team_and_is_not_sent() -> None:
    library = with_members(a_library(WITH_WISHES, shared=WISHES), serving(SECOND, spaces=("women",)))

    person = asking(library, "rs-demo", "rs-second-demo", safe_space="women")

    assert "a person at Team rs-second-demo:" in person.reads
    assert "women" not in said(person.turn).texts[0]
    assert [each.slot for each in person.picks("yes").says("words").opened.shared] == ["city", "urgency"]


def test_where_no_team_is_that_space_the_consent_says_so() -> None:
    person = asking(a_library(WITH_WISHES, shared=WISHES), "rs-demo", safe_space="women")

    said_so = "Team rs-demo does not say that it is the kind of space you asked for."
    assert said_so in person.reads
    opened = person.picks("yes").says("words").opened
    assert opened.consent
    assert "space" not in opened.consent
    assert "women" not in repr(opened)


def test_that_the_team_of_the_person_is_of_the_same_group_is_told_to_them_alone() -> None:
    library = a_library(HOUSING.replace("handoff: shelter", "handoff: psea"))
    directory = library.directory
    queues = {**directory.network.queues, "psea": Queue("psea", independent=True, inside=True)}
    members = (Member("rs-demo", queues=("shelter", "psea")),)
    network = replace(directory.network, queues=queues, members=members)
    library = replace(library, directory=replace(directory, network=network))
    focal = [Staffing("rs-demo", "Team", 2, 1, complaint_keys=1, complaint_duty=1, focal_points=True)]
    person = a_person(library, staffing=focal, case=an_open_case()).at("housing")
    person = person.says("Belgrade").picks("tonight")

    assert "The team that you write with belongs to this group." in person.reads
    opened = person.picks("yes").says("words").opened
    assert "the people for complaints at Team" in opened.consent
    assert "The team that you write with" not in opened.consent


def test_an_age_group_said_earlier_chooses_the_team() -> None:
    library = with_members(
        a_library(WITH_WISHES, shared=WISHES), serving(SECOND, serves=("minors", "lgbtiq"))
    )
    directory = library.directory
    members = tuple(
        replace(each, serves=("adults",)) if each.organisation == "rs-demo" else each
        for each in directory.network.members
    )
    network = replace(directory.network, members=members)
    library = replace(library, directory=replace(directory, network=network))

    assert "Team rs-second-demo:" in asking(library, "rs-demo", "rs-second-demo", age="under 18").reads
    assert "Team rs-demo:" in asking(library, "rs-demo", "rs-second-demo", age="18 or older").reads


def test_where_every_team_is_full_the_consent_says_that_it_takes_longer() -> None:
    library = with_members(a_library())
    directory = library.directory
    members = tuple(replace(each, most_open=2) for each in directory.network.members)
    network = replace(directory.network, members=members)
    library = replace(library, directory=replace(directory, network=network))
    full = [Staffing("rs-demo", "Team", keys=2, on_duty=1, open_cases=2)]

    person = a_person(library, staffing=full).at("housing").says("Belgrade").picks("tonight")

    assert "Many people wait at Team now. An answer takes longer." in person.reads
    assert person.picks("yes").says("words").opened.organisation == "rs-demo"


def test_a_paused_team_is_not_asked() -> None:
    library = with_members(a_library(), serving(SECOND))
    directory = library.directory
    members = tuple(
        replace(each, paused_until=date(2027, 1, 1)) if each.organisation == "rs-demo" else each
        for each in directory.network.members
    )
    network = replace(directory.network, members=members)
    library = replace(library, directory=replace(directory, network=network))

    assert "Team rs-second-demo:" in at_consent(library, "rs-demo", "rs-second-demo").reads
