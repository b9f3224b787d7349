"""Two caseworkers decide whether the emergency services are called, tell the person before where that is safe, and write down that they called.

Both are in the audit by their ids. Where it stands is kept sealed and in memory only: it lapses by itself, and when the server
starts anew it has to be asked again. Nothing here calls anybody, and nothing is asked but by a caseworker.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Final, NamedTuple

from bot.crypto.keys import ServerKeys
from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SessionSeal
from bot.handoff import emergency
from bot.handoff.case import CaseStatus, whole_hour
from bot.handoff.emergency import KEPT, Decision
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError, RefusedError
from bot.kernel.ids import CaseId, Pseudonym
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, SessionStore, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import chain_of, find_case
from bot.usecases.send_reply import Reply, SendReply, Sent

_READ_WITHIN: Final = 1
"""Hours before this one in which the second person must have opened the case."""
_TRIES: Final = 5


class Held(NamedTuple):
    """How it stands for a case: None when nothing is remembered, and the version of it."""

    decision: Decision | None
    version: int


class Decisions:
    """How it stands for each case, in memory. Written by compare and set: of two who step at once, one steps again."""

    def __init__(self, *, sessions: SessionStore, memory_key: bytes) -> None:
        """Take a memory that forgets and compares, and the memory-only key."""
        self._sessions = sessions
        self._names = SessionNames(memory_key)
        self._seal = SessionSeal(memory_key, "emergency")

    async def of(self, case: CaseId) -> Held:
        """What was asked or decided."""
        name = self._name(case)
        stored = await self._sessions.load(name)
        if stored is None:
            return Held(None, 0)
        found = self._seal.open(stored.sealed, name.encode())
        return Held(Decision(**json.loads(found)) if found else None, stored.version)

    async def keep(self, case: CaseId, decision: Decision, *, expected: int) -> bool:
        """Remember it in place of version `expected`, for as long as it can matter; False when somebody else was faster."""
        name = self._name(case)
        sealed = self._seal.seal(json.dumps(asdict(decision)).encode(), name.encode())
        seconds = int(KEPT.total_seconds())
        return await self._sessions.save(name, sealed, expected=expected, seconds=seconds)

    async def forget(self, case: CaseId) -> None:
        """It is done."""
        await self._sessions.forget(self._name(case))

    def _name(self, case: CaseId) -> Pseudonym:
        return Pseudonym(self._names.digest("emergency", case).hex())


class DecideEmergency:
    """Each step for who may take it; each is a line of the audit before it is remembered."""

    def __init__(
        self,
        *,
        decisions: Decisions,
        replies: SendReply,
        desk: CaseDesk,
        keys: ServerKeys,
        staffing: CheckStaffing,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take where decisions are kept, what sends a reply, and the caseworkers' side of the queue."""
        self._decisions = decisions
        self._replies = replies
        self._desk = desk
        self._keys = keys
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def stands(self, case: CaseId) -> tuple[Decision, emergency.Stand] | None:
        """What was decided of a case that somebody may see, and how it stands now."""
        found = (await self._decisions.of(case)).decision
        return None if found is None else (found, found.stand(self._now()))

    async def seen(self, staff: StaffRow, case: CaseId) -> tuple[Decision, emergency.Stand] | None:
        """The same, for whoever asks. Raises RefusedError `keyring.member`, `case.unknown`."""
        await find_case(self._desk, self._staffing, self._keys, staff, case)
        return await self.stands(case)

    async def ask(self, staff: StaffRow, case: CaseId, *, safe: bool) -> None:
        """Ask for a second person. `safe`: the person can be told before.

        Raises RefusedError `keyring.member`, `case.unknown`, `case.closed`, `emergency.case`, `emergency.asked`.
        """
        row = await self._open_case(staff, case)
        if row.claimed_by != staff.id:
            raise RefusedError("emergency.case", "Claim the case first: who has it asks.")

        def asked(before: Decision | None) -> Decision:
            return emergency.ask(before, staff.id, self._now(), safe=safe)

        await self._keep(staff, row, AuditEvent.CASE_EMERGENCY_ASKED, asked)

    async def agree(self, staff: StaffRow, case: CaseId, *, safe: bool) -> None:
        """Agree as the second person, who read the case and in the question whether the person is told before: `safe`.

        Raises RefusedError as `ask`, `emergency.none`, `emergency.alone`, `emergency.unread`.
        """
        row = await self._open_case(staff, case)

        def agreed(before: Decision | None) -> Decision:
            return emergency.agree(before, staff.id, self._now(), safe=safe)

        agreed((await self._decisions.of(case)).decision)
        if not await self._has_read(staff, row):
            raise RefusedError("emergency.unread", "Open the case and read it first.")
        await self._keep(staff, row, AuditEvent.CASE_EMERGENCY_AGREED, agreed)

    async def drop(self, staff: StaffRow, case: CaseId) -> None:
        """Do not agree, or take it back. Raises RefusedError as `ask`, `emergency.none`."""
        row = await self._open_case(staff, case)

        def dropped(before: Decision | None) -> Decision:
            return emergency.drop(before, self._now())

        await self._keep(staff, row, AuditEvent.CASE_EMERGENCY_DROPPED, dropped)

    async def tell(self, staff: StaffRow, case: CaseId, told: Reply) -> Sent:
        """The person hears it before anybody is called: a sealed, signed sentence, as any reply.

        Raises RefusedError as `SendReply`, `emergency.none`, `emergency.alone`, `emergency.safe`.
        """
        await self._open_case(staff, case)
        before = await self._decisions.of(case)
        decided = emergency.tell(before.decision, staff.id, self._now())
        sent = await self._replies(staff, case, told)
        await self._decisions.keep(
            case, decided, expected=before.version
        )  # what somebody said meanwhile holds
        return sent

    async def called(self, staff: StaffRow, case: CaseId) -> None:
        """Write down that one of the two called.

        Raises RefusedError `keyring.member`, `case.unknown`, `emergency.none`, `emergency.alone`, `emergency.tell`.
        """
        row, _ = await find_case(self._desk, self._staffing, self._keys, staff, case)
        emergency.check_called((await self._decisions.of(case)).decision, staff.id, self._now())
        await self._record(staff, row, AuditEvent.CASE_EMERGENCY_CALLED)
        await self._decisions.forget(case)

    async def _open_case(self, staff: StaffRow, case: CaseId) -> CaseRow:
        row, _ = await find_case(self._desk, self._staffing, self._keys, staff, case)
        if row.status == CaseStatus.CLOSED:
            raise RefusedError("case.closed", "This case is closed.")
        return row

    async def _has_read(self, staff: StaffRow, row: CaseRow) -> bool:
        since = whole_hour(self._clock.now()) - _READ_WITHIN
        lines = await self._audit.since(chain_of(self._staffing, row), since)
        return any(_is_reading(line, staff, row, since) for line in lines)

    async def _keep(
        self, staff: StaffRow, row: CaseRow, event: AuditEvent, step: Callable[[Decision | None], Decision]
    ) -> None:
        """Take a step that can be taken: into the audit, then from how it stands after that, since others step too."""
        step((await self._decisions.of(row.id)).decision)
        await self._record(staff, row, event)
        for _ in range(_TRIES):
            held = await self._decisions.of(row.id)
            if await self._decisions.keep(row.id, step(held.decision), expected=held.version):
                return
        raise ConflictError("case.busy")

    async def _record(self, staff: StaffRow, row: CaseRow, event: AuditEvent) -> None:
        line = AuditEntry(chain_of(self._staffing, row), event, staff.id, row.id)
        await self._audit.append(line, whole_hour(self._clock.now()))

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _is_reading(line: bytes, staff: StaffRow, row: CaseRow, since: int) -> bool:
    """Whether a line says that they opened the case in this hour or later. One that somebody changed to be no line says nothing."""
    try:
        fields = json.loads(line)
        opened = (fields["event"], fields["actor"], fields["case"]) == (
            AuditEvent.CASE_READ,
            staff.id,
            row.id,
        )
        return opened and int(fields["hour"]) >= since
    except (ValueError, TypeError, KeyError):
        return False
