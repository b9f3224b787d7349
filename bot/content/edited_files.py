"""The organisations' files while an import changes them, and which cell each changed place came from."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, cast

from bot.content.directory_tables import Filed
from bot.content.marks import read_yaml
from bot.content.yaml_edits import CannotEditError, Layout, Path, YamlFile
from bot.content.yaml_scalars import Value
from bot.directory.record_format import order_at, short_at
from bot.directory.sheet_changes import Edit
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

LAYOUT: Final = Layout(short_at, order_at, frozenset({"services", "phones", "visits", "sources"}))
"""How an organisation's file is usually written."""


class EditedFiles:
    """Files by their paths, read from `filed`, with every change so far. Faults are collected in `problems`."""

    def __init__(self, filed: Mapping[str, Filed]) -> None:
        self.problems: list[Problem] = []
        self._before = {file.path: file.source for file in filed.values()}
        self._files: dict[str, YamlFile] = {}
        self._cells: dict[str, list[tuple[Path, Mark, bool]]] = {}
        self._removals: list[tuple[str, Path, int]] = []

    def begin(self, file: str, text: str) -> None:
        """Begin a new file with `text`."""
        self._files[file] = YamlFile(text.encode(), file, LAYOUT)

    def edit(self, file: str, path: Path, edit: Edit, cell: Mark | None = None) -> None:
        """Carry out a change of the record at `path`; `cell` is where it was asked for."""
        whole = (*path, *edit.path)
        try:
            yaml = self._file(file)
            if edit.deed == "drop":
                yaml.drop(whole)
            elif edit.deed == "append":
                yaml.append(whole, edit.value)
            else:
                yaml.put(whole, edit.value)
        except CannotEditError as fault:
            self._cannot(fault)
        if cell:
            self.remember(file, whole, cell, deep=True)

    def remember(self, file: str, path: Path, cell: Mark, *, deep: bool) -> None:
        """What stands at `path` came from `cell`; `deep`: with all that is in it. The first who says so is right."""
        self._cells.setdefault(file, []).append((path, cell, deep))

    def remove(self, file: str, path: Path, place: int) -> None:
        """Take an item out of the list at `path` when everything else is done, so that places stay what they are."""
        self._removals.append((file, path, place))

    def length(self, file: str, path: Path) -> int:
        """How many items the list at `path` has now."""
        value = self._file(file).value()
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = cast("Value", value.get(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = cast("Value", value[step])
            else:
                return 0
        return len(value) if isinstance(value, list) else 0

    def finish(self) -> dict[str, bytes]:
        """The new bytes of every file that changes."""
        for file, path, place in sorted(self._removals, key=lambda one: one[2], reverse=True):
            self.edit(file, path, Edit("drop", (place,)))
            self._cells[file] = [
                (_shifted(cells, path, place), mark, deep) for cells, mark, deep in self._cells.get(file, [])
            ]
        made: dict[str, bytes] = {}
        for name, yaml in self._files.items():
            try:
                source = yaml.source()
            except CannotEditError as fault:
                self._cannot(fault)
                continue
            if source != self._before.get(name):
                made[name] = source
        return made

    def in_cells(self, files: Mapping[str, bytes], problem: Problem) -> Problem:
        """The same problem at the cell that caused it, where one did."""
        file = problem.mark.file
        node, _ = read_yaml(files[file], file) if file in files else (None, [])
        for path, cell, deep in self._cells.get(file, []) if node else []:
            if problem.mark in _marks(node, path, deep=deep):
                return replace(problem, mark=cell)
        return problem

    def _file(self, file: str) -> YamlFile:
        if file not in self._files:
            self._files[file] = YamlFile(self._before[file], file, LAYOUT)
        return self._files[file]

    def _cannot(self, fault: CannotEditError) -> None:
        message = "this is written in a way that a sheet cannot change"
        self.problems.append(Problem("D506", fault.mark, message, "make the change in the file itself"))


def _shifted(path: Path, inside: Path, place: int) -> Path:
    """A path after the item at `place` was taken out of the list at `inside`."""
    step = path[len(inside)] if len(path) > len(inside) and path[: len(inside)] == inside else None
    if isinstance(step, int) and step > place:
        return (*inside, step - 1, *path[len(inside) + 1 :])
    return path


def _marks(node: Node | None, path: Path, *, deep: bool) -> set[Mark]:
    """Where the value at `path` stands, with its key, the key it lies under and, if `deep`, all that is in it."""
    found: set[Mark] = set()
    for at, step in enumerate(path):
        if isinstance(node, Fields):
            if deep and at >= len(path) - 2 and node.get(str(step)) is not None:
                found.add(node.key_mark(str(step)))
            node = node.get(str(step))
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.values):
            node = node.values[step]
        elif not isinstance(node, Scalar):
            return found
    if node is None:
        return found
    return found | (set(_all_marks(node)) if deep else {node.mark})


def _all_marks(node: Node) -> Iterator[Mark]:
    yield node.mark
    for one in node.values if isinstance(node, Items) else ():
        yield from _all_marks(one)
    for key, value in node if isinstance(node, Fields) else ():
        yield key.mark
        yield from _all_marks(value)
