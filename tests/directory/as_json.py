"""A marked tree as an editor sees it: the values that YAML 1.2's core schema makes of plain words."""

import re
from typing import Any, Final

from bot.kernel.problems import Fields, Items, Node

_NOTHING: Final = {"", "~", "null", "Null", "NULL"}
_TRUE: Final = {"true", "True", "TRUE"}
_FALSE: Final = {"false", "False", "FALSE"}
_WHOLE: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


def as_json(node: Node) -> Any:
    """Source: yaml.org/spec/1.2.2, section 10.3.2, without octal, hexadecimal, infinity and not-a-number."""
    if isinstance(node, Fields):
        return {key.value: as_json(value) for key, value in node}
    if isinstance(node, Items):
        return [as_json(value) for value in node.values]
    if not node.plain:
        return node.value
    if node.value in _NOTHING:
        return None
    if node.value in _TRUE | _FALSE:
        return node.value in _TRUE
    return _number_or_text(node.value)


def _number_or_text(value: str) -> int | float | str:
    if _WHOLE.fullmatch(value):
        return int(value)
    return float(value) if _NUMBER.fullmatch(value) else value
