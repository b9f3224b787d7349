"""What happened at run time, written into the files of directory/, so that git keeps it and a release holds it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import yaml

from bot.content.marks import read_yaml
from bot.content.value_edits import EditError, Plain, YamlEdits
from bot.directory.ledger import SAFETY, written
from bot.directory.model import Organisation, Service, Vetting
from bot.directory.parse import parse_organisation
from bot.directory.standing import Standing

COMPARED: Final = ("hours", "capacity", "phones", "notice", "vetting", "safety")
"""What is compared between what should be written and what the edited file says."""


@dataclass(frozen=True, slots=True)
class Edited:
    """One file: what it says now, or None where it cannot be edited by a program. `services` are those that differ."""

    file: str
    text: str | None
    services: tuple[str, ...]


def edit_organisation(
    organisation: Organisation, standings: Mapping[str, Standing], text: str
) -> Edited | None:
    """The file of an organisation with what happened to its services; None when nothing did."""
    wanted = {
        service.id: _to_write(service, standing)
        for service in organisation.services
        if (standing := standings.get(f"{organisation.id}/{service.id}"))
    }
    differ = {
        service.id: wanted[service.id] for service in organisation.services if _differs(service, wanted)
    }
    if not differ:
        return None
    file = organisation.at[""].file
    services = tuple(f"{organisation.id}/{name}" for name in differ)
    try:
        edits = YamlEdits(text)
        for service in organisation.services:
            if service.id in differ:
                _edit(edits, edits.item("services", "service", service.id), service, differ[service.id])
        after = edits.result()
    except EditError:
        return Edited(file, None, services)
    return Edited(file, after if _says(after, file, organisation, differ) else None, services)


def _to_write(file: Service, standing: Standing) -> Service:
    """The service as its file should say it: never a doubt that is not decided, nor a first vetter's word alone."""
    stands = standing.service
    accepted = {
        event.field.removeprefix(SAFETY): event.value
        for event in standing.changes
        if event.field.startswith(SAFETY)
    }
    answers = {
        **file.safety.answers,
        **{word: value for word, value in accepted.items() if value in {"yes", "no", "unknown"}},
    }
    decided = stands.vetting.state in {"vetted", "suspended"}
    open_word = standing.proposed is not None and stands.vetting.state != "suspended"
    return replace(
        stands,
        safety=replace(file.safety, answers=answers),  # type: ignore[arg-type]  # each value was compared with the three
        vetting=stands.vetting if decided and not open_word else file.vetting,
    )


def _differs(service: Service, wanted: Mapping[str, Service]) -> bool:
    other = wanted.get(service.id)
    return other is not None and any(getattr(service, name) != getattr(other, name) for name in COMPARED)


def _edit(edits: YamlEdits, mapping: yaml.MappingNode, before: Service, after: Service) -> None:
    if after.vetting != before.vetting:
        edits.put(mapping, "vetting", _vetting(after.vetting))
    if after.hours is not None and after.hours != before.hours:
        edits.merge(mapping, "hours", {"open": after.hours.open, "zone": after.hours.zone})
    elif after.hours != before.hours:
        edits.put(mapping, "hours", None)
    for name in ("capacity", "phones", "notice"):
        if getattr(after, name) != getattr(before, name):
            edits.put(mapping, name, _plain(written(after, name)))
    answers = after.safety.answers
    if said := {word: said for word, said in answers.items() if before.safety.answers.get(word) != said}:
        edits.merge(mapping, "safety", said)
    for source in after.sources:
        if source not in before.sources:
            day = source.checked_on
            edits.append(
                mapping,
                "sources",
                {
                    "field": source.field,
                    "source": source.source,
                    **({"checked_on": day.isoformat()} if day else {}),
                },
            )


def _vetting(vetting: Vetting) -> Plain:
    return {
        "state": vetting.state,
        "by": list(vetting.by),
        **({"on": vetting.on.isoformat()} if vetting.on else {}),
        **({"expires": vetting.expires.isoformat()} if vetting.expires else {}),
        **({"evidence": dict(vetting.evidence)} if vetting.evidence else {}),
        **({"checklist": dict(vetting.checklist)} if vetting.checklist else {}),
    }


def _plain(value: object) -> Plain:
    match value:
        case None | str():
            return value
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case Iterable():
            return [_plain(each) for each in value]
        case _:
            return str(value)


def _says(text: str, file: str, organisation: Organisation, wanted: Mapping[str, Service]) -> bool:
    """Whether the edited file reads back as it should, and nothing else in it changed."""
    node, problems = read_yaml(text.encode(), file)
    if node is None or any(problem.severity == "error" for problem in problems):
        return False
    read, _ = parse_organisation(node, organisation.id)
    if read is None:
        return False
    expected = tuple(wanted.get(service.id, service) for service in organisation.services)
    return len(read.services) == len(expected) and all(
        _alike(one, other) for one, other in zip(read.services, expected, strict=True)
    )


def _alike(one: Service, other: Service) -> bool:
    """Whether two records say the same, but for which of their sources are still listed."""
    return replace(one, sources=(), at={}) == replace(other, sources=(), at={})
