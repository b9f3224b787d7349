import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import ascii_digits, bare_number, fold, words_of


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert words_of(words_of(text)) == words_of(text)


@given(st.text())
def test_a_folded_text_has_no_control_case_or_double_space(text: str) -> None:
    folded = fold(text)

    assert folded == folded.strip() == " ".join(folded.split())
    assert folded == folded.lower()
    assert not set(folded) & set("\u200e\u200f\u202a\u202e\u2066\u2069\u200c\u200d\ufeff\x00")


@given(st.text())
def test_every_ascii_digit_of_a_folded_text_was_a_decimal_digit(text: str) -> None:
    written = [str(int(c)) for c in text if c.isdecimal()]

    assert [c for c in fold(text) if c.isdecimal()] == written


@given(st.text())
def test_folding_ascii_the_quick_way_gives_what_the_long_way_gives(text: str) -> None:
    plain = "".join(c for c in text if c.isascii())

    assert fold(plain) == fold(plain + "\u200e")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul", "istanbul"),
        ("IĞDIR", "ığdır"),
        ("Ђорђе тражи помоћ", "Djordje trazi pomoć"),
        ("Đorđe", "djordje"),
        ("كَمَكْ", "کمک"),
        ("مدرسة", "مدرسه"),
        ("أريد", "اريد"),
        ("سـلام", "سلام"),
        ("می‌خواهم", "مي خواهم"),
        ("ہے", "هي"),
        ("Ação", "acao"),
        ("ＨＥＬＰ", "help"),
        ("e\u0301te\u0301", "été"),
        ("٤٥", "45"),
        ("\u2067help\u2069", "help"),
    ],
)
def test_spellings_of_the_same_word_fold_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_words_lose_punctuation_and_cries_but_not_their_letters() -> None:
    assert words_of("HEEELP!!! I don't know...") == "help i dont know"
    assert words_of("need  (a) room?") == "need a room"
    assert words_of("wwoof 2222") == "wwoof 2222"


@pytest.mark.parametrize(
    "text", ["2", " 2 ", "2.", "2)", "(2)", "٢", "۲", "२", "２", "2️⃣", "\u200f2\u200f", "2!"[:1], "#2", "02"]
)
def test_a_number_in_any_script_and_dress_is_that_number(text: str) -> None:
    assert bare_number(text) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "²",
        "½",
        "①",
        "-2",
        "2.5",
        "2,5",
        "2 3",
        "two",
        "2 people",
        "*",
        "1" * 10,
        "1" * 5000,
        "+381601",
    ],
)
def test_what_is_not_only_a_number_is_no_number(text: str) -> None:
    assert bare_number(text) is None


@given(st.integers(0, 999_999_999), st.sampled_from("0٠۰०０"))
def test_every_script_counts(number: int, zero: str) -> None:
    written = "".join(chr(ord(zero) + int(digit)) for digit in str(number))

    assert bare_number(written) == number
    assert ascii_digits(written) == str(number)


@given(st.text())
def test_digits_are_replaced_one_by_one_and_nothing_else_moves(text: str) -> None:
    replaced = ascii_digits(text)

    assert len(replaced) == len(text)
    assert all(a == b or (a.isdecimal() and int(a) == int(b)) for a, b in zip(text, replaced, strict=True))


@given(st.text())
def test_no_message_breaks_reading_a_number(text: str) -> None:
    number = bare_number(text)

    assert number is None or 0 <= number < 10**9
