"""Ways to break things around a turn, each undone at the end. Faults of drivers repeat a number, as real ones do."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from bot.crypto.pseudonym import Fingerprinter
from bot.kernel.address import Address
from bot.kernel.ids import Pseudonym
from bot.storage.valkey_client import ValkeyClient
from tests.faults.provider import Hang, Misbehaviour
from tests.faults.scene import IMPATIENT, NUMBER, PATIENCE, WORDS, Scene

Breaks = Callable[[Scene], AbstractAsyncContextManager[object]]


@asynccontextmanager
async def nothing(_scene: Scene) -> AsyncIterator[None]:
    """All is well; what is done is the fault."""
    yield


# --- the provider ----------------------------------------------------------------------------------------


def api(what: str, misbehaviour: Misbehaviour) -> Breaks:
    """Calls of one kind are answered so."""

    @asynccontextmanager
    async def broken(scene: Scene) -> AsyncIterator[None]:
        scene.provider.fails[what] = misbehaviour
        yield
        del scene.provider.fails[what]

    return broken


def once(misbehaviour: Misbehaviour) -> Misbehaviour:
    """The first call only; later ones go through."""
    left = [misbehaviour]
    return lambda request, call: left.pop()(request, call) if left else "pass"


def api_hangs(what: str) -> Breaks:
    """Calls of one kind are never answered."""

    @asynccontextmanager
    async def broken(scene: Scene) -> AsyncIterator[None]:
        scene.provider.fails[what] = Hang(scene.provider)
        scene.wait_for_providers(IMPATIENT)
        yield
        scene.wait_for_providers(PATIENCE)
        scene.provider.hanging.set()
        del scene.provider.fails[what]

    return broken


# --- the database ----------------------------------------------------------------------------------------


def every_connection(prepare: Callable[[sqlite3.Cursor], object], undo: str = "") -> Breaks:
    """Do this with each connection before it is used; `undo` afterwards."""

    @asynccontextmanager
    async def broken(scene: Scene) -> AsyncIterator[None]:
        engine = scene.fener.database._engine.sync_engine
        active = [True]

        @event.listens_for(engine, "checkout")
        def checkout(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: object) -> None:
            cursor: Any = connection.cursor()
            if active[0]:
                prepare(cursor)
            elif undo:
                cursor.execute(undo)
            cursor.close()

        yield
        active[0] = False

    return broken


def fails_with(fault: Exception) -> Breaks:
    """Every connection fails so, with a person in its words."""

    def fail(_cursor: sqlite3.Cursor) -> None:
        raise fault

    return every_connection(fail)


def sql(statement: str, undo: str = "") -> Breaks:
    """Somebody, or a bad sector, changed the tables."""

    @asynccontextmanager
    async def broken(scene: Scene) -> AsyncIterator[None]:
        await scene.write(statement)
        yield
        if undo:
            await scene.write(undo)

    return broken


@asynccontextmanager
async def locked(scene: Scene) -> AsyncIterator[None]:
    """Another process holds the database."""
    async with every_connection(
        lambda cursor: cursor.execute("PRAGMA busy_timeout = 30"), "PRAGMA busy_timeout = 5000"
    )(scene):
        other = sqlite3.connect(scene.folder / "fener.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()


# --- Valkey ----------------------------------------------------------------------------------------------


def valkey(answers: Callable[[bytes], bytes | None]) -> Breaks:
    """Valkey answers so; None hangs up."""

    @asynccontextmanager
    async def broken(scene: Scene) -> AsyncIterator[None]:
        sessions: Any = scene.fener.memory.sessions
        client: ValkeyClient = sessions._client
        await scene.fener.memory.ping()  # what the turn before left to be sent is through
        client._patience = IMPATIENT
        if client._link is not None:
            client._link._patience = IMPATIENT
        scene.unruly.answers = answers
        yield
        scene.unruly.answers = None
        client._patience = PATIENCE
        if client._link is not None:
            client._link.close()

    return broken


# --- ourselves -------------------------------------------------------------------------------------------


class BrokenOnPurpose(Exception):  # noqa: N818 - told apart from everything real
    """A fault of ours, with a person in its words."""


class Raises:
    """In place of a part: whatever is asked of it fails, with what was asked in its words."""

    def __init__(self, part: object, *methods: str, only: str = "") -> None:
        self._part = part
        self._methods = methods
        self._only = only

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._part, name)
        if name not in self._methods:
            return real

        def fail(*given: object, **named: object) -> Any:
            if self._only and not any(str(each).startswith(self._only) for each in given):
                return real(*given, **named)
            raise BrokenOnPurpose(f"{given} {named} {NUMBER} {WORDS}")

        return fail


def content(part: str, *methods: str, only: str = "") -> Breaks:
    """A part of the content in force is broken."""

    @asynccontextmanager
    async def broken(scene: Scene) -> AsyncIterator[None]:
        held = scene.fener.content
        whole = held._library
        fault: dict[str, Any] = {part: Raises(getattr(whole, part), *methods, only=only)}
        held._library = replace(whole, prepared=[], **fault)
        yield
        held._library = whole

    return broken


class NoMemory(Fingerprinter):
    """Argon2 gets no 46 MiB."""

    def compute(self, who: Pseudonym, address: Address) -> bytes:
        assert who
        raise MemoryError(f"cannot allocate for {address.reveal()}")


@asynccontextmanager
async def out_of_memory(scene: Scene) -> AsyncIterator[None]:
    """The machine is full."""
    recognise: Any = scene.fener.turns._recognise
    real = recognise._fingerprinter
    recognise._fingerprinter = NoMemory(scene.fener.keys.salt)
    yield
    recognise._fingerprinter = real


def clock(**units: float) -> Breaks:
    """The machine's clock jumps, and stays there."""

    @asynccontextmanager
    async def broken(scene: Scene) -> AsyncIterator[None]:
        scene.clock.move(**units)
        yield

    return broken
