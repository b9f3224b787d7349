"""Which of the best services are open at this moment; services that share hours are looked at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.directory.columns import Numbers
from bot.directory.hours import opening_of
from bot.directory.model import Hours, Service
from bot.directory.visits import coming

REMEMBERED: Final = timedelta(hours=1)
"""How long an answer is kept at most."""


@dataclass(frozen=True, slots=True, eq=False)
class OpeningTimes:
    """The hours of all services: `numbers` says for each row which of `hours` are its own, -1 for none.

    `teams` are the mobile ones, by row: open, too, while they are somewhere.
    """

    numbers: Numbers
    hours: tuple[Hours, ...]
    teams: Mapping[int, Service]
    _known: dict[int, tuple[datetime, datetime, bool]] = field(default_factory=dict, repr=False)

    def open_now(self, rows: Sequence[int], now: datetime) -> frozenset[int]:
        """Those of `rows` that are open at `now` (aware)."""
        numbers = self.numbers[rows].tolist() if rows else []
        is_open = {number: number >= 0 and self._is_open(number, now) for number in set(numbers)}
        found = {row for row, number in zip(rows, numbers, strict=True) if is_open[number]}
        if self.teams:
            found |= {row for row in rows if row in self.teams and self._is_somewhere(row, now)}
        return frozenset(found)

    def _is_somewhere(self, row: int, now: datetime) -> bool:
        return any(one.opening.state == "open" for one in coming(self.teams[row], now)[:1])

    def _is_open(self, number: int, now: datetime) -> bool:
        """Whether hours `number` are open, remembered until they next change or an hour is over."""
        known = self._known.get(number)
        if known and known[0] <= now < known[1]:
            return known[2]
        opening = opening_of(self.hours[number], now)
        change = opening.until or opening.opens or now + REMEMBERED
        is_open = opening.state == "open"
        self._known[number] = (now, min(change, now + REMEMBERED), is_open)
        return is_open
