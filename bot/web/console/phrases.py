"""What caseworkers say often, in the person's language beside the English; whoever sends one has read both.

The sentences are entries `desk/...` of translations/ui.pot and come from the content in force. They stand in no flow:
nothing here is said by itself, so an unreviewed draft may be offered where it is marked as one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.i18n.catalogue import Catalogue, Message
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import Direction

PREFIX: Final = "desk/"

TOLD: Final = "told/"
"""What a deed of a caseworker tells the person: shown before, sealed and signed in the browser as any reply."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase in English and as it would be sent. `reviewed`: a native reader has read it, or it is the English."""

    english: str
    text: str
    language: str
    direction: Direction
    reviewed: bool


def phrases(catalogue: Catalogue, language: str) -> Sequence[Phrase]:
    """All phrases in template order, each in `language` or the nearest that has it."""
    english = catalogue.sentences.get(ENGLISH, {})
    return [
        _in_words_of(catalogue, message, language)
        for context, message in english.items()
        if context.startswith(PREFIX)
    ]


def told(catalogue: Catalogue, language: str) -> Mapping[str, Phrase]:
    """The sentences that go with deeds, by name, each in `language` or the nearest that has it."""
    english = catalogue.sentences.get(ENGLISH, {})
    return {
        context.removeprefix(TOLD): _in_words_of(catalogue, message, language)
        for context, message in english.items()
        if context.startswith(TOLD)
    }


def _in_words_of(catalogue: Catalogue, english: Message, language: str) -> Phrase:
    known = language in catalogue.languages.codes
    for code in catalogue.languages.chain(language)[:-1] if known and language != ENGLISH else ():
        own = catalogue.sentences.get(code, {}).get(english.context)
        if own is not None and own.text and not own.fuzzy and own.source in {"", english.text}:
            direction = catalogue.languages.direction(code)
            return Phrase(english.text, own.text, code, direction, reviewed=not own.unreviewed)
    return Phrase(english.text, english.text, ENGLISH, "ltr", reviewed=True)
