"""Old lines of the audit go; nobody can make the server take its own deed for a fault, or a fault for its own deed."""

import json
from collections.abc import Awaitable, Callable, Mapping

import pytest

from bot.crypto.checkpoint import Span
from bot.crypto.keys import ServerKeys
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.storage.audit import SqlAuditTrail, first_break
from bot.usecases.vouch_for_audit import VouchForAudit
from tests.usecases.house import DEMO, House

Deed = Callable[[House], Awaitable[object]]


async def write_lines(house: House, count: int) -> None:
    trail = SqlAuditTrail(house.fener.database)
    for _ in range(count):
        await trail.append(AuditEntry(DEMO, AuditEvent.CASE_READ, "operator"), whole_hour(house.clock.now()))


async def positions(house: House) -> list[int]:
    return [json.loads(line)["position"] for line in await SqlAuditTrail(house.fener.database).chain(DEMO)]


def vouch(house: House, keys: ServerKeys | None = None) -> VouchForAudit:
    trail = SqlAuditTrail(house.fener.database)
    return VouchForAudit(audit=trail, keys=keys or house.fener.keys, clock=house.clock)


@pytest.fixture
async def old(house: House) -> House:
    """Six lines of which the first three are older than a year; the server has seen them all."""
    await write_lines(house, 3)
    await house.fener.purge()
    house.clock.move(days=300)
    await write_lines(house, 3)
    await house.fener.purge()
    house.clock.move(days=66)
    return house


async def test_lines_go_after_a_year_and_the_chain_that_stays_is_vouched_for(old: House) -> None:
    purged = await old.fener.purge()

    assert await positions(old) == [3, 4, 5]
    assert purged.broken == 0
    assert (await old.fener.purge()).broken == 0
    await vouch(old)(DEMO)


async def older(house: House) -> None:
    await house.write("UPDATE audit SET hour = 1")


async def elsewhere(house: House) -> None:
    await house.write("UPDATE audit SET position = position - 100")


async def rewritten(house: House) -> None:
    """Every line says that it is old; only the last is what the server remembers."""
    for at, line in enumerate(await SqlAuditTrail(house.fener.database).chain(DEMO)):
        if at < 5:
            changed = json.dumps({**json.loads(line), "hour": 1}).encode()
            await house.write("UPDATE audit SET line = :line WHERE position = :at", line=changed, at=at)


@pytest.mark.parametrize("deed", [older, elsewhere, rewritten])
async def test_who_writes_the_database_cannot_have_the_server_delete_what_is_not_old(
    old: House, deed: Deed
) -> None:
    await deed(old)

    for _ in range(2):
        await old.fener.purge()

    left = await SqlAuditTrail(old.fener.database).chain(DEMO)
    assert len(left) >= 3
    assert {json.loads(line)["position"] for line in left} >= {3, 4, 5}


async def test_a_crash_between_remembering_and_deleting_is_no_fault(old: House) -> None:
    trail = vouch(old)
    before = whole_hour(old.clock.now()) - 365 * 24
    assert await trail.begin_later(await trail.look(), before=before) == {DEMO: 3}

    await trail(DEMO)
    assert await positions(old) == [0, 1, 2, 3, 4, 5]  # nothing was deleted yet
    assert (await old.fener.purge()).broken == 0
    assert await positions(old) == [3, 4, 5]


async def test_lines_that_somebody_took_before_their_time_are_not_forgiven_by_those_that_go(
    old: House,
) -> None:
    await old.fener.purge()
    await old.write("DELETE FROM audit WHERE position < 5")

    assert (await old.fener.purge()).broken == 1
    assert (await old.fener.purge()).broken == 1
    with pytest.raises(RefusedError, match=r"audit\.broken"):
        await vouch(old)(DEMO)


async def test_lines_written_while_somebody_asks_are_no_fault(old: House) -> None:
    """Between the asker's two looks a line came, and the hourly job remembered it."""

    class SlowTrail(SqlAuditTrail):
        async def spans(self, organisation: str | None = None) -> Mapping[str, Span]:
            found = await super().spans(organisation)
            await write_lines(old, 1)
            await vouch(old).look()
            return found

    slow = VouchForAudit(audit=SlowTrail(old.fener.database), keys=old.fener.keys, clock=old.clock)

    await slow(DEMO)
    assert await slow.look() == {}
    assert first_break(await SqlAuditTrail(old.fener.database).chain(DEMO)) is None
