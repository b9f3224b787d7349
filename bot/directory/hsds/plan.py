"""What an import would do to the directory, record by record: what is new, what changes, and what is left as it is.

What somebody vouched for, and what was edited here since it came, is never changed unless it is named.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Final, Literal

from bot.directory.columns import areas_of
from bot.directory.hsds.importing import HSDS, Draft, Idents
from bot.directory.hsds.public import public_areas
from bot.directory.hsds.vocabulary import Object
from bot.directory.matching import Directory
from bot.directory.model import Organisation, Service, Source, Texts, Vetting
from bot.directory.places import Fold, Places
from bot.directory.vetting import hides_address, shown_address, shown_phones

Kind = Literal["new", "changed", "same", "kept"]
_STAMP: Final = "as imported "


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one service, or to an organisation's own fields where `service` is empty.

    `fields` are those that differ, each as it is here and as the package has it. `why` says why it is kept.
    """

    kind: Kind
    organisation: str
    service: str = ""
    fields: Mapping[str, tuple[str, str]] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, and what is written: whole new organisations, and services to put into existing ones."""

    steps: tuple[Step, ...]
    new: tuple[Organisation, ...]
    services: Mapping[str, tuple[Service, ...]]
    """Organisation that is here -> services to add, or to put in the place of those with the same id."""


def plan_import(
    drafts: Sequence[Draft], directory: Directory, *, fold: Fold, replacing: Collection[str] = ()
) -> Plan:
    """Compare a package with the directory. `replacing` names services, as `organisation/service`, to take over all the same."""
    steps: list[Step] = []
    new: list[Organisation] = []
    into: dict[str, tuple[Service, ...]] = {}
    known = _Here(directory, fold)
    for draft in drafts:
        here = known.same(draft)
        if here is None:
            theirs = draft.organisation
            stamped = tuple(_stamped(service) for service in theirs.services)
            new.append(replace(theirs, services=stamped))
            steps.append(Step("new", theirs.id))
            steps += [Step("new", theirs.id, service.id) for service in stamped]
            continue
        steps.append(_compared(here, draft))
        taken: list[Service] = []
        idents = Idents(service.id for service in here.services)
        for service in draft.organisation.services:
            step, written = _service_step(
                here, service, draft, idents, places=directory.places, fold=fold, replacing=replacing
            )
            steps.append(step)
            taken += [written] if written else []
        if taken:
            into[here.id] = tuple(taken)
    return Plan(tuple(steps), tuple(new), into)


def face(organisation: Organisation, service: Service, places: Places, *, public: bool) -> Object:
    """What is compared of a service: with `public` only what everybody may see of it."""
    areas = public_areas(service, places) if public else service.areas
    phones = shown_phones(service, "public") if public else service.phones
    address = shown_address(service, "public") if public else service.address
    return {
        "status": service.status,
        "name": _texts(service.name),
        "description": _texts(service.description),
        "needs": list(service.needs),
        "populations": list(service.populations),
        "age": list(service.age) if service.age else None,
        "languages": [[offer.code, offer.by] for offer in service.languages],
        "cost": service.cost,
        "documents": service.documents,
        "documents_note": _texts(service.documents_note),
        "safety": {name: answer for name, answer in sorted(service.safety.answers.items()) if answer != "unknown"},
        "must_report_when": _texts(service.safety.must_report_when),
        "access": list(service.access),
        "phones": [[phone.number, _texts(phone.label)] for phone in phones],
        "address": [address.text, address.place] if address else None,
        "hours": [service.hours.open, service.hours.zone] if service.hours else None,
        "areas": list(areas_of(organisation, replace(service, areas=areas))),
        "remote": service.remote,
        "not_offered": _texts(service.not_offered),
        "next_step": _texts(service.next_step),
        "capacity": [service.capacity.state, str(service.capacity.on)] if service.capacity.on else None,
        "website": service.website,
        "demo": service.demo,
    }  # fmt: skip


def _service_step(
    here: Organisation,
    theirs: Service,
    draft: Draft,
    idents: Idents,
    *,
    places: Places,
    fold: Fold,
    replacing: Collection[str],
) -> tuple[Step, Service | None]:
    """What becomes of one service, and the record to write, if any."""
    ours = _same_service(here, theirs, draft, fold)
    if ours is None:
        free = idents.free(theirs.id)
        stamped = _stamped(replace(theirs, id=free))
        return Step("new", here.id, free), stamped
    theirs = replace(theirs, id=ours.id)
    shown = face(here, ours, places, public=draft.ours)
    told = face(draft.organisation, theirs, places, public=draft.ours)
    fields = _differences(shown, told)
    if not fields:
        return Step("same", here.id, ours.id), None
    why = _why_kept(ours)
    if why and f"{here.id}/{ours.id}" not in replacing:
        return Step("kept", here.id, ours.id, fields, why), None
    lost = " its vetting ends" if ours.vetting.state != "unverified" else ""
    written = _with_our_own(ours, theirs, draft)
    if draft.ours and hides_address(ours) and shown["areas"] == told["areas"]:
        written = replace(written, areas=ours.areas)  # the package names their countries only
    return Step("changed", here.id, ours.id, fields, lost.strip()), _stamped(written)


def _with_our_own(ours: Service, theirs: Service, draft: Draft) -> Service:
    """What the package says, with what it cannot know of this record here: above all, nothing is shown to more people."""
    numbers = {phone.number: phone for phone in ours.phones}
    shown = [
        replace(phone, visibility=numbers[phone.number].visibility) if phone.number in numbers else phone
        for phone in theirs.phones
    ]
    told = {phone.number for phone in theirs.phones}
    unseen = [
        phone
        for phone in ours.phones
        if draft.ours and phone.visibility != "public" and phone.number not in told
    ]
    address = theirs.address
    if ours.address and (address is None or address.text == ours.address.text):
        address = ours.address
    return replace(
        theirs,
        phones=(*shown, *unseen),
        address=address,
        visits=ours.visits,
        visibility=ours.visibility,
        note=ours.note or theirs.note,
        notice=ours.notice,
        replaced_by=ours.replaced_by,
        sources=(*(one for one in ours.sources if one.field != HSDS), *theirs.sources),
    )


def _why_kept(ours: Service) -> str:
    """Why this record is not to be changed; empty for one that is as an import left it."""
    if ours.vetting.state != "unverified":
        return f"it is {ours.vetting.state} here"
    notes = [source.note for source in ours.sources if source.field == HSDS]
    stamps = [note.removeprefix(_STAMP) for note in notes if note.startswith(_STAMP)]
    if not stamps:
        return "it was written here"
    return "" if _stamp(ours) in stamps else "it was edited here since it was imported"


def _compared(here: Organisation, draft: Draft) -> Step:
    """An organisation that is here keeps its own fields; what differs is shown."""
    theirs = draft.organisation
    fields = _differences(
        {"name": _texts(here.name), "website": here.website, "description": _texts(here.description)},
        {"name": _texts(theirs.name), "website": theirs.website, "description": _texts(theirs.description)},
    )
    if not fields:
        return Step("same", here.id)
    return Step("kept", here.id, fields=fields, why="an organisation that is here is edited by hand")


class _Here:
    """Finds the organisation here that a draft is about: by our id, by the id it came with, else by name and country."""

    def __init__(self, directory: Directory, fold: Fold) -> None:
        self._known = directory.organisations
        self._fold = fold
        self._came: dict[str, Organisation] = {}
        self._named: dict[tuple[str, str], Organisation] = {}
        for one in self._known.values():
            for ident in _came_with(one.sources):
                self._came.setdefault(ident, one)
            for name in one.name.values():
                self._named.setdefault((one.country, fold(name)), one)

    def same(self, draft: Draft) -> Organisation | None:
        """The organisation; None for a new one."""
        theirs = draft.organisation
        if draft.ours:
            return self._known.get(theirs.id)
        if draft.hsds in self._came:
            return self._came[draft.hsds]
        named = [self._named.get((theirs.country, self._fold(name))) for name in theirs.name.values()]
        return next((one for one in named if one is not None), self._known.get(theirs.id))


def _same_service(here: Organisation, theirs: Service, draft: Draft, fold: Fold) -> Service | None:
    if draft.ours:
        return next((one for one in here.services if one.id == theirs.id), None)
    came_with = _came_with(theirs.sources)
    names = {fold(name) for name in theirs.name.values()}
    by_id = [one for one in here.services if came_with & _came_with(one.sources)]
    by_name = [one for one in here.services if names & {fold(name) for name in one.name.values()}]
    return next(iter([*by_id, *by_name]), None)


def _came_with(sources: Sequence[Source]) -> set[str]:
    """The ids in packages that a record was imported under."""
    return {source.value for source in sources if source.field == HSDS and source.value}


def _stamped(service: Service) -> Service:
    """The service with a stamp in its source that tells later whether it was edited since."""
    stamp = _STAMP + _stamp(service)
    sources = tuple(replace(one, note=stamp) if one.field == HSDS else one for one in service.sources)
    return replace(service, sources=sources)


def _stamp(service: Service) -> str:
    """A digest of all that a record says, without its sources and who vouches: another one, when somebody edited it."""
    bare = replace(service, sources=(), vetting=Vetting(), disputed=frozenset(), at={})
    return sha256(json.dumps(asdict(bare), sort_keys=True, default=str).encode()).hexdigest()[:16]


def _differences(here: Object, there: Object) -> Mapping[str, tuple[str, str]]:
    return {name: (_shown(here[name]), _shown(there[name])) for name in here if here[name] != there[name]}


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _texts(texts: Texts) -> Object:
    return dict(sorted(texts.items()))
