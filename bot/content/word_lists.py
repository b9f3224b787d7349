"""The quick way to read YAML files that are lists of words under keys, which most of translations/ is.

Only the plainest form is read here, at a quarter of the cost; `bot.content.marks` reads all else, and both come to the
same tree (tests/content/test_word_lists.py).
"""

import re
from typing import Final

from bot.kernel.problems import Fields, Items, Mark, Node, Scalar

_WORDS: Final = (
    r"[^\W_][^\s:#]*(?: [^\s:#]+)*"  # begins with a letter or digit, holds neither colon nor number sign
)
_LINE: Final = re.compile(
    rf'(?:  - (?:({_WORDS})|"([^"\\\n]+)")|([a-z][a-z_.-]*(?: [a-z_.-]+)*):|(?:#[^\n]*)?)\n'
)
_UNUSUAL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML refuses, or takes for the end of a line."""


def read_word_lists(text: str, file: str) -> Fields | None:
    """The tree of a file of `key:` lines, each with `  - words` lines under it; None when anything else stands in it."""
    if _UNUSUAL.search(text):
        return None
    entries: list[tuple[Scalar, Node]] = []
    names: set[str] = set()
    items: list[Node] = []
    at = number = 0
    while at < len(text):
        match = _LINE.match(text, at)
        if match is None:
            return None
        number += 1
        at = match.end()
        plain, quoted, key = match.groups()
        if plain and names:
            items.append(Scalar(plain, Mark(file, number, 5)))
        elif quoted and names:
            items.append(Scalar(quoted, Mark(file, number, 5), plain=False))
        elif key:
            if names and not _close(entries, items):
                return None
            items = []
            names.add(key.replace("_", " "))
            entries.append((Scalar(key, Mark(file, number, 1)), Items((), Mark(file, number, 1))))
        elif plain or quoted:
            return None
    whole = _close(entries, items) and len(names) == len(entries)
    return Fields(tuple(entries), entries[0][0].mark) if whole else None


def _close(entries: list[tuple[Scalar, Node]], items: list[Node]) -> bool:
    """Give the last key its items, which begin where the first dash stands. False when there is no key or no item."""
    if not entries or not items:
        return False
    entries[-1] = (entries[-1][0], Items(tuple(items), Mark(items[0].mark.file, items[0].mark.line, 3)))
    return True
