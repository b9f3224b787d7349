"""Changing single values in a YAML file while everything else stays as it was written: order, comments, spaces.

A value that is replaced is written in one line; a key that is new comes after the last one. Whoever edits reads the result
again and compares: what cannot be edited so is refused by them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import yaml

Plain: TypeAlias = "str | Sequence[Plain] | Mapping[str, Plain] | None"

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*( [A-Za-z]+)?|\d{4}-\d{2}-\d{2}")
_NOTHING: Final = frozenset({"null", "Null", "NULL"})


class EditError(Exception):
    """The file is not written in a way that this can edit."""


class YamlEdits:
    """Edits of one file, all made at once by `result`."""

    def __init__(self, text: str) -> None:
        """Read the file. Raises EditError."""
        self._text = text
        self._cuts: list[tuple[int, int, int, int, str]] = []
        try:
            root = yaml.compose(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            raise EditError from None
        if not isinstance(root, yaml.MappingNode):
            raise EditError
        self.root = root

    def item(self, key: str, name: str, value: str) -> yaml.MappingNode:
        """The mapping in the list under `key` whose `name` is `value`. Raises EditError."""
        listed = _entry(self.root, key)
        for item in listed.value if isinstance(listed, yaml.SequenceNode) else ():
            named = _entry(item, name)
            if isinstance(named, yaml.ScalarNode) and named.value.strip() == value:
                assert isinstance(item, yaml.MappingNode)
                return item
        raise EditError

    def put(self, mapping: yaml.MappingNode, key: str, value: Plain) -> None:
        """Write `value` under a key."""
        found = _entry(mapping, key)
        if found is None:
            self._add(mapping, key, value)
        else:
            self._cut(_colon(self._text, _key(mapping, key)), _end(found), f" {inline(value)}")

    def merge(self, mapping: yaml.MappingNode, key: str, values: Mapping[str, Plain]) -> None:
        """Write several values into the mapping under a key; what else is in it stays."""
        found = _entry(mapping, key)
        if not isinstance(found, yaml.MappingNode) or not found.value:
            self.put(mapping, key, values)
            return
        for name, value in values.items():
            self.put(found, name, value)

    def append(self, mapping: yaml.MappingNode, key: str, value: Plain) -> None:
        """Add one value to the list under a key."""
        found = _entry(mapping, key)
        if found is None or not isinstance(found, yaml.SequenceNode) or not found.value:
            self.put(mapping, key, [value])
        elif found.flow_style:
            self._cut(_end(found.value[-1]), _end(found.value[-1]), f", {inline(value)}")
        else:
            at, indent = self._line_after(_end(found.value[-1])), self._dash(found.value[-1])
            self._cut(at, at, f"{indent}- {inline(value)}\n")

    def result(self) -> str:
        """The whole file with every edit made."""
        text = self._text if self._text.endswith("\n") else self._text + "\n"
        for start, end, _, _, new in sorted(self._cuts, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _add(self, mapping: yaml.MappingNode, key: str, value: Plain) -> None:
        if not mapping.value:
            raise EditError
        last = _end(mapping.value[-1][1])
        if mapping.flow_style:
            self._cut(last, last, f", {key}: {inline(value)}")
            return
        at, column = self._line_after(last), mapping.value[0][0].start_mark.column
        self._cut(at, at, f"{' ' * column}{key}: {inline(value)}\n")

    def _cut(self, start: int, end: int, new: str) -> None:
        """Of two lines that are new in one place the one further in comes first: it belongs to what ends there."""
        inwards = len(new) - len(new.lstrip(" "))
        self._cuts.append((start, end, -inwards, len(self._cuts), new))

    def _line_after(self, at: int) -> int:
        """The beginning of the line after the one in which something ends."""
        end = self._text.find("\n", at)
        return len(self._text) + 1 if end < 0 else end + 1

    def _dash(self, item: yaml.Node) -> str:
        """The spaces before the dash of a list's item."""
        begins = self._text.rfind("-", 0, item.start_mark.index)
        line = self._text.rfind("\n", 0, begins) + 1
        if self._text[line:begins].strip():
            raise EditError
        return self._text[line:begins]


def inline(value: Plain) -> str:
    """A value in one line, quoted where it has to be."""
    match value:
        case None:
            return "null"
        case str():
            plain = _WORD.fullmatch(value) and value not in _NOTHING
            return value if plain else json.dumps(value, ensure_ascii=False)
        case Mapping():
            return "{" + ", ".join(f"{inline(key)}: {inline(each)}" for key, each in value.items()) + "}"
        case _:
            return "[" + ", ".join(inline(each) for each in value) + "]"


def _entry(node: yaml.Node, key: str) -> yaml.Node | None:
    """The value under a key, written with spaces or underscores."""
    for name, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(name, yaml.ScalarNode) and name.value.replace("_", " ") == key.replace("_", " "):
            assert isinstance(value, yaml.Node)
            return value
    return None


def _key(mapping: yaml.MappingNode, key: str) -> yaml.Node:
    for name, _ in mapping.value:
        if name.value.replace("_", " ") == key.replace("_", " "):
            assert isinstance(name, yaml.Node)
            return name
    raise EditError


def _colon(text: str, key: yaml.Node) -> int:
    """Behind the colon of a key."""
    at: int = key.end_mark.index
    while text[at : at + 1] in {" ", "\t"}:
        at += 1
    if text[at : at + 1] != ":":
        raise EditError
    return at + 1


def _end(node: yaml.Node) -> int:
    """Where a value ends; of what stands in a block, where its last part does."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        raise EditError
    index: int = node.end_mark.index
    return index
