"""How caseworkers are rung, kept beside them and gone with them."""

from dataclasses import replace

import pytest

from bot.kernel.errors import StorageError
from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import Way
from bot.ports import Invite, StaffRow
from bot.storage.database import Database
from bot.storage.staff import SqlStaffRegister
from bot.storage.ways import SqlWays
from tests.ports.examples import a_caseworker, an_id


@pytest.fixture
def ways(database: Database) -> SqlWays:
    return SqlWays(database)


async def enrolled(database: Database) -> StaffRow:
    register, token, row = SqlStaffRegister(database), an_id().encode(), a_caseworker()
    await register.invite(Invite(token, row.organisation, row.role, 2))
    assert await register.redeem(token, 1, row)
    [found] = [each for each in await register.of(row.organisation) if each.id == row.id]
    return found


def a_way(staff: StaffRow, sealed: bytes = b"sealed") -> Way:
    return Way(an_id(), staff.id, "email", sealed)


async def test_each_caseworkers_ways_are_their_own(database: Database, ways: SqlWays) -> None:
    robin, alex = await enrolled(database), await enrolled(database)
    first, second, third = a_way(robin), a_way(robin), a_way(alex)
    for way in (first, second, third):
        await ways.keep(way)

    assert sorted(await ways.of([robin.id]), key=lambda each: each.id) == sorted(
        [first, second], key=lambda each: each.id
    )
    assert len(await ways.of([robin.id, alex.id])) == 3
    assert await ways.of([]) == []


async def test_a_way_is_taken_out_by_its_caseworker_only(database: Database, ways: SqlWays) -> None:
    robin, alex = await enrolled(database), await enrolled(database)
    way = a_way(robin)
    await ways.keep(way)

    assert not await ways.forget(alex.id, way.id)
    assert await ways.of([robin.id]) == [way]
    assert await ways.forget(robin.id, way.id)
    assert not await ways.forget(robin.id, way.id)
    assert await ways.of([robin.id]) == []


async def test_who_leaves_is_rung_in_no_way_any_more(database: Database, ways: SqlWays) -> None:
    robin, alex = await enrolled(database), await enrolled(database)
    for way in (a_way(robin), a_way(alex)):
        await ways.keep(way)

    await SqlStaffRegister(database).write(replace(robin, active=False))

    assert [each.staff for each in await ways.of([robin.id, alex.id])] == [alex.id]


async def test_a_way_of_nobody_is_refused(database: Database, ways: SqlWays) -> None:
    way = replace(a_way(await enrolled(database)), staff=CaseworkerId("nobody"))

    with pytest.raises(StorageError):
        await ways.keep(way)
