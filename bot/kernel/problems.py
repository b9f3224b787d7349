"""Faults in content, each with its place and its mend, and the marked tree they are found in.

`content.marks` reads YAML into `Node`s; the parsers of flow, directory and i18n turn nodes into definitions
or Problems. Scalars stay text: `yes`, `no` and `on` are words, and each parser says what it expects.
A large directory has a million nodes and marks, so these are structs: made in a fifth of a dataclass's time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

Severity = Literal["error", "warning"]


class Mark(msgspec.Struct, frozen=True, order=True, gc=False):
    """A place in a content file: path relative to the content folder, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """The form editors jump to: `flows/asylum.yaml:42:9`."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault found in content. `code` is stable and has a section in docs/reference/problems.md."""

    code: str
    mark: Mark
    message: str
    mend: str
    severity: Severity = "error"

    def as_json(self) -> dict[str, str | int]:
        """The form of `fener check --format json`."""
        return {
            "code": self.code,
            "file": self.mark.file,
            "line": self.mark.line,
            "column": self.mark.column,
            "severity": self.severity,
            "message": self.message,
            "mend": self.mend,
        }


class Scalar(msgspec.Struct, frozen=True, gc=False):
    """A leaf: always text. `plain` is false when it was quoted or a block, so `"no"` can be told from `no`.

    `lost` is what stands after it on its line behind ` #`: a remark, or a text somebody believes to be sent.
    """

    value: str
    mark: Mark
    plain: bool = True
    lost: str = ""


class Items(msgspec.Struct, frozen=True, gc=False):
    """A list. `inline` is true for the form in square brackets."""

    values: tuple["Node", ...]
    mark: Mark
    inline: bool = False


class Fields(msgspec.Struct, frozen=True, gc=False):
    """A mapping in file order. Keys are normalised: underscores are read as spaces only by `get`.

    `inline` is true for the form in braces.
    """

    entries: tuple[tuple[Scalar, "Node"], ...]
    mark: Mark
    inline: bool = False

    def get(self, key: str) -> "Node | None":
        """The value under `key`, whether it was written with spaces or underscores."""
        wanted, length = key.replace("_", " "), len(key)
        for name, value in self.entries:
            if len(name.value) == length and name.value.replace("_", " ") == wanted:
                return value
        return None

    def key_mark(self, key: str) -> Mark:
        """Where `key` stands, or where the mapping starts."""
        wanted = key.replace("_", " ")
        for name, _ in self.entries:
            if name.value.replace("_", " ") == wanted:
                return name.mark
        return self.mark

    def __iter__(self) -> Iterator[tuple[Scalar, "Node"]]:
        """Key and value, in file order."""
        return iter(self.entries)


Node = Scalar | Items | Fields
