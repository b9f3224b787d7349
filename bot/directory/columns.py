"""The directory as numpy columns, one row a service, so that ten thousand are filtered in microseconds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from bot.directory.hours import shown_hours
from bot.directory.model import TIERS, Hours, Organisation, Service
from bot.directory.places import Places
from bot.directory.vetting import shown_address, vouched
from bot.directory.visiting import Visiting
from bot.directory.visits import shown_visits

Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Small = npt.NDArray[np.int8]
Numbers = npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]
Order = npt.NDArray[np.intp]

_Item = TypeVar("_Item")

YES: Final = 1
NO: Final = 2
ANSWERS: Final = {"unknown": 0, "yes": YES, "no": NO}
STAFF: Final = 2
INTERPRETER: Final = 1
CAPACITY: Final = {"unknown": 0, "open": 1, "waiting list": 2, "full": 3}
NEVER: Final = 0
"""The ordinal that stands for a day nobody wrote down."""
OLDEST: Final = 200

_KEY_ANSWERS: Final = ("shares_with_authorities", "asks_legal_status", "sogiesc_trained", "no_documents")
_GOOD: Final = {
    "shares_with_authorities": NO,
    "asks_legal_status": NO,
    "sogiesc_trained": YES,
    "no_documents": YES,
}


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns over `services`, which are in order of organisation and service id. Days are ordinals.

    `needs` and `reach` map a need and a place to rows and to area numbers; `areas` holds area numbers padded
    with the last one, which covers nothing.
    """

    services: tuple[tuple[Organisation, Service], ...]
    needs: Mapping[str, Rows]
    demo: Flags
    active: Flags
    visible: Small
    vetted: Flags
    suspended: Flags
    since: Numbers
    expires: Numbers
    organisation: Numbers
    organisation_numbers: Mapping[str, int]
    kinds: Mapping[str, Flags]
    age_low: Numbers
    age_high: Numbers
    populations: Mapping[str, Flags]
    for_all: Flags
    answers: Mapping[str, Small]
    languages: Mapping[str, Small]
    area_count: int
    areas: Numbers
    reach: Mapping[str, Numbers]
    latitude: Scores
    longitude: Scores
    remote: Flags
    capacity: Small
    capacity_on: Numbers
    checked: Numbers
    care: Scores
    hours: Numbers
    all_hours: tuple[Hours, ...]
    visiting: Visiting

    @classmethod
    def build(cls, organisations: Iterable[Organisation], places: Places) -> "Columns":
        """Lay out every service of `organisations`."""
        pairs = sorted(
            ((org, service) for org in organisations for service in org.services),
            key=lambda pair: (pair[0].id, pair[1].id),
        )
        services = [service for _, service in pairs]
        areas = [areas_of(org, service) for org, service in pairs]
        visited = {visit.place for service in services for visit in service.visits}
        named = {area for listed in areas for area in listed} | visited
        numbers = {area: at for at, area in enumerate(sorted(named))}
        answers = [answers_of(service) for service in services]
        positions = [_position(service, places) for service in services]
        orgs = {ident: at for at, ident in enumerate(sorted({org.id for org, _ in pairs}))}
        theirs = [shown_hours(one) for one in services]
        all_hours = tuple(dict.fromkeys(hours for hours in theirs if hours))
        hour_numbers = {hours: at for at, hours in enumerate(all_hours)}
        by_field = _by_word([tuple(found) for found in answers])
        answer_columns = {
            field: _small([ANSWERS[found.get(field, "unknown")] for found in answers]) for field in by_field
        }
        return cls(
            services=tuple(pairs),
            needs={
                word: np.flatnonzero(flags).astype(np.int32)
                for word, flags in _by_word([one.needs for one in services]).items()
            },
            demo=_flags(pairs, lambda pair: pair[0].demo or pair[1].demo),
            active=_flags(services, lambda one: one.status == "active"),
            visible=_small([TIERS.index(one.visibility) for one in services]),
            vetted=_flags(services, lambda one: vouched(one.vetting)),
            suspended=_flags(services, lambda one: one.vetting.state == "suspended"),
            since=_days([one.vetting.on for one in services]),
            expires=_days([one.vetting.expires for one in services]),
            organisation=_numbers([orgs[org.id] for org, _ in pairs]),
            organisation_numbers=orgs,
            kinds=_by_word([(org.kind,) for org, _ in pairs]),
            age_low=_numbers([(one.age and one.age[0]) or 0 for one in services]),
            age_high=_numbers(
                [OLDEST if not one.age or one.age[1] is None else one.age[1] for one in services]
            ),
            populations=_by_word([one.populations for one in services]),
            for_all=_flags(services, lambda one: not one.populations),
            answers=answer_columns,
            languages=_languages(services),
            area_count=len(numbers) + 1,
            areas=_padded([[numbers[area] for area in listed] for listed in areas], len(numbers)),
            reach=_reach(numbers, places),
            latitude=np.array([lat for lat, _ in positions], dtype=np.float32),
            longitude=np.array([lon for _, lon in positions], dtype=np.float32),
            remote=_flags(services, lambda one: one.remote),
            capacity=_small([CAPACITY[one.capacity.state] for one in services]),
            capacity_on=_days([one.capacity.on for one in services]),
            checked=_days([one.checked_on() for one in services]),
            care=_care(answer_columns, len(services)),
            hours=_numbers([hour_numbers[hours] if hours else -1 for hours in theirs]),
            all_hours=all_hours,
            visiting=Visiting.build(services, numbers, places),
        )


def areas_of(organisation: Organisation, service: Service) -> tuple[str, ...]:
    """Where a service serves whatever the day: as written, else its organisation's country.

    A mobile team that names none serves only the places it is going to.
    """
    return service.areas or (() if shown_visits(service) else (organisation.country,))


def answers_of(service: Service) -> dict[str, str]:
    """A service's safety answers, with the one that follows from `documents`."""
    papers = {"none": "yes", "some": "no", "unknown": "unknown"}[service.documents]
    return {"no_documents": papers, **service.safety.answers}


def base(language: str) -> str:
    """The language without script or region: `sr` of `sr-Latn`."""
    return language.split("-", maxsplit=1)[0]


def _position(service: Service, places: Places) -> tuple[float, float]:
    """Where a person may be told it is; nothing for a hidden address: a distance would give it away."""
    address = shown_address(service)
    place = places.by_id.get(address.place) if address else None
    return place.at if place and place.at else (float("nan"), float("nan"))


def _languages(services: list[Service]) -> Mapping[str, Small]:
    columns: dict[str, Small] = {}
    for row, service in enumerate(services):
        for offer in service.languages:
            column = columns.setdefault(base(offer.code), np.zeros(len(services), np.int8))
            column[row] = max(int(column[row]), STAFF if offer.by == "staff" else INTERPRETER)
    return columns


def _reach(numbers: Mapping[str, int], places: Places) -> Mapping[str, Numbers]:
    """For each place, the areas that cover it or lie in it."""
    asked = {*places.by_id, *places.countries, *numbers}
    return {
        place: _numbers(
            [numbers[area] for area in {*places.around(place), *places.within(place)} if area in numbers]
        )
        for place in asked
    }


def _care(answers: Mapping[str, Small], count: int) -> Scores:
    """How much of what matters most for safety is known to be good, 0 to 1."""
    score = np.zeros(count, np.float32)
    for field in _KEY_ANSWERS:
        if field in answers:
            score += (answers[field] == _GOOD[field]) / len(_KEY_ANSWERS)
    return score


def _by_word(listed: list[tuple[str, ...]]) -> dict[str, Flags]:
    columns: dict[str, Flags] = {}
    for row, words in enumerate(listed):
        for word in words:
            if word not in columns:
                columns[word] = np.zeros(len(listed), np.bool_)
            columns[word][row] = True
    return columns


def _padded(listed: list[list[int]], filler: int) -> Numbers:
    width = max((len(one) for one in listed), default=1)
    return np.array([one + [filler] * (width - len(one)) for one in listed], dtype=np.int32).reshape(
        len(listed), width
    )


def _flags(items: Iterable[_Item], holds: Callable[[_Item], bool]) -> Flags:
    return np.fromiter((holds(item) for item in items), np.bool_)


def _small(values: list[int]) -> Small:
    return np.array(values, dtype=np.int8)


def _numbers(values: list[int]) -> Numbers:
    return np.array(values, dtype=np.int32)


def _days(values: list[date | None]) -> Numbers:
    return _numbers([day.toordinal() if day else NEVER for day in values])
