"""What there is to do about the services of a directory, the most urgent first: reports, lapses, doubts, what is old."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from bot.directory.ledger import SAFETY
from bot.directory.model import CHECKLIST, Organisation, Service, VettingState
from bot.directory.standing import Standing
from bot.directory.vetting import CAPACITY_DAYS, state_today

What = Literal[
    "flagged",
    "safety",
    "suspended",
    "lapsed",
    "lapses",
    "proposed",
    "conflict",
    "checklist",
    "capacity",
    "unverified",
]
ORDER: Final[tuple[What, ...]] = (
    "flagged",
    "safety",
    "suspended",
    "lapsed",
    "lapses",
    "proposed",
    "conflict",
    "checklist",
    "capacity",
    "unverified",
)
"""What there may be to do, the most urgent first."""

REMINDERS: Final = (3, 14, 30)
"""Days before a vetting lapses at which it is named anew."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to do. `mark`: 3, 14 or 30 for a vetting that lapses within so many days; 0 for all else.

    `detail` is a word or a day: which safety answer, which facts, since when, until when, by whom.
    """

    what: What
    detail: str = ""
    mark: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A service and what there is to do about it."""

    name: str
    organisation: Organisation
    service: Service
    state: VettingState
    todo: tuple[Reminder, ...]


def due(
    organisations: Iterable[Organisation], standings: Mapping[str, Standing], today: date, days: int
) -> list[Due]:
    """The services to look at, the most urgent first. `days`: how far ahead lapses are named."""
    found = []
    for organisation in organisations:
        for service in organisation.services:
            name = f"{organisation.id}/{service.id}"
            standing = standings.get(name) or Standing(service)
            if todo := reminders(standing, today, days):
                state = state_today(standing.service.vetting, today)
                found.append(Due(name, organisation, standing.service, state, todo))
    return sorted(found, key=_urgency)


def reminders(standing: Standing, today: date, days: int = REMINDERS[-1]) -> tuple[Reminder, ...]:
    """What there is to do about one service; nothing about one that is not active."""
    if standing.service.status != "active":
        return ()
    todo = [*_reported(standing), *_vetting(standing, today, days), *_facts(standing.service, today)]
    return tuple(sorted(todo, key=lambda one: ORDER.index(one.what)))


def _urgency(one: Due) -> tuple[int, int, str, str]:
    first = one.todo[0]
    expires = one.service.vetting.expires
    return ORDER.index(first.what), first.mark, expires.isoformat() if expires else "", one.name


def _reported(standing: Standing) -> Iterable[Reminder]:
    if standing.flags:
        yield Reminder("flagged", standing.flags[0].day.isoformat())
    for event in standing.waiting:
        yield Reminder("safety", event.field.removeprefix(SAFETY))


def _vetting(standing: Standing, today: date, days: int) -> Iterable[Reminder]:
    vetting = standing.service.vetting
    state = state_today(vetting, today)
    day = vetting.expires.isoformat() if vetting.expires else ""
    if state == "suspended":
        yield Reminder("suspended", standing.suspended.day.isoformat() if standing.suspended else "")
        return
    if state == "lapsed":
        yield Reminder("lapsed", day)
    elif state == "vetted" and vetting.expires is not None:
        mark = _mark(vetting.expires, today, days)
        if mark is not None:
            yield Reminder("lapses", day, mark)
        if any(vetting.checklist.get(point) != "yes" for point in CHECKLIST):
            yield Reminder("checklist")
    if standing.proposed is not None:
        yield Reminder("proposed", standing.proposed.by)
    elif state == "proposed":
        yield Reminder("proposed", vetting.by[0] if vetting.by else "")
    elif state == "unverified":
        yield Reminder("unverified")


def _mark(expires: date, today: date, furthest: int) -> int | None:
    """Which reminder is due for a vetting that lapses on this day; None while it is further away."""
    left = (expires - today).days
    if left > furthest:
        return None
    return next((mark for mark in REMINDERS if left <= mark), furthest)


def _facts(service: Service, today: date) -> Iterable[Reminder]:
    if facts := sorted(service.contested):
        yield Reminder("conflict", ", ".join(facts))
    day = service.capacity.on
    if state_today(service.vetting, today) == "vetted" and (
        day is None or (today - day).days > CAPACITY_DAYS
    ):
        yield Reminder("capacity", day.isoformat() if day else "")
