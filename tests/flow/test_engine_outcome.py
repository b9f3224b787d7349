"""Who was shown a service can say how it was there, in one tap, when they choose: counted once, and typed by nobody."""

from dataclasses import replace

import pytest

from bot.directory.trust import OUTCOMES, Outcome
from bot.flow.effects import COUNTED, Effect, RateService
from bot.flow.library import Library
from tests.flow.stage import Person, a_library, a_person, a_service

SHELTERS = """
flow: shelters
title: Shelters
start: found
remember: {city: place}
steps:
  found:
    match: shelter
    near: city
    show: 2
    say: |
      I found {count} places.
    choices:
      more: Show more -> found
      done: Done -> end
"""


def shelters(*names: str) -> Library:
    return a_library(SHELTERS, services=[replace(a_service(name), areas=("RS",)) for name in names])


def rated(person: Person) -> list[Effect]:
    return [effect for effect in person.effects if isinstance(effect, COUNTED)]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_one_tap_says_how_it_was(outcome: Outcome) -> None:
    person = a_person(shelters("alpha")).at("shelters", city="RS")

    person.picks("=rate")
    assert "How was it at Alpha?" in person.reads
    assert person.names == (*OUTCOMES, "skip")
    person.picks(outcome)

    assert rated(person) == [RateService("rs-demo/alpha", outcome)]
    assert "It is counted." in person.reads
    assert person.names == ("menu", "person")


def test_nobody_is_asked_who_does_not_choose_it() -> None:
    person = a_person(shelters("alpha")).at("shelters", city="RS")

    assert "How was it at" not in person.reads
    person.picks("done")
    assert "=rate" not in person.names
    assert "How was it" not in person.reads


def test_of_several_services_the_person_says_which() -> None:
    person = a_person(shelters("alpha", "beta", "gamma")).at("shelters", city="RS").picks("more", "=rate")

    assert person.names == ("rs-demo/alpha", "rs-demo/beta", "rs-demo/gamma", "none")
    assert all(name in person.labels for name in ("Alpha", "Beta", "Gamma"))
    person.picks("rs-demo/beta", "helped")

    assert rated(person) == [RateService("rs-demo/beta", "helped")]


def test_a_service_that_was_not_shown_cannot_be_rated() -> None:
    person = a_person(shelters("alpha", "beta", "gamma")).at("shelters", city="RS").picks("=rate")

    assert "rs-demo/gamma" not in person.names


@pytest.mark.parametrize("way_out", [("rate", "skip"), ("which", "none")])
def test_who_changes_their_mind_is_back_at_the_list_and_nothing_is_counted(way_out: tuple[str, str]) -> None:
    names = ("alpha",) if way_out[0] == "rate" else ("alpha", "beta")
    person = a_person(shelters(*names)).at("shelters", city="RS").picks("=rate", way_out[1])

    assert rated(person) == []
    assert "Alpha" in person.reads
    assert "=rate" in person.names


def test_one_conversation_counts_a_service_once() -> None:
    person = a_person(shelters("alpha")).at("shelters", city="RS").picks("=rate", "helped")

    person.says("back").picks("=rate", "not_safe")

    assert rated(person) == []


def test_where_it_was_not_safe_a_person_is_offered() -> None:
    person = a_person(shelters("alpha")).at("shelters", city="RS").picks("=rate", "not_safe")

    assert "write 9" in person.reads


def test_without_room_on_the_page_the_flows_own_choices_stay() -> None:
    more = "".join(f"      c{number}: Choice {number} -> end\n" for number in range(6))
    full = a_library(SHELTERS + more, services=[replace(a_service("alpha"), areas=("RS",))])

    person = a_person(full).at("shelters", city="RS")

    assert len(person.names) == 8
    assert "=rate" not in person.names
