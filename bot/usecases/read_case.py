"""What a caseworker sees of their organisation's queue: rows without content, envelopes without keys."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from bot.crypto.envelope import parse_envelope
from bot.crypto.keys import ServerKeys
from bot.handoff.case import whole_hour
from bot.handoff.many_cases import Usual, alarm_due
from bot.handoff.triage import queue_order
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.kernel.messages import ChannelName
from bot.ports import AuditTrail, CaseDesk, CaseNotes, CaseRow, Clock, EnvelopeRow, RouteVault, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import chain_of, check_member, find_case, sees


class ReadCase:
    """Reads within one organisation only; each opening of a case is in the audit chain.

    Who opens or saves unusually many gets a line about that too, and what they asked for: helping goes on.
    """

    def __init__(
        self,
        *,
        desk: CaseDesk,
        notes: CaseNotes,
        routes: RouteVault,
        keys: ServerKeys,
        staffing: CheckStaffing,
        audit: AuditTrail,
        clock: Clock,
        usual: Usual,
    ) -> None:
        """Take the caseworkers' side of the queue, the live ways back and the verified teams."""
        self._desk = desk
        self._notes = notes
        self._routes = routes
        self._keys = keys
        self._staffing = staffing
        self._audit = audit
        self._clock = clock
        self._usual = usual

    async def queue(self, staff: StaffRow) -> Sequence[CaseRow]:
        """Open cases that this caseworker may see, most urgent first; rows that we did not write are left out.

        Raises RefusedError `keyring.member`.
        """
        await check_member(self._staffing, staff)
        waiting = await self._desk.waiting(staff.organisation)
        rows = [row for row in waiting if sees(self._staffing, self._keys, staff, row)]
        return sorted(rows, key=lambda row: queue_order(row.urgency, row.opened_hour, row.id))

    async def __call__(self, staff: StaffRow, case: CaseId) -> tuple[CaseRow, Sequence[EnvelopeRow]]:
        """One case with its sealed envelopes.

        Raises RefusedError `keyring.member`; `case.unknown`: not there, another organisation's, or changed by another hand.
        """
        return await self._recorded(AuditEvent.CASE_READ, staff, case)

    async def export(self, staff: StaffRow, case: CaseId) -> tuple[CaseRow, Sequence[EnvelopeRow]]:
        """The same, for a copy that is kept elsewhere: written to the audit as such. Raises as a call does."""
        return await self._recorded(AuditEvent.CASE_EXPORTED, staff, case)

    async def _recorded(
        self, event: AuditEvent, staff: StaffRow, case: CaseId
    ) -> tuple[CaseRow, Sequence[EnvelopeRow]]:
        found = await find_case(self._desk, self._staffing, self._keys, staff, case)
        line = AuditEntry(chain_of(self._staffing, found[0]), event, staff.id, case)
        hour = whole_hour(self._clock.now())
        await self._audit.append(line, hour, then=partial(alarm_due, line, hour, usual=self._usual))
        return found

    async def notes(self, staff: StaffRow) -> Mapping[CaseId, int]:
        """How many notes of colleagues each open case of the queue has: a sign to read it again, and nothing more."""
        return await self._notes.counts(staff.organisation)

    async def channel(self, case: CaseId) -> ChannelName | None:
        """Where the chat of a case is live now; None when a reply waits for the person's next message.

        Nothing else is known of it: which app somebody used before is kept nowhere.
        """
        address = await self._routes.find(case)
        return None if address is None else address.channel

    async def still_needed(self, staff: StaffRow, kids: Collection[str]) -> set[str]:
        """Which of these duty keys an open case is sealed to: the others open nothing that anybody works on.

        Raises RefusedError `keyring.member`.
        """
        asked = set(kids)
        needed: set[str] = set()
        for row in await self.queue(staff):
            found = await self._desk.read(staff.organisation, row.id)
            for each in found[1] if found is not None else ():
                try:
                    needed |= asked.intersection(parse_envelope(each.sealed).recipients)
                except RefusedError:  # who changed it may not make us destroy a key
                    return asked
        return needed
