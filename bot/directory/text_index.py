"""Finds records by misspelt or partial words: trigrams narrow down, RapidFuzz orders at most thirty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

Rows = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]
Weights = npt.NDArray[np.float64]
Sizes = npt.NDArray[np.int64]
Names = npt.NDArray[np.intp]

CANDIDATES: Final = 30
PROMISING: Final = 120
"""Names that are read whole after the rarest trigrams led to them."""
_BUDGET: Final = (
    8_000  # postings read for one query, or half as many as there are names; the rarest trigrams first
)
_BLEND: Final = 0.4  # share of RapidFuzz: alone it orders worse than the trigrams do
_PARTIAL: Final = 0.9  # a query that is part of a name counts almost like the whole name
_CLOSE: Final = 0.4  # less than this of what the best name shares is not worth reading
_TINY: Final = 1e-6
_FLOOR: Final = 0.12  # less in common than this is chance
_DEARER: Final = (
    4  # reading a name costs so many times as much, trigram for trigram, as reading a list of names
)


@dataclass(frozen=True, slots=True, eq=False)
class TextIndex:
    """An inverted index of trigrams over folded names. Each name belongs to a row; a row may have several.

    The names of row r are those from `_first[r]` to `_first[r + 1]`. Trigrams are numbered; the names that hold number n are `_postings[_starts[n] : _starts[n + 1]]`, and those of
    name n are `_grams[_ends[n] - _lengths[n] : _ends[n]]`: where few names are wanted they are read one by one. The
    words of `names` are in the order of the alphabet, for RapidFuzz.
    """

    names: tuple[str, ...]
    owners: Rows
    _numbers: dict[str, int]
    _starts: list[int]
    _postings: Rows
    _grams: Rows
    _lengths: Sizes
    _ends: Sizes
    _weights: Weights
    _norms: Scores
    _first: Names
    _typical: float

    @classmethod
    def build(cls, named: Sequence[tuple[int, str]]) -> "TextIndex":
        """Index folded names, each with the row it belongs to. Weights are inverse document frequencies."""
        named = sorted(named, key=lambda one: one[0])
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
            told = grams or [numbers.setdefault("", len(numbers))]  # a name without words is found by none
            flat += told
            lengths.append(len(told))
        gram_of = np.array(flat, dtype=np.int32)
        name_of = np.repeat(np.arange(len(named), dtype=np.int32), lengths)
        counts = np.bincount(gram_of, minlength=len(numbers))
        weights = np.log1p(len(named) / np.maximum(counts, 1))
        owners = np.array([row for row, _ in named], dtype=np.int32)
        rows = int(owners[-1]) + 1 if named else 0
        return cls(
            names=tuple(_sorted(name) for _, name in named),
            owners=owners,
            _numbers=numbers,
            _starts=[0, *np.cumsum(counts).tolist()],
            _postings=name_of[np.argsort(gram_of, kind="stable")],
            _grams=gram_of,
            _lengths=np.array(lengths, dtype=np.int64),
            _ends=np.cumsum(lengths, dtype=np.int64),
            _weights=weights,
            _norms=np.bincount(name_of, weights=weights[gram_of], minlength=len(named)).astype(np.float32),
            _first=np.searchsorted(owners, np.arange(rows + 1)),
            _typical=len(flat) / max(rows, 1),
        )

    def search(self, folded: str, among: Rows, rows: int) -> dict[int, float]:
        """The rows of `among` (out of `rows`) most like `folded`: at most thirty, each with 0 to 1."""
        known = [self._numbers[gram] for gram in trigrams(folded) if gram in self._numbers]
        if not known or not among.size:
            return {}
        at = self._likely(known, among, rows)
        shared = self._read_names(known, at)
        asked = float(self._weights[known].sum())
        alike = shared / (asked + self._norms[at] - shared + _TINY)
        trigram = np.minimum(np.maximum(alike, _PARTIAL * shared / (asked + _TINY)), 1)
        best = highest(trigram, CANDIDATES, _FLOOR)
        best = best[np.argsort(-trigram[best], kind="stable")]
        found: dict[int, float] = {}
        words, names = _sorted(folded), at[best]
        for name, row, score in zip(
            names.tolist(), self.owners[names].tolist(), trigram[best].tolist(), strict=True
        ):
            points = (1 - _BLEND) * score + _BLEND * fuzz.ratio(words, self.names[name]) / 100
            if points > found.get(row, 0.0):
                found[row] = points
        return found

    def _likely(self, known: Sequence[int], among: Rows, rows: int) -> Names:
        """The names of `among` worth reading whole, in order: all where they are few, else the best by rare trigrams."""
        rare = self._rarest(known)
        reading = sum(self._starts[gram + 1] - self._starts[gram] for gram in rare)
        if _DEARER * (len(among) - PROMISING) * self._typical < reading:
            return self._of_rows(among)
        shared = self._read_postings(rare)
        if len(among) < rows:
            wanted = np.zeros(rows, np.bool_)
            wanted[among] = True
            shared *= wanted[self.owners]
        floor = max(_FLOOR * float(self._weights[rare].sum()), _CLOSE * float(shared.max()))
        return highest(shared, PROMISING, floor)

    def _of_rows(self, among: Rows) -> Names:
        """The names of these rows, in order."""
        among = among[among < len(self._first) - 1]
        first = self._first[among]
        counts = self._first[among + 1] - first
        ends = np.cumsum(counts)
        at: Names = np.arange(counts.sum()) + np.repeat(first - ends + counts, counts)
        return at

    def _read_postings(self, grams: Sequence[int]) -> Weights:
        """The weight that every name shares with `grams`: trigram by trigram."""
        lists = [self._postings[self._starts[gram] : self._starts[gram + 1]] for gram in grams]
        weight = np.repeat(self._weights[grams], [len(one) for one in lists])
        shared: Weights = np.bincount(np.concatenate(lists), weights=weight, minlength=len(self.names))  # type: ignore[assignment]  # with weights it sums floats
        return shared

    def _read_names(self, grams: Sequence[int], at: Names) -> Scores:
        """The weight that each name of `at` shares with `grams`: name by name."""
        asked = np.zeros(len(self._weights), np.float32)
        asked[grams] = self._weights[grams]
        lengths = self._lengths[at]
        if not lengths.size:
            return np.empty(0, np.float32)
        starts = np.cumsum(lengths) - lengths
        inside = np.arange(starts[-1] + lengths[-1]) + np.repeat(self._ends[at] - lengths - starts, lengths)
        shared: Scores = np.add.reduceat(asked[self._grams[inside]], starts)
        return shared

    def _rarest(self, known: Sequence[int]) -> list[int]:
        """The trigrams worth reading: the rarest first, until the budget is used."""
        budget = max(_BUDGET, len(self.names) // 2)
        used: list[int] = []
        read = 0
        for count, gram in sorted((self._starts[gram + 1] - self._starts[gram], gram) for gram in known):
            read += count
            if used and read > budget:
                break
            used.append(gram)
        return used


def highest(values: npt.NDArray[np.floating], count: int, floor: float = -np.inf) -> Names:
    """Where the `count` highest values stand that reach `floor`, in order; of equal ones the first."""
    keep: Names = np.flatnonzero(values >= floor)
    if len(keep) <= count:
        return keep
    kept = values[keep]
    least = np.partition(kept, len(keep) - count)[len(keep) - count]
    above, level = kept > least, np.flatnonzero(kept == least)
    above[level[: count - np.count_nonzero(above)]] = True
    highest: Names = keep[above]
    return highest


def trigrams(folded: str) -> list[str]:
    """The different trigrams of a folded text, words padded, in order."""
    return list(dict.fromkeys(gram for word in folded.split() for gram in _of_word(word)))


def _sorted(folded: str) -> str:
    return " ".join(sorted(folded.split()))


def _of_word(word: str) -> list[str]:
    padded = f"  {word} "
    return [padded[at : at + 3] for at in range(len(padded) - 2)]
