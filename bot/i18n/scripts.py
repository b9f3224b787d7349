"""Languages that are another one in another script: their texts are made from the other's, not translated."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.i18n.catalogue import Message
from bot.i18n.serbian import to_cyrillic

WRITTEN_AS: Final[Mapping[str, str]] = {"sr-Cyrl": "sr"}
"""Code -> the language whose texts it shows in its own script."""

_WORDS: Final = re.compile(r"[^\W\d_]{3,}")


class InCyrillic(Mapping[str, Message]):
    """Serbian messages in Cyrillic, reviewed as far as the Latin ones are; each is made when it is first asked for.

    Words that the English has too, with a capital, are names and stay Latin. What does not turn back into exactly
    the Latin text is left out; then the Latin text is served.
    """

    def __init__(self, messages: Mapping[str, Message]) -> None:
        """Take the messages in Latin letters."""
        self._latin = messages
        self._made: dict[str, Message | None] = {}

    def __getitem__(self, context: str) -> Message:
        """The message in Cyrillic."""
        if context not in self._made:
            self._made[context] = _in_cyrillic(self._latin[context])
        made = self._made[context]
        if made is None:
            raise KeyError(context)
        return made

    def __iter__(self) -> Iterator[str]:
        """The contexts of those that can be written so."""
        return (context for context in self._latin if context in self)

    def __bool__(self) -> bool:
        """Whether there is any; the others need not be made to know it."""
        return any(context in self for context in self._latin)

    def __len__(self) -> int:
        """How many can be."""
        return sum(1 for _ in self)


def _in_cyrillic(message: Message) -> Message | None:
    names = {word for word in _WORDS.findall(message.source) if word[0].isupper()}
    text = to_cyrillic(message.text, names)
    return None if text is None else replace(message, text=text)
