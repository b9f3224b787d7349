"""One organisation's file, from marked nodes to a record or to every problem in it."""

import re
from dataclasses import replace
from typing import Final, cast

from bot.directory.model import KINDS, Cost, Documents, Organisation, Service, Status
from bot.directory.parse_details import (
    read_access,
    read_address,
    read_capacity,
    read_hours,
    read_languages,
    read_notice,
    read_phones,
    read_replacement,
    read_safety,
    read_sources,
    read_vetting,
    read_visibility,
    read_website,
)
from bot.directory.parse_visits import read_visits, visit_marks
from bot.directory.parse_vocabulary import parse_network, parse_places, parse_taxonomy
from bot.directory.reading import Reader, marks
from bot.directory.record_format import COSTS, DOCUMENTS, ORGANISATION, SERVICE, STATUSES, names_of
from bot.kernel.audit import is_free_name
from bot.kernel.problems import Fields, Node, Problem, Scalar

__all__ = ["parse_network", "parse_organisation", "parse_places", "parse_taxonomy"]

ORGANISATION_KEYS: Final = names_of(ORGANISATION)
SERVICE_KEYS: Final = names_of(SERVICE)

_COUNTRY: Final = re.compile(r"[A-Z]{2}")


def parse_organisation(node: Node, file_stem: str) -> tuple[Organisation | None, list[Problem]]:
    """The organisation in `node`, or None when something in it is wrong. `file_stem` is the file's name."""
    read = Reader()
    fields = read.fields(node, "an organisation", ORGANISATION_KEYS)
    ident = read.ident(read.required(fields, "organisation", "this file"), "organisation")
    if ident and ident != file_stem:
        at = fields.get("organisation")
        read.fault(
            "D105",
            at.mark if at else fields.mark,
            f"'{ident}' is not the file's name",
            f"write '{file_stem}'",
        )
    if ident and not is_free_name(ident):
        at = fields.get("organisation")
        read.fault(
            "D118",
            at.mark if at else fields.mark,
            f"an organisation cannot be called '{ident[:60]}'",
            "take at most 52 characters, and not '--complaints' at the end: its complaints are kept under that name",
        )
    country = _country(read, read.required(fields, "country", "an organisation"))
    name = read.texts(read.required(fields, "name", "an organisation"), "name")
    sources = read_sources(read, fields.get("sources"))
    disputed = frozenset(source.about for source in sources if source.conflict)
    services: dict[str, Service] = {}
    for item in read.items(fields.get("services"), "services"):
        service = replace(_service(read, item, country), disputed=disputed)
        if service.id in services:
            read.fault("D113", item.mark, f"the service '{service.id}' stands twice", "give it another name")
        services[service.id] = service
    organisation = Organisation(
        id=ident,
        name=name,
        country=country,
        kind=read.choice(fields.get("kind"), "kind", KINDS, "ngo"),
        website=read_website(read, fields.get("website")),
        description=read.texts(fields.get("description"), "description"),
        note=read.text(fields.get("note"), "note"),
        demo=read.flag(fields.get("demo"), "demo"),
        differs_from=tuple(word for word, _ in read.words(fields.get("differs_from"), "differs from")),
        services=tuple(services.values()),
        sources=sources,
        at=marks(fields, {}),
    )
    return (None if read.failed else organisation), read.problems


def _service(read: Reader, node: Node, country: str) -> Service:
    fields = read.fields(node, "a service", SERVICE_KEYS)
    ident = read.ident(read.required(fields, "service", "a service"), "service")
    what = f"service '{ident}'"
    needs = read.words(read.required(fields, "needs", what), "needs")
    populations = read.words(fields.get("populations"), "populations")
    areas = read.words(fields.get("areas"), "areas")
    safety = fields.get("safety")
    vetting = read_vetting(read, fields.get("vetting"))
    return Service(
        id=ident,
        name=read.texts(read.required(fields, "name", what), "name"),
        needs=tuple(word for word, _ in needs),
        status=cast("Status", read.choice(fields.get("status"), "status", STATUSES, "active")),
        description=read.texts(fields.get("description"), "description"),
        populations=tuple(word for word, _ in populations),
        age=read.ages(fields.get("age"), "age"),
        languages=read_languages(read, fields.get("languages")),
        cost=cast("Cost", read.choice(fields.get("cost"), "cost", COSTS, "unknown")),
        documents=cast(
            "Documents",
            read.choice(fields.get("documents"), "documents", DOCUMENTS, "unknown"),
        ),
        documents_note=read.texts(fields.get("documents_note"), "documents note"),
        safety=read_safety(read, safety),
        access=read_access(read, fields.get("access")),
        phones=read_phones(read, fields.get("phones")),
        address=read_address(read, fields.get("address")),
        hours=read_hours(read, fields.get("hours"), country),
        visits=read_visits(read, fields.get("visits"), country),
        areas=tuple(word for word, _ in areas),
        remote=read.flag(fields.get("remote"), "remote"),
        not_offered=read.texts(fields.get("not_offered"), "not offered"),
        next_step=read.texts(fields.get("next_step"), "next step"),
        capacity=read_capacity(read, fields.get("capacity")),
        vetting=vetting,
        visibility=read_visibility(read, fields.get("visibility"), "public"),
        website=read_website(read, fields.get("website")),
        note=read.text(fields.get("note"), "note"),
        notice=read_notice(read, fields.get("notice")),
        replaced_by=read_replacement(read, fields.get("replaced_by")),
        sources=read_sources(read, fields.get("sources")),
        demo=read.flag(fields.get("demo"), "demo"),
        at={
            **marks(fields, {"needs": needs, "populations": populations, "areas": areas}),
            **{f"safety/{key.value.replace(' ', '_')}": key.mark for key, _ in _entries(safety)},
            **{f"address/{key.value}": value.mark for key, value in _entries(fields.get("address"))},
            **visit_marks(fields.get("visits")),
        },
    )


def _entries(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    return node.entries if isinstance(node, Fields) else ()


def _country(read: Reader, node: Node | None) -> str:
    code = read.text(node, "country")
    if node is not None and code and not _COUNTRY.fullmatch(code):
        read.fault(
            "D111", node.mark, f"'{code[:40]}' is not a country code", "write two capital letters, such as RS"
        )
        return ""
    return code
