"""The filters once more, written plainly over records: slow, obvious, and without a single column."""

from datetime import datetime

from bot.directory.matching import Directory, Query
from bot.directory.model import TIERS, Organisation, Service, Visit
from bot.directory.vetting import capacity_today, state_today
from bot.directory.visits import over_at

SAFE = {"sogiesc_trained": "yes", "records_calls": "no"}

Pair = tuple[Organisation, Service]


def removed_by(directory: Directory, query: Query, now: datetime, pair: Pair) -> set[str]:
    """Every filter that keeps the service of `pair` from the person."""
    organisation, service = pair
    state = state_today(service.vetting, now.date())
    names = {organisation.id, organisation.kind, f"{organisation.id}/{service.id}"}
    keeps_away = {
        "demo": not query.demo and (organisation.demo or service.demo),
        "status": service.status != "active",
        "vetting": state == "suspended" or (state != "vetted" and not query.include_unvetted),
        "visibility": TIERS.index(service.visibility) > TIERS.index(query.tier),
        "visits": bool(service.visits) and not any(is_to_come(one, now) for one in service.visits),
        "excluded": bool(names & set(query.exclude)),
        "age": not fits_age(service, query),
        "population": not fits_population(directory, service, query),
        "safety": any(service.safety.of(word) != SAFE[word] for word in query.safety),
        "place": bool(query.place) and not serves(directory, pair, str(query.place), now),
        "language": bool(query.languages)
        and not {one.code for one in service.languages} & set(query.languages),
        "capacity": capacity_today(service.capacity, now.date()) == "full",
    }
    return {name for name, away in keeps_away.items() if away}


def is_to_come(visit: Visit, now: datetime) -> bool:
    end = over_at(visit)
    return end is not None and end > now


def fits_age(service: Service, query: Query) -> bool:
    if query.age is None or service.age is None:
        return True
    youngest, oldest = query.age if isinstance(query.age, tuple) else (query.age, query.age)
    low, high = service.age
    return (low is None or low <= oldest) and (high is None or youngest <= high)


def fits_population(directory: Directory, service: Service, query: Query) -> bool:
    if not query.populations:
        return True
    if (
        "men" in query.populations
        and "women" not in query.populations
        and service.safety.of("women_only") == "yes"
    ):
        return False
    served = {name for asked in query.populations for name in directory.taxonomy.serving(asked)}
    return not service.populations or bool(served & set(service.populations))


def serves(directory: Directory, pair: Pair, place: str, now: datetime) -> bool:
    organisation, service = pair
    hidden = service.is_shelter or service.safety.of("address_confidential") == "yes"
    visits = () if hidden else service.visits
    areas = set(service.areas or (() if visits else (organisation.country,)))
    areas |= {one.place for one in visits if is_to_come(one, now)}
    return bool(areas & {*directory.places.around(place), *directory.places.within(place)})


def candidates(directory: Directory, need: str) -> list[Pair]:
    under = set(directory.taxonomy.under(need))
    return [
        (organisation, service)
        for organisation in directory.organisations.values()
        for service in organisation.services
        if under & set(service.needs)
    ]
