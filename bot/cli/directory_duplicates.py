"""`fener directory duplicates`: records that may be the same organisation or service twice, and why."""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from bot.cli.check import as_text
from bot.content.directory_folder import load_directory
from bot.nlu.normalise import fold
from bot.settings import read_settings

FINE: Final = 0
FAULTY: Final = 1


def add_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the arguments of `fener directory duplicates`."""
    parser = actions.add_parser("duplicates", help="what may stand in the directory twice, and why")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--content", metavar="DIR", help="folder holding directory/ (default: FENER_CONTENT_DIR)"
    )
    parser.set_defaults(act=run_duplicates)


def run_duplicates(args: argparse.Namespace) -> int:
    """Print every pair; 0 also where there are some, since only a person can tell; 1 the directory has errors."""
    from bot.directory.duplicates import find_duplicates

    root = Path(args.content) if args.content else read_settings().content_dir
    directory, problems = load_directory(root, fold=fold)
    if directory is None:
        print("".join(as_text(problem) for problem in problems), end="", file=sys.stderr)
        return FAULTY
    found = find_duplicates(directory, fold=fold)
    if args.json:
        pairs = [{"first": one.first, "second": one.second, "reasons": one.reasons} for one in found]
        print(json.dumps(pairs, ensure_ascii=False, indent=2))
        return FINE
    for one in found:
        print(as_text(one.problem()), end="")
    print(f"{len(found)} to look at.")
    return FINE
