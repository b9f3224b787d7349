"""Sentences with what they mean, to measure understanding against; figures, and thresholds that reach the aims."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from bot.kernel.errors import StartError
from bot.nlu.intents import IN_FORCE, Ranked, Thresholds, banded

ALL: Final = "all"
"""Under this word stand the figures of all languages together."""

PRECISION: Final = 0.95
"""The aim: of 100 sure answers at least so many are right."""

ANSWERED: Final = 0.05
"""The aim: of messages that no flow answers at most this share gets a sure answer."""

_LARGEST: Final = 16 * 1024 * 1024  # bytes
_KEYS: Final = frozenset({"lang", "text", "intent", "crisis"})
_NOTHING: Final = frozenset({"", "~", "null", "none"})
_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}
_SURE_TRIED: Final = tuple(round(0.2 + step * 0.02, 2) for step in range(36))
_MARGIN_TRIED: Final = tuple(round(step * 0.05, 2) for step in range(11))

Figures = dict[str, float | int | None]
"""Name -> share, None where there was nothing to count; `n` is the number of sentences."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence. `intent` is a flow, None for what no flow answers; `crisis` None where it is about topics."""

    lang: str
    text: str
    intent: str | None = None
    crisis: bool | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What was made of one labelled sentence; `number` is its place in the file, from 1."""

    number: int
    item: Labelled
    ranked: Ranked
    flagged: bool


def read_labelled(file: Path) -> list[Labelled]:
    """The sentences of a YAML list of `{lang, text, intent}` or `{lang, text, crisis}`.

    Raises StartError that names the first sentence which is not so.
    """
    try:
        with file.open("rb") as opened:
            source = opened.read(_LARGEST + 1)
    except OSError:
        raise StartError("labelled.unreadable", f"{file} cannot be read.") from None
    if len(source) > _LARGEST:
        raise StartError("labelled.large", f"{file} has more than 16 MiB: split it.")
    try:
        found: object = yaml.CBaseLoader(source).get_single_data()  # all scalars stay text
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise StartError("labelled.broken", f"{file} is not valid YAML.") from None
    if not isinstance(found, list) or not found:
        raise StartError(
            "labelled.shape", f"{file} must be a list of sentences: '- {{lang: en, text: ..., intent: ...}}'."
        )
    return [_labelled(file, number, item) for number, item in enumerate(found, start=1)]


def _labelled(file: Path, number: int, item: object) -> Labelled:
    place = f"{file}, sentence {number}:"
    if not isinstance(item, dict) or not all(isinstance(each, str) for pair in item.items() for each in pair):
        raise StartError("labelled.shape", f"{place} write '{{lang: en, text: ..., intent: ...}}'.")
    lang, text, crisis = item.get("lang", ""), item.get("text", ""), item.get("crisis", "").lower()
    if not lang or not text.strip() or lang == ALL:
        raise StartError("labelled.shape", f"{place} 'lang' and 'text' are needed.")
    if crisis not in _NOTHING and crisis not in _TRUTH:
        raise StartError("labelled.shape", f"{place} 'crisis' is true or false.")
    intent = item.get("intent", "")
    return Labelled(lang, text, None if intent.lower() in _NOTHING else intent, _TRUTH.get(crisis))


def by_language(
    read: Sequence[Read], count: Callable[[Sequence[Read]], Figures] | None = None
) -> dict[str, Figures]:
    """The figures of each language and of all together."""
    count = count or figures
    languages = sorted({each.item.lang for each in read})
    return {
        **{code: count([each for each in read if each.item.lang == code]) for code in languages},
        ALL: count(read),
    }


def figures(read: Sequence[Read], thresholds: Thresholds = IN_FORCE) -> Figures:
    """How well these were understood. Sentences marked `crisis` count for the words of danger, the others for topics.

    Precision is the share of right ones among all sure answers, those to messages that no flow answers included.
    """
    topics = [each for each in read if each.item.crisis is None]
    found: Figures = {"n": len(read)}
    if topics:
        found |= _topics(topics, thresholds)
        found["ordinary_flagged"] = _share(each.flagged for each in topics)
    danger = [each.flagged for each in read if each.item.crisis is True]
    near = [each.flagged for each in read if each.item.crisis is False]
    if danger or near:
        found |= {"crisis_recall": _share(danger), "near_miss_flagged": _share(near)}
    return found


def _topics(read: Sequence[Read], thresholds: Thresholds) -> Figures:
    guessed = [(banded(each.ranked, thresholds), each.item.intent) for each in read]
    inside = [(guesses, wanted) for guesses, wanted in guessed if wanted is not None]
    outside = [guesses for guesses, wanted in guessed if wanted is None]
    sure = [guesses.best[0][0] == wanted for guesses, wanted in guessed if guesses.band == "sure"]
    return {
        "accuracy_at_1": _share(
            bool(guesses.best) and guesses.best[0][0] == wanted for guesses, wanted in inside
        ),
        "recall_at_3": _share(wanted in [flow for flow, _ in guesses.best] for guesses, wanted in inside),
        "coverage": _share(guesses.band == "sure" for guesses, _ in inside),
        "precision": _share(sure),
        "out_of_scope_answered": _share(guesses.band == "sure" for guesses in outside),
    }


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Thresholds with what they give on the labelled sentences."""

    thresholds: Thresholds
    figures: Mapping[str, float | int | None]

    @property
    def reaches(self) -> bool:
        """Whether sure answers are right, and messages without a flow unanswered, as often as we promise."""
        precision, answered = self.figures.get("precision"), self.figures.get("out_of_scope_answered")
        return precision is not None and precision >= PRECISION and (answered or 0) <= ANSWERED


def calibrate(read: Sequence[Read]) -> tuple[Calibrated, Calibrated | None]:
    """What the thresholds in force give, and those that reach the aims with the most sure answers; None: none do."""
    topics = [each for each in read if each.item.crisis is None]

    def tried(thresholds: Thresholds) -> Calibrated:
        return Calibrated(thresholds, figures(topics, thresholds))

    reaching = [
        found
        for sure in _SURE_TRIED
        for margin in _MARGIN_TRIED
        if (found := tried(Thresholds(sure, min(IN_FORCE.unsure, sure), margin))).reaches
    ]
    best = max(
        reaching,
        key=lambda found: (found.figures["coverage"] or 0, found.figures["precision"] or 0),
        default=None,
    )
    return tried(IN_FORCE), best


def _share(values: Iterable[bool]) -> float | None:
    counted = list(values)
    return round(sum(counted) / len(counted), 3) if counted else None
