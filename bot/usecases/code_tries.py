"""How often return codes may be made and tried: each costs a stretching, and nobody shall guess."""

from typing import Final

from bot.kernel.ids import Pseudonym
from bot.ports import RateLimits

AN_HOUR: Final = 6
"""Of one address."""

A_MINUTE: Final = 120
"""Of all addresses together."""


class CodeTries:
    """Counts in memory. Who is over a limit hears that it is not possible now, whatever the code: that tells nothing of it."""

    def __init__(self, limits: RateLimits) -> None:
        """Take what counts."""
        self._limits = limits

    async def may(self, who: Pseudonym) -> bool:
        """Count one more of this address; whether it may go on."""
        own = await self._limits.allow(b"code" + who.encode(), limit=AN_HOUR, seconds=3600)
        return own and await self._limits.allow(b"codes", limit=A_MINUTE, seconds=60)
