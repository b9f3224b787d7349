"""Which flow a free sentence is about, from example phrases. Lexical only: the optional semantic model is not built yet.

Character n-grams and words, TF-IDF weighted, feed two simple models that are blended half and half: logistic
regression per language, and one centroid per flow over all languages. Trained in well under a second at content
load; no message is kept, and nothing leaves the process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from bot.i18n.wordfiles import OUT_OF_SCOPE

if TYPE_CHECKING:
    from bot.nlu.training import Trained

SURE: Final = 0.46
UNSURE: Final = 0.14
MARGIN: Final = 0.2
"""The three bands, kept here and nowhere else. Sure: the best flow has at least SURE and leads by MARGIN.
None: it has less than UNSURE, or the phrases of `none` fit better. Chosen on tests/nlu/labelled.yaml so that sure
answers are right at least 95 times in 100 and at most 5 in 100 messages out of scope get one (bench/understanding.py)."""

SUGGESTIONS: Final = 3
MAX_LENGTH: Final = 600  # characters of a message that are read

Band = Literal["sure", "unsure", "none"]


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


class IntentModel:
    """Guesses flows for free text; safe to share between threads.

    It trains when the first free text comes, which takes about a second: a server calls `prepare` beside its start,
    so that nobody waits for it.
    """

    def __init__(self, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        """Take language -> flow -> phrases. Without phrases it never guesses."""
        self._phrases = phrases
        self._flows = tuple(sorted({flow for of_language in phrases.values() for flow in of_language}))
        self._trained: Trained | None = None

    @classmethod
    def train(cls, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> "IntentModel":
        """A trained model."""
        model = cls(phrases)
        model.prepare()
        return model

    def prepare(self) -> "Trained | None":
        """Train now; None without phrases. Two threads may both train: they come to the same."""
        from bot.nlu.training import train  # numpy, which most conversations in a terminal never need

        self._trained = train(self._phrases, self._flows)
        return self._trained

    @property
    def flows(self) -> tuple[str, ...]:
        """The flows that can be guessed."""
        return tuple(flow for flow in self._flows if flow != OUT_OF_SCOPE)

    def guess(self, text: str) -> Guesses:
        """The band and the best flows for `text`."""
        return banded(self.ranked(text))

    def ranked(self, text: str) -> Ranked:
        """Every flow, and `none` for what no flow answers, with its share; the best first. Empty without words."""
        trained = (self._trained or self.prepare()) if self._flows else None
        shares = trained.shares(text[:MAX_LENGTH]) if trained is not None else None
        if shares is None:
            return ()
        return tuple(sorted(zip(self._flows, shares.tolist(), strict=True), key=lambda pair: -pair[1]))


def banded(ranked: Ranked, thresholds: Thresholds = IN_FORCE) -> Guesses:
    """The band that these thresholds give what `IntentModel.ranked` found, and the best flows."""
    best = tuple((flow, round(share, 4)) for flow, share in ranked if flow != OUT_OF_SCOPE)[:SUGGESTIONS]
    if not best or best[0][1] < thresholds.unsure or ranked[0][0] == OUT_OF_SCOPE:
        return Guesses("none", best)
    lead = best[0][1] - (ranked[1][1] if len(ranked) > 1 else 0.0)
    sure = best[0][1] >= thresholds.sure and lead >= thresholds.margin
    return Guesses("sure" if sure else "unsure", best)
