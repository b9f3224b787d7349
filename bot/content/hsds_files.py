"""HSDS packages on disk: JSON, a folder or a zip of CSV tables. Nothing is unpacked; what is too much is refused."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from bot.content.json_marks import read_json
from bot.directory.hsds.records import Record, joined, nested
from bot.directory.hsds.tables import TABLES
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

if TYPE_CHECKING:  # the type of what csv.reader gives; there is no public name for it
    from _csv import Reader

LARGEST_FILE: Final = 32 * 1024 * 1024  # bytes, unpacked
LARGEST_PACKAGE: Final = 128 * 1024 * 1024
MOST_FILES: Final = 200
LONGEST_CELL: Final = 100_000  # letters

_TABLE_OF: Final = {table.file: name for name, table in TABLES.items()}
_MEND_SIZE: Final = "leave out what is not about services, or give it in parts"
_DESCRIPTION: Final = "datapackage.json"

Files = Mapping[str, bytes]


class _RefusedError(Exception):
    """Carries the problem out of the reading."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def read_package(path: Path) -> tuple[list[Record], list[str], list[Problem]]:
    """The organisations of a package with the tables that were not read, and every problem in it."""
    try:
        if path.is_dir():
            return _tables(_from_folder(path))
        data = _read(path)
        if data.startswith(b"PK\x03\x04") or path.suffix.lower() == ".zip":
            return _tables(_from_zip(data, path.name))
        node, problems = read_json(data, path.name)
    except _RefusedError as refused:
        return [], [], [refused.problem]
    if node is None:
        return [], [], problems
    records, problems = nested(node)
    return records, [], problems


def _read(path: Path) -> bytes:
    problem = Problem(
        "D601", Mark(path.name, 1, 1), "this file cannot be read", "check its name and who may read it"
    )
    if not path.is_file():  # a pipe gives nothing, a device never ends
        raise _RefusedError(problem)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)  # one byte more shows that it is too big
    except OSError:
        raise _RefusedError(problem) from None
    if len(data) > LARGEST_FILE:
        raise _too_big(path.name)
    return data


def _from_folder(folder: Path) -> Files:
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() == ".csv" or path.name == _DESCRIPTION:
            found[path.name] = _read(path)
            _bounded(found, path.name)
    return found


def _from_zip(data: bytes, name: str) -> Files:
    """The tables in a zip, read in memory: no path of it is ever used, and no size that it claims is believed."""
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for entry in package.infolist():
                table = PurePosixPath(entry.filename).name
                if not table or (not table.lower().endswith(".csv") and table != _DESCRIPTION):
                    continue
                found[table] = _unpacked(package, entry, name, found)
                _bounded(found, table)
    except _RefusedError:
        raise
    except Exception:  # noqa: BLE001  # zipfile raises whatever it stumbles over: struct.error, IndexError, zlib.error
        raise _no_zip(name, "this is not a zip that can be read", "make the zip anew") from None
    return found


def _unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, found: Files) -> bytes:
    """One table, a byte more than allowed at most."""
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
        raise _no_zip(name, "a name in this zip leads out of it", "make the zip anew")
    if entry.flag_bits & 1:
        raise _no_zip(name, "this zip asks for a password", "make one without")
    if path.name in found:
        raise _no_zip(name, "this zip holds the same table twice", "keep one")
    with package.open(entry) as inside:
        return inside.read(LARGEST_FILE + 1)


def _no_zip(name: str, message: str, mend: str) -> _RefusedError:
    return _RefusedError(Problem("D607", Mark(name, 1, 1), message, mend))


def _bounded(found: Files, name: str) -> None:
    if (
        len(found[name]) > LARGEST_FILE
        or sum(map(len, found.values())) > LARGEST_PACKAGE
        or len(found) > MOST_FILES
    ):
        raise _too_big(name)


def _too_big(name: str) -> _RefusedError:
    message = f"this is more than {LARGEST_FILE // 2**20} MiB a file or {LARGEST_PACKAGE // 2**20} MiB in all"
    return _RefusedError(Problem("D607", Mark(name, 1, 1), message, _MEND_SIZE))


def _tables(files: Files) -> tuple[list[Record], list[str], list[Problem]]:
    problems: list[Problem] = []
    names = {**_TABLE_OF, **_described(files)}
    rows: dict[str, list[Record]] = {}
    unread = []
    for file, data in files.items():
        if file == _DESCRIPTION:
            continue
        if file not in names:
            unread.append(file)
            continue
        listed, faults = _rows(data, file)
        rows.setdefault(names[file], []).extend(listed)
        problems += faults
    if not rows.get("organization") and not problems:
        mend = "give a folder or zip with organizations.csv and services.csv"
        problems.append(
            Problem("D602", Mark("organizations.csv", 1, 1), "there is no organisation in it", mend)
        )
    records, faults = joined(rows)
    return records, unread, problems + faults


def _described(files: Files) -> Mapping[str, str]:
    """File -> table, as the package's description says where its files are called otherwise."""
    node, _ = read_json(files[_DESCRIPTION], _DESCRIPTION) if _DESCRIPTION in files else (None, [])
    resources = node.get("resources") if isinstance(node, Fields) else None
    found = {}
    for one in resources.values if isinstance(resources, Items) else ():
        path, name = _text(one, "path"), _text(one, "name")
        for table in (name, name.removesuffix("s")):
            if path and table in TABLES:
                found[PurePosixPath(path).name] = table
                break
    return found


def _text(node: Node, key: str) -> str:
    value = node.get(key) if isinstance(node, Fields) else None
    return value.value if isinstance(value, Scalar) else ""


def _rows(data: bytes, file: str) -> tuple[list[Record], list[Problem]]:
    """The rows of one table; what cannot be read of it as problems with their line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        return [], [Problem("D601", Mark(file, line, 1), "this file is not UTF-8", "save it as UTF-8")]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[Record] = []
    problems: list[Problem] = []
    columns: list[str] = []
    try:
        for line, cells in _lines(reader):
            if not columns:
                columns = [cell.strip() for cell in cells]
                problems += _columns_at_fault(columns, file)
                continue
            if len(cells) != len(columns):
                message = f"this row has {len(cells)} cells and the table {len(columns)} columns"
                mend = "put a text that holds a comma or a line end in quotes"
                problems.append(Problem("D601", Mark(file, line, 1), message, mend))
                continue
            marks = {name: Mark(file, line, at) for at, name in enumerate(columns, start=1)}
            values = {name: cell.strip() for name, cell in zip(columns, cells, strict=True) if cell.strip()}
            records.append(Record(Mark(file, line, 1), values, {}, marks))
    except csv.Error:
        message = "this is not CSV: a quote is not closed, or a cell is too long"
        problems.append(
            Problem("D601", Mark(file, max(reader.line_num, 1), 1), message, "save the table anew as CSV")
        )
    return records, problems


def _lines(reader: "Reader") -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line it begins on."""
    begins = 1
    for cells in reader:
        if any(cells):
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise csv.Error
            yield begins, cells
        begins = reader.line_num + 1


def _columns_at_fault(columns: list[str], file: str) -> list[Problem]:
    twice = sorted({name for name in columns if columns.count(name) > 1})
    return [
        Problem("D601", Mark(file, 1, columns.index(name) + 1), "a column stands twice", "keep one")
        for name in twice
    ]
