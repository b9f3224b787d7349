"""How many people may begin a conversation in one minute, so that a flood of strangers leaves those inside their place."""

from typing import Final

from bot.ports import Clock

IN_A_MINUTE: Final = 30_000
"""In one process; far above any real day, and below what one process does without a queue."""

_MINUTE: Final = 60


class Newcomers:
    """Counts who begins, in whole minutes; nobody is named. Who is in a conversation is never counted."""

    __slots__ = ("_clock", "_count", "_limit", "_minute")

    def __init__(self, clock: Clock, limit: int = IN_A_MINUTE) -> None:
        """Take a clock, and how many may begin in a minute."""
        self._clock = clock
        self._limit = limit
        self._minute = 0
        self._count = 0

    def may_begin(self) -> bool:
        """Count one more; whether there was room."""
        minute = int(self._clock.now().timestamp()) // _MINUTE
        if minute != self._minute:
            self._minute, self._count = minute, 0
        self._count += 1
        return self._count <= self._limit
