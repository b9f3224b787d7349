"""JSON to marked nodes, as `marks` does for YAML: every key and value keeps its file, line and column."""

import re
from bisect import bisect_right
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # its stub forgets it
from typing import Final

from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

MAX_DEPTH: Final = 40
MAX_VALUES: Final = 3_000_000
"""Of one file: each takes some hundred bytes in memory, and two in a file that holds nothing else."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_BARE: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null", re.ASCII)
_MEND: Final = "write it as the program that made the file does; a validator of JSON shows the place"


def read_json(source: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one file, or None with the problem that keeps it from being read. Numbers stay text."""
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = source[: fault.start].count(b"\n") + 1
        return None, [Problem("D601", Mark(file, line, 1), "this file is not UTF-8", "save it as UTF-8")]
    reading = _Reading(text, file)
    try:
        return reading.whole(), []
    except _RefusedError as refused:
        return None, [refused.problem]


class _RefusedError(Exception):
    """Carries the problem out of the recursion."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class _Reading:
    """One text on its way to nodes."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._values = 0
        self._starts = [0, *(at.end() for at in re.finditer("\n", text))]

    def whole(self) -> Node:
        node, at = self._value(self._skip(0), 0)
        at = self._skip(at)
        if at != len(self._text):
            raise self._refused(at, "something stands behind the end")
        return node

    def _value(self, at: int, depth: int) -> tuple[Node, int]:
        if depth > MAX_DEPTH:
            raise self._refused(at, "this is nested too deeply")
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._refused(at, "more stands in this file than can be read at once")
        match self._text[at : at + 1]:
            case "{":
                return self._object(at, depth)
            case "[":
                return self._array(at, depth)
            case '"':
                return self._string(at)
        found = _BARE.match(self._text, at)
        if found is None:
            raise self._refused(at, "this is not JSON")
        word = "" if found[0] == "null" else found[0]
        return Scalar(word, self._mark(at)), found.end()

    def _string(self, at: int) -> tuple[Scalar, int]:
        try:
            text, end = scanstring(self._text, at + 1, True)  # noqa: FBT003  # strict: no bare line ends
        except JSONDecodeError as fault:
            raise self._refused(
                fault.pos, "a text is not closed, or has a character that JSON forbids"
            ) from None
        return Scalar(text.encode("utf-8", "replace").decode(), self._mark(at), plain=False), end

    def _object(self, at: int, depth: int) -> tuple[Fields, int]:
        mark, entries, seen = self._mark(at), list[tuple[Scalar, Node]](), set[str]()
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "}":
            if self._text[at : at + 1] != '"':
                raise self._refused(at, "a name in quotes is expected here")
            start = at
            key, at = self._string(at)
            if key.value in seen:
                raise self._refused(start, "the same name stands twice in one object")
            seen.add(key.value)
            at = self._expect(self._skip(at), ":")
            value, at = self._value(self._skip(at), depth + 1)
            entries.append((key, value))
            at = self._comma(self._skip(at), "}")
        return Fields(tuple(entries), mark), at + 1

    def _array(self, at: int, depth: int) -> tuple[Items, int]:
        mark, values = self._mark(at), list[Node]()
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "]":
            value, at = self._value(at, depth + 1)
            values.append(value)
            at = self._comma(self._skip(at), "]")
        return Items(tuple(values), mark), at + 1

    def _comma(self, at: int, end: str) -> int:
        """Behind a comma the next value; at the closing bracket it stays."""
        if self._text[at : at + 1] == end:
            return at
        at = self._skip(self._expect(at, ","))
        if self._text[at : at + 1] == end:
            raise self._refused(at, "nothing stands behind the comma")
        return at

    def _expect(self, at: int, letter: str) -> int:
        if self._text[at : at + 1] != letter:
            raise self._refused(at, f"'{letter}' is expected here")
        return at + 1

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _mark(self, at: int) -> Mark:
        line = bisect_right(self._starts, at)
        return Mark(self._file, line, at - self._starts[line - 1] + 1)

    def _refused(self, at: int, message: str) -> _RefusedError:
        return _RefusedError(Problem("D601", self._mark(at), message, _MEND))
