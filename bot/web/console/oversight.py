"""The calls that are about people and not about cases: one's own session, who works here, the audit, the counts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from bot.handoff.roles import Action, may
from bot.ports import StaffRow
from bot.usecases.invite_caseworker import FRAGMENT
from bot.web.console import schemas
from bot.web.console.access import Gate, token_of
from bot.web.console.auth import LONGEST, SignedIn, cookie_name
from bot.web.console.desk import Desk

Who = Annotated[str, Path(max_length=32, pattern=r"^[0-9a-f]{16,32}$")]


def rights_of(staff: StaffRow) -> tuple[str, ...]:
    """What this role may do, so that the page offers nothing else."""
    return tuple(action.value for action in Action if may(staff.role, action))


def set_cookie(response: Response, signed_in: SignedIn) -> None:
    """The half of a session that scripts cannot read. `__Host-`: no other host can plant or read it."""
    response.set_cookie(
        cookie_name(signed_in.token),
        signed_in.cookie,
        max_age=int(LONGEST.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )


async def end_session(desk: Desk, request: Request, response: Response) -> None:
    """End the session that this request came with, if any: signing in anew leaves no second one behind."""
    token = token_of(request)
    if not token:
        return
    await desk.door.sign_out(token, request.cookies)
    name = cookie_name(token)
    if name in request.cookies:
        response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")


def add_own(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """One's own session."""

    @api.get("/me")
    async def me(staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.MeOut:
        return schemas.MeOut(
            id=staff.id,
            organisation=staff.organisation,
            organisation_name=desk.name_of(staff.organisation),
            role=staff.role,
            alias=staff.alias,
            may=rights_of(staff),
        )

    @api.post("/logout", status_code=204)
    async def logout(
        request: Request, response: Response, _staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        await end_session(desk, request, response)

    @api.post("/logout/everywhere", status_code=204)
    async def logout_everywhere(
        request: Request, response: Response, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        await end_session(desk, request, response)
        await desk.dismiss.sign_out(staff.id)

    @api.post("/leave", status_code=204)
    async def leave(
        request: Request, response: Response, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        await desk.dismiss.leave(staff)
        await end_session(desk, request, response)


def add_staff(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """Who works in the lead's own organisation."""

    @api.get("/staff")
    async def people(staff: Annotated[StaffRow, Depends(whoever)]) -> list[schemas.PersonOut]:
        rows = await desk.register.of(staff.organisation)
        return [
            schemas.PersonOut(id=row.id, kid=row.identity_kid, alias=row.alias, role=row.role) for row in rows
        ]

    @api.post("/staff/invite")
    async def invite(asked: schemas.RoleIn, staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.LinkOut:
        link = await desk.invite(staff.organisation, asked.role, console="", by=staff.id)
        return schemas.LinkOut(token=link.partition(FRAGMENT)[2])

    @api.post("/staff/{who}/remove", status_code=204)
    async def remove(who: Who, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.dismiss.remove(staff.organisation, who, by=staff.id)


def add_oversight(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """What is told without a case or a person."""

    @api.get("/audit")
    async def audit(staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.AuditOut:
        seen = await desk.look_over(staff.organisation)
        return schemas.AuditOut(whole=seen.whole, events=dict(seen.events))

    @api.get("/alarms")
    async def alarms(staff: Annotated[StaffRow, Depends(whoever)]) -> list[schemas.AlarmOut]:
        return [
            schemas.AlarmOut(who=each.who, event=each.event, hour=each.hour, cases=each.cases)
            for each in await desk.alarms(staff.organisation)
        ]

    @api.get("/counts")
    async def counts(staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.CountsOut:
        return schemas.CountsOut(events=dict(await desk.look_over.counts(staff.organisation)))
