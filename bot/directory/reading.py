"""Reads typed values out of marked nodes and writes down every fault with its place and its mend."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Final, cast

from bot.directory.model import Answer, Texts
from bot.directory.record_format import ANSWERS, FLAGS
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar, Severity

LANGUAGE_CODE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Word = tuple[str, Mark]
"""A word of a list and where it stands."""


def nearest(word: str, known: Collection[str]) -> str:
    """A mend for an unknown word: the nearest known one, or all of them when none is near."""
    close = get_close_matches(word.replace(" ", "_").lower(), list(known), n=1, cutoff=0.6)
    if close:
        return f"write '{close[0]}'"
    return f"write one of: {', '.join(sorted(known)[:12])}" if known else "remove it"


def is_nothing(node: Node | None) -> bool:
    """Whether a value is absent: not there, or an unquoted null."""
    return node is None or (isinstance(node, Scalar) and node.plain and node.value in NOTHING)


class Reader:
    """Collects problems while values are read. Every method answers with something usable."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @property
    def failed(self) -> bool:
        """Whether anything was found that makes the record unusable."""
        return any(problem.severity == "error" for problem in self.problems)

    def fault(self, code: str, mark: Mark, message: str, mend: str, severity: Severity = "error") -> None:
        """Write one problem down."""
        self.problems.append(Problem(code, mark, message, mend, severity))

    def fields(self, node: Node, what: str, known: Collection[str], unknown: Severity = "error") -> Fields:
        """The mapping `node` is, with keys out of `known` (written with underscores); empty when it is none."""
        if not isinstance(node, Fields):
            if not is_nothing(node):
                self.fault("D103", node.mark, f"{what} is not a mapping", "write 'key: value' lines below it")
            return Fields((), node.mark)
        for key, value in node:
            name = key.value.replace(" ", "_")
            if name not in known:
                mend = f"{nearest(name, known)}, or remove it"
                if node.inline and is_nothing(value):
                    mend = "put a text that holds a comma in quotes"
                self.fault("D101", key.mark, f"{what} has no '{key.value}'", mend, unknown)
        return node

    def mapping(self, node: Node | None, what: str) -> Fields:
        """A mapping whose keys are the file's own ids."""
        if node is None or is_nothing(node):
            return Fields((), node.mark if node else Mark("", 1, 1))
        return self.fields(
            node, what, [key.value.replace(" ", "_") for key, _ in node] if isinstance(node, Fields) else ()
        )

    def required(self, fields: Fields, key: str, what: str) -> Node | None:
        """The value under `key`, or None with a problem."""
        node = fields.get(key)
        if is_nothing(node):
            self.fault("D102", fields.mark, f"{what} has no '{key}'", f"add '{key}:'")
            return None
        return node

    def text(self, node: Node | None, what: str) -> str:
        """A single text; empty when absent."""
        if node is None or is_nothing(node):
            return ""
        if not isinstance(node, Scalar):
            self.fault("D103", node.mark, f"{what} is not a text", "write one text")
            return ""
        return node.value.strip()

    def ident(self, node: Node | None, what: str) -> str:
        """A name made of letters, digits, hyphen, underscore and dot."""
        word = self.text(node, what)
        if node is not None and word and not ID.fullmatch(word):
            mend = "use letters, digits, '-' and '_' only"
            self.fault("D118", node.mark, f"{what} '{word[:40]}' is not a usable name", mend)
            return ""
        return word

    def texts(self, node: Node | None, what: str) -> Texts:
        """Texts by language; a bare text is English."""
        if node is None or is_nothing(node):
            return {}
        if isinstance(node, Scalar):
            return {"en": node.value.strip()}
        if not isinstance(node, Fields):
            self.fault("D103", node.mark, f"{what} is not a text", "write '{en: ...}' or one text")
            return {}
        found: dict[str, str] = {}
        for key, value in node:
            if self.language(key, what) and (text := self.text(value, f"{what} in '{key.value}'")):
                found[key.value] = text
        return found

    def language(self, key: Scalar, what: str) -> bool:
        """Whether a key is a language code."""
        if LANGUAGE_CODE.fullmatch(key.value):
            return True
        mend = "write the two or three letter code, such as en, sr, fa, ckb"
        self.fault("D110", key.mark, f"{what}: '{key.value[:40]}' is not a language code", mend)
        return False

    def choice(self, node: Node | None, what: str, allowed: Collection[str], default: str) -> str:
        """One word out of `allowed`."""
        if node is None or is_nothing(node):
            return default
        word = self.text(node, what)
        for known in allowed:
            if word.replace("_", " ") == known.replace("_", " "):
                return known
        self.fault("D104", node.mark, f"{what} cannot be '{word[:40]}'", nearest(word, allowed))
        return default

    def answer(self, node: Node | None, what: str) -> Answer:
        """`yes`, `no` or `unknown`; unknown when absent."""
        return cast("Answer", self.choice(node, what, ANSWERS, "unknown"))

    def flag(self, node: Node | None, what: str) -> bool:
        """`yes` or `no` (or `true`, `false`); no when absent."""
        return self.choice(node, what, FLAGS, "no") in {"yes", "true"}

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """The values of a list; empty when absent."""
        if node is None or is_nothing(node):
            return ()
        if not isinstance(node, Items):
            self.fault("D103", node.mark, f"{what} is not a list", "write it in brackets: [one, two]")
            return ()
        return node.values

    def words(self, node: Node | None, what: str) -> tuple[Word, ...]:
        """The words of a list with their marks, each once."""
        found: dict[str, Mark] = {}
        for item in self.items(node, what):
            word = self.ident(item, what)
            if word in found:
                self.fault("D113", item.mark, f"{what} names '{word}' twice", "keep one")
            elif word:
                found[word] = item.mark
        return tuple(found.items())

    def day(self, node: Node | None, what: str) -> date | None:
        """A day such as 2026-11-01."""
        if node is None or is_nothing(node):
            return None
        word = self.text(node, what)
        try:
            if _DAY.fullmatch(word):
                return date.fromisoformat(word)
        except ValueError:
            pass  # such as 2026-02-30: the same fault as another form
        self.fault("D106", node.mark, f"{what} is not a day: '{word[:40]}'", "write it as 2026-11-01")
        return None

    def count(self, node: Node | None, what: str) -> int | None:
        """A whole number from 0 to 9999; None when absent."""
        if node is None or is_nothing(node):
            return None
        word = self.text(node, what)
        if re.fullmatch(r"[0-9]{1,4}", word, re.ASCII):
            return int(word)
        self.fault(
            "D121", node.mark, f"{what} is not a number: '{word[:40]}'", "write a whole number, such as 20"
        )
        return None

    def ages(self, node: Node | None, what: str) -> tuple[int | None, int | None] | None:
        """A pair of ages, each inclusive or open."""
        if node is None or is_nothing(node):
            return None
        values = self.items(node, what)
        if len(values) != 2 or not all(is_nothing(one) or _is_age(one) for one in values):  # noqa: PLR2004 - a pair
            self.fault("D112", node.mark, f"{what} is not two ages", "write [18, null] or [16, 25]")
            return None
        low, high = (None if is_nothing(one) else int(cast("Scalar", one).value) for one in values)
        if low is not None and high is not None and low > high:
            self.fault("D112", node.mark, f"{what} ends before it starts", f"write [{high}, {low}]")
            return None
        return low, high


def _is_age(node: Node) -> bool:
    return isinstance(node, Scalar) and re.fullmatch(r"1?[0-9]{1,2}", node.value, re.ASCII) is not None


def marks(fields: Fields, words: Mapping[str, tuple[Word, ...]]) -> Mapping[str, Mark]:
    """Where each key stands (underscored), and each word of the lists in `words` as `list/word`."""
    found = {key.value.replace(" ", "_"): key.mark for key, _ in fields}
    for name, listed in words.items():
        found.update({f"{name}/{word}": mark for word, mark in listed})
    found[""] = fields.mark
    return found
