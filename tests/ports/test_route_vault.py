from bot.kernel.address import Address
from bot.kernel.ids import CaseId
from tests.ports.conftest import Memory

CASE = CaseId("a" * 32)
OTHER_CASE = CaseId("b" * 32)
ADDRESS = Address("whatsapp", "+381600000001")


async def test_a_case_without_a_route_has_none(memory: Memory) -> None:
    assert await memory.routes.find(CASE) is None


async def test_the_way_back_is_found_while_it_is_live(memory: Memory) -> None:
    await memory.routes.keep(CASE, ADDRESS, seconds=60)

    assert await memory.routes.find(CASE) == ADDRESS
    assert await memory.routes.find(OTHER_CASE) is None


async def test_a_later_route_replaces_the_earlier_one(memory: Memory) -> None:
    later = Address("telegram", "770000001")
    await memory.routes.keep(CASE, ADDRESS, seconds=60)

    await memory.routes.keep(CASE, later, seconds=60)

    assert await memory.routes.find(CASE) == later


async def test_a_route_is_destroyed_at_once_and_others_stay(memory: Memory) -> None:
    await memory.routes.keep(CASE, ADDRESS, seconds=60)
    await memory.routes.keep(OTHER_CASE, ADDRESS, seconds=60)

    await memory.routes.forget(CASE)
    await memory.routes.forget(CASE)

    assert await memory.routes.find(CASE) is None
    assert await memory.routes.find(OTHER_CASE) == ADDRESS


async def test_a_route_ends_by_itself(memory: Memory) -> None:
    await memory.routes.keep(CASE, ADDRESS, seconds=1)

    await memory.pass_time(1.1)

    assert await memory.routes.find(CASE) is None
