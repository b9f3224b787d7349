"""A card is read by a frightened person on a small phone: whole, in their language, and never with a hidden address."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.card import KEYS, SAID_WHEN, card, language_name
from bot.directory.matching import Directory, Query
from bot.directory.model import (
    TIERS,
    Answer,
    Capacity,
    Hours,
    LanguageOffer,
    Notice,
    Phone,
    Postal,
    Safety,
    Service,
    Source,
    Visibility,
)
from bot.i18n.catalogue import Catalogue, english_ui
from bot.i18n.po import parse_po
from tests.directory.samples import (
    NOW,
    ONE_DAY,
    SERVICE,
    TODAY,
    a_directory,
    a_service,
    a_visit,
    an_organisation,
    only,
)

POT = Path(__file__).parents[2] / "translations" / "ui.pot"
CATALOGUE = Catalogue(
    sentences={"en": english_ui(parse_po(POT.read_text("utf-8"), "translations/ui.pot")[0])}
)


def say(key: str, **values: str | int) -> str:
    return CATALOGUE.ui(key, "en", **values)


def shown(
    directory: Directory,
    now: datetime = NOW,
    language: str = "en",
    tier: Visibility = "matched",
    **asked: object,
) -> str:
    match = directory.match(Query(**{"need": "legal_asylum", **asked}), now).matches[0]  # type: ignore[arg-type]  # each test names fields of Query
    return card(match, language, now, say, tier=tier)


def test_a_card_says_everything_in_the_order_in_which_it_is_needed() -> None:
    text = shown(
        only(a_service()),
        place="rs-beograd",
        languages=("fa",),
        populations=("trans",),
        safety=("sogiesc_trained",),
    )

    assert text == (
        "0: Free lawyers\n"
        "This fits: an interpreter for your language, it is near, they work with people like you\n"
        "Open now until 17:00\n"
        "What you can do: Call and ask for a lawyer\n"
        "Phone: +381 11 000 0000\n"
        "Address: Demo street 1\n"
        "Place: Belgrade\n"
        "Languages: Serbian, Persian with an interpreter\n"
        "Free\n"
        "They do not ask for papers.\n"
        "From 18 years of age.\n"
        "Not offered: a place to sleep\n"
        "They do not tell the authorities.\n"
        "They do not ask about your status.\n"
        "The staff had training on this topic.\n"
        "Checked on October 31, 2026"
    )


def test_a_card_of_a_hidden_place_says_who_can_tell_and_nothing_else_about_where() -> None:
    shelter = a_service(
        "house",
        name={"en": "Safe place"},
        needs=("shelter",),
        safety=Safety(
            {"address_confidential": "yes", "records_calls": "yes", "locates_callers": "yes"},
            {"en": "a child is in danger"},
        ),
        phones=(Phone("+381 11 000 0001", "caseworker"),),
        hours=Hours("24/7", "Europe/Belgrade", "RS"),
        address=Postal("Hidden lane 7", "rs-beograd", "public"),
        access=("warm_only",),
        next_step={},
        not_offered={},
        age=(18, 29),
        documents="unknown",
        cost="unknown",
        languages=(),
    )

    text = shown(only(shelter), need="shelter")

    assert text == (
        "0: Safe place\n"
        "This fits: there is room\n"
        "Open day and night\n"
        "A helper connects you.\n"
        "The address is not written here. A helper can tell you.\n"
        "It is not known if they speak your language.\n"
        "It is not known if it costs money.\n"
        "It is not known if they ask for papers.\n"
        "For people from 18 to 29 years of age.\n"
        "It is not known if they tell the authorities.\n"
        "They record calls.\n"
        "They may see where you call from.\n"
        "They must report when: a child is in danger\n"
        "It is not known if they ask about your status.\n"
        "It is not known if the staff had training on this topic.\n"
        "Checked on October 31, 2026"
    )


@pytest.mark.parametrize(
    ("moment", "line"),
    [
        ("2026-11-20T06:00+00:00", "Closed now. Opens today at 9:00"),
        ("2026-11-19T20:00+00:00", "Closed now. Opens tomorrow at 9:00"),
        ("2026-11-20T16:30+00:00", "Closed now. Opens Monday at 9:00"),
        ("2026-11-20T15:59+00:00", "Open now until 17:00"),
        ("2026-11-19T23:30+00:00", "Closed now. Opens today at 9:00"),  # after midnight in Belgrade
    ],
)
def test_opening_is_said_as_a_person_thinks_of_it(moment: str, line: str) -> None:
    assert line in shown(only(a_service()), datetime.fromisoformat(moment)).splitlines()


@pytest.mark.parametrize(
    ("hours", "line"),
    [
        (None, "The opening hours are not known."),
        (Hours("24/7", "Europe/Belgrade"), "Open day and night"),
        (Hours("2020 Mo-Fr 09:00-17:00", "Europe/Belgrade"), "Closed now"),
        (Hours("Mo-Su 00:00-24:00; Dec 24 off", "Europe/Belgrade"), "Open now"),
        (Hours("Dec 24 10:00-12:00", "Europe/Belgrade"), "Closed now. Opens December 24, 2026 at 10:00"),
    ],
)
def test_unusual_hours_are_said_plainly(hours: Hours | None, line: str) -> None:
    assert line in shown(only(a_service(hours=hours))).splitlines()


@pytest.mark.parametrize(
    ("moment", "line"),
    [
        ("2026-11-18T10:00+00:00", "Next visit: Niš, Friday, November 20, 2026, from 10:00 to 14:00"),
        ("2026-11-19T10:00+00:00", "Next visit: Niš, tomorrow from 10:00 to 14:00"),
        (
            "2026-11-19T23:30+00:00",
            "Next visit: Niš, today from 10:00 to 14:00",
        ),  # after midnight in Belgrade
        ("2026-11-20T10:00+00:00", "There now: Niš, until 14:00"),
    ],
)
def test_a_card_of_a_mobile_team_says_the_next_visit(moment: str, line: str) -> None:
    lines = shown(
        only(a_service(hours=None, visits=(a_visit(TODAY),))), datetime.fromisoformat(moment)
    ).splitlines()

    assert line in lines
    assert "The opening hours are not known." not in lines


def test_a_visit_that_is_not_sure_is_not_promised() -> None:
    unsure = a_visit(TODAY + ONE_DAY, hours='10:00-14:00 "if it does not rain"')

    assert "Next visit: Niš, Saturday, November 21, 2026. The hours may change." in shown(
        only(a_service(visits=(unsure,)))
    )


def test_a_team_that_stays_for_days_says_until_which() -> None:
    stays = a_visit(TODAY, TODAY + 3 * ONE_DAY, hours="24/7")

    assert "There now: Niš, until November 24, 2026 0:00" in shown(only(a_service(visits=(stays,))))


def test_visits_of_a_hidden_place_are_not_on_the_card() -> None:
    hidden = a_service(
        address=None, safety=Safety({"address_confidential": "yes"}), visits=(a_visit(TODAY, place="rs-nis"),)
    )

    text = shown(only(hidden))

    assert "Niš" not in text
    assert "The address is not written here. A helper can tell you." in text


@pytest.mark.parametrize(
    ("language", "day"), [("sr", "petak, 27. novembar 2026."), ("sr-Cyrl", "петак, 27. новембар 2026."),
                          ("fa", "جمعه 27 نوامبر 2026"), ("tr", "27 Kasım 2026 Cuma")],
)  # fmt: skip
def test_days_are_written_as_the_person_writes_them(language: str, day: str) -> None:
    directory = only(a_service(visits=(a_visit(TODAY + 7 * ONE_DAY),)))

    assert f", {day}, from" in shown(directory, language=language)


@pytest.mark.parametrize(
    ("written", "country", "moment", "said"),
    [
        ("Mo-Fr 09:00-17:00; PH off", "RS", "2026-11-20T10:00+00:00", False),
        ("Mo-Fr 09:00-17:00; PH off", "XK", "2026-11-20T10:00+00:00", True),
        ("Mo-Fr 09:00-17:00; PH off", "AL", "2026-11-20T10:00+00:00", False),
        ("Mo-Fr 09:00-17:00", "RS", "2026-11-20T10:00+00:00", False),
        ("Mo-Fr 09:00-17:00", "RS", "2027-01-01T10:00+00:00", True),  # New Year
        (
            "Mo-Fr 09:00-17:00",
            "RS",
            "2026-12-31T17:00+00:00",
            True,
        ),  # it opens on New Year, as far as it says
        ("Mo-Fr 09:00-17:00; PH off", "RS", "2027-01-01T10:00+00:00", False),
        ("Mo-Fr 09:00-17:00", "XK", "2027-01-01T10:00+00:00", False),
        ("24/7", "RS", "2027-01-01T10:00+00:00", False),
    ],
)
def test_a_card_says_when_a_holiday_may_change_the_hours(
    written: str, country: str, moment: str, *, said: bool
) -> None:
    directory = only(a_service(hours=Hours(written, "Europe/Belgrade", country)))

    text = shown(directory, datetime.fromisoformat(moment))

    assert ("On public holidays the hours may differ." in text) is said


def test_times_of_another_zone_say_whose_they_are() -> None:
    line = "Times are those of Lisbon."
    far = only(a_service(hours=Hours("09:00-17:00", "Europe/Lisbon", "PT"), areas=("RS", "PT"), remote=True))

    assert line in shown(far, place="rs-nis")
    assert line not in shown(far, place="pt-lisboa")
    assert line in shown(far)
    assert "Лисабон" in shown(far, place="rs-nis", language="sr-Cyrl")
    assert "Times are those" not in shown(only(a_service()), place="rs-nis")
    assert "Times are those" not in shown(only(a_service()))


def test_opening_is_right_on_the_days_when_clocks_change() -> None:
    night = only(a_service(hours=Hours("Su 01:00-09:00", "Europe/Belgrade", "RS")))

    assert "Open now until 9:00" in shown(night, datetime.fromisoformat("2027-03-28T06:30+00:00"))
    assert "Closed now. Opens tomorrow at 1:00" in shown(
        night, datetime.fromisoformat("2027-03-27T12:00+00:00")
    )


def test_a_card_uses_the_persons_language_where_the_record_has_it() -> None:
    text = shown(only(a_service()), language="sr")

    assert "0: Besplatni advokati" in text
    assert "srpski, persijski" in text
    assert "31. oktobar 2026." in text


def test_the_persons_own_language_comes_first() -> None:
    text = shown(only(a_service(languages=(LanguageOffer("en"), LanguageOffer("fa")))), language="fa")

    assert "Languages: فارسی, انگلیسی" in text


def test_a_word_that_names_who_the_reader_may_be_is_only_said_to_those_who_asked() -> None:
    directory = only(a_service(safety=Safety({"trans_competent": "yes"})))

    assert "transgender" not in shown(directory)
    assert "They know the needs of transgender people." in shown(directory, safety=("trans_competent",))


def test_a_place_further_away_says_how_far() -> None:
    lines = shown(only(a_service()), place="rs-nis").splitlines()

    assert lines[lines.index("Place: Belgrade") + 1] == "About 202 km from there"
    assert not any(line.startswith("This fits") and "near" in line for line in lines)


def test_a_service_of_unknown_languages_says_that_it_may_not_speak_the_persons() -> None:
    text = shown(only(a_service(languages=())), languages=("ps",))

    assert "It is not known if they speak your language." in text
    assert "I also looked for places that do not speak your language." in text


def test_a_notice_stands_at_the_top_until_its_last_day_has_passed() -> None:
    directory = only(a_service(notice=Notice({"en": "Ring twice", "sr": "Zvonite dva puta"}, TODAY)))

    assert shown(directory).splitlines()[2] == "Until November 20, 2026: Ring twice"
    assert "Zvonite dva puta" in shown(directory, language="sr")
    assert "Ring twice" not in shown(directory, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("fact", "hidden", "said"),
    [
        ("phone", "+381 11 000 0000", "Sources give different phone numbers, so none is written here."),
        ("address", "Demo street 1", "Sources give different addresses, so none is written here."),
        ("hours", "Open now", "Sources give different opening hours."),
        ("website", "example.org", None),
    ],
)
def test_what_sources_disagree_on_is_not_said_as_a_fact(fact: str, hidden: str, said: str | None) -> None:
    service = a_service(website="https://legal.example.org")
    disputed = replace(service, sources=(Source(fact, "a", TODAY), Source(fact, "b", TODAY, conflict=True)))

    assert hidden in shown(only(service), place="rs-beograd")
    text = shown(only(disputed), place="rs-beograd")
    assert hidden not in text
    assert said is None or said in text.splitlines()
    assert fact != "address" or not re.search("Belgrade|near|from there", text)


def test_a_disputed_address_that_nobody_would_see_anyway_is_said_to_be_with_a_helper() -> None:
    conflict = Source("address", "b", TODAY, conflict=True)
    text = shown(only(a_service(address=Postal("Demo street 1", visibility="internal"), sources=(conflict,))))

    assert "The address is not written here. A helper can tell you." in text
    assert "Sources" not in text


def test_a_fact_whose_own_source_is_old_says_when_it_was_checked() -> None:
    text = shown(only(a_service(sources=(Source("phones", "a", TODAY - timedelta(days=200)),))))

    assert "Phone: +381 11 000 0000 (checked on May 4, 2026)" in text.splitlines()
    assert text.splitlines()[-1] == "Checked on October 31, 2026"


def test_a_full_place_and_a_waiting_list_are_said() -> None:
    for state, line in (("full", "Full at the moment."), ("waiting list", "There is a waiting list.")):
        assert line in shown(only(a_service(capacity=Capacity(state, TODAY))))  # type: ignore[arg-type]  # words of the format


def test_a_service_elsewhere_says_that_it_is_further_away() -> None:
    assert "I looked further away too." in shown(only(a_service(areas=("rs-nis",))), place="rs-beograd")


def test_a_fictitious_service_says_so_in_its_second_line() -> None:
    demo = a_directory([replace(an_organisation(a_service()), demo=True)])

    assert shown(demo, demo=True).splitlines()[1] == "Demo: this is not a real place."


def test_languages_are_named_in_the_persons_language_or_by_their_code() -> None:
    assert language_name("fa", "en") == "Persian"
    assert language_name("sr-Latn", "en") == "Serbian"
    assert language_name("qqq", "en") == "qqq"
    assert language_name("fa", "no such language") == "Persian"


ANSWERS: tuple[Answer, ...] = ("yes", "no", "unknown", "yes")
HIDDEN = ("Hidden lane 7", "+999 0000 7777")


@given(
    st.sampled_from(TIERS),
    st.sampled_from(TIERS),
    st.sampled_from([("shelter",), ("legal_asylum",)]),
    st.sampled_from(ANSWERS),
)
def test_no_combination_of_tiers_shows_what_is_hidden(
    address: Visibility, phone: Visibility, needs: tuple[str, ...], confidential: Answer
) -> None:
    service: Service = replace(
        SERVICE,
        needs=needs,
        safety=Safety({"address_confidential": confidential}),
        address=Postal(HIDDEN[0], "rs-beograd", address),
        phones=(Phone(HIDDEN[1], phone),),
    )

    text = shown(only(service), need=needs[0])

    may_show = needs != ("shelter",) and confidential != "yes" and address in {"public", "matched"}
    assert (HIDDEN[0] in text) is may_show
    assert ("Belgrade" in text) is may_show
    assert (HIDDEN[1] in text) is (phone in {"public", "matched"})


def test_every_sentence_of_a_card_exists() -> None:
    asked: set[str] = set()

    def listen(key: str, **values: str | int) -> str:
        asked.add(key)
        return say(key, **values)

    variants = [
        a_service(
            safety=Safety(dict.fromkeys(SAID_WHEN, answer)),
            cost=cost,
            documents=papers,
            access=access,
            next_step={},
            age=age,
            hours=hours,
            visits=visits,
        )
        for answer, cost, papers, access, age, hours, visits in zip(
            ANSWERS,
            ["free", "sliding", "paid", "unknown"],
            ["none", "some", "unknown", "none"],
            [("phone", "walk_in"), ("message",), ("online",), ("warm_only",)],
            [(None, 17), (18, None), (16, 20), None],
            [SERVICE.hours, None, Hours("PH off; Mo-Fr 09:00-17:00", "Europe/Lisbon", "XK"), SERVICE.hours],
            [
                (),
                (a_visit(TODAY, TODAY + 30 * ONE_DAY, "Fr-Mo 10:00-14:00"),),
                (),
                (a_visit(TODAY + 20 * ONE_DAY, hours='10:00-11:00 "?"'),),
            ],
            strict=True,
        )
    ]
    for service in variants:
        for days in range(9):
            directory = only(service)
            now = NOW + timedelta(days=days, hours=9 * days)
            query = Query("legal_asylum", place="rs-beograd")
            card(directory.match(query, now).matches[0], "en", now, listen)

    assert asked <= KEYS
    assert {"card/visit", "card/visit_now", "card/visit_unsure", "card/holidays", "card/zone"} <= asked
    assert len(asked) > 36


def test_all_sentences_of_cards_stand_in_the_english_catalogue() -> None:
    assert CATALOGUE.missing(sorted(KEYS)) == ()
