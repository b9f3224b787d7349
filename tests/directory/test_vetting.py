"""Vetting fails closed, and hidden addresses stay hidden."""

from dataclasses import replace

import pytest

from bot.directory.hours import shown_hours
from bot.directory.matching import Query
from bot.directory.model import Capacity, Notice, Phone, Postal, Safety, Source, Vetting
from bot.directory.vetting import (
    capacity_today,
    checked_long_ago,
    lapses_within,
    may_be_offered,
    notice_today,
    shown_address,
    shown_phones,
    state_today,
    withheld,
)
from tests.directory.samples import NOW, ONE_DAY, TODAY, VETTED, a_service, an_organisation, offered, only


@pytest.mark.parametrize(
    ("vetting", "state"),
    [
        (VETTED, "vetted"),
        (Vetting(), "unverified"),
        (replace(VETTED, expires=TODAY), "vetted"),
        (replace(VETTED, expires=TODAY - ONE_DAY), "lapsed"),
        (replace(VETTED, state="suspended", expires=TODAY - ONE_DAY), "suspended"),
        (replace(VETTED, by=("a", " A  ")), "proposed"),
        (replace(VETTED, by=("a", "")), "proposed"),
        (replace(VETTED, expires=None), "proposed"),
        (replace(VETTED, on=TODAY + ONE_DAY), "proposed"),
        (replace(VETTED, state="lapsed"), "lapsed"),
        (replace(VETTED, checklist={}), "vetted"),
        (replace(VETTED, checklist={**VETTED.checklist, "agreed": "unknown"}), "vetted"),
        (replace(VETTED, checklist={**VETTED.checklist, "agreed": "no"}), "proposed"),
    ],
)
def test_only_two_different_vetters_and_a_day_to_come_make_it_vetted(vetting: Vetting, state: str) -> None:
    service = a_service(vetting=vetting)

    assert state_today(vetting, TODAY) == state
    assert may_be_offered(an_organisation(service), service, TODAY) is (state == "vetted")
    assert bool(offered(only(service))) is (state == "vetted")


def test_a_lapse_is_announced_while_the_vetting_still_holds() -> None:
    soon = replace(VETTED, expires=TODAY + 30 * ONE_DAY)

    assert lapses_within(soon, TODAY, 30)
    assert not lapses_within(soon, TODAY, 29)
    assert not lapses_within(replace(VETTED, expires=TODAY - ONE_DAY), TODAY, 30)


def test_what_is_known_about_room_is_forgotten_after_two_weeks() -> None:
    assert capacity_today(Capacity("open", TODAY - 14 * ONE_DAY), TODAY) == "open"
    assert capacity_today(Capacity("open", TODAY - 15 * ONE_DAY), TODAY) == "unknown"
    assert capacity_today(Capacity("open", TODAY + ONE_DAY), TODAY) == "unknown"
    assert capacity_today(Capacity("open", None), TODAY) == "unknown"


@pytest.mark.parametrize("visibility", ["public", "matched"])
@pytest.mark.parametrize(
    "changes", [{"needs": ("shelter",)}, {"safety": Safety({"address_confidential": "yes"})}]
)
def test_the_address_of_a_hidden_place_is_shown_to_nobody_whatever_the_file_says(
    visibility: str, changes: dict[str, object]
) -> None:
    service = a_service("hidden", **changes, address=Postal("Demo street 1", "rs-beograd", visibility))  # type: ignore[arg-type]  # words of the format

    assert shown_address(service) is None
    assert shown_address(service, "internal") is None


def test_details_are_shown_at_their_tier_and_not_below() -> None:
    phones = (Phone("1111", "public"), Phone("2222", "matched"), Phone("3333", "caseworker"))
    service = a_service(phones=phones, address=Postal("Demo street 1", visibility="caseworker"))

    assert [phone.number for phone in shown_phones(service, "public")] == ["1111"]
    assert [phone.number for phone in shown_phones(service)] == ["1111", "2222"]
    assert shown_address(service) is None
    assert shown_address(service, "caseworker") is not None


@pytest.mark.parametrize("word", ["phones", "phone", "Telephone"])
def test_what_sources_disagree_on_is_told_to_nobody_and_named(word: str) -> None:
    service = a_service(sources=(Source(word, "a", TODAY, "1"), Source(word, "b", TODAY, "2", conflict=True)))

    assert shown_phones(service) == shown_phones(service, "internal") == ()
    assert shown_address(service) is not None
    assert withheld(service) == ("phones",)
    assert withheld(replace(service, phones=())) == ()


def test_a_conflict_among_an_organisations_sources_counts_for_each_of_its_services() -> None:
    service = a_service(disputed=frozenset({"address", "hours"}))

    assert shown_address(service) is None
    assert shown_hours(service) is None
    assert withheld(service) == ("address", "hours")
    assert withheld(replace(service, needs=("shelter",))) == ("hours",)
    assert "open_now" not in only(service).match(Query("legal_asylum"), NOW).matches[0].reasons


def test_a_notice_is_there_through_its_last_day_and_gone_the_day_after() -> None:
    service = a_service(notice=Notice({"en": "We moved"}, TODAY))

    assert notice_today(service, TODAY) is service.notice
    assert notice_today(service, TODAY + ONE_DAY) is None


def test_a_fact_read_more_than_half_a_year_ago_says_when() -> None:
    old = TODAY - 184 * ONE_DAY
    service = a_service(
        sources=(Source("phone", "a", old), Source("address", "a", old), Source("address", "b", TODAY))
    )

    assert checked_long_ago(service, "phones", TODAY) == old
    assert checked_long_ago(service, "phones", TODAY - ONE_DAY) is None
    assert checked_long_ago(service, "address", TODAY) is None
    assert checked_long_ago(service, "hours", TODAY) is None
