"""How a value is written into a YAML file: as plainly as it can be read back, in quotes where it must."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard

import yaml

from bot.directory.reading import NOTHING

Value = str | int | None | Sequence["Value"] | Mapping[str, "Value"]
"""What stands in a file, without its places: texts, numbers, lists, mappings, and None for nothing."""

_NUMBER: Final = re.compile(
    r"[-+]?[.0-9][0-9_.]*([eE][-+]?[0-9]+)?|0[box][0-9a-fA-F_]+|[-+]?\.(inf|nan)", re.IGNORECASE
)
_MARKS: Final = frozenset({"-", "?", ":"})
"""Each reads as itself in brackets, and as a mark of YAML behind a key."""

_WIDTH: Final = 110
_SHORT_BYTES: Final = 2  # of a letter in UTF-16 that four hexadecimal digits can name


def scalar(text: str, like: str | None = None) -> str:
    """One text on one line; `like` is the style it had: plain (None), single or double quotes."""
    if like == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return text if like != '"' and is_plain(text) else _quoted(text)


def inline(value: Value) -> str:
    """A value on one line, in braces and brackets where it has parts."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {inline(one)}" for key, one in value.items()) + "}"
    return "[" + ", ".join(inline(one) for one in value) + "]"


def block(record: Mapping[str, Value], indent: int) -> list[str]:
    """A record as lines, one for each key; lists of records and long records go on below their key."""
    lines: list[str] = []
    for key, value in record.items():
        head = f"{' ' * indent}{scalar(key)}:"
        line = f"{head} {inline(value)}"
        if isinstance(value, Mapping) and len(line) > _WIDTH:
            lines += [head, *block(value, indent + 2)]
        elif _is_list_of_records(value) and (len(line) > _WIDTH or key == "services"):
            lines.append(head)
            for one in value:
                lines += item(one, indent + 2)
        else:
            lines.append(line)
    return lines


def item(value: Value, indent: int) -> list[str]:
    """An item of a list as lines behind a dash."""
    if isinstance(value, Mapping) and value:
        lines = block(value, indent + 2)
        return [f"{' ' * indent}- {lines[0].lstrip()}", *lines[1:]]
    return [f"{' ' * indent}- {inline(value)}"]


def _is_list_of_records(value: Value) -> TypeGuard[Sequence[Mapping[str, Value]]]:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


def is_plain(text: str) -> bool:
    """Whether `text` without quotes is read as itself, in lists and braces too, and by other programs as no number."""
    if text in NOTHING or text in _MARKS or _NUMBER.fullmatch(text) or not text.isprintable():
        return False
    try:
        node = yaml.compose(f"[{text}]", Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return False
    one = node.value[0] if isinstance(node, yaml.SequenceNode) and len(node.value) == 1 else None
    return isinstance(one, yaml.ScalarNode) and not one.style and one.value == text


def _quoted(text: str) -> str:
    made = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in made)


def _escaped(letter: str) -> str:
    code = ord(letter)
    return f"\\u{code:04X}" if len(letter.encode("utf-16-le")) == _SHORT_BYTES else f"\\U{code:08X}"
