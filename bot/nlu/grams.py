"""Texts as numbers that stand for their words, pairs of words and character n-grams, many texts at once.

A number is a polynomial in the letters, modulo 2 to the 64th: two n-grams of the same number are so rare that none
is expected among the few hundred thousand that matter here. Numbers take a tenth of the room of strings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.nlu.normalise import words_of

SHORTEST: Final = 2
LONGEST: Final = 5
"""Characters of an n-gram, which may begin or end with the space beside a word and has none within."""

_SPACE: Final = 32
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_WORD: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_FIRST: Final = np.uint64(0x165667B19E3779F9)
_SECOND: Final = np.uint64(0xD6E8FEB86659FD93)

Codes = NDArray[np.uint64]
Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Grams:
    """The code of every word, pair of words and n-gram, repeats included, with the number of its text."""

    codes: Codes
    texts: Numbers


def grams_of(texts: Sequence[str]) -> Grams:
    """What `texts` consist of. A text without words has nothing."""
    padded = [f" {words} " if (words := words_of(text)) else "" for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if not len(letters):
        return Grams(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int32))
    owner = np.repeat(np.arange(len(padded), dtype=np.int32), [len(text) for text in padded])
    spaces = letters == _SPACE
    values = letters.astype(np.uint64)
    pieces = [*_words(values, spaces, owner), *_inside_words(values, spaces, owner)]
    return Grams(np.concatenate([codes for codes, _ in pieces]), np.concatenate([of for _, of in pieces]))


def _words(letters: Codes, spaces: NDArray[np.bool_], owner: Numbers) -> list[tuple[Codes, Numbers]]:
    """Whole words, and pairs of words that follow each other in one text. The first letter of all is a space."""
    starts = np.flatnonzero(spaces[:-1] & ~spaces[1:]) + 1
    lengths = np.diff(starts, append=len(letters))
    place = np.arange(len(letters) - starts[0]) - np.repeat(starts - starts[0], lengths)
    powers = np.cumprod(np.full(int(lengths.max()), _BASE))
    parts = np.where(spaces[starts[0] :], np.uint64(0), letters[starts[0] :] * powers[place])
    words = np.add.reduceat(parts, starts - starts[0]) * _WORD
    of = owner[starts]
    together = of[:-1] == of[1:]
    pairs = words[:-1] * _FIRST + words[1:] * _SECOND
    return [(words, of), (pairs[together], of[:-1][together])]


def _inside_words(letters: Codes, spaces: NDArray[np.bool_], owner: Numbers) -> list[tuple[Codes, Numbers]]:
    """Every n-gram of a word with the spaces around it."""
    found = []
    codes = letters
    whole = np.ones(len(letters), dtype=np.bool_)
    for size in range(SHORTEST, min(LONGEST, len(letters)) + 1):
        count = len(letters) - size + 1
        codes = codes[:count] * _BASE + letters[size - 1 :]
        whole = whole[:count] & ~spaces[size - 2 : size - 2 + count] if size > SHORTEST else whole[:count]
        kept = whole & (owner[:count] == owner[size - 1 :])
        found.append((codes[kept], owner[:count][kept]))
    return found
