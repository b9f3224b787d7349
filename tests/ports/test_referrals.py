"""Both sides of referrals in the database: found by their case, replaced only as they were read, gone with their case."""

from dataclasses import replace

import pytest

from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseId
from bot.kernel.rows import ReferralRow
from bot.ports import CaseRow
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import Database
from bot.storage.referrals import SqlReferrals
from tests.ports.examples import a_case, an_envelope


@pytest.fixture
def referrals(database: Database) -> SqlReferrals:
    return SqlReferrals(database)


@pytest.fixture
async def case(queue: SqlCaseQueue) -> CaseRow:
    opened = a_case()
    await queue.open(opened, an_envelope(opened), [])
    return opened


def a_row(case: CaseRow, row: str = "a" * 32) -> ReferralRow:
    return ReferralRow(row, case.id, b"sealed")


async def test_a_side_is_found_by_its_case_and_by_its_id(referrals: SqlReferrals, case: CaseRow) -> None:
    first, second = a_row(case), a_row(case, "b" * 32)
    await referrals.add(first)
    await referrals.add(second)

    assert list(await referrals.of(case.id)) == [first, second]
    assert await referrals.of(CaseId("c" * 32)) == []
    assert await referrals.find(second.id) == second
    assert await referrals.find("d" * 32) is None
    assert list(await referrals.everything()) == [first, second]


async def test_a_side_is_replaced_only_as_it_was_read(referrals: SqlReferrals, case: CaseRow) -> None:
    row = a_row(case)
    await referrals.add(row)
    changed = replace(row, sealed=b"other")
    await referrals.write(changed, expected=row)

    with pytest.raises(ConflictError):
        await referrals.write(replace(row, sealed=b"third"), expected=row)
    assert await referrals.find(row.id) == changed


async def test_an_id_is_taken_once(referrals: SqlReferrals, case: CaseRow) -> None:
    await referrals.add(a_row(case))

    with pytest.raises(ConflictError):
        await referrals.add(replace(a_row(case), sealed=b"other"))
    assert [each.sealed for each in await referrals.everything()] == [b"sealed"]


async def test_a_side_goes_with_its_case(referrals: SqlReferrals, desk: SqlCaseDesk, case: CaseRow) -> None:
    await referrals.add(a_row(case))

    await desk.erase(case.organisation, case.id)

    assert await referrals.everything() == []
