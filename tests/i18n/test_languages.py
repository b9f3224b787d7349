from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.marks import read_yaml
from bot.i18n.languages import ENGLISH, Language, Languages, parse_languages

SHIPPED = Path(__file__).parents[2] / "translations" / "languages.yaml"


def _parse(text: str) -> tuple[Languages, list[str]]:
    node, _ = read_yaml(text.encode(), "translations/languages.yaml")
    assert node is not None
    languages, problems = parse_languages(node)
    assert all(problem.mend for problem in problems)
    return languages, [problem.code for problem in problems]


def test_the_shipped_languages_are_eleven_in_the_order_of_the_menu_and_one_script_more() -> None:
    languages, problems = _parse(SHIPPED.read_text("utf-8"))

    assert problems == []
    assert languages.codes == ("en", "sr", "ar", "fa", "fr", "ur", "ps", "pt", "es", "tr", "ru", "sr-Cyrl")
    assert [code for code in languages.codes if languages.direction(code) == "rtl"] == [
        "ar",
        "fa",
        "ur",
        "ps",
    ]
    assert all(languages.chain(code)[-1] == ENGLISH for code in languages.codes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en: English", "T101"),
        ("- en", "T102"),
        ("- {code: English, name: English}", "T102"),
        ("- {code: en, name: ''}", "T102"),
        ("- {code: en, name: English, direction: up}", "T102"),
        ("- {code: en, name: English, fallback: sr}", "T102"),
        ("- {code: en, name: English, flag: x}", "T102"),
        ("- {code: en, name: English}\n- {code: en, name: Again}", "T103"),
        ("- {code: en, name: English}\n- {code: sr, name: Srpski, fallback: [hr]}", "T104"),
        ("- {code: sr, name: Srpski}", "T105"),
    ],
)
def test_a_fault_in_the_list_is_told_and_english_stays(text: str, code: str) -> None:
    languages, codes = _parse(text)

    assert code in codes
    assert languages.get(ENGLISH) is not None


def test_fallbacks_in_a_circle_still_end_in_english() -> None:
    languages = Languages(
        (Language("en", "E"), Language("a", "A", fallback=("b",)), Language("b", "B", fallback=("a",)))
    )

    assert languages.chain("a") == ("a", "b", "en")
    assert languages.chain("unknown") == ("en",)


@given(st.text())
def test_no_yaml_breaks_the_parser(text: str) -> None:
    node, _ = read_yaml(text.encode("utf-8", "ignore"), "languages.yaml")
    if node is not None:
        languages, _ = parse_languages(node)
        assert ENGLISH in languages.codes
