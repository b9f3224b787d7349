"""What is written about safety can be followed to a line of code and a test, and says what the person reads."""

import ast
import functools
import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.architecture.pages import DOCS, ROOT, names, page, pages, rows, section

MODEL: Final = "docs/explanation/threat-model.md"
ASVS: Final = "docs/reference/asvs.md"
PLACE: Final = re.compile(r"`((?:bot|tests|tools|docs|flows|translations)/[\w./-]+?\.\w+)(?:::([\w.]+))?`")
_NO_DEFENCE: Final = {"At a glance", "What the person reads about it", "What was not done"}


@functools.cache
def symbols(path: Path) -> frozenset[str]:
    """What a module defines: functions, classes, constants, and methods as `Class.method`."""
    found: set[str] = set()

    def look(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                found.add(prefix + node.name)
                look(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(prefix + node.name)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found.update(prefix + target.id for target in targets if isinstance(target, ast.Name))

    look(ast.parse(path.read_text(encoding="utf-8")).body, "")
    return frozenset(found)


def missing(text: str) -> list[str]:
    """Places that are named and not there."""
    gone = []
    for file, symbol in PLACE.findall(text):
        path = ROOT / file
        if not path.exists() or (symbol and (path.suffix != ".py" or symbol not in symbols(path))):
            gone.append(f"{file}::{symbol}" if symbol else file)
    return gone


def defences() -> list[tuple[str, list[str]]]:
    """Heading and cells of each line of defence."""
    parts = re.split(r"^## (.+)$", page(MODEL), flags=re.MULTILINE)[1:]
    return [
        (heading, row)
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
        for row in rows(body, "defence")
    ]


def test_every_defence_names_code_and_a_test_that_are_there() -> None:
    found = defences()

    assert len(found) >= 40
    for heading, row in found:
        what, code, test = row
        assert PLACE.fullmatch(code), (heading, what)
        assert PLACE.fullmatch(test), (heading, what)
        assert code.startswith(("`bot/", "`tools/", "`tests/e2e/canaries.py"))
        assert test.startswith("`tests/")
        assert Path(names(test)[0].partition("::")[0]).name.startswith("test_")
    assert missing(page(MODEL)) == []


def test_every_attacker_is_answered_and_every_answer_says_what_remains() -> None:
    parts = re.split(r"^## (.+)$", page(MODEL), flags=re.MULTILINE)[1:]
    answered = {
        heading: body
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
        if heading not in _NO_DEFENCE
    }

    assert len(answered) >= 10
    assert [heading for heading, body in answered.items() if body.count("**What remains.** ") != 1] == []
    assert all(all(cell for cell in row) for row in rows(page(MODEL), "attacker"))
    assert len(rows(page(MODEL), "attacker")) >= 14


@functools.cache
def said(file: str) -> str:
    """Everything that a file of content says, with single spaces."""
    text = page(file)
    if file.endswith(".yaml"):
        words: list[str] = []

        def look(node: object) -> None:
            if isinstance(node, dict):
                for each in node.values():
                    look(each)
            elif isinstance(node, list):
                for each in node:
                    look(each)
            elif isinstance(node, str):
                words.append(node)

        look(yaml.safe_load(text))
        text = " ".join(words)
    return " ".join(text.replace('"\n"', "").split())


def test_what_remains_is_said_to_the_person_in_these_words() -> None:
    table = rows(section(page(MODEL), "## What the person reads about it"), "what remains")

    assert len(table) >= 6
    for _, words, where in table:
        assert words.strip('"') in said(names(where)[0]), words


@pytest.mark.parametrize("path", ["docs/explanation/anonymity.md", "SECURITY.md", ASVS])
def test_what_other_pages_about_safety_name_is_there(path: str) -> None:
    assert missing(page(path)) == []


# --- ASVS ------------------------------------------------------------------------------------------------

CHAPTERS: Final = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
"""How many requirements of level 1 and 2 each chapter of ASVS 5.0.0 has."""

STATES: Final = {"yes", "partly", "no", "not here", "operator"}
REQUIREMENT: Final = re.compile(r"\d{1,2}\.\d\.\d{1,2}")


def requirements() -> list[list[str]]:
    return rows(page(ASVS), "requirement")


def test_every_requirement_of_level_two_is_answered_once() -> None:
    listed = [number for row in requirements() for number in REQUIREMENT.findall(row[0])]

    assert len(listed) == len(set(listed))
    counted = {chapter: sum(number.startswith(f"{chapter}.") for number in listed) for chapter in CHAPTERS}
    assert counted == CHAPTERS


def test_what_is_claimed_has_evidence_and_what_is_missing_says_so() -> None:
    for row in requirements():
        assert row[2] in STATES, row
        assert row[3], row
        if row[2] in {"yes", "partly"}:
            assert PLACE.search(row[3]) or "](" in row[3], row


def test_the_paper_does_not_promise_what_no_page_explains() -> None:
    assert (DOCS / "explanation" / "threat-model.md") in pages()
