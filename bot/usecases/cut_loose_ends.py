"""A case whose person never came back keeps no tie to them: not after its last reply went, nor after its key did."""

from dataclasses import replace

from bot.crypto.keys import ServerKeys
from bot.kernel.errors import ConflictError
from bot.ports import CaseDesk, Clock, LooseEnds
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.row_integrity import is_ours, signed


class CutLooseEnds:
    """Takes pseudonym, mailbox key, gate and salt out of rows that nobody can be found by any more."""

    def __init__(
        self, *, ends: LooseEnds, desk: CaseDesk, follow: FollowReferrals, keys: ServerKeys, clock: Clock
    ) -> None:
        """Take where such cases are found and written, and what tells whether a referral of them is left to tell of."""
        self._ends = ends
        self._desk = desk
        self._follow = follow
        self._keys = keys
        self._clock = clock

    async def __call__(self) -> int:
        """How many were cut loose. A row that changes at this moment is left for the next time, as is one not ours."""
        oldest = min(key.number for key in self._keys.epochs(self._clock.now()).accepted)
        cut = 0
        for row in await self._ends.tied(oldest_epoch=oldest):
            if not is_ours(self._keys, row):
                continue
            if row.epoch >= oldest and await self._follow.holds(row.id):
                continue  # they can still be found, and hear how it went
            loose = signed(self._keys, replace(row, pseudonym=None, mailbox_public=b"", gate=b"", salt=b""))
            try:
                await self._desk.write(loose, expected=row)
            except ConflictError:
                continue
            cut += 1
        return cut
