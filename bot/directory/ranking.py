"""How well a service fits, 0 to 1: a weighted sum whose parts a person can be told."""

import math
from typing import Final

import numpy as np

from bot.directory.columns import Flags, Rows, Scores
from bot.directory.filters import Sieve
from bot.directory.trust import losses

SPECIFIC: Final = 0.30
LANGUAGE: Final = 0.20
NEAR: Final = 0.15
POPULATION: Final = 0.10
OPEN_NOW: Final = 0.05
"""The weights; with those of the day 1 together. OPEN_NOW is added when the best are looked at closely."""

TRUST: Final = 0.10
"""What a service can lose at most by what people said of it."""

TEXT: Final = 0.65
"""The share of a person's own words, where they wrote any."""

FLAGGED: Final = 0.2
"""What is left of the score of a service that somebody reported a problem with."""

_BELOW: Final = 0.6  # the service is for something below the need asked for
_SPOKEN: Final = np.array(
    [0.0, 0.5, 1.0], dtype=np.float32
)  # nobody, an interpreter, staff: as columns.STAFF
_REMOTE: Final = 0.6
_SOMEWHERE: Final = 0.3  # serves the place from nobody knows where
_NEAR_KM: Final = 25.0
_KM_A_DEGREE: Final = 111.2


def base_score(sieve: Sieve, rows: Rows) -> Scores:
    """The score of each row without hours and text."""
    query = sieve.query
    score = sieve.day.score[rows] + SPECIFIC * _specific(sieve, rows)
    score += LANGUAGE * _language(sieve, rows) if query.languages else LANGUAGE
    score += NEAR * _near(sieve, query.place, rows) if query.place else NEAR
    score += POPULATION * _population(sieve, rows) if query.populations else POPULATION
    score *= np.where(sieve.columns.flagged[rows], FLAGGED, 1.0)
    if query.trusted_less:
        score = np.maximum(score - TRUST * losses(sieve.columns, rows, query.trusted_less), 0)
    return score.astype(np.float32).round(4)


def with_text(score: Scores, found: Scores | None) -> Scores:
    """The scores with the person's words counted in, where the words led anywhere."""
    if found is None:
        return score
    return ((1 - TEXT) * score + TEXT * found).astype(np.float32).round(4)


def _specific(sieve: Sieve, rows: Rows) -> Scores | float:
    """Less for a service that is for something below the need."""
    direct = sieve.columns.needs.get(sieve.query.need)
    if len(sieve.under) == 1 or not sieve.query.need:
        return 1.0
    if direct is None:
        return _BELOW
    return np.where(np.isin(rows, direct, assume_unique=True), 1.0, _BELOW).astype(np.float32)


def _language(sieve: Sieve, rows: Rows) -> Scores:
    return _SPOKEN[sieve.spoken(rows)]


def _near(sieve: Sieve, place: str, rows: Rows) -> Scores:
    """1 beside the person, falling with distance; remote services in between.

    Distances are taken on a flat map: within a country that is exact enough to compare.
    """
    columns = sieve.columns
    known = sieve.places.by_id.get(place)
    remote: Flags = columns.remote[rows]
    near = np.where(remote, _REMOTE, _SOMEWHERE).astype(np.float32)
    if known is None or known.at is None or known.kind == "country":
        return near
    beside = _beside(known.at, columns.latitude[rows], columns.longitude[rows])
    if columns.visiting.rows.size:
        beside = np.fmax(beside, _visited(sieve, known.at)[rows])
    score: Scores = np.where(np.isnan(beside), near, np.maximum(beside, near * remote)).astype(np.float32)
    return score


def _beside(at: tuple[float, float], latitude: Scores, longitude: Scores) -> Scores:
    north = (latitude - at[0]) * _KM_A_DEGREE
    east = (longitude - at[1]) * (_KM_A_DEGREE * math.cos(math.radians(at[0])))
    near: Scores = 1 / (1 + np.hypot(north, east) / _NEAR_KM)
    return near


def _visited(sieve: Sieve, at: tuple[float, float]) -> Scores:
    """For every service how near the nearest visit is that is still to come; nothing where none is."""
    visiting = sieve.columns.visiting
    coming = visiting.to_come(sieve.now)
    near = np.full(len(visiting.teams), np.nan, np.float32)
    beside = _beside(at, visiting.latitude[coming], visiting.longitude[coming])
    np.fmax.at(near, visiting.rows[coming], beside)
    return near


def _population(sieve: Sieve, rows: Rows) -> Scores:
    """The share of the person's groups that a service names; half for one that is for everyone."""
    asked = sieve.query.populations
    score = np.where(sieve.columns.for_all[rows], 0.5, 0.0).astype(np.float32)
    for word in asked:
        served = np.zeros(len(rows), np.bool_)
        for name in sieve.taxonomy.serving(word):
            if name in sieve.columns.populations:
                served |= sieve.columns.populations[name][rows]
        score += served / len(asked)
    return score
