"""Who takes a pause now, and until when: in memory only, by a keyed digest, so that nobody can count anybody's pauses.

A pause ends by itself, and when the server starts anew. No line of the audit and no row of the database says that there was one.
"""

from typing import Final

from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SessionSeal
from bot.kernel.ids import CaseworkerId
from bot.ports import Replays

_MINUTE: Final = 60


class Pauses:
    """Times in whole seconds since 1970."""

    def __init__(self, *, kept: Replays, memory_key: bytes) -> None:
        """Take a memory that forgets, and the memory-only key: what is kept means nothing after a restart."""
        self._kept = kept
        self._names = SessionNames(memory_key)
        self._seal = SessionSeal(memory_key, "pause")

    async def until(self, staff: CaseworkerId, now: int) -> int | None:
        """When the pause of a caseworker ends; None when they take none."""
        name = self._names.digest("pause", staff)
        sealed = await self._kept.recall(name)
        found = self._seal.open(sealed, name) if sealed else None
        ends = int.from_bytes(found, "big") if found else 0
        return ends if ends > now else None

    async def set(self, staff: CaseworkerId, *, now: int, minutes: int) -> int:
        """Pause for whole minutes from now; when it ends."""
        name = self._names.digest("pause", staff)
        ends = now + minutes * _MINUTE
        await self._kept.keep(name, self._seal.seal(ends.to_bytes(8, "big"), name), seconds=minutes * _MINUTE)
        return ends

    async def lift(self, staff: CaseworkerId) -> None:
        """End it at once."""
        await self._kept.forget([self._names.digest("pause", staff)])
