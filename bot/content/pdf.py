"""A PDF of text, lines and bars on A4: the same words always give the same bytes, without a clock or a random number.

Only the fonts that every reader of PDF brings along are used, so nothing is embedded and nothing is loaded from anywhere.
They know Western European letters: of others the plain one is written (c for č), and a question mark where there is none.
"""

import io
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH: Final[float] = A4[0]  # points
HEIGHT: Final[float] = A4[1]
MARGIN: Final = 56.0

_PLAIN: Final = str.maketrans({"đ": "dj", "Đ": "Dj", "ł": "l", "Ł": "L", "ı": "i"})
"""Letters that these fonts lack and that are no plain letter with a mark; readers leave out silently what they lack."""

_LEADING: Final = 1.35
_BAR: Final = (0.56, 0.25, 0.03)  # red, green and blue, of 1
_FOOT: Final = 30.0  # points from the lower edge

_Mark = Callable[[Canvas], object]


class Paper:
    """Pages that are written from top to bottom."""

    def __init__(self, title: str) -> None:
        """Take the title of the document; the first page is there."""
        self._title = title
        self._pages: list[list[_Mark]] = []
        self._y = 0.0
        self._turn()

    def text(self, words: str, *, size: float = 10, bold: bool = False, gap: float = 6) -> None:
        """A paragraph over the whole width, and a gap below it."""
        for line in wrapped(words, size, WIDTH - 2 * MARGIN, bold=bold):
            self.room(size * _LEADING)
            self._y -= size * _LEADING
            self._put(line, MARGIN, size, bold=bold)
        self._y -= gap

    def row(
        self, cells: Sequence[str], lefts: Sequence[float], *, bold: bool = False, size: float = 9.5
    ) -> None:
        """Cells beside one another, each from its distance to the left margin to the next one."""
        ends = [*lefts[1:], WIDTH - 2 * MARGIN]
        columns = [
            wrapped(cell, size, end - left - 6, bold=bold)
            for cell, left, end in zip(cells, lefts, ends, strict=True)
        ]
        high = max(map(len, columns)) * size * _LEADING
        self.room(high + 6)
        top = self._y
        for lines, left in zip(columns, lefts, strict=True):
            self._y = top
            for line in lines:
                self._y -= size * _LEADING
                self._put(line, MARGIN + left, size, bold=bold)
        self._y = below = top - high - 4
        self._mark(lambda paper: paper.line(MARGIN, below, WIDTH - MARGIN, below))
        self._y -= 2

    def bar(self, left: float, length: float) -> None:
        """A bar in the row that was just written, beside its text."""
        low = self._y + 7
        self._mark(lambda paper: paper.rect(MARGIN + left, low, length, 8, stroke=0, fill=1))

    def room(self, points: float) -> None:
        """Turn the page unless so much is left on it."""
        if self._y - points < MARGIN:
            self._turn()

    def to_bytes(self) -> bytes:
        """The file."""
        into = io.BytesIO()
        paper = Canvas(into, pagesize=A4, pageCompression=0, invariant=1, lang="en")
        paper.setTitle(self._title)
        paper.setProducer("Fener")
        for number, marks in enumerate(self._pages, start=1):
            paper.setLineWidth(0.5)
            paper.setStrokeGray(0.8)
            for mark in marks:
                paper.setFillColorRGB(*_BAR)
                mark(paper)
            _write(paper, f"{self._title} - page {number} of {len(self._pages)}", MARGIN, _FOOT, 8)
            paper.showPage()
        paper.save()
        return into.getvalue()

    def _turn(self) -> None:
        self._pages.append([])
        self._y = HEIGHT - MARGIN

    def _mark(self, mark: _Mark) -> None:
        self._pages[-1].append(mark)

    def _put(self, line: str, left: float, size: float, *, bold: bool) -> None:
        low = self._y
        self._mark(lambda paper: _write(paper, line, left, low, size, bold=bold))


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit, in points; a word that is too long is cut."""

    def fits(line: str) -> bool:
        return stringWidth(plain(line), _font(bold=bold), size) <= room

    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if fits(longer):
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while not fits(line) and len(line) > 1:
            cut = next(n for n in range(len(line), 0, -1) if n == 1 or fits(line[:n]))
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line]


def plain(text: str) -> str:
    """With the letters that the fonts have; another one becomes its plain letter, or a question mark."""
    return "".join(_letter(each if each.isprintable() else " ") for each in text)


def _letter(letter: str) -> str:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        bare = unicodedata.normalize("NFKD", letter.translate(_PLAIN))
        return bare.encode("ascii", "ignore").decode() or "?"
    return letter


def _write(paper: Canvas, line: str, left: float, low: float, size: float, *, bold: bool = False) -> None:
    paper.setFillGray(0)
    paper.setFont(_font(bold=bold), size)
    paper.drawString(left, low, plain(line))


def _font(*, bold: bool) -> str:
    return "Helvetica-Bold" if bold else "Helvetica"
