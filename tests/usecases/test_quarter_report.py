"""A quarter's report: whole weeks, whole tens, no complaint, and nothing that is still happening."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent, complaints_chain
from bot.kernel.errors import RefusedError
from bot.kernel.rows import Cell
from bot.storage.audit import SqlAuditTrail
from bot.storage.counters import SqlCounters
from bot.storage.keyrings import SqlKeyrings
from bot.usecases.keep_counters import week_of
from bot.usecases.quarter import asked, last_over, on_offer, quarter_of
from bot.usecases.report_quarter import ANSWERED, CAME, CLOSED, QuarterReport, ReportQuarter
from tests.usecases.house import DEMO, OTHER, House

WITHIN, LATER = date(2026, 8, 12), date(2026, 10, 14)
DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))


def reporting(house: House) -> ReportQuarter:
    database = house.fener.database
    return ReportQuarter(
        counters=SqlCounters(database),
        audit=SqlAuditTrail(database),
        keyrings=SqlKeyrings(database),
        clock=house.clock,
    )


async def told(house: House, quarter: str = "2026-Q3") -> QuarterReport:
    return await reporting(house)(quarter)


async def count(house: House, *cells: tuple[str, str, str, str], tens: int = 10) -> None:
    await SqlCounters(house.fener.database).add({Cell(*cell): tens for cell in cells})


async def happen(house: House, chain: str, event: AuditEvent, *cases: int, day: date = WITHIN) -> None:
    trail, hour = SqlAuditTrail(house.fener.database), whole_hour(datetime.combine(day, time(9), UTC))
    for case in cases:
        await trail.append(AuditEntry(chain, event, "system", f"{case:032x}"), hour)


# --- which days -------------------------------------------------------------------------------------------


@given(DAYS)
def test_every_day_lies_in_the_one_quarter_that_its_weeks_thursday_lies_in(day: date) -> None:
    quarter = quarter_of(day)

    assert quarter.first <= day <= quarter.last
    assert (quarter.first.weekday(), quarter.last.weekday()) == (0, 6)
    assert quarter.holds(week_of(day))
    assert quarter_of(quarter.last + timedelta(days=1)).first == quarter.last + timedelta(days=1)
    assert not quarter.holds(week_of(quarter.first - timedelta(days=1)))
    assert not quarter.holds(week_of(quarter.last + timedelta(days=1)))
    assert quarter.last - quarter.first in {
        timedelta(weeks=13, days=-1),
        timedelta(weeks=14, days=-1),
        timedelta(weeks=12, days=-1),
    }


@given(DAYS)
def test_a_quarter_is_over_on_the_tuesday_after_it_and_whoever_names_none_gets_the_newest_such(
    day: date,
) -> None:
    over = last_over(day)

    assert over.is_over(day)
    assert over.last + timedelta(days=1) < day
    assert not quarter_of(over.last + timedelta(days=1)).is_over(day)
    assert asked("", day) == over
    assert over in on_offer(day)
    assert all(asked(str(each), day) == each for each in on_offer(day))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("last", "quarter.form"),
        ("2026-Q5", "quarter.form"),
        ("2027-Q1", "quarter.future"),
        ("2024-Q1", "quarter.gone"),
    ],
)
def test_what_is_no_quarter_that_can_be_told_is_refused_with_a_mend(text: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        asked(text, date(2026, 11, 20))

    assert refused.value.code == code
    assert refused.value.mend


# --- what is counted --------------------------------------------------------------------------------------


async def test_only_the_weeks_of_the_quarter_are_added_up(house: House) -> None:
    await count(house, ("unmet", "shelter", "RS", "2026-W27"), ("unmet", "shelter", "RS", "2026-W39"))
    await count(house, ("unmet", "shelter", "*", "2026-W30"), ("unmet", "legal_aid", "", "2026-W30"))
    await count(
        house, ("unmet", "shelter", "RS", "2026-W26"), ("unmet", "shelter", "RS", "2026-W40"), tens=500
    )

    report = await told(house)

    assert report.unmet == {"shelter": {"RS": 20, "*": 10}, "legal_aid": {"": 10}}
    assert report.totals == {"shelter": 30, "legal_aid": 10}
    assert report.is_over


async def test_answers_about_services_are_told_together_and_no_service_is_named(house: House) -> None:
    await count(
        house,
        ("outcome", "rs-demo-lantern/legal", "helped", "2026-W30"),
        ("outcome", "rs-demo-harbour/shelter", "helped", "2026-W31"),
        ("outcome", "*", "not_safe", "2026-W31"),
    )

    report = await told(house)

    assert report.feedback == {"helped": 20, "not_safe": 10}
    assert "legal" not in repr(report)


async def test_a_row_that_somebody_wrote_between_tens_is_left_out(house: House) -> None:
    await count(house, ("unmet", "shelter", "RS", "2026-W30"))
    await house.write("PRAGMA ignore_check_constraints = 1")
    await house.write("UPDATE counters SET count = 13")

    assert (await told(house)).unmet == {}


async def test_a_case_counts_once_for_what_first_happened_to_it_in_the_quarter(house: House) -> None:
    await house.founded()
    await house.caseworker("Ana")
    await happen(house, DEMO, AuditEvent.CASE_OPENED, *range(23))
    await happen(house, DEMO, AuditEvent.CASE_REPLIED, *range(12), *range(12))
    await happen(house, OTHER, AuditEvent.CASE_OPENED, *range(100, 112))
    await happen(house, DEMO, AuditEvent.CASE_REPLIED, *range(23), day=LATER)
    await happen(house, DEMO, AuditEvent.CASE_CLOSED, *range(23), day=LATER)

    work = (await told(house)).work

    assert work is not None
    assert (work[CAME].parts, work[CAME].total) == ({DEMO: 20, OTHER: 10}, 30)
    assert (work[ANSWERED].parts, work[ANSWERED].total) == ({DEMO: None, OTHER: None}, 10)
    assert (work[CLOSED].parts, work[CLOSED].total) == ({DEMO: None, OTHER: None}, None)


async def test_complaints_that_a_focal_point_takes_move_no_number(house: House) -> None:
    await house.caseworker("Ana")
    await happen(house, DEMO, AuditEvent.CASE_OPENED, *range(10))
    before = await told(house)

    await happen(house, complaints_chain(DEMO), AuditEvent.CASE_OPENED, *range(200, 230))

    assert await told(house) == before
    assert before.work is not None
    assert before.work[CAME].parts == {DEMO: 10}


async def test_cases_of_a_quarter_that_lasts_are_not_told_however_many(house: House) -> None:
    await house.caseworker("Ana")
    await count(house, ("unmet", "shelter", "RS", "2026-W46"))
    await happen(house, DEMO, AuditEvent.CASE_OPENED, *range(40), day=LATER)

    report = await told(house, "2026-Q4")

    assert (report.is_over, report.work) == (False, None)
    assert report.unmet == {"shelter": {"RS": 10}}
    assert report.as_of == house.clock.now().date()


async def test_a_quarter_says_the_same_about_cases_until_it_says_nothing(house: House) -> None:
    await house.caseworker("Ana")
    await happen(house, DEMO, AuditEvent.CASE_OPENED, *range(17))
    first = (await told(house)).work
    heard = []
    for _ in range(12):
        house.clock.move(weeks=4)
        await house.fener.purge()
        heard.append((await told(house)).work)

    assert first is not None
    assert heard[0] == first
    assert heard[-1] is None
    assert [each for each in heard if each is not None and each != first] == []
