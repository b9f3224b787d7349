"""Why a service is offered and what nobody knows about it, as words that texts are made from.

A word has parts parted by colons: `need:legal_asylum`, `language:fa:interpreter`, `place:rs-beograd`,
`kilometres:12`, `remote`, `population:trans`, `safety:sogiesc_trained`, `free`, `no_documents`, `open_now`,
`visit:rs-sid:2026-11-20`, `capacity:open`, `text`, `checked:2026-11-01`; and of what is not known: `hours`, `cost`,
`documents`, `languages`, `age`, `safety:trans_competent`, `vetting:unverified`, `capacity`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np

from bot.directory.columns import OLDEST, areas_of, base
from bot.directory.filters import SOFT, Sieve
from bot.directory.hours import ZONES, in_step, shown_hours
from bot.directory.model import Organisation, Place, Service
from bot.directory.places import distance
from bot.directory.vetting import capacity_today, shown_address, state_today
from bot.directory.visits import Coming, coming

ASKED_OF_ALL: Final = ("shares_with_authorities", "asks_legal_status", "sogiesc_trained")
"""Safety answers that are named whenever they are unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Explainer:
    """Explains the services of one match.

    `relaxed` are the filters that were let go of; `open_now` and `by_text` the rows that are open, and those
    that the person's words led to.
    """

    sieve: Sieve
    relaxed: Sequence[str]
    open_now: Collection[int]
    by_text: Collection[int]

    def words(self, row: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The reasons for a service, the weightiest first, and what is not known about it."""
        organisation, service = self.sieve.columns.services[row]
        reasons = [
            *self._need(service),
            *(["text"] if row in self.by_text else []),
            *self._languages(service),
            *self._place(organisation, service),
            *self._visit(service),
            *self._populations(service),
            *(f"safety:{word}" for word in self.sieve.query.safety),
            *(["free"] if service.cost == "free" else []),
            *(["no_documents"] if service.documents == "none" else []),
            *(["open_now"] if row in self.open_now else []),
            *self._room(service),
            *(f"checked:{day}" for day in [service.checked_on()] if day),
        ]
        return tuple(dict.fromkeys(reasons)), tuple(self._unknown(service))

    def relaxed_for(self, row: int) -> tuple[str, ...]:
        """What was let go of for this service."""
        if not self.relaxed:
            return ()
        one = np.array([row], dtype=np.int32)
        passes = {name: keep(self.sieve, one) for name, keep in SOFT}
        return tuple(name for name in self.relaxed if (keep := passes[name]) is not None and not keep[0])

    def where(self, service: Service) -> Place | None:
        """The place of its address, when a person may know it."""
        address = shown_address(service)
        return self.sieve.places.by_id.get(address.place) if address else None

    def visit(self, service: Service) -> Coming | None:
        """The next visit to the place asked for, else the next one anywhere."""
        if not service.visits:
            return None
        visits = coming(service, self._now)
        place = self.sieve.query.place
        if place:
            places = self.sieve.places
            fits = {*places.around(place), *places.within(place)}
            return next((one for one in visits if one.visit.place in fits), next(iter(visits), None))
        return next(iter(visits), None)

    def elsewhere(self, service: Service) -> str:
        """The zone of its hours, when clocks there differ from those of the place asked for, or may."""
        if service.hours is None:
            return ""
        zone = service.hours.zone
        country = self.sieve.places.country_of(self.sieve.query.place or "") or ""
        if country in ZONES:
            return "" if in_step(zone, ZONES[country], self._now) else zone
        return zone if service.remote else ""

    @property
    def _now(self) -> datetime:
        return self.sieve.now

    @property
    def _today(self) -> date:
        return date.fromordinal(self.sieve.day.today)

    def _need(self, service: Service) -> list[str]:
        return [f"need:{need}" for need in self.sieve.under if need in service.needs][:1]

    def _languages(self, service: Service) -> list[str]:
        if not self.sieve.query.languages:
            return []
        offered: dict[str, str] = {}
        for offer in service.languages:
            if offer.by == "staff" or base(offer.code) not in offered:
                offered[base(offer.code)] = offer.by
        asked = [base(code) for code in self.sieve.query.languages]
        return [f"language:{code}:{offered[code]}" for code in asked if code in offered]

    def _place(self, organisation: Organisation, service: Service) -> list[str]:
        place = self.sieve.query.place
        if not place:
            return []
        places, areas = self.sieve.places, areas_of(organisation, service)
        if service.visits:
            areas += tuple(one.visit.place for one in coming(service, self._now))
        area = next((one for one in places.around(place) if one in areas), None)
        if area is None:
            within = places.within(place)
            area = next((one for one in areas if one in within), None)
        words = [] if area is None else [f"place:{area}"]
        where = self.where(service)
        known = places.by_id.get(place)
        if where and where.at and known and known.at and known.kind != "country":
            words.append(f"kilometres:{round(distance(known.at, where.at))}")
        return [*words, "remote"] if service.remote else words

    def _visit(self, service: Service) -> list[str]:
        found = self.visit(service)
        return [f"visit:{found.visit.place}:{found.spell.begins.date()}"] if found else []

    def _populations(self, service: Service) -> list[str]:
        return [
            f"population:{word}"
            for word in self.sieve.query.populations
            if not set(self.sieve.taxonomy.serving(word)).isdisjoint(service.populations)
        ]

    def _room(self, service: Service) -> list[str]:
        state = capacity_today(service.capacity, self._today)
        return [] if state == "unknown" else [f"capacity:{state.replace(' ', '_')}"]

    def _unknown(self, service: Service) -> list[str]:
        query = self.sieve.query
        unknown = [f"safety:{name}" for name in ASKED_OF_ALL if service.safety.of(name) == "unknown"]
        if service.documents == "unknown":
            unknown.append("documents")
        if not service.languages:
            unknown.append("languages")
        if service.cost == "unknown":
            unknown.append("cost")
        if shown_hours(service) is None and not service.visits:
            unknown.append("hours")
        if capacity_today(service.capacity, self._today) == "unknown":
            unknown.append("capacity")
        if self._perhaps_too_young_or_old(service):
            unknown.append("age")
        if query.include_unvetted and (state := state_today(service.vetting, self._today)) != "vetted":
            unknown.append(f"vetting:{state}")
        return unknown

    def _perhaps_too_young_or_old(self, service: Service) -> bool:
        ages = self.sieve.ages()
        if ages is None or service.age is None:
            return False
        low, high = service.age[0] or 0, OLDEST if service.age[1] is None else service.age[1]
        return ages[0] < low or ages[1] > high
