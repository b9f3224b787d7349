"""A caseworker gives a case back to the queue, with the reason as a sealed note for whoever takes it next."""

from dataclasses import replace

from bot.handoff.case import CaseStatus, moved, whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseRow, Clock, StaffRow
from bot.usecases.add_note import AddNote, TeamNote


class ReturnCase:
    """Moves a claimed case back to waiting."""

    def __init__(self, *, notes: AddNote, audit: AuditTrail, clock: Clock) -> None:
        """Take what keeps notes: reason and move are one commit."""
        self._notes = notes
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId, reason: TeamNote) -> CaseRow:
        """The case, waiting again.

        Raises RefusedError as `AddNote`, `case.claimed` when it is a colleague's, `case.status` when nobody has it;
        ConflictError when it changed meanwhile.
        """
        row = await self._notes.checked(staff, case, reason)
        status = moved(row.status, CaseStatus.WAITING)
        if row.claimed_by != staff.id:
            raise RefusedError("case.claimed", "A colleague has this case.")
        line = AuditEntry(self._notes.chain(row), AuditEvent.CASE_RETURNED, staff.id, case)
        async with self._audit.recording(line, whole_hour(self._clock.now())):
            return await self._notes.keep(row, replace(row, status=status.value, claimed_by=None), reason)
