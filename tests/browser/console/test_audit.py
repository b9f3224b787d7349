"""A caseworker's own browser remembers how far the audit had come."""

from pathlib import Path

import aiosqlite
import pytest
from playwright.async_api import expect

from tests.browser.console.conftest import Desks
from tests.e2e.installation import Installation

pytestmark = pytest.mark.browser


async def test_an_audit_that_lost_its_lines_is_told_to_who_signs_in_again(
    desks: Desks, tmp_path: Path
) -> None:
    async with Installation(tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation())
        await ana.start()
        banner = ana.page.locator(".banner")
        await expect(ana.page.get_by_text("Lantern Demo Centre").first).to_be_visible(timeout=15_000)
        await expect(banner).to_be_empty()

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
