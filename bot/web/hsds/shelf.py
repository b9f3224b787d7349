"""The public directory as it stands now: worked out when it changes and once a day, page by page and away from conversations."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import Final, TypeVar

from bot.directory.hsds.published import Published
from bot.directory.hsds.vocabulary import Object
from bot.directory.matching import Directory
from bot.nlu.normalise import fold
from bot.ports import Clock, RateLimits

CALLS_A_MINUTE: Final = 1200
"""Of everybody together: nobody's address is looked at."""

WHOLE_LISTS_A_MINUTE: Final = 30

_MINUTE: Final = 60
_KEPT_PAGES: Final = 64
_LARGEST_KEPT: Final = 256 * 1024  # bytes
_AT_ONCE: Final = 25  # records made without letting conversations in

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Printed:
    """An answer's body and its tag: the same body, the same tag."""

    body: bytes
    tag: str


class Shelf:
    """Hands out the public directory. Everything that takes time is done in one thread, one piece after the other."""

    def __init__(
        self, *, directory: Callable[[], Awaitable[Directory]], clock: Clock, limits: RateLimits, demo: bool
    ) -> None:
        """`directory` gives it as it stands, without what was suspended meanwhile: the same object until it changes.

        `demo`: whether fictitious records are shown, which is only right where nobody outside can write to us.
        """
        self._directory = directory
        self._clock = clock
        self._limits = limits
        self._demo = demo
        self._one = asyncio.Lock()
        self._now: tuple[Directory, Published] | None = None
        self._pages: OrderedDict[Hashable, Printed] = OrderedDict()

    async def lets_in(self, *, whole: bool = False) -> bool:
        """Whether there have not been too many calls within a minute."""
        if whole and not await self._limits.allow(
            b"hsds whole lists", limit=WHOLE_LISTS_A_MINUTE, seconds=_MINUTE
        ):
            return False
        return await self._limits.allow(b"hsds", limit=CALLS_A_MINUTE, seconds=_MINUTE)

    async def today(self) -> Published:
        """What everybody may know today (UTC), as the directory stands now."""
        async with self._one:
            directory = await self._directory()
            day = self._clock.now().astimezone(UTC).date()
            if self._now is None or self._now[0] is not directory or self._now[1].today != day:
                made = await asyncio.to_thread(Published.build, directory, day, fold=fold, demo=self._demo)
                self._now = directory, made
                self._pages.clear()
            return self._now[1]

    async def page(
        self, published: Published, key: Hashable, make: Callable[[], Object | None]
    ) -> Printed | None:
        """The body under `key`, made when it is first asked for; None when there is nothing of the kind."""
        async with self._one:
            current = self._now is not None and self._now[1] is published
            if current and key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
            printed = await asyncio.to_thread(_printed, make)
            if printed is not None and current and len(printed.body) <= _LARGEST_KEPT:
                self._pages[key] = printed
                if len(self._pages) > _KEPT_PAGES:
                    self._pages.popitem(last=False)
            return printed

    async def lines(
        self, choose: Callable[[], Sequence[_Item]], make: Callable[[_Item], Object]
    ) -> AsyncIterator[bytes]:
        """Every item as a line of JSON, some at a time."""
        async with self._one:
            items = await asyncio.to_thread(choose)
        for at in range(0, len(items), _AT_ONCE):
            async with self._one:
                block = await asyncio.to_thread(_lines, items[at : at + _AT_ONCE], make)
            yield block


def _printed(make: Callable[[], Object | None]) -> Printed | None:
    made = make()
    if made is None:
        return None
    body = as_bytes(made)
    return Printed(body, f'"{sha256(body).hexdigest()[:32]}"')


def _lines(items: Sequence[_Item], make: Callable[[_Item], Object]) -> bytes:
    return b"".join(as_bytes(make(each)) + b"\n" for each in items)


def as_bytes(made: Object) -> bytes:
    """JSON without spaces, letters as they are."""
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
