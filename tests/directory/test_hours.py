"""Opening hours in the service's own zone, over summer time and holidays."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.directory.hours import fault_in, opening, opening_of, zone_exists
from bot.directory.model import Hours
from tests.directory.samples import a_service

BELGRADE = "Europe/Belgrade"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str = BELGRADE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_an_open_service_says_until_when_in_its_own_time() -> None:
    found = opening_of(Hours("Mo-Fr 09:00-17:00", BELGRADE, "RS"), utc("2026-11-20T10:00"))

    assert (found.state, found.until) == ("open", local("2026-11-20T17:00"))


def test_a_closed_service_says_when_it_opens_over_a_weekend() -> None:
    found = opening_of(Hours("Mo-Fr 09:00-17:00", BELGRADE, "RS"), utc("2026-11-20T16:30"))

    assert (found.state, found.opens) == ("closed", local("2026-11-23T09:00"))


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-03-27T07:30", "closed"),  # winter: 08:30 in Belgrade
        ("2026-03-27T08:30", "open"),
        ("2026-03-30T07:30", "open"),  # summer: 09:30 in Belgrade
        ("2026-10-23T07:30", "open"),
        ("2026-10-26T07:30", "closed"),
    ],
)
def test_summer_time_moves_the_opening_by_an_hour_of_utc(moment: str, state: str) -> None:
    assert opening_of(Hours("Mo-Fr 09:00-17:00", BELGRADE), utc(moment)).state == state


def test_the_night_of_the_change_has_its_true_length() -> None:
    night = Hours("22:00-06:00", BELGRADE)

    spring = opening_of(night, utc("2026-03-28T22:00")).until
    autumn = opening_of(night, utc("2026-10-24T22:00")).until

    assert spring is not None
    assert autumn is not None
    assert spring.astimezone(UTC) == utc("2026-03-29T04:00")
    assert autumn.astimezone(UTC) == utc("2026-10-25T05:00")


def test_one_moment_is_open_in_one_zone_and_closed_in_another() -> None:
    moment = utc("2026-11-20T08:30")

    assert opening_of(Hours("09:00-17:00", BELGRADE), moment).state == "open"
    assert opening_of(Hours("09:00-17:00", "Europe/Lisbon"), moment).state == "closed"


@pytest.mark.parametrize(
    ("country", "state"), [("RS", "closed"), ("PT", "closed"), ("XK", "open"), ("", "open")]
)
def test_holidays_are_those_of_the_country_and_none_where_nobody_lists_them(country: str, state: str) -> None:
    new_year = opening_of(Hours("Mo-Su 09:00-17:00; PH off", BELGRADE, country), utc("2027-01-01T10:00"))

    assert new_year.state == state


def test_day_and_night_has_no_end() -> None:
    found = opening_of(Hours("24/7", BELGRADE), utc("2026-11-20T10:00"))

    assert (found.state, found.until) == ("open", None)


def test_hours_that_end_for_good_never_open_again() -> None:
    found = opening_of(Hours("2020 Mo-Fr 09:00-17:00", BELGRADE), utc("2026-11-20T10:00"))

    assert (found.state, found.opens) == ("closed", None)


@pytest.mark.parametrize("written", ["Mo-Fr 09:00-17:00 unknown", 'Mo-Fr 09:00-17:00 "by appointment"'])
def test_hours_that_hang_on_a_comment_are_not_called_open(written: str) -> None:
    assert opening_of(Hours(written, BELGRADE), utc("2026-11-20T10:00")).state == "unknown"


def test_hours_that_are_never_surely_open_are_unknown_when_closed_too() -> None:
    found = opening_of(Hours('Mo-Fr 09:00-17:00 "by appointment"', BELGRADE), utc("2026-11-20T20:00"))

    assert (found.state, found.opens) == ("unknown", None)


def test_an_uncertain_hour_before_opening_is_skipped() -> None:
    hours = Hours("Mo-Fr 08:00-09:00 unknown, Mo-Fr 09:00-17:00", BELGRADE)

    assert opening_of(hours, utc("2026-11-20T06:00")).opens == local("2026-11-20T09:00")


def test_a_service_without_hours_is_unknown() -> None:
    assert opening(a_service(hours=None), utc("2026-11-20T10:00")).state == "unknown"


def test_bad_hours_say_where_they_stop_being_understood() -> None:
    assert fault_in("Mo-Fr 09:00-17:00") == ""
    assert fault_in("Mo-Xx 9-17") == "not understood from character 4 on"


def test_zones_are_iana_names() -> None:
    assert [zone_exists(name) for name in (BELGRADE, "Belgrade", "", "../etc", "Europe")] == [True] + 4 * [
        False
    ]
