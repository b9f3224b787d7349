"""What of the directory may leave: each record built anew from the fields that everybody may see, and no other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.directory.hours import shown_hours
from bot.directory.model import Capacity, Organisation, Service, Vetting
from bot.directory.vetting import (
    capacity_today,
    may_be_offered,
    notice_today,
    shown_address,
    shown_phones,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A service that everybody may know of today, with nothing but its public fields.

    `looked_on` is the last day somebody looked at the record; never later than today.
    """

    organisation: Organisation
    service: Service
    looked_on: date | None = None


def listed_today(
    organisations: Iterable[Organisation], today: date, *, demo: bool = False
) -> tuple[Listed, ...]:
    """The services that may leave today, by organisation and service id.

    They are active, vetted by two, not lapsed, and marked `public`. Fictitious ones only with `demo`.
    An organisation without such a service does not appear.
    """
    found = []
    for organisation in sorted(organisations, key=lambda one: one.id):
        services = [
            service
            for service in sorted(organisation.services, key=lambda one: one.id)
            if may_be_offered(organisation, service, today, tier="public", demo=demo)
        ]
        if services:
            public = public_organisation(organisation)
            found += [
                Listed(public, public_service(each, today), _looked_on(each, today)) for each in services
            ]
    return tuple(found)


def public_organisation(organisation: Organisation) -> Organisation:
    """The organisation without what is for the office, and without its services."""
    return Organisation(
        id=organisation.id,
        name=organisation.name,
        country=organisation.country,
        kind=organisation.kind,
        website=organisation.website,
        description=organisation.description,
        demo=organisation.demo,
    )


def public_service(service: Service, today: date) -> Service:
    """The service without what only some may see, and without what its sources disagree on.

    Of its vetting the day stays, and no name. Where a mobile team will be is for people whose need fits: a public
    timetable would also tell those who wait for them.
    """
    state = capacity_today(service.capacity, today)
    return Service(
        id=service.id,
        name=service.name,
        needs=service.needs,
        status=service.status,
        description=service.description,
        populations=service.populations,
        age=service.age,
        languages=service.languages,
        cost=service.cost,
        documents=service.documents,
        documents_note=service.documents_note,
        safety=service.safety,
        access=service.access,
        phones=shown_phones(service, "public"),
        address=shown_address(service, "public"),
        hours=shown_hours(service),
        areas=service.areas,
        remote=service.remote,
        not_offered=service.not_offered,
        next_step=service.next_step,
        capacity=Capacity() if state == "unknown" else Capacity(state, service.capacity.on),
        vetting=Vetting(service.vetting.state, on=service.vetting.on),
        website="" if "website" in service.contested else service.website,
        notice=notice_today(service, today),
        demo=service.demo,
    )


def _looked_on(service: Service, today: date) -> date | None:
    days = [service.checked_on(), service.capacity.on]
    return max((min(day, today) for day in days if day), default=None)
