"""What each organisation's bell remembers, sealed in memory: minutes of handoffs never reach a disk.

Written by compare and set: of several processes that look at the same minute, one rings. After a restart nothing is remembered,
and whatever waits rings at once.
"""

from typing import Final

import msgspec

from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SessionSeal
from bot.handoff.ringing import Ringing
from bot.kernel.ids import Pseudonym
from bot.ports import SessionStore

SECONDS: Final = 8 * 24 * 3600
"""How long a bell that nothing changes is remembered."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Ringing)


class RememberRings:
    """Loads and saves one organisation's bell."""

    def __init__(self, *, sessions: SessionStore, memory_key: bytes) -> None:
        """Take a memory that forgets and compares, and the memory-only key: what is kept means nothing after a restart."""
        self._sessions = sessions
        self._names = SessionNames(memory_key)
        self._seal = SessionSeal(memory_key, "bell")

    async def load(self, organisation: str) -> tuple[Ringing | None, int]:
        """What is remembered, and its version: None and 0 when nothing is."""
        name = self._name(organisation)
        stored = await self._sessions.load(name)
        if stored is None:
            return None, 0
        opened = self._seal.open(stored.sealed, name.encode())
        try:
            return (_decoder.decode(opened) if opened is not None else None), stored.version
        except msgspec.DecodeError:
            return None, stored.version

    async def save(self, organisation: str, state: Ringing, *, expected: int) -> bool:
        """Remember it in place of version `expected`; False when another process was faster."""
        name = self._name(organisation)
        sealed = self._seal.seal(_encoder.encode(state), name.encode())
        return await self._sessions.save(name, sealed, expected=expected, seconds=SECONDS)

    def _name(self, organisation: str) -> Pseudonym:
        return Pseudonym(self._names.digest("bell", organisation).hex())
