"""All stores that may vanish, opened together: in this process, or in a Valkey that writes nothing down."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bot.crypto.keys import ServerKeys
from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SealedRoutes
from bot.ports import RateLimits, Replays, RouteVault, SessionStore, TurnLocks
from bot.storage.memory import MemoryLocks, MemoryRateLimits, MemoryReplays, MemorySessions
from bot.storage.routes import MemoryRoutes, SealedTable, SharedRoutes


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that may vanish; nothing here reaches a disk."""

    sessions: SessionStore
    replays: Replays
    locks: TurnLocks
    limits: RateLimits
    routes: RouteVault
    ping: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]]
    pages: SealedTable | None = None


async def open_memory(url: str, keys: ServerKeys) -> Memory:
    """The stores that may vanish: in this process, or in a Valkey that writes nothing down. Raises StartError."""
    seal = SealedRoutes(keys.memory_key)
    if url == "memory://":
        return Memory(
            sessions=MemorySessions(time.monotonic),
            replays=MemoryReplays(time.monotonic),
            locks=MemoryLocks(),
            limits=MemoryRateLimits(time.monotonic),
            routes=MemoryRoutes(seal, time.monotonic),
            ping=_nothing,
            close=_nothing,
        )
    from bot.storage.valkey import (
        ValkeyLocks,
        ValkeyRateLimits,
        ValkeyReplays,
        ValkeySessions,
        ValkeyTable,
        check_valkey,
        open_valkey,
    )

    client = await open_valkey(url)

    return Memory(
        sessions=ValkeySessions(client),
        replays=ValkeyReplays(client),
        locks=ValkeyLocks(client),
        limits=ValkeyRateLimits(client),
        routes=SharedRoutes(seal, ValkeyTable(client), SessionNames(keys.memory_key).digest),
        ping=partial(check_valkey, client),
        close=client.aclose,
        pages=ValkeyTable(client),
    )


async def _nothing() -> None:
    return None
