"""Valkey: refused when it would write something down; sees nothing; a crash keeps nobody waiting for long."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from valkey.asyncio import Valkey

from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SealedRoutes
from bot.kernel.address import Address
from bot.kernel.errors import StartError, StorageError
from bot.kernel.ids import CaseId, Pseudonym
from bot.ports import Stored
from bot.storage.routes import SharedRoutes
from bot.storage.valkey import (
    MemoryUrl,
    ValkeyClient,
    ValkeyLocks,
    ValkeyRateLimits,
    ValkeyReplays,
    ValkeySessions,
    ValkeyTable,
    check_valkey,
    open_valkey,
)
from tests.storage.servers import free_port, running_valkey

WHO = Pseudonym("a" * 32)
KEY = bytes(32)


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[ValkeyClient]:
    opened = await open_valkey(valkey_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def admin(valkey_url: str) -> AsyncIterator[Valkey]:
    """The official client, to look behind the scenes."""
    opened = official(valkey_url)
    yield opened
    await opened.aclose()


def official(url: str) -> Valkey:
    where = MemoryUrl.parse(url)
    return Valkey(host=where.host, port=where.port)


async def refused(url: str) -> StartError:
    with pytest.raises(StartError) as refusal:
        await open_valkey(url)
    assert refusal.value.__cause__ is None
    return refusal.value


@pytest.mark.parametrize(
    ("setting", "mend"),
    [
        ("save 60 1", 'save ""'),
        ("appendonly yes", "appendonly no"),
        ("slowlog-max-len 128", "slowlog-max-len 0"),
    ],
)
@pytest.mark.servers
async def test_a_valkey_that_writes_something_down_is_refused_with_the_mend(
    client: ValkeyClient, admin: Valkey, valkey_url: str, setting: str, mend: str
) -> None:
    name, _, value = setting.partition(" ")
    good = (await admin.config_get(name))[name]
    await admin.config_set(name, value)
    try:
        refusal = await refused(valkey_url)
    finally:
        await admin.config_set(name, good)

    assert refusal.code == "memory.persists"
    assert refusal.mend.endswith(f": {mend}.")
    await check_valkey(client)


@pytest.mark.servers
async def test_everything_that_is_wrong_is_said_at_once() -> None:
    with running_valkey(save="60 1", slowlog_max_len="10", appendonly="yes") as url:
        refusal = await refused(url)

    assert refusal.mend.endswith(': save "", appendonly no, slowlog-max-len 0.')


@pytest.mark.servers
async def test_a_valkey_with_a_replica_is_refused_and_so_is_the_replica(
    admin: Valkey, valkey_url: str
) -> None:
    where = MemoryUrl.parse(valkey_url)
    with running_valkey(replicaof=f"{where.host} {where.port}") as replica_url:
        end = time.monotonic() + 10
        while (await admin.info("replication"))["connected_slaves"] == 0:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)

        assert "no replica" in (await refused(valkey_url)).mend
        assert "no replica" in (await refused(replica_url)).mend


@pytest.mark.servers
async def test_a_valkey_that_does_not_let_us_look_is_refused() -> None:
    with running_valkey(rename_command="CONFIG nothing") as url:
        assert (await refused(url)).code == "memory.unchecked"


@pytest.mark.servers
async def test_a_wrong_password_is_said_and_not_repeated() -> None:
    with running_valkey() as url:
        admin = official(url)
        await admin.config_set("requirepass", "right-password")
        await admin.aclose()

        wrong, none = await refused(url.replace("://", "://:canary-password@")), await refused(url)
        await (await open_valkey(url.replace("://", "://:right-password@"))).aclose()
        await (await open_valkey(url.replace("://", "://default:right-password@"))).aclose()

    assert (wrong.code, none.code) == ("memory.refused", "memory.refused")
    assert "canary" not in str(wrong)


async def test_a_valkey_that_is_not_there_is_said() -> None:
    assert (await refused(f"valkey://127.0.0.1:{free_port()}/0")).code == "memory.unreachable"


@pytest.mark.servers
async def test_every_call_to_a_valkey_that_went_away_raises_without_its_arguments() -> None:
    with running_valkey() as url:
        client = await open_valkey(url)
        sessions, replays = ValkeySessions(client), ValkeyReplays(client)
        limits, locks, table = ValkeyRateLimits(client), ValkeyLocks(client), ValkeyTable(client)
        assert await sessions.save(WHO, b"canary", expected=0, seconds=60)

    async def hold() -> None:
        async with locks.hold(WHO):
            pass

    for call in (
        sessions.load(WHO),
        sessions.save(WHO, b"canary", expected=1, seconds=60),
        sessions.forget(WHO),
        replays.recall(b"canary"),
        replays.keep(b"canary", b"canary", seconds=60),
        replays.forget([b"canary"]),
        limits.allow(b"canary", limit=1, seconds=1),
        table.get(b"canary"),
        table.put(b"canary", b"canary", 60),
        table.drop(b"canary"),
        hold(),
    ):
        with pytest.raises(StorageError) as failure:
            await call
        assert failure.value.code == "memory.unreachable"
        assert "canary" not in repr(failure.value)
        assert failure.value.__context__ is None
    await client.aclose()


@pytest.mark.servers
async def test_valkey_sees_neither_address_nor_case_and_keeps_nothing_for_ever(
    client: ValkeyClient, admin: Valkey
) -> None:
    case = CaseId("c" * 32)
    routes = SharedRoutes(SealedRoutes(KEY), ValkeyTable(client), SessionNames(KEY).digest)
    await routes.keep(case, Address("whatsapp", "+381600000001"), seconds=600)
    await ValkeySessions(client).save(WHO, b"sealed", expected=0, seconds=600)
    await ValkeyReplays(client).keep(b"digest", b"sealed", seconds=600)
    await ValkeyRateLimits(client).allow(b"digest", limit=3, seconds=600)

    async with ValkeyLocks(client).hold(WHO):
        keys = await admin.keys("*")
        held = b"".join([*keys, *[await admin.dump(key) or b"" for key in keys]])
        lifetimes = [await admin.ttl(key) for key in keys]

    assert len(keys) == 6
    assert b"381600000001" not in held
    assert case.encode() not in held
    assert bytes.fromhex(case) not in held
    assert all(0 < lifetime <= 600 for lifetime in lifetimes)
    await client.call("PING")
    assert len(await admin.keys("*")) == 4  # the lock left nothing


@pytest.mark.servers
async def test_a_process_that_died_in_a_turn_keeps_the_person_waiting_only_for_moments(
    client: ValkeyClient,
) -> None:
    held = 0.4
    dead, alive = ValkeyLocks(client, held), ValkeyLocks(client, held)
    gone = dead.hold(WHO)
    await gone.__aenter__()
    for timer in list(asyncio.get_running_loop()._scheduled):  # type: ignore[attr-defined]  # the process is dead: nothing is renewed
        timer.cancel()

    start = time.monotonic()
    async with asyncio.timeout(30), alive.hold(WHO):
        waited = time.monotonic() - start

    assert waited > 0.2
    await gone.__aexit__(None, None, None)


@pytest.mark.servers
async def test_a_turn_that_takes_long_keeps_its_lock(client: ValkeyClient) -> None:
    held = 0.3
    slow, next_one = ValkeyLocks(client, held), ValkeyLocks(client, held)
    entered = asyncio.Event()

    async def enter() -> None:
        async with next_one.hold(WHO):
            entered.set()

    async with slow.hold(WHO):
        waiting = asyncio.create_task(enter())
        await asyncio.sleep(4 * held)
        assert not entered.is_set()
    async with asyncio.timeout(2):
        await waiting


@pytest.mark.servers
async def test_after_valkey_forgot_its_scripts_and_connections_all_goes_on(
    client: ValkeyClient, admin: Valkey
) -> None:
    sessions = ValkeySessions(client)
    assert await sessions.save(WHO, b"one", expected=0, seconds=60)
    await admin.script_flush()
    assert await sessions.save(WHO, b"two", expected=1, seconds=60)
    async with ValkeyLocks(client).hold(WHO):
        await admin.script_flush()
    async with asyncio.timeout(2), ValkeyLocks(client).hold(WHO):
        pass
    await admin.client_kill_filter(skipme=True)
    await asyncio.sleep(0.05)

    assert await sessions.load(WHO) == Stored(b"two", 2)


@pytest.mark.servers
def test_all_of_it_works_on_the_event_loop_of_the_server(valkey_url: str) -> None:
    async def turn() -> Stored | None:
        client = await open_valkey(valkey_url)
        async with ValkeyLocks(client).hold(WHO):
            assert await ValkeyRateLimits(client).allow(b"digest", limit=1, seconds=60)
            assert await ValkeySessions(client).save(WHO, b"one", expected=0, seconds=60)
        stored = await ValkeySessions(client).load(WHO)
        await client.aclose()
        return stored

    assert uvloop.run(turn()) == Stored(b"one", 1)


@pytest.mark.servers
async def test_a_full_valkey_refuses_to_save_and_says_so(client: ValkeyClient, admin: Valkey) -> None:
    await admin.config_set("maxmemory", "1")
    try:
        with pytest.raises(StorageError) as failure:
            await ValkeyReplays(client).keep(b"digest", b"canary", seconds=60)
    finally:
        await admin.config_set("maxmemory", "0")

    assert failure.value.code == "memory.full"
    assert failure.value.__context__ is None


@pytest.mark.servers
async def test_a_call_that_was_given_up_does_not_mix_up_the_replies_of_others(client: ValkeyClient) -> None:
    replays = ValkeyReplays(client)
    for number in range(20):
        await replays.keep(b"%d" % number, b"reply %d" % number, seconds=60)

    calls = [asyncio.ensure_future(replays.recall(b"%d" % number)) for number in range(20)]
    await asyncio.sleep(0)
    for call in calls[::3]:
        call.cancel()
    done = await asyncio.gather(*calls, return_exceptions=True)

    kept = [(number, reply) for number, reply in enumerate(done) if not isinstance(reply, BaseException)]
    assert len(kept) == 13
    assert all(reply == b"reply %d" % number for number, reply in kept)


async def test_a_valkey_that_hangs_is_given_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = ValkeyClient(MemoryUrl("127.0.0.1", silent.getsockname()[1]), patience=0.1)

        async with asyncio.timeout(30):  # a hang, not a speed
            with pytest.raises(StorageError, match=r"memory\.unreachable"):
                await ValkeySessions(client).load(WHO)

        await client.aclose()


@pytest.mark.servers
async def test_a_valkey_that_stops_answering_in_the_middle_is_given_up_on() -> None:
    with running_valkey(enable_debug_command="local") as url:
        client = ValkeyClient(MemoryUrl.parse(url), patience=0.2)
        sessions = ValkeySessions(client)
        assert await sessions.save(WHO, b"one", expected=0, seconds=60)
        asleep = official(url)
        sleeping = asyncio.create_task(asleep.execute_command("DEBUG", "SLEEP", "1"))  # type: ignore[no-untyped-call]  # the library's
        await asyncio.sleep(0.05)

        with pytest.raises(StorageError, match=r"memory\.unreachable"):
            await sessions.load(WHO)

        await sleeping
        assert await sessions.load(WHO) == Stored(b"one", 1)
        await asleep.aclose()
        await client.aclose()


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("valkey://localhost", MemoryUrl("localhost")),
        ("valkey://localhost:7000", MemoryUrl("localhost", 7000)),
        ("valkey://10.0.0.1:7000/3", MemoryUrl("10.0.0.1", 7000, 3)),
        ("valkey://[::1]:7000/", MemoryUrl("::1", 7000)),
        ("valkey://fener:p%40ss@h:1/2", MemoryUrl("h", 1, 2, "fener", "p@ss")),
        ("valkey://:secret@h", MemoryUrl("h", password="secret")),
    ],
)
def test_an_address_of_a_valkey_is_understood(url: str, parsed: MemoryUrl) -> None:
    assert MemoryUrl.parse(url) == parsed


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(MemoryUrl.parse("valkey://:secret@h"))


@given(st.text() | st.text().map("valkey://{}".format))
def test_an_odd_address_is_understood_or_refused_and_never_repeated(url: str) -> None:
    parsed: MemoryUrl | None = None
    said = ""
    try:
        parsed = MemoryUrl.parse(url)
    except StartError as refusal:
        said = str(refusal)

    assert said in {"", "memory.url: FENER_MEMORY_URL must be memory:// or valkey://host:port/0."}
    assert parsed is None or (parsed.host and 0 < parsed.port < 65536)
    assert (parsed is None) == bool(said)
