"""`fener stats`: what a network can say of a quarter, printed, as CSV and as PDF; in whole tens, nobody's identity."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from bot.cli.content import load_or_list
from bot.cli.stores import opened_database
from bot.cli.terminal import shown
from bot.content.report_pages import as_csv, as_text, pages_of
from bot.content.report_pdf import as_pdf
from bot.installation import SystemClock
from bot.kernel.errors import RefusedError
from bot.settings import Settings, read_settings
from bot.storage.audit import SqlAuditTrail
from bot.storage.counters import SqlCounters
from bot.storage.keyrings import SqlKeyrings
from bot.telemetry.logs import set_up_logs
from bot.usecases.quarter import asked
from bot.usecases.report_quarter import QuarterReport, ReportQuarter

FINE = 0
FAULT = 1
USAGE = 2


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener stats`."""
    parser.add_argument(
        "--quarter",
        default="",
        metavar="QUARTER",
        help="such as 2026-Q3; the newest that is over, if not given",
    )
    parser.add_argument("--csv", metavar="FILE", help="write it as CSV too")
    parser.add_argument("--pdf", metavar="FILE", help="write it as PDF too")
    parser.add_argument(
        "--content", metavar="DIR", help="folder holding directory/ (default: FENER_CONTENT_DIR)"
    )


def run(args: argparse.Namespace) -> int:
    """Print the report and write the files; 0 done, 1 the content or a file is wrong, 2 the quarter is."""
    settings, clock = read_settings(), SystemClock()
    set_up_logs(settings.log_level)
    try:
        quarter = asked(args.quarter, clock.now().date())
    except RefusedError as fault:
        print(f"fener stats: {fault.mend}", file=sys.stderr)
        return USAGE
    library = load_or_list(Path(args.content) if args.content else settings.content_dir)
    if library is None:
        return FAULT
    report = asyncio.run(_report(settings, clock, str(quarter)))
    pages = pages_of(report, library.directory)
    print(shown("\n".join(as_text(pages))))
    files = {args.csv: as_csv, args.pdf: as_pdf}
    return FINE if all(_written(file, made(pages)) for file, made in files.items() if file) else FAULT


async def _report(settings: Settings, clock: SystemClock, quarter: str) -> QuarterReport:
    async with opened_database(settings) as database:
        return await ReportQuarter(
            counters=SqlCounters(database),
            audit=SqlAuditTrail(database),
            keyrings=SqlKeyrings(database),
            clock=clock,
        )(quarter)


def _written(file: str, content: bytes) -> bool:
    """Whether the file was written; why not is told."""
    try:
        Path(file).write_bytes(content)
    except OSError as fault:
        why = os.strerror(fault.errno) if fault.errno else "it failed"
        print(
            f"fener stats: {file} was not written ({why}): name a file in a folder where you may write.",
            file=sys.stderr,
        )
        return False
    return True
