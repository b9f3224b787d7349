"""What may leave the directory: the public fields of what may be offered today, and nothing else, whoever asks how."""

import json
from dataclasses import fields, replace

import pytest

from bot.directory.hsds.public import listed_today, public_organisation, public_service
from bot.directory.hsds.published import Published, Wanted
from bot.directory.hsds.tables import files_of, tables_of
from bot.directory.model import Capacity, Notice, Organisation, Service, Source
from bot.nlu.normalise import fold
from tests.directory.hsds.world import CANARY, canaries, full, published
from tests.directory.samples import ONE_DAY, TODAY, an_organisation

GIVEN = {
    "id", "name", "needs", "status", "description", "populations", "age", "languages", "cost", "documents",
    "documents_note", "safety", "access", "phones", "address", "hours", "areas", "remote", "not_offered", "next_step",
    "capacity", "vetting", "website", "notice", "demo",
}  # fmt: skip
KEPT_BACK = {"visibility", "note", "sources", "at", "visits", "replaced_by", "disputed"}


def test_no_canary_leaves_in_any_form() -> None:
    published = Published.build(canaries(), TODAY, fold=fold)
    objects = published.objects("sr")
    organisations = [
        objects.organisation(one, published.services_of(ident), full_services=True)
        for ident, one in published.organisations.items()
    ]
    said = json.dumps(
        [
            *(make(each) for make in (objects.service, objects.service_row, objects.service_minimal) for each in published.listed),
            *(objects.at_location(each) for each in published.at_locations(Wanted())),
            *organisations,
            *(term.as_json("en") for term in published.terms()),
        ]
    ) + "".join(files_of(tables_of(organisations, published.vocabulary, "en")).values())  # fmt: skip

    assert [each.service.id for each in published.listed] == [
        "legal",
        "matched-address",
        "secret-place",
        "shelter",
    ]
    assert "Open street 1" in said
    assert "+381 11 000 0000" in said
    assert CANARY not in said
    assert "+381 99" not in said
    assert "krnjaca" not in said.lower()


def test_a_new_field_of_a_record_has_to_be_let_out_by_name() -> None:
    assert {one.name for one in fields(Service)} == GIVEN | KEPT_BACK
    assert public_service(full(), TODAY).vetting.by == ()
    assert public_organisation(Organisation("x", {}, "RS", note="n")).note == ""


def test_fictitious_records_leave_only_where_they_are_asked_for() -> None:
    made_up = replace(an_organisation(full()), demo=True)

    assert listed_today([made_up], TODAY) == ()
    assert len(listed_today([made_up], TODAY, demo=True)) == 1


def test_what_lapses_today_leaves_today_and_not_tomorrow() -> None:
    service = full(visits=())
    last_day = service.vetting.expires
    assert last_day is not None

    assert len(listed_today([an_organisation(service)], last_day)) == 1
    assert listed_today([an_organisation(service)], last_day + ONE_DAY) == ()


@pytest.mark.parametrize("fact", ["phones", "address", "hours", "website"])
def test_a_fact_on_which_sources_disagree_is_told_to_nobody(fact: str) -> None:
    disputed = (Source(fact, "one", TODAY, "a"), Source(fact, "other", TODAY, "b", conflict=True))

    assert getattr(public_service(full(sources=()), TODAY), fact)
    assert not getattr(public_service(full(sources=disputed), TODAY), fact)
    assert not getattr(public_service(full(sources=(), disputed=frozenset({fact})), TODAY), fact)


def test_a_notice_is_told_until_its_last_day() -> None:
    notice = Notice({"en": "Closed in August"}, TODAY)
    shown = published(an_organisation(full(notice=notice)))

    assert shown.objects("en").service_row(shown.listed[0])["alert"] == "Closed in August"
    assert public_service(full(notice=notice), TODAY + ONE_DAY).notice is None


def test_room_that_nobody_confirmed_for_two_weeks_is_not_told() -> None:
    old = full(capacity=Capacity("open", TODAY - 15 * ONE_DAY))

    assert public_service(old, TODAY).capacity == Capacity()
