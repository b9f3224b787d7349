"""A table in memory whose entries end by themselves, in steps that no caller notices."""

import asyncio
import heapq
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

import msgspec

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_STEP: Final = (
    8.0  # seconds that share a bucket: an ended entry is unreachable at once and gone within this time
)
_AT_ONCE: Final = (
    32  # ended entries removed by one call, so that a million that end together slow nobody's turn
)


class _Entry(msgspec.Struct, Generic[V], gc=False):
    """A value and its end. Not looked at by the garbage collector: there may be millions, and nothing leads back here."""

    value: V
    ends: float


class ExpiringTable(Generic[K, V]):
    """At most `limit` values under keys, each until its end; when full, the one that ends soonest goes first.

    Every operation takes the same time with ten entries and with a million: entries stand in buckets by the time
    they end, and each `put` removes more ended ones than it adds. Also when nobody writes, what ended is gone soon.
    """

    __slots__ = ("_buckets", "_entries", "_limit", "_monotonic", "_order", "_step", "_timer")

    def __init__(self, monotonic: Callable[[], float], limit: int, step: float = _STEP) -> None:
        """Take a clock in seconds that never goes back, and how many entries there may be.

        `step` is how many seconds an ended entry, which nobody finds any more, may still be in memory.
        """
        self._monotonic = monotonic
        self._limit = limit
        self._step = step
        self._timer: asyncio.TimerHandle | None = None
        self._entries: dict[K, _Entry[V]] = {}
        self._buckets: dict[float, set[K]] = {}
        self._order: list[float] = []  # heap of the buckets' numbers

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value, or None when there is none or it ended."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.ends <= self._monotonic():
            self.drop(key)
            return None
        return entry.value

    def put(self, key: K, value: V, seconds: float) -> None:
        """Keep `value` for so long, in place of what was there."""
        now = self._monotonic()
        ends = now + seconds
        entry = self._entries.get(key)
        if entry is None:
            if len(self._entries) >= self._limit:
                self._drop_soonest()
            self._entries[key] = _Entry(value, ends)
            self._into(ends // self._step, key)
        else:
            before, bucket = entry.ends // self._step, ends // self._step
            if before != bucket:
                self._out_of(before, key)
                self._into(bucket, key)
            entry.value = value
            entry.ends = ends
        if self._order[0] < now // self._step:
            self.sweep(_AT_ONCE)
        if self._timer is None:
            self._come_back(self._step)

    def drop(self, key: K) -> None:
        """Forget the value at once."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._out_of(entry.ends // self._step, key)

    def sweep(self, most: int = _AT_ONCE) -> int:
        """Remove up to `most` entries of buckets that lie wholly in the past; how many went."""
        now = self._monotonic() // self._step
        gone = 0
        while gone < most and self._order and self._order[0] < now:
            keys = self._buckets.get(self._order[0])
            if not keys:
                self._buckets.pop(heapq.heappop(self._order), None)
                continue
            del self._entries[keys.pop()]
            gone += 1
        return gone

    def _come_back(self, seconds: float) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # used outside an event loop: the next `put` sweeps
        self._timer = loop.call_later(seconds, self._clean)

    def _clean(self) -> None:
        self._timer = None
        gone = self.sweep(_AT_ONCE)
        if self._entries:
            self._come_back(0 if gone == _AT_ONCE else self._step)

    def _drop_soonest(self) -> None:
        while self._order:
            keys = self._buckets.get(self._order[0])
            if keys:
                del self._entries[keys.pop()]
                return
            self._buckets.pop(heapq.heappop(self._order), None)

    def _into(self, bucket: float, key: K) -> None:
        keys = self._buckets.get(bucket)
        if keys is None:
            self._buckets[bucket] = {key}
            heapq.heappush(self._order, bucket)
        else:
            keys.add(key)

    def _out_of(self, bucket: float, key: K) -> None:
        # An emptied bucket stays until its time comes or it is at the head: its number is in the heap.
        self._buckets[bucket].discard(key)
