"""Return routes: the way back to a person, sealed, in memory only, for a limited time.

The one module of storage that may hold an Address, and it holds one only between sealing and its caller.
"""

from collections.abc import Callable
from typing import Final, Protocol

from bot.kernel.address import Address
from bot.kernel.ids import CaseId
from bot.storage.expiring import ExpiringTable

ROUTES: Final = 100_000
"""Routes of one process; beyond, the one that ends soonest goes."""

_PURPOSE: Final = "route"


class RouteSeal(Protocol):
    """Seals addresses under a key that exists in memory only: bot.crypto.vault.SealedRoutes."""

    def seal_route(self, address: Address, owner: str) -> bytes:
        """The address sealed for `owner`; every route has the same length."""
        ...

    def open_route(self, sealed: bytes, owner: str) -> Address | None:
        """The address, or None when it is another owner's or from before a restart."""
        ...


class MemoryRoutes:
    """Return routes in the memory of one process."""

    __slots__ = ("_seal", "_table")

    def __init__(self, seal: RouteSeal, monotonic: Callable[[], float], limit: int = ROUTES) -> None:
        """Take what seals addresses, and a clock in seconds that never goes back."""
        self._seal = seal
        self._table: ExpiringTable[CaseId, bytes] = ExpiringTable(monotonic, limit)

    async def keep(self, case: CaseId, address: Address, *, seconds: int) -> None:
        """Seal the way back to the person; a later one replaces it."""
        self._table.put(case, self._seal.seal_route(address, case), seconds)

    async def find(self, case: CaseId) -> Address | None:
        """The way back while it is live."""
        sealed = self._table.get(case)
        return None if sealed is None else self._seal.open_route(sealed, case)

    async def forget(self, case: CaseId) -> None:
        """Destroy the route at once."""
        self._table.drop(case)


class SealedTable(Protocol):
    """Sealed bytes under digests, shared by several processes: bot.storage.valkey.ValkeyTable."""

    async def put(self, digest: bytes, sealed: bytes, seconds: int) -> None:
        """Keep sealed bytes for so long, in place of what was there."""
        ...

    async def get(self, digest: bytes) -> bytes | None:
        """The sealed bytes, or None."""
        ...

    async def drop(self, digest: bytes) -> None:
        """Forget at once."""
        ...


class SharedRoutes:
    """Return routes that several processes share in Valkey; it sees neither address nor case."""

    __slots__ = ("_digest", "_seal", "_table")

    def __init__(self, seal: RouteSeal, table: SealedTable, digest: Callable[[str, str], bytes]) -> None:
        """Take what seals addresses, the table, and the keyed digest of bot.crypto.pseudonym.SessionNames."""
        self._seal = seal
        self._table = table
        self._digest = digest

    async def keep(self, case: CaseId, address: Address, *, seconds: int) -> None:
        """Seal the way back to the person; a later one replaces it."""
        await self._table.put(self._name(case), self._seal.seal_route(address, case), seconds)

    async def find(self, case: CaseId) -> Address | None:
        """The way back while it is live."""
        sealed = await self._table.get(self._name(case))
        return None if sealed is None else self._seal.open_route(sealed, case)

    async def forget(self, case: CaseId) -> None:
        """Destroy the route at once."""
        await self._table.drop(self._name(case))

    def _name(self, case: CaseId) -> bytes:
        return self._digest(_PURPOSE, case)
