"""A search that finds nothing asks to be counted: need and country, once in a conversation, and nothing finer."""

from dataclasses import replace

import pytest

from bot.flow.effects import NothingFit
from bot.flow.exchange import MOST_COUNTED
from bot.flow.session import Session, decode, encode
from tests.flow.stage import a_library, a_person, a_service

SHELTERS = """
flow: shelters
title: Shelters
start: found
uses: [country]
remember: {what: need}
steps:
  found:
    match: what
    near: country
    say: |
      I found {count} places.
    if none: nothing
    choices:
      again: Again -> found
  nothing:
    say: |
      I have none.
    choices:
      again: Again -> found
"""


def counted(person: object) -> list[NothingFit]:
    return [each for each in person.effects if isinstance(each, NothingFit)]  # type: ignore[attr-defined]


def test_nothing_found_is_counted_by_need_and_country_and_not_by_the_town() -> None:
    person = a_person(a_library(SHELTERS)).at("shelters", country="rs-nis", what="shelter")

    assert counted(person) == [NothingFit("shelter", "RS")]


def test_without_a_place_no_country_is_counted() -> None:
    person = a_person(a_library(SHELTERS)).at("shelters", what="shelter")

    assert counted(person) == [NothingFit("shelter", "")]


def test_what_was_found_is_not_counted() -> None:
    library = a_library(SHELTERS, services=(replace(a_service("alpha"), areas=("RS",)),))
    person = a_person(library).at("shelters", country="rs-nis", what="shelter")

    assert "1 places" in person.reads
    assert counted(person) == []


def test_the_same_search_in_one_conversation_counts_once() -> None:
    person = a_person(a_library(SHELTERS)).at("shelters", country="rs-nis", what="shelter")

    person.picks("again")

    assert "I have none." in person.reads
    assert counted(person) == []


@pytest.mark.parametrize("need", ["", "no such need"])
def test_what_is_no_need_of_the_vocabulary_is_never_counted(need: str) -> None:
    person = a_person(a_library(SHELTERS)).at("shelters", country="rs-nis", what=need)

    assert counted(person) == []


def test_one_conversation_counts_a_few_different_things_at_most() -> None:
    person = a_person(a_library(SHELTERS))
    full = tuple(f"shelter/{number}" for number in range(MOST_COUNTED))
    person.at("shelters", country="rs-nis", what="shelter")
    session = person.session
    assert session is not None
    person.rehearsal.stored = encode(
        Session(session.release, "en", session.minute, session.frames, shape=session.shape, counted=full)
    )

    person.picks("again")

    assert counted(person) == []
    again = decode(person.rehearsal.stored)
    assert again is not None
    assert again.counted == full
