"""Somebody leaves, or is removed: from that moment nothing is sealed to them and every session of theirs is over.

Their wraps are destroyed in every message that is kept: no weekly key of theirs opens any of them again, whoever holds
it. Their signatures of before still verify, and they keep what they read. The keyring names them until a lead signs them
out of it; without a duty key it seals nothing to them meanwhile.
"""

from dataclasses import replace

from bot.crypto.keyring import Role
from bot.handoff.case import whole_hour
from bot.handoff.roles import StaffRole
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseworkerId
from bot.ports import AuditTrail, Clock, StaffRegister, StaffRow, StaffSessions
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.destroy_wraps import DestroyWraps

OPERATOR = "operator"
"""Who removes on the command line."""


class DismissStaff:
    """Ends what somebody may do."""

    def __init__(
        self,
        *,
        register: StaffRegister,
        sessions: StaffSessions,
        wraps: DestroyWraps,
        staffing: CheckStaffing | None,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take where people and sessions are kept. `staffing` is None where no server runs in this process."""
        self._register = register
        self._sessions = sessions
        self._wraps = wraps
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def leave(self, staff: StaffRow) -> None:
        """Go at once. Raises RefusedError `staff.last-lead`: somebody has to sign the keyring after them."""
        if staff.role == StaffRole.LEAD and not any(
            row.role == StaffRole.LEAD and row.id != staff.id
            for row in await self._register.of(staff.organisation)
        ):
            raise RefusedError(
                "staff.last-lead", "Sign in another lead first: without one the keyring lapses."
            )
        await self._end(staff, AuditEvent.STAFF_LEFT, staff.id)

    async def remove(self, organisation: str, who: str, *, by: str = OPERATOR) -> StaffRow:
        """Remove somebody of this organisation, named by id or by the beginning of their key's id.

        Raises RefusedError `staff.unknown` when nobody, or more than one, is meant; `staff.self`; `staff.lead` for a lead
        whom the keyring still names, unless the operator asks: one lead alone cannot lock out another.
        """
        found = [
            row
            for row in await self._register.of(organisation)
            if who and (row.id == who or row.identity_kid.startswith(who))
        ]
        if len(found) != 1:
            raise RefusedError("staff.unknown", "Nobody here has this key: look at the list again.")
        if found[0].id == by:
            raise RefusedError("staff.self", "To go yourself, leave.")
        if by != OPERATOR and await self._leads(found[0]):
            raise RefusedError(
                "staff.lead", "They are a lead: take them out of the keyring first, which two leads sign."
            )
        await self._end(found[0], AuditEvent.STAFF_REMOVED, by)
        return found[0]

    async def _leads(self, staff: StaffRow) -> bool:
        team = await self._staffing.team(staff.organisation) if self._staffing is not None else None
        member = team.keyring.member(staff.identity_kid) if team is not None else None
        return member is not None and member.role is Role.LEAD

    async def follow_keyring(self, lead: StaffRow) -> None:
        """Remove whoever the keyring of the lead's organisation does not name any more."""
        if self._staffing is None:
            return
        team = await self._staffing.team(lead.organisation)
        gone = {member.kid for member in team.keyring.former} if team is not None else set()
        for row in await self._register.of(lead.organisation):
            if row.identity_kid in gone:
                await self._end(row, AuditEvent.STAFF_REMOVED, lead.id)

    async def sign_out(self, staff: CaseworkerId) -> None:
        """End every session of theirs; they may sign in again."""
        await self._sessions.close_all(staff)

    async def _end(self, staff: StaffRow, event: AuditEvent, by: str) -> None:
        line = AuditEntry(staff.organisation, event, by)
        async with self._audit.recording(line, whole_hour(self._clock.now())):
            await self._register.write(replace(staff, active=False, duty_statement=b""))
            await self._sessions.close_all(staff.id)
            await self._wraps(staff)
        if self._staffing is not None:
            self._staffing.stale()
