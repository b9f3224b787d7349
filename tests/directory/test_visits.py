"""A mobile team is where it says, while it says so: visits come by their day and go when they are over."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.content.marks import read_yaml
from bot.directory.model import Hours, Organisation, Visit
from bot.directory.parse import parse_organisation
from bot.directory.vetting import may_be_offered
from bot.directory.visits import coming, over_at
from bot.kernel.problems import Problem
from tests.directory.samples import a_service, an_organisation

BELGRADE = "Europe/Belgrade"

FILE = """\
organisation: rs-van
name: {en: Van Demo}
country: RS
services:
  - service: van
    name: {en: The van}
    needs: [legal_asylum]
    visits:
      - {place: rs-nis, from: 2026-12-01, to: 2026-12-31, open: "Tu 18:00-21:00; PH off"}
      - {place: rs-beograd, from: 2026-11-20, open: "10:00-14:00"}
"""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BELGRADE))


def a_visit(
    hours: str = "10:00-14:00", first: str = "2026-11-20", last: str = "2026-11-20", zone: str = BELGRADE
) -> Visit:
    return Visit("rs-nis", date.fromisoformat(first), date.fromisoformat(last), Hours(hours, zone, "RS"))


def parsed(text: str) -> tuple[Organisation | None, list[Problem]]:
    node, problems = read_yaml(text.encode(), "directory/rs/rs-van.yaml")
    assert node is not None, problems
    return parse_organisation(node, "rs-van")


def test_visits_are_read_in_order_of_their_days() -> None:
    read, problems = parsed(FILE)

    assert problems == []
    assert read is not None
    assert read.services[0].visits == (
        Visit("rs-beograd", date(2026, 11, 20), date(2026, 11, 20), Hours("10:00-14:00", BELGRADE, "RS")),
        Visit("rs-nis", date(2026, 12, 1), date(2026, 12, 31), Hours("Tu 18:00-21:00; PH off", BELGRADE, "RS")),
    )  # fmt: skip
    assert read.services[0].at["visits/rs-nis"].line == 9


@pytest.mark.parametrize(
    ("old", "new", "code", "mend"),
    [
        ("to: 2026-12-31", "to: 2026-11-30", "D106", "write a later day under 'to'"),
        ("to: 2026-12-31", "to: 2026-12-01", "", ""),  # a Tuesday
        ("2026-12-01, to: 2026-12-31", "2026-12-02", "D106", "write hours that hold on these days, such as '10:00-14:00'"),
        (', open: "10:00-14:00"', "", "D102", "add 'open:'"),
        ("place: rs-nis, ", "", "D102", "add 'place:'"),
        ("from: 2026-11-20", "from: Friday", "D106", "write it as 2026-11-01"),
        ('"10:00-14:00"', '"10 to 2"', "D107", "write it like 'Mo-Fr 09:00-17:00; PH off'"),
        ("place: rs-nis", "where: rs-nis, place: rs-nis", "D101", "write one of: from, holidays, note, open, place, to, zone, or remove it"),
    ],
)  # fmt: skip
def test_a_visit_that_nobody_could_keep_is_a_problem(old: str, new: str, code: str, mend: str) -> None:
    assert old in FILE
    _, problems = parsed(FILE.replace(old, new))

    assert [(one.code, one.mend) for one in problems] == ([(code, mend)] if code else [])


@pytest.mark.parametrize(
    ("hours", "code"),
    [("{open: 'Mo-Fr 09:00-17:00; PH off', holidays: AL}", ""), ("Mo-Fr 09:00-17:00; PH off", "D120"),
     ("Mo-Fr 09:00-17:00", ""), ("{open: 'Mo-Fr 09:00-17:00; PH off', holidays: ZZ}", "D111")],
)  # fmt: skip
def test_holidays_that_nobody_lists_are_named_or_taken_from_another_country(hours: str, code: str) -> None:
    text = FILE.replace("country: RS", "country: XK").partition("    visits:")[0] + f"    hours: {hours}\n"

    read, problems = parsed(text)

    assert [one.code for one in problems][:1] == ([code] if code else [])
    if not code and "AL" in hours:
        assert read is not None
        assert read.services[0].hours == Hours("Mo-Fr 09:00-17:00; PH off", BELGRADE, "AL")


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-19T10:00", "closed"),
        ("2026-11-20T08:59", "closed"),
        ("2026-11-20T09:00", "open"),
        ("2026-11-20T12:59", "open"),
        ("2026-11-20T13:00", "over"),
        ("2026-11-21T10:00", "over"),
    ],
)
def test_a_visit_is_over_to_the_minute_in_its_own_zone(moment: str, state: str) -> None:
    found = coming(a_service(visits=(a_visit(),)), utc(moment))

    assert [one.opening.state for one in found] == ([] if state == "over" else [state])


def test_the_next_visit_comes_first_and_says_when() -> None:
    later = a_visit("09:00-10:00", "2026-11-25", "2026-11-25")
    service = a_service(visits=(a_visit("Mo 10:00-14:00", "2026-11-01", "2026-12-31"), later, a_visit()))

    openings = [one.opening.opens for one in coming(service, utc("2026-11-20T14:00"))]

    assert openings == [local("2026-11-23T10:00"), local("2026-11-25T09:00")]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = a_service(visits=(a_visit("22:00-02:00", "2026-11-20", "2026-11-21"),))

    states = {
        moment: [one.opening.state for one in coming(night, local(moment))]
        for moment in ("2026-11-20T01:00", "2026-11-20T23:00", "2026-11-22T01:00", "2026-11-22T02:00")
    }

    assert list(states.values()) == [["closed"], ["open"], ["open"], []]


def test_day_and_night_ends_with_its_last_day() -> None:
    assert over_at(a_visit("24/7", "2026-11-20", "2026-11-21")) == local("2026-11-22T00:00")


def test_the_days_of_a_visit_are_those_of_its_zone_also_when_clocks_change() -> None:
    autumn = a_visit("22:00-06:00", "2026-10-24", "2026-10-24")

    assert over_at(autumn) == utc("2026-10-25T05:00")
    assert over_at(a_visit("10:00-14:00", zone="Europe/Lisbon")) == utc("2026-11-20T14:00")


def test_hours_that_hang_on_a_comment_leave_the_visit_without_a_promise() -> None:
    found = coming(a_service(visits=(a_visit('10:00-14:00 "if it does not rain"'),)), utc("2026-11-20T10:00"))

    assert [one.opening.state for one in found] == ["unknown"]


def test_a_service_of_which_every_visit_is_over_may_not_be_offered() -> None:
    service = a_service(visits=(a_visit(),))

    assert may_be_offered(an_organisation(service), service, date(2026, 11, 20))
    assert not may_be_offered(an_organisation(service), service, date(2026, 11, 21))
