import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.bidi import CONTROLS, isolate_lines, isolate_pieces, without_controls
from bot.i18n.digits import ascii_digits


def marked(text: str) -> str:
    """With brackets that can be seen for the isolates."""
    return text.replace("\u2068", "[").replace("\u2069", "]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("اتصل 112.", "اتصل [112]."),
        ("اتصل +381 11 30 الآن", "اتصل [+381 11 30] الآن"),
        ("الرقم 116 111، مجاني", "الرقم [116 111]، مجاني"),
        ("٧٢ ساعة", "[٧٢] ساعة"),
        ("الرقم ١١٦ ١١١", "الرقم [116 111]"),
        ("انظر https://example.org/a-1.", "انظر [https://example.org/a-1]."),
        ("اكتب إلى a@example.org", "اكتب إلى [a@example.org]"),
        ("اكتب إلى @fener_help", "اكتب إلى [@fener_help]"),
        ("من 18-24 سنة، 50%", "من [18-24] سنة، [50%]"),
        ("{count} أماكن في {city}", "{count} أماكن في {city}"),
        ("{rs_72} و 9", "{rs_72} و [9]"),
        ("لا شيء", "لا شيء"),
    ],
)
def test_numbers_links_and_user_names_are_one_piece(text: str, shown: str) -> None:
    assert marked(isolate_pieces(text)) == shown


def test_each_line_of_english_is_a_unit_and_empty_lines_stay_empty() -> None:
    assert marked(isolate_lines("One.\n\nTwo {city}.")) == "[One.]\n\n[Two {city}.]"
    assert isolate_lines("{label}: {value}") == "{label}: {value}"  # no words: as the conversation reads


@given(
    st.text(
        st.characters(exclude_characters="\u2066\u2067\u2068\u2069") | st.sampled_from("0٣+ -:{}"),
        max_size=60,
    )
)
def test_nothing_but_isolates_is_added_and_every_isolate_is_closed(text: str) -> None:
    plain = without_controls(text)
    made = isolate_pieces(plain)

    assert ascii_digits(CONTROLS.sub("", made)) == ascii_digits(plain)
    assert made.count("\u2068") == made.count("\u2069")
    assert CONTROLS.sub("", isolate_lines(plain)) == plain


def test_a_command_that_begins_with_a_digit_stays_one_word() -> None:
    assert isolate_pieces("اكتب 1min") == "اكتب \u20681min\u2069"
