"""Stepping back, a pause and what two decide together over HTTP, and what a lead learns of how heavy the work is: a number in whole tens, and nobody's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from bot.kernel.audit import AuditEvent
from bot.kernel.ids import CaseId
from bot.ports import StaffRow
from bot.web.console import schemas
from bot.web.console.access import Gate
from bot.web.console.desk import Desk
from bot.web.console.phrases import told


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StepBackIn(_Strict):
    """The sentence that somebody else answers, sealed and signed as a reply; null for who was never answered."""

    told: schemas.ReplyIn | None = None


class PauseIn(_Strict):
    """For how many minutes: 5, 15, 30 or 60."""

    minutes: Annotated[int, Field(ge=1, le=60)]


class PauseOut(_Strict):
    """When it ends, in seconds since 1970."""

    until: int


class EmergencyIn(_Strict):
    """Whether it is safe to tell the person before anybody is called; of who agrees, as they read it."""

    safe: bool


class EmergencyOut(_Strict):
    """How it stands (asked, agreed, told, dropped, lapsed), who asked and who agreed by their ids, and when it lapses."""

    stand: str
    asked_by: str
    agreed_by: str
    safe: bool
    until: int


class LoadOut(_Strict):
    """How often somebody stepped back within the year that the audit is kept; in whole tens, as at the last midnight (UTC)."""

    stepped_back: int


def add_care(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """What a caseworker does so as not to carry too much alone."""

    @api.get("/told")
    async def sentences(
        _staff: Annotated[StaffRow, Depends(whoever)], language: Annotated[str, Query(max_length=12)] = "en"
    ) -> dict[str, schemas.PhraseOut]:
        found = told(desk.content.library.catalogue, language)
        return {
            name: schemas.PhraseOut(
                english=each.english,
                text=each.text,
                language=each.language,
                direction=each.direction,
                reviewed=each.reviewed,
            )
            for name, each in found.items()
        }

    @api.get("/abuse")
    async def abuse(_staff: Annotated[StaffRow, Depends(whoever)]) -> list[str]:
        """All entries: whether one stands in a message is decided in the browser, which alone can read it."""
        return list(desk.content.library.abuse)

    @api.post("/cases/{case}/step-back", status_code=204)
    async def step_back(
        case: schemas.Hex32, asked: StepBackIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        sentence = schemas.reply_of(asked.told) if asked.told is not None else None
        await desk.care.step_back(staff, CaseId(case), sentence)

    @api.post("/pause")
    async def pause(asked: PauseIn, staff: Annotated[StaffRow, Depends(whoever)]) -> PauseOut:
        return PauseOut(until=await desk.care.pause(staff, asked.minutes))

    @api.delete("/pause", status_code=204)
    async def back(staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.care.pause.end(staff)

    @api.get("/load")
    async def load(staff: Annotated[StaffRow, Depends(whoever)]) -> LoadOut:
        counts = await desk.look_over.counts(staff.organisation)
        return LoadOut(stepped_back=counts.get(AuditEvent.CASE_STEPPED_BACK, 0))


def add_emergency(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """Whether the emergency services are called: asked by one, agreed to by another, told before where it is safe."""

    @api.get("/cases/{case}/emergency")
    async def stands(
        case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> EmergencyOut | None:
        found = await desk.care.emergency.seen(staff, CaseId(case))
        if found is None:
            return None
        decision, stand = found
        return EmergencyOut(
            stand=stand.value,
            asked_by=decision.asked_by,
            agreed_by=decision.agreed_by,
            safe=decision.safe,
            until=decision.until,
        )

    @api.post("/cases/{case}/emergency", status_code=204)
    async def ask(
        case: schemas.Hex32, asked: EmergencyIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        await desk.care.emergency.ask(staff, CaseId(case), safe=asked.safe)

    @api.post("/cases/{case}/emergency/agree", status_code=204)
    async def agree(
        case: schemas.Hex32, read: EmergencyIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        await desk.care.emergency.agree(staff, CaseId(case), safe=read.safe)

    @api.post("/cases/{case}/emergency/drop", status_code=204)
    async def drop(case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.care.emergency.drop(staff, CaseId(case))

    @api.post("/cases/{case}/emergency/tell", status_code=204)
    async def tell(
        case: schemas.Hex32, asked: schemas.ReplyIn, staff: Annotated[StaffRow, Depends(whoever)]
    ) -> None:
        await desk.care.emergency.tell(staff, CaseId(case), schemas.reply_of(asked))

    @api.post("/cases/{case}/emergency/called", status_code=204)
    async def called(case: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.care.emergency.called(staff, CaseId(case))
