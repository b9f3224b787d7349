"""A leaver's wraps go from every message that is kept: those of the last weekly key, and of each one before it.

Which earlier key was whose is remembered as digests under the server's row key, for as long as a message sealed to it
can be kept. Who copies the database learns nothing from them, and who writes it can make none: so nobody's wraps are
destroyed in the name of somebody else.
"""

from datetime import timedelta
from typing import Final

from bot.crypto.envelope import parse_envelope, withdraw
from bot.crypto.identity import duty_kid, replaced_digest
from bot.crypto.keys import ServerKeys
from bot.handoff.case import whole_hour
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId
from bot.kernel.rows import ReplacedKey
from bot.ports import (
    Clock,
    ReplacedKeys,
    SealedMessages,
    StaffRow,
)

REMEMBERED: Final = timedelta(days=90)
"""After a key was replaced: no message is kept longer (settings `retention`)."""

_SWEPT_FOR: Final = timedelta(hours=24)
"""After somebody left: so long a colleague's open page may hand in what it sealed to them still."""


class DestroyWraps:
    """Remembers whose weekly keys were replaced, and destroys the wraps to all of them when their owner leaves."""

    def __init__(
        self, *, sealed: SealedMessages, replaced: ReplacedKeys, keys: ServerKeys | None, clock: Clock
    ) -> None:
        """`keys` is None where they cannot be opened: then earlier keys are left to the running server (`finish`)."""
        self._sealed = sealed
        self._replaced = replaced
        self._keys = keys
        self._clock = clock

    async def remember(self, staff: StaffRow) -> None:
        """Note that the weekly key in this row, if they certified one, is theirs. Within what replaces or ends it."""
        row_key = self._row_key
        kid = duty_kid(staff.duty_certificate, staff.identity_public)
        if row_key is None or kid is None:
            return
        digest = replaced_digest(row_key, staff.identity_kid, kid)
        until = whole_hour(self._clock.now() + REMEMBERED)
        await self._replaced.keep(ReplacedKey(digest, staff.id, until))

    async def __call__(self, leaver: StaffRow) -> None:
        """Destroy every wrap of theirs that can be told from others'. Within the deed that ends what they may do."""
        await self.remember(leaver)
        await self._sweep(leaver)

    async def finish(self) -> None:
        """Do it again for who left within a day: the command line had no keys, or a colleague sealed to them meanwhile."""
        if self._row_key is not None:
            for leaver in await self._replaced.leavers():
                await self._sweep(leaver)

    async def _sweep(self, leaver: StaffRow) -> None:
        last = duty_kid(leaver.duty_certificate, leaver.identity_public)
        row_key = self._row_key
        digests = await self._replaced.of(leaver.id) if row_key is not None else frozenset()
        known: dict[KeyId, bool] = {}

        def theirs(kid: KeyId) -> bool:
            if kid not in known:
                known[kid] = kid == last or (
                    row_key is not None and replaced_digest(row_key, leaver.identity_kid, kid) in digests
                )
            return known[kid]

        def without(sealed: bytes) -> bytes:
            try:
                wraps = parse_envelope(sealed).wraps
                gone = [kid for kid, wrap in wraps.items() if wrap is not None and theirs(kid)]
                return withdraw(sealed, *gone) if gone else sealed
            except RefusedError:
                return sealed  # what is no envelope stays as it is: readers refuse it

        if last is None and not digests:
            return
        await self._sealed.rewrite(leaver.organisation, without)
        if row_key is not None:
            await self._replaced.shorten(leaver.id, whole_hour(self._clock.now() + _SWEPT_FOR))

    @property
    def _row_key(self) -> bytes | None:
        return self._keys.row_key if self._keys is not None and not self._keys.locked else None
