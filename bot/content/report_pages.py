"""A quarter's report as people read it: tables with their titles, and in plain words how it was counted. Then as text and CSV.

It is in English, as the console and the command line are. What is held back is a word and never a nought.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.content.csv_sheets import held_back
from bot.directory.matching import Directory
from bot.directory.model import pick
from bot.telemetry.tallies import SEVERAL, K
from bot.usecases.report_quarter import ANSWERED, CAME, CLOSED, MEASURES, QuarterReport

NOT_TOLD: Final = "not told"

METHOD: Final = (
    f"Every number is in whole tens, rounded down: {K} means {K} to {2 * K - 1}. Nothing below {K} is ever told, and nothing here names a person, a day or a case.",
    "Searches in vain: conversations in which a search found nothing at all, each once for a need and a country. They are counted in memory and written once a day in whole tens of each week. What is left of several countries when a week is over is put together; what is then below ten is forgotten. Totals add up what is shown and nothing else.",
    "How it was at a service: what people chose to answer when they were shown a service, over all services together. Which service it was is not told. Most people do not answer, so these are no shares of all.",
    "Cases of organisations: cases that came, that got their first answer, and that were closed, in the calendar weeks of the quarter. A case can be answered or closed in a later quarter than it came in. Complaints that a focal point takes are in no number here; where an organisation has no focal point, its complaints are cases like others.",
    f"'{NOT_TOLD}' is written for a number below {K}, and for others where a subtraction would give one away: then the smallest ones beside it are held back too, and where that is not enough the total as well. Even who knows this rule cannot tell whether a number that is held back is nothing. It is therefore no nought.",
    "A quarter is thirteen weeks, sometimes fourteen: a week from Monday to Sunday belongs to the quarter that its Thursday lies in. Cases are told of a quarter that is over, and about half a year long: save the file.",
    "A conversation is not a person: somebody who begins anew is counted anew, and somebody who asks two organisations makes two cases. Restarts of the server forget what was not written yet, and small rests are forgotten: the numbers are too low and never too high, unless somebody begins again and again in order to be counted. Trials in the simulator are not counted. Nobody is asked who they are, so nothing can be told by age, gender or origin.",
)
"""What whoever reads the numbers must know."""

_OUTCOMES: Final[Mapping[str, str]] = {
    "helped": "It helped",
    "did_not": "It did not help",
    "turned_away": "They were sent away",
    "not_safe": "They were not safe there",
}
_MEASURES: Final[Mapping[str, str]] = {
    CAME: "Cases that came",
    ANSWERED: "First answers",
    CLOSED: "Cases closed",
}
_ALL: Final = "All together"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its words, then its counts. None: held back."""

    words: tuple[str, ...]
    counts: tuple[int | None, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` names the words and then the counts. `empty` stands where there is no row."""

    key: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Pages:
    """The whole report. `standing` says which days, and whether they are over."""

    name: str
    title: str
    standing: str
    tables: tuple[Table, ...]
    method: tuple[str, ...] = METHOD


def pages_of(report: QuarterReport, directory: Directory) -> Pages:
    """The report in words. What the directory no longer names is called by its id."""
    quarter = report.quarter
    days = f"{quarter.first:%d %B %Y} to {quarter.last:%d %B %Y}"
    so_far = "" if report.is_over else " so far"
    standing = f"{days}." if report.is_over else f"{days}; so far, as of {report.as_of:%d %B %Y}, 00:00 UTC."
    return Pages(
        name=f"fener-{quarter}{'' if report.is_over else f'-so-far-{report.as_of:%Y-%m-%d}'}",
        title=f"What was needed, {quarter}{so_far}",
        standing=standing,
        tables=(_unmet(report, directory), _feedback(report), _work(report, directory)),
    )


def count_in_words(count: int | None) -> str:
    """A number as it is printed."""
    return NOT_TOLD if count is None else f"{count} or more"


def as_text(pages: Pages) -> Iterator[str]:
    """Lines for a terminal."""
    yield pages.title
    yield pages.standing
    for table in pages.tables:
        yield ""
        yield table.title
        yield f"  {table.about}"
        if not table.rows:
            yield f"  {table.empty}"
            continue
        words = [", ".join(row.words) for row in table.rows]
        names = table.columns[-len(table.rows[0].counts) :]
        wide = max(len(each) for each in words)
        widths = [max(len(name), len(NOT_TOLD), len("1000 or more")) for name in names]
        yield "  ".join(
            ("", " " * wide, *(name.rjust(width) for name, width in zip(names, widths, strict=True)))
        )
        for text, row in zip(words, table.rows, strict=True):
            counts = (
                count_in_words(count).rjust(width) for count, width in zip(row.counts, widths, strict=True)
            )
            yield "  ".join(("", text.ljust(wide), *counts))
    yield ""
    yield "How it was counted"
    for each in pages.method:
        yield f"  {each}"


def as_csv(pages: Pages) -> bytes:
    """One line for each number, the method below; UTF-8 with a byte order mark, by which Excel knows it.

    Where a number is held back its cell is empty and the next one says so. No cell is taken for a formula.
    Source: OWASP, CSV Injection; RFC 4180.
    """
    into = io.StringIO(newline="")
    write = csv.writer(into)
    write.writerow(("table", "line", "detail", "counted", "at_least", "note"))
    for table in pages.tables:
        for row in table.rows:
            line, detail = (*row.words, "")[:2]
            for name, count in zip(table.columns[-len(row.counts) :], row.counts, strict=True):
                number, note = ("", NOT_TOLD) if count is None else (str(count), "")
                write.writerow(map(held_back, (table.title, line, detail, name, number, note)))
    write.writerow(())
    for text in (pages.title, pages.standing, *pages.method):
        write.writerow((held_back(text),))
    return into.getvalue().encode("utf-8-sig")


def _unmet(report: QuarterReport, directory: Directory) -> Table:
    rows = []
    for need, countries in report.unmet.items():
        known = directory.taxonomy.needs.get(need)
        name = pick(known.label, "en") if known else need
        for country, count in sorted(countries.items(), key=lambda each: (-each[1], each[0])):
            where = {SEVERAL: "several countries", "": "no country said"}.get(country, country)
            rows.append(Row((name, where), (count,)))
        rows.append(Row((name, _ALL.lower()), (report.totals[need],), is_total=True))
    return Table(
        "unmet",
        "Searches in vain",
        "What people looked for and nothing was found, by need and country.",
        ("Need", "Country", "Conversations"),
        tuple(rows),
        f"Nothing to tell: no need was missed in {K} conversations of one week.",
    )


def _feedback(report: QuarterReport) -> Table:
    return Table(
        "feedback",
        "How it was at a service",
        "What people answered, over all services.",
        ("Answer", "Answers"),
        tuple(Row((_OUTCOMES[outcome],), (count,)) for outcome, count in report.feedback.items()),
        f"Nothing to tell: fewer than {K} people gave the same answer in one week.",
    )


def _work(report: QuarterReport, directory: Directory) -> Table:
    rows = []
    work = report.work or {}
    for organisation in sorted({each for line in work.values() for each in line.parts}):
        known = directory.organisations.get(organisation)
        name = pick(known.name, "en") if known else organisation
        rows.append(Row((name,), tuple(work[measure].parts[organisation] for measure in MEASURES)))
    if rows:
        rows.append(Row((_ALL,), tuple(work[measure].total for measure in MEASURES), is_total=True))
    return Table(
        "work",
        "Cases of organisations",
        "How many cases came to each organisation, got a first answer, and were closed.",
        ("Organisation", *(_MEASURES[measure] for measure in MEASURES)),
        tuple(rows),
        "There is no organisation that takes cases."
        if report.work is not None
        else "Told of a quarter that is over, and about half a year long.",
    )
