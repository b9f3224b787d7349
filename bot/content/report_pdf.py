"""A quarter's report on paper: each number in words, with a bar beside it where a row has one number only."""

from typing import TYPE_CHECKING, Final

from bot.content.report_pages import Pages, Table, count_in_words

if TYPE_CHECKING:
    from bot.content.pdf import Paper

_LEFTS: Final = {(2, 1): (0.0, 170.0, 290.0), (1, 1): (0.0, 290.0), (1, 3): (0.0, 220.0, 310.0, 395.0)}
"""Where columns begin, in points, by how many words and counts a row has."""
_BAR_LEFT: Final = 375.0
_LONGEST_BAR: Final = 105.0


def as_pdf(pages: Pages) -> bytes:
    """The report as a PDF file; the same report gives the same bytes."""
    from bot.content.pdf import Paper  # the library takes 15 MB, and most servers never draw

    paper = Paper(pages.title)
    paper.text(pages.title, size=20, bold=True)
    paper.text(pages.standing, size=11, gap=12)
    for table in pages.tables:
        paper.room(90)
        paper.text(table.title, size=14, bold=True, gap=2)
        paper.text(table.about, gap=6)
        if table.rows:
            _draw(paper, table)
        else:
            paper.text(table.empty)
        paper.text("", gap=6)
    paper.room(90)
    paper.text("How it was counted", size=14, bold=True, gap=4)
    for each in pages.method:
        paper.text(each, size=9.5)
    return paper.to_bytes()


def _draw(paper: "Paper", table: Table) -> None:
    counts = len(table.rows[0].counts)
    lefts = _LEFTS[len(table.rows[0].words), counts]
    highest = max(
        (count for row in table.rows if not row.is_total for count in row.counts if count), default=0
    )
    paper.row(table.columns, lefts, bold=True)
    for row in table.rows:
        paper.row((*row.words, *map(count_in_words, row.counts)), lefts, bold=row.is_total)
        if counts == 1 and not row.is_total and row.counts[0]:
            paper.bar(_BAR_LEFT, _LONGEST_BAR * row.counts[0] / highest)
