"""`fener doctor`: looks at this host and this installation, and says what is missing; never a secret.

Exit code 1 when something must be mended before real people write; warnings are for the operator to weigh.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from bot.cli.confinement import check_confinement, read_confinement
from bot.cli.host import Finding, Host, check_host, read_host
from bot.cli.readiness import check_bell, check_content, check_keys, check_settings, check_stores, zones_of
from bot.cli.vetting import current_of
from bot.content.folders import read_content
from bot.directory.matching import Directory
from bot.installation import SystemClock
from bot.kernel.errors import FenerError, StartError
from bot.settings import Settings, read_settings
from bot.telemetry.logs import set_up_logs
from bot.usecases.follow_directory import Current

FINE: Final = 0
FAULTY: Final = 1

_CHANGED: Final = "its history was changed by somebody else, so nothing is offered"
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
    found = list(
        check_host(host, settings, zones_of(content))
    )  # before anything is opened, which mends modes of files
    current = _standing(settings, content.directory)
    content = replace(content, directory=current.directory)
    return [
        *found,
        *check_confinement(read_confinement(_CODE), settings),
        *installed.findings,
        *check_settings(settings),
        *check_bell(settings),
        *asyncio.run(check_stores(settings, content, installed.keys, clock)),
        *check_content(content, settings, today),
        *(
            []
            if current.whole
            else [Finding("directory", "fail", _CHANGED, "see docs/how-to/vet-a-service.md")]
        ),
    ]


def _standing(settings: Settings, directory: Directory) -> Current:
    """The directory with what happened at run time; as its files say where database or keys do not open, which is told elsewhere."""
    try:
        return current_of(settings, directory)
    except FenerError:
        return Current(directory)


def _lines(found: Finding) -> Iterator[str]:
    yield f"{found.level.ljust(len(_INDENT) - 1)} {found.check}: {found.said}"
    if found.mend:
        yield f"{_INDENT}mend: {found.mend}"
