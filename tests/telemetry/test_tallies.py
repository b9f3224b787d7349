"""Whatever is counted, in whatever order it is told: nothing that anybody can see or subtract stands for fewer than ten."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kernel.rows import Cell
from bot.telemetry.tallies import OUTCOME, SEVERAL, UNMET, K, Tallies

THIS, NEXT, LATER = "2026-W47", "2026-W48", "2026-W49"


def a_cell(country: str = "RS", *, need: str = "shelter", week: str = THIS) -> Cell:
    return Cell(UNMET, need, country, week)


def tell(tallies: Tallies, week: str) -> dict[Cell, int]:
    due = tallies.due(week)
    tallies.told(due, week)
    return due


def counted(**times: int) -> Tallies:
    tallies = Tallies()
    for country, number in times.items():
        for _ in range(number):
            tallies.count(a_cell(country))
    return tallies


CELLS = st.builds(
    a_cell, st.sampled_from(("RS", "PT", "")), need=st.sampled_from(("shelter", "gbv")), week=st.just(THIS)
)
DAYS = st.lists(st.lists(CELLS, max_size=40), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(DAYS)
def test_every_day_what_is_told_of_a_cell_is_nothing_or_whole_tens(days: list[list[Cell]]) -> None:
    tallies = Tallies()
    heard: Counter[Cell] = Counter()
    true = Counter(cell for day in days for cell in day)
    weeks = [THIS] * (len(days) - 1) + [NEXT]

    for day, week in zip(days, weeks, strict=True):
        for cell in day:
            tallies.count(cell)
        told = tell(tallies, week)
        assert all(count >= K and count % K == 0 for count in told.values())
        heard.update(told)

    for cell, count in heard.items():
        if cell.detail != SEVERAL:
            assert count == true[cell] // K * K
    for need in ("shelter", "gbv"):
        theirs = {cell: count for cell, count in true.items() if cell.subject == need}
        told_of = sum(count for cell, count in heard.items() if cell.subject == need)
        assert told_of == sum(theirs.values()) // K * K or sum(count % K for count in theirs.values()) < K


def test_nine_conversations_are_never_told_and_the_tenth_tells_of_all() -> None:
    tallies = counted(RS=9)
    assert tell(tallies, THIS) == {}

    tallies.count(a_cell())

    assert tell(tallies, THIS) == {a_cell(): 10}
    assert tell(tallies, THIS) == {}


def test_what_is_left_of_several_countries_at_the_end_of_a_week_is_told_together() -> None:
    tallies = counted(RS=14, PT=8)

    assert tell(tallies, THIS) == {a_cell("RS"): 10}
    assert tell(tallies, NEXT) == {a_cell(SEVERAL): 10}
    assert tell(tallies, LATER) == {}


def test_what_is_left_of_an_answer_about_several_services_is_told_together_and_names_none() -> None:
    tallies = Tallies()
    for service, number in (("one/legal", 14), ("two/shelter", 7)):
        for _ in range(number):
            tallies.count(Cell(OUTCOME, service, "helped", THIS))
    tallies.count(Cell(OUTCOME, "one/legal", "not_safe", THIS))

    assert tell(tallies, THIS) == {Cell(OUTCOME, "one/legal", "helped", THIS): 10}
    assert tell(tallies, NEXT) == {Cell(OUTCOME, SEVERAL, "helped", THIS): 10}
    assert tell(tallies, LATER) == {}


def test_what_is_left_of_a_week_that_is_over_and_below_ten_is_forgotten() -> None:
    tallies = counted(RS=4, PT=5)
    assert tell(tallies, NEXT) == {}

    tallies.count(a_cell("RS"))

    assert tell(tallies, LATER) == {}


def test_what_could_not_be_written_is_told_the_next_time() -> None:
    tallies = counted(RS=12)
    lost = tallies.due(THIS)

    assert tallies.due(THIS) == lost == {a_cell(): 10}
