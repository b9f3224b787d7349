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
    """An inverted index of trigrams over folded names. Each name belongs to a row; a row may have several."""

    names: tuple[str, ...]
    owners: Rows
    _postings: dict[str, Rows]
    _weights: dict[str, float]
    _norms: Scores

    @classmethod
    def build(cls, named: Sequence[tuple[int, str]]) -> "TextIndex":
        """Index folded names, each with the row it belongs to. Weights are inverse document frequencies."""
        grams = [trigrams(name) for _, name in named]
        lists: dict[str, list[int]] = {}
        for at, found in enumerate(grams):
            for gram in found:
                lists.setdefault(gram, []).append(at)
        weights = {gram: float(np.log1p(len(named) / len(at))) for gram, at in lists.items()}
        return cls(
            names=tuple(name for _, name in named),
            owners=np.array([row for row, _ in named], dtype=np.int32),
            _postings={gram: np.array(at, dtype=np.int32) for gram, at in lists.items()},
            _weights=weights,
            _norms=np.array([sum(weights[gram] for gram in found) for found in grams], dtype=np.float32),
        )

    def search(self, folded: str, among: Rows, rows: int) -> dict[int, float]:
        """The rows of `among` (out of `rows`) most like `folded`: at most thirty, each with 0 to 1."""
        used = self._rarest(folded)
        if not used or not among.size:
            return {}
        counts = [len(self._postings[gram]) for gram in used]
        weight = np.repeat(np.array([self._weights[gram] for gram in used]), counts)
        hits = np.concatenate([self._postings[gram] for gram in used])
        shared = np.bincount(hits, weights=weight, minlength=len(self.names)).astype(np.float32)
        wanted = np.zeros(rows, np.bool_)
        wanted[among] = True
        at = np.flatnonzero((shared > 0) & wanted[self.owners])
        asked = sum(self._weights[gram] for gram in used)
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

    def _rarest(self, folded: str) -> list[str]:
        """The trigrams of the query worth reading: the rarest first, until the budget is used."""
        known = [gram for gram in trigrams(folded) if gram in self._postings]
        known.sort(key=lambda gram: (len(self._postings[gram]), gram))
        used: list[str] = []
        read = 0
        for gram in known:
            read += len(self._postings[gram])
            if used and read > _BUDGET:
                break
            used.append(gram)
        return used


def trigrams(folded: str) -> list[str]:
    """The different trigrams of a folded text, words padded, in order."""
    found: dict[str, None] = {}
    for word in folded.split():
        padded = f"  {word} "
        found.update((padded[at : at + 3], None) for at in range(len(padded) - 2))
    return list(found)
