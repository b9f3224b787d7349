"""What is wrong with a directory as a whole: names that lead nowhere, needs nobody serves, what is about to lapse."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from bot.directory.columns import areas_of
from bot.directory.matching import Directory
from bot.directory.model import CHECKLIST, SAFE_ANSWERS, Member, Organisation, Service, visible
from bot.directory.reading import nearest
from bot.directory.recipients import is_state_body, represents_a_state
from bot.directory.vetting import hides_address, lapses_within, may_be_offered, state_today
from bot.directory.visits import all_over
from bot.i18n.languages import ENGLISH
from bot.kernel.problems import Mark, Problem, Severity

LAPSE_DAYS: Final = 30
STALE_DAYS: Final = 365
NETWORK_FILE: Final = "directory/network.yaml"
TAXONOMY_FILE: Final = "directory/taxonomy.yaml"

_EXTRA_SERVES: Final = frozenset({"adults", "minors", "women", "men"})


def lint_directory(
    directory: Directory,
    today: date,
    *,
    needs: Mapping[str, Mark] | None = None,
    queues: Mapping[str, Mark] | None = None,
) -> list[Problem]:
    """What is missing, lapsing or could be seen by the wrong people, in file order.

    `needs` and `queues` are those that flows use, with where they do. Names that lead nowhere are
    check_references's, which loading asks.
    """
    problems: list[Problem] = []
    for organisation in directory.organisations.values():
        problems += _demo_name(organisation)
        for service in organisation.services:
            problems += _lapses(organisation, service, today)
            problems += _addresses(service)
            problems += _checklist(organisation, service, today)
            problems += _replacement(service)
            problems += _silent_conflicts(organisation, service)
    problems += _unserved_needs(directory, today, needs or {})
    problems += _unserved_queues(directory, queues or {})
    return sorted(problems, key=lambda problem: (problem.mark, problem.code))


def check_references(directory: Directory) -> list[Problem]:
    """Names that lead nowhere: needs, populations, safety words, places, queues, members."""
    return [
        *(
            problem
            for organisation in directory.organisations.values()
            for service in organisation.services
            for problem in _service_references(directory, service)
        ),
        *_network_references(directory),
        *_attribute_references(directory),
    ]


def _service_references(directory: Directory, service: Service) -> Iterable[Problem]:
    taxonomy = directory.taxonomy
    for need in service.needs:
        if need not in taxonomy.needs:
            yield _unknown("D201", service.at, f"needs/{need}", what="need", word=need, known=taxonomy.needs)
    for name in service.populations:
        if name not in taxonomy.populations:
            yield _unknown(
                "D202",
                service.at,
                f"populations/{name}",
                what="population",
                word=name,
                known=taxonomy.populations,
            )
    fields = {one.field for one in taxonomy.attributes.values()} | set(SAFE_ANSWERS)
    for name in service.safety.answers:
        if name not in fields and name not in taxonomy.attributes:
            yield _unknown("D203", service.at, f"safety/{name}", what="safety word", word=name, known=fields)
    if (other := service.replaced_by) and not directory.has(other):
        yield _unknown(
            "D209",
            service.at,
            "replaced_by",
            what="organisation or service",
            word=other,
            known=directory.organisations,
        )
    for key, place in _places_of(service):
        if not directory.places.known(place):
            known = directory.places.words()
            yield _unknown("D204", service.at, key, what="place", word=place, known=known)


def _places_of(service: Service) -> Iterable[tuple[str, str]]:
    """Every place a service names, with the key of its mark."""
    yield from ((f"areas/{area}", area) for area in service.areas)
    if service.address and service.address.place:
        yield "address/place", service.address.place
    yield from dict.fromkeys((f"visits/{visit.place}", visit.place) for visit in service.visits)


def _network_references(directory: Directory) -> Iterable[Problem]:
    network = directory.network
    for queue in network.queues.values():
        for need in queue.needs:
            if need not in directory.taxonomy.needs:
                yield _unknown(
                    "D201", queue.at, f"needs/{need}", what="need", word=need, known=directory.taxonomy.needs
                )
    populations = {*directory.taxonomy.populations, *_EXTRA_SERVES}
    for member in network.members:
        yield from _kind_of_member(directory, member)
        if member.organisation not in directory.organisations:
            known = directory.organisations
            yield _unknown("D206", member.at, "", what="organisation", word=member.organisation, known=known)
        for place in member.places:
            if not directory.places.known(place):
                yield _unknown(
                    "D204",
                    member.at,
                    f"places/{place}",
                    what="place",
                    word=place,
                    known=directory.places.words(),
                )
        for name in member.serves:
            if directory.taxonomy.populations and name not in populations:
                problem = _unknown(
                    "D202", member.at, f"serves/{name}", what="population", word=name, known=populations
                )
                yield Problem(problem.code, problem.mark, problem.message, problem.mend, "warning")


def _kind_of_member(directory: Directory, member: Member) -> Iterable[Problem]:
    """Who may be a member only with a rule, or never."""
    organisation = directory.organisations.get(member.organisation)
    mark = member.at.get("") or Mark(NETWORK_FILE, 1, 1)
    if not member.limits_short.get(ENGLISH):
        message = f"'{member.organisation}' does not say when it must tell somebody else what it is told"
        mend = "add 'limits_short: {en: We must act when ...}'; until then people read that it is not known"
        yield Problem("D212", mark, message, mend, "warning")
    if organisation is None:
        return
    if represents_a_state(organisation):
        message = f"'{member.organisation}' is a consulate or an embassy, and those never get a case"
        yield Problem("D210", mark, message, "take it out of the network; the directory may describe it")
    elif is_state_body(organisation) and not member.separate_consent:
        message = f"'{member.organisation}' is a state body and gets no case"
        mend = "take it out of the network, or write 'separate consent: yes' and people are asked first"
        yield Problem("D211", mark, message, mend)


def _attribute_references(directory: Directory) -> Iterable[Problem]:
    attributes = directory.taxonomy.attributes
    for one in attributes.values():
        if one.field != one.id and one.field not in SAFE_ANSWERS and one.field not in attributes:
            mark = one.mark or Mark(TAXONOMY_FILE, 1, 1)
            yield _unknown("D203", {"": mark}, "", what="safety word", word=one.field, known=SAFE_ANSWERS)


def _unknown(
    code: str, at: Mapping[str, Mark], key: str, *, what: str, word: str, known: Collection[str]
) -> Problem:
    mark = at.get(key) or at.get("") or Mark(NETWORK_FILE, 1, 1)
    return Problem(code, mark, f"there is no {what} '{word}'", nearest(word, sorted(known)))


def _demo_name(organisation: Organisation) -> Iterable[Problem]:
    marked = organisation.demo or any(service.demo for service in organisation.services)
    if marked and not any("demo" in name.casefold() for name in organisation.name.values()):
        yield Problem(
            "D306",
            organisation.at.get("name", organisation.at[""]),
            "this record is fictitious and its name does not say so",
            "put the word Demo into its name",
            "warning",
        )


def _lapses(organisation: Organisation, service: Service, today: date) -> Iterable[Problem]:
    mark = service.at.get("vetting") or service.at.get("") or Mark("directory", 1, 1)
    who = f"{organisation.id}/{service.id}"
    mend = "vet it again and write the new days and names"
    if state_today(service.vetting, today) == "lapsed":
        yield Problem("D304", mark, f"the vetting of {who} has lapsed; it is not offered", mend, "warning")
    elif lapses_within(service.vetting, today, LAPSE_DAYS):
        message = f"the vetting of {who} lapses on {service.vetting.expires}"
        yield Problem("D303", mark, message, mend, "warning")
    if service.status == "active" and all_over(service.visits, today):
        at = service.at.get("visits") or mark
        message = f"every visit of {who} is over; it is not offered"
        yield Problem(
            "D312", at, message, "write the next visits, or pause it with 'status: paused'", "warning"
        )
    checked = service.checked_on()
    offered = may_be_offered(organisation, service, today, demo=True)
    if offered and checked is not None and today - checked > timedelta(days=STALE_DAYS):
        message = f"{who} was last checked on {checked}"
        yield Problem("D308", mark, message, "read its sources again and write the new days", "warning")


def _addresses(service: Service) -> Iterable[Problem]:
    address = service.address
    if address and address.text and hides_address(service) and visible(address.visibility, "matched"):
        yield Problem(
            "D305",
            service.at.get("address/visibility") or service.at.get("address") or service.at[""],
            "this address must stay hidden (we never show it, but exports and helpers go by what is written)",
            "write 'visibility: caseworker' or 'internal'",
            "warning",
        )


def _checklist(organisation: Organisation, service: Service, today: date) -> Iterable[Problem]:
    """A checklist that was begun; a vetting without any is for `fener directory due` to name."""
    checklist = service.vetting.checklist
    missing = [point for point in CHECKLIST if checklist.get(point) != "yes"]
    if checklist and missing and may_be_offered(organisation, service, today, demo=True):
        yield Problem(
            "D309",
            service.at.get("vetting") or service.at.get("") or Mark("directory", 1, 1),
            f"the vetting of {organisation.id}/{service.id} leaves out: {', '.join(missing)}",
            "do what is missing and add 'checklist: {reached: yes, ...}'",
            "warning",
        )


def _replacement(service: Service) -> Iterable[Problem]:
    if service.replaced_by and service.status == "active":
        yield Problem(
            "D311",
            service.at.get("replaced_by") or service.at.get("") or Mark("directory", 1, 1),
            f"this service was replaced by {service.replaced_by} and is still active",
            "write 'status: closed' or 'status: tombstone', or take 'replaced_by' away",
            "warning",
        )


def _silent_conflicts(organisation: Organisation, service: Service) -> Iterable[Problem]:
    """Sources that give different numbers or addresses, of which the record has only one, and none says conflict."""
    recorded = {
        "phones": {_compared("phones", phone.number) for phone in service.phones},
        "address": {_compared("address", service.address.text)} if service.address else set(),
    }
    for fact, ours in recorded.items():
        given = [
            {
                _compared(fact, part)
                for part in (source.value.split(";") if fact == "phones" else [source.value])
            }
            for source in (*organisation.sources, *service.sources)
            if source.about == fact and source.value
        ]
        stray = any(not values <= ours for values in given)
        if ours and stray and len(given) > 1 and fact not in service.contested:
            yield Problem(
                "D310",
                service.at.get("sources") or service.at.get("") or Mark("directory", 1, 1),
                f"a source of {organisation.id}/{service.id} gives other {fact} than the record",
                "find out which is right; until then write 'conflict: yes' beside one of them",
                "warning",
            )


def _compared(fact: str, value: str) -> str:
    """A value as two sources would have to agree on it: numbers by their digits, addresses by their letters."""
    kept = str.isdigit if fact == "phones" else str.isalnum
    return "".join(letter for letter in value.casefold() if kept(letter))


def _unserved_needs(directory: Directory, today: date, used: Mapping[str, Mark]) -> Iterable[Problem]:
    services = [(org, one) for org in directory.organisations.values() for one in org.services]
    for need, mark in used.items():
        if need not in directory.taxonomy.needs:
            yield Problem(
                "D201", mark, f"there is no need '{need}'", nearest(need, sorted(directory.taxonomy.needs))
            )
            continue
        under = set(directory.taxonomy.under(need))
        serving = [(org, one) for org, one in services if not under.isdisjoint(one.needs)]
        offered = [(org, one) for org, one in serving if may_be_offered(org, one, today, demo=True)]
        if not serving:
            yield Problem(
                "D301", mark, f"no service has the need '{need}'", "add a service for it, or use another need"
            )
        elif not offered:
            message = f"no vetted service has the need '{need}' today"
            yield Problem("D307", mark, message, "vet a service for it", "warning")
        else:
            yield from _countries_without(directory, need, offered, mark)


def _countries_without(
    directory: Directory, need: str, offered: list[tuple[Organisation, Service]], mark: Mark
) -> Iterable[Problem]:
    """The network's countries where nobody serves a need."""
    countries = {
        country
        for member in directory.network.members
        for place in member.places
        if (country := directory.places.country_of(place))
    }
    areas = {area for org, one in offered for area in areas_of(org, one)}
    areas |= {visit.place for _, one in offered for visit in one.visits}
    served = {directory.places.country_of(area) for area in areas}
    if missing := sorted(countries - served):
        message = f"nobody serves the need '{need}' in {', '.join(missing)}"
        mend = "vet a service for it there, or take the country from the places of the network"
        yield Problem("D307", mark, message, mend, "warning")


def _unserved_queues(directory: Directory, used: Mapping[str, Mark]) -> Iterable[Problem]:
    network = directory.network
    for queue in network.queues.values():
        if not network.serving(queue.id) and queue.id not in used:
            mark = queue.at.get("") or Mark(NETWORK_FILE, 1, 1)
            yield _nobody(queue.id, mark, "warning")
    for name, mark in used.items():
        if name not in network.queues:
            yield Problem("D205", mark, f"there is no queue '{name}'", nearest(name, sorted(network.queues)))
        elif not network.serving(name):
            yield _nobody(name, mark, "error")


def _nobody(queue: str, mark: Mark, severity: Severity) -> Problem:
    mend = f"add '{queue}' to the queues of a member in {NETWORK_FILE}"
    return Problem("D302", mark, f"no member serves the queue '{queue}'", mend, severity)
