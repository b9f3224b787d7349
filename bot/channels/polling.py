"""Telegram's long polling, so that nothing acknowledged can be lost.

Telegram hands an update out again until a later call's offset passes it. The offset here moves only past updates
that were processed: the library's own loop confirms a batch before anyone looked at it. Rules:

- One person's updates run one after the other, in order; other people do not wait: while something still runs or is
  held back, new updates are fetched behind it.
- An update that cannot be done now (`handle` answers False, or raises one of our errors that may pass, such as
  StorageError) is tried again with growing pauses for as long as Telegram keeps it, 24 hours. The same person's
  later updates wait behind it.
- An update that breaks the code (any other exception) is tried `Pace.tries` times, then given up: acknowledged and
  passed to `give_up`, so that the person can be asked to send it again. One poisoned message silences nobody.
- When Telegram's window of 100 is full and most of it is done, the first that still fails keeps everybody else's
  messages out; it may do so twice, then it is given up too. While most are held (the database is away), none is.
- A webhook found at the start is removed; one that appears later was set by a newer copy and is left alone.
- The offset is forgotten when Telegram has nothing waiting: after a quiet week update ids start again at random, and
  an old offset would confirm new, lower ids unseen.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.channels.limits import TELEGRAM_BATCH
from bot.channels.telegram import Update
from bot.kernel.address import Address
from bot.kernel.errors import FenerError, RefusedError, SendError, StartError

Handle = Callable[[Update], Awaitable[bool]]
"""Process one update; True when it is done and may be acknowledged."""

GiveUp = Callable[[Update], Awaitable[None]]
"""Told about an update that is acknowledged undone."""

Report = Callable[[str, str], None]
"""Takes an event name and a mend for the operator (may be empty), once per spell of trouble.

Events: polling.conflict, polling.refused, polling.unreachable, polling.throttled, polling.recovered, polling.held, polling.given_up.
"""

_T = TypeVar("_T")
_IN_THE_WAY = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds and tries of the loop."""

    long_poll: float = 25.0  # one fetch waits this long for news
    running: float = 0.25  # between fetches while a turn runs
    held: float = 1.0  # between fetches while an update is held back
    first_pause: float = 1.0  # after a failure; doubles
    longest_pause: float = 20.0
    turn: float = 60.0  # a turn that takes longer is cut off and counts as broken
    last_word: float = 5.0  # for running turns when we stop
    tries: int = 5  # of an update that breaks the code


class Source(Protocol):
    """What the loop needs of a TelegramChannel."""

    async def remove_webhook(self) -> None:
        """Go back to polling."""
        ...

    async def updates(self, offset: int, *, wait: float) -> list[Update]:
        """Updates from `offset` on; confirms all before it (0: none)."""
        ...


async def poll(
    source: Source,
    handle: Handle,
    stop: asyncio.Event,
    *,
    report: Report = lambda _event, _mend: None,
    give_up: GiveUp | None = None,
    pace: Pace = Pace(),
) -> None:
    """Fetch and process updates until `stop` is set. Raises StartError when the token never worked."""
    desk = _Desk(handle, report, give_up, pace)
    line = _Line(source, report, pace)
    try:
        while not stop.is_set():
            fetched = await line.fetch(desk.offset, stop, wait=0.0 if desk.busy else pace.long_poll)
            if fetched is not None:
                desk.take(fetched)
                await desk.work(stop)
        await desk.finish(pace.last_word)
        if desk.offset:
            with suppress(FenerError, TimeoutError):  # the last confirmation; without it they only come twice
                await asyncio.wait_for(source.updates(desk.offset, wait=0.0), pace.last_word)
    finally:
        await desk.finish(0.0)


class _Line:
    """The connection to Telegram, with its troubles: each pauses the next fetch and is reported once a spell."""

    def __init__(self, source: Source, report: Report, pace: Pace) -> None:
        self._source = source
        self._report = report
        self._pace = pace
        self._polling = False
        self._proved = False  # the token worked once: a refusal later may pass
        self._trouble = ""
        self._failures = 0

    async def fetch(self, offset: int, stop: asyncio.Event, *, wait: float) -> list[Update] | None:
        """The next updates; None when there was trouble (then the pause is over) or we stop."""
        try:
            if not self._polling:
                await _unless(stop, self._source.remove_webhook())
                self._polling = not stop.is_set()
            fetched = await _unless(stop, self._source.updates(offset, wait=wait))
        except SendError as fault:
            kind = "throttled" if fault.after else "unreachable"
            await self._wait_out(kind, "", stop, at_least=fault.after)
        except StartError as fault:
            conflict = fault.code == "telegram.conflict"
            if not conflict and not self._proved:
                raise
            await self._wait_out("conflict" if conflict else "refused", fault.mend, stop)
        else:
            self._proved = self._proved or fetched is not None
            if self._failures and fetched is not None:
                self._report("polling.recovered", "")
                self._trouble, self._failures = "", 0
            return fetched
        return None

    async def _wait_out(self, kind: str, mend: str, stop: asyncio.Event, at_least: float = 0.0) -> None:
        if kind != self._trouble:
            self._report(f"polling.{kind}", mend)
        self._trouble = kind
        self._failures += 1
        await _pause(max(_growing(self._failures, self._pace), at_least), stop)


@dataclass(slots=True)
class _Held:
    """An update that is not done yet.

    `broken` counts the times it broke the code, `in_the_way` the failures while it kept other people's updates out.
    """

    update: Update
    failures: int = 0
    broken: int = 0
    in_the_way: int = 0
    not_before: float = 0.0


class _Desk:
    """Updates between fetched and acknowledged: one queue a person."""

    def __init__(self, handle: Handle, report: Report, give_up: GiveUp | None, pace: Pace) -> None:
        self.offset = 0
        self._handle = handle
        self._report = report
        self._give_up = give_up
        self._pace = pace
        self._queues: dict[Address | None, deque[_Held]] = {}
        self._running: dict[Address | None, asyncio.Task[None]] = {}
        self._waiting: set[int] = set()  # fetched and not done
        self._done: set[int] = set()  # done, and perhaps not yet confirmed
        self._in_trouble = False
        self._choked = False  # Telegram's window is full, and most of it is done

    @property
    def busy(self) -> bool:
        """Whether anything is not done yet."""
        return bool(self._waiting)

    def take(self, fetched: list[Update]) -> None:
        """Queue what is new, in the order of the ids."""
        if not fetched and not self._waiting:
            self.offset = 0
            self._done.clear()
        fresh = [each for each in fetched if each.id not in self._waiting and each.id not in self._done]
        for update in sorted(fresh, key=lambda each: each.id):
            if update.who is None and not update.query:
                self._done.add(update.id)  # of a kind that we do not know
            else:
                self._waiting.add(update.id)
                self._queues.setdefault(update.who, deque()).append(_Held(update))
        mostly_done = len(self._waiting) * 2 <= TELEGRAM_BATCH
        self._choked = len(fetched) >= TELEGRAM_BATCH and not fresh and mostly_done

    async def work(self, stop: asyncio.Event) -> None:
        """Run queues for a moment: until all is done, or others should be looked after meanwhile."""
        busy = bool(self._running or self._startable())
        until = _now() + (self._pace.running if busy else self._pace.held)
        while self._waiting and not stop.is_set() and (left := until - _now()) > 0:
            for who in self._startable():
                self._running[who] = asyncio.create_task(self._run(who))
            if self._running:
                await asyncio.wait(self._running.values(), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            else:
                await _pause(left, stop)
        self._move_offset()

    async def finish(self, patience: float) -> None:
        """Let what runs end, then cut it off: it is not acknowledged and comes again."""
        if self._running:
            _, late = await asyncio.wait(self._running.values(), timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._move_offset()

    def _startable(self) -> list[Address | None]:
        now = _now()
        return [
            who
            for who, queue in self._queues.items()
            if who not in self._running and queue[0].not_before <= now
        ]

    async def _run(self, who: Address | None) -> None:
        """Work through one person's queue until it is empty or its head must wait."""
        queue = self._queues[who]
        try:
            while queue and await self._settled(queue[0]):
                self._finished(queue.popleft())
        finally:
            del self._running[who]
            if not queue:
                del self._queues[who]

    async def _settled(self, held: _Held) -> bool:
        """Whether the update may be acknowledged: it is done, or given up."""
        try:
            async with asyncio.timeout(self._pace.turn):
                if await self._handle(held.update):
                    return True
        except (SendError, RefusedError) as fault:
            held.broken += not (isinstance(fault, SendError) and fault.retryable)
        except FenerError:
            pass  # may pass: tried again for as long as Telegram keeps it
        except Exception:  # noqa: BLE001 - one person's message must not end the loop for all
            held.broken += 1
        held.in_the_way += self._choked and held.update.id == min(self._waiting)
        if held.broken >= self._pace.tries or held.in_the_way >= _IN_THE_WAY:
            await self._abandon(held)
            return True
        held.failures += 1
        held.not_before = _now() + _growing(held.failures, self._pace)
        if not self._in_trouble:
            self._in_trouble = True
            self._report("polling.held", "")
        return False

    async def _abandon(self, held: _Held) -> None:
        self._report("polling.given_up", "")
        if self._give_up is not None:
            with suppress(Exception):  # telling the person is a courtesy; whatever broke may break it too
                await self._give_up(held.update)

    def _finished(self, held: _Held) -> None:
        self._waiting.discard(held.update.id)
        self._done.add(held.update.id)
        if not self._waiting:
            self._in_trouble = False

    def _move_offset(self) -> None:
        """Telegram may forget all before the first that is not done."""
        if self._waiting:
            self.offset = min(self._waiting)
            self._done = {number for number in self._done if number > self.offset}
        elif self._done:
            self.offset = max(self._done) + 1
            self._done.clear()


async def _unless(stop: asyncio.Event, call: Coroutine[None, None, _T]) -> _T | None:
    """The call's answer, or None when `stop` comes first; the call is then cut off."""
    running = asyncio.create_task(call)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        return await running if running.done() else None
    finally:
        stopping.cancel()
        if not running.done():
            running.cancel()
        await asyncio.gather(stopping, running, return_exceptions=True)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _growing(failures: int, pace: Pace) -> float:
    return min(pace.first_pause * 2.0 ** min(failures - 1, 16), pace.longest_pause)


def _now() -> float:
    return asyncio.get_running_loop().time()
