"""What people needed and nothing was found for: need, country and calendar week, in whole tens of conversations."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.ports import Counters
from bot.telemetry.tallies import UNMET, K


@dataclass(frozen=True, slots=True)
class Unmet:
    """One cell. `country` is a code, empty where none was said, SEVERAL for the small rests of several countries."""

    week: str
    need: str
    country: str
    conversations: int


@dataclass(frozen=True, slots=True)
class UnmetReport:
    """`totals` go by need and are sums of `cells` only, so that no subtraction shows a cell that is not told."""

    cells: tuple[Unmet, ...]
    totals: Mapping[str, int]


class ReportUnmet:
    """Answers what is missing."""

    def __init__(self, *, counters: Counters) -> None:
        """Take the counts."""
        self._counters = counters

    async def __call__(self, since: str = "") -> UnmetReport:
        """The report from a calendar week on. A row that somebody else wrote below ten, or between tens, is left out."""
        found = await self._counters.of(UNMET)
        cells = [
            Unmet(cell.week, cell.subject, cell.detail, count)
            for cell, count in found.items()
            if count >= K and count % K == 0 and cell.week >= since
        ]
        totals: Counter[str] = Counter()
        for each in cells:
            totals[each.need] += each.conversations
        return UnmetReport(
            tuple(sorted(cells, key=lambda one: (one.week, one.need, one.country))),
            dict(totals.most_common()),
        )
