"""What a spreadsheet would change in the directory/ folder: new bytes for each file, or every fault with its cell.

A sheet can vouch for nothing: vetting is read-only, new services are unverified, and a service whose safety facts
change goes back to `proposed`. A row that is missing deletes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.content.directory_folder import load_directory
from bot.content.directory_tables import filed_of
from bot.content.sheet_rows import Change, RowReader
from bot.directory.duplicates import find_duplicates
from bot.directory.matching import Directory
from bot.directory.places import Fold
from bot.directory.sheets import SERVICES, SHEETS, Table
from bot.kernel.problems import Mark, Problem


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does. `files` are new bytes by path, none where any problem is an error; `before` what was read.

    `fallen` are services whose vetting goes back to proposed, `missing` those that no row names. A problem's mark is
    a cell: the sheet, its row, its column.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    before: Mapping[str, bytes] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    fallen: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether nothing may be written."""
        return any(problem.severity == "error" for problem in self.problems)


def plan_import(
    root: Path, directory: Directory, tables: Sequence[Table], *, fold: Fold, close_missing: bool = False
) -> Plan:
    """Compare `tables` with the `directory` of the folder. `close_missing`: a service that no row names is closed."""
    filed = filed_of(root, directory)
    work = RowReader(filed)
    by_sheet: dict[str, Table] = {}
    for table in tables:
        if by_sheet.setdefault(table.sheet, table) is not table:
            message = (
                f"this is the sheet {table.sheet} a second time; the first is {by_sheet[table.sheet].file}"
            )
            work.problems.append(Problem("D503", Mark(table.file, 1, 1), message, "keep one"))
    for sheet in SHEETS:
        if sheet.title in by_sheet:
            work.read(sheet, by_sheet[sheet.title])
    missing = work.missing(by_sheet.get(SERVICES.title), closing=close_missing)
    if close_missing:
        work.close(missing)
    files = work.finish()
    if not any(problem.severity == "error" for problem in work.problems):
        work.problems += _found_in(root, files, work, fold)
    plan = Plan(
        files,
        {file.path: file.source for file in filed.values() if file.path in files},
        tuple(work.changes),
        tuple(work.fallen),
        tuple("/".join(one) for one in missing),
        tuple(dict.fromkeys(work.problems)),
    )
    return replace(plan, files={}) if plan.failed else plan


def _found_in(root: Path, files: Mapping[str, bytes], work: RowReader, fold: Fold) -> list[Problem]:
    """What would be wrong with the directory afterwards, and what new organisations look like, each at its cell."""
    directory, found = load_directory(
        root, fold=fold, read=lambda path: files.get(path) or _from(root, path), also=sorted(files)
    )
    problems = [one for one in found if one.severity == "error"]
    if directory is not None and work.new:
        pairs = find_duplicates(directory, fold=fold)
        problems += [
            pair.problem()
            for pair in pairs
            if not work.new.isdisjoint((pair.first.partition("/")[0], pair.second.partition("/")[0]))
        ]
    return [work.files.in_cells(files, one) for one in problems]


def _from(root: Path, path: str) -> bytes | None:
    try:
        return (root / path).read_bytes()
    except OSError:
        return None
