"""Where a mobile team is next: visits come by their day and go by themselves when they are over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from bot.directory.hours import Opening, spells
from bot.directory.model import Service, Visit

_ONE_DAY: Final = timedelta(days=1)
_NOON: Final = time(12)


@dataclass(frozen=True, slots=True)
class Spell:
    """Once that the team is there: from and until, in the visit's zone; not `sure` where the hours hang on a comment."""

    begins: datetime
    ends: datetime
    sure: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A visit that is not over, and whether the team is there now."""

    visit: Visit
    spell: Spell
    opening: Opening


def coming(service: Service, now: datetime) -> tuple[Coming, ...]:
    """The visits of `service` that are not over at `now` (aware) and may be told, the next one first."""
    if not service.visits:
        return ()
    found = []
    for visit in shown_visits(service):
        spell = next((one for one in spells_of(visit) if one.ends > now), None)
        if spell:
            found.append(
                (
                    max(spell.begins, now).astimezone(UTC),
                    visit.place,
                    Coming(visit, spell, _opening(spell, now)),
                )
            )
    return tuple(one for *_, one in sorted(found, key=lambda each: each[:2]))


def shown_visits(service: Service) -> tuple[Visit, ...]:
    """The visits that a person may know of; none of a service that hides where it is."""
    hidden = service.is_shelter or service.safety.of("address_confidential") == "yes"
    return () if hidden else service.visits


def over_at(visit: Visit) -> datetime | None:
    """When a visit is over for good; None when its hours come on none of its days."""
    spells = spells_of(visit)
    return spells[-1].ends if spells else None


def all_over(visits: Sequence[Visit], today: date) -> bool:
    """Whether there were visits and the last day of all of them has passed."""
    return bool(visits) and all(visit.last < today for visit in visits)


@lru_cache(maxsize=4096)
def spells_of(visit: Visit) -> tuple[Spell, ...]:
    """Every time the team is there. A night belongs to the day on which it begins."""
    zone = ZoneInfo(visit.hours.zone)
    start = datetime.combine(visit.first, time(), zone)
    end = datetime.combine(visit.last + _ONE_DAY, time(), zone)
    found = []
    for begins, ends, sure in spells(visit.hours, start - _ONE_DAY, end + _ONE_DAY):
        if begins >= end or ends <= start:
            continue
        if begins < start and ends < datetime.combine(visit.first, _NOON, zone):
            continue  # the night before, when nobody was there yet
        goes_on = ends > datetime.combine(end.date(), _NOON, zone)  # day and night: the last day is the end
        found.append(Spell(max(begins, start), end if goes_on else ends, sure))
    return tuple(found)


def _opening(spell: Spell, now: datetime) -> Opening:
    if not spell.sure:
        return Opening("unknown", opens=spell.begins)
    if spell.begins <= now:
        return Opening("open", until=spell.ends)
    return Opening("closed", opens=spell.begins)
