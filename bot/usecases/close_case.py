"""A case ends: what ties it to its person goes, at once or as soon as the last waiting reply was read or lapsed."""

from dataclasses import replace

from bot.crypto.keys import ServerKeys
from bot.handoff.case import CaseStatus, whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, Mailboxes, RouteVault, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.membership import chain_of, find_case
from bot.usecases.row_integrity import signed


class CloseCase:
    """Closes, and cuts the tie to the person when nothing waits for them any more, nor will of what was referred."""

    def __init__(
        self,
        *,
        desk: CaseDesk,
        mailboxes: Mailboxes,
        routes: RouteVault,
        keys: ServerKeys,
        staffing: CheckStaffing,
        follow: FollowReferrals,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take the caseworkers' side of the queue and the verified teams."""
        self._desk = desk
        self._mailboxes = mailboxes
        self._routes = routes
        self._keys = keys
        self._staffing = staffing
        self._follow = follow
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId) -> CaseRow:
        """The closed case. Closing twice is no fault.

        Raises RefusedError `keyring.member`, `case.unknown`, `case.claimed`; ConflictError when it changed meanwhile.
        """
        row, _ = await find_case(self._desk, self._staffing, self._keys, staff, case)
        if row.status == CaseStatus.CLOSED:
            return await self.cut_loose(row)
        if row.claimed_by not in {None, staff.id}:
            raise RefusedError("case.claimed", "A colleague has this case.")
        hour = whole_hour(self._clock.now())
        closed = signed(self._keys, replace(row, status=CaseStatus.CLOSED.value, closed_hour=hour))
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_CLOSED, staff.id, case)
        async with self._audit.recording(line, hour):
            await self._desk.write(closed, expected=row)
        await self._routes.forget(case)
        await self._follow.closed(closed)
        return await self.cut_loose(closed)

    async def cut_loose(self, row: CaseRow) -> CaseRow:
        """The closed row without anything of its person, once no unread reply waits and no referral is left to tell of."""
        waiting = await self._mailboxes.waiting(row.id)
        if row.pseudonym is None or any(note.delivered_hour is None for note in waiting):
            return row
        if await self._follow.holds(row.id):
            return row
        await self._mailboxes.delete([note.id for note in waiting])
        changed = signed(self._keys, replace(row, pseudonym=None, mailbox_public=b"", gate=b"", salt=b""))
        await self._desk.write(changed, expected=row)
        return changed
