"""A pause after something heavy: nobody is rung or given a case in it, and nobody is left alone by it."""

import pytest

from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId, CaseworkerId
from bot.storage.valkey import ValkeyReplays
from bot.storage.valkey_client import open_valkey
from bot.usecases.pauses import Pauses
from bot.usecases.take_pause import MINUTES, TakePause
from bot.web.caring import caring
from tests.usecases.house import DEMO, Caseworker, House, Person
from tests.usecases.test_bell import linked, look, quiet, urgent
from tests.usecases.test_mute import keys_in

DANGER = "I want to kill myself"


def pausing(house: House) -> TakePause:
    return caring(house.fener).pause


async def on_duty(house: House) -> int:
    [found] = [each for each in await house.fener.staffing.now() if each.organisation == DEMO]
    return found.on_duty


async def a_case(house: House, *, urgent: bool = False) -> tuple[Person, CaseId]:
    sam = house.person()
    await sam.hand_over()
    if urgent:
        await sam.say(DANGER)
    return sam, (await house.case()).id


@pytest.mark.parametrize("minutes", MINUTES)
async def test_who_takes_a_pause_is_not_on_duty_until_it_is_over_and_then_is_again(
    house: House, minutes: int
) -> None:
    ana = await house.caseworker("Ana")
    assert await on_duty(house) == 1

    ends = await pausing(house)(ana.row, minutes)

    assert ends == int(house.clock.now().timestamp()) + minutes * 60
    assert await on_duty(house) == 0
    house.clock.move(minutes=minutes, seconds=6)  # what is told of duty is a few seconds old
    await on_duty(house)
    house.clock.move(seconds=6)
    assert await on_duty(house) == 1


async def test_no_case_comes_to_who_takes_a_pause_and_a_colleague_takes_it(house: House) -> None:
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    _, case = await a_case(house)
    await pausing(house)(ana.row, 15)

    with pytest.raises(RefusedError, match=r"case\.pause"):
        await house.fener.staff.claim(ana.row, case)
    with pytest.raises(RefusedError, match=r"case\.pause"):
        await ana.reply(case, "answering takes it too")

    assert (await house.fener.staff.claim(mina.row, case)).claimed_by == mina.row.id


async def test_one_is_back_before_the_time_as_soon_as_one_says_so(house: House) -> None:
    ana = await house.caseworker("Ana")
    _, case = await a_case(house)
    await pausing(house)(ana.row, 60)

    await pausing(house).end(ana.row)

    assert await on_duty(house) == 1
    assert (await house.fener.staff.claim(ana.row, case)).claimed_by == ana.row.id


async def test_what_comes_in_a_pause_can_be_read_after_it(house: House) -> None:
    """Three colleagues: a case is sealed to those on duty. Who is away for a quarter of an hour is one of them."""
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    await house.caseworker("Zoe", role="caseworker", on_duty=False)
    await pausing(house)(ana.row, 15)

    _, case = await a_case(house)

    for worker in (ana, mina):
        summary, _ = await worker.read(case)
        assert summary.note


async def test_nobody_begins_a_pause_with_a_case_that_is_needed_now(house: House) -> None:
    ana = await house.caseworker("Ana")
    _, case = await a_case(house, urgent=True)
    await house.fener.staff.claim(ana.row, case)

    with pytest.raises(RefusedError, match=r"pause\.urgent"):
        await pausing(house)(ana.row, 15)
    assert await on_duty(house) == 1

    await caring(house.fener).step_back(ana.row, case, None)
    await pausing(house)(ana.row, 15)
    assert await on_duty(house) == 0


async def test_a_case_that_becomes_urgent_in_a_pause_goes_back_to_the_queue_by_itself(house: House) -> None:
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    sam, case = await a_case(house)
    await house.fener.staff.claim(ana.row, case)
    await pausing(house)(ana.row, 15)

    await sam.say(DANGER)

    row = await house.case()
    assert (row.status, row.claimed_by, row.urgency) == ("waiting", None, "now")
    _, messages = await mina.read(case)
    assert DANGER in [each.text for each in messages]
    lines = [str(row["line"]) for row in await house.rows("audit")]
    assert any("case.returned" in line and '"system"' in line for line in lines)


async def test_a_case_that_becomes_urgent_stays_with_who_is_there(house: House) -> None:
    ana = await house.caseworker("Ana")
    sam, case = await a_case(house)
    await house.fener.staff.claim(ana.row, case)

    await sam.say(DANGER)

    assert (await house.case()).claimed_by == ana.row.id


async def test_a_colleague_takes_over_what_somebody_who_is_away_left_and_only_that(house: House) -> None:
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    _, case = await a_case(house)
    await house.fener.staff.claim(ana.row, case)
    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await house.fener.staff.claim(mina.row, case)

    await pausing(house)(ana.row, 15)

    assert (await house.fener.staff.claim(mina.row, case)).claimed_by == mina.row.id
    await pausing(house).end(ana.row)
    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await house.fener.staff.claim(ana.row, case)


async def test_one_answers_ones_own_case_in_a_pause_if_one_wants_to(house: House) -> None:
    ana = await house.caseworker("Ana")
    _, case = await a_case(house)
    await house.fener.staff.claim(ana.row, case)
    await pausing(house)(ana.row, 15)

    assert (await ana.reply(case, "I am back soon")).delivered


@pytest.mark.parametrize("minutes", [0, -5, 10, 61, 600])
async def test_a_pause_is_one_of_a_few_lengths(house: House, minutes: int) -> None:
    ana = await house.caseworker("Ana")

    with pytest.raises(RefusedError, match=r"pause\.minutes"):
        await pausing(house)(ana.row, minutes)


async def test_nothing_on_the_disk_says_that_somebody_took_a_pause_and_a_restart_ends_it(
    house: House,
) -> None:
    ana = await house.caseworker("Ana")
    before = {table: await house.rows(table) for table in ("audit", "staff")}

    await pausing(house)(ana.row, 60)

    assert {table: await house.rows(table) for table in before} == before
    await house.restart()
    assert await on_duty(house) == 1


async def test_an_enrolled_stranger_takes_none(house: House) -> None:
    await house.founded()
    eve = await house.applicant("Eve", organisation=house.lead.organisation, role="caseworker")

    with pytest.raises(RefusedError, match=r"keyring\.member"):
        await pausing(house)(eve.row, 15)


async def test_everybody_may_be_away_and_a_person_still_gets_into_the_queue(house: House) -> None:
    workers: list[Caseworker] = [await house.caseworker(name) for name in ("Ana", "Mina")]
    for worker in workers:
        await pausing(house)(worker.row, 30)

    _, case = await a_case(house)

    assert (await house.case()).status == "waiting"
    for worker in workers:
        summary, _ = await worker.read(case)
        assert summary.note


async def test_the_bell_leaves_who_takes_a_pause_alone_and_rings_the_others(house: House) -> None:
    """Leads are rung for what is urgent whether or not they are on duty, but not in a pause."""
    ana = await linked(house, await house.caseworker("Ana"), "9001")
    await linked(house, await house.caseworker("Mina"), "9002")
    await quiet(house)
    await pausing(house)(ana.row, 30)
    await a_case(house)
    await urgent(house)

    assert await look(house) == ["9002"]
    assert "9001" not in await look(house, minutes=11)


@pytest.mark.servers
async def test_a_pause_in_valkey_is_sealed_and_leaves_nothing_behind(valkey_url: str) -> None:
    client = await open_valkey(valkey_url)
    pauses = Pauses(kept=ValkeyReplays(client), memory_key=b"k" * 32)
    assert await pauses.set(CaseworkerId("ana"), now=1000, minutes=15) == 1900
    [key] = await keys_in(client)
    value = await client.call("GET", key)

    assert isinstance(value, bytes)
    assert b"ana" not in key + value
    assert (1900).to_bytes(8, "big") not in value
    assert await pauses.until(CaseworkerId("ana"), 1899) == 1900
    assert await pauses.until(CaseworkerId("ana"), 1900) is None
    assert await pauses.until(CaseworkerId("mina"), 1000) is None
    await pauses.lift(CaseworkerId("ana"))
    assert await keys_in(client) == []
    await client.aclose()
