"""`fener test`: plays the scripted conversations, says what they covered, then walks every path."""

import argparse
import difflib
import logging
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Final

from bot.cli.content import load_or_list
from bot.content.files import ContentFiles
from bot.flow.library import Library
from bot.flow.playing import Coverage, Outcome, coverage, play_all
from bot.flow.script import Script, parse_scripts
from bot.flow.walk import Walk, walk_all
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
        "flows",
        nargs="*",
        metavar="FLOW",
        help="only the conversations and paths of these flows (default: all)",
    )
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
    for name in args.flows:
        if name not in library.flows:
            print(f"fener test: there is no flow '{name}'{_nearest(name, library)}", file=sys.stderr)
            return USAGE
    scripts, problems = read_scripts(root, library)
    if args.flows:
        scripts = [script for script in scripts if script.flow in args.flows]
    for problem in problems:
        print(f"{problem.mark}: {problem.code} {problem.message}\n  mend: {problem.mend}")
    now = datetime.now(UTC)  # noqa: TID251  # a command's own clock: facts and services are those of today
    outcomes = _play(scripts, library, now)
    failed = [outcome for outcome in outcomes if outcome.failure is not None]
    for outcome in failed:
        print(told(outcome))
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} scripted conversations went as written.")
    rows = [row for row in coverage(library, outcomes) if not args.flows or row.flow in args.flows]
    print(_table(rows, missed=bool(args.missed)))
    faults = _walk(library, now, args.flows)
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


def _nearest(name: str, library: Library) -> str:
    near = difflib.get_close_matches(name, library.flows, n=1)
    return f": did you mean '{near[0]}'?" if near else ": 'fener test' without a name lists them"


def _walk(library: Library, now: datetime, flows: Sequence[str]) -> int:
    walk = Walk()
    for language, seen in _walks(library, now, flows):
        walk.add(seen)
        if sys.stderr.isatty():
            print(f"  walked {language}: {seen.turns} turns", file=sys.stderr, flush=True)
    for fault in walk.faults[:FAULTS_SHOWN]:
        print(fault)
    if len(walk.faults) > FAULTS_SHOWN:
        print(f"... and {len(walk.faults) - FAULTS_SHOWN} more")
    bound = "" if walk.complete else " (stopped at its bound)"
    print(f"Walked {walk.places} places in {walk.turns} turns{bound}: {len(walk.faults)} broken promises.")
    return len(walk.faults)


def _walks(library: Library, now: datetime, flows: Sequence[str]) -> Iterator[tuple[str, Walk]]:
    """One walk a language, on every core where processes can share what is loaded."""
    languages = library.catalogue.served
    workers = min(len(languages), os.cpu_count() or 1)
    walk = partial(_walk_one, library, now, flows)
    if workers == 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from zip(languages, map(walk, languages), strict=True)
        return
    global _shared  # noqa: PLW0603  # processes that part from this one find it where it is; nothing is copied
    _shared = walk
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from zip(languages, pool.map(_walk_shared, languages), strict=True)


def _walk_one(library: Library, now: datetime, flows: Sequence[str], language: str) -> Walk:
    return walk_all(library, now=now, languages=(language,), flows=flows)


_shared: partial[Walk] | None = None


def _walk_shared(language: str) -> Walk:
    assert _shared is not None
    return _shared(language)
