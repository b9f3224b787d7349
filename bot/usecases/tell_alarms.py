"""What leads are told of their own organisation: who opened or saved unusually many cases within two hours, these days."""

from collections.abc import Sequence

from bot.handoff.case import whole_hour
from bot.handoff.many_cases import TOLD_FOR, Alarm, alarms_in
from bot.ports import AuditTrail, Clock


class TellAlarms:
    """Reads the newest lines of one organisation's chain."""

    def __init__(self, *, audit: AuditTrail, clock: Clock) -> None:
        """Take the chains."""
        self._audit = audit
        self._clock = clock

    async def __call__(self, organisation: str) -> Sequence[Alarm]:
        """The alarms of the last three days, the latest first."""
        lines = await self._audit.since(organisation, whole_hour(self._clock.now() - TOLD_FOR))
        return alarms_in(lines)
