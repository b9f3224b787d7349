"""The shipped directory/: whole, honest about what is fictitious, and offering nothing that nobody vouched for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import pytest

from bot.content.directory_folder import load_directory
from bot.directory.card import card
from bot.directory.lint import lint_directory
from bot.directory.matching import Directory, Query
from bot.directory.model import (
    CHECKLIST,
    KINDS,
    SAFE_ANSWERS,
    TIERS,
    Capacity,
    CapacityState,
    Cost,
    Documents,
    Hours,
    LanguageOffer,
    Member,
    Notice,
    Organisation,
    Phone,
    Postal,
    Queue,
    Safety,
    Service,
    Source,
    Spoken,
    Status,
    Vetting,
    VettingState,
    Visit,
    visible,
)
from bot.directory.record_format import ACCESS
from bot.directory.vetting import hides_address, may_be_offered, state_today
from bot.handoff.routing import Staffing, route
from bot.nlu.normalise import fold

ROOT = Path(__file__).parents[2]
RELEASE_DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

NEEDS = """emergency helpline legal_asylum legal_other police_contact_point accommodation_state shelter
cash_transport health_general hiv_sti trans_health intersex mental_health gbv sexual_violence trafficking
child_protection education work lgbtiq_community peer_support interpreter hate_crime disability family resettlement
authority ombudsman psea_focal""".split()  # noqa: SIM905 - as the content document lists them

LISTED_BY_FLOWS = (
    "legal_asylum", "mental_health", "shelter", "lgbtiq_community", "health_general", "cash_transport", "sexual_violence",
)  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Directory:
    directory, problems = load_directory(ROOT, fold=fold)
    assert problems == []
    assert directory is not None
    return directory


def test_the_shipped_directory_has_no_problem_of_its_own(shipped: Directory) -> None:
    assert [one for one in lint_directory(shipped, RELEASE_DAY) if one.severity == "error"] == []


def test_the_needs_are_those_of_the_dialogue_map(shipped: Directory) -> None:
    assert sorted(shipped.taxonomy.needs) == sorted(NEEDS)


def test_on_a_real_channel_nothing_is_offered_until_somebody_vetted_it(shipped: Directory) -> None:
    for need in shipped.taxonomy.needs:
        assert shipped.match(Query(need, limit=99), NOW).matches == ()


def test_real_organisations_are_all_there_and_none_is_vetted(shipped: Directory) -> None:
    real = [one for one in shipped.organisations.values() if not one.demo]

    assert len(real) == 42
    assert {service.vetting.state for one in real for service in one.services} == {"unverified"}
    assert not any(service.vetting.by for one in real for service in one.services)


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def test_every_fact_of_a_real_organisation_has_its_source_and_the_day_it_was_read(shipped: Directory) -> None:
    for one in shipped.organisations.values():
        if one.demo:
            continue
        sources = [*one.sources, *(source for service in one.services for source in service.sources)]
        read = {source.field.partition("_")[0] for source in sources}
        values = [source.value for source in sources]
        assert sources, one.id
        assert all(source.source.startswith("http") for source in sources), one.id
        assert all(source.checked_on == date(2026, 11, 21) for source in sources), one.id
        assert not one.website or one.website in values, one.id
        for service in one.services:
            numbers = [digits(phone.number) for phone in service.phones]
            assert all(any(number in digits(value) for value in values) for number in numbers), one.id
            assert service.address is None or any(service.address.text in value for value in values), one.id
            assert service.hours is None or service.hours.open in values or "hours" in read, one.id
            assert not service.languages or "languages" in read, one.id
            assert service.cost == "unknown" or {"cost", "safety"} & read, one.id
            assert service.age is None or "eligibility" in read, one.id


def test_contradictory_sources_are_both_kept_and_shown_to_no_person(shipped: Directory) -> None:
    centre = shipped.organisations["rs-apc-cza"]

    assert [one.about for one in centre.sources if one.conflict] == ["phones", "address"]
    assert centre.services[0].contested == {"phones", "address"}
    assert len(centre.services[0].phones) == 4
    assert {phone.visibility for phone in centre.services[0].phones} == {"caseworker"}


@pytest.fixture(scope="module")
def demos(shipped: Directory) -> list[Organisation]:
    return [one for one in shipped.organisations.values() if one.demo]


FICTITIOUS = {
    "en": "fictitious", "sr": "zmišljen", "pt": "fictíci", "fr": "fictive", "es": "ficticia", "tr": "hayali",
    "ru": "вымышленн", "ar": "وهمي", "fa": "ساختگی",
}  # fmt: skip
"""How a description says that there is no such organisation, by language."""

NOT_OFFERED = {
    "me-demo-jedro/library": "unverified",
    "pt-demo-ponte/room": "suspended",
    "rs-demo-bridge/letters": "closed",
    "rs-demo-bridge/old-line": "tombstone",
    "rs-demo-garden/choir": "proposed",
    "rs-demo-wheels/winter-bus": "paused",
}


def test_the_demo_network_is_sixteen_organisations_in_five_countries(demos: list[Organisation]) -> None:
    assert len(demos) == 16
    assert {one.country for one in demos} - {"XX"} == {"RS", "PT", "BA", "MK", "ME"}
    assert {one.kind for one in demos} == set(KINDS) - NOT_OURS


def test_nothing_is_fictitious_without_saying_so_in_each_of_its_languages(shipped: Directory) -> None:
    for one in shipped.organisations.values():
        demo = one.demo or any(service.demo for service in one.services)
        assert demo == ("-demo-" in one.id)
        assert demo == any("Demo" in name for name in one.name.values()), one.id
        if demo:
            assert all("Demo" in name for name in one.name.values()), one.id
            assert set(one.description) == set(one.name), one.id
            assert all(FICTITIOUS[code] in text.casefold() for code, text in one.description.items()), one.id


def test_what_is_fictitious_rings_nowhere_and_leads_nowhere(demos: list[Organisation]) -> None:
    for one in demos:
        path = ROOT / "directory" / one.country.lower() / f"{one.id}.yaml"
        text = path.read_text("utf-8")
        assert all(re.search(r" 000 00\d\d$", number) for number in re.findall(r"\+\d[\d ]+", text)), one.id
        assert all(host.endswith(".example.org") for host in re.findall(r"https?://([^/\s\"}]+)", text)), (
            one.id
        )
        for service in one.services:
            assert all(phone.number.startswith("+") for phone in service.phones)
            assert service.address is None or re.fullmatch(
                r"Demo (street|quay|square) \d+", service.address.text
            )


def test_what_is_fictitious_is_offered_for_a_year_except_what_shows_why_something_is_not(
    demos: list[Organisation],
) -> None:
    for day in (RELEASE_DAY, date(2027, 6, 1), date(2027, 10, 20)):
        left_out = {
            f"{one.id}/{service.id}": service.status
            if service.status != "active"
            else state_today(service.vetting, day)
            for one in demos
            for service in one.services
            if not may_be_offered(one, service, day, demo=True)
        }
        assert left_out == NOT_OFFERED, day


MADE_OF = (
    Organisation, Service, Phone, Postal, Hours, Visit, LanguageOffer, Safety, Capacity, Vetting, Source, Notice,
    Member, Queue,
)  # fmt: skip

ROUTED = date(2026, 11, 20)
"""A day on which nobody of the demo network is paused."""

NOT_OURS = {"consulate", "referral mechanism"}
"""Kinds that a demo organisation is not: who tries the demo should not take one for the real one."""

NO_FEATURE = {
    ("Member", "separate_consent"): "no state body of the demo network gets a case",
    ("Service", "demo"): "its organisation says it",
    ("Queue", "id"): "it is the key",
}

CHOICES: dict[tuple[str, str], Iterable[str]] = {
    ("Organisation", "kind"): set(KINDS) - NOT_OURS,
    ("Service", "status"): get_args(Status),
    ("Service", "cost"): get_args(Cost),
    ("Service", "documents"): get_args(Documents),
    ("LanguageOffer", "by"): get_args(Spoken),
    ("Capacity", "state"): get_args(CapacityState),
    ("Vetting", "state"): set(get_args(VettingState)) - {"lapsed"},  # nobody has to write it
    ("Service", "access"): ACCESS,
    ("Safety", "answers"): set(SAFE_ANSWERS) - {"no_documents"},  # follows from `documents`
    ("Vetting", "checklist"): CHECKLIST,
    ("", "visibility"): TIERS,
}
"""The words that a field may hold: each of them stands somewhere."""


def parts_of(whole: object) -> Iterator[object]:
    """A record and every record in it."""
    if isinstance(whole, MADE_OF):
        yield whole
        for one in fields(whole):
            yield from parts_of(getattr(whole, one.name))
    elif isinstance(whole, tuple):
        for one in whole:
            yield from parts_of(one)


def default_of(one: "Field[object]") -> object:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def test_every_feature_of_the_format_is_used_in_the_demo_network(
    shipped: Directory, demos: list[Organisation]
) -> None:
    network = shipped.network
    parts = [part for one in (*demos, *network.members, *network.queues.values()) for part in parts_of(one)]
    used: dict[tuple[str, str], list[object]] = {}
    for part in parts:
        for one in fields(part):  # type: ignore[arg-type]  # of MADE_OF, all dataclasses
            value = getattr(part, one.name)
            if value != default_of(one):
                used.setdefault((type(part).__name__, one.name), []).append(value)
            for name in {type(part).__name__, ""}:
                if (name, one.name) in CHOICES:
                    words = {value} if isinstance(value, str) else set(value)
                    used.setdefault((name, f"{one.name}="), []).extend(words)
    features = {(kind.__name__, one.name) for kind in MADE_OF for one in fields(kind) if one.name != "at"}

    assert sorted(features - set(used) - set(NO_FEATURE)) == []
    for (kind, name), choices in CHOICES.items():
        assert set(choices) - set(used[kind, f"{name}="]) == set(), (kind, name)


def test_the_demo_network_answers_each_safety_question_in_more_than_one_way(
    demos: list[Organisation],
) -> None:
    services = [service for one in demos for service in one.services]

    for word in set(SAFE_ANSWERS) - {"no_documents"}:
        answers = {service.safety.of(word) for service in services}
        assert "yes" in answers, word
        assert len(answers) > 1, word


def test_the_demo_network_speaks_every_language_of_the_menu(demos: list[Organisation]) -> None:
    menu = re.findall(r"code: (\w+),", (ROOT / "translations" / "languages.yaml").read_text("utf-8"))
    spoken = {
        offer.code
        for one in demos
        for service in one.services
        for offer in service.languages
        if offer.by == "staff"
    }

    assert len(menu) == 11
    assert set(menu) <= spoken


def test_the_demo_network_has_teams_nights_holidays_and_zones(demos: list[Organisation]) -> None:
    pairs = [(one, service) for one in demos for service in one.services]
    visits = [(one, visit) for one, service in pairs for visit in service.visits]
    hours = [(one, service.hours) for one, service in pairs if service.hours]
    hours += [(one, visit.hours) for one, visit in visits]

    assert any(visit.first == visit.last for _, visit in visits)
    assert any(visit.last > date(2027, 10, 1) for _, visit in visits)
    assert any(each.country != one.country for one, each in hours)
    assert any("PH off" in each.open for _, each in hours)
    assert any("-01:00" in each.open for _, each in hours)
    assert len({each.zone for _, each in hours}) > 4
    assert any(service.age and service.age[1] is not None for _, service in pairs)
    assert any("/" in service.replaced_by for _, service in pairs)
    assert {fact for _, service in pairs for fact in service.contested} >= {"phones", "website"}


@pytest.mark.parametrize("country", ["RS", "PT"])
def test_a_demonstration_offers_every_need_in_serbia_and_portugal(shipped: Directory, country: str) -> None:
    for need in NEEDS:
        result = shipped.match(Query(need, place=country, demo=True), NOW)

        assert result.matches, need
        assert result.relaxed == (), need


@pytest.mark.parametrize("country", ["BA", "MK", "ME"])
def test_a_demonstration_offers_what_flows_list_in_the_other_countries(
    shipped: Directory, country: str
) -> None:
    for need in LISTED_BY_FLOWS:
        assert shipped.match(Query(need, place=country, demo=True), NOW).matches, need


def test_a_handoff_works_out_of_the_box(shipped: Directory) -> None:
    first = shipped.network.members[0]

    assert first.organisation == "rs-demo-lantern"
    assert {"general", "legal", "shelter", "crisis"} <= set(first.queues)
    for queue in shipped.network.queues:
        assert shipped.network.serving(queue), queue
    assert shipped.network.duty is not None
    assert shipped.network.duty.zone == "Europe/Belgrade"


def staffed(shipped: Directory, *organisations: str) -> list[Staffing]:
    return [Staffing(one, shipped.organisations[one].name["en"], keys=1, on_duty=1) for one in organisations]


COUNTRIES = ["RS", "PT", "BA", "MK", "ME"]


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("queue", ["general", "legal", "shelter", "health", "psea"])
def test_where_everybody_is_there_a_case_stays_in_its_country(
    shipped: Directory, country: str, queue: str
) -> None:
    members = shipped.network.members
    everybody = staffed(shipped, *(one.organisation for one in members))

    found = route(members, queue, places=(country,), language="en", staffing=everybody, today=ROUTED)

    assert found is not None
    assert shipped.organisations[found.organisation].country == country


def test_a_person_is_asked_for_at_the_one_that_is_staffed_wherever_others_are_near(
    shipped: Directory,
) -> None:
    lantern = staffed(shipped, "rs-demo-lantern")

    for queue in ("general", "legal", "shelter", "crisis", "health", "child", "complaints"):
        for language in ("en", "sr", "fa", "pt", "tr", "ru", "ur"):
            for places in ((), ("rs-novi-sad", "RS")):
                found = route(
                    shipped.network.members,
                    queue,
                    places=places,
                    language=language,
                    staffing=lantern,
                    today=ROUTED,
                )
                assert found is not None
                assert found.organisation == "rs-demo-lantern"


def test_a_case_near_novi_sad_may_go_to_the_club_there_when_it_speaks_the_language(
    shipped: Directory,
) -> None:
    both = staffed(shipped, "rs-demo-lantern", "rs-demo-garden")
    near = ("rs-novi-sad", "RS")

    def asked(language: str, places: tuple[str, ...] = near) -> str:
        found = route(
            shipped.network.members, "general", places=places, language=language, staffing=both, today=ROUTED
        )
        return found.organisation if found else ""

    assert asked("ru") == "rs-demo-garden"
    assert asked("en") == "rs-demo-lantern"
    assert asked("ru", ("rs-nis", "RS")) == "rs-demo-lantern"


def test_only_fictitious_helpers_are_members_and_each_says_its_limits(shipped: Directory) -> None:
    for member in shipped.network.members:
        organisation = shipped.organisations[member.organisation]
        assert organisation.demo
        assert organisation.kind not in {"state", "un"}
        own = "pt" if organisation.country == "PT" else "sr"
        assert set(member.limits_short) == {"en", own}


def test_no_card_of_a_shelter_holds_its_address(shipped: Directory) -> None:
    for match in shipped.match(
        Query("shelter", demo=True, include_unvetted=True, tier="internal", limit=99), NOW
    ).matches:
        address = match.service.address
        text = card(match, "en", NOW, lambda key, **values: f"{key} {values}")
        assert match.where is None
        assert address is None or address.text not in text


def test_no_card_holds_an_address_that_is_kept_secret(shipped: Directory) -> None:
    query = Query("", demo=True, include_unvetted=True, tier="internal", limit=999)
    hidden = [one for one in shipped.match(query, NOW).matches if hides_address(one.service)]

    assert len(hidden) > 8
    for match in hidden:
        address = match.service.address
        text = card(match, "en", NOW, lambda key, **values: f"{key} {values}", tier="internal")
        assert match.where is None
        assert match.visit is None
        assert address is None or address.text not in text
        assert address is None or not visible(address.visibility, "matched")


@pytest.mark.parametrize("text", ["Beograd", "Београд", "بلغراد", "بلگراد", "Belgrad", "Белград"])
def test_belgrade_is_found_in_the_scripts_people_write(shipped: Directory, text: str) -> None:
    assert shipped.places.find(text)[0] == ("rs-beograd", 1.0)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Belgade", "rs-beograd"), ("Beogard", "rs-beograd"), ("Беогрд", "rs-beograd"), ("Белгррад", "rs-beograd"),
        ("بلغرادد", "rs-beograd"), ("بلگرااد", "rs-beograd"), ("بلګرد", "rs-beograd"),
        ("Lisabona", "pt-lisboa"), ("لشبونا", "pt-lisboa"), ("لیسبن", "pt-lisboa"), ("Portual", "PT"),
        ("Prestina", "xk-pristina"), ("Skopjje", "mk-skopje"), ("Шкопје", "mk-skopje"), ("Üskub", "mk-skopje"),
        ("Krnjacha camp", "rs-krnjaca"), ("Крњаца", "rs-krnjaca"), ("کرنیچا", "rs-krnjaca"), ("Subotitsa", "rs-subotica"),
        ("Saraybosnna", "ba-sarajevo"), ("سراییوو", "ba-sarajevo"), ("Podgoriza", "me-podgorica"), ("Zagrib", "hr-zagreb"),
        ("Tiranna", "al-tirana"), ("Velika Kladusha", "ba-velika-kladusa"),
    ],
)  # fmt: skip
def test_a_misspelt_place_is_found_in_the_scripts_people_write(
    shipped: Directory, text: str, place: str
) -> None:
    assert place in [found for found, _ in shipped.places.find(text)]


def test_nearly_every_slip_of_one_letter_leads_to_the_place(shipped: Directory) -> None:
    missed = []
    tries = 0
    for place in shipped.places.by_id.values():
        for name in {name for names in place.names.values() for name in names if len(fold(name)) > 5}:
            at = len(name) // 2
            for slip in (name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:]):
                tries += 1
                if place.id not in [found for found, _ in shipped.places.find(slip)]:
                    missed.append(slip)

    assert tries > 500
    assert len(missed) < tries / 100, missed


def test_the_places_of_every_country_of_the_network_are_there(shipped: Directory) -> None:
    countries = {
        shipped.places.country_of(place) for member in shipped.network.members for place in member.places
    }

    for country in countries:
        cities = [
            one for one in shipped.places.by_id.values() if one.country == country and one.kind == "city"
        ]
        assert len(cities) >= 7, country


def test_no_two_places_share_a_name_by_accident(shipped: Directory) -> None:
    for place in shipped.places.by_id.values():
        for names in place.names.values():
            for name in names:
                sure = [ident for ident, score in shipped.places.find(name) if score == 1.0]
                assert sure == [place.id], name


def test_the_directory_holds_no_mail_address() -> None:
    for path in (ROOT / "directory").rglob("*.yaml"):
        assert not re.search(r"[\w.]+@[\w.]+", path.read_text("utf-8")), path
