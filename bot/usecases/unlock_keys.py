"""The passphrase was typed into a running server: from now on everything works as after any other start."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.crypto.keys import ServerKeys
from bot.crypto.pseudonym import Fingerprinter
from bot.telemetry.logs import logger
from bot.usecases.adopt_one_way import AdoptOneWay
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.turn_keys import TurnKeys


class UnlockKeys:
    """Opens locked keys in place, once; who waits for them holds the same object."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        fingerprinter: Fingerprinter,
        staffing: CheckStaffing,
        adopt: AdoptOneWay,
        opened: Callable[[str], ServerKeys],
        belongs: Callable[[str], Awaitable[None]],
        turn_keys: TurnKeys,
        pin: Callable[[], None],
    ) -> None:
        """`opened` opens KEYS_DIR with a passphrase, `belongs` refuses another database's keys, `pin` adds demo roots."""
        self.adopt = adopt
        self._keys = keys
        self._fingerprinter = fingerprinter
        self._staffing = staffing
        self._opened = opened
        self._belongs = belongs
        self._turn_keys = turn_keys
        self._pin = pin
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, passphrase: str) -> int:
        """How many handoffs that waited are in the queue now.

        Raises StartError `keys.…` for a wrong passphrase, keys of another database, or without the one in force: they
        stay locked.
        """
        async with self._one_at_a_time:
            if self._keys.locked:
                other = await asyncio.to_thread(self._opened, passphrase)
                await self._belongs(other.installation)
                await self._turn_keys.of(other)
                self._keys.take(other)
                self._fingerprinter.resalt(self._keys.salt)
                self._pin()
                self._staffing.stale()
            cases = await self.adopt()
            logger().info("keys.unlocked", cases=cases)
            return cases
