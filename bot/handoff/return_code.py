"""Return codes as people see and type them: 24 digits in groups of four, which every keyboard has.

22 digits are drawn (73 bits), two check them, so that a slip of the pen is told from a wrong code without looking
anything up. Source: ISO/IEC 7064, MOD 97-10.
"""

import re
import unicodedata
from typing import Final, NamedTuple

from bot.i18n.digits import ascii_digits

RETURN_CODE_BYTES: Final = 16
"""How many random bytes a code takes; more than its digits hold, so that each code is equally likely."""

DIGITS: Final = 24
NEARLY: Final = range(DIGITS - 2, DIGITS + 3)
"""So many digits in a row, and nothing else, are a code that was written wrong, whatever they are."""

_GROUP: Final = 4
_DRAWN: Final = 10 ** (DIGITS - 2)
_MODULUS: Final = 97
_LOOK_ALIKE: Final = str.maketrans("OoОоDQIiІіLl|", "0000001111111")  # Cyrillic ones too
_FEWEST: Final = 16
"""Fewer real digits than these are words that look like some."""

_DIGIT: Final = re.compile(r"\d")
_PARTS: Final = re.compile(r"[^\W_]+|\S")
_EDGES: Final = re.compile(r"^([0-9]*).*?([0-9]*)$")
_MARKS: Final = ("Mn", "Me", "Cf")  # keycaps, and the invisible signs that direct reading


class Typed(NamedTuple):
    """What a message that holds a return code comes to. `code`: its 24 digits, empty when they cannot be right.

    `rest`: the message without it, for words of danger that stand beside it.
    """

    code: str
    rest: str


def return_code(random: bytes) -> str:
    """The code that these random bytes choose, in groups: `1234 5678 ...`."""
    drawn = int.from_bytes(random, "big") % _DRAWN
    digits = f"{drawn:0{DIGITS - 2}}{1 + _MODULUS - drawn * 100 % _MODULUS:02}"
    return " ".join(digits[at : at + _GROUP] for at in range(0, DIGITS, _GROUP))


def find_return_code(text: str) -> Typed | None:
    """The return code in a message, however it is written; None when there is none.

    Forgiven: any script's digits, spaces, dashes, dots, letters that look like a digit. What has nearly as many digits
    is one that was written wrong: it must go nowhere else either.
    """
    if len(text) < _FEWEST or len(_DIGIT.findall(text)) < _FEWEST:
        return None
    plain = _plain(text)
    nearly: Typed | None = None
    for stretch in _stretches(plain):
        digits = "".join(word for word, _, _ in stretch)
        rest = f"{plain[: stretch[0][1]]} {plain[stretch[-1][2] :]}".strip()
        if len(digits) in NEARLY:
            nearly = nearly or Typed(digits if _is_right(digits) else "", rest)
        if nearly is None or not nearly.code:
            nearly = _within(stretch, plain) or nearly
    return nearly


_Word = tuple[str, int, int]
"""Digits, and from where to where they stand in the message."""


def _plain(text: str) -> str:
    """The message with digits of every script as 0-9 and without what cannot be seen."""
    return ascii_digits("".join(each for each in text if unicodedata.category(each) not in _MARKS))


def _stretches(plain: str) -> list[list[_Word]]:
    """Runs of words that are nothing but digits, or letters like them; only spaces, dashes and dots lie between."""
    found: list[list[_Word]] = [[]]
    for part in _PARTS.finditer(plain):
        word = part[0]
        read = word.translate(_LOOK_ALIKE)
        if read.isdecimal():
            found[-1].append((read, part.start(), part.end()))
        elif word[0].isalnum():  # letters: digits at their edges belong to what is before and behind
            before, behind = _EDGES.findall(word)[0]
            found[-1].append((before, part.start(), part.start() + len(before)))
            found.append([(behind, part.end() - len(behind), part.end())])
        elif not _parts_digits(word):
            found.append([])
    whole = [[word for word in stretch if word[0]] for stretch in found]
    return [stretch for stretch in whole if _real_digits(plain, stretch) >= _FEWEST]


def _real_digits(plain: str, stretch: list[_Word]) -> int:
    return sum(each.isdecimal() for _, start, end in stretch for each in plain[start:end])


def _parts_digits(sign: str) -> bool:
    return sign in "._·•" or unicodedata.category(sign) == "Pd"


def _within(stretch: list[_Word], plain: str) -> Typed | None:
    """A whole, right code that other numbers stand beside."""
    for first in range(len(stretch)):
        digits = ""
        for word, _, end in stretch[first:]:
            digits += word
            if len(digits) >= DIGITS:
                if len(digits) == DIGITS and _is_right(digits):
                    return Typed(digits, f"{plain[: stretch[first][1]]} {plain[end:]}".strip())
                break
    return None


def _is_right(digits: str) -> bool:
    return len(digits) == DIGITS and int(digits) % _MODULUS == 1
