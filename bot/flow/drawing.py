"""The picture of a flow as SVG, drawn without any other program.

Steps stand in columns from left to right, as far from the start as their shortest way is long. Each is a box with a
line for every way out of it: its label, an arrow, and where it leads. Lines are drawn to steps further right. A way back
(with a bent arrow) and a way out of the flow (with a slanting one) are only said, so that the picture stays readable.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from bot.flow.definition import Flow, SlotType
from bot.flow.graph import arrows

_LETTER: Final = (
    6.7  # pixels of one letter at 12 pixels, on average; a little wide, so that nothing sticks out
)
_LINE: Final = 18  # pixels of height
_PADDING: Final = 10
_BETWEEN_COLUMNS: Final = 90
_BETWEEN_BOXES: Final = 22
_MARGIN: Final = 20
_LONGEST: Final = 36  # letters of a label
_SWEEPS: Final = 6  # times that each column is put in the order of its neighbours

Way = tuple[str, str]
"""Label and target."""


@dataclass(frozen=True, slots=True)
class _Box:
    """One step: `kind` is `asks`, `hands off` or `acts`."""

    name: str
    kind: str
    ways: tuple[Way, ...]
    x: float = 0
    y: float = 0

    @property
    def width(self) -> float:
        longest = max((len(_told(way)) for way in self.ways), default=0)
        return max(longest, len(self.name) + 2) * _LETTER + 2 * _PADDING

    @property
    def height(self) -> float:
        return _LINE * (1 + len(self.ways)) + _PADDING


def svg(flow: Flow, shared: Mapping[str, SlotType]) -> str:
    """The flow as an SVG picture."""
    boxes = _placed(_columns(_boxes(flow, shared), flow.start))
    width = max((box.x + box.width for box in boxes.values()), default=0) + _MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + _MARGIN
    lines = [line for box in boxes.values() for line in _lines(box, boxes)]
    drawn = [part for box in boxes.values() for part in _drawn(box, boxes)]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" font-family="sans-serif" font-size="12">'
    )
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return "\n".join([opening, f"<title>{escape(flow.id)}</title>", paper, *lines, *drawn, "</svg>", ""])


def _boxes(flow: Flow, shared: Mapping[str, SlotType]) -> dict[str, _Box]:
    ways: dict[str, list[Way]] = {name: [] for name in flow.steps}
    for start, target, label in arrows(flow, shared):
        if (label, target) not in ways[start]:
            ways[start].append((label, target))
    boxes = {}
    for name, step in flow.steps.items():
        kind = "hands off" if step.handoff is not None else "asks" if step.waits else "acts"
        boxes[name] = _Box(name, kind, tuple(ways[name]))
    return boxes


# --- where each box stands -----------------------------------------------------------------------------


def _columns(boxes: Mapping[str, _Box], start: str) -> list[list[_Box]]:
    """The boxes by how many steps they are away from the start; one that no way leads to stands beside the start."""
    reached = [start] if start in boxes else []
    away = dict.fromkeys(reached, 0)
    for name in reached:
        for _, target in boxes[name].ways:
            if target in boxes and target not in away:
                away[target] = away[name] + 1
                reached.append(target)
    columns: list[list[_Box]] = [[] for _ in range(max(away.values(), default=0) + 1)]
    for name, box in boxes.items():
        columns[away.get(name, 0)].append(box)
    return _ordered(columns)


def _ordered(columns: list[list[_Box]]) -> list[list[_Box]]:
    """Each column in the order in which its neighbours stand, so that few lines cross."""
    for sweep in range(_SWEEPS):
        for at in range(1, len(columns)) if sweep % 2 == 0 else range(len(columns) - 2, -1, -1):
            neighbours = columns[at - 1] if sweep % 2 == 0 else columns[at + 1]
            columns[at] = _by_neighbours(columns[at], neighbours)
    return columns


def _by_neighbours(column: Sequence[_Box], neighbours: Sequence[_Box]) -> list[_Box]:
    place = {box.name: at for at, box in enumerate(neighbours)}

    def middle(at: int, box: _Box) -> float:
        near = [place[target] for _, target in box.ways if target in place]
        near += [place[other.name] for other in neighbours if any(way[1] == box.name for way in other.ways)]
        return sum(near) / len(near) if near else float(at)

    keys = {box.name: middle(at, box) for at, box in enumerate(column)}
    return sorted(column, key=lambda box: keys[box.name])


def _placed(columns: Sequence[Sequence[_Box]]) -> dict[str, _Box]:
    """Every box with its place; columns are centred against the tallest."""
    heights = [sum(box.height + _BETWEEN_BOXES for box in column) - _BETWEEN_BOXES for column in columns]
    tallest = max(heights, default=0)
    placed: dict[str, _Box] = {}
    x = float(_MARGIN)
    for column, height in zip(columns, heights, strict=True):
        y = _MARGIN + (tallest - height) / 2
        for box in column:
            placed[box.name] = _Box(box.name, box.kind, box.ways, x, y)
            y += box.height + _BETWEEN_BOXES
        x += max((box.width for box in column), default=0) + _BETWEEN_COLUMNS
    return placed


# --- drawing -------------------------------------------------------------------------------------------

_COLOURS: Final[Mapping[str, tuple[str, str]]] = {
    "asks": ("#eaf2fb", "#2f5d8a"),
    "acts": ("#f4f4f4", "#555555"),
    "hands off": ("#fdf0e3", "#a05a12"),
}
"""Kind -> fill and line."""


def _lines(box: _Box, boxes: Mapping[str, _Box]) -> Iterable[str]:
    for row, (_, target) in enumerate(box.ways, start=1):
        other = boxes.get(target)
        if other is None or other.x <= box.x:
            continue
        x, y = box.x + box.width, box.y + _LINE * (row + 0.5)
        end = other.y + _LINE * 0.75
        bend = (other.x - x) / 2
        yield (
            f'<path d="M{x:.0f} {y:.0f} C{x + bend:.0f} {y:.0f} {other.x - bend:.0f} {end:.0f} '
            f'{other.x:.0f} {end:.0f}" fill="none" stroke="#888888"/>'
        )


def _drawn(box: _Box, boxes: Mapping[str, _Box]) -> Iterable[str]:
    fill, stroke = _COLOURS[box.kind]
    yield (
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" rx="6" '
        f'fill="{fill}" stroke="{stroke}"/>'
    )
    yield _text(box, 0, box.name, box.name, "bold")
    for row, (label, target) in enumerate(box.ways, start=1):
        other = boxes.get(target)
        arrow = "↗" if other is None else "↩" if other.x <= box.x else "→"
        yield _text(box, row, _told((label, target), arrow), f"{label} {arrow} {target}".strip(), "normal")


def _told(way: Way, arrow: str = "→") -> str:
    label, target = way
    short = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
    return f"{short} {arrow} {target}".strip()


def _text(box: _Box, row: int, text: str, whole: str, weight: str) -> str:
    y = box.y + _LINE * (row + 0.75) + 4
    return (
        f'<text x="{box.x + _PADDING:.0f}" y="{y:.0f}" font-weight="{weight}" fill="#111111">'
        f"{_plain(text)}<title>{_plain(whole)}</title></text>"
    )


def _plain(text: str) -> str:
    """Text as XML takes it: escaped, without line breaks and control characters."""
    return escape("".join(letter if letter.isprintable() else " " for letter in text))
