"""YAML to marked nodes: keeps file, line and column of every key and value, and refuses what YAML can be abused for.

Scalars stay text whatever they look like, so `yes`, `no` and `on` are words as in YAML 1.2.
"""

import re
from collections.abc import Mapping
from typing import Final

import yaml

from bot.content.word_lists import read_word_lists
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

MAX_FILE_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 20
_BOM: Final = "\ufeff"
_BLOCK: Final = "put the text in a block: 'say: |' and the text on the next line, two spaces further in"
_COLUMN: Final = (
    "this line does not begin in the column of the lines above",
    "write it in the same column as the lines it belongs to",
)
_UNCLOSED: Final = ("a bracket, a brace or a quote is not closed", "close it before this place")
_MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    "found character that cannot start any token": ("a text starts with a special character", _BLOCK),
    "mapping values are not allowed": ("a colon stands inside a text, or this line is too far in", _BLOCK),
    "expected ',' or": _UNCLOSED,
    "unexpected end of stream": _UNCLOSED,
    "expected '-' indicator": _COLUMN,
    "did not find expected key": _COLUMN,
    "expected <block end>": _COLUMN,
    "could not find expected ':'": ("a line has no colon", "write 'name: value', or put the text in a block"),
    "expected comment or line break": (
        "something stands behind '|' or '>'",
        "begin the text on the next line",
    ),
}
"""Part of what libyaml says -> what is wrong and what to write."""

_OPENED: Final = re.compile(r"""\s*(?:- )?(?:[^:#"']+:\s+)?([{\["'])""")


class PlainLoader(yaml.CSafeLoader):
    """Leaves plain scalars without a kind: everything stays text, and finding kinds takes a third of the time."""

    def resolve(self, _kind: type[yaml.Node], _value: str | None, _implicit: object) -> str:
        """No tag."""
        return ""

    def descend_resolver(self, _node: yaml.Node | None, _index: object) -> None:
        """Nothing to look up on the way down."""

    def ascend_resolver(self) -> None:
        """Nothing to look up on the way back."""


class _RefusedError(Exception):
    """Carries the problem out of the recursion."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def read_yaml(source: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one file, or None with the problems that keep it from being read.

    `file` is the path that marks carry. An empty file is an empty mapping.
    Duplicate keys are reported all at once and the first one is kept.
    """
    try:
        text = _decoded(source, file)
        lists = read_word_lists(text, file)
        if lists is not None:
            return lists, []
        root = _composed(text, file)
        if root is None:
            return Fields((), Mark(file, 1, 1)), []
        problems = _anchors(text, file)
        if problems:
            return None, problems  # an alias may expand without end
        return _Reading(file, text.splitlines(), problems).convert(root, 0), problems
    except _RefusedError as refused:
        return None, [refused.problem]


def _decoded(source: bytes, file: str) -> str:
    if len(source) > MAX_FILE_BYTES:
        message = f"this file has {len(source)} bytes, more than {MAX_FILE_BYTES}"
        raise _RefusedError(Problem("Y101", Mark(file, 1, 1), message, "split it into several files"))
    try:
        return source.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as fault:
        line = source[: fault.start].count(b"\n") + 1
        problem = Problem("Y102", Mark(file, line, 1), "this file is not UTF-8", "save it as UTF-8")
        raise _RefusedError(problem) from None


def _composed(text: str, file: str) -> yaml.Node | None:
    start = Mark(file, 1, 1)
    try:
        return yaml.compose(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as fault:
        raise _RefusedError(_syntax_problem(fault, text, file)) from None
    except (yaml.YAMLError, ValueError) as fault:
        message = f"this file has a character YAML does not allow ({_short(fault)})"
        raise _RefusedError(Problem("Y100", start, message, "remove it")) from None
    except RecursionError:
        problem = Problem("Y107", start, "this file is nested too deeply", "write it flatter")
        raise _RefusedError(problem) from None


def _short(fault: Exception) -> str:
    return str(fault).splitlines()[0][:80] if str(fault) else type(fault).__name__


def _syntax_problem(fault: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    at = fault.problem_mark or fault.context_mark
    lines = text.splitlines() or [""]
    row = min(at.line, len(lines) - 1) if at else 0
    line = lines[row]
    ended = at is None or at.line > row
    column = len(line) if at is None or ended else min(at.column, len(line))
    mark = Mark(file, row + 1, column + 1)
    what = fault.problem or "this is not YAML"
    if "found undefined alias" in what:
        return Problem(
            "Y104", mark, "anchors and aliases (& and *) are not used here", "write the value again"
        )
    message, mend = _in_plain_words(what, line, column, ended=ended)
    return Problem("Y100", mark, message, mend)


def _in_plain_words(what: str, line: str, column: int, *, ended: bool) -> tuple[str, str]:
    """What libyaml means, and what to do about it."""
    opened = _OPENED.match(line)
    if "\t" in line[: column + 1]:
        return "a tab stands in the indentation", "indent with spaces"
    if not ended and opened is not None and column >= opened.end():
        return f"a text starts with {opened[1]} and goes on behind it", _BLOCK
    for part, (message, mend) in _MEANINGS.items():
        if part in what:
            return message, mend
    return f"YAML cannot read this: {what}", "check indentation, colons and quotes near here"


def _anchors(text: str, file: str) -> list[Problem]:
    found: list[Problem] = []
    if "&" not in text:
        return found  # an alias of nothing is refused before
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if (isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None)) and event.start_mark:
                mark = Mark(file, event.start_mark.line + 1, event.start_mark.column + 1)
                found.append(
                    Problem(
                        "Y104",
                        mark,
                        "anchors and aliases (& and *) are not used here",
                        "write the value again",
                    )
                )
    except yaml.YAMLError:
        return found
    return found


class _Reading:
    """One file on its way from YAML nodes to marked ones."""

    def __init__(self, file: str, lines: list[str], problems: list[Problem]) -> None:
        self._file = file
        self._lines = lines
        self._problems = problems

    def convert(self, node: yaml.Node, depth: int) -> Node:
        """The marked node, `depth` levels down. None holds itself: anchors were refused before."""
        if depth > MAX_DEPTH:
            mark = self._mark(node)
            raise _RefusedError(Problem("Y107", mark, "this is nested too deeply", "write it flatter"))
        if node.tag and not node.tag.startswith("tag:yaml.org,2002:"):
            message = f"tags are not used here ({node.tag})"
            self._problems.append(Problem("Y105", self._mark(node), message, "remove the word after '!'"))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, self._mark(node))
        if isinstance(node, yaml.SequenceNode):
            values = tuple([self.convert(item, depth + 1) for item in node.value])
            return Items(values, self._mark(node), inline=bool(node.flow_style))
        if isinstance(node, yaml.MappingNode):
            return self._fields(node, depth)
        mark = self._mark(node)
        raise _RefusedError(Problem("Y100", mark, "YAML cannot read this", "check indentation near here"))

    def _mark(self, node: yaml.Node) -> Mark:
        start = node.start_mark
        return Mark(self._file, start.line + 1, start.column + 1)

    def _scalar(self, node: yaml.ScalarNode, mark: Mark) -> Scalar:
        if node.style:
            return Scalar(node.value, mark, plain=False)
        return Scalar(node.value, mark, lost=self._behind(node))

    def _behind(self, node: yaml.ScalarNode) -> str:
        end = node.end_mark
        row = end.line
        if row >= len(self._lines) or "#" not in self._lines[row]:
            return ""
        rest = self._lines[row][end.column :].lstrip()
        return rest if rest.startswith("#") else ""

    def _fields(self, node: yaml.MappingNode, depth: int) -> Fields:
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            key_mark = self._mark(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problems.append(
                    Problem("Y106", key_mark, "a name must be a plain word", "write 'name: value'")
                )
                continue
            name = key_node.value.replace("_", " ")
            if name in seen:
                self._problems.append(
                    Problem(
                        "Y103",
                        key_mark,
                        f"'{key_node.value}' stands twice here",
                        f"keep one (the first is at {seen[name]})",
                    )
                )
                continue
            seen[name] = key_mark
            entries.append((self._scalar(key_node, key_mark), self.convert(value_node, depth + 1)))
        return Fields(tuple(entries), self._mark(node), inline=bool(node.flow_style))
