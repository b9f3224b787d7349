"""A caseworker takes a case; claiming again is no fault, and only the case of a colleague who is not there is taken over."""

from dataclasses import replace

from bot.crypto.keys import ServerKeys
from bot.handoff.case import CaseStatus, whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.membership import chain_of, check_hands, find_case
from bot.usecases.row_integrity import signed


class ClaimCase:
    """Moves a waiting case to its caseworker."""

    def __init__(
        self,
        *,
        desk: CaseDesk,
        keys: ServerKeys,
        staffing: CheckStaffing,
        follow: FollowReferrals,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take the caseworkers' side of the queue and the verified teams."""
        self._desk = desk
        self._keys = keys
        self._staffing = staffing
        self._follow = follow
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId) -> CaseRow:
        """The case, now theirs.

        Raises RefusedError `keyring.member`, `case.unknown`, `case.claimed` (a colleague has it, and is there), `case.closed`, `case.pause`, `case.enough`, `case.full`; ConflictError when
        somebody was faster.
        """
        row, _ = await find_case(self._desk, self._staffing, self._keys, staff, case)
        if row.status == CaseStatus.CLOSED:
            raise RefusedError("case.closed", "This case is closed.")
        if row.claimed_by == staff.id:
            return row
        if row.claimed_by is not None and not await self._staffing.left_alone(row.organisation, [row]):
            raise RefusedError("case.claimed", "A colleague has this case.")
        await check_hands(self._desk, self._staffing, self._keys, staff, row)
        changed = signed(self._keys, replace(row, status=CaseStatus.CLAIMED.value, claimed_by=staff.id))
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_CLAIMED, staff.id, case)
        async with self._audit.recording(line, whole_hour(self._clock.now())):
            await self._desk.write(changed, expected=row)
        await self._follow.claimed(case)
        return changed
