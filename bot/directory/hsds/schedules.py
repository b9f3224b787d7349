"""Opening hours both ways: OpenStreetMap's words as weekly rows per half-year, and weekly rows as such words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bot.directory.model import Hours

Span = tuple[str, str]
"""When it opens and when it closes, as HH:MM of the place. Closing before opening is on the next day."""

_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_TIME: Final = "(?:[01][0-9]|2[0-4]):[0-5][0-9]"
_DAY_LIST: Final = f"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*"
_SPANS: Final = f"{_TIME}-{_TIME}(?:,{_TIME}-{_TIME})*"
_RULE: Final = re.compile(f"(?:(?P<days>{_DAY_LIST})(?: |$))?(?P<what>{_SPANS}|off|closed|24/7)?")
_HOLIDAYS: Final = re.compile("(?:PH|SH|PH,SH)(?: (?:off|closed))")
_CLOCK: Final = re.compile(
    r"(?P<time>(?:[01][0-9]|2[0-4]):[0-5][0-9])(?::00)?(?:[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)
_ALL_DAY: Final = ("00:00", "24:00")
_DAYS_AHEAD: Final = 370


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days with one offset from UTC, in hours. Without days it never ends."""

    offset: float
    first: date | None = None
    last: date | None = None

    @property
    def suffix(self) -> str:
        """The offset as ISO 8601 writes it."""
        minutes = round(abs(self.offset) * 60)
        return f"{'-' if self.offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Row:
    """The same opening on some days of the week within one period."""

    days: tuple[str, ...]
    span: Span
    period: Period


def weekly(written: str) -> Mapping[str, tuple[Span, ...]] | None:
    """Day -> openings of an ordinary week; None for hours that are not weekly or too particular for rows."""
    week: dict[str, tuple[Span, ...]] = {}
    for rule in (part.strip() for part in written.split(";")):
        if not rule or _HOLIDAYS.fullmatch(rule):
            continue
        found = _RULE.fullmatch(rule)
        if found is None or not (found["days"] or found["what"]):
            return None
        days = _days_of(found["days"]) if found["days"] else _DAYS
        spans = _spans_of(found["what"])
        if spans is None:
            return None
        for day in days:
            week[day] = spans
    return {day: week[day] for day in _DAYS if week.get(day)} or None


def rows(hours: Hours, today: date) -> tuple[Row, ...]:
    """Weekly rows for this half-year and the next; none where `weekly` knows none."""
    week = weekly(hours.open)
    if week is None:
        return ()
    days_of: dict[Span, list[str]] = {}
    for day, spans in week.items():
        for span in spans:
            days_of.setdefault(span, []).append(day)
    return tuple(
        Row(tuple(days), span, period)
        for period in periods(hours.zone, today)
        for span, days in days_of.items()
    )


@lru_cache(maxsize=256)
def periods(zone: str, today: date) -> tuple[Period, ...]:
    """The stretch of one offset that `today` lies in and the next one; a single endless one without summer time."""
    first = _turn(zone, today, -1)
    last = _turn(zone, today, 1)
    if first is None or last is None:
        return (Period(_offset(zone, today)),)
    following = last + timedelta(days=1)
    return (
        Period(_offset(zone, today), first, last),
        Period(_offset(zone, following), following, _turn(zone, following, 1)),
    )


def written(openings: Iterable[tuple[tuple[str, ...], str, str]]) -> str:
    """Rows of days (MO, TU, ...), opening and closing time as opening hours; empty when a row cannot be said so."""
    week: dict[str, set[Span]] = {}
    for days, opens, closes in openings:
        start, end = _CLOCK.fullmatch(opens), _CLOCK.fullmatch(closes)
        known = [day.title() for day in days if day.title() in _DAYS]
        if start is None or end is None or not known or len(known) != len(days):
            return ""
        end_time = "24:00" if end["time"] == "23:59" else end["time"]
        for day in known:
            week.setdefault(day, set()).add((start["time"], end_time))
    days_of: dict[tuple[Span, ...], list[str]] = {}
    for day in _DAYS:
        if day in week:
            days_of.setdefault(tuple(sorted(week[day])), []).append(day)
    return "; ".join(
        f"{_day_words(days)} {','.join(f'{start}-{end}' for start, end in spans)}"
        for spans, days in days_of.items()
    )


def _days_of(listed: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in listed.split(","):
        start, _, end = part.partition("-")
        at, last = _DAYS.index(start), _DAYS.index(end or start)
        while True:
            found.append(_DAYS[at])
            if at == last:
                break
            at = (at + 1) % len(_DAYS)
    return tuple(found)


def _spans_of(what: str | None) -> tuple[Span, ...] | None:
    """The openings of one rule: none for `off`, None for times that no day has."""
    if what in {None, "24/7"}:
        return (_ALL_DAY,)
    if what in {"off", "closed"}:
        return ()
    spans = []
    for span in (what or "").split(","):
        start, _, end = span.partition("-")
        if start >= "24:00" or end > "24:00" or start == end:
            return None
        spans.append((start, end))
    return tuple(spans)


def _day_words(days: list[str]) -> str:
    """Days as OpenStreetMap shortens them: three and more in a row as `Mo-We`."""
    words: list[str] = []
    at = 0
    while at < len(days):
        end = at
        while end + 1 < len(days) and _DAYS.index(days[end + 1]) == _DAYS.index(days[end]) + 1:
            end += 1
        words += [f"{days[at]}-{days[end]}"] if end - at > 1 else days[at : end + 1]
        at = end + 1
    return ",".join(words)


def _offset(zone: str, day: date) -> float:
    """Hours from UTC at noon of `day`."""
    offset = datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset()
    return (offset or timedelta()) / timedelta(hours=1)


def _turn(zone: str, day: date, step: int) -> date | None:
    """The last day in this direction before the offset changes; None when it does not within a year."""
    offset = _offset(zone, day)
    for away in range(_DAYS_AHEAD):
        try:
            beyond = day + timedelta(days=step * (away + 1))
        except OverflowError:
            return None
        if _offset(zone, beyond) != offset:
            return beyond - timedelta(days=step)
    return None


def as_moment(day: date) -> str:
    """A day as HSDS writes a moment: its beginning in UTC."""
    return datetime.combine(day, time(), UTC).isoformat()
