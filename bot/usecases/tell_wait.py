"""What a person may be told of waiting: their true place, how long most waited lately, whether it is too long by now."""

from datetime import datetime, timedelta
from typing import Final

from bot.crypto.keys import ServerKeys
from bot.handoff.case import CaseStatus
from bot.handoff.ringing import Ringing, Wait, usual_wait
from bot.handoff.triage import queue_order
from bot.kernel.errors import StorageError
from bot.ports import CaseDesk, Clock
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.remember_rings import RememberRings
from bot.usecases.row_integrity import is_ours

FRESH: Final = timedelta(seconds=5)
"""How old a count of who waits may be: a flood of questions asks the database once."""

_MINUTE: Final = 60


class TellWait:
    """Counts who waits in an organisation, and remembers the count for some seconds."""

    def __init__(
        self, *, keys: ServerKeys, desk: CaseDesk, staffing: CheckStaffing, rings: RememberRings, clock: Clock
    ) -> None:
        """Take the queues and what the bell remembers."""
        self._keys = keys
        self._desk = desk
        self._staffing = staffing
        self._rings = rings
        self._clock = clock
        self._counted: dict[str, tuple[datetime, Wait]] = {}

    async def __call__(self, organisation: str, *, anew: bool = False) -> Wait | None:
        """Who waits there, complaints left out; None while nobody can say. `anew`: counted at this moment."""
        if self._keys.locked:
            return None
        now = self._clock.now()
        counted = self._counted.get(organisation)
        if counted is not None and not anew and now - counted[0] < FRESH:
            return counted[1]
        try:
            rows = await self._desk.waiting(organisation)
            state = await self._state(organisation)
        except StorageError:
            return None
        places = tuple(
            queue_order(row.urgency, row.opened_hour, row.id)
            for row in rows
            if row.status == CaseStatus.WAITING
            and row.queue not in self._staffing.complaints
            and is_ours(self._keys, row)
        )
        wait = Wait(places, usual_wait(state.waits))
        self._counted[organisation] = (now, wait)
        return wait

    async def too_long(self, organisation: str, case: str) -> bool:
        """Whether an urgent case waits although everybody was rung, its leads too."""
        try:
            state = await self._state(organisation)
        except StorageError:
            return False
        return state.is_too_long(case, int(self._clock.now().timestamp()) // _MINUTE)

    async def rings(self, organisation: str) -> Ringing:
        """How often each waiting case rang, for pages that ring by themselves; nothing while nobody can say."""
        try:
            return await self._state(organisation)
        except StorageError:
            return Ringing()

    async def _state(self, organisation: str) -> Ringing:
        state, _ = await self._rings.load(organisation)
        return state if state is not None else Ringing()
