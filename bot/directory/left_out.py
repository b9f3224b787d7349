"""What a person hears about services that were left out: what would help, and what nothing is done about.

What would help is letting go of a place, a language or of there being room. Nobody is asked to let go of safety,
age or vetting; that something was left out for them is only told.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from bot.directory.columns import Flags, Rows
from bot.directory.filters import HARD, SOFT, STANDING, Filter, Sieve

TOLD: Final = ("excluded", "age", "population", "safety", "vetting")
"""Filters of which a person hears that they left something out."""


def more_if(sieve: Sieve, rows: Rows, soft: Mapping[str, Flags], shown: Rows | None) -> dict[str, int]:
    """How many more of `rows` there are if one soft filter is let go of: those that only it removes.

    `shown` are those that are offered though they do not fit, where nothing fits.
    """
    counts = {}
    for name in soft:
        more = _alone(name, soft) & sieve.wanted(name, rows)
        if shown is not None:
            more &= ~np.isin(rows, shown, assume_unique=True)
        if count := int(np.count_nonzero(more)):
            counts[name] = count
    return counts


def beyond(sieve: Sieve, rows: Rows, soft: Mapping[str, Flags]) -> Rows:
    """Those of `rows` that only the soft filter removes that the person lets go of."""
    name = sieve.query.relax
    if name not in soft:
        return rows[:0]
    return rows[_alone(name, soft) & sieve.wanted(name, rows)]


def left_out(sieve: Sieve) -> dict[str, int]:
    """How many services fit in every way but one, for each way that a person is told about.

    Suspended ones are never told of: nobody should ask for them.
    """
    rows = sieve.candidates()
    rows = rows[~sieve.columns.suspended[rows]]
    for name, passes in STANDING:
        keep = None if name == "vetting" else passes(sieve, rows)
        rows = rows if keep is None else rows[keep]
    flags = {name: keep for name, passes in _ASKED if (keep := passes(sieve, rows)) is not None}
    counts = {name: int(np.count_nonzero(_alone(name, flags))) for name in TOLD if name in flags}
    return {name: count for name, count in counts.items() if count}


_ASKED: Final[tuple[Filter, ...]] = (
    *(each for each in STANDING if each[0] == "vetting"), *HARD, *SOFT,
)  # fmt: skip


def _alone(name: str, flags: Mapping[str, Flags]) -> Flags:
    """What only the filter `name` removes."""
    alone = ~flags[name]
    for other, keep in flags.items():
        if other != name:
            alone = alone & keep
    return alone
