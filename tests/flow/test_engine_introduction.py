"""A text to show at a service says what the person chose and nothing else, in words that are understood there."""

from dataclasses import replace

import pytest

from bot.directory.model import LanguageOffer
from bot.flow.library import Library
from bot.flow.rehearsal import said
from bot.flow.session import encode
from bot.i18n.catalogue import Message
from bot.kernel.messages import OutboundMessage
from tests.flow.stage import Person, a_library, a_person, a_service

SHELTERS = """
flow: shelters
title: Shelters
start: found
remember: {city: place, story: text}
steps:
  found:
    match: shelter
    near: city
    say: |
      I found {count} places.
    choices:
      more: Show more -> found
      done: Done -> end
"""

IN_SERBIAN = {
    "sr": {
        "engine/show.text.language": Message("Moj jezik je {language}.", "Moj jezik je {language}."),
        "engine/show.text.need": Message("Tražim: {need}.", "Tražim: {need}."),
    }
}


def shelters(*names: str, speaks: tuple[LanguageOffer, ...] = ()) -> Library:
    services = [replace(a_service(name), areas=("RS",), languages=speaks) for name in names]
    return a_library(SHELTERS, services=services, ui=IN_SERBIAN)


def asks(library: Library, *names: str, language: str = "en", **slots: str) -> Person:
    person = a_person(library).at("shelters", language=language, city="RS", **slots)
    return person.picks("=show", *names)


def texts(person: Person) -> tuple[str, ...]:
    """What comes between how to use it and the offer to go on."""
    message: OutboundMessage = said(person.turn)
    return message.texts[1:-1]


def test_the_text_says_the_language_and_the_need() -> None:
    [text] = texts(asks(shelters("alpha"), "need"))

    assert text.splitlines() == [
        "Hello. I speak English. Please find somebody who speaks it.",
        "I am looking for: A place to sleep.",
    ]


def test_who_wants_says_no_more_than_their_language() -> None:
    [text] = texts(asks(shelters("alpha"), "language"))

    assert text == "Hello. I speak English. Please find somebody who speaks it."


def test_the_wish_to_speak_in_private_can_be_added() -> None:
    [text] = texts(asks(shelters("alpha"), "private"))

    assert "A place to sleep" in text
    assert text.endswith("Please let me speak with somebody in private.")


def test_it_is_written_in_a_language_of_the_service_in_english_and_in_the_persons_own() -> None:
    speaks = (LanguageOffer("xx"), LanguageOffer("sr"))

    there, english, own = texts(asks(shelters("alpha", speaks=speaks), "need", language="ar"))

    assert there.startswith("Moj jezik je arapski.")
    assert english.startswith("Hello. I speak Arabic.")
    assert own


def test_a_language_that_only_an_interpreter_speaks_is_not_the_one_it_is_shown_in() -> None:
    assert len(texts(asks(shelters("alpha", speaks=(LanguageOffer("sr", "interpreter"),)), "need"))) == 1


@pytest.mark.parametrize("says", ["need", "private", "language"])
def test_nothing_that_the_person_told_before_is_in_the_text_or_asked_of_the_outside(says: str) -> None:
    person = asks(shelters("alpha"), says, story="Marija from Nis")

    assert "Marija" not in person.reads
    assert "Serbia" not in person.reads
    assert person.effects == []
    assert b"Hello" not in encode(person.session)


def test_of_several_services_the_person_says_for_which() -> None:
    person = asks(shelters("alpha", "beta"))

    assert person.names == ("rs-demo/alpha", "rs-demo/beta", "none")
    assert person.picks("rs-demo/beta").names == ("need", "private", "language", "skip")
    assert "never says who you are" in person.reads


@pytest.mark.parametrize("names", [("alpha",), ("alpha", "beta")])
def test_who_changes_their_mind_is_back_at_the_list(names: tuple[str, ...]) -> None:
    person = asks(shelters(*names), "skip" if len(names) == 1 else "none")

    assert "Alpha" in person.reads
    assert "=show" in person.names


def test_nothing_is_shown_before_the_person_asks_for_it() -> None:
    assert "Hello. I speak" not in a_person(shelters("alpha")).at("shelters", city="RS").reads
