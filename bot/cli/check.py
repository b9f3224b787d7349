"""`fener check`: every problem in flows, their scripts, directory and translations, with its place and its mend."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot import __version__
from bot.content.codes import CODES
from bot.content.files import ContentFiles
from bot.content.folders import read_content
from bot.content.mending import mend_files
from bot.content.script_folder import read_scripts
from bot.directory.duplicates import find_duplicates
from bot.kernel.problems import Problem
from bot.nlu.normalise import fold
from bot.settings import read_settings

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

FORMATS: Final = ("text", "json", "sarif")
SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fener check`."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print (default: text)")
    parser.add_argument(
        "--content",
        metavar="DIR",
        help="folder holding flows/, directory/, translations/ (default: FENER_CONTENT_DIR)",
    )
    parser.add_argument(
        "--fix", action="store_true", help="first write keys with spaces and end every file with a new line"
    )
    parser.add_argument(
        "--against", metavar="RELEASE", help="also say what a publish does to conversations of that release"
    )


def run(args: argparse.Namespace) -> int:
    """Print every problem; 0 when none is an error, 1 when one is, 2 for wrong usage."""
    if args.against:
        print("fener check: there are no releases to compare with yet; leave --against out", file=sys.stderr)
        return USAGE
    root = Path(args.content) if args.content else read_settings().content_dir
    if not root.is_dir():
        print(f"fener check: there is no folder {root}", file=sys.stderr)
        return USAGE
    if args.fix:
        _fix(root)
    today = datetime.now(UTC).date()  # noqa: TID251 - a command of the operator, not a turn
    content = read_content(root, today=today)
    flows = [draft.flow.id for draft in content.flows.drafts]
    _, faults = read_scripts(ContentFiles(root), flows)
    twice = [pair.problem() for pair in find_duplicates(content.directory, fold=fold)]
    problems = sorted(dict.fromkeys([*content.problems, *faults, *twice]), key=lambda problem: problem.mark)
    print(_printed(problems, args.format), end="")
    print(_summary(problems), file=sys.stderr)
    return FAULTY if any(problem.severity == "error" for problem in problems) else FINE


def _fix(root: Path) -> None:
    fixed = mend_files(root)
    for path in fixed:
        print(f"fener check: mended {path}", file=sys.stderr)
    if not fixed:
        print("fener check: nothing here can be mended without a person", file=sys.stderr)


def _printed(problems: Sequence[Problem], form: str) -> str:
    if form == "json":
        return json.dumps([problem.as_json() for problem in problems], ensure_ascii=False, indent=2) + "\n"
    if form == "sarif":
        return json.dumps(_sarif(problems), ensure_ascii=False, indent=2) + "\n"
    return "".join(as_text(problem) for problem in problems)


def as_text(problem: Problem) -> str:
    """A problem in two lines: where and what is wrong, and what to write instead."""
    warning = "warning: " if problem.severity == "warning" else ""
    return f"{problem.mark}: {problem.code} {warning}{problem.message}\n  mend: {problem.mend}\n"


def _summary(problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if not problems:
        return "no problems"
    return f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _sarif(problems: Sequence[Problem]) -> dict[str, object]:
    """SARIF 2.1.0, as code forges show it beside the lines.

    Source: OASIS Static Analysis Results Interchange Format 2.1.0, sections 3.13 to 3.30.
    """
    codes = sorted({problem.code for problem in problems})
    rules = [{"id": code, "shortDescription": {"text": CODES.get(code, code)}} for code in codes]
    driver = {"name": "fener check", "version": __version__, "rules": rules}
    results = [
        {
            "ruleId": problem.code,
            "ruleIndex": codes.index(problem.code),
            "level": problem.severity,
            "message": {"text": f"{problem.message}\nmend: {problem.mend}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": problem.mark.file},
                        "region": {"startLine": problem.mark.line, "startColumn": problem.mark.column},
                    }
                }
            ],
        }
        for problem in problems
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
