"""The directory over HTTP: what a vetter sees of each service, and what they do to one. No case is in here."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path

from bot.directory.card import card
from bot.directory.changing import changed, safety_words
from bot.directory.due import Reminder, reminders
from bot.directory.ledger import SAFETY, Event, Json, written
from bot.directory.matching import Match
from bot.directory.model import Organisation, Service, Visibility, pick, visible
from bot.directory.standing import Standing
from bot.directory.vetting import may_be_offered, state_today
from bot.directory.week import week_of
from bot.handoff.roles import Action, may
from bot.i18n.languages import ENGLISH
from bot.kernel.errors import RefusedError
from bot.kernel.problems import Problem
from bot.ports import StaffRow
from bot.usecases.act_on_service import Vetter
from bot.usecases.follow_directory import Current, find
from bot.usecases.vet_service import Vouching
from bot.web.console import service_schemas as schemas
from bot.web.console.access import SERVICE, Gate
from bot.web.console.desk import Desk

Name = Annotated[str, Path(max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


def add_directory(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """Everything under `/directory`."""
    _add_looks(api, desk, whoever)
    _add_changes(api, desk, whoever)
    _add_deeds(api, desk, whoever)


def _add_looks(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    @api.get("/directory")
    async def services(staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.DirectoryOut:
        current = await desk.services.directory.current()
        listed = [
            _listed(desk, staff, organisation, current.standing(organisation.id, service))
            for organisation in current.directory.organisations.values()
            for service in organisation.services
        ]
        return schemas.DirectoryOut(whole=current.whole, services=tuple(listed))

    @api.get(f"/directory/{SERVICE}")
    async def service(
        organisation: Name, service: Name, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.OpenServiceOut:
        return await _opened(desk, staff, f"{organisation}/{service}")


def _add_changes(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    @api.post(f"/directory/{SERVICE}/preview")
    async def preview(
        organisation: Name,
        service: Name,
        asked: schemas.PreviewIn,
        _staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.PreviewOut:
        owner, found, _ = await _found(desk, f"{organisation}/{service}")
        return _preview(desk, owner, found, _values(asked.values))

    @api.post(f"/directory/{SERVICE}/change")
    async def change(
        organisation: Name,
        service: Name,
        asked: schemas.ChangeIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        owner, found, _ = await _found(desk, name)
        values = _different(found.service, _values(asked.values), own=owner.id == staff.organisation)
        if faults := _preview(desk, owner, found, values).faults:
            raise RefusedError("change.value", faults[0].mend)  # none of them is written
        for field, value in values.items():
            await desk.services.change(name, _vetter(staff), field, value, source=asked.source)
        return await _opened(desk, staff, name)

    @api.post(f"/directory/{SERVICE}/safety")
    async def safety(
        organisation: Name,
        service: Name,
        asked: schemas.SafetyIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        propose = desk.services.change.propose_safety
        await propose(name, _vetter(staff), asked.word, asked.answer, source=asked.source)
        return await _opened(desk, staff, name)

    @api.post(f"/directory/{SERVICE}/safety/agree")
    async def agree(
        organisation: Name,
        service: Name,
        asked: schemas.AgreeIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        of = await _waiting(desk, name, asked.word)
        await desk.services.change.accept_safety(name, _vetter(staff), of)
        return await _opened(desk, staff, name)

    @api.post(f"/directory/{SERVICE}/safety/decline")
    async def decline(
        organisation: Name,
        service: Name,
        asked: schemas.DeclineIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        of = await _waiting(desk, name, asked.word)
        await desk.services.change.reject_safety(name, _vetter(staff), of, reason=asked.reason)
        return await _opened(desk, staff, name)


def _add_deeds(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    @api.post(f"/directory/{SERVICE}/vet")
    async def vet(
        organisation: Name,
        service: Name,
        asked: schemas.VouchIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        word = Vouching(asked.evidence, asked.checklist, asked.expires)
        await desk.services.vet(name, _vetter(staff), word)
        return await _opened(desk, staff, name)

    @api.post(f"/directory/{SERVICE}/suspend")
    async def suspend(
        organisation: Name,
        service: Name,
        asked: schemas.ReasonIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        await desk.services.suspend(name, _vetter(staff), asked.reason)
        return await _opened(desk, staff, name)

    @api.post(f"/directory/{SERVICE}/reinstate")
    async def reinstate(
        organisation: Name,
        service: Name,
        asked: schemas.ReasonIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        await desk.services.suspend.reinstate(name, _vetter(staff), asked.reason)
        return await _opened(desk, staff, name)

    @api.post(f"/directory/{SERVICE}/dismiss")
    async def dismiss(
        organisation: Name,
        service: Name,
        asked: schemas.ReasonIn,
        staff: Annotated[StaffRow, Depends(whoever)],
    ) -> schemas.OpenServiceOut:
        name = f"{organisation}/{service}"
        await desk.services.suspend.dismiss(name, _vetter(staff), asked.reason)
        return await _opened(desk, staff, name)


def _vetter(staff: StaffRow) -> Vetter:
    """Somebody of the console; their work name says whose they are, so that a file can name them."""
    return Vetter(f"{staff.alias} ({staff.organisation})", staff.id, staff.organisation)


async def _found(desk: Desk, name: str) -> tuple[Organisation, Standing, Current]:
    """A service as it stands now. Raises RefusedError `service.unknown`, `ledger.broken`."""
    current = await desk.services.directory.current()
    if not current.whole:
        raise RefusedError("ledger.broken", "The directory's history was changed: tell the operator.")
    found = find(current.directory, name)
    if found is None:
        raise RefusedError("service.unknown", "There is no such service in the directory.")
    organisation, service = found
    return organisation, current.standing(organisation.id, service), current


async def _waiting(desk: Desk, name: str, word: str) -> int:
    """The position of the safety answer that waits. Raises RefusedError `change.gone`."""
    _, standing, _ = await _found(desk, name)
    for event in standing.waiting:
        if event.field == f"{SAFETY}{word}":
            return event.position
    raise RefusedError("change.gone", "This was decided meanwhile.")


def _listed(
    desk: Desk, staff: StaffRow, organisation: Organisation, standing: Standing
) -> schemas.ServiceOut:
    service, today = standing.service, desk.clock.now().date()
    return schemas.ServiceOut(
        organisation=organisation.id,
        service=service.id,
        organisation_name=pick(organisation.name, ENGLISH) or organisation.id,
        name=pick(service.name, ENGLISH) or service.id,
        country=organisation.country,
        demo=organisation.demo or service.demo,
        own=organisation.id == staff.organisation,
        status=service.status,
        state=state_today(service.vetting, today),
        expires=service.vetting.expires,
        offered=may_be_offered(organisation, service, today, demo=desk.rules.demo),
        todo=tuple(_todo(one) for one in reminders(standing, today)),
    )


def _todo(one: Reminder) -> schemas.TodoOut:
    return schemas.TodoOut(what=one.what, detail=one.detail, mark=one.mark)


async def _opened(desk: Desk, staff: StaffRow, name: str) -> schemas.OpenServiceOut:
    organisation, standing, current = await _found(desk, name)
    service, own = standing.service, organisation.id == staff.organisation
    tier: Visibility = "internal" if own else "caseworker"
    address = service.address
    first = standing.proposed
    return schemas.OpenServiceOut(
        listed=_listed(desk, staff, organisation, standing),
        editable=may(staff.role, Action.DIRECTORY_EDIT) and desk.services.change.may(name, _vetter(staff)),
        website=service.website or organisation.website,
        needs=service.needs,
        languages=tuple(f"{offer.code} ({offer.by})" for offer in service.languages),
        address=address.text if address and visible(address.visibility, tier) else "",
        vetted_by=service.vetting.by,
        vetted_on=service.vetting.on,
        evidence=pick(service.vetting.evidence, ENGLISH),
        checklist=tuple(point for point, answer in service.vetting.checklist.items() if answer == "yes"),
        proposed_by=first.by if first else "",
        proposed_mine=first is not None and first.staff == staff.id,
        weekly=_weekly(service, own=own),
        safety=dict(service.safety.answers),
        safety_words=safety_words(current.directory.taxonomy),
        contested=tuple(sorted(service.contested)),
        sources=tuple(
            schemas.SourceOut(
                fact=one.about,
                source=one.source,
                checked_on=one.checked_on,
                value=one.value if own or one.about not in {"phones", "address"} else "",
                conflict=one.conflict,
            )
            for one in (*service.sources, *organisation.sources)
        ),
        waiting=tuple(_waits(event, service, staff) for event in standing.waiting),
        history=tuple(_event(event, own=own) for event in current.record.events if event.service == name),
        replaced_by=service.replaced_by,
    )


def _weekly(service: Service, *, own: bool) -> schemas.WeeklyValues:
    phones = [phone for phone in service.phones if own or visible(phone.visibility, "caseworker")]
    shown = replace(service, phones=tuple(phones))
    fields = ("hours", "capacity", "phones", "notice")
    return schemas.WeeklyValues.model_validate({field: written(shown, field) for field in fields})


def _waits(event: Event, service: Service, staff: StaffRow) -> schemas.WaitingOut:
    word = event.field.removeprefix(SAFETY)
    return schemas.WaitingOut(
        word=word,
        answer=str(event.value),
        now=service.safety.of(word),
        by=event.by,
        source=event.source,
        day=event.day,
        mine=event.staff == staff.id,
    )


def _event(event: Event, *, own: bool) -> schemas.EventOut:
    return schemas.EventOut(
        position=event.position,
        day=event.day,
        kind=event.kind,
        by=event.by,
        words=event.words or event.source,
        field=event.field,
        value=_flat(event.value) if own or event.field != "phones" else "",
        until=event.expires,
    )


def _flat(value: Json) -> str:
    """A value in one line, for the history."""
    match value:
        case None:
            return ""
        case str() | int():
            return str(value)
        case Mapping():
            return ", ".join(_flat(each) for each in value.values())
        case _:
            return "; ".join(_flat(each) for each in value)


def _values(asked: schemas.WeeklyValues) -> dict[str, Json]:
    """The fields that were given, as an event holds them."""
    told = asked.model_dump(mode="json", exclude_unset=True)
    return cast("dict[str, Json]", {field: _tidy(value) for field, value in told.items()})


def _different(service: Service, values: Mapping[str, Json], *, own: bool) -> dict[str, Json]:
    """The values that say something else than now. Numbers that the editor may not see stay among the phones."""
    told = dict(values)
    if "phones" in told and not own:
        hidden = tuple(phone for phone in service.phones if not visible(phone.visibility, "caseworker"))
        shown = told["phones"] if isinstance(told["phones"], list) else []
        told["phones"] = [*shown, *cast("list[Json]", written(replace(service, phones=hidden), "phones"))]
    different = {field: value for field, value in told.items() if value != written(service, field)}
    if not different:
        raise RefusedError("change.same", "It says that already.")
    return different


def _tidy(value: object) -> object:
    """Without what is absent: no day, no label."""
    match value:
        case dict():
            return {key: _tidy(each) for key, each in value.items() if each not in (None, {})}
        case list():
            return [_tidy(each) for each in value]
        case _:
            return value


def _preview(
    desk: Desk, organisation: Organisation, standing: Standing, values: Mapping[str, Json]
) -> schemas.PreviewOut:
    service, now = standing.service, desk.clock.now()
    faults: list[schemas.FaultOut] = []
    for field, value in values.items():
        after, problems = changed(service, field, value, organisation.country)
        faults += [_fault(field, problem) for problem in problems]
        service = service if problems else after
    week = week_of(service.hours, now) if service.hours and not _has(faults, "hours") else ()
    catalogue = desk.content.library.catalogue
    match = Match(organisation, service, 0.0, flagged=bool(standing.flags))
    cards = []
    for language in catalogue.languages.codes if not faults else ():
        known = catalogue.languages.get(language)
        text = card(match, language, now, partial(_say, desk, language))
        cards.append(
            schemas.CardOut(
                language=language,
                name=known.name if known else language,
                direction=catalogue.languages.direction(language),
                text=text,
            )
        )
    return schemas.PreviewOut(
        faults=tuple(faults),
        week=tuple(schemas.DayOut(day=day.day, spans=day.spans, unsure=day.unsure) for day in week),
        cards=tuple(cards),
    )


def _say(desk: Desk, spoken: str, key: str, /, **values: str | int) -> str:
    return desk.content.library.catalogue.ui(key, spoken, **values)


def _has(faults: list[schemas.FaultOut], field: str) -> bool:
    return any(fault.field == field for fault in faults)


def _fault(field: str, problem: Problem) -> schemas.FaultOut:
    return schemas.FaultOut(field=field, code=problem.code, mend=problem.mend)
