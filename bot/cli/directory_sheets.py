"""`fener directory export` and `import`: the directory as a workbook or as CSV, and changes in one back into the files."""

import argparse
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.cli.check import as_text
from bot.cli.terminal import shown
from bot.directory.matching import Directory
from bot.kernel.problems import Mark, Problem
from bot.nlu.normalise import fold
from bot.settings import read_settings

if TYPE_CHECKING:
    from bot.content.sheet_import import Plan
    from bot.directory.sheets import Table

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

_CSV_NAMES: Final = frozenset({".csv", ".tsv", ".txt"})
_SHOWN: Final = 300  # letters of a value in the dry run


def add_export(parser: argparse.ArgumentParser) -> None:
    """There is nothing that only these formats are asked; what they need, `export` asks for all."""


def add_import(parser: argparse.ArgumentParser) -> None:
    """Describe what only these formats are asked."""
    parser.add_argument(
        "--closed", action="store_true", help="xlsx, csv: close every service that no row names"
    )


def run_export(directory: Directory, args: argparse.Namespace) -> int:
    """Write the sheets; 0 fine, 2 there is something in the way."""
    from bot.content.csv_sheets import as_csv, name_of
    from bot.content.directory_tables import filed_of, tables_of
    from bot.content.workbook import as_workbook

    if not args.to:
        print("fener directory export: say with --to which file to write", file=sys.stderr)
        return USAGE
    target = Path(args.to)
    if os.path.lexists(target):
        print(f"fener directory export: there is already {target}; choose another name", file=sys.stderr)
        return USAGE
    root = Path(args.content) if args.content else read_settings().content_dir
    filed = filed_of(root, directory)
    tables = tables_of(directory, filed)
    if args.format == "csv":
        files = {target / name_of(made.sheet): as_csv(made) for made in tables}
    else:
        files = {target: as_workbook(tables, directory)}
    try:
        _write_privately(files)
    except OSError as fault:
        print(f"fener directory export: {target} cannot be written: {fault.strerror}", file=sys.stderr)
        return USAGE
    for made in tables:
        print(f"{made.sheet.title}: {len(made.rows)}")
    print(f"{target} holds addresses and numbers that people must not see: keep it where only admins read.")
    return FINE


def run_import(directory: Directory, root: Path, args: argparse.Namespace) -> int:
    """Show what changes, and change it unless it is a dry run; 0 fine, 1 faults and nothing written, 2 wrong usage."""
    from bot.content.sheet_import import plan_import

    source = Path(args.file)
    try:
        tables, problems = _tables(source)
    except OSError as fault:
        print(f"fener directory import: {source} cannot be read: {fault.strerror}", file=sys.stderr)
        return USAGE
    sheets = {*(table.file for table in tables), *(one.mark.file for one in problems)}
    if any(one.severity == "error" for one in problems):
        _print_problems(problems, sheets)
        print("fener directory import: nothing is changed; mend this first.", file=sys.stderr)
        return FAULTY
    plan = plan_import(root, directory, tables, fold=fold, close_missing=args.closed)
    for line in _story(plan):
        print(line)
    for service in plan.missing:
        told = (
            "is closed"
            if args.closed
            else "no row names it: left as it is (closed in its status takes it out)"
        )
        print(f"{service}: {told}")
    _print_problems([*problems, *plan.problems], sheets)
    if plan.failed:
        print("fener directory import: nothing is changed; mend this first.", file=sys.stderr)
        return FAULTY
    if args.dry_run:
        print(f"{_counted(len(plan.files), 'file')} would change.")
        return FINE
    return _carry_out(root, plan)


def _tables(source: Path) -> tuple[list["Table"], list[Problem]]:
    """The sheets of a workbook, of a CSV file, or of a folder of those. Raises OSError."""
    from bot.content.csv_sheets import MAX_BYTES, read_csv
    from bot.content.workbook import read_workbook

    tables: list[Table] = []
    problems: list[Problem] = []
    for path in sorted(source.glob("*.csv")) if source.is_dir() else [source]:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # one byte more shows that it is too big
        if path.suffix.lower() in _CSV_NAMES:
            table, found = read_csv(content, path.name)
            tables += [table] if table else []
        else:
            several, found = read_workbook(content, path.name)
            tables += several
        problems += found
    if not tables and not problems:
        message = "there is no sheet in this folder"
        problems.append(
            Problem("D501", Mark(source.name, 1, 1), message, "name the folder that holds services.csv")
        )
    return tables, problems


def _carry_out(root: Path, plan: "Plan") -> int:
    from bot.content.replacing import ChangedMeanwhileError, replace_files

    try:
        replace_files(root, plan.files, plan.before)
    except ChangedMeanwhileError as fault:
        print(
            f"fener directory import: {fault.path} changed just now; nothing is written. Again.",
            file=sys.stderr,
        )
        return FAULTY
    except OSError as fault:
        print(f"fener directory import: nothing is changed: {fault.strerror}", file=sys.stderr)
        return FAULTY
    print(f"{_counted(len(plan.files), 'file')} changed.")
    return FINE


def _write_privately(files: Mapping[Path, bytes]) -> None:
    """Files that only their owner reads: they hold addresses of shelters."""
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)


def _story(plan: "Plan") -> Iterator[str]:
    """The changes of each file, in the order of the sheets."""
    by_file = sorted(plan.changes, key=lambda change: change.file)
    for file, ones in groupby(by_file, key=lambda change: change.file):
        yield file
        for change in ones:
            who = f"{change.record}: " if change.record else ""
            mark = "  [vouched for by vetters]" if change.vouched else ""
            yield f"  {who}{change.what}{mark}"
            if change.before:
                yield f"    - {_short(change.before)}"
            if change.after:
                yield f"    + {_short(change.after)}"
    for service in plan.fallen:
        yield f"{service}: facts that vetters vouch for changed; back to proposed until somebody vets it again"


def _short(text: str) -> str:
    line = shown(text).replace("\n", " / ")
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]} ..."


def _print_problems(problems: Sequence[Problem], sheets: Collection[str]) -> None:
    """Problems with their cells as spreadsheets name them; those of files with line and column."""
    for problem in problems:
        text = shown(as_text(problem))
        if problem.mark.file in sheets:
            cell = f"{problem.mark.file}!{_letters(problem.mark.column)}{problem.mark.line}"
            text = text.replace(shown(str(problem.mark)), shown(cell), 1)
        print(text, end="", file=sys.stderr)


def _letters(column: int) -> str:
    """The column's letters: 1 is A, 27 is AA."""
    made = ""
    while column:
        column, rest = divmod(column - 1, 26)
        made = chr(ord("A") + rest) + made
    return made


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
