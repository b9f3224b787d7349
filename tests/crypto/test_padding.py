import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.padding import BUCKETS, LONGEST, pad, unpad
from bot.kernel.errors import RefusedError


@given(st.binary(max_size=70_000))
@settings(deadline=None)
def test_every_text_has_one_of_four_sizes_and_comes_back_whole(text: bytes) -> None:
    if len(text) > LONGEST:
        with pytest.raises(RefusedError, match=r"padding\.too-long"):
            pad(text)
        return
    padded = pad(text)

    assert len(padded) in BUCKETS
    assert unpad(padded) == text


@given(st.binary(max_size=3000))
@settings(deadline=None)
def test_only_what_pad_makes_is_unpadded(padded: bytes) -> None:
    try:
        text = unpad(padded)
    except RefusedError:
        return
    assert pad(text) == padded


@pytest.mark.parametrize("length", [0, 1020, 1021, 4092, 4093, 16380, 16381, 65532])
def test_the_edges_of_the_sizes_hold(length: int) -> None:
    assert unpad(pad(b"x" * length)) == b"x" * length


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        bytes(3),
        bytes(1023),
        pad(b"a")[:-1] + b"\x01",
        pad(b"a") + bytes(3072),
        (2000).to_bytes(4, "big") + bytes(1020),
        (2**32 - 1).to_bytes(4, "big") + bytes(1020),
    ],
)
def test_padding_that_hides_something_or_lies_about_its_length_is_refused(padded: bytes) -> None:
    with pytest.raises(RefusedError, match=r"padding\.wrong"):
        unpad(padded)
