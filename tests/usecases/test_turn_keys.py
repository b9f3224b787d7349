"""Two machines on one database, with a keys folder each: the one that lacks the key in force harms nobody."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.cli.readiness import epoch_findings
from bot.crypto.epochs import EPOCH, MADE_AHEAD, epoch_number, epoch_start
from bot.flow.library import Library
from bot.kernel.errors import StartError, StorageError
from bot.settings import Settings
from bot.storage.epoch_ledger import SqlEpochLedger
from bot.telemetry.logs import set_up_logs
from bot.web.application import application
from bot.wiring import build
from tests.usecases.house import DEMO, House
from tests.web.test_console_api import HERE, _running


@pytest.fixture
async def other(house: House, library: Library) -> AsyncIterator[House]:
    """A second machine: the same database, and a copy of the keys as they are now."""
    await house.fener.turn_keys()
    second = House(house.folder, library)
    second.keys_dir, second.clock = house.folder / "keys of the other", house.clock
    shutil.copytree(house.keys_dir, second.keys_dir)
    await second.start()
    await second.fener.turn_keys()
    yield second
    await second.close()


def next_key(house: House) -> Path:
    return house.keys_dir / f"epoch-{epoch_number(house.clock.now())}.key"


async def a_month_later(house: House) -> None:
    """The first machine turned its keys over; somebody is on duty there."""
    house.clock.move(days=EPOCH.days)
    await house.fener.turn_keys()
    await house.caseworker()


async def test_where_the_key_in_force_is_missing_no_case_is_opened_and_information_goes_on(
    house: House, other: House
) -> None:
    await a_month_later(house)
    sam = other.person()
    assert "1" in await sam.say("hi")  # nothing that needs no key is taken from them

    await sam.say("1")
    await sam.say("1")
    await sam.say("9")
    await sam.choose("Papers or a lawyer")
    await sam.choose("Yes")
    with pytest.raises(StorageError, match=r"keys\.behind"):
        await sam.say("I slept at the station again")

    assert await house.rows("cases") == []
    assert not next_key(other).exists()


async def test_once_the_key_is_copied_it_works_without_a_restart_and_finds_the_others_cases(
    house: House, other: House
) -> None:
    await a_month_later(house)
    await house.person("88123").hand_over()
    with pytest.raises(StorageError, match=r"keys\.behind"):
        await other.fener.turn_keys.when_due()

    shutil.copy(next_key(house), next_key(other))
    with pytest.raises(StorageError, match=r"keys\.behind"):
        await other.fener.turn_keys.when_due()  # a folder is not looked into at every message
    other.clock.move(minutes=1)

    found = await other.person("88123").say("hello again")
    assert "added" in found.casefold() or (await house.case()).sequence == 2


async def test_the_address_for_proxies_says_that_this_machine_cannot_take_people(
    house: House, other: House
) -> None:
    await a_month_later(house)
    for machine, status, said in ((house, 200, "ok"), (other, 503, "keys.behind")):
        transport = httpx.ASGITransport(application(machine.fener, _running))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["keys"]) == (status, said)


async def test_a_start_without_the_key_in_force_is_refused_with_what_to_copy(
    house: House, other: House
) -> None:
    house.clock.move(days=EPOCH.days)
    await house.fener.turn_keys()
    settings = Settings(data_dir=other.folder, keys_dir=other.keys_dir, demo=True)
    await other.fener.close()
    await other.start()

    with pytest.raises(StartError, match=r"keys\.behind") as refused:
        await build(settings, other.library, other.fener.keys, clock=other.clock)

    mend = refused.value.mend
    assert f"copy {next_key(house).name} there" in mend
    assert str(other.keys_dir) in mend
    assert "fener db trust-keys" in mend
    assert mend.endswith(".")


async def test_the_operator_hears_a_week_before_what_is_to_be_copied(
    house: House, other: House, capsys: pytest.CaptureFixture[str]
) -> None:
    begins = epoch_start(epoch_number(house.clock.now()) + 1)
    house.clock.move(seconds=(begins - MADE_AHEAD - house.clock.now()).total_seconds())
    set_up_logs("info")
    assert (await house.fener.turn_keys()).made == (epoch_number(begins),)
    capsys.readouterr()

    turned = await other.fener.turn_keys()

    assert (turned.made, turned.behind) == ((), epoch_number(begins))
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(each["event"], each["epoch"]) for each in told] == [("keys.behind", epoch_number(begins))]
    recorded = await SqlEpochLedger(other.fener.database).recorded()
    [finding] = epoch_findings(other.fener.keys, recorded, other.clock.now())
    assert finding.level == "warn"
    assert f"{begins:%Y-%m-%d}" in finding.said
    assert f"epoch-{epoch_number(begins)}.key" in finding.mend
    house.clock.move(days=MADE_AHEAD.days)
    [finding] = epoch_findings(other.fener.keys, recorded, other.clock.now())
    assert finding.level == "fail"
    assert list(epoch_findings(house.fener.keys, recorded, house.clock.now())) == []


async def test_what_the_database_records_says_nothing_about_the_key(house: House) -> None:
    await house.caseworker()
    await house.person().hand_over()
    [key, *_] = house.fener.keys.epochs(house.clock.now()).accepted
    told = (house.folder / "fener.db").read_bytes() + (house.folder / "fener.db-wal").read_bytes()

    assert key.secret not in told
    assert house.fener.keys.fingerprint(key.number, key.secret) in told
    assert (await house.case()).organisation == DEMO


async def test_turns_that_come_at_once_at_the_turn_of_an_epoch_all_go_through(house: House) -> None:
    await house.caseworker()
    people = [house.person(f"7712{number}") for number in range(4)]
    for person in people:
        await person.hand_over()
    house.clock.move(days=EPOCH.days)

    await asyncio.gather(*(person.say("still here") for person in people))

    assert [row["number"] for row in await house.rows("epochs")] == [
        epoch_number(house.clock.now()) - 1,
        epoch_number(house.clock.now()),
    ]
