"""The report on paper and in a spreadsheet: every number with its words, no formula, and always the same bytes."""

import csv
import io
import re
from dataclasses import replace
from datetime import date

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth

from bot.content.pdf import HEIGHT, MARGIN, WIDTH, Paper, wrapped
from bot.content.report_pages import METHOD, as_csv, as_text, pages_of
from bot.content.report_pdf import as_pdf
from bot.directory.matching import Directory
from bot.telemetry.suppression import held_back
from bot.usecases.quarter import Quarter
from bot.usecases.report_quarter import MEASURES, QuarterReport
from tests.usecases.fixtures import shipped
from tests.usecases.house import DEMO

HOSTILE = '=HYPERLINK("http://example.org")'


@pytest.fixture
def directory() -> Directory:
    return shipped().directory


def a_report() -> QuarterReport:
    return QuarterReport(
        quarter=Quarter(2026, 3),
        is_over=True,
        as_of=date(2026, 11, 20),
        unmet={"shelter": {"RS": 30, "*": 10, "": 20}, HOSTILE: {"+1": 10}},
        feedback={"helped": 40, "not_safe": 10},
        work={measure: held_back({DEMO: 34, "gone": 3, "@other": 50}) for measure in MEASURES},
    )


def test_the_text_says_every_number_and_how_it_was_counted(directory: Directory) -> None:
    told = "\n".join(as_text(pages_of(a_report(), directory)))

    assert "What was needed, 2026-Q3\n29 June 2026 to 27 September 2026." in told
    for line in (
        r"A safe place to sleep, RS +30 or more",
        r"A safe place to sleep, several countries +10 or more",
        r"A safe place to sleep, no country said +20 or more",
        r"A safe place to sleep, all together +60 or more",
        r"It helped +40 or more",
        r"They were not safe there +10 or more",
        r"gone +not told +not told +not told",
        r"@other +50 or more +50 or more +50 or more",
        r"All together +80 or more",
    ):
        assert re.search(line, told), line
    assert all(each in told for each in METHOD)


def test_what_lasts_says_so_in_the_title_the_days_and_the_name_of_the_file(directory: Directory) -> None:
    pages = pages_of(replace(a_report(), is_over=False, work=None), directory)

    assert pages.title.endswith("so far")
    assert "so far, as of 20 November 2026, 00:00 UTC" in pages.standing
    assert pages.name == "fener-2026-Q3-so-far-2026-11-20"
    assert "Told of a quarter that is over" in "\n".join(as_text(pages))


def test_nothing_to_tell_is_said(directory: Directory) -> None:
    pages = pages_of(replace(a_report(), unmet={}, feedback={}, work=None), directory)

    assert "Nothing to tell: no need was missed" in "\n".join(as_text(pages))
    assert b"startxref" in as_pdf(pages)


def test_a_spreadsheet_gets_each_number_in_a_line_and_runs_nothing(directory: Directory) -> None:
    made = as_csv(pages_of(a_report(), directory))
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))

    assert made.startswith(b"\xef\xbb\xbf")
    assert rows[0] == ["table", "line", "detail", "counted", "at_least", "note"]
    assert ["Searches in vain", "A safe place to sleep", "RS", "Conversations", "30", ""] in rows
    assert ["Cases of organisations", "gone", "", "First answers", "", "not told"] in rows
    assert ["Searches in vain", f"'{HOSTILE}", "'+1", "Conversations", "10", ""] in rows
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "-", "\t"))] == []
    assert all([each] in rows or [f"'{each}"] in rows for each in METHOD)


def test_no_number_below_ten_or_between_tens_is_in_any_of_them(directory: Directory) -> None:
    pages = pages_of(a_report(), directory)
    rows = [row for table in pages.tables for row in table.rows]

    assert rows
    assert all(count is None or (count >= 10 and count % 10 == 0) for row in rows for count in row.counts)


_TEXT = re.compile(rb"1 0 0 1 ([\d.-]+) ([\d.-]+) Tm \(((?:[^\\()]|\\.)*)\) Tj")


def placed(pdf: bytes) -> list[tuple[float, float, str]]:
    """Every text on the pages in order, with its distances from the left and the lower edge in points."""
    return [
        (float(left), float(low), re.sub(rb"\\([0-7]{3}|.)", _unescaped, words).decode("cp1252"))
        for left, low, words in _TEXT.findall(pdf)
    ]


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8)]) if len(found[1]) > 1 else found[1]


def drawn(pdf: bytes) -> str:
    """What stands on the pages, in order."""
    return " ".join(words for _, _, words in placed(pdf))


def test_the_same_report_is_the_same_file_and_another_one_is_not(directory: Directory) -> None:
    made = as_pdf(pages_of(a_report(), directory))

    assert made == as_pdf(pages_of(a_report(), directory))
    assert made != as_pdf(pages_of(replace(a_report(), feedback={"helped": 50}), directory))
    assert b"D:2000" in made  # no clock: always the same day


def test_the_paper_says_every_number_and_the_whole_method(directory: Directory) -> None:
    pages = pages_of(a_report(), directory)
    told = re.sub(r"What was needed, 2026-Q3 - page \d of \d ", "", drawn(as_pdf(pages)))

    assert all(
        f"{count} or more" in told
        for table in pages.tables
        for row in table.rows
        for count in row.counts
        if count
    )
    assert "not told" in told
    assert all(each in told for each in METHOD)


def test_what_does_not_fit_on_a_page_goes_to_the_next_one_and_each_says_which_it_is() -> None:
    paper = Paper("A title")
    for number in range(200):
        paper.text(f"Line {number}")
    told = drawn(paper.to_bytes())

    pages = int(re.findall(r"A title - page 1 of (\d+)", told)[0])
    assert pages > 1
    assert [int(each) for each in re.findall(r"A title - page (\d+) of", told)] == list(range(1, pages + 1))
    assert [int(each) for each in re.findall(r"Line (\d+)", told)] == list(range(200))


def test_nothing_is_written_beside_the_paper() -> None:
    paper = Paper("A title")
    for words in ("x" * 500, "word " * 300, "ж" * 300, ""):
        paper.text(words)
        paper.row((words, "10 or more"), (0.0, 300.0))
    places = placed(paper.to_bytes())

    assert len(places) > 20
    for left, low, words in places:
        assert left + stringWidth(words, "Helvetica", 9.5) <= WIDTH - MARGIN + 1
        assert 0 < low < HEIGHT
    assert "".join(wrapped("y" * 90, 10, 50)) == "y" * 90


def test_letters_that_the_fonts_lack_become_plain_ones() -> None:
    paper = Paper("Čačak")
    paper.text("Udruženje Čćđ Łódź; قلعة\x1b\u202e")

    assert "Udruženje Ccdj Lódz; ???? " in drawn(paper.to_bytes())
