"""HSDS as tables: nested objects taken apart into the rows of CSV files, and such rows put together again."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from bot.directory.hsds.vocabulary import TAXONOMIES, Object, Vocabulary, taxonomy_json


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of record: its file, and the objects that hang on it. Field -> the table of what hangs there."""

    file: str
    children: Mapping[str, str]
    keys: Mapping[str, str]
    """A field that names another record -> that record's table."""


_SERVICE: Final = {"service_id": "service"}

TABLES: Final[Mapping[str, Table]] = {
    "organization": Table(
        "organizations.csv",
        {
            "organization_identifiers": "organization_identifier", "services": "service", "attributes": "attribute",
            "phones": "phone", "locations": "location",
        },
        {},
    ),
    "organization_identifier": Table("organization_identifiers.csv", {}, {"organization_id": "organization"}),
    "service": Table(
        "services.csv",
        {
            "phones": "phone", "schedules": "schedule", "service_areas": "service_area",
            "service_at_locations": "service_at_location", "languages": "language", "cost_options": "cost_option",
            "required_documents": "required_document", "capacities": "service_capacity", "attributes": "attribute",
            "metadata": "metadata",
        },
        {"organization_id": "organization"},
    ),
    "phone": Table(
        "phones.csv", {"attributes": "attribute", "languages": "language"},
        {**_SERVICE, "organization_id": "organization", "location_id": "location", "service_at_location_id": "service_at_location"},
    ),
    "schedule": Table(
        "schedules.csv", {}, {**_SERVICE, "location_id": "location", "service_at_location_id": "service_at_location"}
    ),
    "service_area": Table("service_areas.csv", {}, _SERVICE),
    "language": Table("languages.csv", {}, {**_SERVICE, "location_id": "location", "phone_id": "phone"}),
    "cost_option": Table("cost_options.csv", {}, _SERVICE),
    "required_document": Table("required_documents.csv", {}, _SERVICE),
    "service_capacity": Table("service_capacity.csv", {"unit": "unit"}, _SERVICE),
    "unit": Table("units.csv", {}, {}),
    "service_at_location": Table(
        "service_at_location.csv",
        {"location": "location", "phones": "phone", "schedules": "schedule"},
        {**_SERVICE, "location_id": "location"},
    ),
    "location": Table(
        "locations.csv", {"addresses": "address", "phones": "phone", "schedules": "schedule", "languages": "language"},
        {"organization_id": "organization"},
    ),
    "address": Table("addresses.csv", {}, {"location_id": "location"}),
    "attribute": Table("attributes.csv", {"taxonomy_term": "taxonomy_term"}, {"taxonomy_term_id": "taxonomy_term"}),
    "taxonomy": Table("taxonomies.csv", {}, {}),
    "taxonomy_term": Table("taxonomy_terms.csv", {}, {"taxonomy_id": "taxonomy", "parent_id": "taxonomy_term"}),
    "metadata": Table("metadata.csv", {}, {}),
}  # fmt: skip
"""The tables that we write, and those of which we read what hangs on what."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "organization": ("id", "name", "alternate_name", "description", "website"),
    "organization_identifier": ("id", "organization_id", "identifier_scheme", "identifier_type", "identifier"),
    "service": (
        "id", "organization_id", "name", "alternate_name", "description", "url", "status", "interpretation_services",
        "application_process", "eligibility_description", "alert", "minimum_age", "maximum_age", "assured_date", "last_modified",
    ),
    "phone": ("id", "service_id", "number", "description"),
    "schedule": (
        "id", "service_id", "valid_from", "valid_to", "dtstart", "timezone", "wkst", "freq", "byday", "description",
        "opens_at", "closes_at", "notes",
    ),
    "service_area": ("id", "service_id", "name", "extent", "extent_type"),
    "language": ("id", "service_id", "name", "code", "note"),
    "cost_option": ("id", "service_id", "option", "amount"),
    "required_document": ("id", "service_id", "document"),
    "service_capacity": ("id", "service_id", "unit_id", "available", "description", "updated"),
    "unit": ("id", "name"),
    "service_at_location": ("id", "service_id", "location_id"),
    "location": ("id", "location_type", "name", "external_identifier", "external_identifier_type"),
    "address": (
        "id", "location_id", "address_1", "city", "state_province", "postal_code", "country", "address_type",
    ),
    "attribute": ("id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value"),
    "taxonomy": ("id", "name", "description"),
    "taxonomy_term": ("id", "code", "name", "description", "parent_id", "taxonomy", "language", "taxonomy_id"),
    "metadata": (
        "id", "resource_id", "resource_type", "last_action_date", "last_action_type", "field_name", "previous_value",
        "replacement_value", "updated_by",
    ),
}  # fmt: skip
"""What we write of each table, in this order. A test looks that no field of our objects is missing here."""

_NUMBERS: Final = frozenset({"minimum_age", "maximum_age", "timezone", "amount", "available"})

Rows = Mapping[str, Sequence[Object]]
"""Table -> rows."""


def tables_of(organisations: Iterable[Object], vocabulary: Vocabulary, language: str) -> Rows:
    """The rows of whole organisations, with the terms they use and all our taxonomies."""
    rows: dict[str, dict[object, Object]] = {name: {} for name in TABLES}
    rows["taxonomy"] = {one["id"]: one for one in map(taxonomy_json, TAXONOMIES)}
    rows["taxonomy_term"] = {ident: term.as_json(language) for ident, term in vocabulary.by_id.items()}
    for organisation in organisations:
        _take_apart("organization", organisation, rows)
    return {name: list(found.values()) for name, found in rows.items()}


def _take_apart(table: str, record: Object, rows: dict[str, dict[object, Object]]) -> None:
    row: Object = {}
    for name, value in record.items():
        below = TABLES[table].children.get(name)
        if below is None:
            row[name] = value
            continue
        parts = cast("list[Object]", value if isinstance(value, list) else [value])
        if f"{name}_id" in COLUMNS[table]:
            row[f"{name}_id"] = parts[0]["id"]
        for part in parts:
            _take_apart(below, part, rows)
    rows[table].setdefault(row["id"], row)


def as_csv(table: str, rows: Sequence[Object]) -> str:
    """The rows of a table as CSV (RFC 4180) with its columns, empty where nothing is said."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS[table])
    writer.writerows([row.get(column, "") for column in COLUMNS[table]] for row in rows)
    return out.getvalue()


def datapackage(rows: Rows) -> str:
    """The description that stands beside the tables: a Frictionless tabular data package."""
    package = {
        "name": "fener-public-directory",
        "profile": "tabular-data-package",
        "title": "Public directory, Open Referral HSDS 3.1",
        "resources": [
            {
                "name": name,
                "path": table.file,
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "primaryKey": "id",
                    "fields": [
                        {"name": column, "type": "number" if column in _NUMBERS else "string"}
                        for column in COLUMNS[name]
                    ],
                    "foreignKeys": [
                        {"fields": key, "reference": {"resource": target, "fields": "id"}}
                        for key, target in table.keys.items()
                        if key in COLUMNS[name] and rows.get(target)
                    ],
                },
            }
            for name, table in TABLES.items()
            if rows.get(name)
        ],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def files_of(rows: Rows) -> Mapping[str, str]:
    """The files of a tabular package: one a table that has rows, and its description."""
    tables = {TABLES[name].file: as_csv(name, listed) for name, listed in rows.items() if listed}
    return {"datapackage.json": datapackage(rows), **tables}
