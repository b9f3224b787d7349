"""What happens to a case decides how its referral stands: claimed, closed, taken back, not taken, forgotten."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from bot.handoff.case import CaseStatus
from bot.handoff.referral import LONGEST_OFFERED, LONGEST_UNCLAIMED, RUNNING, ReferralState
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError, StorageError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, Mailboxes
from bot.usecases.kept_referrals import KeptReferrals, Side

_S = ReferralState
_HOUR = timedelta(hours=1)


class FollowReferrals:
    """Tells the organisation that refers how its referral stands, and nothing else of the other case.

    What changed at the same moment by another hand is left as that hand left it; the hourly job comes back to it.
    """

    def __init__(
        self, *, kept: KeptReferrals, desk: CaseDesk, mailboxes: Mailboxes, audit: AuditTrail
    ) -> None:
        """Take where referrals, cases and the questions to the person are."""
        self._kept = kept
        self._desk = desk
        self._mailboxes = mailboxes
        self._audit = audit

    async def claimed(self, case: CaseId) -> None:
        """Somebody of the second organisation took it."""
        with suppress(StorageError):  # the claim is committed: the hourly job tells it then
            await self._tell(case, _S.ACCEPTED)

    async def closed(self, case: CaseId) -> None:
        """A case ended: what it came from is done; questions that it still asks are over, and go."""
        with suppress(StorageError):  # as for a claim
            await self._tell(case, _S.ACCEPTED, _S.DONE)
            await self._drop_questions(case, _S.LAPSED)

    async def taken_back(self, case: CaseId) -> None:
        """The person takes the case back, or erases everything: told before the case goes."""
        await self._tell(case, _S.REVOKED)
        await self._drop_questions(case, _S.REVOKED)

    async def declined(self, case: CaseId, reason: str) -> bool:
        """The second organisation does not take it; False when the case came from no referral that still runs."""
        return await self._tell(case, _S.DECLINED, reason=reason)

    async def is_received(self, case: CaseId) -> bool:
        """Whether the case came from another organisation."""
        return any(side.kept.is_received for side in await self._kept.of(case))

    async def lapse(self) -> int:
        """End what nobody answered in time; how many ended. A case that nobody took is deleted where it was sent.

        First it tells what a failure kept from being told: that a second case was claimed or closed.
        """
        for side in await self._kept.everything():
            await self._catch_up(side)
        sides = await self._kept.everything()
        received = {side.kept.link: side for side in sides if side.kept.is_received}
        ended = 0
        for side in sides:
            if side.kept.is_received:
                continue
            if side.kept.state is _S.OFFERED and self._is_over(side, LONGEST_OFFERED):
                ended += await self._move(side, _S.LAPSED)
                await self._drop_note(side)
            elif side.kept.state is _S.SENT and self._is_over(side, LONGEST_UNCLAIMED):
                ended += await self._lapse_sent(side, received.get(side.row.id))
        return ended

    async def _lapse_sent(self, side: Side, other: Side | None) -> bool:
        found = None
        if other is not None:
            found = await self._desk.read(other.kept.organisation, other.row.case)
        if found is not None and found[0].status != CaseStatus.WAITING:
            return False
        ended = await self._move(side, _S.LAPSED)
        if ended and found is not None:
            row = found[0]
            line = AuditEntry(row.organisation, AuditEvent.CASE_ERASED, "system", row.id)
            async with self._audit.recording(line, self._kept.hour):
                await self._desk.erase(row.organisation, row.id)
        return ended

    async def _catch_up(self, side: Side) -> None:
        found = await self._desk.read(side.kept.organisation, side.row.case)
        status = found[0].status if found is not None else ""
        if side.kept.is_received and status == CaseStatus.CLAIMED:
            await self.claimed(side.row.case)
        elif status == CaseStatus.CLOSED:
            await self.closed(side.row.case)

    def _is_over(self, side: Side, longest: timedelta) -> bool:
        return self._kept.hour - side.kept.hour >= longest // _HOUR

    async def _tell(self, case: CaseId, *states: ReferralState, reason: str = "") -> bool:
        """Let the referral that this case came from become each of these, where it may."""
        told = False
        for side in await self._kept.of(case):
            for state in states if side.kept.is_received else ():
                other = await self._kept.find(side.kept.link)
                if other is not None and not other.kept.is_received:
                    told = await self._move(other, state, reason=reason) or told
        return told

    async def _drop_questions(self, case: CaseId, state: ReferralState) -> None:
        for side in await self._kept.of(case):
            if not side.kept.is_received and side.kept.state is _S.OFFERED:
                await self._move(side, state)
                await self._drop_note(side)

    async def _drop_note(self, side: Side) -> None:
        waiting = await self._mailboxes.waiting(side.row.case)
        await self._mailboxes.delete([note.id for note in waiting if note.sequence == side.kept.sequence])

    async def _move(self, side: Side, state: ReferralState, reason: str = "") -> bool:
        try:
            return await self._kept.move(side, state, reason=reason)
        except ConflictError:
            return False


def running(sides: Sequence[Side]) -> list[Side]:
    """Of the referrals that a case made, those that have not ended."""
    return [side for side in sides if not side.kept.is_received and side.kept.state in RUNNING]
