"""Every way in which people write a return code is read, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handoff.return_code import DIGITS, RETURN_CODE_BYTES, find_return_code, return_code

RANDOM = st.binary(min_size=RETURN_CODE_BYTES, max_size=RETURN_CODE_BYTES)
ZEROES = (0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xFF10)
"""Of Latin, Arabic, Persian, Devanagari, Bengali and full-width digits."""


def in_script(code: str, zero: int) -> str:
    return "".join(chr(zero + int(each)) if each.isdigit() else each for each in code)


@given(
    RANDOM,
    st.sampled_from(ZEROES),
    st.sampled_from([" ", "", "-", " - ", "\u2013", ".", "\n", "\u00a0", "_", "\u200e \u200f"]),
    st.sampled_from(
        [("", ""), ("\u2067", "\u2069"), ("code: ", "!"), ("my code is ", " thank you"), ("(", ")")]
    ),
)
def test_a_code_is_read_in_any_script_with_any_dashes_and_words_around_it(
    random: bytes, zero: int, between: str, around: tuple[str, str]
) -> None:
    code = return_code(random)
    typed = around[0] + in_script(code.replace(" ", between), zero) + around[1]

    found = find_return_code(typed)

    assert found is not None
    assert found.code == code.replace(" ", "")
    assert not any(each.isdecimal() for each in found.rest)


@given(RANDOM)
def test_letters_that_look_like_digits_are_read_as_those(random: bytes) -> None:
    code = return_code(random).translate(str.maketrans("01", "Ol", "")).replace("l", "I", 1)

    found = find_return_code(code)

    assert found is None or found.code == return_code(random).replace(" ", "")
    assert found is not None or sum(each.isdigit() for each in code) < 16


@given(RANDOM, st.integers(0, DIGITS - 1), st.integers(1, 9))
def test_one_wrong_digit_is_noticed_and_still_goes_nowhere_else(random: bytes, at: int, by: int) -> None:
    digits = return_code(random).replace(" ", "")
    wrong = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]

    found = find_return_code(f"it is {wrong}")

    assert found == ("", "it is")


@given(RANDOM, st.integers(0, DIGITS - 2))
def test_two_digits_that_changed_places_are_noticed(random: bytes, at: int) -> None:
    digits = return_code(random).replace(" ", "")
    swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]

    found = find_return_code(swapped)

    assert found is not None
    assert found.code in ("", digits if digits[at] == digits[at + 1] else "")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading_and_none_without_many_digits_is_a_code(text: str) -> None:
    found = find_return_code(text)

    assert found is None or sum(each.isdecimal() for each in text) >= 16


@given(
    st.lists(
        st.sampled_from(["0641234567", "+381", "4567", "o", "I", "l", "12", ",", "-", "yes", "٣٤"]),
        max_size=30,
    )
)
def test_what_is_left_of_a_message_never_holds_the_code(parts: list[str]) -> None:
    text = " ".join(parts)
    found = find_return_code(text)

    if found is not None:
        assert find_return_code(found.rest) is None or not find_return_code(found.rest).code  # type: ignore[union-attr]
        assert not found.code or found.code not in found.rest.replace(" ", "")


@pytest.mark.parametrize(
    "text",
    [
        "0641234567, 0641234568",
        "+381 64 123 4567 +381 64 123 4568",
        "call 0641234567 or 0651234567",
        "born 02.12.1999, since 10:00 on 12.12.2026 at 064 123 456",
        "hello " * 40,
        "4111 1111 1111 1111",
    ],
)
def test_telephone_numbers_dates_and_cards_are_no_codes(text: str) -> None:
    assert find_return_code(text) is None


def test_a_code_beside_another_number_is_found() -> None:
    code = return_code(bytes(range(16)))

    assert find_return_code(f"{code} 2026") == (code.replace(" ", ""), "2026")


def test_codes_are_drawn_from_more_than_seventy_bits_and_look_alike() -> None:
    codes = {return_code(bytes([first] * 16)) for first in range(256)}

    assert len(codes) == 256
    assert {tuple(map(len, code.split())) for code in codes} == {(4, 4, 4, 4, 4, 4)}
    assert 10 ** (DIGITS - 2) > 2**70
