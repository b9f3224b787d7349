"""How people ask for what helpers never ask for, and for what a case already holds; the browser looks for it.

The lists are entries `asks/...` of translations/ui.pot, words with commas between. All languages are looked for at once: a
reply may be in any of them. What a caseworker writes is compared on their machine and comes nowhere near the server.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.i18n.catalogue import Catalogue
from bot.i18n.serbian import to_cyrillic

PREFIX: Final = "asks/"
_ARABIC_COMMA: Final = "،"
_ALSO_IN_CYRILLIC: Final = "sr"


def asks(catalogue: Catalogue) -> Mapping[str, Sequence[str]]:
    """What is asked for -> the words for it in every language. Drafts count: a hint that is not needed harms nobody."""
    found: dict[str, dict[str, None]] = {}
    for language, sentences in catalogue.sentences.items():
        for context, message in sentences.items():
            if not context.startswith(PREFIX) or message.fuzzy:
                continue
            words = found.setdefault(context.removeprefix(PREFIX), {})
            for each in message.text.replace(_ARABIC_COMMA, ",").split(","):
                plain = each.strip()
                words.update(dict.fromkeys([plain] if plain else []))
                cyrillic = to_cyrillic(plain) if language == _ALSO_IN_CYRILLIC else None
                words.update(dict.fromkeys([cyrillic] if cyrillic else []))
    return {kind: tuple(words) for kind, words in found.items()}
