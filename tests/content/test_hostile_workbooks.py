"""A small workbook of a stranger cannot make the machine that reads it run out of memory."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from bot.content import csv_sheets, workbook
from bot.content.csv_sheets import read_csv
from bot.content.workbook import read_workbook

SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHARED = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument'
    b'.spreadsheetml.sharedStrings+xml" />'
)


def a_book(rows: int = 1, *, title: str = "Services") -> dict[str, bytes]:
    into = BytesIO()
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    for cells in [["organisation", "service", "note"], *([["rs-house", "night", "x"]] * rows)]:
        sheet.append(cells)
    book.save(into)
    with zipfile.ZipFile(into) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return into.getvalue()


def refused(parts: Mapping[str, bytes]) -> str:
    """Why it is not read: one problem, and no table."""
    found, problems = read_workbook(packed(parts), "x.xlsx")
    assert (found, [one.code for one in problems]) == ([], ["D501"])
    return problems[0].message


def test_one_long_text_that_many_cells_share_is_not_copied_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "MAX_LETTERS", 1_000_000)
    parts = a_book(300)
    parts[SHEET] = parts[SHEET].replace(b't="inlineStr"><is><t>x</t></is>', b't="s"><v>0</v>')
    parts["xl/sharedStrings.xml"] = b"<sst xmlns=%b><si><t>%b</t></si></sst>" % (MAIN, b"x" * 10_000)
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", SHARED + b"</Types>")
    assert len(packed(parts)) < 20_000

    assert "too big" in refused(parts)


@pytest.mark.parametrize("name", ["xl/styles.xml", "xl/workbook.xml", SHEET])
def test_a_part_of_nothing_but_marks_is_not_made_into_a_tree(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(workbook, "MAX_MARKS", 100_000)
    parts = a_book()
    head, _, rest = parts[name].partition(b">") if name != SHEET else parts[name].partition(b"<sheetData>")
    parts[name] = head + b">" + b"<a/>" * 100_000 + rest

    assert "too big" in refused(parts)


def test_sheets_that_are_not_ours_are_never_read() -> None:
    parts = a_book(title="Something else")
    parts[SHEET] = parts[SHEET].replace(b'<row r="2"', b"<<")  # whoever reads so far stumbles

    found, problems = read_workbook(packed(parts), "x.xlsx")

    assert (found, [one.code for one in problems]) == ([], ["D502"])


def test_of_many_formulas_the_first_ones_are_told() -> None:
    parts = a_book(500)
    parts[SHEET] = parts[SHEET].replace(b't="inlineStr"><is><t>x</t></is>', b"><f>1+1</f>")
    found, problems = read_workbook(packed(parts), "x.xlsx")

    assert {one.code for one in problems} == {"D507"}
    assert len(problems) == workbook.FAULTS_TOLD
    assert found


def test_many_short_rows_under_many_columns_are_too_big_in_either_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_sheets, "MAX_CELLS", 500)

    table, problems = read_csv(b"organisation,service,note\n" + b"a\n" * 200, "services.csv")

    assert (table, [one.code for one in problems]) == (None, ["D501"])
    assert "too big" in refused(a_book(200))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_number_format_without_end_is_not_searched_for_days(quote: str) -> None:
    parts = a_book()
    style = f"<numFmts count={quote}1{quote}><numFmt numFmtId={quote}164{quote} formatCode = {quote}"
    long = style.encode() + b"[" * 400_000 + quote.encode() + b"/></numFmts>"  # minutes, were it read
    head, found, rest = parts["xl/styles.xml"].partition(b"<numFmts")
    parts["xl/styles.xml"] = head + long + found[:0] + rest[rest.index(b">") + 1 :] if found else long

    assert "too big" in refused(parts)


def test_what_cells_look_like_is_read_up_to_a_megabyte() -> None:
    parts = a_book()
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"<fonts", b" " * 1024 * 1024 + b"<fonts", 1)

    assert "too big" in refused(parts)


def test_empty_rows_under_many_titles_count_as_cells_that_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_CELLS", 1000)
    parts = a_book()
    parts[SHEET] = parts[SHEET].replace(b'<row r="2"', b'<row r="5000"').replace(b'r="A2"', b'r="A5000"')
    assert len(packed(parts)) < 20_000

    assert "too big" in refused(parts)
