"""A caseworker's own browser remembers how far the audit had come; a lead's shows who opened unusually many cases."""

from functools import partial
from pathlib import Path

import aiosqlite
import pytest
from playwright.async_api import expect

from bot.handoff.case import whole_hour
from bot.handoff.many_cases import Usual, alarm_due
from bot.installation import SystemClock
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.storage.audit import SqlAuditTrail
from bot.storage.database import open_database
from bot.storage.staff import SqlStaffRegister
from tests.browser.console.conftest import Desks
from tests.e2e.installation import Installation
from tests.usecases.house import DEMO

pytestmark = pytest.mark.browser


async def open_many(file: Path, cases: int) -> None:
    """What the one caseworker of the database leaves in the audit when they open so many cases."""
    database = await open_database(f"sqlite:///{file}", version="test")
    trail = SqlAuditTrail(database)
    [ana] = await SqlStaffRegister(database).of(DEMO)
    hour = whole_hour(SystemClock().now())
    for number in range(cases):
        entry = AuditEntry(DEMO, AuditEvent.CASE_READ, ana.id, f"{number:032x}")
        await trail.append(entry, hour, then=partial(alarm_due, entry, hour, usual=Usual()))
    await database.close()


async def test_an_audit_that_lost_its_lines_is_told_to_who_signs_in_again(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation())
        await open_many(fener.folder / "data" / "fener.db", 24)
        await ana.start()
        banner = ana.page.locator(".banner")
        await expect(ana.page.get_by_text("Lantern Demo Centre").first).to_be_visible(timeout=15_000)
        await expect(banner).to_have_text("Ana opened 24 cases within two hours. Talk to them.")

        await ana.page.get_by_role("button", name="Lock").click()
        async with aiosqlite.connect(fener.folder / "data" / "fener.db") as database:
            await database.execute("DELETE FROM audit")
            await database.commit()
        await ana.unlock()
        await expect(banner).to_contain_text("no longer stands by the audit", timeout=15_000)

        await ana.page.get_by_role("button", name="Lock").click()
        for memory in (fener.folder / "keys").rglob("audit-*"):
            memory.unlink()  # who writes the database could write there too
        await ana.unlock()
        await expect(banner).to_contain_text("audit is missing since you last signed in", timeout=15_000)
