"""Whatever language a case says it is in, there are phrases, and each says what its English says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.library import Library
from bot.i18n.catalogue import Catalogue, Message
from bot.i18n.formatting import placeholders
from bot.i18n.languages import Language, Languages
from bot.web.console.phrases import PREFIX, phrases, told

ENGLISH = {
    f"{PREFIX}hello": Message(f"{PREFIX}hello", "Hello, {words}.", source="Hello, {words}."),
    f"{PREFIX}safe": Message(f"{PREFIX}safe", "Are you safe?", source="Are you safe?"),
    "engine/yes": Message("engine/yes", "Yes", source="Yes"),
}
LANGUAGES = Languages(
    (
        Language("en", "English", "ltr", ()),
        Language("fa", "فارسی", "rtl", ("en",)),
        Language("prs", "دری", "rtl", ("fa", "en")),
    )
)


def catalogue(**flags: bool) -> Catalogue:
    safe = Message(f"{PREFIX}safe", "در امان هستید؟", source="Are you safe?", **flags)
    return Catalogue(LANGUAGES, sentences={"en": ENGLISH, "fa": {safe.context: safe}})


def test_a_phrase_that_is_not_translated_is_offered_in_english_as_what_it_is() -> None:
    hello, safe = phrases(catalogue(unreviewed=True), "fa")

    assert (hello.language, hello.text, hello.direction) == ("en", "Hello, {words}.", "ltr")
    assert (safe.language, safe.direction, safe.reviewed) == ("fa", "rtl", False)
    assert safe.english == "Are you safe?"


def test_a_language_without_phrases_gets_those_of_the_one_it_falls_back_to() -> None:
    _, safe = phrases(catalogue(), "prs")

    assert (safe.language, safe.reviewed) == ("fa", True)


def test_a_translation_of_an_older_english_is_not_offered() -> None:
    _, safe = phrases(catalogue(fuzzy=True), "fa")

    assert safe.language == "en"


@given(st.text(max_size=20))
def test_whatever_a_language_is_called_all_phrases_come(language: str) -> None:
    assert len(phrases(catalogue(), language)) == 2


@pytest.mark.parametrize("language", ["fr", "pt", "es", "sr", "sr-Cyrl", "tr", "ar", "fa", "ur", "ps", "ru"])
def test_every_shipped_phrase_is_there_in_every_language_marked_until_it_is_reviewed(
    library: Library, language: str
) -> None:
    found = phrases(library.catalogue, language)

    assert len(found) >= 8
    direction = library.catalogue.languages.direction(language)
    for each in found:
        assert (each.language, each.direction) == (language, direction)
        assert each.text != each.english
        assert set(placeholders(each.text)) == set(placeholders(each.english))


@pytest.mark.parametrize("language", ["fr", "pt", "es", "sr", "sr-Cyrl", "tr", "ar", "fa", "ur", "ps", "ru"])
def test_what_a_deed_tells_is_there_in_every_language_marked_until_it_is_reviewed(
    library: Library, language: str
) -> None:
    found = told(library.catalogue, language)

    assert "stepped_back" in found
    for each in found.values():
        assert (each.language, each.reviewed) == (language, False)
        assert each.text != each.english
        assert len(each.text) <= 350
    assert not any(
        each.text in {phrase.text for phrase in phrases(library.catalogue, language)}
        for each in found.values()
    )


def test_no_phrase_promises_asks_why_or_doubts(library: Library) -> None:
    for each in (*phrases(library.catalogue, "en"), *told(library.catalogue, "en").values()):
        said = each.text.lower()
        for word in ("why", "i will", "we will", "promise", "are you sure", "prove", "safe here"):
            assert word not in said
