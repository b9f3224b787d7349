"""HSDS objects: every one fits our own description, and the official schemas where they are at hand."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from bot.directory.hsds.published import Published, Wanted
from bot.directory.hsds.tables import COLUMNS, TABLES, tables_of
from bot.directory.hsds.vocabulary import (
    TAXONOMIES,
    Object,
    Vocabulary,
    organisation_id,
    service_id,
    taxonomy_json,
)
from bot.directory.model import Attribute, Hours, Need, Population, Taxonomy
from bot.nlu.normalise import fold
from bot.web.hsds import schemas
from tests.directory.hsds.world import SPECS, canaries, full, published
from tests.directory.samples import TODAY, a_service, an_organisation

Made = dict[str, Sequence[Object]]


@cache
def everything(language: str) -> Made:
    """Every kind of object of a full directory, by the official schema that describes it."""
    shown = Published.build(canaries(), TODAY, fold=fold)
    objects = shown.objects(language)
    theirs = [(one, shown.services_of(ident)) for ident, one in shown.organisations.items()]
    return {
        "service": [objects.service(each) for each in shown.listed],
        "service_list": [objects.service_row(each) for each in shown.listed],
        "organization": [
            objects.organisation(one, services, full_services=full)
            for one, services in theirs
            for full in (True, False)
        ],
        "organization_list": [objects.organisation_row(one) for one, _ in theirs],
        "service_at_location": [objects.at_location(each) for each in shown.at_locations(Wanted())],
        "service_at_location_list": [objects.at_location_row(each) for each in shown.at_locations(Wanted())],
        "taxonomy": [taxonomy_json(name) for name in TAXONOMIES],
        "taxonomy_term": [term.as_json(language) for term in shown.terms()],
    }


OURS: dict[str, type[BaseModel]] = {
    "service": schemas.Service,
    "service_list": schemas.Service,
    "organization": schemas.Organization,
    "organization_list": schemas.Organization,
    "service_at_location": schemas.AtLocation,
    "service_at_location_list": schemas.AtLocation,
    "taxonomy": schemas.Taxonomy,
    "taxonomy_term": schemas.TaxonomyTerm,
}


@pytest.mark.parametrize("kind", OURS)
def test_every_object_is_as_we_describe_it(kind: str) -> None:
    for language in ("en", "sr"):
        assert everything(language)[kind]
        for made in everything(language)[kind]:
            OURS[kind].model_validate_json(json.dumps(made))


def official(kind: str) -> Callable[[object], list[str]]:
    """What an official schema finds wrong; skips where it is not at hand."""
    compiled = SPECS / "compiled" / f"{kind}.json"
    bundled = SPECS / "openapi_bundled.json"
    if not bundled.is_file():
        pytest.skip(f"the official HSDS schemas are not at {SPECS}")
    whole = json.loads(bundled.read_text("utf-8"))
    schema = (
        json.loads(compiled.read_text("utf-8"))
        if compiled.is_file()
        else {"$ref": f"#/components/schemas/{kind}", "components": whole["components"]}
    )
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return lambda made: [f"{list(fault.path)}: {fault.message[:100]}" for fault in checker.iter_errors(made)]


@pytest.mark.parametrize("kind", OURS)
def test_every_object_is_as_the_official_schema_describes_it(kind: str) -> None:
    faults = official(kind)

    for language in ("en", "sr"):
        assert [fault for made in everything(language)[kind] for fault in faults(made)] == []


@pytest.mark.parametrize("kind", ["organization_package", "tabular"])
def test_a_whole_package_is_as_the_official_schema_describes_it(kind: str) -> None:
    faults = official(kind)
    organisations = everything("en")["organization"][:1]
    shown = Published.build(canaries(), TODAY, fold=fold)
    made: Any = tables_of(organisations, shown.vocabulary, "en") if kind == "tabular" else list(organisations)

    assert faults(made) == []


def test_every_field_that_we_make_has_its_column() -> None:
    shown = Published.build(canaries(), TODAY, fold=fold)
    rows = tables_of(everything("en")["organization"], shown.vocabulary, "en")

    assert set(COLUMNS) == set(TABLES) == set(rows)
    for table, listed in rows.items():
        assert listed, table
        assert {name for row in listed for name in row} <= set(COLUMNS[table]), table


def service_of(**changes: Any) -> dict[str, Any]:
    shown = published(an_organisation(full(**changes)))
    return shown.objects("en").service(shown.listed[0])


def test_ids_hang_on_our_own_ids_and_on_nothing_else() -> None:
    assert service_of()["id"] == service_id("rs-lantern", "legal")
    assert service_of()["id"] == "63e78cc5-b40c-5bc7-849b-d3be811f7ba9"
    assert service_of(name={"en": "Other"})["id"] == service_id("rs-lantern", "legal")
    assert organisation_id("a") != organisation_id("b")
    assert len({one["id"] for one in everything("en")["taxonomy_term"]}) == len(
        everything("en")["taxonomy_term"]
    )


def test_a_record_speaks_one_language_and_keeps_the_others_beside() -> None:
    shown = published(an_organisation(full()))
    said: dict[str, Any] = shown.objects("sr").service(shown.listed[0])

    assert (said["name"], said["alternate_name"]) == ("Besplatni advokati", "Free lawyers")
    assert said["application_process"] == "Pozovite"
    texts = {
        one["taxonomy_term"]["code"]: one["value"]
        for one in said["attributes"]
        if one["link_type"] == "texts"
    }
    assert texts["name:en"] == "Free lawyers"
    assert texts["name:sr"] == "Besplatni advokati"
    assert texts["must_report_when:en"] == "a child is in danger"


def test_what_is_unknown_is_left_out_and_never_said_to_be_safe() -> None:
    safety = {
        one["taxonomy_term"]["code"]: one["value"]
        for one in service_of()["attributes"]
        if one["link_type"] == "safety"
    }

    assert safety == {"shares_with_authorities": "no", "must_report": "yes", "lgbtiq_led": "yes"}


def test_an_answer_of_no_is_never_put_beside_a_label_that_turns_it_round() -> None:
    label = {"en": "does not tell the authorities"}
    words = Taxonomy(
        attributes={
            "shares_with_authorities": Attribute(
                "shares_with_authorities", label, "shares_with_authorities", "no"
            )
        }
    )

    term = Vocabulary.build(words, ()).terms["safety", "shares_with_authorities"]
    assert term.as_json("en")["name"] == "shares with authorities"


def test_a_need_is_told_with_what_means_the_same_in_open_eligibility() -> None:
    law = Need("law", {"en": "Lawyers"}, terms=("Legal / Advocacy & Legal Aid", "Legal / Notary"))
    here = Population("refugee", {"en": "refugees"}, terms=("Citizenship / Refugees",))
    taxonomy = Taxonomy({"law": law, "bus": Need("bus", {"en": "A bus"})}, {"refugee": here})
    terms = Vocabulary.build(taxonomy, ()).terms

    def told(kind: str, code: str) -> object:
        return terms[kind, code].as_json("en")["description"]

    assert told("needs", "law") == (
        "What people ask for: Lawyers (Open Eligibility: Legal / Advocacy & Legal Aid; Legal / Notary)"
    )
    assert told("populations", "refugee") == (
        "Whom a service is for: refugees (Open Eligibility: Citizenship / Refugees)"
    )
    assert told("needs", "bus") == "What people ask for: A bus"


def test_hours_are_told_for_this_half_year_and_the_next_and_in_words() -> None:
    made = service_of()["schedules"]

    assert [(one["valid_from"], one["valid_to"], one["opens_at"], one["timezone"]) for one in made] == [
        ("2026-10-25", "2027-03-27", "09:00+01:00", 1.0),
        ("2027-03-28", "2027-10-30", "09:00+02:00", 2.0),
    ]
    assert {one["byday"] for one in made} == {"MO,TU,WE,TH,FR"}
    assert {one["description"] for one in made} == {"Mo-Fr 09:00-17:00; PH off"}


def test_hours_that_are_no_week_are_told_in_words_alone() -> None:
    [made] = service_of(hours=Hours("Mo[1] 09:00-12:00", "Europe/Belgrade", "RS"))["schedules"]

    assert made["description"] == "Mo[1] 09:00-12:00"
    assert "opens_at" not in made


def test_room_and_cost_and_papers_are_told_as_hsds_has_them() -> None:
    said = service_of()

    assert [(one["available"], one["description"]) for one in said["capacities"]] == [(0, "waiting list")]
    assert [(one["option"], one["amount"]) for one in said["cost_options"]] == [("free", 0)]
    assert [one["document"] for one in said["required_documents"]] == ["a card, if you have one"]
    assert said["interpretation_services"] == "Persian, Pashto"
    assert (said["minimum_age"], said["maximum_age"]) == (16, 30)


def test_that_it_was_vetted_is_told_with_its_day_and_without_a_name() -> None:
    [made] = service_of()["metadata"]

    assert service_of()["assured_date"] == made["replacement_value"] == "2026-10-31"
    assert made["updated_by"] == "Fener"
    assert "assurer_email" not in service_of()
    assert "contacts" not in service_of()


def test_only_a_public_address_makes_a_place() -> None:
    [there] = service_of()["service_at_locations"]
    [address] = there["location"]["addresses"]

    assert (address["address_1"], address["city"], address["country"]) == ("Open street 1", "Belgrade", "RS")
    assert "latitude" not in there["location"]
    assert "service_at_locations" not in service_of(address=a_service().address)


def test_a_service_without_anything_is_still_whole() -> None:
    shown = published(an_organisation(full(hours=None, phones=(), age=None, languages=(), address=None)))
    said = shown.objects("en").service(shown.listed[0])

    schemas.Service.model_validate_json(json.dumps(said))
    assert date.fromisoformat(str(said["last_modified"])[:10]) == TODAY
