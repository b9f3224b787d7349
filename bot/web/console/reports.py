"""The calls that tell numbers of a whole network: the report of a quarter, its files, and how long people wait."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query

from bot.content.report_pages import Pages, Row, as_csv, pages_of
from bot.content.report_pdf import as_pdf
from bot.crypto.wire import to_base64
from bot.handoff.roles import Action, may
from bot.ports import StaffRow
from bot.usecases.quarter import on_offer
from bot.usecases.watch_network import STUCK_HOURS
from bot.web.console.access import Gate
from bot.web.console.desk import Desk
from bot.web.console.report_schemas import (
    FileOut,
    NetworkOut,
    ReportOut,
    RowOut,
    TableOut,
    WaitingOut,
    WatchedOut,
)

Wanted = Annotated[str, Query(max_length=7, pattern=r"^(?:20\d\d-Q[1-4])?$")]

_KINDS: Final = {"csv": ("text/csv", as_csv), "pdf": ("application/pdf", as_pdf)}


def add_reports(api: APIRouter, desk: Desk, whoever: Gate) -> None:
    """What is told without a case or a person."""

    async def pages(quarter: str) -> Pages:
        return pages_of(await desk.report(quarter), desk.content.library.directory)

    @api.get("/report")
    async def report(_staff: Annotated[StaffRow, Depends(whoever)], quarter: Wanted = "") -> ReportOut:
        told = await desk.report(quarter)
        shown = pages_of(told, desk.content.library.directory)
        return ReportOut(
            quarter=str(told.quarter),
            quarters=tuple(map(str, on_offer(desk.clock.now().date()))),
            is_over=told.is_over,
            title=shown.title,
            standing=shown.standing,
            tables=tuple(
                TableOut(
                    key=table.key,
                    title=table.title,
                    about=table.about,
                    columns=table.columns,
                    rows=tuple(map(_row, table.rows)),
                    empty=table.empty,
                )
                for table in shown.tables
            ),
            method=shown.method,
        )

    @api.get("/report/file")
    async def file(
        _staff: Annotated[StaffRow, Depends(whoever)], kind: Literal["csv", "pdf"], quarter: Wanted = ""
    ) -> FileOut:
        shown = await pages(quarter)
        media, made = _KINDS[kind]
        return FileOut(name=f"{shown.name}.{kind}", media=media, content=to_base64(made(shown)))

    @api.get("/network")
    async def network(staff: Annotated[StaffRow, Depends(whoever)]) -> NetworkOut:
        own = staff.organisation if may(staff.role, Action.CASES) else ""
        queues = desk.content.library.directory.network.queues
        return NetworkOut(
            hours=STUCK_HOURS,
            organisations=tuple(
                WatchedOut(
                    name=desk.name_of(each.organisation),
                    own=each.organisation == own,
                    queues=tuple(
                        WaitingOut(name=queues[one.queue].label.get("en", one.queue), cases=one.cases)
                        for one in each.queues
                    ),
                    first_answer=each.first_answer,
                    stuck=each.stuck,
                )
                for each in await desk.network(own)
            ),
        )


def _row(row: Row) -> RowOut:
    return RowOut(words=row.words, counts=row.counts, is_total=row.is_total)
