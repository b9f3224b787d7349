"""Fills `{placeholders}` of a text. No format specifications, attributes or indexes: content is not code."""

import re
from collections.abc import Mapping
from typing import Final

from bot.i18n.bidi import isolate
from bot.kernel.messages import Direction

_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces, in order, with repeats."""
    return tuple(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str | int], direction: Direction = "ltr") -> str:
    """`text` with each `{name}` replaced by its value; braces inside a value mean nothing.

    In right-to-left texts every value is isolated. Raises KeyError for a name without a value.
    """
    if "{" not in text:
        return text

    def value_of(match: re.Match[str]) -> str:
        value = str(values[match[1]])
        return isolate(value) if direction == "rtl" and value else value

    return _PLACEHOLDER.sub(value_of, text)
