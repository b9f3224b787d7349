"""HSDS packages as they come, nested or as tables, made into one form: organisations with their services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.directory.hsds.tables import TABLES
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

Rows = Mapping[str, Sequence["Record"]]
"""Table -> its rows, nothing nested."""

_OF_A_SERVICE: Final = ("status", "organization", "organization_id", "service_at_locations")
_MEND_FORM: Final = "give an organization_package, a service_package, a list of the API, or the tables"


@dataclass(frozen=True, slots=True)
class Record:
    """One HSDS object: what it says as text, what hangs on it, and where each of it stands."""

    mark: Mark
    values: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, tuple["Record", ...]] = field(default_factory=dict)
    at: Mapping[str, Mark] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> str:
        """What a field says; empty when it says nothing."""
        return self.values.get(name, "")

    def all(self, *names: str) -> tuple["Record", ...]:
        """What hangs on it under these names."""
        return tuple(part for name in names for part in self.parts.get(name, ()))

    def mark_of(self, name: str) -> Mark:
        """Where a field stands."""
        return self.at.get(name, self.mark)


def nested(node: Node) -> tuple[list[Record], list[Problem]]:
    """The organisations of a JSON package, each with its `services`."""
    if isinstance(node, Fields):
        contents = node.get("contents")
        if isinstance(contents, Items):
            return nested(contents)
        tables = {key.value: value for key, value in node if key.value in TABLES and isinstance(value, Items)}
        if tables:
            return joined({name: [_record(one) for one in _objects(items)] for name, items in tables.items()})
        node = Items((node,), node.mark)
    if not isinstance(node, Items):
        return [], [Problem("D602", node.mark, "this is not an HSDS package", _MEND_FORM)]
    problems = [
        Problem("D602", one.mark, "this is neither an organisation nor a service", _MEND_FORM)
        for one in node.values
        if not isinstance(one, Fields)
    ]
    records = [_record(one) for one in _objects(node)]
    services = [one for one in records if _is_service(one)]
    organisations = {_key(one): one for one in records if not _is_service(one)}
    theirs: dict[str, list[Record]] = {}
    for service in services:
        named = next(iter(service.parts.get("organization", ())), None)
        ident = service.get("organization_id") or (_key(named) if named else "")
        if named is not None:
            organisations.setdefault(ident, named)
        if ident not in organisations:
            mend = "put the organisation into the file, or into the service as 'organization'"
            problems.append(
                Problem("D603", service.mark, "this service names no organisation that is here", mend)
            )
            continue
        theirs.setdefault(ident, []).append(service)
    return [_with_services(one, theirs.get(ident, ())) for ident, one in organisations.items()], problems


def joined(rows: Rows) -> tuple[list[Record], list[Problem]]:
    """The organisations of a tabular package, each with its `services`."""
    joining = _Joining(rows)
    return [joining.whole("organization", row) for row in rows.get("organization", ())], joining.problems


class _Joining:
    """Hangs rows on the rows that they name."""

    def __init__(self, rows: Rows) -> None:
        self.problems: list[Problem] = []
        self._by_id: dict[tuple[str, str], Record] = {}
        self._by_key: dict[tuple[str, str, str], list[Record]] = {}
        self._whole: dict[tuple[str, str], Record] = {}
        for table, listed in rows.items():
            for row in listed:
                self._enter(table, row)
        for table, listed in rows.items():
            for row in listed:
                self._look_up(table, row, rows)

    def whole(self, table: str, row: Record) -> Record:
        """The row with all that hangs on it; made once, however many rows name it."""
        known = (table, row.get("id"))
        if not known[1]:
            return self._made(table, row)
        if known not in self._whole:
            self._whole[known] = self._made(table, row)
        return self._whole[known]

    def _made(self, table: str, row: Record) -> Record:
        parts: dict[str, tuple[Record, ...]] = {}
        for name, below in TABLES[table].children.items():
            if there := row.get(f"{name}_id"):
                found = self._by_id.get((below, there))
                listed = [found] if found else []
            else:
                key = "link_id" if below == "attribute" else f"{table}_id"
                listed = self._by_key.get((below, key, row.get("id")), [])
            if listed:
                parts[name] = tuple(self.whole(below, one) for one in listed)
        return replace(row, parts=parts)

    def _enter(self, table: str, row: Record) -> None:
        ident = row.get("id")
        if not ident:
            self.problems.append(Problem("D602", row.mark, f"this {table} has no id", "give it one"))
        elif (table, ident) in self._by_id:
            self.problems.append(
                Problem("D602", row.mark_of("id"), f"this id of a {table} stands twice", "keep one row")
            )
            return
        self._by_id[table, ident] = row
        for key in ("link_id", *TABLES[table].keys) if table in TABLES else ():
            if value := row.get(key):
                self._by_key.setdefault((table, key, value), []).append(row)

    def _look_up(self, table: str, row: Record, rows: Rows) -> None:
        """Say so when a row names another that is not there: what hangs on nothing is not taken over."""
        for key, target in TABLES[table].keys.items() if table in TABLES else ():
            there = row.get(key)
            if there and target in rows and (target, there) not in self._by_id:
                message = f"this {table} names a {target} that is not there"
                self.problems.append(
                    Problem(
                        "D603", row.mark_of(key), message, "add that row, or leave this one out", "warning"
                    )
                )


def _is_service(record: Record) -> bool:
    return "services" not in record.parts and any(
        record.get(name) or name in record.parts for name in _OF_A_SERVICE
    )


def _key(record: Record) -> str:
    return record.get("id") or f"{record.mark}"


def _with_services(organisation: Record, services: Sequence[Record]) -> Record:
    if not services:
        return organisation
    parts = {**organisation.parts, "services": (*organisation.parts.get("services", ()), *services)}
    return replace(organisation, parts=parts)


def _objects(items: Items) -> list[Fields]:
    return [one for one in items.values if isinstance(one, Fields)]


def _record(fields: Fields) -> Record:
    values: dict[str, str] = {}
    parts: dict[str, tuple[Record, ...]] = {}
    at: dict[str, Mark] = {}
    for key, value in fields:
        at[key.value] = value.mark
        match value:
            case Scalar():
                if value.value.strip():
                    values[key.value] = value.value.strip()
            case Fields():
                parts[key.value] = (_record(value),)
            case Items():
                parts[key.value] = tuple(_record(one) for one in _objects(value))
    return Record(fields.mark, values, parts, at)
