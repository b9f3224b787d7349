"""docs/reference/problems.md against the program: the same codes, the same meanings, examples that show them."""

import re
from pathlib import Path
from textwrap import indent

import pytest

from bot.content.codes import CODES
from bot.content.folders import read_content
from tests.content.foreign import TODAY, write

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/problems.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
EXAMPLES = {
    code: match.groups()
    for code, section in SECTIONS.items()
    if (match := re.search(r"^```yaml (\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
}
REMEMBER = "remember: {city: place, note: sealed text, urgency: choice, age: number}\n"
HEAD = "flow: help\ntitle: Help\nstart: one\n"
STEPS = "steps:\n  one:\n    say: Hello\n    next: end\n"


def test_every_code_has_its_section_and_every_section_its_code() -> None:
    assert sorted(SECTIONS) == sorted(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_section_begins_with_what_the_code_means_and_says_what_to_do(code: str) -> None:
    meaning, *rest = SECTIONS[code].strip().split("\n\n")

    assert meaning == CODES[code]
    assert rest[-1].strip()


def test_every_code_written_in_the_program_is_listed() -> None:
    used = {
        code
        for path in (ROOT / "bot").rglob("*.py")
        for code in re.findall(r'"([DFSTY]\d{3})"', path.read_text(encoding="utf-8"))
    }
    assert used <= set(CODES)


def whole(kind: str, example: str) -> str:
    """The example as a flow file."""
    if kind == "file":
        return example
    if kind == "steps":
        return HEAD + REMEMBER + "steps:\n" + indent(example, "  ")
    return HEAD + example + ("" if kind == "mixed" else STEPS)


@pytest.mark.parametrize("code", sorted(EXAMPLES))
def test_each_example_has_the_problem_it_shows(code: str, tmp_path: Path) -> None:
    english = "- {code: en, name: English, direction: ltr, fallback: []}\n"
    files = {"flows/help.yaml": whole(*EXAMPLES[code]), "translations/languages.yaml": english}
    content = read_content(write(tmp_path, files), today=TODAY)

    assert code in {problem.code for problem in content.problems}


def test_most_codes_of_flows_have_an_example() -> None:
    without = {code for code in CODES if code.startswith("F") and code not in EXAMPLES}

    assert without == {"F115", "F306", "F607", "F608"}  # these need two files, or none, or another folder
