"""The directory as one workbook for Excel and LibreOffice, and a workbook as tables; whatever is in it, no formula runs."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from bot.content.csv_sheets import MAX_BYTES, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, held_back, table_of
from bot.content.directory_tables import Made
from bot.directory.matching import Directory
from bot.directory.model import pick
from bot.directory.sheets import SHEETS, Column, Table, as_cell
from bot.kernel.problems import Mark, Problem

GUIDE: Final = "Read me"
WORDS: Final = "Words"
MAX_UNPACKED: Final = 128 * 1024 * 1024
MAX_PARTS: Final = 1000
MAX_MARKS: Final = 16_000_000
"""Elements and attributes of all parts: each takes a hundred bytes in memory, and next to nothing in a packed file."""
MAX_LETTERS: Final = 64 * 1024 * 1024
"""Of all cells together: many can share one text that is written once."""
FAULTS_TOLD: Final = 100
"""Cells of one sheet that hold a formula; who reads more of them makes the file anew."""

_OURS: Final = {sheet.title: sheet for sheet in SHEETS}
MAX_STYLES: Final = 1024 * 1024
"""Bytes of the part that says what cells look like; nothing of it is read but whether a number is a day."""

_STYLES: Final = "xl/styles.xml"
_LONG_FORMAT: Final = re.compile(rb"""formatCode\s*=\s*(?:"[^"]{1500}|'[^']{1500})""")
"""Excel writes 255 letters at most, each as six bytes; the library looks for days in time that grows with the square."""

_TOO_BIG: Final = ("this workbook is too big when it is unpacked", "copy its cells into a new export")
_HEAD: Final = PatternFill("solid", fgColor="FFDDE6EE")
_LOCKED: Final = PatternFill("solid", fgColor="FFEEEEEE")
_TOP: Final = Alignment(vertical="top", wrap_text=True)
_WIDE: Final = frozenset({"text", "texts", "list", "words", "languages"})
_INLINE_LIST: Final = 255  # letters that Excel takes in a list of its own
_GUIDE_LINES: Final = (
    "Each row of Organisations, Services, Phones, Visits and Sources is one record. Point at a title to read what belongs there.",
    "Change cells, add rows. A new service is offered to nobody before two people have vetted it.",
    "Do not change grey cells and the column fener. Vetting is not done here: fener directory vet.",
    "A row that you take out is not deleted. Write closed as the status of a service that is gone, yes under remove for a phone, a visit or a source.",
    "Several words stand in one cell with commas between. The words that there are stand in the sheet Words.",
    "Another language: add a column with its code, such as name (fa). Days are 2026-11-01.",
    "Then: fener directory import FILE --dry-run shows what would change; without --dry-run it changes it.",
    "This file holds addresses and numbers that people must not see. Keep it where only admins can read it.",
)


class _TooBigError(Exception):
    """Ends the reading of a workbook."""


def as_workbook(tables: Sequence[Made], directory: Directory) -> bytes:
    """The workbook's bytes: a guide, a sheet for each table, and the words that may be used."""
    book = Workbook()
    guide: Any = book.active
    guide.title = GUIDE
    guide.column_dimensions["A"].width = 110
    for number, line in enumerate(_GUIDE_LINES, start=1):
        guide.cell(number, 1, line).alignment = _TOP
    ranges = _words(book, directory)
    for at, made in enumerate(tables, start=1):
        _write(book.create_sheet(made.sheet.title, at), made, ranges)
    book.active = book.index(book[tables[1].sheet.title])
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def _words(book: Workbook, directory: Directory) -> dict[str, str]:
    """The sheet of words, and the range in which each vocabulary's ids stand."""
    sheet = book.create_sheet(WORDS)
    taxonomy = directory.taxonomy
    listed = {
        "needs": {one.id: pick(one.label, "en") for one in taxonomy.needs.values()},
        "populations": {one.id: pick(one.label, "en") for one in taxonomy.populations.values()},
        "places": {one: directory.places.name(one, "en") for one in directory.places.words()},
    }
    ranges = {}
    for at, (name, words) in enumerate(listed.items()):
        column = 2 * at + 1
        _head(sheet, column, name)
        _head(sheet, column + 1, "means")
        for number, (word, label) in enumerate(words.items(), start=2):
            _put(sheet, number, column, word)
            _put(sheet, number, column + 1, label)
        letter = get_column_letter(column)
        ranges[name] = f"={WORDS}!${letter}$2:${letter}${max(len(words) + 1, 2)}"
        sheet.column_dimensions[letter].width = 24
        sheet.column_dimensions[get_column_letter(column + 1)].width = 34
    sheet.freeze_panes = "A2"
    return ranges


def _write(sheet: Worksheet, made: Made, ranges: Mapping[str, str]) -> None:
    last = len(made.rows) + 500  # rows to come have drop-downs too
    for at, column in enumerate(made.columns, start=1):
        letter = get_column_letter(at)
        _head(sheet, at, column.title)
        help_text = column.about + (
            " Grey: is not changed here." if column.locked and column.form != "id" else ""
        )
        if column.form == "words":
            help_text += f" One or more of: {', '.join(column.words)}."
        comment = Comment(help_text, "fener", height=90, width=320)
        sheet.cell(1, at).comment = comment
        dimension: Any = sheet.column_dimensions[letter]
        dimension.width = 36 if column.form == "texts" else 24 if column.form in _WIDE else 14
        dimension.number_format = "yyyy-mm-dd" if column.form == "day" else "@"
        dimension.hidden = column.form == "mark"
        _drop_down(sheet, column, f"{letter}2:{letter}{last}", ranges)
    for number, row in enumerate(made.rows, start=2):
        for at, column in enumerate(made.columns, start=1):
            text = row.get(column.title, "")
            if text:
                _put(sheet, number, at, _as_day(text) if column.form == "day" else text)
            if column.locked:
                sheet.cell(number, at).fill = _LOCKED
    frozen = get_column_letter(len(made.sheet.keys) + 1)
    sheet.freeze_panes = f"{frozen}2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(made.columns))}{len(made.rows) + 1}"


def _head(sheet: Worksheet, column: int, title: str) -> None:
    cell = sheet.cell(1, column, title)
    cell.font = Font(bold=True)
    cell.fill = _HEAD
    cell.alignment = _TOP


def _put(sheet: Worksheet, row: int, column: int, value: str | date) -> None:
    """A day as a day, everything else as text, whatever it begins with."""
    cell: Any = sheet.cell(row, column)
    cell.alignment = _TOP
    if isinstance(value, date):
        cell.value = value
        cell.number_format = "yyyy-mm-dd"
        return
    cell.value = value
    cell.data_type = "s"
    cell.number_format = "@"
    if held_back(value) != value:
        cell.quotePrefix = True


def _drop_down(sheet: Worksheet, column: Column, cells: str, ranges: Mapping[str, str]) -> None:
    listed = f'"{",".join(column.words)}"'
    if column.locked or column.form in {"list", "words"}:
        return
    if column.words and len(listed) <= _INLINE_LIST:
        formula = listed
    elif column.names in ranges and column.form == "text":
        formula = ranges[column.names]
    else:
        return
    validation = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    validation.error = "Choose one of the list, or leave the cell empty."
    sheet.add_data_validation(validation)
    validation.add(cells)


def _as_day(text: str) -> str | date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def read_workbook(source: bytes, file: str) -> tuple[list[Table], list[Problem]]:
    """The tables of a workbook, and what is wrong with it. Never raises for what is in it."""
    refusal = _refusal(source)
    if refusal:
        return [], [Problem("D501", Mark(file, 1, 1), *refusal)]
    try:
        book = load_workbook(io.BytesIO(source), read_only=True, data_only=False, keep_links=False)
        sheets = dict(_sheets(book))
    except _TooBigError:
        return [], [Problem("D501", Mark(file, 1, 1), *_TOO_BIG)]
    except Exception:  # noqa: BLE001 - a library that reads what strangers sent: whatever it raises means "no workbook"
        return [], [Problem("D501", Mark(file, 1, 1), "this is not a workbook", "save it as .xlsx")]
    tables: list[Table] = []
    problems: list[Problem] = []
    for title, rows in sheets.items():
        where = f"{file}, {title}"
        if title not in _OURS:
            if title not in {GUIDE, WORDS}:
                mend = f"call it {', '.join(_OURS)}, or leave it"
                problems.append(
                    Problem("D502", Mark(where, 1, 1), f"the sheet '{title}' is not read", mend, "warning")
                )
            continue
        if len(rows) > MAX_ROWS:
            problems.append(
                Problem("D501", Mark(where, 1, 1), "this sheet is too big", "split it by organisation")
            )
            continue
        problems += islice(_formulas(rows, where), FAULTS_TOLD)
        table, found = table_of(_OURS[title], where, [[text for text, _ in row] for row in rows])
        problems += found
        tables += [table] if table else []
    if not tables and not problems:
        mend = f"use a workbook that 'fener directory export' made: sheets {', '.join(_OURS)}"
        problems.append(Problem("D501", Mark(file, 1, 1), "none of its sheets is one of ours", mend))
    return tables, problems


def _refusal(source: bytes) -> tuple[str, str] | None:
    """Why a file is not even opened: too big, not a workbook, or one that would grow without end."""
    if len(source) > MAX_BYTES:
        return f"this file has more than {MAX_BYTES} bytes", "split it by organisation"
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                return "this workbook is locked with a password", "save it without one"
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                return _TOO_BIG
            if _grows_without_end(archive, parts):
                return _TOO_BIG
    except Exception:  # noqa: BLE001 - the same as in read_workbook
        return "this is not a workbook", "save it as .xlsx"
    return None


def _grows_without_end(archive: zipfile.ZipFile, parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether reading these parts would take more time or memory than any directory needs."""
    marks = 0
    for part in parts:
        inside = archive.read(part)
        if part.filename == _STYLES and (len(inside) > MAX_STYLES or _LONG_FORMAT.search(inside)):
            return True
        marks += inside.count(b"<") + inside.count(b"=")
        if marks > MAX_MARKS:
            return True
    return False


def _sheets(book: Any) -> Iterator[tuple[str, list[list[tuple[str, str]]]]]:  # noqa: ANN401 - of openpyxl
    """Every worksheet by its title; rows of ours only. Raises _TooBigError."""
    letters = cells = 0
    for name in book.sheetnames:
        sheet = book[name]
        if not _is_worksheet(sheet):
            continue
        rows: list[list[tuple[str, str]]] = []
        for width, row in _rows(sheet) if name in _OURS else ():
            letters += sum(len(text) for text, _ in row)
            cells += width
            if letters > MAX_LETTERS or cells > MAX_CELLS:
                raise _TooBigError
            rows.append(row)
        yield str(name), rows


def _is_worksheet(sheet: Any) -> bool:  # noqa: ANN401 - a chart sheet has no rows
    return hasattr(sheet, "iter_rows")


def _rows(sheet: Any) -> Iterator[tuple[int, list[tuple[str, str]]]]:  # noqa: ANN401 - of openpyxl, read only
    """How many cells were read, and text and type of each, as far as there are titles.

    Up to two rows more than are allowed; one without a text is empty, and was read all the same.
    """
    titles = next(sheet.iter_rows(max_row=1, max_col=MAX_COLUMNS), ())
    width = max((at for at, cell in enumerate(titles, start=1) if cell.value is not None), default=1)
    for row in sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=width):
        cells = [(_text(cell.value), str(getattr(cell, "data_type", "n"))) for cell in row]
        yield len(cells), cells if any(text for text, _ in cells) else []


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return format(value, ".15g")
    return as_cell(str(value))


def _formulas(rows: Sequence[Sequence[tuple[str, str]]], where: str) -> Iterator[Problem]:
    for number, row in enumerate(rows, start=1):
        for column, (_, kind) in enumerate(row, start=1):
            if kind in {"f", "e"}:
                message = "this cell holds a formula" if kind == "f" else "this cell holds an error"
                yield Problem("D507", Mark(where, number, column), message, "write the text itself into it")
