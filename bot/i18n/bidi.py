"""Keeps numbers, names and links in reading order inside right-to-left texts.

Source: Unicode UAX 9, isolates.
"""

import re
from typing import Final

from bot.i18n.digits import ascii_digits
from bot.i18n.links import LINK

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
CONTROLS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_BRACES: Final = r"\{[^{}]*\}"
_HANDLE: Final = r"(?<![\w@.])@[A-Za-z0-9_]{3,32}"
_NUMBER: Final = r"\+?\(?\d(?:[\d()./:\u2013 -]*\d)?(?:%|[A-Za-z]+)?"  # with letters: `1min`, `24h`
_PIECE: Final = re.compile(
    rf"(?P<braces>{_BRACES})|(?P<link>{LINK.pattern})|(?P<handle>{_HANDLE})|(?P<number>{_NUMBER})",
    re.IGNORECASE,
)
_PLACEHOLDERS: Final = re.compile(_BRACES)
_TRAILING: Final = ".,;:!?)»”،؛؟"


def isolate(value: str) -> str:
    """`value` as a unit of its own direction; controls inside it go, so that it cannot close the isolate early."""
    return f"{FIRST_STRONG_ISOLATE}{without_controls(value)}{POP_ISOLATE}"


def isolate_pieces(text: str) -> str:
    """A right-to-left text with its numbers, links and user names as units; placeholders stay as they are.

    Groups of digits with something between them (a phone number, a date) get the digits 0-9: in Arabic ones their
    groups would change places even inside an isolate (UAX 9, rules N1 and L2).
    """
    return _PIECE.sub(_unit, text)


def isolate_lines(text: str) -> str:
    """A left-to-right text for a right-to-left conversation: each line a unit, so that its signs stay at its ends.

    A line of nothing but placeholders and signs (`{label}: {value}`) is in no language: it reads as what is around it.
    """
    return "\n".join(
        f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}" if _has_words(line) else line
        for line in text.split("\n")
    )


def without_controls(text: str) -> str:
    """`text` without the invisible characters that change reading order."""
    return CONTROLS.sub("", text)


def _has_words(line: str) -> bool:
    return any(character.isalnum() for character in _PLACEHOLDERS.sub("", line))


def _unit(match: re.Match[str]) -> str:
    found = match[0]
    if match["braces"]:
        return found
    if match["number"]:
        return isolate(found if found.isdecimal() else ascii_digits(found))
    core = found.rstrip(_TRAILING)
    return f"{isolate(core)}{found[len(core) :]}"
