from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.values import YesNo, parse_age_group, parse_date, parse_number, parse_yes_no

TODAY = date(2026, 11, 21)
WORDS: dict[YesNo, list[str]] = {"yes": ["Yes", "ok", "yeah"], "no": ["No", "nope"]}


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("٣", 3), ("3 people", 3), ("we are 4", 4), ("three", 3), ("dva", 2), ("ثلاثة", 3), ("0", 0)],
)
def test_a_number_is_read_from_digits_and_words(text: str, number: int) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "many", "3 or 4", "2.5", "-3", "not 3", "²", "one hundred and twenty days or so ok", "نه"]
)
def test_an_unclear_number_is_asked_again(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize("text", ["yes", "YES!", "yesss", "yeah ok", "yes please", "👍", "👍🏾", "ok"])
def test_a_yes_is_a_yes(text: str) -> None:
    assert parse_yes_no(text, WORDS) == "yes"


@pytest.mark.parametrize("text", ["no", "No.", "nooo", "nope", "no thanks", "👎"])
def test_a_no_is_a_no(text: str) -> None:
    assert parse_yes_no(text, WORDS) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes no",
        "👍👎",
        "maybe",
        "ok but not now",
        "x" * 10_000,
        "I said yes to them yesterday and the day before",
    ],
)
def test_what_is_neither_yes_nor_no_is_asked_again(text: str) -> None:
    assert parse_yes_no(text, WORDS) is None


@pytest.mark.parametrize(
    ("text", "group"),
    [("17", "under 18"), ("18", "18 or older"), ("I am 16", "under 18"), ("٢٥", "18 or older")],
)
def test_an_age_becomes_a_group_and_nothing_finer(text: str, group: str) -> None:
    assert parse_age_group(text) == group


@pytest.mark.parametrize("text", ["0", "500", "old", "16 or 17", ""])
def test_an_unlikely_age_is_no_group(text: str) -> None:
    assert parse_age_group(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-03", date(2026, 12, 3)),
        ("3.12.2026", date(2026, 12, 3)),
        ("03/12/26", date(2026, 12, 3)),
        ("٣/١٢/٢٠٢٦", date(2026, 12, 3)),
        ("3.12.", date(2026, 12, 3)),
        ("3 12", date(2026, 12, 3)),
        ("3 December", date(2026, 12, 3)),
        ("December 3rd", date(2026, 12, 3)),
        ("3 de dezembro de 2026", date(2026, 12, 3)),
        ("3. decembra 2026.", date(2026, 12, 3)),
        ("2 January", date(2027, 1, 2)),
        ("10 October", date(2026, 10, 10)),
        ("today", TODAY),
        ("Sutra", TODAY + timedelta(days=1)),
        ("امروز", TODAY),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date) -> None:
    assert parse_date(text, TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "31.2.2026", "13/13/2026", "1405/05/12", "soon", "3", "12:30", "2026", "3 foo"]
)
def test_what_is_no_certain_day_is_asked_again(text: str) -> None:
    assert parse_date(text, TODAY) is None


@given(st.text())
def test_no_answer_breaks_a_value_parser(text: str) -> None:
    parse_number(text)
    parse_age_group(text)
    parse_date(text, TODAY)
    parse_yes_no(text, WORDS)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_survives_being_written_in_either_order(day: date) -> None:
    assert parse_date(day.isoformat(), TODAY) == day
    assert parse_date(f"{day.day}.{day.month}.{day.year}", TODAY) == day
