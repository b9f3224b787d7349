"""Serbian in Cyrillic, made from our Latin texts. What people type is folded the other way (`bot.nlu.normalise`).

Source: the one-to-one table of the two Serbian alphabets in Pravopis srpskoga jezika (Matica srpska, 2010).
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from bot.i18n.links import LINK

_PAIRS: Final = {"lj": "љ", "nj": "њ", "dž": "џ"}
_LETTERS: Final = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True))
_TO_LATIN: Final = {cyrillic: latin for latin, cyrillic in (_LETTERS | _PAIRS).items()}
_ALPHABET: Final = "".join(_LETTERS)
_ONE_BY_ONE: Final = str.maketrans(
    _ALPHABET + _ALPHABET.upper(), "".join(_LETTERS.values()) + "".join(_LETTERS.values()).upper()
)
_BACK: Final = str.maketrans(
    {
        **{cyrillic.upper(): latin.upper() for cyrillic, latin in _TO_LATIN.items() if len(latin) == 1},
        **_TO_LATIN,
    }
)
_CAPITAL_PAIRS: Final = re.compile("[ЉЊЏ]")

_SEPARATE: Final = re.compile(
    r"\b(?:(?:na|po|pre|o)d(?=ž(?:iv|njev|al|vak|eć|iž|anr|up))|(?:i|va)n(?=je(?:k|zi))|kon(?=ju[gn])|tan(?=jug))",
    re.IGNORECASE,
)
"""Words in which d and ž, or n and j, are two letters: nadživeti, injekcija, konjunktura."""

_KEPT: Final = re.compile(
    rf"\{{[^{{}}]*\}}|(?i:{LINK.pattern})|(?<![\w@.])@\w+"  # placeholders, links, user names
    r"|\b\w*\d\w*\b"  # numbers, 72h
    r"|\b[A-ZČĆĐŠŽ]{2,}\b"  # HIV, PEP, UNHCR
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_BREAK: Final = "\0"


def to_cyrillic(text: str, keep: Collection[str] = ()) -> str | None:
    """`text` in Cyrillic, or None when it could not be turned back into exactly the same Latin text.

    Links, user names, placeholders, numbers, words with letters that Serbian does not have, words all in capitals and
    the words in `keep` (names of organisations and apps) stay as they are.
    """
    latin = unicodedata.normalize("NFC", text)
    pieces: list[str] = []
    at = 0
    for match in _KEPT.finditer(latin):
        pieces += [_plain(latin[at : match.start()], keep), match[0]]
        at = match.end()
    cyrillic = "".join([*pieces, _plain(latin[at:], keep)])
    return cyrillic if to_latin(cyrillic) == latin else None


def to_latin(text: str) -> str:
    """Serbian Cyrillic in Latin; Latin letters stay."""

    def capital(match: re.Match[str]) -> str:
        at = match.start()
        return _latin(match[0], text[at + 1 : at + 2], text[max(0, at - 1) : at])

    return _CAPITAL_PAIRS.sub(capital, text).translate(_BACK)


def _plain(text: str, keep: Collection[str]) -> str:
    def written(match: re.Match[str]) -> str:
        word = match[0]
        return word if word in keep or word.lower().strip(_ALPHABET) else _word(word)

    return _WORD.sub(written, text)


def _word(word: str) -> str:
    small = word.lower()
    if not any(pair in small for pair in _PAIRS):
        return word.translate(_ONE_BY_ONE)
    marked = _SEPARATE.sub(lambda match: f"{match[0]}{_BREAK}", word)
    found: list[str] = []
    index = 0
    while index < len(marked):
        pair = marked[index : index + 2]
        single = marked[index]
        if pair.lower() in _PAIRS:
            letter = _PAIRS[pair.lower()]
            found.append(letter.upper() if single.isupper() else letter)
            index += 2
            continue
        letter = _LETTERS.get(single.lower(), single)
        found.append(letter.upper() if single.isupper() else letter)
        index += 1
    return "".join(found).replace(_BREAK, "")


def _latin(letter: str, following: str, before: str) -> str:
    """A capital that is two letters in Latin: `Nj`, or `NJ` among capitals."""
    latin = _TO_LATIN[letter.lower()]
    shouted = following.isupper() or (not following.isalpha() and before.isupper())
    return latin.upper() if shouted else latin.capitalize()
