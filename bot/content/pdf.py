"""A PDF of text, lines and bars on A4: the same words always give the same bytes, without a clock or a random number.

Only the fonts that every reader of PDF brings along are used, so nothing is embedded and nothing is loaded from anywhere.
They know Western European letters: of others the plain one is written (c for č), and a question mark where there is none.
Source: ISO 32000-1, 7.5 (file structure), 9.6 (simple fonts), annex D (character sets).
"""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

WIDTH: Final = 595.0  # points; A4
HEIGHT: Final = 842.0
MARGIN: Final = 56.0

_PLAIN: Final = str.maketrans({"đ": "dj", "Đ": "Dj", "ł": "l", "Ł": "L", "ı": "i"})
"""Letters that these fonts lack and that are no plain letter with a mark; readers leave out silently what they lack."""

_ASCII: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""Widths of Helvetica from the space on, in thousandths. Source: Adobe Core 14 AFM files."""
_USUAL: Final = 600
_BOLD: Final = 1.08
_LEADING: Final = 1.35


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, in points; a little too wide where it is not known."""
    units = sum(_ASCII[ord(each) - 32] if 32 <= ord(each) < 127 else _USUAL for each in text)  # noqa: PLR2004  # ASCII
    return units * size / 1000 * (_BOLD if bold else 1)


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit; a word that is too long is cut."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if width_of(longer, size, bold=bold) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width_of(line, size, bold=bold) > room and len(line) > 1:
            cut = next(
                n for n in range(len(line), 0, -1) if n == 1 or width_of(line[:n], size, bold=bold) <= room
            )
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line]


class Paper:
    """Pages that are written from top to bottom."""

    def __init__(self, title: str) -> None:
        """Take the title of the document; the first page is there."""
        self._title = title
        self._pages: list[list[str]] = []
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
        self._y = top - high - 4
        self._pages[-1].append(
            f"0.8 G 0.5 w {MARGIN:.1f} {self._y:.1f} m {WIDTH - MARGIN:.1f} {self._y:.1f} l S"
        )
        self._y -= 2

    def bar(self, left: float, length: float) -> None:
        """A bar in the row that was just written, beside its text."""
        self._pages[-1].append(
            f"0.56 0.25 0.03 rg {MARGIN + left:.1f} {self._y + 7:.1f} {length:.1f} 8 re f 0 g"
        )

    def room(self, points: float) -> None:
        """Turn the page unless so much is left on it."""
        if self._y - points < MARGIN:
            self._turn()

    def to_bytes(self) -> bytes:
        """The file."""
        objects = list(self._objects())
        into = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, each in enumerate(objects, start=1):
            places.append(len(into))
            into += b"%d 0 obj\n" % number + each + b"\nendobj\n"
        digest = hashlib.sha256(into).hexdigest()[:32]
        start = len(into)
        into += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        into += b"".join(b"%010d 00000 n \n" % place for place in places)
        into += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R /ID [<{digest}> <{digest}>] >>\n".encode()
        return bytes(into + b"startxref\n%d\n%%%%EOF\n" % start)

    def _turn(self) -> None:
        self._pages.append([])
        self._y = HEIGHT - MARGIN

    def _put(self, line: str, left: float, size: float, *, bold: bool) -> None:
        font = "F2" if bold else "F1"
        self._pages[-1].append(
            f"BT /{font} {size:g} Tf {left:.1f} {self._y:.1f} Td <{_encoded(line).hex()}> Tj ET"
        )

    def _objects(self) -> Iterator[bytes]:
        first = 6
        kids = " ".join(f"{first + 2 * place} 0 R" for place in range(len(self._pages)))
        title = self._title.encode("utf-16-be").hex()
        yield b"<< /Type /Catalog /Pages 2 0 R /Lang (en) /ViewerPreferences << /DisplayDocTitle true >> >>"
        yield f"<< /Type /Pages /Kids [{kids}] /Count {len(self._pages)} >>".encode()
        yield f"<< /Title <feff{title}> /Producer (Fener) >>".encode()
        yield b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
        yield b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>"
        for place, marks in enumerate(self._pages):
            foot = _encoded(f"{self._title} - page {place + 1} of {len(self._pages)}").hex()
            drawn = "\n".join((*marks, f"BT /F1 8 Tf {MARGIN:.1f} 30 Td <{foot}> Tj ET")).encode()
            yield (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH:g} {HEIGHT:g}] /Contents {first + 2 * place + 1} 0 R "
                f"/Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>"
            ).encode()
            yield b"<< /Length %d >>\nstream\n" % len(drawn) + drawn + b"\nendstream"


def _encoded(text: str) -> bytes:
    """In the fonts' own codes; what they have no letter for becomes its plain letter, or a question mark."""
    into = bytearray()
    for letter in text:
        plain = letter if letter.isprintable() else " "
        try:
            into += plain.encode("cp1252")
        except UnicodeEncodeError:
            bare = unicodedata.normalize("NFKD", plain.translate(_PLAIN))
            into += bare.encode("ascii", "ignore") or b"?"
    return bytes(into)
