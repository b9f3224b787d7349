"""The caseworkers' interface over HTTP: `/console/api/`. Every call is scoped to the caseworker's organisation."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from bot.crypto.epochs import reachable_until
from bot.crypto.wire import LARGEST_INTEGER, from_base64, to_base64
from bot.handoff.roles import is_recipient
from bot.kernel.errors import ConflictError, FenerError, RefusedError, StorageError
from bot.kernel.ids import CaseId
from bot.kernel.messages import ChannelName
from bot.ports import CaseRow, EnvelopeRow, StaffRow
from bot.usecases.add_note import TeamNote
from bot.usecases.enrol_caseworker import Application
from bot.usecases.invite_caseworker import token_hash
from bot.web.console import schemas
from bot.web.console.access import PREFIX, Gate
from bot.web.console.asks import asks
from bot.web.console.care import add_care, add_emergency
from bot.web.console.desk import Desk
from bot.web.console.oversight import add_oversight, add_own, add_staff, end_session, rights_of, set_cookie
from bot.web.console.phrases import phrases
from bot.web.console.referrals import add_referrals
from bot.web.console.reports import add_reports
from bot.web.console.services import add_directory
from bot.web.console.ways import add_ways

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_STATUS: Mapping[str, int] = {
    "login.needed": 401,
    "login.refused": 401,
    "login.limited": 429,
    "login.stale": 403,
    "role.refused": 403,
    "staff.unknown": 404,
    "staff.last-lead": 409,
    "staff.self": 409,
    "staff.lead": 409,
    "case.unknown": 404,
    "case.claimed": 409,
    "case.closed": 409,
    "case.enough": 409,
    "case.full": 409,
    "case.pause": 409,
    "pause.urgent": 409,
    "reply.wishes": 409,
    "case.unreachable": 410,
    "case.status": 409,
    "step-back.told": 409,
    **dict.fromkeys((f"emergency.{why}" for why in ("none", "asked", "case", "unread", "safe", "tell")), 409),
    "emergency.alone": 403,
    "referral.claim": 409,
    "referral.complaint": 409,
    "referral.receiver": 409,
    "referral.enough": 409,
    "referral.same": 409,
    "referral.answered": 409,
    "referral.none": 409,
    "referral.received": 409,
    "referral.untold": 409,
    "reply.sequence": 409,
    "note.sequence": 409,
    "keyring.lead": 403,
    "keyring.member": 403,
    "enrol.invite": 410,
    "service.unknown": 404,
    "vetting.own": 403,
    "change.foreign": 403,
    "vetting.same": 409,
    "vetting.suspended": 409,
    "vetting.closed": 409,
    "suspend.already": 409,
    "suspend.not": 409,
    "flag.none": 409,
    "change.same": 409,
    "change.gone": 409,
    "ledger.broken": 503,
    "quarter.form": 422,
    "quarter.future": 404,
    "quarter.gone": 410,
    "way.unknown": 404,
    "way.off": 409,
    "way.many": 409,
    "way.limited": 429,
    "way.failed": 502,
}


async def refuse(_request: Request, fault: Exception) -> Response:
    """One of our errors as JSON: a stable code and its mend, never what was sent."""
    assert isinstance(fault, FenerError)
    status = 400
    if isinstance(fault, ConflictError):
        status = 409
    elif isinstance(fault, StorageError):
        status = 503
    elif isinstance(fault, RefusedError):
        status = _STATUS.get(fault.code, 400)
    return JSONResponse(
        {"code": fault.code, "mend": fault.mend}, status_code=status, headers={"cache-control": "no-store"}
    )


def router(desk: Desk) -> APIRouter:
    """All routes under `/console/api`."""
    whoever = Gate(desk)
    api = APIRouter(prefix=PREFIX, dependencies=[Depends(_not_kept), Depends(whoever)])
    _add_doors(api, desk)
    add_own(api, desk, whoever)
    add_staff(api, desk, whoever)
    add_oversight(api, desk, whoever)
    add_reports(api, desk, whoever)
    add_directory(api, desk, whoever)
    add_ways(api, desk, whoever)
    _add_team(api, desk, whoever)
    _add_rules(api, desk, whoever)
    _add_cases(api, desk, whoever)
    add_referrals(api, desk, whoever)
    _add_declining(api, desk, whoever)
    add_care(api, desk, whoever)
    add_emergency(api, desk, whoever)
    return api


def _not_kept(response: Response) -> None:
    """No answer is kept by a browser or a proxy."""
    response.headers["cache-control"] = "no-store"


def _add_doors(api: APIRouter, desk: Desk) -> None:
    @api.post("/invitation")
    async def invitation(asked: schemas.InvitationIn) -> schemas.InvitationOut:
        now = int(desk.clock.now().timestamp())
        invite = await desk.register.peek(token_hash(asked.token), now)
        if invite is None:
            raise RefusedError("enrol.invite", "This link was used or is over: ask for a new one.")
        return schemas.InvitationOut(
            organisation=invite.organisation,
            organisation_name=desk.name_of(invite.organisation),
            role=invite.role,
        )

    @api.post("/enrol")
    async def enrol(asked: schemas.EnrolIn) -> schemas.EnrolOut:
        enrolled = await desk.enrol(
            Application(
                token=asked.token,
                alias=asked.alias,
                identity_public=from_base64(asked.identity_public, "enrol"),
                duty_certificate=asked.duty_certificate.encode(),
                proof=from_base64(asked.proof, "enrol"),
            )
        )
        return schemas.EnrolOut(
            id=enrolled.staff.id,
            organisation=enrolled.staff.organisation,
            organisation_name=enrolled.organisation_name,
            role=enrolled.staff.role,
            standing=enrolled.standing,
            server_public=to_base64(desk.keys.signing.public),
        )

    @api.post("/login/challenge")
    async def challenge(asked: schemas.ChallengeIn) -> schemas.ChallengeOut:
        return schemas.ChallengeOut(challenge=desk.door.challenge(asked.kid))

    @api.post("/login")
    async def login(asked: schemas.LoginIn, request: Request, response: Response) -> schemas.LoginOut:
        signed_in = await desk.door.sign_in(
            asked.kid,
            asked.challenge,
            asked.signature,
            server=asked.server,
            addresses=_own_addresses(request, desk.public_url),
            browser="sec-fetch-site" in request.headers,
        )
        await end_session(desk, request, response)
        if signed_in.cookie:
            set_cookie(response, signed_in)
        staff = signed_in.staff
        return schemas.LoginOut(
            token=signed_in.token,
            expires_at=signed_in.expires_at,
            id=staff.id,
            organisation=staff.organisation,
            role=staff.role,
            alias=staff.alias,
            may=rights_of(staff),
        )


def _own_addresses(request: Request, public_url: str | None) -> frozenset[str]:
    """Where a caseworker may have opened this server.

    The configured address, the one this connection came to, and names of their own machine: never just what the
    request calls us. Somebody who passes our challenge on to a caseworker at another address writes that header.
    """
    found = {public_url} if public_url is not None else set()
    host, port = request.scope.get("server") or ("", None)
    shown = f"[{host}]" if ":" in host else host
    found.add(f"http://{shown}:{port}" if port is not None else f"http://{shown}")
    named = request.headers.get("host", "")
    if named.rpartition(":")[0] in _LOOPBACK or named in _LOOPBACK:
        found.add(f"http://{named}")
    return frozenset(found)


def _add_team(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    @api.get("/team")
    async def team(
        staff: Annotated[StaffRow, Depends(whoever)],
        since: Annotated[int, Query(ge=0, le=LARGEST_INTEGER)] = 0,
    ) -> schemas.TeamOut:
        return await _team(desk, staff, since)

    @api.post("/keyring")
    async def keyring(
        asked: schemas.EntryIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.RootOut:
        root = await desk.sign_keyring(staff, asked.entry.encode(), expected=asked.expected)
        await desk.dismiss.follow_keyring(staff)
        return schemas.RootOut(root=root, pinned=staff.organisation in desk.roots)

    @api.post("/duty", status_code=204)
    async def duty(asked: schemas.StatementIn, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.duty.on(staff, asked.document.encode())

    @api.delete("/duty", status_code=204)
    async def off_duty(staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.duty.off(staff)

    @api.post("/duty-key", status_code=204)
    async def duty_key(asked: schemas.StatementIn, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.duty.renew_key(staff, asked.document.encode())

    @api.post("/duty-key/needed")
    async def needed_keys(
        asked: schemas.KeysIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.KeysOut:
        return schemas.KeysOut(needed=tuple(sorted(await desk.read.still_needed(staff, asked.kids))))


def _add_rules(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    @api.get("/rules")
    async def rules(staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.RulesOut:
        known = desk.rules
        return schemas.RulesOut(
            demo=known.demo,
            channels=tuple(
                schemas.ChannelOut(name=name, longest=most) for name, most in known.channels.items()
            ),
            live_minutes=known.live_minutes,
            answer_days=known.answer_days,
            after_close_days=known.after_close_days,
            at_most_days=known.at_most_days,
            in_duty_hours=known.duty_hours(staff.organisation, desk.clock.now()),
            organisations={
                each.organisation: desk.name_of(each.organisation)
                for each in desk.content.library.directory.network.members
            },
        )

    @api.get("/phrases")
    async def quick_phrases(
        _staff: Annotated[StaffRow, Depends(whoever)], language: Annotated[str, Query(max_length=12)] = "en"
    ) -> list[schemas.PhraseOut]:
        return [
            schemas.PhraseOut(
                english=each.english,
                text=each.text,
                language=each.language,
                direction=each.direction,
                reviewed=each.reviewed,
            )
            for each in phrases(desk.content.library.catalogue, language)
        ]

    @api.get("/asks")
    async def asked_words(_staff: Annotated[StaffRow, Depends(whoever)]) -> Mapping[str, Sequence[str]]:
        """All of them: what is compared with them stays in the browser."""
        return asks(desk.content.library.catalogue)

    @api.get("/playbooks")
    async def playbooks(_staff: Annotated[StaffRow, Depends(whoever)]) -> list[schemas.PlaybookOut]:
        """All of them: which belong beside a case the browser decides, so that no case is named here."""
        today = desk.clock.now().date()
        return [schemas.playbook_out(each, today) for each in desk.content.library.playbooks]


def _add_cases(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    @api.get("/cases")
    async def cases(staff: Annotated[StaffRow, Depends(whoever)]) -> list[schemas.CaseOut]:
        rows = await desk.read.queue(staff)
        notes = await desk.read.notes(staff) if rows else {}
        bell = await desk.wait.rings(staff.organisation)
        return [
            _case(
                row,
                staff,
                channel=await desk.read.channel(row.id) if row.claimed_by == staff.id else None,
                notes=notes.get(row.id, 0),
                muted=await desk.mute.until(row),
                emergency=await _emergency(desk, row),
                rings=bell.rings_of(row.id),
            )
            for row in rows
        ]

    @api.get("/cases/{case}")
    async def case(case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.OpenedOut:
        return await _opened(desk, staff, await desk.read(staff, CaseId(case)))

    @api.post("/cases/{case}/export")
    async def export(case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.OpenedOut:
        return await _opened(desk, staff, await desk.read.export(staff, CaseId(case)))

    @api.post("/cases/{case}/claim")
    async def claim(case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.CaseOut:
        return _case(await desk.claim(staff, CaseId(case)), staff)

    @api.post("/cases/{case}/reply")
    async def reply(
        case: schemas.Hex32, asked: schemas.ReplyIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.ReplyOut:
        sent = await desk.reply(
            staff,
            CaseId(case),
            schemas.reply_of(asked),
        )
        return schemas.ReplyOut(delivered=sent.delivered, case=_case(sent.row, staff))

    @api.post("/cases/{case}/note")
    async def note(
        case: schemas.Hex32, asked: schemas.NoteIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.CaseOut:
        written = TeamNote(asked.sequence, asked.sealed.encode())
        return _case(await desk.note(staff, CaseId(case), written), staff)

    @api.post("/cases/{case}/return")
    async def give_back(
        case: schemas.Hex32, asked: schemas.NoteIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.CaseOut:
        reason = TeamNote(asked.sequence, asked.sealed.encode())
        return _case(await desk.give_back(staff, CaseId(case), reason), staff)

    @api.post("/cases/{case}/mute")
    async def mute(
        case: schemas.Hex32, asked: schemas.MuteIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.CaseOut:
        row = await desk.mute(staff, CaseId(case), asked.hours)
        return _case(row, staff, muted=await desk.mute.until(row))

    @api.post("/cases/{case}/close")
    async def close(case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.CaseOut:
        return _case(await desk.close(staff, CaseId(case)), staff)


def _add_declining(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    @api.post("/cases/{case}/decline")
    async def decline(
        case: schemas.Hex32, asked: schemas.ReplyIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> schemas.CaseOut:
        return _case(await desk.decline(staff, CaseId(case), schemas.reply_of(asked)), staff)


async def _opened(
    desk: Desk, staff: StaffRow, found: tuple[CaseRow, Sequence[EnvelopeRow]]
) -> schemas.OpenedOut:
    row, envelopes = found
    return schemas.OpenedOut(
        case=_case(
            row,
            staff,
            channel=await desk.read.channel(row.id),
            notes=sum(each.direction == "internal" for each in envelopes),
            muted=await desk.mute.until(row),
            emergency=await _emergency(desk, row),
            alone=bool(await desk.left_alone(row.organisation, [row])),
        ),
        envelopes=tuple(
            schemas.EnvelopeOut(
                sequence=each.sequence,
                direction=each.direction,
                sealed=each.sealed.decode("ascii", "replace"),
                hour=each.hour,
            )
            for each in envelopes
        ),
        team=await _team(desk, staff),
    )


def _case(
    row: CaseRow,
    staff: StaffRow,
    *,
    channel: ChannelName | None = None,
    notes: int | None = None,
    muted: int | None = None,
    emergency: str | None = None,
    rings: int = 0,
    alone: bool = False,
) -> schemas.CaseOut:
    return schemas.CaseOut(
        id=row.id,
        designation=row.designation,
        queue=row.queue,
        need=row.need,
        urgency=row.urgency,
        language=row.language,
        status=row.status,
        opened_hour=row.opened_hour,
        touched_hour=row.touched_hour,
        claimed_by=row.claimed_by,
        mine=row.claimed_by == staff.id,
        messages=row.sequence,
        replies=row.note_sequence,
        epoch=row.epoch,
        reachable_until=int(reachable_until(row.epoch).timestamp()) if row.pseudonym is not None else None,
        channel=channel,
        notes=notes,
        muted_until=muted,
        emergency=emergency,
        rings=rings,
        alone=alone,
    )


async def _emergency(desk: Desk, row: CaseRow) -> str | None:
    found = await desk.care.emergency.stands(row.id)
    return None if found is None else found[1].value


async def _team(desk: Desk, staff: StaffRow, since: int = 0) -> schemas.TeamOut:
    now, then = await _vouched(desk, staff.organisation, since)
    rows = await desk.register.of(staff.organisation)
    return schemas.TeamOut(
        organisation=staff.organisation,
        entries=tuple(entry.decode() for entry in await desk.keyrings.entries(staff.organisation)),
        staff=tuple(
            [
                schemas.StaffOut(
                    id=row.id,
                    kid=row.identity_kid,
                    alias=row.alias,
                    role=row.role,
                    identity_public=to_base64(row.identity_public),
                    duty_certificate=row.duty_certificate.decode(),
                    duty_statement=row.duty_statement.decode(),
                    away_until=await desk.away_until(row.id),
                )
                for row in rows
                if is_recipient(row.role)
            ]
        ),
        complaints=tuple(
            sorted(
                name
                for name, each in desk.content.library.directory.network.queues.items()
                if each.independent
            )
        ),
        root=desk.roots.get(staff.organisation, ""),
        server_public=to_base64(desk.keys.signing.public),
        installation=desk.keys.installation,
        checkpoint=now,
        checkpoint_then=then,
    )


async def _vouched(desk: Desk, organisation: str, since: int) -> tuple[str, str]:
    """Signed checkpoints of the audit; empty while the server cannot stand by the chain. Work goes on all the same."""
    try:
        vouched = await desk.vouch(organisation, since=since)
    except RefusedError:
        return "", ""
    return vouched.now.decode(), vouched.then.decode()
