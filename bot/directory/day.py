"""What holds for a whole day, worked out once: which services stand, what room they have, how fresh they are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from bot.directory.columns import Columns, Rows, Scores, Small
from bot.directory.vetting import CAPACITY_DAYS

CARE: Final = 0.10
FRESH: Final = 0.05
ROOM: Final = 0.05

_FRESH_DAYS: Final = 180.0
_ROOM: Final = np.array([0.5, 1.0, 0.3, 0.0], dtype=np.float32)  # in the order of columns.CAPACITY

Key = tuple[str, bool, bool, str]
"""Need, demo allowed, unvetted allowed, tier."""

Standing = tuple[Rows, dict[str, int]]
"""The services that may be offered at all, and how many each filter removed."""


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """One day (an ordinal, UTC) of one directory."""

    today: int
    room: Small
    score: Scores
    _standing: dict[Key, Standing] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, columns: Columns, today: int) -> "Day":
        """Work out the columns that change with the day."""
        age = today - columns.capacity_on
        room = np.where((age >= 0) & (age <= CAPACITY_DAYS), columns.capacity, 0).astype(np.int8)
        days = np.maximum(today - columns.checked, 0)
        score = CARE * columns.care + FRESH / (1 + days / _FRESH_DAYS) + ROOM * _ROOM[room]
        return cls(today, room, score.astype(np.float32))

    def standing(self, key: Key, find: Callable[[], Standing]) -> Standing:
        """The services that stand under `key`: found once a day. There are few keys: needs, and three switches."""
        if key not in self._standing:
            self._standing[key] = find()
        return self._standing[key]
