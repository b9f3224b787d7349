from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.grams import LONGEST, SHORTEST, grams_of
from bot.nlu.normalise import words_of

ABLE_TO_REPEAT = st.text(alphabet="aab жش1 '.\ud800\U0001f3f3")


def spelled(text: str) -> Counter[str]:
    """What `grams_of` gives as numbers, as strings."""
    words = words_of(text).split()
    grams = Counter(f"={word}" for word in words)
    grams.update(f"={one} {other}" for one, other in pairwise(words))
    for word in words:
        padded = f" {word} "
        for size in range(SHORTEST, LONGEST + 1):
            grams.update(padded[at : at + size] for at in range(len(padded) - size + 1))
    return grams


@given(st.lists(st.text() | ABLE_TO_REPEAT, max_size=4))
def test_every_word_pair_and_piece_of_a_word_is_counted_as_if_it_were_spelled_out(texts: list[str]) -> None:
    grams = grams_of(texts)
    counted = [Counter(grams.codes[grams.texts == number].tolist()) for number in range(len(texts))]
    expected = [spelled(text) for text in texts]

    assert [sorted(codes.values()) for codes in counted] == [sorted(each.values()) for each in expected]
    for one, alike in zip(counted, expected, strict=True):
        for other, also in zip(counted, expected, strict=True):
            assert len(one.keys() & other.keys()) == len(alike.keys() & also.keys())


def test_a_text_means_the_same_alone_and_among_others() -> None:
    alone, among = grams_of(["free lawyer"]), grams_of(["a bed", "free lawyer", ""])

    assert sorted(alone.codes.tolist()) == sorted(among.codes[among.texts == 1].tolist())
