"""`fener doctor`: looks at this host and this installation, and says what is missing; never a secret.

Exit code 1 when something must be mended before real people write; warnings are for the operator to weigh.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.cli.confinement import check_confinement, read_confinement
from bot.cli.host import Finding, Host, check_host, read_host
from bot.cli.readiness import check_content, check_keys, check_settings, check_stores, zones_of
from bot.content.folders import read_content
from bot.kernel.errors import StartError
from bot.settings import Settings, read_settings
from bot.telemetry.logs import set_up_logs
from bot.wiring import SystemClock

FINE: Final = 0
FAULTY: Final = 1

_INDENT: Final = "      "
_CODE: Final = Path(__file__).resolve().parents[1]


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of `fener doctor`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print what was found; 0 nothing has to be mended, 1 something has."""
    clock = SystemClock()
    findings: Sequence[Finding]
    try:
        settings = read_settings()
    except StartError as fault:
        findings = [Finding("settings", "fail", "they are refused", fault.mend.rstrip("."))]
    else:
        set_up_logs("error")
        findings = diagnose(settings, read_host(clock.now()), clock)
    if args.json:
        shape = [
            {"check": each.check, "level": each.level, "said": each.said, "mend": each.mend or None}
            for each in findings
        ]
        print(json.dumps(shape, indent=2, ensure_ascii=False))
    else:
        print("\n".join(line for each in findings for line in _lines(each)))
    levels = [each.level for each in findings]
    print(f"{levels.count('fail')} to mend, {levels.count('warn')} to weigh.", file=sys.stderr)
    return FAULTY if "fail" in levels else FINE


def diagnose(settings: Settings, host: Host, clock: SystemClock) -> Sequence[Finding]:
    """Everything that can be said about this host and installation."""
    today = host.now.date()
    content = read_content(settings.content_dir, today=today)
    installed = check_keys(settings, clock)
    return [
        *check_host(host, settings, zones_of(content)),
        *check_confinement(read_confinement(_CODE), settings),
        *installed.findings,
        *check_settings(settings),
        *asyncio.run(check_stores(settings, content, installed.keys, clock)),
        *check_content(content, settings, today),
    ]


def _lines(found: Finding) -> Iterator[str]:
    yield f"{found.level.ljust(len(_INDENT) - 1)} {found.check}: {found.said}"
    if found.mend:
        yield f"{_INDENT}mend: {found.mend}"
