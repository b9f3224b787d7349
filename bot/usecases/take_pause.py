"""A caseworker takes a pause: nothing rings for them and they take no case until it is over. No case waits for them meanwhile that is needed now."""

from typing import Final

from bot.crypto.keys import ServerKeys
from bot.kernel.errors import RefusedError
from bot.ports import CaseDesk, Clock, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import check_member, sees
from bot.usecases.pauses import Pauses

MINUTES: Final = (5, 15, 30, 60)
"""How long a pause may be. Who needs longer goes off duty."""


class TakePause:
    """Begins and ends one's own pause; nobody begins one for somebody else."""

    def __init__(
        self, *, pauses: Pauses, desk: CaseDesk, keys: ServerKeys, staffing: CheckStaffing, clock: Clock
    ) -> None:
        """Take where pauses are kept, and the queue: what somebody has there is looked at first."""
        self._pauses = pauses
        self._desk = desk
        self._keys = keys
        self._staffing = staffing
        self._clock = clock

    async def __call__(self, staff: StaffRow, minutes: int) -> int:
        """When it ends, in seconds since 1970. A second pause takes the place of the first.

        What they have that is not needed now may wait for them: a colleague can take it over, and when it becomes urgent it
        goes back to the queue by itself. Raises RefusedError `keyring.member`, `pause.minutes`, `pause.urgent`.
        """
        if minutes not in MINUTES:
            raise RefusedError("pause.minutes", f"A pause lasts {', '.join(map(str, MINUTES))} minutes.")
        await check_member(self._staffing, staff)
        await self._leave_nobody(staff)
        ends = await self._pauses.set(staff.id, now=self._now(), minutes=minutes)
        self._staffing.stale()
        try:
            await self._leave_nobody(staff)  # one may have become urgent while nobody knew of the pause
        except RefusedError:
            await self.end(staff)
            raise
        return ends

    async def end(self, staff: StaffRow) -> None:
        """Back at once."""
        await self._pauses.lift(staff.id)
        self._staffing.stale()

    async def _leave_nobody(self, staff: StaffRow) -> None:
        rows = await self._desk.waiting(staff.organisation)
        if any(
            row.claimed_by == staff.id
            and row.urgency == "now"
            and sees(self._staffing, self._keys, staff, row)
            for row in rows
        ):
            raise RefusedError(
                "pause.urgent", "You have a case that is needed now: step back from it first, or close it."
            )

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
