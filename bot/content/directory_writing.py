"""Directory records as YAML: whole new files, and services put into a file whose other lines stay as they are."""

from collections.abc import Mapping, Sequence
from textwrap import indent
from typing import Final

import yaml

from bot.directory.model import Hours, Organisation, Phone, Postal, Service, Source, Vetting, Visit

Value = str | None | list["Value"] | dict[str, "Value"]

_WIDTH: Final = 110


class CannotPlaceError(Exception):
    """A file is written in a form that lines cannot be put into; the message says which, and a person has to."""


class _Plain(yaml.SafeDumper):
    """Quotes only what our reader would take for nothing or for something else: `no` and `2026-11-01` are words."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # as the class above it does
        letter: [pair for pair in pairs if pair[0] in {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}]
        for letter, pairs in yaml.SafeDumper.yaml_implicit_resolvers.items()
    }


def organisation_file(organisation: Organisation, remark: str) -> str:
    """The whole file of an organisation; `remark` is a comment on top."""
    return f"# {remark}\n{_yaml(organisation_fields(organisation))}"


def organisation_fields(organisation: Organisation) -> dict[str, Value]:
    """An organisation's file as keys and values."""
    return _said(
        {
            "organisation": organisation.id,
            "name": dict(organisation.name),
            "country": organisation.country,
            "kind": organisation.kind,
            "website": organisation.website,
            "description": dict(organisation.description),
            "note": organisation.note,
            "demo": "yes" if organisation.demo else "",
            "sources": [_source(one) for one in organisation.sources],
            "services": [service_fields(one, organisation.country) for one in organisation.services],
        }
    )


def service_fields(service: Service, country: str) -> dict[str, Value]:
    """A service as keys and values; `country` is its organisation's, whose public holidays count by themselves."""
    return _said(
        {
            "service": service.id,
            "status": service.status,
            "name": dict(service.name),
            "description": dict(service.description),
            "needs": list(service.needs),
            "populations": list(service.populations),
            "age": [None if one is None else str(one) for one in service.age] if service.age else "",
            "languages": [{"code": one.code, "by": one.by} for one in service.languages],
            "cost": "" if service.cost == "unknown" else service.cost,
            "documents": "" if service.documents == "unknown" else service.documents,
            "documents_note": dict(service.documents_note),
            "safety": _safety(service),
            "access": list(service.access),
            "phones": [_phone(one) for one in service.phones],
            "address": _address(service.address) if service.address else "",
            "hours": _hours(service.hours, country) if service.hours else "",
            "visits": [_visit(one, country) for one in service.visits],
            "areas": list(service.areas),
            "remote": "yes" if service.remote else "",
            "not_offered": dict(service.not_offered),
            "next_step": dict(service.next_step),
            "capacity": _said({"state": service.capacity.state, "on": f"{service.capacity.on or ''}"})
            if service.capacity.state != "unknown"
            else "",
            "vetting": _vetting(service.vetting),
            "visibility": "" if service.visibility == "public" else service.visibility,
            "website": service.website,
            "note": service.note,
            "notice": {"text": dict(service.notice.text), "until": f"{service.notice.until}"}
            if service.notice
            else "",
            "replaced_by": service.replaced_by,
            "sources": [_source(one) for one in service.sources],
            "demo": "yes" if service.demo else "",
        }
    )


def with_services(text: str, services: Sequence[Service]) -> str:
    """A file's text with these services: each in the place of the one with its id, else behind the last one.

    Raises CannotPlaceError where the list of services is not one that lines can be put into.
    """
    for service in services:
        text = _with_service(text, service)
    return text


def _with_service(text: str, service: Service) -> str:
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise CannotPlaceError("the file is not written line by line")
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    top = {str(key.value): value for key, value in root.value}
    listed = top.get("services")
    country = str(top["country"].value) if "country" in top else ""
    if listed is None:
        return "".join(lines) + "services:\n" + _item(service, country, "  ")
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style:
        raise CannotPlaceError("'services' is not a list with '-' before each service")
    items = listed.value
    margin = " " * listed.start_mark.column
    for at, node in enumerate(items):
        if _id_of(node) == service.id:
            first = _first_line(lines, node, items[at - 1] if at else None)
            return (
                "".join(lines[:first]) + _item(service, country, margin) + "".join(lines[_last_line(node) :])
            )
    end = _last_line(items[-1])
    while end < len(lines) and lines[end].startswith(f"{margin} ") and lines[end].lstrip().startswith("#"):
        end += 1  # a remark that stands inside the last one
    return "".join(lines[:end]) + _item(service, country, margin) + "".join(lines[end:])


def _item(service: Service, country: str, margin: str) -> str:
    """One service as an item of a list, two spaces further in than its dash."""
    block = indent(_yaml(service_fields(service, country)), "  ", lambda line: line.strip() != "")
    return indent(f"- {block[2:]}", margin, lambda line: line.strip() != "")


def _first_line(lines: Sequence[str], node: yaml.Node, before: yaml.Node | None) -> int:
    """The line with the dash before an item."""
    first = _last_line(before) if before else 0
    for at in range(node.start_mark.line, first - 1, -1):
        if lines[at].lstrip().startswith("-"):
            return at
    raise CannotPlaceError("a service does not begin on a line of its own")


def _last_line(node: yaml.Node) -> int:
    """How many lines of the file there are up to the end of a node, comments behind it left out."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(node, yaml.MappingNode) else last)
    end = node.end_mark
    return int(end.line) + (1 if end.column else 0)


def _id_of(node: yaml.Node) -> str:
    entries = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(value.value) for key, value in entries if key.value == "service"), "")


def _said(fields: Mapping[str, Value]) -> dict[str, Value]:
    """The keys that say something."""
    return {name: value for name, value in fields.items() if value not in ("", [], {})}


def _safety(service: Service) -> dict[str, Value]:
    safety = service.safety
    answers: dict[str, Value] = {
        name: answer
        for name, answer in safety.answers.items()
        if not (name == "must_report" and safety.must_report_when)
    }
    return _said({**answers, "must_report_when": dict(safety.must_report_when)})


def _hours(hours: Hours, country: str) -> dict[str, Value]:
    holidays = hours.country if hours.country != country else ""
    return _said({"open": hours.open, "zone": hours.zone, "holidays": holidays})


def _visit(visit: Visit, country: str) -> dict[str, Value]:
    days: dict[str, Value] = {"place": visit.place, "from": f"{visit.first}", "to": f"{visit.last}"}
    return days | _hours(visit.hours, country)


def _phone(phone: Phone) -> dict[str, Value]:
    return _said({"number": phone.number, "visibility": phone.visibility, "label": dict(phone.label)})


def _address(address: Postal) -> dict[str, Value]:
    return _said({"text": address.text, "place": address.place, "visibility": address.visibility})


def _vetting(vetting: Vetting) -> Value:
    if vetting.state == "unverified":
        return {"state": "unverified"}
    return _said(
        {
            "state": vetting.state,
            "by": list(vetting.by),
            "on": f"{vetting.on or ''}",
            "expires": f"{vetting.expires or ''}",
            "evidence": dict(vetting.evidence),
            "checklist": dict(vetting.checklist),
        }
    )


def _source(source: Source) -> dict[str, Value]:
    return _said(
        {
            "field": source.field,
            "source": source.source,
            "checked_on": f"{source.checked_on or ''}",
            "value": source.value,
            "quote": source.quote,
            "page_date": source.page_date,
            "note": source.note,
            "conflict": "yes" if source.conflict else "",
        }
    )


def _yaml(fields: Mapping[str, Value]) -> str:
    made = yaml.dump(
        fields, Dumper=_Plain, allow_unicode=True, sort_keys=False, default_flow_style=None, width=_WIDTH
    )
    return str(made)
