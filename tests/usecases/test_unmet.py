"""A search that finds nothing is counted without anybody in it: in memory, then in tens, once a day."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.flow.effects import NothingFit, RateService
from bot.flow.library import Library
from bot.kernel.rows import Cell
from bot.storage.counters import SqlCounters
from bot.usecases import keep_counters
from bot.usecases.keep_counters import KEPT_WEEKS, KeepCounters
from bot.usecases.report_unmet import ReportUnmet, Unmet
from tests.usecases.house import HandClock, House, number_of

NOTHING = NothingFit("shelter", "RS")


@pytest.fixture
async def house(tmp_path: Path, library: Library) -> AsyncIterator[House]:
    """An installation whose directory has no service at all."""
    bare = House(tmp_path, library)
    bare.library = replace(library, directory=library.directory.emptied(), prepared=[])
    await bare.start()
    yield bare
    await bare.close()


async def looks_for_a_doctor(house: House, address: str) -> str:
    """From "hi" to a search that finds nothing."""
    person = house.person(address)
    for text in ("hi", "1", "1"):
        await person.say(text)
    for label in ("Health", "A doctor or medicine", "Find a place", "Serbia"):
        await person.choose(label)
    return person.heard[-1]


async def counted(house: House) -> list[dict[str, object]]:
    house.clock.move(days=1)
    await house.fener.counters.write_daily()
    return await house.rows("counters")


async def test_what_people_looked_for_in_vain_is_one_number_and_no_row_says_who(house: House) -> None:
    for number in range(10):
        assert "I have no checked place" in await looks_for_a_doctor(house, f"7712{number}")

    [row] = await counted(house)

    assert row == {
        "kind": "unmet",
        "subject": "health_general",
        "detail": "RS",
        "week": "2026-W47",
        "count": 10,
    }
    for table in ("cases", "envelopes", "notes", "seen", "audit"):
        assert await house.rows(table) == []


async def test_a_message_that_comes_twice_counts_once(house: House) -> None:
    await looks_for_a_doctor(house, "77120")
    person = house.person("77121")
    for text in ("hi", "1", "1"):
        await person.say(text)
    for label in ("Health", "A doctor or medicine", "Find a place"):
        await person.choose(label)
    delivery = person.delivery(number_of("Serbia", person.heard[-1]))

    for _ in range(9):
        await person.take(delivery)

    assert await counted(house) == []


async def test_nine_people_who_find_nothing_leave_nothing_and_ten_leave_one_number(house: House) -> None:
    keeper = house.fener.counters
    for _ in range(9):
        keeper.take((NOTHING,), "telegram")
    assert await counted(house) == []

    keeper.take((NOTHING,), "whatsapp")

    assert await counted(house) == [
        {"kind": "unmet", "subject": "shelter", "detail": "RS", "week": "2026-W47", "count": 10}
    ]


async def test_what_is_counted_on_a_day_is_written_on_the_next_and_not_before(house: House) -> None:
    for _ in range(10):
        house.fener.counters.take((NOTHING,), "telegram")
    await house.fener.counters.write_daily()
    assert await house.rows("counters") == []

    assert len(await counted(house)) == 1
    assert len(await counted(house)) == 1


async def test_what_is_tried_out_in_the_simulator_is_not_counted(house: House) -> None:
    for _ in range(10):
        house.fener.counters.take((NOTHING,), "simulator")

    assert await counted(house) == []


async def test_a_database_that_is_away_for_a_day_loses_no_count(house: House) -> None:
    class Away(SqlCounters):
        async def add(self, tens: object) -> None:
            raise ConnectionError

    clock = HandClock()
    keeper = KeepCounters(counters=Away(house.fener.database), clock=clock)
    for _ in range(10):
        keeper.take((NOTHING,), "telegram")
    clock.move(hours=12)
    with pytest.raises(ConnectionError):
        await keeper.write_daily()

    keeper._counters = SqlCounters(house.fener.database)  # the database is back
    await keeper.write_daily()

    assert [row["count"] for row in await house.rows("counters")] == [10]


async def test_counts_go_after_two_years(house: House) -> None:
    for _ in range(10):
        house.fener.counters.take((NOTHING,), "telegram")
    assert len(await counted(house)) == 1

    house.clock.move(weeks=KEPT_WEEKS + 1)

    assert await counted(house) == []


async def test_a_report_shows_no_row_that_somebody_wrote_between_tens(house: House) -> None:
    store = SqlCounters(house.fener.database)
    cell = Cell("unmet", "shelter", "RS", "2026-W47")
    await store.add({cell: 20, cell._replace(detail="PT"): 10, cell._replace(week="2026-W40"): 30})
    if house.fener.database.file is not None:
        async with house.fener.database.writing() as connection:
            await connection.exec_driver_sql("PRAGMA ignore_check_constraints = 1")
            await connection.exec_driver_sql("UPDATE counters SET count = 7 WHERE detail = 'PT'")

    report = await ReportUnmet(counters=store)("2026-W41")

    assert report.cells == (Unmet("2026-W47", "shelter", "RS", 20),)
    assert report.totals == {"shelter": 20}


async def test_what_ten_people_say_of_a_service_lowers_it_for_those_who_come_later(house: House) -> None:
    told = RateService("rs-demo-lantern/legal", "turned_away")
    for _ in range(9):
        house.fener.counters.take((told,), "telegram")
    await counted(house)
    await house.fener.counters.weigh()
    assert house.fener.counters.trusted_less == {}

    house.fener.counters.take((told,), "whatsapp")
    await counted(house)
    await house.fener.counters.weigh()

    share = house.fener.counters.trusted_less[told.service]
    assert 0.6 < share < 0.7
    house.clock.move(days=360)
    await house.fener.counters.weigh()
    assert 0 < house.fener.counters.trusted_less[told.service] < share


async def test_a_server_that_runs_writes_and_weighs_by_itself_and_a_fault_does_not_end_that(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()

    class Watched(SqlCounters):
        async def of(self, kind: str) -> Mapping[Cell, int]:
            found = await super().of(kind)
            looked.set()
            return found

        async def expire(self, before: str) -> int:
            if not failed:
                failed.append(before)
                raise ConnectionError
            return await super().expire(before)

    failed: list[str] = []
    monkeypatch.setattr(keep_counters, "_LOOK_EVERY", 0.0)
    clock = HandClock()
    keeper = KeepCounters(counters=Watched(house.fener.database), clock=clock)
    for _ in range(10):
        keeper.take((RateService("rs-demo-lantern/legal", "did_not"),), "telegram")
    clock.move(days=1)
    stop = asyncio.Event()

    running = asyncio.create_task(keeper.run(stop))
    await looked.wait()
    stop.set()
    await running

    assert failed
    assert [row["count"] for row in await house.rows("counters")] == [10]
    assert keeper.trusted_less == {"rs-demo-lantern/legal": pytest.approx(0.5)}


async def test_what_is_said_of_several_services_together_lowers_none_of_them(house: House) -> None:
    store = SqlCounters(house.fener.database)
    await store.add({Cell("outcome", "*", "not_safe", "2026-W46"): 500})

    await house.fener.counters.weigh()

    assert house.fener.counters.trusted_less == {}
