"""Our records as HSDS 3 objects: valid in 3.0 and 3.1, in one language, with the other languages as attributes.

Source: Open Referral HSDS 3.0 and 3.1, docs.openreferral.org, schema reference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.directory.card import language_name
from bot.directory.columns import areas_of
from bot.directory.hsds.public import Listed
from bot.directory.hsds.schedules import Row, as_moment, rows
from bot.directory.hsds.vocabulary import (
    ACCESS_WAYS,
    DETAILS,
    NEEDS,
    POPULATIONS,
    PREFIX,
    SAFETY,
    TEXTS,
    Object,
    Vocabulary,
    ident,
    organisation_id,
    service_id,
    taxonomy_json,
)
from bot.directory.model import Organisation, Phone, Postal, Service, Texts, pick
from bot.directory.places import Places

Word = tuple[str, str, str]
"""A taxonomy, one of its words, and what is said with it; empty where the word says it all."""

SCHEME: Final = "fener"
"""The scheme of our own ids among an organisation's identifiers."""

PLACE_SCHEME: Final = "fener place"
PLACE_UNIT: Final = {"id": ident("unit", "place"), "name": "place"}
_ROOM: Final = {"open": 1, "waiting list": 0, "full": 0}


@dataclass(frozen=True, slots=True)
class Objects:
    """Makes HSDS objects in one language. `today` decides which half-year's opening hours are told."""

    language: str
    vocabulary: Vocabulary
    places: Places
    today: date

    # --- organisations --------------------------------------------------------------------------------

    def organisation_row(self, organisation: Organisation) -> Object:
        """An organisation's one-to-one fields."""
        found: Object = {
            "id": organisation_id(organisation.id),
            "name": pick(organisation.name, self.language) or organisation.id,
            "description": pick(organisation.description, self.language),
        }
        if other := self._alternate(organisation.name):
            found["alternate_name"] = other
        if organisation.website:
            found["website"] = organisation.website
        return found

    def organisation(
        self, organisation: Organisation, services: Sequence[Listed] = (), *, full_services: bool = False
    ) -> Object:
        """An organisation with its identifiers, attributes and services, those whole or as rows."""
        ours = organisation_id(organisation.id)
        found = self.organisation_row(organisation)
        found["organization_identifiers"] = [
            {
                "id": ident("organization_identifier", organisation.id),
                "organization_id": ours,
                "identifier_scheme": SCHEME,
                "identifier_type": PREFIX + "id",
                "identifier": organisation.id,
            }
        ]
        found["attributes"] = self._linked(
            ours,
            "organization",
            (
                (DETAILS, "kind", organisation.kind),
                (DETAILS, "country", organisation.country),
                *(((DETAILS, "demo", "yes"),) if organisation.demo else ()),
                *_texts("name", organisation.name),
                *_texts("description", organisation.description),
            ),
        )
        if services:
            found["services"] = [
                self._service(each, whole=True) if full_services else self._service_fields(each)
                for each in services
            ]
        return found

    # --- services -------------------------------------------------------------------------------------

    def service_row(self, listed: Listed) -> Object:
        """A service's one-to-one fields, its organisation's among them."""
        return {**self._service_fields(listed), "organization": self.organisation_row(listed.organisation)}

    def service_minimal(self, listed: Listed) -> Object:
        """What says that a service is there and whether it changed."""
        found: Object = {
            "id": service_id(listed.organisation.id, listed.service.id),
            "name": pick(listed.service.name, self.language) or listed.service.id,
            "status": "active",
        }
        return found | ({"last_modified": as_moment(listed.looked_on)} if listed.looked_on else {})

    def service(self, listed: Listed) -> Object:
        """A service with everything that belongs to it."""
        return {**self._service(listed, whole=True), "organization": self.organisation(listed.organisation)}

    def _service_fields(self, listed: Listed) -> Object:
        service = listed.service
        low, high = service.age or (None, None)
        found = {
            "id": service_id(listed.organisation.id, service.id),
            "organization_id": organisation_id(listed.organisation.id),
            "name": pick(service.name, self.language) or service.id,
            "alternate_name": self._alternate(service.name),
            "description": pick(service.description, self.language),
            "url": service.website,
            "status": "active",
            "interpretation_services": self._interpreters(service),
            "application_process": pick(service.next_step, self.language),
            "eligibility_description": self._eligibility(service),
            "alert": pick(service.notice.text, self.language) if service.notice else None,
            "minimum_age": low,
            "maximum_age": high,
            "assured_date": service.vetting.on.isoformat() if service.vetting.on else None,
            "last_modified": as_moment(listed.looked_on) if listed.looked_on else None,
        }
        return {name: value for name, value in found.items() if value is not None and value != ""}

    def _service(self, listed: Listed, *, whole: bool) -> Object:
        """The fields with all that hangs on them; without the places when it hangs on a place itself."""
        service, ours = listed.service, service_id(listed.organisation.id, listed.service.id)
        found = self._service_fields(listed)
        parts: dict[str, list[Object]] = {
            "phones": [self._phone(ours, at, phone) for at, phone in enumerate(service.phones)],
            "schedules": self._schedules(ours, service),
            "service_areas": self._areas(ours, listed),
            "service_at_locations": [self._at_location(listed)] if whole and service.address else [],
            "languages": self._languages(ours, service),
            "cost_options": self._cost(ours, service),
            "required_documents": self._documents(ours, service),
            "capacities": self._capacity(ours, service),
            "attributes": self._attributes(ours, service),
            "metadata": self._metadata(ours, service),
        }
        return found | {name: listed_parts for name, listed_parts in parts.items() if listed_parts}

    def _interpreters(self, service: Service) -> str:
        """The languages that an interpreter speaks there, by name."""
        return ", ".join(
            language_name(offer.code, self.language) for offer in service.languages if offer.by != "staff"
        )

    def _eligibility(self, service: Service) -> str:
        """Whom it is for, by the labels of the taxonomy."""
        terms = (self.vocabulary.terms.get((POPULATIONS, name)) for name in service.populations)
        return ", ".join(pick(term.labels, self.language) for term in terms if term)

    def _phone(self, ours: str, at: int, phone: Phone) -> Object:
        this = ident("phone", ours, str(at), phone.number)
        found: Object = {"id": this, "service_id": ours, "number": phone.number}
        if label := pick(phone.label, self.language):
            found["description"] = label
        if texts := self._linked(this, "phone", _texts("label", phone.label)):
            found["attributes"] = texts
        return found

    def _schedules(self, ours: str, service: Service) -> list[Object]:
        """Rows for this half-year and the next, each with the whole hours in words; one row where none can be made."""
        hours = service.hours
        if hours is None:
            return []
        said: Object = {"service_id": ours, "description": hours.open, "notes": hours.zone}
        made = [
            {"id": ident("schedule", ours, str(at)), **said, **_schedule(row)}
            for at, row in enumerate(rows(hours, self.today))
        ]
        return made or [{"id": ident("schedule", ours, "0"), **said}]

    def _areas(self, ours: str, listed: Listed) -> list[Object]:
        return [
            {
                "id": ident("service_area", ours, area),
                "service_id": ours,
                "name": self.places.name(area, self.language),
                "extent": area,
                "extent_type": "text",
            }
            for area in areas_of(listed.organisation, listed.service)
        ]

    def _languages(self, ours: str, service: Service) -> list[Object]:
        return [
            {
                "id": ident("language", ours, offer.code),
                "service_id": ours,
                "name": language_name(offer.code, self.language),
                "code": offer.code,
                "note": offer.by,
            }
            for offer in service.languages
        ]

    def _cost(self, ours: str, service: Service) -> list[Object]:
        if service.cost == "unknown":
            return []
        option: Object = {"id": ident("cost_option", ours), "service_id": ours, "option": service.cost}
        return [option | ({"amount": 0} if service.cost == "free" else {})]

    def _documents(self, ours: str, service: Service) -> list[Object]:
        """What papers they want: in words where somebody wrote them. None are wanted: no row."""
        note = pick(service.documents_note, self.language)
        if service.documents != "some" and not note:
            return []
        return [{"id": ident("required_document", ours), "service_id": ours, "document": note or "some"}]

    def _capacity(self, ours: str, service: Service) -> list[Object]:
        """Room as HSDS 3.1 counts it: 1 stands for "there is room", since nobody counts places for us."""
        room = service.capacity
        if room.on is None or room.state not in _ROOM:
            return []
        return [
            {
                "id": ident("service_capacity", ours),
                "service_id": ours,
                "unit": dict(PLACE_UNIT),
                "available": _ROOM[room.state],
                "description": room.state,
                "updated": as_moment(room.on),
            }
        ]

    def _attributes(self, ours: str, service: Service) -> list[Object]:
        return self._linked(ours, "service", words_of(service))

    def _metadata(self, ours: str, service: Service) -> list[Object]:
        """That it was vetted, and when. Never by whom, and never what it said before."""
        if service.vetting.on is None:
            return []
        day = service.vetting.on.isoformat()
        return [
            {
                "id": ident("metadata", ours, "assured_date", day),
                "resource_id": ours,
                "resource_type": "service",
                "last_action_date": day,
                "last_action_type": "UPDATE",
                "field_name": "assured_date",
                "previous_value": "",
                "replacement_value": day,
                "updated_by": PREFIX.strip(),
            }
        ]

    # --- places ---------------------------------------------------------------------------------------

    def at_location_row(self, listed: Listed) -> Object:
        """A service at its public address, one-to-one fields only."""
        return {**self._at_location(listed), "service": self.service_row(listed)}

    def at_location(self, listed: Listed) -> Object:
        """A service at its public address, with everything that belongs to the service."""
        service = self._service(listed, whole=False)
        return {
            **self._at_location(listed),
            "service": {**service, "organization": self.organisation(listed.organisation)},
        }

    def _at_location(self, listed: Listed) -> Object:
        address = listed.service.address
        assert address is not None
        ours = service_id(listed.organisation.id, listed.service.id)
        location = ident("location", ours)
        return {
            "id": at_location_id(listed),
            "service_id": ours,
            "location_id": location,
            "location": self._location(location, address, listed.organisation.country),
        }

    def _location(self, this: str, address: Postal, country: str) -> Object:
        place = self.places.name(address.place, self.language) if address.place else ""
        found: Object = {
            "id": this,
            "location_type": "physical",
            "addresses": [
                {
                    "id": ident("address", this),
                    "location_id": this,
                    "address_1": address.text,
                    "city": place,
                    "state_province": "",
                    "postal_code": "",
                    "country": (self.places.country_of(address.place) if address.place else None) or country,
                    "address_type": "physical",
                }
            ],
        }
        if address.place:
            found |= {
                "name": place,
                "external_identifier": address.place,
                "external_identifier_type": PLACE_SCHEME,
            }
        return found

    # --- vocabulary -----------------------------------------------------------------------------------

    def taxonomies(self, names: Iterable[str]) -> list[Object]:
        """Taxonomies by name."""
        return [taxonomy_json(name) for name in names]

    def _linked(self, owner: str, entity: str, words: Iterable[Word]) -> list[Object]:
        """Words of our taxonomies as attributes of what they are about."""
        found = []
        for taxonomy, code, value in words:
            term = self.vocabulary.terms.get((taxonomy, code))
            if term is None:
                continue
            made: Object = {
                "id": ident("attribute", owner, taxonomy, code),
                "link_id": owner,
                "taxonomy_term_id": term.id,
                "link_type": taxonomy,
                "link_entity": entity,
                "taxonomy_term": term.as_json(self.language),
            }
            found.append(made | ({"value": value} if value else {}))
        return found

    def _alternate(self, name: Texts) -> str:
        """The name in the other languages."""
        shown = pick(name, self.language)
        return " / ".join(dict.fromkeys(text for text in name.values() if text != shown))


def words_of(service: Service) -> tuple[Word, ...]:
    """Everything about a service that is said by a word of one of our taxonomies."""
    answers = sorted(service.safety.answers.items())
    details = {
        "service": service.id,
        "documents": "" if service.documents == "unknown" else service.documents,
        "remote": "yes" if service.remote else "",
        "demo": "yes" if service.demo else "",
    }
    return (
        *((NEEDS, need, "") for need in service.needs),
        *((POPULATIONS, name, "") for name in service.populations),
        *((ACCESS_WAYS, way, "") for way in service.access),
        *((SAFETY, name, answer) for name, answer in answers if answer != "unknown"),
        *((DETAILS, word, value) for word, value in details.items() if value),
        *_texts("name", service.name),
        *_texts("description", service.description),
        *_texts("next_step", service.next_step),
        *_texts("not_offered", service.not_offered, always=True),
        *_texts("documents_note", service.documents_note, always=True),
        *_texts("must_report_when", service.safety.must_report_when, always=True),
        *_texts("notice", service.notice.text if service.notice else {}),
    )


def _texts(field: str, texts: Texts, *, always: bool = False) -> tuple[Word, ...]:
    """A text in every language, where its own field cannot say it all."""
    if not always and set(texts) <= {"en"}:
        return ()
    return tuple((TEXTS, f"{field}:{code}", text) for code, text in texts.items())


def at_location_id(listed: Listed) -> str:
    """The UUID of a service at its address."""
    return ident("service_at_location", listed.organisation.id, listed.service.id)


def _schedule(row: Row) -> Object:
    opens, closes = row.span
    period = row.period
    found: Object = {
        "freq": "WEEKLY",
        "wkst": "MO",
        "byday": ",".join(day.upper() for day in row.days),
        "opens_at": opens + period.suffix,
        "closes_at": ("23:59" if closes == "24:00" else closes) + period.suffix,
        "timezone": period.offset,
    }
    if period.first is not None:
        found |= {"dtstart": period.first.isoformat(), "valid_from": period.first.isoformat()}
    if period.last is not None:
        found["valid_to"] = period.last.isoformat()
    return found
