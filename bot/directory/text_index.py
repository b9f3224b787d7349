"""Finds records by misspelt or partial words: trigrams narrow down, RapidFuzz orders at most thirty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

Rows = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]

CANDIDATES: Final = 30
_BUDGET: Final = 50_000  # postings read for one query; the rarest trigrams go first
_BLEND: Final = 0.4  # share of RapidFuzz: alone it orders worse than the trigrams do
_PARTIAL: Final = 0.9  # a query that is part of a name counts almost like the whole name
_TINY: Final = 1e-6
_FLOOR: Final = 0.12  # less in common than this is chance


@dataclass(frozen=True, slots=True, eq=False)
class TextIndex:
    """An inverted index of trigrams over folded names. Each name belongs to a row; a row may have several.

    Trigrams are numbered; the names that hold number n are `_postings[_starts[n] : _starts[n + 1]]`.
    """

    names: tuple[str, ...]
    owners: Rows
    _numbers: dict[str, int]
    _starts: list[int]
    _postings: Rows
    _weights: list[float]
    _norms: Scores

    @classmethod
    def build(cls, named: Sequence[tuple[int, str]]) -> "TextIndex":
        """Index folded names, each with the row it belongs to. Weights are inverse document frequencies."""
        numbers: dict[str, int] = {}
        of_word: dict[str, tuple[int, ...]] = {}  # many names share their words
        flat: list[int] = []
        lengths: list[int] = []
        for _, name in named:
            grams: dict[int, None] = {}
            for word in name.split():
                if word not in of_word:
                    of_word[word] = tuple(numbers.setdefault(gram, len(numbers)) for gram in _of_word(word))
                grams.update(dict.fromkeys(of_word[word]))
            flat += grams
            lengths.append(len(grams))
        gram_of = np.array(flat, dtype=np.int32)
        name_of = np.repeat(np.arange(len(named), dtype=np.int32), lengths)
        counts = np.bincount(gram_of, minlength=len(numbers))
        weights = np.log1p(len(named) / np.maximum(counts, 1))
        return cls(
            names=tuple(name for _, name in named),
            owners=np.array([row for row, _ in named], dtype=np.int32),
            _numbers=numbers,
            _starts=[0, *np.cumsum(counts).tolist()],
            _postings=name_of[np.argsort(gram_of, kind="stable")],
            _weights=weights.tolist(),
            _norms=np.bincount(name_of, weights=weights[gram_of], minlength=len(named)).astype(np.float32),
        )

    def search(self, folded: str, among: Rows, rows: int) -> dict[int, float]:
        """The rows of `among` (out of `rows`) most like `folded`: at most thirty, each with 0 to 1."""
        used = self._rarest(folded)
        if not used or not among.size:
            return {}
        weights = [self._weights[gram] for gram in used]
        lists = [self._postings[self._starts[gram] : self._starts[gram + 1]] for gram in used]
        weight = np.repeat(weights, [len(one) for one in lists])
        hits = np.concatenate(lists)
        shared = np.bincount(hits, weights=weight, minlength=len(self.names)).astype(np.float32)
        wanted = np.zeros(rows, np.bool_)
        wanted[among] = True
        at = np.flatnonzero((shared > 0) & wanted[self.owners])
        asked = sum(weights)
        alike = shared[at] / (asked + self._norms[at] - shared[at] + _TINY)
        trigram = np.maximum(alike, _PARTIAL * shared[at] / (asked + _TINY))
        keep = np.flatnonzero(trigram >= _FLOOR)
        best = keep[np.lexsort((at[keep], -trigram[keep]))][:CANDIDATES]
        found: dict[int, float] = {}
        for name, score in zip(at[best].tolist(), trigram[best].tolist(), strict=True):
            fuzzy = fuzz.token_sort_ratio(folded, self.names[name]) / 100
            row = int(self.owners[name])
            found[row] = max(found.get(row, 0.0), (1 - _BLEND) * score + _BLEND * fuzzy)
        return found

    def _rarest(self, folded: str) -> list[int]:
        """The trigrams of the query worth reading: the rarest first, until the budget is used."""
        known = [self._numbers[gram] for gram in trigrams(folded) if gram in self._numbers]
        used: list[int] = []
        read = 0
        for count, gram in sorted((self._starts[gram + 1] - self._starts[gram], gram) for gram in known):
            read += count
            if used and read > _BUDGET:
                break
            used.append(gram)
        return used


def trigrams(folded: str) -> list[str]:
    """The different trigrams of a folded text, words padded, in order."""
    return list(dict.fromkeys(gram for word in folded.split() for gram in _of_word(word)))


def _of_word(word: str) -> list[str]:
    padded = f"  {word} "
    return [padded[at : at + 3] for at in range(len(padded) - 2)]
