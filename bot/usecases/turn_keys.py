"""The key of each thirty days is made once, a week ahead, by whoever holds the database's lock; all others use that one.

Where machines share a database and each has a keys folder of its own, the database records which key is in force, by a
fingerprint. A process whose folder does not hold that key makes none of its own: it says what to copy, opens no case and
finds nobody until then. Information and SOS need no key, and go on.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from bot.crypto.epochs import epoch_number
from bot.crypto.keys import Rotation, ServerKeys
from bot.kernel.errors import StartError, StorageError
from bot.ports import Clock, EpochLedger
from bot.telemetry.logs import logger

_LOOKED_AGAIN: Final = timedelta(minutes=1)
"""How soon a folder that lacked a key is looked into again: the operator may have copied it."""


class TurnKeys:
    """Turns the server's keys over, by agreement with everybody on the same database."""

    def __init__(self, *, keys: ServerKeys, ledger: EpochLedger, clock: Clock) -> None:
        """Take the keys and where it is recorded which are in force."""
        self._keys = keys
        self._ledger = ledger
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._refused: tuple[datetime, StorageError] | None = None

    async def __call__(self) -> Rotation:
        """Make what is due, destroy what is over, and use what is in force: at start, and every hour.

        Raises StartError: `keys.behind` when the key in force is not in our folder, `keys.clock`, `keys.unwritable`.
        """
        return await self.of(self._keys)

    async def of(self, keys: ServerKeys) -> Rotation:
        """The same for keys that were just opened and are not in use yet."""
        now = self._clock.now()
        epoch = epoch_number(now)
        try:
            async with self._ledger.deciding():
                recorded = await self._ledger.recorded()
                turned = keys.prepare(
                    now, recorded
                )  # on disk before it is recorded: nothing recorded is ever lost
                for number, fingerprint in turned.in_force.items():
                    if number not in recorded:
                        await self._ledger.record(number, fingerprint)
                for number in recorded:
                    if number < epoch - 1:
                        await self._ledger.forget(number)
        except StartError as fault:
            if fault.code == "keys.behind":
                logger().error("keys.behind", epoch=epoch)
            raise
        keys.use(turned, now)  # recorded before it is used: nothing that is used can be put out of force
        for epoch in turned.made:
            logger().info("keys.rotated", epoch=epoch)
        if turned.behind is not None:
            epoch = turned.behind
            logger().warning("keys.behind", epoch=epoch)
        return turned

    async def when_due(self) -> None:
        """Turn over where a new epoch began since the last time. Nothing while the keys are locked.

        Raises StorageError, as `__call__` raises StartError.
        """
        now = self._clock.now()
        if self._keys.locked or self._keys.turned(now):
            return
        async with self._one_at_a_time:
            if self._keys.turned(now):
                return
            if self._refused is not None and self._refused[0] <= now < self._refused[0] + _LOOKED_AGAIN:
                raise self._refused[1]
            try:
                await self()
            except StartError as fault:
                self._refused = now, StorageError(fault.code, fault.mend)
                raise self._refused[1] from None
            self._refused = None
