"""Digits of every script as 0-9."""

import re
from typing import Final

_FOREIGN: Final = re.compile(r"(?![0-9])\d")


def ascii_digits(text: str) -> str:
    """`text` with the decimal digits of every script as 0-9, everything else as it was."""
    if text.isascii():
        return text
    return _FOREIGN.sub(lambda digit: str(int(digit[0])), text)
