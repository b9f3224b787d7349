"""The try page's own sentences, in each language that people can choose: `try/...` of translations/."""

from collections.abc import Mapping
from typing import Final

from bot.i18n.catalogue import Catalogue
from bot.i18n.formatting import placeholders
from bot.i18n.languages import ENGLISH

PREFIX: Final = "try/"


def page_languages(catalogue: Catalogue) -> list[dict[str, str]]:
    """The languages of the menu, each by its code and its own name."""
    return [{"code": each.code, "name": each.name} for each in catalogue.offered]


def page_words(catalogue: Catalogue, language: str) -> dict[str, object] | None:
    """Every sentence of the page in `language`, English where it has none; None for a language not offered.

    `draft`: whether any of them was read by no native speaker yet. Placeholders stay, for the page to fill.
    """
    if language not in {each.code for each in catalogue.offered}:
        return None
    words = {
        key.removeprefix(PREFIX): catalogue.ui(key, language, **_themselves(message.text))
        for key, message in catalogue.sentences[ENGLISH].items()
        if key.startswith(PREFIX)
    }
    return {
        "language": language,
        "direction": catalogue.languages.direction(language),
        "draft": language != ENGLISH and _has_drafts(catalogue, language),
        "words": words,
    }


def _themselves(text: str) -> Mapping[str, str]:
    return {name: f"{{{name}}}" for name in placeholders(text)}


def _has_drafts(catalogue: Catalogue, language: str) -> bool:
    return any(
        message.unreviewed
        for code in catalogue.languages.chain(language)[:-1]
        for key, message in catalogue.sentences.get(code, {}).items()
        if key.startswith(PREFIX)
    )
