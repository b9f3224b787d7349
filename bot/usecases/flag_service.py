"""Somebody to whom a service was shown says that something was wrong there. Kept: which service, and the hour; nothing of them.

A flag takes nothing away from other people: the service is named last, its card says that it is being checked, and vetters
see it first. So nobody can empty the directory by flags. Who flags much, and too many at once, are not taken.
"""

from typing import Final

from bot.directory.ledger import Event
from bot.handoff.case import whole_hour
from bot.kernel.errors import ConflictError, FenerError
from bot.kernel.ids import Pseudonym
from bot.ports import Clock, RateLimits
from bot.telemetry.logs import logger
from bot.usecases.follow_directory import FollowDirectory, Release, find
from bot.usecases.keep_ledger import KeepLedger, Record

A_DAY: Final = 24 * 3600  # seconds
BY_ONE: Final = 3
"""Flags of one person a day."""

AN_HOUR: Final = 3600  # seconds
BY_ALL: Final = 20
"""Flags of everybody together an hour."""

FULL: Final = "flag.full"


class FlagService:
    """Takes a report about a service."""

    def __init__(
        self,
        *,
        release: Release,
        ledger: KeepLedger,
        directory: FollowDirectory,
        limits: RateLimits,
        clock: Clock,
    ) -> None:
        """Take the ledger, and the memory that counts how many flags there were."""
        self._release = release
        self._ledger = ledger
        self._directory = directory
        self._limits = limits
        self._clock = clock

    async def __call__(self, who: Pseudonym, name: str) -> None:
        """Flag a service that was shown to `who`. One that is flagged already, and looked into by nobody yet, stays so.

        Raises ConflictError `flag.full`: not taken; the person is told so, and led to a human.
        """
        current = await self._directory.current()
        found = find(self._release(), name)
        standing = current.standings.get(name)
        if found is None or (standing is not None and standing.flags):
            return
        if not await self._limits.allow(b"flag" + who.encode(), limit=BY_ONE, seconds=A_DAY):
            raise ConflictError(FULL)
        if not await self._limits.allow(b"flags", limit=BY_ALL, seconds=AN_HOUR):
            raise ConflictError(FULL)
        event = Event(kind="flagged", service=name, hour=whole_hour(self._clock.now()))

        def decide(_record: Record) -> Event:
            return event

        try:
            await self._ledger.write(decide)
        except FenerError as fault:
            logger().warning("directory.unflagged", reason=fault.code)
            raise ConflictError(FULL) from None
        await self._directory.look()
