"""The rows of a sheet, one by one, as changes of the organisations' files.

Nothing becomes vetted: vetting is read-only, new services are unverified, and a service whose safety facts change goes
back to `proposed`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.content.directory_folder import FOLDER
from bot.content.directory_tables import Filed, Key, cells_of, ident_of, records_of
from bot.content.edited_files import EditedFiles
from bot.content.yaml_edits import Path as YamlPath
from bot.content.yaml_scalars import scalar
from bot.directory.reading import ID
from bot.directory.sheet_changes import Edit, changed_columns, edits_of
from bot.directory.sheets import (
    CUT,
    MARK,
    ORGANISATIONS,
    PHONES,
    REMOVE,
    SERVICES,
    SOURCES,
    VISITS,
    Column,
    Row,
    Sheet,
    Table,
    column_named,
    columns_in_use,
    mark_of,
    records_in,
)
from bot.kernel.problems import Fields, Mark, Node, Problem, Scalar, Severity

HEADER: Final = "# yaml-language-server: $schema=../schema/organisation.json\n"
_LISTS: Final = {sheet.title: sheet.inside[-1] for sheet in (PHONES, VISITS, SOURCES)}
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_GONE: Final = frozenset({"closed", "tombstone"})


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the dry run. `record` is a service, or empty for the organisation; `vouched` as in Column."""

    file: str
    record: str
    what: str
    before: str
    after: str
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """A row, where it stands, and what its columns mean."""

    table: Table
    row: Row
    columns: Mapping[str, Column]
    key: Key
    told: Mapping[str, str]

    def mark(self, column: Column | None = None) -> Mark:
        """The cell of a column, or the row's first."""
        number = self.table.numbers.get(column.title, 1) if column else 1
        return Mark(self.table.file, self.row.number, number)

    @property
    def name(self) -> str:
        """The record as people call it."""
        return " / ".join(part for part in self.key if part) or "this row"


class RowReader:
    """Takes in sheets row by row: what they change in `files`, in words in `changes`, and every fault in `problems`."""

    def __init__(self, filed: Mapping[str, Filed]) -> None:
        self.problems: list[Problem] = []
        self.changes: list[Change] = []
        self.fallen: list[str] = []
        self.new: set[str] = set()
        self._filed = dict(filed)
        self.files = EditedFiles(filed)
        self._services = {
            ident: [ident_of(service) for service in records_in(file.node.get("services"))]
            for ident, file in filed.items()
        }
        self._touched: set[tuple[str, str]] = set()

    def read(self, sheet: Sheet, table: Table) -> None:
        """Take in every row of one sheet."""
        columns = self._columns(sheet, table)
        if columns is None:
            return
        records: dict[Key, Fields] = {}
        for ident, file in self._filed.items():
            records.update(records_of(sheet, ident, file.node))
        everything = columns_in_use(sheet, list(records.values()), ())
        seen: set[Key] = set()
        for row in table.rows:
            told = {title: text for title, text in row.cells.items() if title in columns}
            key = tuple(told.get(column.title, "") for column in sheet.keys)
            at = _Place(table, row, columns, key, told)
            if not any(told.values()):
                continue
            if key in seen and not (sheet.title in _LISTS and not key[-1]):
                self._fault("D503", at.mark(), f"{at.name} has two rows", "keep one")
                continue
            seen.add(key)
            if told.get(REMOVE) or not (told.get(MARK) and mark_of(told) == told[MARK]):
                self._row(sheet, at, records.get(key), everything)

    def missing(self, table: Table | None, *, closing: bool) -> list[tuple[str, str]]:
        """Services that no row of the sheet names and that are not closed; none for a list that was never whole."""
        if table is None or MARK not in table.numbers:
            if closing:
                where = Mark(table.file if table else SERVICES.title, 1, 1)
                message = f"a sheet without the column '{MARK}' may be a part: nobody can tell what was taken out of it"
                self._fault("D503", where, message, "leave --closed out, or use a whole export")
            return []
        named = {(row.cells.get("organisation", ""), row.cells.get("service", "")) for row in table.rows}
        return [
            (ident, name)
            for ident, file in self._filed.items()
            for service in records_in(file.node.get("services"))
            if (ident, name := ident_of(service)) not in named and _word(service.get("status")) not in _GONE
        ]

    def close(self, services: Sequence[tuple[str, str]]) -> None:
        """Write `closed` into the status of these."""
        for ident, service in services:
            path = self._filed[ident].path
            at = ("services", self._services[ident].index(service), "status")
            self.files.edit(path, (), Edit("put", at, "closed"))
            self.changes.append(Change(path, service, "status", "", "closed"))

    def finish(self) -> dict[str, bytes]:
        """The new bytes of every file that changes."""
        for ident, service in sorted(self._touched):
            self._fall(ident, service)
        made = self.files.finish()
        self.problems += self.files.problems
        return made

    def _columns(self, sheet: Sheet, table: Table) -> dict[str, Column] | None:
        """The columns by the titles that the sheet has; None where a row could not say what it is about."""
        found: dict[str, Column] = {}
        for title, number in table.numbers.items():
            column = column_named(sheet, title)
            if column is None:
                mend = "correct the title, or leave it: a column that nobody knows is not read"
                mark = Mark(table.file, 1, number)
                self._fault("D502", mark, f"there is no column '{title[:60]}'", mend, "warning")
            else:
                found[title] = column
        for column in sheet.keys:
            if column.title not in found:
                mend = "export again and keep this column"
                self._fault("D503", Mark(table.file, 1, 1), f"there is no column '{column.title}'", mend)
                return None
        return found

    def _row(self, sheet: Sheet, at: _Place, record: Fields | None, everything: Sequence[Column]) -> None:
        """Take in a row that somebody wrote or changed."""
        mark = at.told.get(MARK, "")
        new_line = sheet.title in _LISTS and not at.key[-1]
        if record is None and ((mark and not new_line) or (sheet.title in _LISTS and at.key[-1])):
            mend = "ids and lines are permanent: write the old one; leave line and fener empty in a new row"
            self._fault("D503", at.mark(), f"{at.name} is not in the directory", mend)
            return
        if record is not None and mark and self._is_stale(sheet, at, record, everything):
            mend = "export again and make the change in the new sheet"
            self._fault("D505", at.mark(), f"{at.name} was changed since this sheet was made", mend)
            return
        found = self._where(sheet, at, record)
        if found is None:
            return
        file, path = found
        if at.told.get(REMOVE):
            self._remove(at, file, path, record)
        else:
            self._cells_of_row(at, file, path, record)

    def _is_stale(self, sheet: Sheet, at: _Place, record: Fields, everything: Sequence[Column]) -> bool:
        now = [
            cells_of(columns, sheet.keys, at.key, record)
            for columns in (tuple(at.columns.values()), everything)
        ]
        return at.told[MARK] not in {mark_of(cells) for cells in now}

    def _where(self, sheet: Sheet, at: _Place, record: Fields | None) -> tuple[str, YamlPath] | None:
        """The file of a row's record and the record's path in it; made where it is new."""
        ident = at.key[0]
        if sheet is ORGANISATIONS:
            return (self._filed[ident].path, ()) if record is not None else self._new_organisation(at)
        if ident not in self._filed:
            mend = "write a row for it in the sheet Organisations, or correct the id"
            self._fault("D503", at.mark(), f"there is no organisation '{ident[:60]}'", mend)
            return None
        file, services = self._filed[ident].path, self._services[ident]
        service = at.key[1]
        if sheet is SERVICES:
            if record is None:
                return self._new_service(at)
            return file, ("services", services.index(service))
        if service not in services and (service or sheet is not SOURCES):
            mend = "write a row for it in the sheet Services, or correct the id"
            self._fault("D503", at.mark(), f"{ident} has no service '{service[:60]}'", mend)
            return None
        inside: YamlPath = ("services", services.index(service)) if service else ()
        path = (*inside, _LISTS[sheet.title])
        return (
            (file, (*path, int(at.key[2]) - 1))
            if record is not None
            else self._new_line(sheet, at, file, path)
        )

    def _new_organisation(self, at: _Place) -> tuple[str, YamlPath] | None:
        ident, country = at.key[0], at.told.get("country", "")
        if not ID.fullmatch(ident):
            mend = "use letters, digits, '-' and '_' only"
            self._fault("D118", at.mark(), f"organisation '{ident[:40]}' is not a usable name", mend)
            return None
        if not _COUNTRY.fullmatch(country):
            mend = "write two capital letters, such as RS"
            mark = at.mark(at.columns.get("country"))
            self._fault("D111", mark, f"'{country[:40]}' is not a country code", mend)
            return None
        path = f"{FOLDER}/{country.lower()}/{ident}.yaml"
        self.files.begin(path, f"{HEADER}organisation: {scalar(ident)}\n")
        self._filed[ident] = Filed(path, b"", Fields((), Mark(path, 1, 1)))
        self._services[ident] = []
        self.new.add(ident)
        self.files.remember(path, (), at.mark(), deep=False)
        return path, ()

    def _new_service(self, at: _Place) -> tuple[str, YamlPath]:
        ident, service = at.key[0], at.key[1]
        file = self._filed[ident].path
        place = ("services", len(self._services[ident]))
        self.files.edit(file, (), Edit("append", ("services",), {"service": service}))
        self.files.remember(file, place, at.mark(), deep=False)
        self.files.remember(file, (*place, "service"), at.mark(), deep=True)
        self._services[ident].append(service)
        return file, place

    def _new_line(self, sheet: Sheet, at: _Place, file: str, path: YamlPath) -> tuple[str, YamlPath] | None:
        first = next(column for column in sheet.columns if column.form == "text")
        text = at.told.get(first.title, "")
        if not text:
            self._fault(
                "D102", at.mark(first), f"this row has no {first.title}", "write it, or take the row out"
            )
            return None
        count = self.files.length(file, path)
        self.files.edit(file, (), Edit("append", path, {first.title: text}))
        self.files.remember(file, (*path, count), at.mark(first), deep=False)
        return file, (*path, count)

    def _remove(self, at: _Place, file: str, path: YamlPath, record: Fields | None) -> None:
        column = next(one for one in at.columns.values() if one.form == "remove")
        if at.told[REMOVE].casefold() != "yes" or record is None:
            self._fault(
                "D104",
                at.mark(column),
                "remove can only be yes, in a line that is there",
                "write yes, or nothing",
            )
            return
        self.files.remove(file, path[:-1], int(path[-1]))
        self._services_change(
            at, file, f"{path[-2]} {at.key[-1]}", at.told.get("number") or at.told.get("field", ""), ""
        )

    def _cells_of_row(self, at: _Place, file: str, path: YamlPath, record: Fields | None) -> None:
        """Every cell of a row that says something else than the record."""
        new = record is None
        was = record or Fields((), Mark(file, 1, 1))
        lacking = at.mark()
        for column, before, wanted in changed_columns(at.columns, was, at.told):
            if column.locked and not (new and column.path == ("country",)):
                self._locked(at, column, before)
                continue
            if before.endswith(CUT):
                self._fault(
                    "D504",
                    at.mark(column),
                    f"'{column.title}' is too long for a cell",
                    f"change it in {file}",
                )
                continue
            for edit in edits_of(column, was, wanted, at.told):
                self.files.edit(file, path, edit, at.mark(column))
                lacking = at.mark(column) if edit.deed == "drop" else lacking
            self._services_change(at, file, column.title, before, wanted, vouched=column.vouched)
        self.files.remember(file, path, lacking, deep=False)

    def _services_change(
        self, at: _Place, file: str, what: str, before: str, after: str, *, vouched: bool = False
    ) -> None:
        ident, service, number = (*at.key, "", "")[:3]
        line = f"{what}, line {number}" if number and not what[-1].isdigit() else what
        self.changes.append(Change(file, service, line, before, after, vouched))
        if vouched:
            self._touched |= {(ident, one) for one in ([service] if service else self._services[ident])}

    def _locked(self, at: _Place, column: Column, before: str) -> None:
        mend = f"write '{before}' again" if before else "empty this cell"
        if column.path == ("country",):
            mend += "; an organisation's file has to be moved by hand to another country"
        else:
            mend += (
                f"; a sheet cannot vouch: 'fener directory vet {'/'.join(at.key[:2])}' does, by two people"
            )
        self._fault("D504", at.mark(column), f"'{column.title}' is not changed in a sheet", mend)

    def _fall(self, ident: str, service: str) -> None:
        """Take the vetting of a service whose vouched facts change back to proposed."""
        file = self._filed[ident]
        for at, record in enumerate(records_in(file.node.get("services"))):
            vetting = record.get("vetting")
            if (
                ident_of(record) == service
                and isinstance(vetting, Fields)
                and _word(vetting.get("state")) == "vetted"
            ):
                path = ("services", at, "vetting", "state")
                self.files.edit(file.path, (), Edit("put", path, "proposed"))
                self.fallen.append(f"{ident}/{service}")

    def _fault(self, code: str, mark: Mark, message: str, mend: str, severity: Severity = "error") -> None:
        self.problems.append(Problem(code, mark, message, mend, severity))


def _word(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Scalar) else ""
