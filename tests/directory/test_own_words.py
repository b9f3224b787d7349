"""A person's own words lead to services by their names, by old names, and by what people call a need."""

from dataclasses import replace

import pytest

from bot.directory.matching import Directory, Query
from bot.directory.model import Need, Network, Organisation, Safety, Taxonomy, Vetting
from bot.nlu.normalise import fold
from tests.directory.samples import NOW, PLACES, a_service, an_organisation

VOCABULARY = Taxonomy(
    needs={
        "legal": Need("legal", {"en": "Legal help", "sr": "Pravna pomoć"}),
        "legal_asylum": Need(
            "legal_asylum",
            {"en": "Papers for asylum"},
            parent="legal",
            words={
                "en": ("solicitor",),
                "sr": ("адвокат",),
                "fa": ("وکیل",),
                "ar": ("محامي",),
                "ur": ("پناہ",),
            },
        ),
        "shelter": Need(
            "shelter", {"en": "A bed"}, words={"en": ("place to sleep",), "tr": ("sığınma evi",)}
        ),
    }
)
"""Needs that people call by many names."""

LAW = an_organisation(a_service("law", name={"en": "Bridge"}, needs=("legal_asylum",)), ident="rs-vuk")
BED = an_organisation(a_service("bed", name={"en": "Garden"}, needs=("shelter",)), ident="rs-zim")


def directory(*organisations: Organisation) -> Directory:
    return Directory.build(organisations, VOCABULARY, PLACES, Network(), fold=fold)


def led_to(asked: Directory, text: str, **more: object) -> list[str]:
    """The services that the words led to, best first."""
    query = Query(**{"need": "", "text": text, "limit": 99, **more})  # type: ignore[arg-type]  # fields of Query
    matches = asked.match(query, NOW).matches
    return [f"{one.organisation.id}/{one.service.id}" for one in matches if "text" in one.reasons]


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("solicitor", "rs-vuk/law"),
        ("I need a SOLICITOR today", "rs-vuk/law"),
        ("solicitr", "rs-vuk/law"),
        ("advokat", "rs-vuk/law"),
        ("Адвокат", "rs-vuk/law"),
        ("وكيل", "rs-vuk/law"),  # with the Arabic letter for the Persian one
        ("محامی", "rs-vuk/law"),  # and the other way round
        ("پناه", "rs-vuk/law"),
        ("pravna pomoc", "rs-vuk/law"),  # a need above the service's own
        ("place to sleep", "rs-zim/bed"),
        ("plaec to sleep", "rs-zim/bed"),
        ("sığınma evi", "rs-zim/bed"),
        ("SIGINMA EVİ", "rs-zim/bed"),
    ],
)
def test_what_people_call_a_need_leads_to_services_for_it_in_every_language(text: str, service: str) -> None:
    assert led_to(directory(LAW, BED), text) == [service]


def test_a_name_counts_more_than_a_need_that_is_called_alike() -> None:
    namesake = an_organisation(
        a_service("x", name={"en": "The solicitor"}, needs=("shelter",)), ident="rs-the"
    )

    assert led_to(directory(LAW, BED, namesake), "the solicitor") == ["rs-the/x", "rs-vuk/law"]


def test_that_words_name_the_need_asked_for_says_nothing() -> None:
    assert led_to(directory(LAW, BED), "solicitor", need="legal_asylum") == []
    assert led_to(directory(LAW, BED), "solicitor", need="legal") == ["rs-vuk/law"]


def test_words_for_a_need_let_nothing_in_that_a_filter_keeps_away() -> None:
    away = an_organisation(a_service("away", needs=("legal_asylum",), vetting=Vetting()), ident="rs-away")
    unsafe = an_organisation(a_service("u", needs=("legal_asylum",), safety=Safety()), ident="rs-unsafe")
    asked = directory(LAW, away, unsafe)

    assert led_to(asked, "solicitor", safety=("sogiesc_trained",)) == ["rs-vuk/law"]


OLD = a_service("gone", name={"en": "Old Lighthouse", "sr": "Стари светионик"}, status="tombstone")


@pytest.mark.parametrize("text", ["old lighthouse", "Stari svetionik", "oldd ligthouse"])
@pytest.mark.parametrize(
    ("replaced_by", "expected"),
    [("rs-new/a", {"rs-new/a"}), ("rs-new", {"rs-new/a", "rs-new/b"}), ("rs-mid/next", {"rs-new/b"})],
)
def test_an_old_name_leads_to_what_came_after(text: str, replaced_by: str, expected: set[str]) -> None:
    new = an_organisation(
        a_service("a", name={"en": "Harbour"}), a_service("b", name={"en": "Meadow"}), ident="rs-new"
    )
    step = a_service("next", name={"en": "Between"}, status="closed", replaced_by="rs-new/b")
    between = an_organisation(step, ident="rs-mid")
    old = an_organisation(replace(OLD, replaced_by=replaced_by), ident="rs-old")

    assert set(led_to(directory(old, between, new, BED), text)) == expected


def test_an_old_name_leads_nowhere_new_that_may_not_be_offered() -> None:
    new = an_organisation(a_service("a", name={"en": "Harbour"}, vetting=Vetting()), ident="rs-new")
    old = an_organisation(replace(OLD, replaced_by="rs-new"), ident="rs-old")

    assert led_to(directory(old, new, BED), "old lighthouse") == []


def test_the_old_name_of_a_hidden_service_does_not_tell_where_it_moved() -> None:
    new = an_organisation(a_service("a", name={"en": "Harbour"}), ident="rs-new")
    old = an_organisation(replace(OLD, replaced_by="rs-new", visibility="caseworker"), ident="rs-old")

    assert led_to(directory(old, new, BED), "old lighthouse") == []


def test_what_is_open_again_keeps_its_name_for_itself() -> None:
    new = an_organisation(a_service("a", name={"en": "Harbour"}), ident="rs-new")
    old = an_organisation(replace(OLD, replaced_by="rs-new", status="active"), ident="rs-old")

    assert led_to(directory(old, new), "old lighthouse") == ["rs-old/gone"]


def test_two_that_name_each_other_as_what_came_after_do_no_harm() -> None:
    one = an_organisation(replace(OLD, replaced_by="rs-two"), ident="rs-one")
    two = an_organisation(replace(OLD, replaced_by="rs-one"), ident="rs-two")

    assert led_to(directory(one, two, BED), "old lighthouse") == []
