"""A caseworker's words for colleagues only: sealed and signed on their machine, kept beside the case, never sent."""

from dataclasses import dataclass
from typing import Final

from bot.crypto.envelope import HeaderFields, parse_envelope, verify_envelope
from bot.crypto.keys import ServerKeys
from bot.crypto.randomness import token
from bot.handoff.case import CaseStatus, whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId, EnvelopeId, KeyId
from bot.ports import AuditTrail, CaseDesk, CaseQueue, CaseRow, Clock, EnvelopeRow, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import chain_of, find_case
from bot.usecases.row_integrity import signed

_INTERNAL: Final = "internal"


@dataclass(frozen=True, slots=True)
class TeamNote:
    """What a caseworker's machine sends: `sealed` is an envelope of direction `internal`, the `sequence`-th of the case."""

    sequence: int
    sealed: bytes


class AddNote:
    """Keeps a note that verifies."""

    def __init__(
        self,
        *,
        desk: CaseDesk,
        queue: CaseQueue,
        keys: ServerKeys,
        staffing: CheckStaffing,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take both sides of the queue: one reads, the other adds an envelope and the row in one commit."""
        self._desk = desk
        self._queue = queue
        self._keys = keys
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId, note: TeamNote) -> CaseRow:
        """The case, with the note. Every colleague may add one, also to a case that somebody else answers.

        Raises RefusedError `case.unknown`, `case.closed`, `note.sequence`, `keyring.member`, `envelope.*`;
        ConflictError when the case changed.
        """
        row = await self.checked(staff, case, note)
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_NOTED, staff.id, case)
        async with self._audit.recording(line, whole_hour(self._clock.now())):
            await self.keep(row, row, note)
        return row

    def chain(self, row: CaseRow) -> str:
        """The audit chain of a case."""
        return chain_of(self._staffing, row)

    async def checked(self, staff: StaffRow, case: CaseId, note: TeamNote) -> CaseRow:
        """The row that the note belongs to, once the note's place, form and signature are right. Raises as above."""
        row, envelopes = await find_case(self._desk, self._staffing, self._keys, staff, case)
        if row.status == CaseStatus.CLOSED or row.closed_hour is not None:
            raise RefusedError("case.closed", "This case is closed.")
        if note.sequence != sum(each.direction == _INTERNAL for each in envelopes) + 1:
            raise RefusedError("note.sequence", "A colleague wrote meanwhile: read the case again.")
        team = await self._staffing.team(row.organisation)
        member = team.keyring.member(staff.identity_kid) if team is not None else None
        if member is None:
            raise RefusedError("keyring.member", "You are not in the keyring: ask your lead.")
        parsed = parse_envelope(note.sealed)
        if parsed.header != HeaderFields(row.id, row.organisation, note.sequence, _INTERNAL, row.epoch):
            raise RefusedError("envelope.elsewhere")
        verify_envelope(parsed, {KeyId(staff.identity_kid): member.identity_public})
        return row

    async def keep(self, row: CaseRow, changed: CaseRow, note: TeamNote) -> CaseRow:
        """Commit the note together with the row as `changed`; the row that was written."""
        written = signed(self._keys, changed)
        hour = whole_hour(self._clock.now())
        envelope = EnvelopeRow(EnvelopeId(token()), row.id, note.sequence, _INTERNAL, note.sealed, hour)
        await self._queue.append(written, envelope, (), expected=row)
        return written
