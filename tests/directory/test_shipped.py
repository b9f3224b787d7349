"""The shipped directory/: whole, honest about what is fictitious, and offering nothing that nobody vouched for."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.content.directory_folder import load_directory
from bot.directory.card import card
from bot.directory.lint import lint_directory
from bot.directory.matching import Directory, Query
from bot.directory.vetting import may_be_offered
from bot.nlu.normalise import fold

ROOT = Path(__file__).parents[2]
RELEASE_DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

NEEDS = """emergency helpline legal_asylum legal_other police_contact_point accommodation_state shelter
cash_transport health_general hiv_sti trans_health intersex mental_health gbv sexual_violence trafficking
child_protection education work lgbtiq_community peer_support interpreter hate_crime disability family resettlement
authority ombudsman psea_focal""".split()  # noqa: SIM905 - as the content document lists them


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
    assert all(one.sources or one.services for one in real)
    assert all(source.source.startswith("http") for one in real for source in one.sources)


def test_contradictory_sources_are_both_kept_and_shown_to_no_person(shipped: Directory) -> None:
    centre = shipped.organisations["rs-apc-cza"]

    assert [one.about for one in centre.sources if one.conflict] == ["phones", "address"]
    assert centre.services[0].contested == {"phones", "address"}
    assert len(centre.services[0].phones) == 4
    assert {phone.visibility for phone in centre.services[0].phones} == {"caseworker"}


def test_fictitious_organisations_say_so_and_their_numbers_ring_nowhere(shipped: Directory) -> None:
    demos = [one for one in shipped.organisations.values() if one.demo]

    assert sorted(one.id for one in demos) == ["pt-demo-farol", "rs-demo-harbour", "rs-demo-lantern"]
    for one in demos:
        assert all("Demo" in name for name in one.name.values())
        assert one.website.endswith(".example.org")
        for service in one.services:
            assert all(re.search(r" 000 00\d\d$", phone.number) for phone in service.phones)
            assert may_be_offered(one, service, RELEASE_DAY, demo=True)
            assert may_be_offered(one, service, date(2027, 6, 1), demo=True)


@pytest.mark.parametrize("country", ["RS", "PT"])
@pytest.mark.parametrize(
    "need",
    ["legal_asylum", "mental_health", "shelter", "lgbtiq_community", "trans_health", "hiv_sti", "helpline"],
)
def test_a_demonstration_offers_each_main_need_in_both_countries(
    shipped: Directory, need: str, country: str
) -> None:
    result = shipped.match(Query(need, place=country, demo=True), NOW)

    assert result.matches
    assert result.relaxed == ()


def test_a_handoff_works_out_of_the_box(shipped: Directory) -> None:
    first = shipped.network.members[0]

    assert first.organisation == "rs-demo-lantern"
    assert {"general", "legal", "shelter", "crisis"} <= set(first.queues)
    for queue in shipped.network.queues:
        assert shipped.network.serving(queue), queue
    assert shipped.network.duty is not None
    assert shipped.network.duty.zone == "Europe/Belgrade"


def test_no_card_of_a_shelter_holds_its_address(shipped: Directory) -> None:
    for match in shipped.match(
        Query("shelter", demo=True, include_unvetted=True, tier="internal", limit=99), NOW
    ).matches:
        address = match.service.address
        text = card(match, "en", NOW, lambda key, **values: f"{key} {values}")
        assert match.where is None
        assert address is None or address.text not in text


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
