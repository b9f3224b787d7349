"""Learns from example phrases which flow a text is about: TF-IDF over n-grams, centroids and logistic regression."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.nlu.grams import Codes, Numbers, grams_of

STRENGTH: Final = 30.0  # inverse regularisation of the regression
SHARPNESS: Final = 6.0  # turns cosines to centroids into shares
_STEPS: Final = 80
_POWER_STEPS: Final = 20
_NO_SHARE: Final = np.float32(-30)  # of flows that have no phrases in a language
_RARE: Final = 16  # examples below which an n-gram's pairs are counted one by one

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Typed:
    """The n-grams of one message: `rows` of those that are known, sorted, how often each, and how many there are in all."""

    rows: Rows
    counts: Floats
    total: int


@dataclass(frozen=True, slots=True)
class Linear:
    """A score per flow: the sum of the rows of a message's n-grams in `table`, times `sharpness`.

    `rows` are the n-grams it knows, as rows of the common lexicon, sorted; `weight` is how much each says.
    """

    rows: Rows
    weight: Floats
    table: Floats
    bias: Floats
    sharpness: float

    def known(self, typed: Typed) -> float:
        """Which share of a message's n-grams is known, 0 to 1."""
        return int(self._find(typed)[1].sum()) / max(1, typed.total)

    def shares(self, typed: Typed) -> Floats:
        """Softmax over flows."""
        places, there = self._find(typed)
        if not there.any():
            return _softmax(self.bias)
        rows = places[there]
        values = (1 + np.log(typed.counts[there])) * self.weight[rows]
        unknown = (typed.total - len(rows)) * float(self.weight.max(initial=1.0)) ** 2
        length = float(np.sqrt(values @ values + unknown)) or 1.0
        scores = (values / length).astype(np.float32) @ self.table[rows] * self.sharpness + self.bias
        return _softmax(scores.astype(np.float32))

    def _find(self, typed: Typed) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        places = np.minimum(np.searchsorted(self.rows, typed.rows), len(self.rows) - 1)
        return places, self.rows[places] == typed.rows


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gives: one model of all languages together, and one for each that has two flows or more.

    `lexicon` are the codes of all n-grams (see `bot.nlu.grams`), sorted.
    """

    lexicon: Codes
    together: Linear
    each: Mapping[str, Linear]

    def read(self, text: str) -> Typed:
        """The n-grams of a message."""
        codes, counts = np.unique(grams_of([text]).codes, return_counts=True)
        places = np.minimum(np.searchsorted(self.lexicon, codes), len(self.lexicon) - 1)
        there = self.lexicon[places] == codes
        return Typed(places[there].astype(np.int32), counts[there].astype(np.float32), len(codes))

    def shares(self, text: str) -> Floats | None:
        """The share of every flow: both models blended half and half. None for a text without words."""
        typed = self.read(text)
        if not typed.total:
            return None
        shares = self.together.shares(typed)
        nearest = max(self.each.values(), key=lambda model: model.known(typed), default=None)
        if nearest is not None:
            shares = ((shares + nearest.shares(typed)) / 2).astype(np.float32)
        return shares


def train(phrases: Mapping[str, Mapping[str, Sequence[str]]], flows: Sequence[str]) -> Trained | None:
    """Learn from language -> flow -> phrases; `flows` gives the order of shares. None when no phrase has words."""
    number = {flow: column for column, flow in enumerate(flows)}
    taught = [
        (text, number[flow], language)
        for language, of_language in enumerate(phrases.values())
        for flow, texts in of_language.items()
        for text in texts
    ]
    grams = grams_of([text for text, _, _ in taught])
    if not len(grams.codes):
        return None
    lexicon, rows = np.unique(grams.codes, return_inverse=True)
    uses, languages = _uses(rows, grams.texts, np.array([others for _, *others in taught]))
    each: dict[str, Linear] = {}
    for language, code in enumerate(phrases):
        own = uses.only(languages == language)
        if len(set(own.columns.tolist())) > 1:
            each[code] = _regression(own, len(flows))
    return Trained(lexicon, _centroids(uses, len(flows)), each)


@dataclass(frozen=True, slots=True)
class _Uses:
    """Which n-gram stands in which example and how often, sorted by n-gram; `columns` is the flow of each example."""

    rows: Rows
    examples: Rows
    counts: Floats
    columns: Numbers

    def only(self, chosen: NDArray[np.bool_]) -> "_Uses":
        """The uses in those examples that are chosen, numbered anew."""
        kept = chosen[self.examples]
        number = np.cumsum(chosen) - 1
        examples = number[self.examples[kept]].astype(np.int32)
        return _Uses(self.rows[kept], examples, self.counts[kept], self.columns[chosen])


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Uses as numbers: the value of each, in vectors of unit length, and where in `rows` its n-gram stands.

    `starts` is where the uses of each n-gram begin, `often` in how many examples it stands.
    """

    rows: Rows
    weight: Floats
    values: Floats
    places: NDArray[np.intp]
    starts: NDArray[np.intp]
    often: NDArray[np.intp]

    @classmethod
    def of(cls, uses: _Uses) -> "_Weighed":
        starts = np.flatnonzero(np.diff(uses.rows, prepend=-1))
        often = np.diff(starts, append=len(uses.rows))
        places = np.repeat(np.arange(len(starts)), often)
        weight = (np.log((len(uses.columns) + 1) / (often + 1)) + 1).astype(np.float32)
        values = (1 + np.log(uses.counts)) * weight[places]
        lengths = np.sqrt(np.bincount(uses.examples, values**2, len(uses.columns)))
        values = (values / lengths[uses.examples]).astype(np.float32)
        return cls(uses.rows[starts], weight, values, places, starts, often)


def _uses(rows: NDArray[np.intp], texts: Numbers, about: Numbers) -> tuple[_Uses, Numbers]:
    """Uses, and the language of each example. `about` is the flow and language of each text; those without words go."""
    kept, example = np.unique(texts, return_inverse=True)
    pairs, counts = np.unique(rows.astype(np.int64) * len(kept) + example, return_counts=True)
    columns, languages = about[kept].T
    row, of = np.divmod(pairs, len(kept))
    return _Uses(row.astype(np.int32), of.astype(np.int32), counts.astype(np.float32), columns), languages


def _softmax(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _regression(uses: _Uses, flows: int) -> Linear:
    """Multinomial logistic regression, fitted in the space of examples (dual), accelerated gradient."""
    weighed = _Weighed.of(uses)
    examples = len(uses.columns)
    wanted = np.zeros((examples, flows), dtype=np.float32)
    wanted[np.arange(examples), uses.columns] = 1
    bias = np.where(wanted.any(axis=0), 0, _NO_SHARE).astype(np.float32)
    kernel = _kernel(uses, weighed)
    pace = 1 / (1 + STRENGTH * 0.5 * _largest_eigenvalue(kernel))
    duals = np.zeros_like(wanted)
    ahead = duals
    for step in range(1, _STEPS + 1):
        slope = ahead - STRENGTH * (wanted - _softmax(np.asarray(kernel @ ahead + bias, dtype=np.float32)))
        moved = (ahead - pace * slope).astype(np.float32, copy=False)
        ahead = (moved + (step - 1) / (step + 2) * (moved - duals)).astype(np.float32, copy=False)
        duals = moved
    table = np.add.reduceat(weighed.values[:, np.newaxis] * duals[uses.examples], weighed.starts)
    return Linear(weighed.rows, weighed.weight, table, bias, 1.0)


def _kernel(uses: _Uses, weighed: _Weighed) -> Floats:
    """How alike the examples are, pair by pair. N-grams of one example only matter on the diagonal, which is 1."""
    examples = len(uses.columns)
    frequent = weighed.often >= _RARE
    column = np.cumsum(frequent) - 1
    kept = frequent[weighed.places]
    table = np.zeros((examples, int(frequent.sum())), dtype=np.float32)
    table[uses.examples[kept], column[weighed.places[kept]]] = weighed.values[kept]
    kernel: Floats = table @ table.T
    pairs, products = _rare_pairs(uses.examples, weighed)
    rare = np.bincount(pairs, products, examples**2).astype(np.float32).reshape(examples, examples)
    kernel += rare
    kernel += rare.T
    np.fill_diagonal(kernel, 1.0)
    return kernel


def _rare_pairs(examples: Rows, weighed: _Weighed) -> tuple[Numbers, Floats]:
    """Pairs of examples that share a rare n-gram, as numbers in the kernel, and what it adds to their likeness."""
    total = int(examples.max()) + 1
    pairs, products = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)]
    for often in range(2, _RARE):
        starts = weighed.starts[weighed.often == often]
        block = starts[:, np.newaxis] + np.arange(often)
        there, values = examples[block].astype(np.int64), weighed.values[block]
        one, other = np.triu_indices(often, 1)
        pairs.append((there[:, one] * total + there[:, other]).ravel())
        products.append((values[:, one] * values[:, other]).ravel())
    return np.concatenate(pairs), np.concatenate(products)


def _largest_eigenvalue(kernel: Floats) -> float:
    """An upper bound by the power method; all entries are positive, so it converges fast."""
    vector = np.ones(len(kernel), dtype=np.float32)
    for _ in range(_POWER_STEPS):
        vector = kernel @ (vector / np.linalg.norm(vector))
    return 1.05 * float(np.linalg.norm(vector))


def _centroids(uses: _Uses, flows: int) -> Linear:
    """One unit vector per flow: the mean of its examples in all languages."""
    weighed = _Weighed.of(uses)
    cells = weighed.places * flows + uses.columns[uses.examples]
    size = len(weighed.rows) * flows
    table = np.bincount(cells, weighed.values, size).astype(np.float32).reshape(-1, flows)
    lengths = np.linalg.norm(table, axis=0)
    bias = np.where(lengths > 0, 0, _NO_SHARE).astype(np.float32)
    return Linear(weighed.rows, weighed.weight, table / np.maximum(lengths, 1e-6), bias, SHARPNESS)
