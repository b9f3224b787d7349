"""Changes single values of a YAML file in place: comments, order, quotes and every other byte stay.

Each change is checked by reading the file again: it holds exactly what was asked for, or CannotEditError is raised.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml

from bot.content.marks import read_yaml
from bot.content.yaml_scalars import Value, inline, is_plain, item, scalar
from bot.directory.reading import is_nothing
from bot.kernel.problems import Fields, Items, Mark, Node

Path = tuple[str | int, ...]
"""Keys (with underscores) and places in lists, from the outside in."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is usually written.

    `short`: the key that a bare text at a path stands for, such as `en` for a name; empty where it is only itself.
    `order`: the keys of the record at a path, in their usual order. `lines`: lists whose records have their own lines.
    """

    short: Callable[[Path], str]
    order: Callable[[Path], Sequence[str]]
    lines: frozenset[str] = frozenset()


_BOM: Final = "\ufeff"


class CannotEditError(Exception):
    """A file is written in a way that this module does not know; `mark` is where. It has to be changed by hand."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(str(mark))
        self.mark = mark


class YamlFile:
    """One file while it is changed."""

    def __init__(self, source: bytes, file: str, layout: Layout) -> None:
        self.file = file
        self._short = layout.short
        self._order = layout.order
        self._lines = layout.lines
        text = source.decode("utf-8")
        self._bom = _BOM if text.startswith(_BOM) else ""
        self._text = text.removeprefix(_BOM)
        self._break = "\r\n" if "\r\n" in text else "\n"
        self._expected = self._data()

    def source(self) -> bytes:
        """The file as it is now. Raises CannotEditError when it does not hold what it should."""
        if self._data() != self._expected:
            raise CannotEditError(Mark(self.file, 1, 1))
        return (self._bom + self._text).encode()

    def value(self) -> Value:
        """All that the file holds now."""
        return self._expected

    def put(self, path: Path, value: Value) -> None:
        """Write `value` at `path`; a new key comes where it usually stands."""
        parent, step = path[:-1], path[-1]
        node = self._node(parent)
        if parent and (node is None or _is_null(node)):
            self.put(parent, {str(step): value})
            return
        if isinstance(node, yaml.ScalarNode):
            self._put_beside_bare(parent, node, str(step), value)
            return
        child = _child(node, step)
        if child is not None:
            self._replace(child, value, _key_of(node, step))
        elif isinstance(node, yaml.MappingNode):
            self._insert(node, str(step), value, self._order(parent))
        else:
            raise CannotEditError(self._mark(node))
        _put(self._expected, path, value)

    def append(self, path: Path, value: Value) -> None:
        """Add `value` behind the last item of the list at `path`."""
        node = self._node(path)
        if node is None or _is_null(node):
            self._put_first(path, value)
            return
        if not isinstance(node, yaml.SequenceNode):
            raise CannotEditError(self._mark(node))
        if node.flow_style or not node.value:
            at = node.value[-1].end_mark.index if node.value else node.start_mark.index + 1
            self._splice(at, at, (", " if node.value else "") + inline(value))
        else:
            lines = item(value, node.start_mark.column)
            self._insert_lines(self._last(node), lines)
        _append(self._expected, path, value)

    def drop(self, path: Path) -> None:
        """Take out what stands at `path`; a list or mapping that would be left empty goes with it."""
        parent, step = path[:-1], path[-1]
        node = self._node(parent)
        if isinstance(node, yaml.ScalarNode) and parent and step == self._short(parent):
            self.drop(parent)
            return
        if not isinstance(node, yaml.CollectionNode) or _child(node, step) is None:
            return
        if len(node.value) == 1 and parent:
            self.drop(parent)
            return
        if isinstance(node, yaml.MappingNode):
            index = next(at for at, (key, _) in enumerate(node.value) if _named(key) == step)
            spans = [(key.start_mark.index, self._last(value) or _end(key)) for key, value in node.value]
        else:
            index = cast("int", step)
            spans = [(value.start_mark.index, self._last(value)) for value in node.value]
        self._cut(node, spans, index)
        _drop(self._expected, path)

    def _cut(self, node: yaml.CollectionNode, spans: list[tuple[int, int]], index: int) -> None:
        start, end = spans[index]
        before = self._text.rfind("\n", 0, start) + 1
        alone = self._text[before:start].strip() in {"", "-"}
        if not node.flow_style and alone and not self._shares_its_dash(node, before, start):
            after = self._text.find("\n", end)
            self._splice(before, len(self._text) if after < 0 else after + 1, "")
        elif index + 1 < len(spans):
            self._splice(start, spans[index + 1][0], "")
        elif index:
            self._splice(spans[index - 1][1], end, "")
        else:
            self._splice(start, end, "")

    def _shares_its_dash(self, node: yaml.Node, before: int, start: int) -> bool:
        """Whether the first key of a record in a list is meant: the dash before it belongs to all its keys."""
        return isinstance(node, yaml.MappingNode) and "-" in self._text[before:start]

    def _put_first(self, path: Path, value: Value) -> None:
        """Make a list of one."""
        parent = self._node(path[:-1])
        exists = parent is not None and _child(parent, path[-1]) is not None
        if (
            isinstance(parent, yaml.MappingNode)
            and not parent.flow_style
            and not exists
            and path[-1] in self._lines
        ):
            indent = parent.value[0][0].start_mark.column
            lines = [f"{' ' * indent}{path[-1]}:", *item(value, indent + 2)]
            self._insert_lines(self._behind(parent, str(path[-1]), self._order(path[:-1])), lines)
            _put(self._expected, path, [value])
        else:
            self.put(path, [value])

    def _put_beside_bare(self, path: Path, node: yaml.ScalarNode, step: str, value: Value) -> None:
        """A bare text stands where a record is wanted: change it, or write the record out."""
        short = self._short(path)
        if step == short:
            self._replace(node, value, None)
            _put(self._expected, path, value)
            return
        if not short:
            raise CannotEditError(self._mark(node))
        start, end = _span(node)
        bare = self._text[start:end]
        if "\n" in bare or not (node.style or is_plain(bare)):
            bare = scalar(node.value)
        written = f"{{{short}: {bare}, {scalar(step)}: {inline(value)}}}"
        self._splice(start, end, written + _tail(self._text, node))
        _put(self._expected, path, {short: node.value, step: value})

    def _replace(self, node: yaml.Node, value: Value, key: yaml.Node | None) -> None:
        start, end = _span(node)
        if isinstance(value, str) and isinstance(node, yaml.ScalarNode):
            written = scalar(value, node.style)
        else:
            written = inline(value)
        if key is not None and (start == end or _is_block(node)):
            start = self._text.index(":", _end(key)) + 1
            end, written = max(self._last(node), start), f" {written}"
        elif _is_block(node):
            end = self._last(node)
        self._splice(start, end, written + _tail(self._text, node))

    def _insert(self, node: yaml.MappingNode, key: str, value: Value, order: Sequence[str]) -> None:
        if node.flow_style or not node.value:
            at = self._behind(node, key, order) if node.value else node.start_mark.index + 1
            written = f"{scalar(key)}: {inline(value)}"
            self._splice(at, at, (", " if node.value else "") + written)
            return
        indent = node.value[0][0].start_mark.column
        line = f"{' ' * indent}{scalar(key)}: {inline(value)}"
        self._insert_lines(self._behind(node, key, order), [line])

    def _behind(self, node: yaml.MappingNode, key: str, order: Sequence[str]) -> int:
        """Where the entry ends that a new key comes behind."""
        place = order.index(key) if key in order else len(order)
        earlier = [pair for pair in node.value if _named(pair[0]) in order[:place]]
        last, value = (earlier or node.value)[-1]
        return self._last(value) or _end(last)

    def _last(self, node: yaml.Node) -> int:
        """Where a node's last sign stands; 0 for a value that is not there. Marks of blocks end behind what follows."""
        if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
            start, end = _span(node)
            return start + len(self._text[start:end].rstrip()) if end > start else 0
        if isinstance(node, yaml.MappingNode):
            key, value = node.value[-1]
            return self._last(value) or _end(key)
        return self._last(node.value[-1]) or _end(node.value[-1])

    def _insert_lines(self, at: int, lines: list[str]) -> None:
        end = self._text.find("\n", at)
        end = len(self._text) if end < 0 else end
        if self._break == "\r\n" and self._text[:end].endswith("\r"):
            end -= 1
        self._splice(end, end, "".join(self._break + line for line in lines))

    def _splice(self, start: int, end: int, written: str) -> None:
        self._text = self._text[:start] + written + self._text[end:]

    def _node(self, path: Path) -> yaml.Node | None:
        node = self._composed()
        for step in path:
            if node is None:
                return None
            node = _child(node, step)
        return node

    def _composed(self) -> yaml.Node | None:
        try:
            return yaml.compose(self._text, Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, ValueError):
            raise CannotEditError(Mark(self.file, 1, 1)) from None

    def _data(self) -> Value:
        node, problems = read_yaml(self._text.encode(), self.file)
        if node is None or any(problem.severity == "error" for problem in problems):
            mark = problems[0].mark if problems else Mark(self.file, 1, 1)
            raise CannotEditError(mark)
        return as_value(node)

    def _mark(self, node: yaml.Node | None) -> Mark:
        at = node.start_mark if node else None
        return Mark(self.file, at.line + 1, at.column + 1) if at else Mark(self.file, 1, 1)


def as_value(node: Node) -> Value:
    """What stands in a marked tree, keys with underscores, texts without spaces around them."""
    if isinstance(node, Fields):
        return {key.value.replace(" ", "_"): as_value(value) for key, value in node}
    if isinstance(node, Items):
        return [as_value(value) for value in node.values]
    return None if is_nothing(node) else node.value


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if _named(key) == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return cast("yaml.Node", node.value[step])
    return None


def _key_of(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((key for key, _ in node.value if _named(key) == step), None)
    return None


def _named(key: yaml.Node) -> str:
    return str(key.value).replace(" ", "_")


def _end(node: yaml.Node) -> int:
    return int(node.end_mark.index)


def _span(node: yaml.Node) -> tuple[int, int]:
    return int(node.start_mark.index), int(node.end_mark.index)


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in {"", "~", "null"}


def _tail(text: str, node: yaml.Node) -> str:
    """The line break that a block text (`|`) takes with it."""
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        taken = text[node.start_mark.index : node.end_mark.index]
        return taken[len(taken.rstrip()) :]
    return ""


def _put(data: Any, path: Path, value: Value) -> None:  # noqa: ANN401 - lists and mappings, followed before
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = _as_read(value)


def _append(data: Any, path: Path, value: Value) -> None:  # noqa: ANN401 - the same
    for step in path:
        data = data[step]
    data.append(_as_read(value))


def _as_read(value: Value) -> Value:
    """A value as it will be read: numbers are texts."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _as_read(one) for key, one in value.items()}
    return value if value is None or isinstance(value, str) else [_as_read(one) for one in value]


def _drop(data: Any, path: Path) -> None:  # noqa: ANN401 - the same
    for step in path[:-1]:
        data = data[step]
    del data[path[-1]]
