"""What was left out is told, and what would help can be tapped: the place, the language, a full place; never safety."""

from dataclasses import replace
from datetime import date

import pytest

from bot.directory.model import Capacity, LanguageOffer, Service, Vetting
from bot.flow.library import Library
from bot.flow.session import Wider, decode, encode
from bot.flow.walk import walk_all
from tests.flow.stage import NOON, TODAY, a_library, a_person, a_service

SHELTERS = """
flow: shelters
title: Shelters
start: found
uses: [country]
remember: {old: age group, unwanted: choice}
steps:
  found:
    match: shelter
    near: country
    languages: [sr]
    without: [unwanted]
    show: 2
    say: |
      I found {count} places.
    if none: nothing
    choices:
      more: Show more -> found
      done: Done -> next_question
  nothing:
    say: |
      I have none.
    choices:
      done: Done -> next_question
  next_question:
    say: |
      Who should not help?
    ask: unwanted
    choices:
      state: The state -> found
      other: Somebody else -> found
"""


def near(name: str) -> Service:
    return replace(a_service(name), areas=("rs-beograd",), languages=(LanguageOffer("sr"),))


def far(name: str) -> Service:
    return replace(near(name), areas=("rs-nis",))


def foreign(name: str) -> Service:
    return replace(near(name), languages=(LanguageOffer("ru"),))


def full(name: str) -> Service:
    return replace(near(name), capacity=Capacity("full", TODAY))


def shelters(*services: Service) -> Library:
    return a_library(SHELTERS, services=services)


def test_what_more_there_is_stands_below_the_services_and_can_be_tapped() -> None:
    person = a_person(shelters(near("alpha"), far("beta"), far("gamma"), foreign("delta"), full("omega")))

    person.at("shelters", country="rs-beograd")

    assert person.reads.splitlines()[-3:] == [
        "Full at the moment: 1 more.",
        "If you can travel: 2 more.",
        "If another language is possible: 1 more.",
    ]
    assert person.names == ("more", "done", "=wider.capacity", "=wider.place", "=wider.language")


@pytest.mark.parametrize(
    ("name", "found"), [("place", {"Beta", "Gamma"}), ("language", {"Delta"}), ("capacity", {"Omega"})]
)
def test_a_tap_shows_only_what_was_left_out_for_that(name: str, found: set[str]) -> None:
    services = (near("alpha"), far("beta"), far("gamma"), foreign("delta"), full("omega"))
    person = a_person(shelters(*services)).at("shelters", country="rs-beograd")

    person.picks(f"=wider.{name}")

    assert {
        word.title() for word in ("alpha", "beta", "gamma", "delta", "omega") if word.title() in person.reads
    } == found
    assert f"=wider.{name}" not in person.names
    assert len(person.names) == 4


def test_what_was_found_wider_has_pages_and_then_the_first_list_begins_again() -> None:
    person = a_person(shelters(near("alpha"), far("beta"), far("gamma"), far("kappa"))).at(
        "shelters", country="rs-beograd"
    )

    person.picks("=wider.place", "more")
    assert "Kappa" in person.reads
    assert "Beta" not in person.reads
    person.picks("more")
    assert "That was all I found." in person.reads
    person.picks("more")
    assert "Alpha" in person.reads
    assert "=wider.place" in person.names


def test_the_question_again_shows_the_same_and_back_leads_to_the_list_before() -> None:
    person = a_person(shelters(near("alpha"), far("beta"))).at("shelters", country="rs-beograd")

    person.picks("=wider.place").says("help")
    assert "Beta" in person.reads
    person.says("back")
    assert "Alpha" in person.reads
    assert "=wider.place" in person.names


def test_the_label_may_be_typed() -> None:
    person = a_person(shelters(near("alpha"), far("beta"))).at("shelters", country="rs-beograd")

    assert "Beta" in person.says("Further away").reads


def test_where_nothing_fits_what_would_help_is_offered_at_the_step_for_none() -> None:
    person = a_person(shelters(foreign("delta"))).at("shelters", country="rs-beograd")

    assert person.turn.trace == ("shelters/found.empty", "shelters/nothing")
    assert person.reads.splitlines() == ["If another language is possible: 1 more.", "I have none."]
    assert person.names == ("done", "=wider.language")
    assert "Delta" in person.picks("=wider.language").reads


def test_an_offer_ends_with_the_question_that_it_stood_under() -> None:
    person = a_person(shelters(foreign("delta"))).at("shelters", country="rs-beograd")

    assert person.picks("done").names == ("state", "other")


def test_age_and_vetting_are_told_and_never_offered() -> None:
    young = replace(near("alpha"), age=(12, 17))
    lapsed = replace(near("beta"), vetting=Vetting("vetted", ("a", "b"), date(2025, 1, 1), date(2025, 6, 1)))
    suspended = replace(near("gamma"), vetting=Vetting("suspended"))

    person = a_person(shelters(young, lapsed, suspended)).at("shelters", country="RS", old="18 or older")

    assert person.reads.splitlines() == [
        "Not shown, because they are for another age: 1.",
        "Not shown, because our team has not checked them: 1.",
        "I have none.",
    ]
    assert person.names == ("done",)


def test_nothing_over_a_border_is_offered_to_who_can_travel() -> None:
    abroad = replace(near("beta"), areas=("PT",))

    person = a_person(shelters(near("alpha"), abroad)).at("shelters", country="rs-beograd")

    assert "travel" not in person.reads
    assert person.names == ("more", "done")


def test_whom_a_person_does_not_want_is_left_out_and_it_is_told() -> None:
    library = shelters(near("alpha"))
    state = replace(library.directory.organisations["rs-demo"], kind="state")
    directory = type(library.directory).build(
        (state,), library.directory.taxonomy, library.directory.places.by_id.values(), library.directory.network,
        fold=library.directory._fold,
    )  # fmt: skip
    person = a_person(replace(library, directory=directory, prepared=[])).at("shelters")

    assert "Alpha" in person.reads
    person.picks("done", "state")
    assert person.reads.splitlines()[:2] == ["Not shown, as you asked: 1.", "I have none."]


def test_offers_are_remembered_between_two_messages() -> None:
    session = a_person(shelters(near("alpha"), far("beta"))).at("shelters", country="rs-beograd").turn.session

    assert session is not None
    assert session.wider == Wider("shelters", "found", "found", ("place",))
    assert decode(encode(session)) == session


def test_no_way_through_the_offers_gets_stuck_or_leads_away_from_a_person() -> None:
    written = (
        SHELTERS.partition("  next_question:")[0]
        .replace("near: country", "near: rs-beograd")
        .replace("uses: [country]\n", "")
        .replace("    without: [unwanted]\n", "")
        .replace("remember: {old: age group, unwanted: choice}\n", "")
        .replace("done: Done -> next_question", "person: A person -> person")
    )
    services = (near("alpha"), far("beta"), foreign("delta"), full("omega"))
    library = a_library(f"{written}  person:\n    go: human\n", services=services)

    walk = walk_all(library, now=NOON, languages=["en"], flows=["shelters"])

    assert [str(fault) for fault in walk.faults] == []
    assert walk.places > 3
