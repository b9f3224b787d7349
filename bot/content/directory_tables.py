"""The directory/ folder as tables: one row for each organisation, service, phone and source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.content.marks import read_yaml
from bot.directory.matching import Directory
from bot.directory.model import SAFE_ANSWERS
from bot.directory.sheets import (
    MARK,
    ORGANISATIONS,
    PHONES,
    SERVICES,
    SHEETS,
    SOURCES,
    Column,
    Sheet,
    cell_of,
    columns_in_use,
    mark_of,
    records_in,
)
from bot.kernel.problems import Fields, Scalar

Key = tuple[str, ...]
"""Which record a row is about: organisation; organisation and service; those and the line from 1."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One organisation's file as it lies in the folder."""

    path: str
    source: bytes
    node: Fields


@dataclass(frozen=True, slots=True)
class Made:
    """A sheet to be written: its columns, and the cells of each row by the column's title."""

    sheet: Sheet
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...]


def filed_of(root: Path, directory: Directory) -> dict[str, Filed]:
    """The files of a directory that was just loaded from `root`, by organisation."""
    found: dict[str, Filed] = {}
    for organisation in directory.organisations.values():
        path = organisation.at[""].file
        source = (root / path).read_bytes()
        node, _ = read_yaml(source, path)
        if isinstance(node, Fields):
            found[organisation.id] = Filed(path, source, node)
    return found


def tables_of(directory: Directory, filed: Mapping[str, Filed]) -> tuple[Made, ...]:
    """Every sheet, with the columns that this directory uses."""
    more = {one.field for one in directory.taxonomy.attributes.values()} - set(SAFE_ANSWERS)
    made = []
    for sheet in SHEETS:
        rows = [
            (key, record)
            for ident, file in filed.items()
            for key, record in records_of(sheet, ident, file.node)
        ]
        columns = columns_in_use(sheet, [record for _, record in rows], more)
        made.append(Made(sheet, columns, tuple(_row(sheet, columns, key, record) for key, record in rows)))
    return tuple(made)


def records_of(sheet: Sheet, organisation: str, node: Fields) -> Iterator[tuple[Key, Fields]]:
    """The records that one file has for a sheet, each with its key."""
    if sheet is ORGANISATIONS:
        yield (organisation,), node
        return
    services = records_in(node.get("services"))
    if sheet is SERVICES:
        yield from (((organisation, ident_of(service)), service) for service in services)
        return
    name, short = sheet.inside[-1], "number" if sheet is PHONES else ""
    owners = [(ident_of(service), service) for service in services]
    for service, owner in [("", node), *owners] if sheet is SOURCES else owners:
        for line, record in enumerate(records_in(owner.get(name), short), start=1):
            yield (organisation, service, str(line)), record


def ident_of(service: Fields) -> str:
    """The id of a service's record."""
    node = service.get("service")
    return node.value.strip() if isinstance(node, Scalar) else ""


def cells_of(columns: Sequence[Column], keys: Sequence[Column], key: Key, record: Fields) -> dict[str, str]:
    """The cells of one record's row, without its mark."""
    told = {column.title: text for column, text in zip(keys, key, strict=True)}
    for column in columns:
        if column.form not in {"id", "line", "mark", "remove"}:
            told[column.title] = cell_of(column, record)
    return told


def _row(sheet: Sheet, columns: Sequence[Column], key: Key, record: Fields) -> dict[str, str]:
    cells = cells_of(columns, sheet.keys, key, record)
    return cells | {MARK: mark_of(cells)}
