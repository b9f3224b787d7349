"""The pages of the manual as tests read them: tables, links, code blocks."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_A_LETTER = re.compile(r"[^\w\- ]")


def page(name: str) -> str:
    """The text of a page, such as `docs/README.md`."""
    return (ROOT / name).read_text(encoding="utf-8")


def pages() -> list[Path]:
    """Every page of the manual."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def rows(text: str, head: str) -> list[list[str]]:
    """The cells of each line of every table whose first column is called `head`."""
    found: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == head:
            inside = True
        elif inside and not set(line) <= set("|- "):
            found.append(cells)
    return found


def names(cell: str) -> list[str]:
    """What stands in backquotes in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def section(text: str, title: str) -> str:
    """The part of a page under a heading."""
    level, _, _ = title.partition(" ")
    after = text.split(f"\n{title}\n", 1)[1]
    return re.split(rf"^{level} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def links(text: str) -> list[str]:
    """Where a page's links lead, without those in code."""
    return _LINK.findall(_BLOCK.sub("", text))


def anchors(text: str) -> set[str]:
    """What a link into a page may name behind `#`."""
    heads = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE)
    return {_NOT_A_LETTER.sub("", head).strip().lower().replace(" ", "-") for head in heads}


def blocks(text: str, language: str) -> Iterator[str]:
    """The code blocks of one language."""
    yield from re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
