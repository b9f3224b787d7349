import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.bidi import CONTROLS, isolate, without_controls
from bot.i18n.formatting import fill, placeholders


def test_each_name_in_braces_is_replaced_and_counted() -> None:
    assert fill("{a} of {b}, {a}", {"a": 1, "b": "two"}) == "1 of two, 1"
    assert placeholders("{a} of {b}, {a}") == ("a", "b", "a")


@pytest.mark.parametrize("text", ["{a.b}", "{a[0]}", "{a!r}", "{0}", "{}", "{A}", "{ a }"])
def test_what_python_could_do_with_braces_is_only_text_here(text: str) -> None:
    assert fill(text, {"a": "x"}) == text


def test_an_empty_value_leaves_no_invisible_characters() -> None:
    assert fill("[{a}]", {"a": ""}, "rtl") == "[]"


@given(st.text())
def test_no_value_can_leave_its_isolate(value: str) -> None:
    isolated = isolate(value)

    assert isolated[0] == "\u2068"
    assert isolated[-1] == "\u2069"
    assert CONTROLS.search(isolated[1:-1]) is None
    assert without_controls(isolated) == without_controls(value)


@given(st.text(), st.text())
def test_no_text_breaks_filling(text: str, value: str) -> None:
    fill(text, dict.fromkeys(placeholders(text), value), "rtl")
