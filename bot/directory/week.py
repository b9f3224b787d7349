"""What opening hours mean, day by day, so that whoever wrote them sees what people will be told."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.directory.hours import intervals_of
from bot.directory.model import Hours

DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class OpenDay:
    """One day, and when it is open: pairs of `HH:MM`; `unsure` where hours hang on a comment."""

    day: date
    spans: tuple[tuple[str, str], ...]
    unsure: bool = False


def week_of(hours: Hours, now: datetime) -> tuple[OpenDay, ...]:
    """The next seven days from the day of `now` (aware) in the hours' own zone."""
    first = now.astimezone(ZoneInfo(hours.zone)).date()
    return tuple(_day(hours, first + timedelta(days=number)) for number in range(DAYS))


def _day(hours: Hours, day: date) -> OpenDay:
    begins = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(hours.zone))
    found = intervals_of(hours, begins, begins + timedelta(days=1))
    spans = tuple((_time(start, day), _time(end, day)) for start, end, state in found if state == "open")
    return OpenDay(day, spans, any(state == "unknown" for _, _, state in found))


def _time(moment: datetime, day: date) -> str:
    return "24:00" if moment.date() > day else f"{moment:%H:%M}"
