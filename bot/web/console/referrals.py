"""Referring a person to a second organisation, over HTTP: who can be asked, the sealed question, and how each one stands."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from bot.crypto.wire import from_base64
from bot.handoff.referral import FIELDS, LONGEST_VALUE, MOST_AT_ONCE, REASONS
from bot.kernel.ids import CaseId
from bot.ports import StaffRow
from bot.usecases.send_reply import Reply
from bot.web.console import schemas
from bot.web.console.access import Gate
from bot.web.console.desk import Desk


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReceiverOut(_Strict):
    """Who can be asked now; `name` is from its signed keyring. `queues`: id -> what people call it, in English."""

    organisation: str
    name: str
    queues: dict[str, str]
    on_duty: bool
    lgbtiq: bool


class ReferralOut(_Strict):
    """How one referral stands: nothing of the other case. `hour`: since when. `reason` where it was declined."""

    to: str
    name: str
    state: str
    reason: str
    hour: int


class ReferralsOut(_Strict):
    """The referrals of a case, whom else it can go to, and what may leave. `received`: it came from another organisation."""

    referrals: tuple[ReferralOut, ...]
    receivers: tuple[ReceiverOut, ...]
    fields: tuple[str, ...] = FIELDS
    longest: int = LONGEST_VALUE
    most: int = MOST_AT_ONCE
    received: bool = False
    reasons: tuple[str, ...] = REASONS


class ReferIn(schemas.ReplyIn):
    """The question to the person, sealed and signed as a reply is; and to whom, for the server to hold it to that."""

    to: Annotated[str, Field(min_length=1, max_length=64)]
    queue: Annotated[str, Field(min_length=1, max_length=64)]


class SendBackIn(_Strict):
    """Why a case that came from another organisation is not taken; one of `reasons`."""

    reason: Annotated[str, Field(max_length=20)]


def add_referrals(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """What a case has to do with other organisations."""

    @api.get("/cases/{case}/referrals")
    async def referrals(case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> ReferralsOut:
        return await _all(desk, staff, CaseId(case))

    @api.post("/cases/{case}/refer")
    async def refer(
        case: schemas.Hex32, asked: ReferIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> ReferralsOut:
        await desk.refer(
            staff,
            CaseId(case),
            to=asked.to,
            queue=asked.queue,
            question=Reply(
                sequence=asked.sequence,
                sealed=from_base64(asked.sealed, "reply"),
                signature=from_base64(asked.signature, "reply"),
                copy=asked.copy_for_team.encode(),
                mailbox=from_base64(asked.mailbox, "reply"),
                wishes_read=from_base64(asked.wishes_read, "reply"),
            ),
        )
        return await _all(desk, staff, CaseId(case))

    @api.post("/cases/{case}/send-back", status_code=204)
    async def send_back(
        case: schemas.Hex32, asked: SendBackIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        await desk.refer.send_back(staff, CaseId(case), asked.reason)


async def _all(desk: Desk, staff: StaffRow, case: CaseId) -> ReferralsOut:
    sides, received = await desk.refer.of(staff, case)
    receivers = await desk.refer.receivers(staff)
    known = {each.organisation: each.name for each in receivers}
    queues = desk.content.library.directory.network.queues
    return ReferralsOut(
        referrals=tuple(
            ReferralOut(
                to=side.kept.to,
                name=known.get(side.kept.to) or desk.name_of(side.kept.to),
                state=side.kept.state.value,
                reason=side.kept.reason,
                hour=side.kept.hour,
            )
            for side in sides
        ),
        receivers=tuple(
            ReceiverOut(
                organisation=each.organisation,
                name=each.name,
                queues={name: queues[name].label.get("en", name) for name in each.queues},
                on_duty=each.on_duty,
                lgbtiq=each.lgbtiq,
            )
            for each in receivers
        ),
        received=received,
    )
