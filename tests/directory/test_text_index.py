"""Names are found by their trigrams, the same whether few or many names are looked at."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory.text_index import CANDIDATES, TextIndex, trigrams
from bot.nlu.normalise import fold

WORDS = ("lantern", "harbour", "bridge", "garden", "lawyers", "clinic", "beograd", "centar", "nada")
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


def everything(count: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.arange(count, dtype=np.int32)


@settings(max_examples=60, deadline=None)
@given(st.lists(names, min_size=1, max_size=12), names, st.integers(0, 11))
def test_reading_name_by_name_and_trigram_by_trigram_find_the_same(
    listed: list[str], asked: str, only: int
) -> None:
    index = TextIndex.build(list(enumerate(listed)))
    grams = [index._numbers[gram] for gram in trigrams(asked) if gram in index._numbers]
    at = np.array([only % len(listed)])

    if grams:
        by_name = index._read_names(grams, at)
        by_gram = index._read_postings(grams)[at]
        assert by_name == pytest.approx(by_gram, abs=1e-4)


def test_a_name_is_found_by_itself_with_a_typo_in_part_and_in_another_script() -> None:
    index = TextIndex.build(
        [(0, fold("Centar Nada Beograd")), (1, fold("Harbour Clinic")), (2, fold("کانون وکیل"))]
    )

    for typed, row in (
        ("Centar Nada Beograd", 0), ("Cemtar Nadda Beogrda", 0), ("beograd nada", 0), ("Центар Нада Београд", 0),
        ("harbor clinik", 1), ("كانون وكيل", 2),
    ):  # fmt: skip
        found = index.search(fold(typed), everything(3), 3)
        assert max(found, key=lambda each: found[each]) == row, typed


def test_a_row_with_several_names_counts_by_its_best_and_others_stay_out() -> None:
    index = TextIndex.build([(0, "free lawyers"), (0, "besplatni advokati"), (1, "free lawyers")])

    assert set(index.search("advokati", everything(2), 2)) == {0}
    assert set(index.search("free lawyers", np.array([1], dtype=np.int32), 2)) == {1}


@pytest.mark.parametrize("typed", ["", "   ", "qqqq", "?"])
def test_words_that_lead_nowhere_find_nothing(typed: str) -> None:
    assert TextIndex.build([(0, "free lawyers")]).search(typed, everything(1), 1) == {}
    assert TextIndex.build([]).search("lawyers", everything(0), 0) == {}


def test_names_that_are_equally_good_come_in_the_order_of_their_rows_however_many_there_are() -> None:
    index = TextIndex.build([(row, "harbour house") for row in range(2_000)] + [(2_000, "harbour hall")])

    assert list(index.search("harbour house", everything(2_001), 2_001)) == list(range(CANDIDATES))
    assert next(iter(index.search("harbour hall", everything(2_001), 2_001))) == 2_000


def test_a_rare_word_is_found_among_many_names_that_share_the_other_words() -> None:
    index = TextIndex.build([(row, f"harbour house {row % 50 or 'zebra'}") for row in range(2_000)])

    found = index.search("house harbour zebar", np.arange(1, 2_000, dtype=np.int32), 2_000)

    assert all(row % 50 == 0 for row in found)
    assert 0 not in found
    assert len(found) == CANDIDATES


@settings(max_examples=40, deadline=None)
@given(st.lists(names, min_size=1, max_size=12), names, st.sets(st.integers(0, 11)))
def test_what_is_found_stands_among_the_rows_asked_for(
    listed: list[str], asked: str, wanted: set[int]
) -> None:
    among = np.array(sorted(row for row in wanted if row < len(listed)), dtype=np.int32)

    found = TextIndex.build(list(enumerate(listed))).search(asked, among, len(listed))

    assert set(found) <= set(among.tolist())
    assert all(0 < points <= 1 for points in found.values())
