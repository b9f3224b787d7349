"""HSDS packages taken over: what we exported comes back as it was, what others give comes in as nobody's word yet."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.directory_writing import organisation_file
from bot.content.hsds_files import _tables
from bot.content.json_marks import read_json
from bot.content.marks import read_yaml
from bot.directory.hsds.importing import Draft, Drafts, Terms, drafts_of
from bot.directory.hsds.plan import face, plan_import
from bot.directory.hsds.published import Published
from bot.directory.hsds.records import Record, nested
from bot.directory.hsds.tables import files_of, tables_of
from bot.directory.model import (
    SAFE_ANSWERS,
    Capacity,
    Hours,
    LanguageOffer,
    Organisation,
    Phone,
    Postal,
    Safety,
    Service,
    Vetting,
)
from bot.directory.parse import parse_organisation
from bot.nlu.normalise import fold
from tests.directory.hsds.world import canaries, full
from tests.directory.samples import ONE_DAY, TAXONOMY, TODAY, VETTED, a_directory, a_service, an_organisation

TERMS = Terms("a friend", TODAY, country="RS")
PLACES = a_directory(()).places


def package(*organisations: Organisation, language: str = "en") -> tuple[list[dict[str, Any]], Published]:
    shown = Published.build(a_directory(organisations), TODAY, fold=fold, demo=True)
    objects = shown.objects(language)
    made: Any = [
        objects.organisation(one, shown.services_of(ident), full_services=True)
        for ident, one in shown.organisations.items()
    ]
    return made, shown


def as_nested(made: Sequence[Any]) -> list[Record]:
    node, problems = read_json(json.dumps(made).encode(), "package.json")
    assert node is not None
    assert problems == []
    records, problems = nested(node)
    assert problems == []
    return records


def as_tables(made: Sequence[Any], shown: Published, language: str = "en") -> list[Record]:
    files = files_of(tables_of(made, shown.vocabulary, language))
    records, unread, problems = _tables({name: text.encode() for name, text in files.items()})
    assert (unread, problems) == ([], [])
    return records


def taken(records: Sequence[Record], terms: Terms = TERMS) -> Drafts:
    return drafts_of(records, terms, TAXONOMY, PLACES, fold=fold)


def reread(draft: Draft) -> Organisation:
    """The record as it is read back from the file that is written of it."""
    node, problems = read_yaml(organisation_file(draft.organisation, "Imported").encode(), "x.yaml")
    assert problems == []
    assert node is not None
    organisation, problems = parse_organisation(node, draft.organisation.id)
    assert problems == []
    assert organisation is not None
    return organisation


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp")), min_size=1, max_size=30).map(
    lambda said: " ".join(said.split())
).filter(bool).filter(lambda said: not any(letter in said for letter in "\ufeff\ufffe\uffff\x85"))  # fmt: skip
TEXTS = st.dictionaries(st.sampled_from(["en", "sr", "ar", "sr-Latn"]), TEXT, min_size=1, max_size=3)
NO_TEXTS: dict[str, str] = {}
SOME_TEXTS = st.one_of(st.just(NO_TEXTS), TEXTS)
DAY = st.integers(0, 13).map(lambda days: TODAY - timedelta(days=days))
SERVICES = st.builds(
    Service,
    id=st.sampled_from(["legal", "night", "x.1"]),
    name=TEXTS,
    needs=st.lists(st.sampled_from(sorted(TAXONOMY.needs)), min_size=1, unique=True).map(tuple),
    description=SOME_TEXTS,
    populations=st.lists(st.sampled_from(sorted(TAXONOMY.populations)), unique=True).map(tuple),
    age=st.sampled_from([None, (18, None), (None, 17), (0, 30)]),
    languages=st.lists(
        st.builds(LanguageOffer, st.sampled_from(["sr", "fa", "ckb"]), st.sampled_from(["staff", "interpreter", "phone"])),
        unique_by=lambda offer: offer.code,
    ).map(tuple),
    cost=st.sampled_from(["free", "sliding", "paid", "unknown"]),
    documents=st.sampled_from(["none", "some", "unknown"]),
    documents_note=SOME_TEXTS,
    safety=st.builds(
        lambda answers, when: Safety({**answers, **({"must_report": "yes"} if when else {})}, when),
        st.dictionaries(
            st.sampled_from(sorted(set(SAFE_ANSWERS) - {"must_report", "no_documents"})), st.sampled_from(["yes", "no", "unknown"])
        ),
        SOME_TEXTS,
    ),
    access=st.lists(st.sampled_from(["phone", "walk_in", "online"]), unique=True).map(tuple),
    phones=st.lists(
        st.builds(Phone, st.sampled_from(["+381 11 000 0000", "112", "011 (000)-00"]), st.just("public"), SOME_TEXTS),
        unique_by=lambda phone: phone.number,
    ).map(tuple),
    address=st.one_of(st.none(), st.builds(Postal, TEXT, st.sampled_from(["", "rs-nis"]), st.just("public"))),
    hours=st.sampled_from(
        [None, Hours("Mo-Fr 09:00-17:00; PH off", "Europe/Belgrade", "RS"), Hours("Mo[1] 10:00-12:00", "Europe/Lisbon", "RS")]
    ),
    areas=st.sampled_from([(), ("RS",), ("rs-nis", "PT")]),
    remote=st.booleans(),
    not_offered=SOME_TEXTS,
    next_step=SOME_TEXTS,
    capacity=st.one_of(
        st.just(Capacity()), st.builds(Capacity, st.sampled_from(["open", "waiting list", "full"]), DAY)
    ),
    vetting=st.just(VETTED),
    website=st.sampled_from(["", "https://legal.example.org"]),
    demo=st.booleans(),
)  # fmt: skip


@settings(max_examples=15)
@given(
    st.lists(SERVICES, min_size=1, unique_by=lambda one: one.id),
    TEXTS,
    SOME_TEXTS,
    st.sampled_from(["en", "sr"]),
)
def test_what_was_exported_comes_back_with_the_same_public_content(
    services: list[Service], name: dict[str, str], description: dict[str, str], language: str
) -> None:
    organisation = replace(an_organisation(*services), name=name, description=description, kind="clinic")
    made, shown = package(organisation, language=language)

    for records in (as_nested(made), as_tables(made, shown, language)):
        found = taken(records)
        assert (found.problems, found.left_out, found.unknown_fields, found.unknown_terms) == ((), {}, {}, {})
        [draft] = found.drafts
        back = reread(draft)
        assert (back.id, back.name, back.description, back.kind, back.country) == (
            "rs-lantern", name, description, "clinic", "RS",
        )  # fmt: skip
        public = {each.service.id: each.service for each in shown.listed}
        assert {one.id: face(back, one, public=True) for one in back.services} == {
            ident: face(organisation, one, public=True) for ident, one in public.items()
        }


def test_nothing_that_comes_in_is_vouched_for() -> None:
    made, _ = package(an_organisation(full()))

    [draft] = taken(as_nested(made)).drafts
    [service] = reread(draft).services
    assert service.vetting == Vetting()
    [source] = service.sources
    assert (source.field, source.source, source.checked_on) == ("hsds", "a friend", TODAY)


FOREIGN: dict[str, Any] = {
    "id": "org-1",
    "name": "Legal House",
    "description": "They help",
    "email": "house@example.org",
    "contacts": [{"id": "c", "name": "Somebody Private"}],
    "flavour": "mint",
    "locations": [{"id": "l", "location_type": "physical", "addresses": [{"id": "a", "country": "PT", "city": "Lisboa"}]}],
    "services": [
        {
            "id": "svc-1",
            "name": "Advice!",
            "status": "temporarily closed",
            "email": "advice@example.org",
            "fees_description": "ten euros",
            "minimum_age": 18.0,
            "url": "https://advice.example.org",
            "application_process": "Ring the bell",
            "eligibility_description": "for all",
            "phones": [{"id": "p", "number": "+351 21 000 0000", "extension": 12}, {"id": "f", "number": "1", "type": "fax"}],
            "languages": [{"id": "x", "name": "Persian"}, {"id": "y", "code": "pt"}, {"id": "z", "name": "Klingonese"}],
            "cost_options": [{"id": "k", "amount": 10}],
            "required_documents": [{"id": "d", "document": "Passport"}, {"id": "e", "document": "Photo"}],
            "schedules": [
                {"id": "s", "freq": "WEEKLY", "byday": "MO,TU,WE", "opens_at": "09:00", "closes_at": "12:30"},
                {"id": "t", "freq": "WEEKLY", "byday": "TH", "opens_at": "10:00", "closes_at": "12:00"},
            ],
            "service_areas": [{"id": "r", "name": "Lisbon"}, {"id": "q", "name": "Atlantis"}],
            "service_at_locations": [
                {
                    "id": "sal",
                    "location": {
                        "id": "l", "location_type": "physical",
                        "addresses": [{"id": "a", "address_1": "Rua 1", "postal_code": "1000", "city": "Lisboa", "country": "PT"}],
                    },
                }
            ],
            "capacities": [{"id": "cap", "available": 0, "updated": "2026-11-19T10:00:00Z", "unit": {"id": "u", "name": "bed"}}],
            "attributes": [
                {"id": "1", "taxonomy_term": {"id": "t1", "code": "BD-1", "name": "Lawyers", "taxonomy": "Other"}},
                {"id": "2", "taxonomy_term": {"id": "t2", "name": "women", "taxonomy": "Other"}},
                {"id": "3", "taxonomy_term": {"id": "t3", "name": "Knitting", "taxonomy": "Other"}},
            ],
        },
        {"id": "svc-2", "name": "Knitting", "status": "active", "attributes": []},
    ],
}  # fmt: skip


def test_a_package_of_others_is_taken_as_far_as_it_goes_and_the_rest_is_told() -> None:
    found = taken(as_nested([FOREIGN]))

    [draft] = found.drafts
    organisation = reread(draft)
    [service] = organisation.services
    assert (organisation.id, organisation.country) == ("pt-legal-house", "PT")
    assert (service.id, service.needs, service.populations, service.status) == (
        "advice", ("legal_asylum",), ("women",), "paused",
    )  # fmt: skip
    assert service.age == (18, None)
    assert [(one.code, one.by) for one in service.languages] == [("fa", "staff"), ("pt", "staff")]
    assert (service.cost, service.documents, service.documents_note) == (
        "paid",
        "some",
        {"en": "Passport; Photo"},
    )
    assert service.hours == Hours("Mo-We 09:00-12:30; Th 10:00-12:00", "Europe/Lisbon", "PT")
    assert service.areas == ("pt-lisboa",)
    assert service.phones == (Phone("+351 21 000 0000", "matched", {"en": "(12)"}),)
    assert service.address == Postal("Rua 1, 1000, Lisboa", "pt-lisboa", "caseworker")
    assert service.capacity == Capacity("full", date(2026, 11, 19))
    assert service.next_step == {"en": "Ring the bell"}
    assert "ten euros" in service.note
    assert "for all" in service.note
    assert found.unknown_terms == {"Knitting": 1}
    assert found.left_out == {"organization.email": 1, "organization.contacts": 1}
    assert found.unknown_fields == {"organization.flavour": 1}
    assert [one.code for one in found.problems] == ["D604"]
    assert "Somebody Private" not in organisation_file(organisation, "x")


def test_a_map_says_which_terms_are_needs() -> None:
    needs = {"Knitting": "gbv", "bd-1": "-"}
    services = [{**FOREIGN["services"][0], "attributes": FOREIGN["services"][0]["attributes"]}]

    found = taken(as_nested([{**FOREIGN, "services": services}]), replace(TERMS, needs=needs))

    [draft] = found.drafts
    assert [one.needs for one in draft.organisation.services] == [("gbv",)]
    assert found.unknown_terms == {}


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"contents": [one]}])
def test_services_by_themselves_are_grouped_by_their_organisation(wrap: Any) -> None:
    service = {
        **FOREIGN["services"][0],
        "organization": {"id": "org-1", "name": "Legal House", "description": ""},
    }

    [draft] = taken(as_nested(wrap(service))).drafts
    assert draft.organisation.name == {"en": "Legal House"}
    assert [one.id for one in draft.organisation.services] == ["advice"]


def test_a_service_of_no_organisation_is_told_with_its_place() -> None:
    node, _ = read_json(b'[\n {"id": "x", "name": "x", "status": "active"}]', "p.json")
    assert node is not None

    records, [problem] = nested(node)
    assert records == []
    assert (problem.code, str(problem.mark)) == ("D603", "p.json:2:2")


# --- the plan ---------------------------------------------------------------------------------------------


def kinds(plan: Any) -> dict[str, str]:
    return {f"{step.organisation}/{step.service}": step.kind for step in plan.steps if step.service}


def test_what_is_here_with_the_same_public_content_is_left_alone_whatever_else_it_has() -> None:
    directory = canaries()
    made, _ = package(*directory.organisations.values())
    plan = plan_import(taken(as_nested(made)).drafts, directory, fold=fold)

    assert set(kinds(plan).values()) <= {"same", "kept"}
    assert kinds(plan)["rs-lantern/legal"] == "same"
    assert (plan.new, plan.services) == ((), {})


def test_what_somebody_vouched_for_is_shown_and_never_changed() -> None:
    made, _ = package(an_organisation(full(cost="paid")))
    here = a_directory([an_organisation(full(cost="free"))])
    drafts = taken(as_nested(made)).drafts

    plan = plan_import(drafts, here, fold=fold)
    [step] = [one for one in plan.steps if one.service]
    assert (step.kind, step.why, step.fields) == ("kept", "it is vetted here", {"cost": ("free", "paid")})
    assert plan.services == {}
    plan = plan_import(drafts, here, fold=fold, replacing=["rs-lantern/legal"])
    [service] = plan.services["rs-lantern"]
    assert (service.cost, service.vetting) == ("paid", Vetting())
    ours = full()
    assert (service.visits, service.note, service.replaced_by) == (ours.visits, ours.note, ours.replaced_by)
    assert {phone.number: phone.visibility for phone in service.phones} == {
        phone.number: phone.visibility for phone in ours.phones
    }


def test_what_is_taken_over_is_never_shown_to_more_people_than_before() -> None:
    [draft] = taken(as_nested([FOREIGN])).drafts
    phone, address = draft.organisation.services[0].phones[0], draft.organisation.services[0].address
    assert address is not None
    hidden: dict[str, Any] = {
        "phones": (replace(phone, visibility="internal"),),
        "address": replace(address, visibility="internal"),
        "visibility": "caseworker",
        "next_step": {"en": "ours"},
    }
    here = replace(draft.organisation, services=(replace(draft.organisation.services[0], **hidden),))

    plan = plan_import([draft], a_directory([here]), fold=fold, replacing=["pt-legal-house/advice"])
    [service] = plan.services["pt-legal-house"]
    assert service.next_step == {"en": "Ring the bell"}
    assert (service.phones, service.address, service.visibility) == (
        hidden["phones"], hidden["address"], "caseworker",
    )  # fmt: skip


def test_an_untouched_import_follows_its_package_and_an_edited_one_does_not() -> None:
    def drafts(name: str) -> Sequence[Draft]:
        services = [{**FOREIGN["services"][0], "application_process": name}]
        return taken(as_nested([{**FOREIGN, "services": services}])).drafts

    [first] = plan_import(drafts("Ring"), a_directory(()), fold=fold).new
    here = reread(Draft(first, "org-1", ours=False))

    assert kinds(plan_import(drafts("Ring"), a_directory([here]), fold=fold)) == {
        "pt-legal-house/advice": "same"
    }
    plan = plan_import(drafts("Knock"), a_directory([here]), fold=fold)
    assert kinds(plan) == {"pt-legal-house/advice": "changed"}
    assert plan.services["pt-legal-house"][0].next_step == {"en": "Knock"}
    edits: list[dict[str, Any]] = [{"next_step": {"en": "Call first"}}, {"visibility": "caseworker"}]
    for edit in edits:
        edited = replace(here, services=(replace(here.services[0], **edit),))
        [_, step] = plan_import(drafts("Knock"), a_directory([edited]), fold=fold).steps
        assert (step.kind, step.why) == ("kept", "it was edited here since it was imported")


def test_an_organisation_of_the_same_name_and_country_is_the_same_one() -> None:
    here = replace(
        an_organisation(a_service("own"), ident="pt-our-name", country="PT"), name={"pt": "LEGAL  HOUSE"}
    )

    plan = plan_import(taken(as_nested([FOREIGN])).drafts, a_directory([here]), fold=fold)
    assert kinds(plan) == {"pt-our-name/advice": "new"}
    assert plan.new == ()


# --- junk -------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    [*FOREIGN, *FOREIGN["services"][0], "contents", "organization", "service", "location", "x", ""]
)
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["RS", "active", "MO", "09:00"]),
)
JSON = st.recursive(
    LEAF, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)), max_leaves=25
)  # fmt: skip


@given(JSON)
def test_no_json_breaks_the_reading(junk: Any) -> None:
    node, _ = read_json(json.dumps(junk).encode(), "junk.json")
    if node is not None:
        records, _ = nested(node)
        for draft in taken(records).drafts:
            reread(draft)


@st.composite
def bent(draw: st.DrawFn) -> Any:
    """A real package with some values replaced by junk."""
    made = json.loads(json.dumps([FOREIGN]))
    for _ in range(draw(st.integers(1, 4))):
        at: Any = made
        while isinstance(at, list | dict) and at:
            key = draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
            if not isinstance(at[key], list | dict) or draw(st.integers(0, 4)) == 0:
                at[key] = draw(JSON)
                break
            at = at[key]
    return made


@given(bent())
def test_a_package_with_odd_values_is_still_written_so_that_it_can_be_read(made: Any) -> None:
    node, _ = read_json(json.dumps(made).encode(), "bent.json")
    if node is not None:
        records, _ = nested(node)
        for draft in taken(records).drafts:
            reread(draft)


def test_the_day_after_nothing_has_changed() -> None:
    assert (
        taken(as_nested([FOREIGN]), replace(TERMS, on=TODAY + ONE_DAY)).problems
        == taken(as_nested([FOREIGN])).problems
    )
