"""A quarter of a year in whole calendar weeks: a week belongs to the quarter that its Thursday lies in, as ISO 8601 has it for years."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.kernel.errors import RefusedError
from bot.usecases.keep_counters import KEPT_WEEKS, week_of

_WRITTEN: Final = re.compile(r"(20\d\d)-Q([1-4])")
_MONTHS: Final = 3
_SETTLED: Final = timedelta(days=2)
"""After its last Sunday: on Monday processes write what they counted last, and put their rests together."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One quarter; `number` is 1 to 4."""

    year: int
    number: int

    def __str__(self) -> str:
        """Such as 2026-Q3."""
        return f"{self.year}-Q{self.number}"

    @property
    def first(self) -> date:
        """Its first Monday."""
        start = date(self.year, _MONTHS * self.number - 2, 1)
        monday = start - timedelta(days=start.weekday())
        return monday if start.weekday() <= _THURSDAY else monday + timedelta(weeks=1)

    @property
    def last(self) -> date:
        """Its last Sunday."""
        after = Quarter(self.year + self.number // 4, self.number % 4 + 1)
        return after.first - timedelta(days=1)

    def holds(self, week: str) -> bool:
        """Whether a calendar week is one of its weeks."""
        return week_of(self.first) <= week <= week_of(self.last)

    def is_over(self, today: date) -> bool:
        """Whether nothing is counted for it any more."""
        return today >= self.last + _SETTLED


_THURSDAY: Final = 3  # days after Monday


def quarter_of(day: date) -> Quarter:
    """The quarter that a day's week belongs to."""
    thursday = day + timedelta(days=_THURSDAY - day.weekday())
    return Quarter(thursday.year, (thursday.month - 1) // _MONTHS + 1)


def last_over(today: date) -> Quarter:
    """The newest quarter that is over."""
    newest = quarter_of(today)
    while not newest.is_over(today):
        newest = quarter_of(newest.first - timedelta(days=1))
    return newest


def asked(text: str, today: date) -> Quarter:
    """The quarter that somebody asked for; the newest that is over where they said nothing.

    Raises RefusedError: `quarter.form`, `quarter.future`, `quarter.gone` when counts of its weeks were deleted.
    """
    if not text:
        return last_over(today)
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise RefusedError("quarter.form", f"Write the quarter as {last_over(today)}.")
    quarter = Quarter(int(found[1]), int(found[2]))
    if quarter.first > today:
        raise RefusedError("quarter.future", f"{quarter} has not begun: the newest is {quarter_of(today)}.")
    if quarter.first < today - timedelta(weeks=KEPT_WEEKS - 1):
        raise RefusedError(
            "quarter.gone",
            f"Counts are kept for {KEPT_WEEKS} weeks, and those of {quarter} are not whole any more. Look at the file that you saved.",
        )
    return quarter


def on_offer(today: date) -> tuple[Quarter, ...]:
    """The quarters that can be asked for, newest first."""
    found = [quarter_of(today)]
    oldest = today - timedelta(weeks=KEPT_WEEKS - 1)
    while (before := quarter_of(found[-1].first - timedelta(days=1))).first >= oldest:
        found.append(before)
    return tuple(found)
