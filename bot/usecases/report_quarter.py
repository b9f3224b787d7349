"""What a network can say of a quarter to those who pay for it: in whole tens, and nothing that a subtraction could open."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.directory.trust import OUTCOMES
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEvent
from bot.kernel.rows import Cell
from bot.ports import AuditTrail, Clock, Counters, Keyrings
from bot.telemetry.suppression import Line, held_back
from bot.telemetry.tallies import OUTCOME, UNMET, K
from bot.usecases.purge_expired import AUDIT_KEPT
from bot.usecases.quarter import Quarter, asked

CAME: Final = "came"
ANSWERED: Final = "answered"
CLOSED: Final = "closed"
MEASURES: Final = (CAME, ANSWERED, CLOSED)
"""What is told of organisations: cases that came, that got their first answer, that were closed."""

_KEPT_WHOLE: Final = AUDIT_KEPT - timedelta(days=92)
"""So that what a case was before the quarter, 90 days at most, is still there, and the same quarter always gives the same numbers."""
_FIRST: Final[Mapping[str, str]] = {
    AuditEvent.CASE_OPENED.value: CAME,
    AuditEvent.CASE_REPLIED.value: ANSWERED,
    AuditEvent.CASE_CLOSED.value: CLOSED,
}


@dataclass(frozen=True, slots=True)
class QuarterReport:
    """One quarter.

    `unmet`: need -> country -> conversations. `feedback`: outcome -> answers. `work`: measure -> one line over
    organisations; None while the quarter lasts, and once the audit no longer holds all of it.
    `as_of`: what was so when this day began, UTC.
    """

    quarter: Quarter
    is_over: bool
    as_of: date
    unmet: Mapping[str, Mapping[str, int]]
    feedback: Mapping[str, int]
    work: Mapping[str, Line] | None

    @property
    def totals(self) -> Mapping[str, int]:
        """Conversations in vain by need: sums of what is shown, and of nothing else."""
        return {need: sum(countries.values()) for need, countries in self.unmet.items()}


class ReportQuarter:
    """Makes the report. It reads counts of ten and more, and the days on which something happened to cases; no case."""

    def __init__(self, *, counters: Counters, audit: AuditTrail, keyrings: Keyrings, clock: Clock) -> None:
        """`keyrings` knows which organisations there are."""
        self._counters = counters
        self._audit = audit
        self._keyrings = keyrings
        self._clock = clock

    async def __call__(self, wanted: str = "") -> QuarterReport:
        """The report of a quarter such as 2026-Q3; without one, of the newest that is over. Raises RefusedError."""
        today = self._clock.now().date()
        quarter = asked(wanted, today)
        unmet: dict[str, dict[str, int]] = {}
        for cell, count in await self._counted(UNMET, quarter):
            countries = unmet.setdefault(cell.subject, {})
            countries[cell.detail] = countries.get(cell.detail, 0) + count
        feedback: Counter[str] = Counter()
        for cell, count in await self._counted(OUTCOME, quarter):
            feedback[cell.detail] += count
        return QuarterReport(
            quarter=quarter,
            is_over=quarter.is_over(today),
            as_of=today,
            unmet=dict(sorted(unmet.items(), key=lambda each: (-sum(each[1].values()), each[0]))),
            feedback={outcome: feedback[outcome] for outcome in OUTCOMES if feedback[outcome]},
            work=await self._work(quarter, today),
        )

    async def _counted(self, kind: str, quarter: Quarter) -> Sequence[tuple[Cell, int]]:
        """A row that another hand wrote below ten, or between tens, is left out."""
        found = await self._counters.of(kind)
        return [
            (cell, count)
            for cell, count in found.items()
            if quarter.holds(cell.week) and count >= K and count % K == 0
        ]

    async def _work(self, quarter: Quarter, today: date) -> Mapping[str, Line] | None:
        """Only of a quarter that is over: a number that still grows would tell when something happened."""
        if not quarter.is_over(today) or quarter.first < today - _KEPT_WHOLE:
            return None
        first, after = _hour(quarter.first), _hour(quarter.last + timedelta(days=1))
        counts: dict[str, dict[str, int]] = {measure: {} for measure in MEASURES}
        for organisation in await self._keyrings.organisations():
            found = Counter(
                measure
                for measure, hour in _firsts(await self._audit.chain(organisation))
                if first <= hour < after
            )
            for measure in MEASURES:
                counts[measure][organisation] = found[measure]
        return {measure: held_back(parts) for measure, parts in counts.items()}


def _firsts(lines: Sequence[bytes]) -> Iterator[tuple[str, int]]:
    """What happened to each case for the first time, and in which hour. What cannot be read is left out."""
    seen: set[tuple[str, str]] = set()
    for line in lines:
        try:
            fields = json.loads(line)
            measure, case, hour = _FIRST[fields["event"]], str(fields["case"]), int(fields["hour"])
        except (ValueError, TypeError, KeyError):
            continue
        if (measure, case) not in seen:
            seen.add((measure, case))
            yield measure, hour


def _hour(day: date) -> int:
    return whole_hour(datetime.combine(day, time(), UTC))
