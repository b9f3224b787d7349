"""The page `/try/` where several processes serve it: they meet in the memory store, which sees only sealed bytes.

A page that entered at one process may speak, wait and leave at any other, and an answer sent in any of them reaches it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from bot.channels.try_channel import PAGES, PATIENCE_SECONDS, SILENT_SECONDS, News, Pages, TryChannel
from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SessionSeal
from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.kernel.messages import OutboundMessage

_LOOK_SECONDS: Final = 0.3
_OPEN: Final = b"open"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[int, OutboundMessage])


class SealedTable(Protocol):
    """Sealed bytes under digests, for a time: bot.storage.valkey.ValkeyTable."""

    async def put(self, digest: bytes, sealed: bytes, seconds: int) -> None:
        """Keep bytes for so long, in place of what was there."""
        ...

    async def get(self, digest: bytes) -> bytes | None:
        """The bytes, or None."""
        ...

    async def drop(self, digest: bytes) -> None:
        """Forget at once."""
        ...


def open_pages(monotonic: Callable[[], float], table: SealedTable | None, memory_key: bytes) -> Pages:
    """The try page's channel: in this process alone, or over the table that several share."""
    return TryChannel(monotonic) if table is None else SharedPages(monotonic, table, memory_key)


class SharedPages:
    """As TryChannel, for every process that shares the table. One message waits for a page at a time.

    Whoever waits asks the table a few times a second, so a process lets `pages` wait, each once: a newer wait of the same
    page ends the one before. Messages are numbered by the clock, so that a page drops what it has already, whoever hands it over.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        table: SealedTable,
        memory_key: bytes,
        *,
        pages: int = PAGES,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Take a clock in seconds that the processes share, the table, and the memory-only key they share."""
        self._limit = pages
        self._waits: dict[Address, object] = {}  # the newest wait of each page that asks this process
        self._monotonic = monotonic
        self._table = table
        self._names = SessionNames(memory_key)
        self._seal = SessionSeal(memory_key, "page")
        self._patience = patience
        self._last = 0
        self._closing = asyncio.Event()

    # --- the page's side ----------------------------------------------------------------------------------

    async def enter(self, page: Address) -> bool:
        """Whether the page is known from now on; False while the server stops or too many wait here."""
        if self._closing.is_set() or not self._has_room(page):
            return False
        await self._table.put(self._key("open", page), _OPEN, int(SILENT_SECONDS))
        return True

    async def knows(self, page: Address) -> bool:
        """Whether the page entered, at any process, and is still there."""
        return await self._table.get(self._key("open", page)) is not None

    async def leave(self, page: Address) -> None:
        """Forget the page and what waits for it, at once."""
        for what in ("open", "posted", "taken"):
            await self._table.drop(self._key(what, page))

    async def news(self, page: Address, after: int, seconds: float) -> tuple[News, ...] | None:
        """What came for the page since message `after`, at once or within so many seconds; None: enter first."""
        if not await self.knows(page) or not self._has_room(page):
            return None
        mine = self._waits[page] = object()
        try:
            return await self._news(page, after, seconds, mine)
        finally:
            if self._waits.get(page) is mine:
                del self._waits[page]

    async def _news(self, page: Address, after: int, seconds: float, mine: object) -> tuple[News, ...] | None:
        await self._table.put(self._key("open", page), _OPEN, int(seconds + SILENT_SECONDS))
        end = self._monotonic() + seconds
        while not self._closing.is_set():
            posted = await self._posted(page)
            if posted is not None and posted.number > after:
                return (posted,)
            if posted is not None:
                await self._table.put(self._key("taken", page), b"%d" % posted.number, int(SILENT_SECONDS))
                await self._table.drop(self._key("posted", page))
            if self._monotonic() >= end:
                return () if await self.knows(page) else None
            if self._waits.get(page) is not mine:
                return ()
            await self._pause(_LOOK_SECONDS)
        return None

    def hang_up(self) -> None:
        """Answer whatever waits here: this process stops."""
        self._closing.set()

    # --- the sender's side: the port Channel --------------------------------------------------------------

    async def send(self, address: Address, message: OutboundMessage) -> tuple[int, ...]:
        """Post the message for the page and wait until it has it, wherever it asks.

        Raises SendError when the page is not open, or does not say in time that it has the message.
        """
        if not await self.knows(address):
            raise SendError("page.away", retryable=True)
        self._last = max(self._last + 1, int(self._monotonic() * 1000))
        number, posted = self._last, self._key("posted", address)
        sealed = self._seal.seal(_encoder.encode((number, message)), posted)
        await self._table.put(posted, sealed, int(SILENT_SECONDS))
        end = self._monotonic() + self._patience
        while await self._table.get(self._key("taken", address)) != b"%d" % number:
            if self._monotonic() >= end or self._closing.is_set():
                await self._table.drop(posted)
                raise SendError("page.away", retryable=True)
            await self._pause(_LOOK_SECONDS / 3)
        return ()

    async def delete(self, address: Address, message_ids: Sequence[int]) -> int:  # noqa: ARG002  # the port's
        """Nothing: a page shows what it was told until it is closed, and has no message numbers to delete by."""
        return 0

    def _has_room(self, page: Address) -> bool:
        return page in self._waits or len(self._waits) < self._limit

    # --- what is shared -----------------------------------------------------------------------------------

    async def _posted(self, page: Address) -> News | None:
        key = self._key("posted", page)
        sealed = await self._table.get(key)
        opened = self._seal.open(sealed, key) if sealed else None
        if opened is None:
            return None
        try:
            return News(*_decoder.decode(opened))
        except msgspec.MsgspecError:
            return None

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    def _key(self, what: str, page: Address) -> bytes:
        return self._names.digest(f"page {what}", self._names.of(page))
