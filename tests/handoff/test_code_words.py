"""Code words: three everyday words that are no name of the case, and cannot be taken for one another."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.handoff.code_words import CODE_WORD_BYTES, WORDS, code_words
from bot.handoff.designation import FIRST_WORDS, SECOND_WORDS


@given(st.binary(min_size=CODE_WORD_BYTES, max_size=CODE_WORD_BYTES))
def test_whatever_is_drawn_there_are_three_different_words_of_the_list(random: bytes) -> None:
    words = code_words(random).split(" ")

    assert len(set(words)) == 3
    assert set(words) <= set(WORDS)


def test_every_word_is_drawn_at_every_place() -> None:
    for place in range(3):
        drawn = set()
        for number in range(len(WORDS)):
            parts = [bytes(2)] * 3
            parts[place] = number.to_bytes(2, "big")
            drawn.add(code_words(b"".join(parts)).split(" ")[place])
        assert len(drawn) >= len(WORDS) - place


def test_a_guess_is_right_less_than_once_in_six_million() -> None:
    assert len(WORDS) * (len(WORDS) - 1) * (len(WORDS) - 2) > 6_000_000


def test_no_word_stands_in_the_name_of_a_case() -> None:
    assert set(WORDS).isdisjoint({*FIRST_WORDS, *SECOND_WORDS})


def test_one_slip_of_the_pen_makes_no_other_word() -> None:
    assert all(word.isascii() and word.islower() and 4 <= len(word) <= 8 for word in WORDS)
    assert len({word[:4] for word in WORDS}) == len(WORDS)
    assert all(OSA.distance(one, other) > 1 for one, other in combinations(WORDS, 2))
