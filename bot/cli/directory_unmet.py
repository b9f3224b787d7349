"""`fener directory unmet`: what was asked for and nothing was found for, in whole tens of conversations."""

import argparse
import asyncio
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.cli.stores import opened_database
from bot.content.directory_folder import read_vocabulary
from bot.directory.model import Taxonomy, pick
from bot.settings import Settings, read_settings
from bot.storage.counters import SqlCounters
from bot.telemetry.tallies import SEVERAL, K
from bot.usecases.report_unmet import ReportUnmet, Unmet, UnmetReport

FINE: Final = 0
USAGE: Final = 2

METHOD: Final = (
    f"How it was counted: conversations in which a search found nothing, each once for a need and a country. Written once a day, in whole tens, rounded down: {K} means {K} to {2 * K - 1}.",
    f"Cells below {K} in a calendar week are never written. What is left of several countries when a week is over is put together as 'several countries', and forgotten if it is below {K}.",
    "A total is the sum of the lines shown and holds nothing else, so that no line left out can be worked out from it.",
    "A conversation is not a person: somebody who begins anew is counted anew. A restart of the server forgets what was not written yet. Trials in the simulator are not counted.",
)
"""What whoever reads the numbers must know."""

_WEEK: Final = re.compile(r"\d{4}-W\d{2}")
_COLUMNS: Final = ("week", "need", "country", "conversations_at_least")


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments of `fener directory unmet`."""
    parser = actions.add_parser(
        "unmet", help="what was asked for and nothing was found for, in tens; nobody's identity"
    )
    parser.add_argument("--format", choices=("text", "csv"), default="text", help="how it is printed")
    parser.add_argument("--since", default="", metavar="WEEK", help="from this calendar week on: 2026-W48")
    parser.add_argument(
        "--content", metavar="DIR", help="folder holding directory/ (default: FENER_CONTENT_DIR)"
    )
    parser.set_defaults(act=run_unmet)


def run_unmet(args: argparse.Namespace) -> int:
    """Print the report; 0 printed, 2 the week is none."""
    if args.since and not _WEEK.fullmatch(args.since):
        print("fener directory unmet: write the week as 2026-W48.", file=sys.stderr)
        return USAGE
    settings = read_settings()
    taxonomy, _ = read_vocabulary(Path(args.content) if args.content else settings.content_dir)
    report = asyncio.run(_report(settings, args.since))
    if args.format == "csv":
        _print_csv(report)
    else:
        print("\n".join(_as_text(report, taxonomy)))
    return FINE


async def _report(settings: Settings, since: str) -> UnmetReport:
    async with opened_database(settings) as database:
        return await ReportUnmet(counters=SqlCounters(database))(since)


def _print_csv(report: UnmetReport) -> None:
    """The cells alone on standard output, for a spreadsheet; how they were counted beside it."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows((one.week, one.need, _country(one), one.conversations) for one in report.cells)
    print("\n".join(METHOD), file=sys.stderr)


def _as_text(report: UnmetReport, taxonomy: Taxonomy) -> Iterator[str]:
    if not report.cells:
        yield f"Nothing to tell: no need was missed in {K} conversations of one country and week, or nothing was written yet."
    for need, total in report.totals.items():
        known = taxonomy.needs.get(need)
        yield f"{pick(known.label, 'en') if known else need} ({need}): {total} or more"
        for one in report.cells:
            if one.need == need:
                yield f"  {one.week}  {_country(one)}: {one.conversations} or more"
    yield ""
    yield from METHOD


def _country(one: Unmet) -> str:
    if one.country == SEVERAL:
        return "several countries"
    return one.country or "no country said"
