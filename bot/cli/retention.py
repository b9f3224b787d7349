"""`fener retention report`: what is kept, how much of it, and until when at most; nobody's identity."""

import argparse
import asyncio
import json
from collections.abc import Iterator

from bot.cli.stores import keys_that_are_there, opened_database
from bot.crypto.keys import ServerKeys
from bot.installation import SystemClock
from bot.kernel.errors import StartError
from bot.settings import Settings, read_settings
from bot.storage.inspection import SqlInspection
from bot.storage.retention import SqlRetention
from bot.telemetry.logs import set_up_logs
from bot.usecases.report_retention import Report, ReportRetention
from bot.wiring import retention_rules


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener retention`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    report = actions.add_parser(
        "report", help="how many rows there are, until when at most, and when keys go"
    )
    report.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the report."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    clock = SystemClock()
    keys, why = _keys(settings, clock)
    report = asyncio.run(_report(settings, keys, clock))
    if args.json:
        print(json.dumps(_as_json(report, why), indent=2))
    else:
        print("\n".join(_as_text(report, why)))
    return 0


def _keys(settings: Settings, clock: SystemClock) -> tuple[ServerKeys | None, str]:
    """The keys, or why they could not be looked at."""
    try:
        keys = keys_that_are_there(settings, clock)
    except StartError as fault:
        return None, fault.mend
    return keys, "" if keys else "There are no keys yet."


async def _report(settings: Settings, keys: ServerKeys | None, clock: SystemClock) -> Report:
    async with opened_database(settings) as database:
        retention = SqlRetention(database)
        reporting = ReportRetention(
            retention=retention,
            late=retention,
            rules=retention_rules(settings),
            idle_minutes=settings.session_idle_minutes,
            keys=keys,
            clock=clock,
        )
        return await reporting(await SqlInspection(database).newest())


def _as_json(report: Report, why: str) -> dict[str, object]:
    return {
        "tables": {
            kept.table: {
                "rows": kept.rows,
                "rule": kept.rule,
                "gone_by": kept.gone_by.isoformat() if kept.gone_by else None,
                "overdue": kept.overdue,
            }
            for kept in report.tables
        },
        "keys": None
        if report.keys is None
        else [{"epoch": key.epoch, "destroyed": key.destroyed.isoformat()} for key in report.keys],
        "keys_unknown": why or None,
        "memory": dict(report.memory),
    }


def _as_text(report: Report, why: str) -> Iterator[str]:
    yield "In the database:"
    for kept in report.tables:
        last = f"; all of today's gone by {kept.gone_by}" if kept.gone_by else ""
        yield f"  {kept.table}: {kept.rows}, kept {kept.rule}{last}"
        if kept.overdue:
            yield f"    {kept.overdue} of them past their time: is the server running? 'fener db purge' deletes them."
    yield "Keys, without which nothing of their time can be found or opened:"
    for key in report.keys or ():
        yield f"  epoch {key.epoch}: destroyed on {key.destroyed}"
    if report.keys is None:
        yield f"  not looked at. {why}"
    yield "In memory only, and counted nowhere:"
    for name, rule in report.memory.items():
        yield f"  {name}: {rule}"
