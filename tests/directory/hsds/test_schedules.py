"""Opening hours as weekly rows and back."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.hours import fault_in, opening_of
from bot.directory.hsds.schedules import periods, rows, weekly, written
from bot.directory.model import Hours
from tests.directory.samples import NOW, ONE_DAY, TODAY

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@pytest.mark.parametrize(
    ("said", "monday", "saturday"),
    [
        ("Mo-Fr 09:00-17:00; PH off", (("09:00", "17:00"),), None),
        ("24/7", (("00:00", "24:00"),), (("00:00", "24:00"),)),
        ("Mo 08:00-12:00,13:00-16:00; Sa 10:00-12:00", (("08:00", "12:00"), ("13:00", "16:00")), (("10:00", "12:00"),)),
        ("Mo-Su 09:00-17:00; Sa off", (("09:00", "17:00"),), None),
        ("Fr-Mo 20:00-02:00", (("20:00", "02:00"),), (("20:00", "02:00"),)),
        ("09:00-17:00", (("09:00", "17:00"),), (("09:00", "17:00"),)),
    ],
)  # fmt: skip
def test_a_week_is_read_as_openstreetmap_means_it(said: str, monday: object, saturday: object) -> None:
    week = weekly(said)

    assert week is not None
    assert (week.get("Mo"), week.get("Sa")) == (monday, saturday)


@pytest.mark.parametrize(
    "said",
    ["Mo[1] 09:00-12:00", "Jan-Mar Mo 09:00-12:00", 'Mo 09:00-12:00 "call first"', "sunrise-sunset", "Mo 09:00+", "off", "PH off"],
)  # fmt: skip
def test_what_is_no_plain_week_gives_no_rows(said: str) -> None:
    assert weekly(said) is None
    assert rows(Hours(said, "Europe/Belgrade"), TODAY) == ()


def test_a_zone_without_summer_time_has_one_period_without_end() -> None:
    [period] = periods("Asia/Kolkata", TODAY)

    assert (period.offset, period.suffix, period.first, period.last) == (5.5, "+05:30", None, None)


def test_the_periods_of_a_half_year_are_the_same_on_each_of_its_days() -> None:
    first, second = periods("Europe/Lisbon", TODAY)

    assert periods("Europe/Lisbon", date(2027, 3, 27)) == (first, second)
    assert periods("Europe/Lisbon", date(2027, 3, 28))[0] == second


@pytest.mark.parametrize("day", [date.min, date.max])
def test_no_day_is_too_far(day: date) -> None:
    assert periods("Europe/Belgrade", day)


SPAN = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda span: span[0] < span[1])
WEEK = st.dictionaries(st.sampled_from(DAYS), SPAN, min_size=1)


@given(WEEK)
def test_a_week_written_as_rows_and_read_back_is_the_same_week(week: dict[str, tuple[int, int]]) -> None:
    said = {day: (f"{opens:02d}:00", f"{closes:02d}:00") for day, (opens, closes) in week.items()}
    words = written(((day.upper(),), f"{opens}+01:00", closes) for day, (opens, closes) in said.items())

    assert not fault_in(words)
    assert weekly(words) == {day: (said[day],) for day in DAYS if day in said}


@given(WEEK, st.integers(0, 167))
def test_rows_say_when_it_is_open(week: dict[str, tuple[int, int]], hour: int) -> None:
    words = "; ".join(f"{day} {opens:02d}:00-{closes:02d}:00" for day, (opens, closes) in week.items())
    now = NOW.replace(hour=0, minute=30) + hour * ONE_DAY / 24
    day, at = DAYS[now.weekday()], f"{now.hour:02d}:30"

    told = any(
        day in row.days and row.span[0] <= at < row.span[1] for row in rows(Hours(words, "UTC"), now.date())
    )
    assert told == (opening_of(Hours(words, "UTC"), now).state == "open")


@pytest.mark.parametrize("row", [((), "09:00", "10:00"), (("1MO",), "09:00", "10:00"), (("MO",), "9", "10:00"), (("MO",), "09:00Z", "10:00Z")])  # fmt: skip
def test_rows_that_cannot_be_said_in_words_are_not(row: tuple[tuple[str, ...], str, str]) -> None:
    assert written([row]) == ""
