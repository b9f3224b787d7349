"""Columns in which some services changed: a copy with new values in their rows, some hundredths of a second for ten thousand.

Only what may change between two releases is looked at: vetting, room, hours, safety, phones, notice. Names, needs, places,
languages and ages are those of the release.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

import numpy as np

from bot.directory.columns import (
    ANSWERS,
    CAPACITY,
    NEVER,
    Columns,
    Flags,
    Numbers,
    Scores,
    Small,
    answers_of,
    care_of,
    position_of,
)
from bot.directory.hours import shown_hours
from bot.directory.model import Organisation, Service
from bot.directory.places import Places
from bot.directory.vetting import vouched
from bot.directory.visiting import Visiting
from bot.directory.visits import shown_visits


def patched(
    columns: Columns,
    organisations: Mapping[str, Organisation],
    changed: Mapping[str, Service],
    flagged: Collection[str],
    places: Places,
) -> Columns:
    """The columns with `changed` services in their rows, and `flagged` ones marked; both by `organisation/service`.

    `organisations` are those that the changed services belong to, as they are now.
    """
    rows = {f"{org.id}/{service.id}": row for row, (org, service) in enumerate(columns.services)}
    new = {rows[name]: service for name, service in changed.items() if name in rows}
    services = [
        (organisations.get(org.id, org), new.get(row, service))
        for row, (org, service) in enumerate(columns.services)
    ]
    all_hours = tuple(
        dict.fromkeys((*columns.all_hours, *(h for one in new.values() if (h := shown_hours(one)))))
    )
    numbers = {hours: at for at, hours in enumerate(all_hours)}
    places_of = {row: position_of(service, places) for row, service in new.items()}
    answers = _answers(columns.answers, new, len(services))
    marked: Flags = np.zeros(len(services), np.bool_)
    marked[[rows[name] for name in flagged if name in rows]] = True
    return replace(
        columns,
        services=tuple(services),
        flagged=marked,
        vetted=_put(columns.vetted, new, lambda one: vouched(one.vetting)),
        suspended=_put(columns.suspended, new, lambda one: one.vetting.state == "suspended"),
        since=_put(columns.since, new, lambda one: _day(one.vetting.on)),
        expires=_put(columns.expires, new, lambda one: _day(one.vetting.expires)),
        answers=answers,
        care=care_of(answers, len(services)),
        latitude=_put(columns.latitude, places_of, lambda at: at[0]),
        longitude=_put(columns.longitude, places_of, lambda at: at[1]),
        capacity=_put(columns.capacity, new, lambda one: CAPACITY[one.capacity.state]),
        capacity_on=_put(columns.capacity_on, new, lambda one: _day(one.capacity.on)),
        checked=_put(columns.checked, new, lambda one: _day(one.checked_on())),
        hours=_put(columns.hours, new, lambda one: numbers[hours] if (hours := shown_hours(one)) else -1),
        all_hours=all_hours,
        visiting=_hidden(columns.visiting, new),
    )


_New = TypeVar("_New")
_Column = TypeVar("_Column", Flags, Small, Numbers, Scores)


def _put(column: _Column, new: Mapping[int, _New], value: Callable[[_New], float]) -> _Column:
    """The column with other values in some rows."""
    copy = column.copy()
    for row, one in new.items():
        copy[row] = value(one)
    return copy


def _hidden(visiting: Visiting, new: Mapping[int, Service]) -> Visiting:
    """The visits without the places of services that hide where they are from now on."""
    hiding = [row for row, service in new.items() if service.visits and not shown_visits(service)]
    if not hiding:
        return visiting
    gone = np.isin(visiting.rows, hiding)
    return replace(
        visiting,
        areas=np.where(gone, np.int32(-1), visiting.areas),
        latitude=np.where(gone, np.float32("nan"), visiting.latitude),
        longitude=np.where(gone, np.float32("nan"), visiting.longitude),
    )


def _day(day: date | None) -> int:
    return day.toordinal() if day else NEVER


def _answers(answers: Mapping[str, Small], new: Mapping[int, Service], count: int) -> Mapping[str, Small]:
    """Each safety answer's column; a word that nobody used before gets one."""
    said = {row: answers_of(service) for row, service in new.items()}
    words = dict.fromkeys((*answers, *(word for each in said.values() for word in each)))
    empty = np.zeros(count, np.int8)
    return {
        word: _put(answers.get(word, empty), said, lambda each, word=word: ANSWERS[each.get(word, "unknown")])  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        for word in words
    }
