"""Reads a marked form: words, texts, lists and yes-or-no answers, each fault written down with its mend."""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Final

from bot.flow.definition import Text
from bot.flow.nearest import mend_name, nearest, one_of
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar, Severity

_YES: Final = frozenset({"true", "yes", "on"})
_NO: Final = frozenset({"false", "no", "off"})
_NOTHING: Final = frozenset({"", "~", "null"})

_DURATION: Final = re.compile(r"(\d{1,5}) (second|minute|hour|day)s?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"\d{1,4}")
_BRACED: Final = re.compile(r"\{([^{}]*)\}")
_SLOT: Final = re.compile(r"[^\W\d]\w*")

_QUOTED: Final = 40  # characters of a text in a message

BLOCK: Final = (
    "put the text in a block: '|' after the colon, the text on the next line, two spaces further in"
)


class Form:
    """Collects problems while a file is read. Every method answers with something usable or None."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fault(self, code: str, mark: Mark, message: str, mend: str, severity: Severity = "error") -> None:
        """Write one problem down."""
        self.problems.append(Problem(code, mark, message, mend, severity))

    def fields(self, node: Node, what: str, known: Collection[str] | None = None) -> Fields | None:
        """The mapping `node` is. `known` are its possible keys, with spaces; None where the file names its own."""
        if not isinstance(node, Fields):
            self.fault(
                "F100",
                node.mark,
                f"{what} is not a list of 'name: value' lines",
                "write one 'name: value' a line below it, two spaces further in",
            )
            return None
        for key, _ in node if known is not None else ():
            name = plain(key.value)
            if known is not None and name not in known:
                close = nearest(name, known)
                mend = f"write '{close}'" if close else f"remove it; {what} knows {', '.join(sorted(known))}"
                self.fault("F102", key.mark, f"{what} has no key '{key.value}'", mend)
        return node

    def required(self, fields: Fields, key: str, what: str) -> Node | None:
        """The value under `key`, or None with a problem."""
        node = fields.get(key)
        if node is None:
            self.fault("F101", fields.mark, f"{what} has no '{key}'", f"add '{key}: ...'")
        return node

    def word(self, node: Node, key: str) -> str | None:
        """One line of text that is a name or a word."""
        scalar = self.scalar(node, key)
        if scalar is None:
            return None
        value = scalar.value.strip()
        if "\n" in value:
            self.fault("F110", node.mark, f"'{key}' has several lines", "write one name on one line")
            return None
        return value

    def scalar(self, node: Node, key: str) -> Scalar | None:
        """The leaf `node` is, when something stands in it."""
        if not isinstance(node, Scalar):
            self.fault("F100", node.mark, f"'{key}' takes one value here", f"write '{key}: value'")
            return None
        if not node.value.strip() or (node.plain and node.value in _NOTHING):
            self.fault("F103", node.mark, f"'{key}' is empty", "write its value, or remove the line")
            return None
        return node

    def words(self, node: Node, key: str) -> tuple[tuple[str, Mark], ...]:
        """One word, or a list of words, each with its place."""
        nodes = node.values if isinstance(node, Items) else (node,)
        found = []
        for item in nodes:
            self.nothing_lost(item)
            word = self.word(item, key)
            if word is not None:
                found.append((word, item.mark))
        return tuple(found)

    def flag(self, node: Node | None, key: str) -> bool:
        """Whether the file says yes; false when the key is not there."""
        if node is None:
            return False
        word = (self.word(node, key) or "").lower()
        if word in _YES:
            return True
        if word and word not in _NO:
            self.fault("F110", node.mark, f"'{key}: {word}' is neither yes nor no", f"write '{key}: true'")
        return False

    def one_of(self, node: Node, key: str, known: Collection[str]) -> str | None:
        """A word out of `known`, written with spaces or underscores."""
        word = self.word(node, key)
        if word is None:
            return None
        if plain(word) not in known:
            close = nearest(plain(word), known)
            mend = f"write '{close}'" if close else f"write {one_of(sorted(known))}"
            self.fault("F110", node.mark, f"'{key}' cannot be '{word}'", mend)
            return None
        return plain(word)

    def number(self, node: Node, key: str, *, least: int, most: int) -> int | None:
        """A whole number between `least` and `most`."""
        word = self.word(node, key)
        if word is None:
            return None
        if not _NUMBER.fullmatch(word) or not least <= int(word) <= most:
            self.fault(
                "F110",
                node.mark,
                f"'{key}: {word}' is not a number from {least} to {most}",
                f"write '{key}: {least}'",
            )
            return None
        return int(word)

    def duration(self, node: Node, key: str) -> timedelta | None:
        """A length of time such as `10 minutes`."""
        word = self.word(node, key)
        if word is None:
            return None
        match = _DURATION.fullmatch(word.lower())
        if match is None or int(match[1]) == 0:
            self.fault(
                "F110", node.mark, f"'{key}: {word}' is no length of time", f"write '{key}: 10 minutes'"
            )
            return None
        return timedelta(**{f"{match[2]}s": int(match[1])})

    def day(self, node: Node, key: str) -> date | None:
        """A day written 2026-11-21."""
        word = self.word(node, key)
        if word is None:
            return None
        if _DAY.fullmatch(word):
            with suppress(ValueError):
                return date.fromisoformat(word)
        self.fault(
            "F110", node.mark, f"'{key}: {word}' is no day", f"write year-month-day: {key}: 2026-11-21"
        )
        return None

    def text(self, node: Node, key: str, context: str) -> Text | None:
        """A text that people read. Its context is where its translations are found."""
        if isinstance(node, Fields) and node.inline:
            self.fault("F107", node.mark, f"'{key}' starts with a brace, so YAML reads a mapping", BLOCK)
            return None
        scalar = self.scalar(node, key)
        if scalar is None:
            return None
        self.nothing_lost(scalar)
        return self.text_of(scalar.value, scalar.mark, context)

    def text_of(self, written: str, mark: Mark, context: str) -> Text:
        """The text `written`, with the names in its braces checked for their form."""
        source = written.strip()
        names = []
        for found in _BRACED.finditer(source):
            name = found[1].strip()
            if not _SLOT.fullmatch(name):
                self.fault(
                    "F606",
                    mark,
                    f"'{found[0]}' holds no slot name",
                    "write a slot in braces, {city}, or no braces",
                )
            elif name not in names:
                names.append(name)
        rest = _BRACED.sub("", source)
        if "{" in rest or "}" in rest:
            self.fault("F606", mark, "a brace is not closed", "write a slot in braces, {city}, or no braces")
        return Text(context, source, mark, tuple(names))

    def nothing_lost(self, node: Node) -> None:
        """Write down what YAML cut off a text behind ` #`."""
        if isinstance(node, Scalar) and node.lost:
            self.fault(
                "F108", node.mark, f"'{_start(node.lost)}' is cut off: YAML reads a remark behind ' #'", BLOCK
            )

    def unknown(
        self,
        code: str,
        written: tuple[str, Mark],
        known: Mapping[str, Mark | None],
        *,
        message: str,
        otherwise: str,
    ) -> bool:
        """Whether a written name is none of `known`; then a problem with the nearest one, or `otherwise`, as mend."""
        name, mark = written
        if name in known:
            return False
        self.fault(code, mark, message, mend_name(name, known, otherwise=otherwise))
        return True


def plain(word: str) -> str:
    """A word of the language as we print it: spaces for underscores."""
    return " ".join(word.replace("_", " ").split())


def _start(text: str) -> str:
    return text if len(text) <= _QUOTED else text[: _QUOTED - 3] + "..."
