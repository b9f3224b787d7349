"""Splitting never breaks a word that fits, a letter or an order; simulator lines are what scripts expect."""

import unicodedata
from xml.sax.saxutils import escape

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import clean, footer_line, graphemes, length, numbered_parts, option_lines, split
from bot.channels.simulator import lines
from bot.kernel.messages import Direction, Option, OutboundMessage

FLAG = "🏳️‍⚧️"
FAMILY = "👩🏽‍👩🏾‍👧"


def test_text_that_fits_is_one_part() -> None:
    assert split("  One. Two.\n\nThree.  ", 100) == ["One. Two.\n\nThree."]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("First one.\n\nSecond one. More.", ["First one.", "Second one. More."]),
        ("First line\nsecond line", ["First line", "second line"]),
        ("One sentence. Another one.", ["One sentence.", "Another one."]),
        ("جملة واحدة هنا؟ جملة أخرى هنا.", ["جملة واحدة هنا؟", "جملة أخرى هنا."]),
        ("only words without an end here", ["only words without", "an end here"]),
        ("Hi.\n\nfour words in one", ["Hi.\n\nfour words in", "one"]),  # no part of a few letters
        ("x" * 50, ["x" * 20, "x" * 20, "x" * 10]),
    ],
)
def test_a_cut_is_made_at_the_best_place_there_is(text: str, parts: list[str]) -> None:
    assert split(text, 20) == parts


@pytest.mark.parametrize("letter", [FLAG, FAMILY, "e\u0301", "🇷🇸", "ك\u064e\u0651", "क्षि", "👍🏿"])
def test_a_letter_of_many_parts_is_never_cut(letter: str) -> None:
    text = letter * 30

    parts = split(text, 25)

    assert "".join(parts) == text
    for part in parts:
        assert part == letter * (len(part) // len(letter))


def test_letters_are_told_apart() -> None:
    assert list(graphemes(f"a{FLAG}🇷🇸🇵🇹e\u0301x")) == ["a", FLAG, "🇷🇸", "🇵🇹", "e\u0301", "x"]


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(any_text | st.text("ab .\n؟ك\u064e👩🏽‍", max_size=200), st.integers(10, 60))
def test_splitting_loses_nothing_but_white_space_and_keeps_the_order(text: str, limit: int) -> None:
    parts = split(text, limit)

    assert "".join("".join(parts).split()) == "".join(text.split())
    for part in parts:
        assert part.strip()
        assert length(part) <= limit


@given(st.text("ab\u0301\u064e🇷🇸👩🏽\u200d ", max_size=80), st.integers(30, 50))
def test_no_part_begins_with_a_mark_of_the_letter_before(text: str, limit: int) -> None:
    for part in split("a" + text, limit)[1:]:
        if max(map(len, graphemes("a" + text))) < 10:
            assert not unicodedata.combining(part[0])


def test_a_mark_on_a_space_stays_with_it() -> None:
    assert split("one two \u0301three four", 10) == ["one", "two \u0301three", "four"]


@given(any_text)
def test_graphemes_give_the_text_back(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(st.text())
def test_length_is_what_utf16_says(text: str) -> None:
    assert length(text) == len(text) + sum(character > "\uffff" for character in text)


@given(st.text())
def test_clean_text_can_be_encoded_and_put_into_xml(text: str) -> None:
    cleaned = clean(text)

    cleaned.encode("utf-8")
    assert ElementTree.fromstring(f"<a>{escape(cleaned)}</a>").text in {cleaned, None}


OPTIONS = (Option(1, "Housing", "t:1"), Option(2, "Health\n care", "t:2"))
FOOTER = (Option(9, "Person", "c:9"), Option(0, "Leave", "c:0"))


def test_options_and_footer_are_plain_numbered_lines() -> None:
    assert option_lines(OPTIONS) == ["1 Housing", "2 Health care"]
    assert footer_line(FOOTER) == "9 Person · 0 Leave"
    assert footer_line(()) == ""


@given(labels=st.lists(st.text(st.sampled_from(" \n\r\tab\u00a0\u200fم1"), max_size=6), max_size=5))
def test_a_label_is_one_line_with_single_spaces_whatever_stands_in_it(labels: list[str]) -> None:
    options = [Option(number, label, "x") for number, label in enumerate(labels, 1)]
    tidy = [" ".join(clean(label).split()) for label in labels]

    assert option_lines(options) == [f"{number} {label}" for number, label in enumerate(tidy, 1)]
    assert option_lines(options, numbered=False) == tidy


def test_right_to_left_each_always_there_option_is_a_unit_so_that_no_number_joins_anothers_label() -> None:
    beside = (Option(9, "شخص / A person", "c:9"), Option(0, "خروج / Leave", "c:0"))

    assert footer_line(beside, direction="rtl") == "\u20689 شخص / A person\u2069 · \u20680 خروج / Leave\u2069"


def test_options_that_do_not_fit_below_the_text_come_in_a_part_of_their_own() -> None:
    parts = numbered_parts(OutboundMessage(("x" * 95,)), 100, options=OPTIONS, footer=FOOTER, mark=None)

    assert parts == ("x" * 95, "1 Housing\n2 Health care\n\n9 Person · 0 Leave")


@given(
    texts=st.lists(st.text(max_size=60), max_size=4).map(tuple),
    labels=st.lists(st.text(max_size=20), max_size=4),
    direction=st.sampled_from(["ltr", "rtl"]),
    mark=st.none() | st.just("TEST"),
)
def test_what_fits_into_one_message_is_the_parts_of_a_smaller_one_put_together(
    texts: tuple[str, ...], labels: list[str], direction: Direction, mark: str | None
) -> None:
    options = tuple(Option(number, label, "x") for number, label in enumerate(labels, 1))
    reply = OutboundMessage(texts, direction=direction, options=options)
    [whole, *more] = numbered_parts(reply, 9999, options=options, footer=FOOTER, mark=mark)
    narrow = numbered_parts(reply, 40, options=options, footer=FOOTER, mark=mark)

    heading = "TEST\n" if mark else ""
    assert more == []
    assert whole.startswith(heading)
    assert "".join(whole[len(heading) :].split()) == "".join(
        "".join(part[len(heading) :].split()) for part in narrow
    )


def test_the_terminal_shows_each_line_the_options_and_one_footer_line() -> None:
    reply = OutboundMessage(("Hello.\nHow are you?", "Choose."), options=OPTIONS, footer=FOOTER)

    assert lines(reply, "TEST") == [
        "TEST",
        "Hello.",
        "How are you?",
        "",
        "Choose.",
        "  1 Housing",
        "  2 Health care",
        "9 Person · 0 Leave",
    ]
    assert lines(OutboundMessage(())) == []


def test_where_a_digit_is_the_answer_labels_stand_without_their_numbers() -> None:
    reply = OutboundMessage(("How old are you?",), options=OPTIONS, footer=FOOTER, numbered=False)

    assert lines(reply) == ["How old are you?", "  Housing", "  Health care", "Person · Leave"]
    assert numbered_parts(reply, 1600, options=OPTIONS, footer=FOOTER, mark=None) == (
        "How old are you?\n\nHousing\nHealth care\n\nPerson · Leave",
    )
