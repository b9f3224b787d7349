"""A caseworker's signed statements: on duty until, off duty, and the sealing key of the week."""

from dataclasses import replace

from bot.crypto.identity import verify_duty_certificate, verify_duty_statement
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.ports import AuditTrail, Clock, StaffRegister, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.destroy_wraps import DestroyWraps


class GoOnDuty:
    """Keeps what a caseworker signed; whoever reads it verifies it again."""

    def __init__(
        self,
        *,
        register: StaffRegister,
        wraps: DestroyWraps,
        staffing: CheckStaffing,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take where caseworkers are kept, and what remembers whose a replaced key was."""
        self._register = register
        self._wraps = wraps
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def on(self, staff: StaffRow, statement: bytes) -> StaffRow:
        """On duty until the statement's end. Raises RefusedError `duty.*`."""
        verify_duty_statement(
            statement, staff.identity_public, organisation=staff.organisation, now=self._clock.now()
        )
        return await self._write(replace(staff, duty_statement=statement), AuditEvent.DUTY_ON)

    async def off(self, staff: StaffRow) -> StaffRow:
        """Off duty at once."""
        return await self._write(replace(staff, duty_statement=b""), AuditEvent.DUTY_OFF)

    async def renew_key(self, staff: StaffRow, certificate: bytes) -> StaffRow:
        """The next weekly duty key. Raises RefusedError `duty-key.*`."""
        verify_duty_certificate(
            certificate, staff.identity_public, organisation=staff.organisation, now=self._clock.now()
        )
        renewed = replace(staff, duty_certificate=certificate)
        return await self._write(renewed, AuditEvent.KEYS_ROTATED, replaced=staff)

    async def _write(
        self, staff: StaffRow, event: AuditEvent, *, replaced: StaffRow | None = None
    ) -> StaffRow:
        line = AuditEntry(staff.organisation, event, staff.id)
        async with self._audit.recording(line, whole_hour(self._clock.now())):
            if replaced is not None:
                await self._wraps.remember(replaced)
            await self._register.write(staff)
        self._staffing.stale()
        return staff
