"""Which flow a free sentence is about, from example phrases. Lexical only: the optional semantic model is not built yet.

Character n-grams and words, TF-IDF weighted, feed two simple models that are blended half and half: logistic
regression per language, and one centroid per flow over all languages. Trained in well under a second at content
load; no message is kept, and nothing leaves the process.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from bot.i18n.wordfiles import OUT_OF_SCOPE
from bot.nlu.normalise import words_of

SURE: Final = 0.46
UNSURE: Final = 0.14
MARGIN: Final = 0.2
"""The three bands, kept here and nowhere else. Sure: the best flow has at least SURE and leads by MARGIN.
None: it has less than UNSURE, or the phrases of `none` fit better. Chosen on tests/nlu/labelled.yaml so that sure
answers are right at least 95 times in 100 and at most 5 in 100 messages out of scope get one (bench/understanding.py)."""

SUGGESTIONS: Final = 3
MAX_LENGTH: Final = 600  # characters of a message that are read
_SIZES: Final = range(2, 6)
_STRENGTH: Final = 30.0  # inverse regularisation of the regression
_SHARPNESS: Final = 6.0  # turns cosines to centroids into shares
_STEPS: Final = 80
_POWER_STEPS: Final = 20
_NO_SHARE: Final = np.float32(-30)  # of flows that have no phrases in a language

Band = Literal["sure", "unsure", "none"]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Guesses:
    """The band, and up to three flows with their shares (0 to 1), the best first."""

    band: Band
    best: tuple[tuple[str, float], ...] = ()


Ranked = tuple[tuple[str, float], ...]
"""Every flow with its share, the best first."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the bands begin: see SURE, UNSURE and MARGIN."""

    sure: float = SURE
    unsure: float = UNSURE
    margin: float = MARGIN


IN_FORCE: Final = Thresholds()


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """N-grams and how much each says: `index` maps n-gram to row, `weight` is its inverse document frequency."""

    index: Mapping[str, int]
    weight: Floats

    @classmethod
    def of(cls, documents: Sequence[Counter[str]]) -> "_Lexicon":
        frequency: Counter[str] = Counter()
        for document in documents:
            frequency.update(document.keys())
        index = {gram: row for row, gram in enumerate(frequency)}
        total = len(documents) + 1
        weight = [log(total / (count + 1)) + 1 for count in frequency.values()]
        return cls(index, np.array(weight, dtype=np.float32))

    def vector(self, grams: Mapping[str, int]) -> tuple[NDArray[np.intp], Floats, float]:
        """Rows, values of unit length, and which share of the n-grams is known."""
        known = [(self.index[gram], count) for gram, count in grams.items() if gram in self.index]
        rows = np.array([row for row, _ in known], dtype=np.intp)
        counts = np.array([count for _, count in known], dtype=np.float32)
        values = (1 + np.log(counts)) * self.weight[rows] if known else counts
        unknown = (len(grams) - len(known)) * float(self.weight.max(initial=1.0)) ** 2
        length = float(np.sqrt(values @ values + unknown)) or 1.0
        return rows, values / length, len(known) / max(1, len(grams))


@dataclass(frozen=True, slots=True)
class _Linear:
    """A score per flow: the sum of the rows of a message's n-grams in `table`, times `sharpness`."""

    lexicon: _Lexicon
    table: Floats
    bias: Floats
    sharpness: float

    def shares(self, grams: Mapping[str, int]) -> tuple[Floats, float]:
        """Softmax over flows, and the share of known n-grams."""
        rows, values, known = self.lexicon.vector(grams)
        scores = (values @ self.table[rows]) * self.sharpness + self.bias if len(rows) else self.bias
        return _softmax(scores[np.newaxis, :])[0], known


@dataclass(frozen=True, slots=True)
class _Trained:
    """What training gives: one model of all languages together, and one for each."""

    together: _Linear | None
    each: Mapping[str, _Linear]


class IntentModel:
    """Guesses flows for free text; safe to share between threads.

    It trains when the first free text comes, which takes about a second: a server calls `prepare` beside its start,
    so that nobody waits for it.
    """

    def __init__(self, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """Take language -> flow -> phrases. Without phrases it never guesses."""
        self._phrases = phrases
        self._flows = tuple(sorted({flow for of_language in phrases.values() for flow in of_language}))
        self._trained: _Trained | None = None

    @classmethod
    def train(cls, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> "IntentModel":
        """A trained model."""
        model = cls(phrases)
        model.prepare()
        return model

    def prepare(self) -> _Trained:
        """Train now. Two threads may both train: they come to the same."""
        flows, phrases = self._flows, self._phrases
        number = {flow: column for column, flow in enumerate(flows)}
        everything: list[tuple[Counter[str], int]] = []
        each: dict[str, _Linear] = {}
        for language, of_language in phrases.items():
            examples = [
                (grams, number[flow])
                for flow, texts in of_language.items()
                for text in texts
                if (grams := _grams(text))
            ]
            everything += examples
            if len({column for _, column in examples}) > 1:
                each[language] = _regression(examples, len(flows))
        made = _Trained(_centroids(everything, len(flows)) if everything else None, each)
        self._trained = made
        return made

    @property
    def flows(self) -> tuple[str, ...]:
        """The flows that can be guessed."""
        return tuple(flow for flow in self._flows if flow != OUT_OF_SCOPE)

    def guess(self, text: str) -> Guesses:
        """The band and the best flows for `text`."""
        return banded(self.ranked(text))

    def ranked(self, text: str) -> Ranked:
        """Every flow, and `none` for what no flow answers, with its share; the best first. Empty without words."""
        grams = _grams(text[:MAX_LENGTH])
        trained = (self._trained or self.prepare()) if self._phrases and grams else None
        if trained is None or trained.together is None:
            return ()
        shares, _ = trained.together.shares(grams)
        own = max(
            (model.shares(grams) for model in trained.each.values()), key=lambda found: found[1], default=None
        )
        if own is not None:
            shares = ((shares + own[0]) / 2).astype(np.float32)
        return tuple(sorted(zip(self._flows, shares.tolist(), strict=True), key=lambda pair: -pair[1]))


def banded(ranked: Ranked, thresholds: Thresholds = IN_FORCE) -> Guesses:
    """The band that these thresholds give what `IntentModel.ranked` found, and the best flows."""
    best = tuple((flow, round(share, 4)) for flow, share in ranked if flow != OUT_OF_SCOPE)[:SUGGESTIONS]
    if not best or best[0][1] < thresholds.unsure or ranked[0][0] == OUT_OF_SCOPE:
        return Guesses("none", best)
    lead = best[0][1] - (ranked[1][1] if len(ranked) > 1 else 0.0)
    sure = best[0][1] >= thresholds.sure and lead >= thresholds.margin
    return Guesses("sure" if sure else "unsure", best)


def _grams(text: str) -> Counter[str]:
    """Whole words, pairs of words, and character n-grams inside each padded word."""
    words = words_of(text).split()
    grams: Counter[str] = Counter(f"={word}" for word in words)
    grams.update(f"={one} {other}" for one, other in pairwise(words))
    for word in words:
        padded = f" {word} "
        for size in _SIZES:
            grams.update(padded[at : at + size] for at in range(len(padded) - size + 1))
    return grams


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    total: Floats = raised / raised.sum(axis=1, keepdims=True)
    return total


def _regression(examples: Sequence[tuple[Counter[str], int]], flows: int) -> _Linear:
    """Multinomial logistic regression, fitted in the space of examples (dual), accelerated gradient."""
    lexicon = _Lexicon.of([grams for grams, _ in examples])
    vectors = [lexicon.vector(grams)[:2] for grams, _ in examples]
    wanted = np.zeros((len(examples), flows), dtype=np.float32)
    wanted[np.arange(len(examples)), [column for _, column in examples]] = 1
    bias = np.where(wanted.any(axis=0), 0, _NO_SHARE).astype(np.float32)
    kernel = _kernel(vectors, len(lexicon.weight))
    pace = 1 / (1 + _STRENGTH * 0.5 * _largest_eigenvalue(kernel))
    duals = np.zeros_like(wanted)
    ahead = duals
    for step in range(1, _STEPS + 1):
        slope = ahead - _STRENGTH * (wanted - _softmax(np.asarray(kernel @ ahead + bias, dtype=np.float32)))
        moved = (ahead - pace * slope).astype(np.float32, copy=False)
        ahead = (moved + (step - 1) / (step + 2) * (moved - duals)).astype(np.float32, copy=False)
        duals = moved
    table = np.zeros((len(lexicon.weight), flows), dtype=np.float32)
    for (rows, values), dual in zip(vectors, duals, strict=True):
        table[rows] += values[:, np.newaxis] * dual
    return _Linear(lexicon, table, bias, 1.0)


def _kernel(vectors: Sequence[tuple[NDArray[np.intp], Floats]], grams: int) -> Floats:
    """How alike the examples are, pair by pair. N-grams of one example only matter on the diagonal, which is 1."""
    uses = np.zeros(grams, dtype=np.intp)
    for rows, _ in vectors:
        uses[rows] += 1
    place = np.cumsum(uses > 1) - 1
    table = np.zeros((len(vectors), int(place[-1]) + 1 if grams else 0), dtype=np.float32)
    for example, (rows, values) in enumerate(vectors):
        shared = uses[rows] > 1
        table[example, place[rows[shared]]] = values[shared]
    kernel: Floats = table @ table.T
    np.fill_diagonal(kernel, 1.0)
    return kernel


def _largest_eigenvalue(kernel: Floats) -> float:
    """An upper bound by the power method; all entries are positive, so it converges fast."""
    vector = np.ones(len(kernel), dtype=np.float32)
    for _ in range(_POWER_STEPS):
        vector = kernel @ (vector / np.linalg.norm(vector))
    return 1.05 * float(np.linalg.norm(vector))


def _centroids(examples: Sequence[tuple[Counter[str], int]], flows: int) -> _Linear:
    """One unit vector per flow: the mean of its examples in all languages."""
    lexicon = _Lexicon.of([grams for grams, _ in examples])
    table = np.zeros((len(lexicon.weight), flows), dtype=np.float32)
    for grams, column in examples:
        rows, values, _ = lexicon.vector(grams)
        table[rows, column] += values
    lengths = np.linalg.norm(table, axis=0)
    bias = np.where(lengths > 0, 0, _NO_SHARE).astype(np.float32)
    return _Linear(lexicon, table / np.maximum(lengths, 1e-6), bias, _SHARPNESS)
