"""Which weekly key was whose before, as digests: kept for who has the server's keys, and only for a time."""

from dataclasses import replace

import pytest

from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import ReplacedKey
from bot.ports import Invite, StaffRow
from bot.storage.database import Database
from bot.storage.replaced_keys import SqlReplacedKeys
from bot.storage.retention import SqlRetention
from bot.storage.staff import SqlStaffRegister
from tests.ports.examples import HOUR, a_caseworker, an_id


@pytest.fixture
def replaced(database: Database) -> SqlReplacedKeys:
    return SqlReplacedKeys(database)


async def enrolled(database: Database) -> StaffRow:
    register, token, row = SqlStaffRegister(database), an_id().encode(), a_caseworker()
    await register.invite(Invite(token, row.organisation, row.role, 2))
    assert await register.redeem(token, 1, row)
    [found] = [each for each in await register.of(row.organisation) if each.id == row.id]
    return found


def a_key(digest: bytes, staff: CaseworkerId, until: int = HOUR) -> ReplacedKey:
    return ReplacedKey(digest, staff, until)


async def test_each_caseworkers_keys_are_told_apart(database: Database, replaced: SqlReplacedKeys) -> None:
    robin, alex = await enrolled(database), await enrolled(database)
    for key in (a_key(b"1", robin.id), a_key(b"2", robin.id), a_key(b"3", alex.id)):
        await replaced.keep(key)

    assert await replaced.of(robin.id) == {b"1", b"2"}
    assert await replaced.of(alex.id) == {b"3"}
    assert await replaced.of(CaseworkerId("nobody")) == set()


async def test_what_is_remembered_already_stays_whose_it_is(
    database: Database, replaced: SqlReplacedKeys
) -> None:
    robin, alex = await enrolled(database), await enrolled(database)
    await replaced.keep(a_key(b"1", robin.id))

    await replaced.keep(a_key(b"1", alex.id))

    assert await replaced.of(robin.id) == {b"1"}
    assert await replaced.of(alex.id) == set()


async def test_those_who_left_are_told_while_a_key_of_theirs_is_remembered(
    database: Database, replaced: SqlReplacedKeys
) -> None:
    robin, alex, kim = [await enrolled(database) for _ in range(3)]
    for each in (robin, alex):
        await replaced.keep(a_key(each.id.encode(), each.id))
    assert await replaced.leavers() == []

    register = SqlStaffRegister(database)
    for each in (robin, kim):
        await register.write(replace(each, active=False))

    assert await replaced.leavers() == [replace(robin, active=False)]


async def test_a_key_is_forgotten_at_its_hour_which_is_only_ever_moved_nearer(
    database: Database, replaced: SqlReplacedKeys, retention: SqlRetention
) -> None:
    robin, alex = await enrolled(database), await enrolled(database)
    for key in (a_key(b"1", robin.id), a_key(b"2", robin.id, HOUR + 9), a_key(b"3", alex.id, HOUR + 9)):
        await replaced.keep(key)

    await replaced.shorten(robin.id, HOUR + 1)

    assert await retention.expire_access(now=HOUR * 3600 - 1) == 0
    assert await retention.expire_access(now=HOUR * 3600) == 1
    assert await replaced.of(robin.id) == {b"2"}
    assert await retention.expire_access(now=(HOUR + 1) * 3600) == 1
    assert await replaced.of(alex.id) == {b"3"}
