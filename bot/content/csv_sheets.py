"""The directory's sheets as CSV files, one for each sheet, in the forms that spreadsheet programs write.

A text that a spreadsheet would take for a formula is kept from it by an apostrophe, which is taken off again.
Source: OWASP, CSV Injection; RFC 4180.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.content.directory_tables import Made
from bot.directory.sheets import SHEETS, Row, Sheet, Table, as_cell
from bot.kernel.problems import Mark, Problem

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 300
MAX_CELLS: Final = 4_000_000
"""Rows times columns of one sheet: short rows under many titles cost as much as full ones."""

_FORMULA: Final = re.compile(r"['\s]*[=+\-@＝＋－＠\t\r]")
_HELD_BACK: Final = re.compile(r"'['\s]*[=+\-@＝＋－＠\t\r]")


def as_csv(made: Made) -> bytes:
    """One sheet: UTF-8 with a byte order mark, by which Excel knows it, commas, lines that end with CR LF."""
    into = io.StringIO(newline="")
    write = csv.writer(into)
    write.writerow([column.title for column in made.columns])
    for row in made.rows:
        write.writerow([held_back(row.get(column.title, "")) for column in made.columns])
    return into.getvalue().encode("utf-8-sig")


def name_of(sheet: Sheet) -> str:
    """The file of a sheet."""
    return f"{sheet.title.lower()}.csv"


def read_csv(source: bytes, file: str) -> tuple[Table | None, list[Problem]]:
    """A sheet out of a CSV file: which one, its name or its columns say. Never raises for what is in it."""
    text = _decoded(source)
    if text is None:
        return None, [_unreadable(file, "this is not a CSV file in UTF-8", "save it as CSV UTF-8")]
    try:
        lines = list(_records(text))
    except csv.Error:
        return None, [_unreadable(file, "this is not a CSV file", "save it as CSV UTF-8")]
    if len(lines) > MAX_ROWS or any(len(line) > MAX_COLUMNS for line in lines):
        return None, [_unreadable(file, "this file is too big", "split it by organisation")]
    rows = [[as_cell(let_go(cell)) for cell in line] for line in lines]
    sheet = _sheet_of(file, rows[0] if rows else [])
    if sheet is None:
        mend = f"call it {', '.join(name_of(one) for one in SHEETS[:-1])} or {name_of(SHEETS[-1])}"
        return None, [_unreadable(file, "this file does not say which sheet it is", mend)]
    return table_of(sheet, file, rows)


def table_of(sheet: Sheet, file: str, rows: Sequence[Sequence[str]]) -> tuple[Table | None, list[Problem]]:
    """Rows of cells, of which the first holds the titles, as a table; a title that stands twice is a problem."""
    titles = [" ".join(title.split()) for title in rows[0]] if rows else []
    if len(rows) * len(titles) > MAX_CELLS:
        return None, [_unreadable(file, "this sheet is too big", "split it by organisation")]
    problems = [
        Problem("D503", Mark(file, 1, number), f"the column '{title[:60]}' stands twice", "keep one")
        for number, title in enumerate(titles, start=1)
        if title and title in titles[: number - 1]
    ]
    numbers = {title: number for number, title in enumerate(titles, start=1) if title}
    found = tuple(
        Row(number, {title: cells[at - 1] if at <= len(cells) else "" for title, at in numbers.items()})
        for number, cells in enumerate(rows[1:], start=2)
    )
    return (None if problems else Table(sheet.title, file, numbers, found)), problems


def held_back(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def let_go(text: str) -> str:
    """The text that was held back."""
    return text[1:] if _HELD_BACK.match(text) else text


def _decoded(source: bytes) -> str | None:
    if len(source) > MAX_BYTES:
        return None
    try:
        if source[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return source.decode("utf-16")
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _records(text: str) -> Iterator[list[str]]:
    head = text[: text.find("\n")] if "\n" in text else text
    if head.strip().lower().startswith("sep="):
        text = text[len(head) + 1 :]
        head = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t", key=head.count)
    for number, line in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
        if number > MAX_ROWS:
            break
        yield line


def _sheet_of(file: str, titles: Sequence[str]) -> Sheet | None:
    stem = Path(file).stem.lower()
    for sheet in SHEETS:
        if stem == sheet.title.lower():
            return sheet
    wanted = {" ".join(title.split()) for title in titles}
    own = {
        sheet.title: sum(column.title in wanted for column in sheet.columns if column.form != "mark")
        for sheet in SHEETS
        if all(column.title in wanted for column in sheet.keys)
    }
    best = max(own, key=lambda title: own[title], default="")
    return next((sheet for sheet in SHEETS if sheet.title == best and own[best]), None)


def _unreadable(file: str, message: str, mend: str) -> Problem:
    return Problem("D501", Mark(file, 1, 1), message, mend)
