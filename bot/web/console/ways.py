"""One's own ways of being rung: listed, added, tried and taken out. No address is ever read back."""

from typing import Annotated

from fastapi import APIRouter, Depends

from bot.ports import StaffRow
from bot.usecases.keep_ways import CODE_SECONDS
from bot.web.console import schemas
from bot.web.console.access import Gate
from bot.web.console.desk import Desk


def add_ways(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """Everything under `/ways`."""

    @api.get("/ways")
    async def ways(staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.WaysOut:
        return schemas.WaysOut(
            offered=tuple(desk.ways.offered),
            ways=tuple(schemas.WayOut(id=each.id, kind=each.kind) for each in await desk.ways.of(staff)),
        )

    @api.post("/ways/email", status_code=204)
    async def mail(asked: schemas.MailIn, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.ways.add_mail(staff, asked.address)

    @api.post("/ways/telegram")
    async def code(staff: Annotated[StaffRow, Depends(whoever)]) -> schemas.CodeOut:
        made = await desk.ways.code(staff)
        return schemas.CodeOut(code=made, minutes=CODE_SECONDS // 60, bot=await desk.staff_bot())

    @api.post("/ways/{way}/ring", status_code=204)
    async def ring(way: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.ways.try_out(staff, way)

    @api.post("/ways/{way}/remove", status_code=204)
    async def remove(way: schemas.Hex32, staff: Annotated[StaffRow, Depends(whoever)]) -> None:
        await desk.ways.remove(staff, way)
