"""Languages that are another one in another script: their texts are made when content is read, not translated."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.i18n.catalogue import Message
from bot.i18n.serbian import to_cyrillic

WRITTEN_AS: Final[Mapping[str, str]] = {"sr-Cyrl": "sr"}
"""Code -> the language whose texts it shows in its own script."""

_WORDS: Final = re.compile(r"[^\W\d_]{3,}")


def in_cyrillic(messages: Mapping[str, Message]) -> dict[str, Message]:
    """Serbian messages in Cyrillic, reviewed as far as the Latin ones are.

    Words that the English has too, with a capital, are names and stay Latin. What does not turn back into exactly
    the Latin text is left out; then the Latin text is served.
    """
    found = {}
    for context, message in messages.items():
        names = {word for word in _WORDS.findall(message.source) if word[0].isupper()}
        text = to_cyrillic(message.text, names)
        if text is not None:
            found[context] = replace(message, text=text)
    return found
