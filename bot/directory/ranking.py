"""How well a service fits, 0 to 1: a weighted sum whose parts a person can be told."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from bot.directory.columns import CAPACITY, STAFF, Columns, Flags, Rows, Scores
from bot.directory.filters import Query, Sieve

SPECIFIC: Final = 0.30
LANGUAGE: Final = 0.20
NEAR: Final = 0.15
POPULATION: Final = 0.10
CARE: Final = 0.10
FRESH: Final = 0.05
ROOM: Final = 0.05
OPEN_NOW: Final = 0.05
"""The weights; together 1. OPEN_NOW is added when the best are looked at closely."""

TEXT: Final = 0.65
"""The share of a person's own words, where they wrote any."""

_BELOW: Final = 0.6  # the service is for something below the need asked for
_INTERPRETER: Final = 0.5
_REMOTE: Final = 0.6
_SOMEWHERE: Final = 0.3  # serves the place from nobody knows where
_NEAR_KM: Final = 25.0
_FRESH_DAYS: Final = 180.0
_ROOM: Final = {"unknown": 0.5, "open": 1.0, "waiting list": 0.3, "full": 0.0}
_EARTH_KM: Final = 6371.0


def base_score(sieve: Sieve, rows: Rows) -> Scores:
    """The score of each row without hours and text."""
    columns, query = sieve.columns, sieve.query
    score = SPECIFIC * _specific(columns, query, rows)
    score += LANGUAGE * _language(sieve, rows)
    score += NEAR * _near(sieve, rows)
    score += POPULATION * _population(sieve, rows)
    score += CARE * columns.care[rows]
    age = np.maximum(sieve.today - columns.checked[rows], 0)
    score += FRESH / (1 + age / _FRESH_DAYS)
    table = np.zeros(len(CAPACITY))
    for state, code in CAPACITY.items():
        table[code] = _ROOM[state]
    score += ROOM * table[sieve.room(rows)]
    return score.round(4).astype(np.float32)


def with_text(score: Scores, rows: Rows, text: Mapping[int, float]) -> Scores:
    """The scores with the person's words counted in, where the words led anywhere."""
    if not text:
        return score
    found = np.zeros(len(rows), np.float32)
    for row, points in text.items():
        found[np.searchsorted(rows, row)] = points
    return ((1 - TEXT) * score + TEXT * found).astype(np.float32).round(4)


def _specific(columns: Columns, query: Query, rows: Rows) -> Scores:
    direct = columns.needs.get(query.need)
    if not query.need or direct is None:
        return np.full(len(rows), 1.0 if not query.need else _BELOW, np.float32)
    return np.where(np.isin(rows, direct, assume_unique=True), 1.0, _BELOW).astype(np.float32)


def _language(sieve: Sieve, rows: Rows) -> Scores:
    if not sieve.query.languages:
        return np.ones(len(rows), np.float32)
    spoken = sieve.spoken(rows)
    return np.where(spoken == STAFF, 1.0, np.where(spoken > 0, _INTERPRETER, 0.0)).astype(np.float32)


def _near(sieve: Sieve, rows: Rows) -> Scores:
    """1 beside the person, falling with distance; remote services in between."""
    columns, query = sieve.columns, sieve.query
    if not query.place:
        return np.ones(len(rows), np.float32)
    known = sieve.places.by_id.get(query.place)
    remote: Flags = columns.remote[rows]
    near = np.where(remote, _REMOTE, _SOMEWHERE).astype(np.float32)
    if known is None or known.at is None or known.kind == "country":
        return near
    lat, lon = np.radians(columns.latitude[rows]), np.radians(columns.longitude[rows])
    here_lat, here_lon = np.radians(known.at[0]), np.radians(known.at[1])
    half = (
        np.sin((lat - here_lat) / 2) ** 2 + np.cos(here_lat) * np.cos(lat) * np.sin((lon - here_lon) / 2) ** 2
    )
    kilometres = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    score: Scores = np.where(
        np.isnan(kilometres), near, np.maximum(1 / (1 + kilometres / _NEAR_KM), near * remote)
    )
    return score.astype(np.float32)


def _population(sieve: Sieve, rows: Rows) -> Scores:
    """The share of the person's groups that a service names; half for one that is for everyone."""
    asked = sieve.query.populations
    if not asked:
        return np.ones(len(rows), np.float32)
    score = np.where(sieve.columns.for_all[rows], 0.5, 0.0).astype(np.float32)
    for word in asked:
        served = np.zeros(len(rows), np.bool_)
        for name in sieve.taxonomy.serving(word):
            if name in sieve.columns.populations:
                served |= sieve.columns.populations[name][rows]
        score += served / len(asked)
    return score
