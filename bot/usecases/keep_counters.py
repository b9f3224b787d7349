"""What turns have counted goes into the database once a day, in whole tens and by calendar week; nobody's identity with it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from bot.directory.trust import Told, lowered
from bot.flow.effects import Effect, NothingFit, RateService
from bot.kernel.messages import ChannelName
from bot.kernel.rows import Cell
from bot.ports import Clock, Counters
from bot.telemetry.logs import logger, place_of
from bot.telemetry.tallies import OUTCOME, SEVERAL, UNMET, Tallies

KEPT_WEEKS: Final = 104

_LOOK_EVERY: Final = 3600.0  # seconds
_TRIED_OUT: Final = "simulator"


class KeepCounters:
    """Counts for one process; several add up in the database, each in tens of its own."""

    def __init__(self, *, counters: Counters, clock: Clock) -> None:
        """Take where counts are kept."""
        self._counters = counters
        self._clock = clock
        self._tallies = Tallies()
        self._written = clock.now().date()
        self.trusted_less: Mapping[str, float] = {}

    def take(self, done: Sequence[Effect], channel: ChannelName) -> None:
        """Count what a turn asks to have counted. What somebody tries out in the simulator is not counted."""
        if channel == _TRIED_OUT:
            return
        for effect in done:
            if isinstance(effect, NothingFit):
                self._tallies.count(Cell(UNMET, effect.need, effect.country, self._week()))
            elif isinstance(effect, RateService):
                self._tallies.count(Cell(OUTCOME, effect.service, effect.outcome, self._week()))

    def _week(self) -> str:
        return week_of(self._clock.now().date())

    async def write_daily(self) -> None:
        """Write what may be told, the first time that this is called on a new day (UTC); forget what is too old."""
        today = self._clock.now().date()
        if today == self._written:
            return
        week = week_of(today)
        tens = self._tallies.due(week)
        if tens:
            await self._counters.add(tens)
        self._tallies.told(tens, week)
        self._written = today
        await self._counters.expire(week_of(today - timedelta(weeks=KEPT_WEEKS)))

    async def weigh(self) -> None:
        """Look at what people said of services: who is trusted less from now on, and by how much (see directory.trust)."""
        today = self._clock.now().date()
        told: dict[str, list[Told]] = {}
        for cell, count in (await self._counters.of(OUTCOME)).items():
            if cell.subject == SEVERAL:
                continue
            told.setdefault(cell.subject, []).append(Told(cell.detail, count, days_since(cell.week, today)))
        shares = {service: lowered(each) for service, each in told.items()}
        self.trusted_less = {service: share for service, share in shares.items() if share}

    async def run(self, stop: asyncio.Event) -> None:
        """Look every hour whether a day is over, until told to stop. A failed try is tried again."""
        while not stop.is_set():
            try:
                await self.write_daily()
                await self.weigh()
            except Exception as fault:  # noqa: BLE001  # the next hour tries again; nothing was forgotten
                logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
            try:
                await asyncio.wait_for(stop.wait(), _LOOK_EVERY)
            except TimeoutError:
                continue


def days_since(week: str, today: date) -> int:
    """How long ago a calendar week ended, in days; 0 while it lasts."""
    year, _, number = week.partition("-W")
    return max(0, (today - date.fromisocalendar(int(year), int(number), 7)).days)


def week_of(day: date) -> str:
    """The calendar week of a day after ISO 8601, such as 2026-W48; weeks sort as they follow each other."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
