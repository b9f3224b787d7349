"""A caseworker steps back from a case, and nobody asks why: it waits again at its old place, and its person hears that somebody else can answer.

`ReturnCase` is for who wants to leave a word to colleagues. Here there is none, and no lead is told whose case it was.
"""

from dataclasses import replace

from bot.crypto.keys import ServerKeys
from bot.handoff.case import CaseStatus, moved, whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import chain_of, find_case
from bot.usecases.row_integrity import signed
from bot.usecases.send_reply import Reply, SendReply, kept


class StepBack:
    """Moves one's own case back to waiting. Urgency and the hour it came stay, and with them its place in the queue."""

    def __init__(
        self,
        *,
        replies: SendReply,
        desk: CaseDesk,
        keys: ServerKeys,
        staffing: CheckStaffing,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take what checks and delivers a reply, and the caseworkers' side of the queue."""
        self._replies = replies
        self._desk = desk
        self._keys = keys
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId, told: Reply | None) -> CaseRow:
        """The case, waiting again.

        `told` is the sentence that somebody else can answer, sealed and signed as any reply. Who was answered before gets it;
        who still waits for a first answer has met nobody, and is told nothing.

        Raises RefusedError as `SendReply`, `case.status` when nobody has the case, `case.claimed` when a colleague has it,
        `step-back.told` when the sentence is missing or comes too early; ConflictError when the case changed meanwhile.
        """
        row, _ = await find_case(self._desk, self._staffing, self._keys, staff, case)
        status = moved(row.status, CaseStatus.WAITING)
        if row.claimed_by != staff.id:
            raise RefusedError("case.claimed", "A colleague has this case.")
        if (told is not None) != self._hears(row):
            raise RefusedError(
                "step-back.told", "Read the case again: whether its person can be told changed."
            )
        if told is not None:
            row = await self._replies.checked(staff, case, told)
        waiting = replace(row, status=status.value, claimed_by=None)
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_STEPPED_BACK, staff.id, case)
        hour = whole_hour(self._clock.now())
        if told is None:
            changed = signed(self._keys, waiting)
            async with self._audit.recording(line, hour):
                await self._desk.write(changed, expected=row)
            return changed
        changed = signed(self._keys, replace(waiting, note_sequence=told.sequence))
        note, copy = kept(staff, row, told, hour)
        async with self._audit.recording(line, hour):
            await self._desk.reply(changed, note, copy, expected=row)
        await self._replies.deliver(case)
        return changed

    def _hears(self, row: CaseRow) -> bool:
        """Whether somebody answered this person, and a sentence can still find them."""
        reachable = (
            row.pseudonym is not None and self._keys.epochs(self._clock.now()).get(row.epoch) is not None
        )
        return row.note_sequence > 0 and reachable
