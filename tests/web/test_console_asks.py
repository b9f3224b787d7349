"""The words with which people ask for too much: there in every language, and in nothing that caseworkers are offered to say."""

import pytest

from bot.flow.library import Library
from bot.i18n.catalogue import Catalogue, Message
from bot.i18n.languages import Language, Languages
from bot.nlu.normalise import words_of
from bot.web.console.asks import PREFIX, asks
from bot.web.console.phrases import phrases

KINDS = ("number", "papers", "photos", "money", "meet", "story", "country", "need", "language")
SPOKEN = ("en", "fr", "pt", "es", "sr", "tr", "ar", "fa", "ur", "ps", "ru")


def test_words_of_all_languages_stand_together_once_and_serbian_in_both_scripts() -> None:
    key = f"{PREFIX}number"
    catalogue = Catalogue(
        Languages((Language("en", "English"), Language("sr", "Srpski"))),
        sentences={
            "en": {key: Message(key, "your number, call me , ,your number"), "x/y": Message("x/y", "no")},
            "sr": {key: Message(key, "vaš broj، zovi me", unreviewed=True)},
        },
    )

    assert asks(catalogue) == {
        "number": ("your number", "call me", "vaš broj", "ваш број", "zovi me", "зови ме")
    }


def test_a_translation_of_other_words_is_left_out() -> None:
    key = f"{PREFIX}number"
    sentences = {"fr": {key: Message(key, "votre nom", fuzzy=True)}}

    assert asks(Catalogue(Languages((Language("en", "English"),)), sentences=sentences)) == {}


def test_every_kind_is_there_and_each_language_has_its_own_words(library: Library) -> None:
    assert set(asks(library.catalogue)) == set(KINDS)
    for kind in KINDS:
        written = [library.catalogue.sentences[code][f"{PREFIX}{kind}"].text for code in SPOKEN]
        assert len(set(written)) == len(SPOKEN), kind


@pytest.mark.parametrize("language", SPOKEN)
def test_no_quick_phrase_asks_for_too_much(library: Library, language: str) -> None:
    never = {words_of(each) for kind in KINDS[:5] for each in asks(library.catalogue)[kind]}
    for phrase in phrases(library.catalogue, language):
        said = f" {words_of(phrase.text)} "
        assert not [each for each in never if f" {each} " in said], phrase
