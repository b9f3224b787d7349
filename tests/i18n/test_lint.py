import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.lint import changed, lint_translations
from bot.i18n.po import PoEntry
from bot.kernel.problems import Mark

START = Mark("translations/sr/flows.po", 1, 1)


def _entry(source: str, text: str, *flags: str) -> PoEntry:
    return PoEntry("a/b/say", source, text, Mark("translations/sr/flows.po", 5, 1), flags)


def _codes(source: str, text: str, *flags: str) -> list[tuple[str, str]]:
    return [(p.code, p.severity) for p in changed(_entry(source, text, *flags), source)]


@pytest.mark.parametrize(
    ("source", "text", "code"),
    [
        ("Call {number}", "Pozovi {broj}", "T604"),
        ("You have 72 hours", "Imate 27 sati", "T605"),
        ("Call +381 11 30", "Pozovi +381 11 31", "T605"),
        ("See help.unhcr.org/serbia", "Vidi help.unhcr.org/portugal", "T606"),
        ("Write to a@example.org", "Piši na b@example.org", "T606"),
        ("Write to @fener_help", "Piši @fener_fake", "T607"),
        ("Go", "Idi\u202e", "T609"),
        ("Go", "Idi 5", "T605"),
        ("Go", "Idi na www.zlo.example", "T606"),
    ],
)
def test_what_could_send_people_to_the_wrong_place_is_an_error(source: str, text: str, code: str) -> None:
    assert (code, "error") in _codes(source, text)
    assert (code, "warning") in _codes(source, text, "fuzzy")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("You have 72 hours.", "لديك ٧٢ ساعة"),
        ("See https://help.unhcr.org/serbia.", "Vidi: https://help.unhcr.org/serbia"),
        ("{count} places, {city}", "{city}: {count}"),
        ("Call 112 or 194", "Pozovi 194 ili 112"),
    ],
)
def test_other_order_digits_and_punctuation_are_no_change(source: str, text: str) -> None:
    assert _codes(source, text) == []


def test_missing_fuzzy_unreviewed_and_left_over_texts_are_warnings() -> None:
    pot = [PoEntry(name, f"Text {name}", "", START) for name in ("missing", "fuzzy", "stale", "raw", "fine")]
    po = [
        PoEntry("fuzzy", "Text fuzzy", "x", START, ("fuzzy",)),
        PoEntry("stale", "Old text", "x", START),
        PoEntry("raw", "Text raw", "x", START, ("unreviewed",)),
        PoEntry("fine", "Text fine", "x", START),
        PoEntry("gone", "Text gone", "x", START),
    ]

    problems = lint_translations(po, pot, "sr", START)

    assert [(p.code, p.severity) for p in problems] == [
        ("T601", "warning"),
        ("T602", "warning"),
        ("T602", "warning"),
        ("T603", "warning"),
        ("T608", "warning"),
    ]
    assert all(p.mend for p in problems)


@given(st.text(), st.text())
def test_no_pair_of_texts_breaks_the_lint_and_equal_texts_have_nothing_changed(
    source: str, text: str
) -> None:
    _codes(source, text)

    assert {code for code, _ in _codes(source, source)} <= {"T609"}
