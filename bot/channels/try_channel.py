"""The page `/try/` as a channel: what it sends becomes a Delivery, what a caseworker answers waits for it in memory.

A page is a random number that it made up itself and tells nobody else. The number is the person's address: it is held
here while the page is open, and goes when it leaves or has been silent for a minute.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Protocol, TypeVar

import msgspec

from bot.channels.limits import INBOUND_TEXT, PAYLOAD_BYTES
from bot.channels.rendering import clean
from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.kernel.messages import InboundMessage, OutboundMessage
from bot.ports import Channel, Delivery

PAGES: Final = 200
"""Pages open at one time; one more is told to come back later."""

SILENT_SECONDS: Final = 60.0
"""How long a page that does not ask for news is remembered."""

PATIENCE_SECONDS: Final = 5.0
"""How long a sender waits until the page says that it has the message; without that word it was not delivered."""

_MOST_WAITING: Final = 8

Asked = TypeVar("Asked", bound=msgspec.Struct)

_Number = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{32}\Z")]
_Position = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class _Enter(msgspec.Struct):
    id: _Number


class _Say(msgspec.Struct):
    id: _Number
    message_id: _Number
    text: str = ""
    tapped: str | None = None


class _Wait(msgspec.Struct):
    id: _Number
    after: _Position = 0


_enter_decoder = msgspec.json.Decoder(_Enter)
_say_decoder = msgspec.json.Decoder(_Say)
_wait_decoder = msgspec.json.Decoder(_Wait)


def parse_page(body: bytes) -> Address | None:
    """Which page asks; None when the body is malformed."""
    asked = _decoded(_enter_decoder, body)
    return Address("simulator", asked.id) if asked is not None else None


def parse_said(body: bytes) -> Delivery | None:
    """What the person typed or tapped; None when the body is malformed.

    A message's number counts only together with its page's: nobody can ask for the reply to somebody else's message.
    """
    said = _decoded(_say_decoder, body)
    if said is None:
        return None
    tapped = clean(said.tapped) if said.tapped else None
    if tapped is not None and not 0 < len(tapped.encode()) <= PAYLOAD_BYTES:
        return None
    text = "" if tapped is not None else clean(said.text)[:INBOUND_TEXT]
    message = InboundMessage("simulator", f"{said.id}.{said.message_id}", text=text, tapped=tapped)
    return Delivery(Address("simulator", said.id), message)


def parse_wait(body: bytes) -> tuple[Address, int] | None:
    """Which page asks for news, and the number of the last message it has; None when the body is malformed."""
    asked = _decoded(_wait_decoder, body)
    return (Address("simulator", asked.id), asked.after) if asked is not None else None


@dataclass(frozen=True, slots=True)
class News:
    """One message for a page; `number` counts from 1 on each page."""

    number: int
    message: OutboundMessage


class Pages(Channel, Protocol):
    """Pages that are open: what TryChannel does for one process and SharedPages for several."""

    async def enter(self, page: Address) -> bool:
        """Whether the page is known from now on."""
        ...

    async def knows(self, page: Address) -> bool:
        """Whether the page entered and is still there."""
        ...

    async def leave(self, page: Address) -> None:
        """Forget the page and what waits for it, at once."""
        ...

    async def news(self, page: Address, after: int, seconds: float) -> tuple[News, ...] | None:
        """What came for the page since message `after`, at once or within so many seconds; None: enter first."""
        ...

    def hang_up(self) -> None:
        """Answer whatever waits: the server stops."""
        ...


@dataclass(slots=True)
class _Page:
    last: int = 0
    waiting: dict[int, OutboundMessage] = field(default_factory=dict)
    collected: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    asking: int = 0  # the newest request for news; an older one ends when a newer comes
    asks: int = 0  # requests for news that are open now
    heard_at: float = 0.0
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Let whoever waits look again."""
        self.woken.set()
        self.woken = asyncio.Event()


class TryChannel:
    """Sends to pages that are open now. What a page did not collect was not delivered and stays in the mailbox.

    Pages are known to one process; where several serve them: bot.channels.shared_pages.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        pages: int = PAGES,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Take a clock in seconds that never goes back, and how many pages may be open at one time."""
        self._monotonic = monotonic
        self._limit = pages
        self._patience = patience
        self._pages: dict[Address, _Page] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._pages)

    # --- the page's side ----------------------------------------------------------------------------------

    async def enter(self, page: Address) -> bool:
        """Whether the page is known from now on; False when there are too many."""
        self._tidy()
        if page not in self._pages:
            if self._closed or len(self._pages) >= self._limit:
                return False
            self._pages[page] = _Page()
        self._pages[page].heard_at = self._monotonic()
        return True

    async def knows(self, page: Address) -> bool:
        """Whether the page entered and is still there."""
        self._tidy()
        return page in self._pages

    async def leave(self, page: Address) -> None:
        """Forget the page and what waits for it, at once."""
        self._forget(page)

    def _forget(self, page: Address) -> None:
        gone = self._pages.pop(page, None)
        if gone is not None:
            gone.wake()

    async def news(self, page: Address, after: int, seconds: float) -> tuple[News, ...] | None:
        """What came for the page since message `after`, at once or within so many seconds; None: enter first."""
        found = self._pages.get(page)
        if found is None:
            return None
        for number in [number for number in found.waiting if number <= after]:
            del found.waiting[number]
            collected = found.collected.pop(number)
            if not collected.done():
                collected.set_result(None)
        found.asking += 1
        mine = found.asking
        found.wake()
        found.asks += 1
        try:
            async with asyncio.timeout(seconds):
                while found.asking == mine and not found.waiting and self._pages.get(page) is found:
                    await found.woken.wait()
        except TimeoutError:
            pass
        finally:
            found.asks -= 1
            found.heard_at = self._monotonic()
        if self._pages.get(page) is not found:
            return None
        return tuple(News(*each) for each in found.waiting.items()) if found.asking == mine else ()

    def hang_up(self) -> None:
        """Forget every page: the server stops."""
        self._closed = True
        for page in list(self._pages):
            self._forget(page)

    # --- the sender's side: the port Channel --------------------------------------------------------------

    async def send(self, address: Address, message: OutboundMessage) -> tuple[int, ...]:
        """Hand the message to the page and wait until it has it.

        Raises SendError when the page is not open, or does not say in time that it has the message.
        """
        page = self._pages.get(address)
        if page is None or len(page.waiting) >= _MOST_WAITING:
            raise SendError("page.away", retryable=True)
        if page.asks == 0 and page.heard_at < self._monotonic() - self._patience:
            raise SendError("page.away", retryable=True)
        page.last += 1
        number = page.last
        collected = asyncio.get_running_loop().create_future()
        page.waiting[number] = message
        page.collected[number] = collected
        page.wake()
        try:
            await asyncio.wait_for(collected, self._patience)
        except TimeoutError:
            raise SendError("page.away", retryable=True) from None
        finally:
            page.waiting.pop(number, None)
            page.collected.pop(number, None)
        return ()

    async def delete(self, address: Address, message_ids: Sequence[int]) -> int:  # noqa: ARG002  # the port's
        """Nothing: a page shows what it was told until it is closed, and has no message numbers to delete by."""
        return 0

    def _tidy(self) -> None:
        silent_since = self._monotonic() - SILENT_SECONDS
        for page, each in list(self._pages.items()):
            if each.asks == 0 and each.heard_at < silent_since:
                self._forget(page)


def _decoded(decoder: msgspec.json.Decoder[Asked], body: bytes) -> Asked | None:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError):
        return None
