"""One folding for what is indexed and what is asked, so that both sides of every comparison look alike.

Source: Unicode UAX 15 (normalisation) and UAX 9 (bidi controls).
"""

import re
import unicodedata
from typing import Final

from bot.i18n.digits import ascii_digits

__all__ = ["ascii_digits", "bare_number", "fold", "words_of"]

MAX_BARE_DIGITS: Final = 9

# Letters that are one letter to the people who type them. Left: after decomposition and casefolding.
_FAMILIES: Final[dict[str, str]] = {
    # Arabic, Persian, Urdu and Pashto: yeh, kaf, heh, waw, alef, noon
    **dict.fromkeys("ىیېۍےۓݷێ", "ي"),
    **dict.fromkeys("کڪﻙ", "ك"),
    **dict.fromkeys("ګ", "گ"),
    **dict.fromkeys("ةۃہۂھەۀۿ", "ه"),
    **dict.fromkeys("ۆۇۈۋ", "و"),
    **dict.fromkeys("ٱٲٳ", "ا"),
    **dict.fromkeys("ںڼ", "ن"),
    "ء": "",
    "ـ": "",  # tatweel
    # Latin letters that do not decompose
    "ı": "i",
    "đ": "dj",
    "ð": "d",
    "ø": "o",
    "ł": "l",
    "æ": "ae",
    "œ": "oe",
    "ə": "e",
    "ŋ": "n",
    "þ": "th",
    # Cyrillic to Latin, one way only: the other way corrupts words, links and "HIV"
    **dict(
        zip(
            "абвгдежзијклмнопрстћуфхцчшђљњџ",
            [*"abvgdezzijklmnoprstcufhccs", "dj", "lj", "nj", "dz"],
            strict=True,
        )
    ),
    **dict(zip("щъыьэюяєґ", ["sc", "", "y", "", "e", "ju", "ja", "je", "g"], strict=True)),
}
_SPACES: Final = frozenset("\u200c\u2028\u2029\u00ad\u00a0")  # ZWNJ parts words in Persian
_APOSTROPHES: Final = frozenset("'’‘ʼ`´ʹ′＇")
_KEYCAP: Final = "\u20e3"
_AROUND_A_NUMBER: Final = (
    " \t\r\n.,)(:;#-–—]*_\ufe0f\u20e3\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u061c"
)
_TABLE_LIMIT: Final = 8192

_ELIDED: Final = re.compile(r"\b([cdjlmnst]|qu)['’](?=\w)")  # French l'asile, m'a, qu'il
_REPEATED: Final = re.compile(r"([^\W\d_])\1{2,}")


class _Letters(dict[int, str]):
    """Translation table that fills itself one character at a time; bounded, and holds no message."""

    def __missing__(self, code: int) -> str:
        """The folded form of one character."""
        folded = _fold_character(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


class _Words(dict[int, str]):
    """The same for the form in which only letters and digits are left."""

    def __missing__(self, code: int) -> str:
        """The character itself when it is a letter or a digit, nothing for an apostrophe, else a space."""
        character = chr(code)
        kept = "" if character in _APOSTROPHES else character if character.isalnum() else " "
        if len(self) < _TABLE_LIMIT:
            self[code] = kept
        return kept


_letters: Final = _Letters()
_words: Final = _Words()


def fold(text: str) -> str:
    """`text` as it is compared: no case, marks, letter variants, bidi controls or foreign digits.

    Punctuation stays (see `words_of`). Folding twice changes nothing. Superscripts are no digits.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    return " ".join(text.translate(_letters).split())


def words_of(text: str) -> str:
    """Folded words with one space between: no punctuation, and no letter more than twice in a row.

    `don't` becomes `dont`, `HEEELP!!` becomes `help`, `l'asile` becomes `l asile`.
    """
    folded = fold(text)
    if not folded.isalnum():
        if "'" in folded or "’" in folded:
            folded = _ELIDED.sub(r"\1 ", folded)
        folded = " ".join(folded.translate(_words).split())
    return _REPEATED.sub(r"\1", folded)


def bare_number(text: str) -> int | None:
    """The number that a message consists of, in any script: `2`, `2.`, `(2)`, `٢`, `２`, a keycap emoji.

    None for everything else: words, fractions, minus signs, superscripts, more than nine digits.
    """
    if text.isdecimal():
        return int(text) if len(text) <= MAX_BARE_DIGITS else None
    if len(text) > 4 * MAX_BARE_DIGITS or text.lstrip().startswith(("-", "–", "—", "*")):
        return None
    inner = text.strip(_AROUND_A_NUMBER)
    if inner.isdecimal():
        return int(inner) if len(inner) <= MAX_BARE_DIGITS else None
    if _KEYCAP in inner:  # several keycaps in a row are one number
        digits = inner.replace("\ufe0f", "").replace(_KEYCAP, "")
        return int(digits) if digits.isdecimal() and len(digits) <= MAX_BARE_DIGITS else None
    return None


def _fold_character(character: str) -> str:
    if character in _SPACES or character.isspace():
        return " "
    if character.isdecimal():
        return str(int(character))
    if character.isnumeric() and not character.isalpha():
        return " "  # superscripts, circled and fractional numbers would turn into digits
    if character in _FAMILIES:
        return _FAMILIES[character]
    parts = []
    for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()):
        category = unicodedata.category(part)
        if category[0] == "M" or category in ("Cc", "Cf", "Cs", "Cn", "Co") or part.isdecimal():
            continue  # marks, controls, and the digits hidden in signs such as a month's
        parts.append(_FAMILIES.get(part, part))
    return "".join(parts)
