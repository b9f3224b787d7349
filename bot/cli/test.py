"""`fener test`: plays the scripted conversations, says what they covered, then walks every path."""

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Final

from bot.cli.content import load_or_list
from bot.content.files import ContentFiles
from bot.flow.library import Library
from bot.flow.playing import Coverage, Outcome, coverage, play_all
from bot.flow.script import Script, parse_scripts
from bot.flow.walk import walk_all
from bot.kernel.problems import Problem
from bot.settings import read_settings

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

SUFFIX: Final = ".test.yaml"
FAULTS_SHOWN: Final = 30
MISSED_SHOWN: Final = 6


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fener test`."""
    parser.add_argument(
        "--content",
        metavar="DIR",
        help="folder holding flows/, directory/, translations/ (default: FENER_CONTENT_DIR)",
    )
    parser.add_argument(
        "--missed", action="store_true", help="name the steps and choices no script goes through"
    )


def run(args: argparse.Namespace) -> int:
    """Play and walk; 0 when every script and every promise holds, else 1; 2 for wrong usage."""
    root = Path(args.content) if args.content else read_settings().content_dir
    if not root.is_dir():
        print(f"fener test: there is no folder {root}", file=sys.stderr)
        return USAGE
    library = load_or_list(root)
    if library is None:
        return FAULTY
    scripts, problems = read_scripts(root, library)
    for problem in problems:
        print(f"{problem.mark}: {problem.code} {problem.message}\n  mend: {problem.mend}")
    now = datetime.now(UTC)  # noqa: TID251  # a command's own clock: facts and services are those of today
    outcomes = _play(scripts, library, now)
    failed = [outcome for outcome in outcomes if outcome.failure is not None]
    for outcome in failed:
        print(told(outcome))
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} scripted conversations went as written.")
    print(_table(coverage(library, outcomes), missed=bool(args.missed)))
    faults = _walk(library, now)
    return FAULTY if problems or failed or faults else FINE


def read_scripts(root: Path, library: Library) -> tuple[list[Script], list[Problem]]:
    """Every script under `root`/flows with the problems of their files."""
    files = ContentFiles(root)
    scripts: list[Script] = []
    problems: list[Problem] = []
    flows = frozenset(library.flows)
    for folder in ("flows", *files.folders("flows")):
        for path in files.names(folder, SUFFIX):
            node = files.yaml(path)
            if node is not None:
                found, faults = parse_scripts(node, flows)
                scripts += found
                problems += faults
    return scripts, [*files.problems, *problems]


def _play(scripts: Sequence[Script], library: Library, now: datetime) -> list[Outcome]:
    """Play all, with every logger listening: what a person wrote must not come out of any."""
    written = StringIO()
    listener = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        return play_all(scripts, library, now=now, logged=written.getvalue)
    finally:
        root.removeHandler(listener)
        root.setLevel(level)


def told(outcome: Outcome) -> str:
    """A failed script in plain words: where, what was expected, what came instead, what the person read."""
    failure = outcome.failure
    if failure is None:
        return ""
    lines = [
        f"{failure.mark}: {outcome.script.flow}: {outcome.script.name} [{outcome.language}]",
        f"  expected {failure.expected}",
        f"  but {failure.got}",
    ]
    lines += [f"    | {line}" for text in failure.texts for line in text.splitlines()]
    return "\n".join(lines)


def _table(rows: Sequence[Coverage], *, missed: bool) -> str:
    width = max((len(row.flow) for row in rows), default=4)
    lines = [f"{'flow':{width}}  steps      choices"]
    for row in rows:
        steps = f"{row.steps_passed}/{row.steps}"
        choices = f"{row.choices_passed}/{row.choices}"
        lines.append(f"{row.flow:{width}}  {steps:9}  {choices}")
        if missed and row.missed:
            more = f" and {len(row.missed) - MISSED_SHOWN} more" if len(row.missed) > MISSED_SHOWN else ""
            lines.append(f"{'':{width}}  missed: {', '.join(row.missed[:MISSED_SHOWN])}{more}")
    return "\n".join(lines)


def _walk(library: Library, now: datetime) -> int:
    walk = walk_all(library, now=now)
    for fault in walk.faults[:FAULTS_SHOWN]:
        print(fault)
    if len(walk.faults) > FAULTS_SHOWN:
        print(f"... and {len(walk.faults) - FAULTS_SHOWN} more")
    bound = "" if walk.complete else " (stopped at its bound)"
    print(f"Walked {walk.places} places in {walk.turns} turns{bound}: {len(walk.faults)} broken promises.")
    return len(walk.faults)
