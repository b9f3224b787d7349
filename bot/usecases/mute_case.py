"""No more words into one case for some hours, without a list of anybody.

What is kept is a keyed digest of the case's id and, sealed, a time, in memory only: it ends by itself, with the case,
and when the server starts anew. After that nothing says that there was one. The person hears a neutral sentence; emergency numbers, everything else and a complaint to
somebody else go on, and words of crisis get through.
"""

from typing import Final

from bot.crypto.keys import ServerKeys
from bot.crypto.pseudonym import SessionNames
from bot.crypto.vault import SessionSeal
from bot.handoff.case import CaseStatus, whole_hour
from bot.handoff.roles import StaffRole
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, Replays, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import chain_of, find_case

LONGEST: Final = 24
"""Hours of one mute."""

_HOUR: Final = 3600


class Mutes:
    """Which cases take no words now, and until when, in seconds since 1970."""

    def __init__(self, *, kept: Replays, memory_key: bytes) -> None:
        """Take a memory that forgets, and the memory-only key: what is kept means nothing after a restart."""
        self._kept = kept
        self._names = SessionNames(memory_key)
        self._seal = SessionSeal(memory_key, "mute")

    async def until(self, case: CaseId, now: int) -> int | None:
        """When the mute of a case ends; None when it has none."""
        name = self._names.digest("mute", case)
        sealed = await self._kept.recall(name)
        found = self._seal.open(sealed, name) if sealed else None
        ends = int.from_bytes(found, "big") if found else 0
        return ends if ends > now else None

    async def set(self, case: CaseId, *, now: int, hours: int) -> None:
        """Mute for whole hours from now."""
        name = self._names.digest("mute", case)
        ends = (now + hours * _HOUR).to_bytes(8, "big")
        await self._kept.keep(name, self._seal.seal(ends, name), seconds=hours * _HOUR)

    async def lift(self, case: CaseId) -> None:
        """End it at once."""
        await self._kept.forget([self._names.digest("mute", case)])


class MuteCase:
    """Lets who works on a case, or a lead, have quiet."""

    def __init__(
        self,
        *,
        mutes: Mutes,
        desk: CaseDesk,
        keys: ServerKeys,
        staffing: CheckStaffing,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take the caseworkers' side of the queue, the verified teams and what is muted."""
        self._mutes = mutes
        self._desk = desk
        self._keys = keys
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId, hours: int) -> CaseRow:
        """The case, muted for so many hours from now; 0 ends a mute.

        Raises RefusedError `keyring.member`, `case.unknown`, `case.closed`, `case.claimed` (a colleague's), `mute.hours`.
        """
        if not 0 <= hours <= LONGEST:
            raise RefusedError("mute.hours", f"A mute lasts 1 to {LONGEST} hours; 0 ends it.")
        row, _ = await find_case(self._desk, self._staffing, self._keys, staff, case)
        if row.status == CaseStatus.CLOSED:
            raise RefusedError("case.closed", "This case is closed.")
        if row.claimed_by not in {None, staff.id} and staff.role != StaffRole.LEAD:
            raise RefusedError("case.claimed", "A colleague has this case.")
        now = self._clock.now()
        event = AuditEvent.CASE_MUTED if hours else AuditEvent.CASE_UNMUTED
        await self._audit.append(
            AuditEntry(chain_of(self._staffing, row), event, staff.id, case), whole_hour(now)
        )
        if hours:
            await self._mutes.set(case, now=int(now.timestamp()), hours=hours)
        else:
            await self._mutes.lift(case)
        return row

    async def until(self, row: CaseRow) -> int | None:
        """When the mute of a case that somebody may see ends; None when it has none."""
        return await self._mutes.until(row.id, int(self._clock.now().timestamp()))
