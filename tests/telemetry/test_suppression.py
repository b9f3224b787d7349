"""What is held back stays held back, from whoever knows every number that is told and the very rule by which they were chosen."""

import itertools
from collections import defaultdict
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.telemetry.suppression import Line, held_back, in_tens
from bot.telemetry.tallies import K

Possible = tuple[int, int]


def bounds(line: Line) -> dict[str, Possible]:
    """The attacker: between what each hidden part must lie, by subtraction. Who is told no total knows no upper end."""
    shown = [part for part in line.parts.values() if part is not None]
    hidden = [name for name, part in line.parts.items() if part is None]
    endless = 10**6
    most = endless if line.total is None else line.total + K - 1 - sum(shown)
    least = 0 if line.total is None else line.total - sum(part + K - 1 for part in shown)
    others = len(hidden) - 1
    return {name: (max(0, least - others * most), most) for name in hidden}


def carelessly(counts: Mapping[str, int]) -> Line:
    """Hides what is small and nothing else."""
    parts = {name: in_tens(count) if count >= K else None for name, count in counts.items()}
    return Line(parts, in_tens(sum(counts.values())))


COUNTS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3),
    st.one_of(st.integers(0, 25), st.integers(0, 2_000)),
    min_size=1,
    max_size=16,
)


def test_the_attacker_finds_what_a_careless_table_gives_away() -> None:
    assert bounds(carelessly({"a": 3, "b": 20})) == {"a": (0, 9)}
    assert bounds(carelessly({"a": 9, "b": 21, "c": 30}))["a"][1] < 20


@settings(max_examples=300, deadline=None)
@given(COUNTS)
@example({"a": 3, "b": 20})
@example({"a": 0, "b": 10, "c": 10})
@example({"a": 9, "b": 9})
def test_no_subtraction_narrows_a_part_that_is_held_back_to_less_than_ten_values(
    counts: dict[str, int],
) -> None:
    for least, most in bounds(held_back(counts)).values():
        assert least == 0
        assert most - least >= K


@settings(max_examples=300, deadline=None)
@given(COUNTS)
def test_what_is_told_is_true_in_whole_tens_and_never_below_ten(counts: dict[str, int]) -> None:
    line = held_back(counts)

    assert line.parts.keys() == counts.keys()
    for told, count in [
        (line.total, sum(counts.values())),
        *((line.parts[each], counts[each]) for each in counts),
    ]:
        if told is not None:
            assert told >= K
            assert told <= count < told + K
            assert told % K == 0
    assert all(line.parts[name] is None for name, count in counts.items() if count < K)


@settings(max_examples=200, deadline=None)
@given(COUNTS)
def test_where_nothing_is_small_nothing_is_held_back(counts: dict[str, int]) -> None:
    line = held_back({name: count + K for name, count in counts.items()})

    assert None not in line.parts.values()
    assert line.total is not None


@pytest.mark.parametrize(("parts", "most"), [(1, 60), (2, 60), (3, 34)])
def test_who_tries_every_table_that_could_have_been_published_so_is_no_wiser(parts: int, most: int) -> None:
    """Every table with these many parts is published, and what looks the same is put together."""
    worlds: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for counts in itertools.product(range(most), repeat=parts):
        line = held_back({str(place): count for place, count in enumerate(counts)})
        worlds[*line.parts.values(), line.total].append(counts)
    looked_at = 0
    for told, possible in worlds.items():
        total = told[-1]
        if isinstance(total, int) and total + K > most:
            continue  # larger tables than were tried could look like this, too
        for place in range(parts):
            if told[place] is None:
                values = {counts[place] for counts in possible}
                looked_at += 1
                assert min(values) == 0, told
                assert len(values) >= K, told
    assert looked_at


def test_the_smallest_part_that_is_left_goes_with_one_that_is_small() -> None:
    line = held_back({"a": 3, "b": 40, "c": 12, "d": 55})

    assert line == Line({"a": None, "b": 40, "c": None, "d": 50}, 110)


def test_the_total_goes_too_where_no_part_is_left_to_hide_behind() -> None:
    assert held_back({"a": 3}) == Line({"a": None}, None)
    assert held_back({"a": 3, "b": 4}) == Line({"a": None, "b": None}, None)
    assert held_back({"a": 3, "b": 14}) == Line({"a": None, "b": None}, 10)
