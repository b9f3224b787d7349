"""Keeps numbers, names and links in reading order inside right-to-left texts.

Source: Unicode UAX 9, isolates.
"""

import re
from typing import Final

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
CONTROLS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def isolate(value: str) -> str:
    """`value` as a unit of its own direction; controls inside it go, so that it cannot close the isolate early."""
    return f"{FIRST_STRONG_ISOLATE}{without_controls(value)}{POP_ISOLATE}"


def without_controls(text: str) -> str:
    """`text` without the invisible characters that change reading order."""
    return CONTROLS.sub("", text)
