"""When a service answers: OpenStreetMap opening hours in the service's own zone, with its public holidays."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opening_hours import OpeningHours, ParserError, State, UnknownCountryError  # type: ignore[attr-defined]  # its stub forgets them

from bot.directory.model import Hours, Network, Service

ZONES: Final = {
    "RS": "Europe/Belgrade",
    "PT": "Europe/Lisbon",
    "BA": "Europe/Sarajevo",
    "ME": "Europe/Podgorica",
    "MK": "Europe/Skopje",
    "AL": "Europe/Tirane",
    "XK": "Europe/Belgrade",
    "HR": "Europe/Zagreb",
}
"""The zone of hours that name none, by country."""

_HOLIDAYS: Final = re.compile(r"\bPH\b")
_ALWAYS: Final = "24/7"
_CHANGES_AHEAD: Final = 30
_DAYS_AHEAD: Final = 366  # a change further away than this is no use to a person


@dataclass(frozen=True, slots=True)
class Opening:
    """What holds at one moment. Times are in the service's zone.

    `until`: when an open service closes, None for day and night. `opens`: when a closed one opens next.
    """

    state: Literal["open", "closed", "unknown"]
    until: datetime | None = None
    opens: datetime | None = None


UNKNOWN: Final = Opening("unknown")


def shown_hours(service: Service) -> Hours | None:
    """The opening hours that may be told; none where sources disagree."""
    return None if "hours" in service.contested else service.hours


def opening(service: Service, now: datetime) -> Opening:
    """Whether `service` answers at `now` (aware); unknown where its sources disagree."""
    hours = shown_hours(service)
    return opening_of(hours, now) if hours else UNKNOWN


def opening_of(hours: Hours, now: datetime) -> Opening:
    """Whether these hours are open at `now` (aware). Hours that hang on a comment are unknown."""
    compiled = _compiled(hours)
    local = now.astimezone(ZoneInfo(hours.zone))
    state, comment = compiled.state(local)
    if state == State.UNKNOWN or comment:
        return UNKNOWN
    change = compiled.next_change(local)
    if state == State.OPEN:
        return Opening("open", until=change)
    if change is None:
        return Opening("closed")
    for _ in range(_CHANGES_AHEAD):  # the next change may be into "ask first", which is not open
        after, comment = compiled.state(change)
        if after == State.OPEN and not comment:
            return Opening("closed", opens=change)
        later = compiled.next_change(change)
        if later is None or later <= change:
            break
        change = later
    return UNKNOWN


def spells(hours: Hours, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
    """The open times between two moments (aware), each with whether it is sure. What goes on beyond is cut off."""
    zone = ZoneInfo(hours.zone)
    for begins, ends, state, comment in _compiled(hours).intervals(
        start.astimezone(zone), end.astimezone(zone)
    ):
        if state != State.CLOSED:
            yield begins, ends, state == State.OPEN and not comment


def holidays_unsure(hours: Hours, now: datetime) -> bool:
    """Whether a person should hear that hours may differ on public holidays.

    They should where hours name holidays that nobody lists, and on a holiday that the hours do not name:
    today, or the day they open next.
    """
    if hours.open.strip() == _ALWAYS:
        return False
    if names_holidays(hours):
        return not has_holidays(hours.country)
    if not has_holidays(hours.country):
        return False
    found = opening_of(hours, now)
    holidays = _compiled(Hours("PH", hours.zone, hours.country))
    moments = [now.astimezone(ZoneInfo(hours.zone)), *([found.opens] if found.opens else [])]
    return any(holidays.is_open(moment) for moment in moments)


def in_step(zone: str, other: str, now: datetime) -> bool:
    """Whether clocks in two zones show the same time at `now` (aware)."""
    return now.astimezone(ZoneInfo(zone)).utcoffset() == now.astimezone(ZoneInfo(other)).utcoffset()


def names_holidays(hours: Hours) -> bool:
    """Whether hours say what holds on public holidays."""
    return _HOLIDAYS.search(hours.open) is not None


@lru_cache(maxsize=256)
def has_holidays(country: str) -> bool:
    """Whether anybody lists the public holidays of a country. Of Kosovo nobody does."""
    try:
        OpeningHours("24/7", country=country)
    except UnknownCountryError:
        return False
    return bool(country)


def duty_hours(network: Network) -> Callable[[str, datetime], bool]:
    """Whether a moment lies in an organisation's duty hours, or the network's; without any it always does."""
    own = {member.organisation: member.duty for member in network.members}

    def within(organisation: str, now: datetime) -> bool:
        hours = own.get(organisation) or network.duty
        return hours is None or opening_of(hours, now).state == "open"

    return within


def zone_exists(zone: str) -> bool:
    """Whether an IANA zone has this name."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def fault_in(written: str) -> str:
    """What cannot be read in opening hours, in a few words; empty when all can."""
    try:
        _compiled(Hours(written, "UTC"))
    except ParserError as fault:
        return _position(str(fault))
    return ""


@lru_cache(maxsize=4096)
def _compiled(hours: Hours) -> OpeningHours:
    zone = ZoneInfo(hours.zone)
    try:
        return OpeningHours(
            hours.open, timezone=zone, country=hours.country or None, max_interval_days=_DAYS_AHEAD
        )
    except UnknownCountryError:  # holidays are then ordinary days, and the card says so
        return OpeningHours(hours.open, timezone=zone, max_interval_days=_DAYS_AHEAD)


def _position(fault: str) -> str:
    lines = fault.splitlines()
    at = next((line.split("--> 1:")[1] for line in lines if "--> 1:" in line), "1")
    return f"not understood from character {at.strip()} on"
