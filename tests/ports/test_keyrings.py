import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.kernel.errors import ConflictError
from bot.storage.database import Database
from bot.storage.keyrings import SqlKeyrings
from tests.ports.conftest import Opener
from tests.ports.examples import an_id


@pytest.fixture
def keyrings(database: Database) -> SqlKeyrings:
    return SqlKeyrings(database)


async def test_an_organisation_starts_without_a_keyring(keyrings: SqlKeyrings) -> None:
    assert await keyrings.entries("demo-lantern") == []
    assert await keyrings.organisations() == []


async def test_entries_stay_in_order_and_apart(keyrings: SqlKeyrings) -> None:
    for number in range(12):
        await keyrings.append("demo-lantern", b"entry %d" % number, expected=number)
    await keyrings.append("demo-harbour", b"theirs", expected=0)

    assert await keyrings.entries("demo-lantern") == [b"entry %d" % number for number in range(12)]
    assert await keyrings.entries("demo-harbour") == [b"theirs"]
    assert await keyrings.organisations() == ["demo-harbour", "demo-lantern"]


@pytest.mark.parametrize("expected", [0, 2, 9])
async def test_an_entry_for_another_place_in_the_chain_is_refused(
    keyrings: SqlKeyrings, expected: int
) -> None:
    await keyrings.append("demo-lantern", b"root", expected=0)

    with pytest.raises(ConflictError, match=r"keyring\.changed"):
        await keyrings.append("demo-lantern", b"late", expected=expected)

    assert await keyrings.entries("demo-lantern") == [b"root"]


async def test_of_two_leads_who_sign_at_once_one_is_told_to_read_again(
    opener: Opener, keyrings: SqlKeyrings
) -> None:
    both = [keyrings, SqlKeyrings(await opener())]

    done = await asyncio.gather(
        *(both[number % 2].append("demo-lantern", b"%d" % number, expected=0) for number in range(6)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, ConflictError) for result in done) == 5
    assert await keyrings.entries("demo-lantern") == [b"%d" % done.index(None)]


@given(entry=st.binary(max_size=3000))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_bytes_an_entry_holds_come_back_unchanged(keyrings: SqlKeyrings, entry: bytes) -> None:
    organisation = an_id()

    await keyrings.append(organisation, entry, expected=0)

    assert await keyrings.entries(organisation) == [entry]
