"""How people found a service, as far as they said so: a share between 0 and 1 by which it is trusted less than a new one.

Nobody is ever shown this, and it never raises a service: good words cannot be bought, and a new service is as good as any.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

import numpy as np

from bot.directory.columns import Columns, Rows, Scores

Outcome = Literal["helped", "did_not", "turned_away", "not_safe"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("helped", "did_not", "turned_away", "not_safe")

PRIOR: Final = (8.0, 2.0)
"""What is taken for granted of a service of which nobody said anything: a Beta distribution."""

HALF_LIFE_DAYS: Final = 180

_GOOD: Final[Mapping[str, float]] = {"helped": 1.0}
_BAD: Final[Mapping[str, float]] = {"did_not": 1.0, "turned_away": 2.0, "not_safe": 2.0}


class Told(NamedTuple):
    """How many told of an outcome, and how many days ago."""

    outcome: str
    number: int
    days: int


def lowered(told: Iterable[Told]) -> float:
    """How much less a service is trusted than one of which nobody said anything: 0 not at all, towards 1 not at all any more.

    The mean of a Beta distribution whose counts halve every 180 days.
    Source: Jøsang and Ismail, "The Beta Reputation System", 2002.
    """
    good, bad = PRIOR
    expected = good / (good + bad)
    for each in told:
        weight = each.number * 0.5 ** (max(each.days, 0) / HALF_LIFE_DAYS)
        good += _GOOD.get(each.outcome, 0.0) * weight
        bad += _BAD.get(each.outcome, 0.0) * weight
    return max(0.0, 1 - good / (good + bad) / expected)


def losses(columns: Columns, rows: Rows, trusted_less: Mapping[str, float]) -> Scores:
    """For each of `rows` by how much it is trusted less; `trusted_less` goes by `organisation/service`."""
    lost = np.zeros(len(rows), np.float32)
    for name, share in trusted_less.items():
        organisation, _, service = name.partition("/")
        wanted = (organisation, service)
        row = bisect_left(columns.services, wanted, key=lambda pair: (pair[0].id, pair[1].id))
        if row == len(columns.services):
            continue
        found = columns.services[row]
        at = int(np.searchsorted(rows, row))
        if (found[0].id, found[1].id) == wanted and at < len(rows) and rows[at] == row:
            lost[at] = min(max(share, 0.0), 1.0)
    return lost
