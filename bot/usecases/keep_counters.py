"""What turns have counted goes into the database once a day, in whole tens and by calendar week; nobody's identity with it."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from bot.flow.effects import Effect, NothingFit
from bot.kernel.messages import ChannelName
from bot.ports import Cell, Clock, Counters
from bot.telemetry.logs import logger, place_of
from bot.telemetry.tallies import UNMET, Tallies

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

    def take(self, done: Sequence[Effect], channel: ChannelName) -> None:
        """Count what a turn asks to have counted. What somebody tries out in the simulator is not counted."""
        if channel == _TRIED_OUT:
            return
        for effect in done:
            if isinstance(effect, NothingFit):
                week = week_of(self._clock.now().date())
                self._tallies.count(Cell(UNMET, effect.need, effect.country, week))

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

    async def run(self, stop: asyncio.Event) -> None:
        """Look every hour whether a day is over, until told to stop. A failed try is tried again."""
        while not stop.is_set():
            try:
                await self.write_daily()
            except Exception as fault:  # noqa: BLE001  # the next hour tries again; nothing was forgotten
                logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
            try:
                await asyncio.wait_for(stop.wait(), _LOOK_EVERY)
            except TimeoutError:
                continue


def week_of(day: date) -> str:
    """The calendar week of a day after ISO 8601, such as 2026-W48; weeks sort as they follow each other."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
