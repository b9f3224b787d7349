import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.personal import find_personal, without


def _found(text: str) -> list[tuple[str, str]]:
    return [(finding.kind, text[finding.start : finding.end]) for finding in find_personal(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call me on +381 60 123 4567 please", [("phone", "+381 60 123 4567")]),
        ("moj broj je 0601234567 hvala", [("phone", "0601234567")]),
        ("00381 60 123-45-67", [("phone", "00381 60 123-45-67")]),
        ("٠٦٠١٢٣٤٥٦٧", [("phone", "٠٦٠١٢٣٤٥٦٧")]),
        ("رقمي ۰۹۱۲۳۴۵۶۷۸۹", [("phone", "۰۹۱۲۳۴۵۶۷۸۹")]),
        ("o meu é 912 345 678", [("phone", "912 345 678")]),
        ("060 dash 123 dash 4567", [("phone", "060 dash 123 dash 4567")]),
        (
            "plus three eight one six zero one two three four five six seven",
            [("phone", "plus three eight one six zero one two three four five six seven")],
        ),
        ("here: https://wa.me/381601234567 ok", [("link", "https://wa.me/381601234567")]),
        ("t.me/someone_x.", [("link", "t.me/someone_x")]),
        ("a.b+c@example.org, thanks", [("email", "a.b+c@example.org")]),
        ("john at gmail dot com", [("email", "john at gmail dot com")]),
        ("john [at] gmail [dot] com", [("email", "john [at] gmail [dot] com")]),
        ("find me as @some_one", [("handle", "@some_one")]),
        ("my insta is ana_99", [("handle", "ana_99")]),
        ("my passport number is A1234567", [("document", "A1234567")]),
        ("JMBG 0101990710006", [("document", "0101990710006")]),
    ],
)
def test_what_can_show_who_someone_is_is_found_where_it_stands(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert _found(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "I slept at the station",
        "room 204, 5 people, 72 hours",
        "on 2026-11-21 at 10:30",
        "I was born 12.03.1990",
        "16. 3. 2026.",
        "I have 3 children and 200 euro",
        "two of us, one is ill",
        "write me at the station",
        "",
        "²²²²²²²²²",
    ],
)
def test_everyday_numbers_and_words_are_left_alone(text: str) -> None:
    assert _found(text) == []


def test_what_was_found_can_be_taken_out_and_nothing_else_goes() -> None:
    text = "I am Ana, +381 60 123 4567 or a@b.org, help"

    assert without(text, find_personal(text), "(x)") == "I am Ana, (x) or (x), help"


@given(st.text())
def test_no_text_breaks_the_search_and_findings_never_overlap(text: str) -> None:
    findings = find_personal(text)

    ends = [0]
    for finding in findings:
        assert ends[-1] <= finding.start < finding.end <= len(text)
        ends.append(finding.end)
    without(text, findings, "")


@given(
    st.integers(60_000_0000, 66_999_9999),
    st.sampled_from("0٠۰०０"),
    st.sampled_from(["", " ", "-", ".", " - "]),
    st.sampled_from(["+381", "00381"]),
)
def test_a_serbian_mobile_is_found_in_every_script_and_spacing(
    number: int, zero: str, gap: str, code: str
) -> None:
    written = "".join(chr(ord(zero) + int(digit)) for digit in str(number))
    text = f"me: {code}{gap}{written[:2]}{gap}{written[2:5]}{gap}{written[5:]} ok"

    assert [finding.kind for finding in find_personal(text)] == ["phone"]
