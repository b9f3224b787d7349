"""The quick way to ask gives the same answers as the proper way, or none."""

import asyncio
import time
from pathlib import Path

import pytest

from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import open_database
from bot.storage.glance import SqliteGlance, postgres_glance
from bot.storage.keyrings import SqlKeyrings
from tests.ports.examples import a_case, an_envelope, closed
from tests.storage.servers import free_port


async def test_a_glance_knows_at_once_what_was_committed(database_url: str) -> None:
    database = await open_database(database_url)
    queue, desk = SqlCaseQueue(database, time.monotonic), SqlCaseDesk(database)
    case = a_case(pseudonym=b"mine")
    assert await database.glance.knows([b"mine"]) is False

    await queue.open(case, an_envelope(case), [])
    assert await database.glance.knows([b"other", b"mine"]) is True
    assert await database.glance.knows([b"other"]) is False
    assert await database.glance.knows([]) is False

    await desk.write(closed(case), expected=case)
    assert await database.glance.knows([b"mine"]) is False
    await database.close()


async def test_a_glance_names_the_organisations_with_a_keyring(database_url: str) -> None:
    database = await open_database(database_url)
    assert await database.glance.organisations() == []

    for organisation in ("demo-lantern", "demo-harbour"):
        await SqlKeyrings(database).append(organisation, b"root", expected=0)

    assert await database.glance.organisations() == ["demo-harbour", "demo-lantern"]
    await database.close()


async def test_many_may_glance_at_once(database_url: str) -> None:
    database = await open_database(database_url)
    queue = SqlCaseQueue(database, time.monotonic)
    case = a_case(pseudonym=b"mine")
    await queue.open(case, an_envelope(case), [])

    found = await asyncio.gather(*(queue.find([b"mine" if number % 2 else b"other"]) for number in range(30)))

    assert found == [[], [case]] * 15
    await database.close()


async def test_a_person_with_very_many_possible_names_is_found_all_the_same(database_url: str) -> None:
    database = await open_database(database_url)
    queue = SqlCaseQueue(database, time.monotonic)
    case = a_case(pseudonym=b"mine")
    await queue.open(case, an_envelope(case), [])

    assert await queue.find([*(b"%d" % number for number in range(2000)), b"mine"]) == [case]
    await database.close()


async def test_a_glance_that_cannot_look_says_nothing(tmp_path: Path) -> None:
    sqlite = SqliteGlance(tmp_path / "missing.db")
    postgres = postgres_glance(f"postgresql://fener@127.0.0.1:{free_port()}/fener", 0.5)

    for glance in (sqlite, postgres):
        assert await glance.knows([b"mine"]) is None
        assert await glance.organisations() is None
        await glance.close()
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.servers
async def test_a_glance_that_is_closed_may_be_closed_again(empty_postgres_url: str) -> None:
    database = await open_database(empty_postgres_url)
    assert await database.glance.knows([b"mine"]) is False

    await database.close()
    await database.glance.close()
