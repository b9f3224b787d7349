"""What a person does with their open case: add a message, set the gate, change urgency, take it back."""

from contextlib import suppress
from dataclasses import replace

from bot.crypto.envelope import HeaderFields, seal
from bot.crypto.gate import MOST_EARLIER, Gate, seal_gate
from bot.crypto.keys import ServerKeys
from bot.crypto.mailbox import SALT
from bot.crypto.randomness import random_bytes, token
from bot.flow.definition import Urgency
from bot.handoff.case import CaseStatus, whole_hour
from bot.handoff.summary import CaseMessage, Kind
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError, RefusedError
from bot.kernel.ids import EnvelopeId
from bot.ports import AuditTrail, CaseDesk, CaseQueue, CaseRow, Clock, EnvelopeRow, ReturnCodes
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.membership import chain_of
from bot.usecases.recognise_person import Known, case_name
from bot.usecases.row_integrity import is_ours, signed

_TRIES = 5


class ExtendCase:
    """Changes one open case on the person's behalf. Every method answers with the row as it is afterwards."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        queue: CaseQueue,
        desk: CaseDesk,
        codes: ReturnCodes,
        staffing: CheckStaffing,
        follow: FollowReferrals,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take keys, both sides of the queue, return codes and the verified teams."""
        self._keys = keys
        self._queue = queue
        self._desk = desk
        self._codes = codes
        self._staffing = staffing
        self._follow = follow
        self._audit = audit
        self._clock = clock

    async def add(
        self, known: Known, text: str, *, message: str, kind: Kind = "message", consent: str = ""
    ) -> CaseRow:
        """Seal the person's words to the case, with what they agreed to for them; committed when this returns.

        `message` is the id of the inbound message. Raises RefusedError when nobody can open it any more.
        """
        now = self._clock.now()
        row = known.row
        team = await self._staffing.team(row.organisation)
        recipients = team.recipients(row.queue) if team is not None else ()
        if not recipients:
            raise RefusedError("case.nobody")
        body = CaseMessage(kind, text, now, consent=consent).to_bytes()
        digest = known.key.dedupe(message)
        for _ in range(_TRIES):
            sequence = row.sequence + 1
            header = HeaderFields(row.id, row.organisation, sequence, "in", row.epoch)
            sealed = seal(body, recipients, header, self._keys.signing)
            changed = signed(self._keys, replace(row, sequence=sequence, touched_hour=whole_hour(now)))
            envelope = EnvelopeRow(EnvelopeId(token()), row.id, sequence, "in", sealed, whole_hour(now))
            try:
                await self._queue.append(changed, envelope, [digest], expected=row)
            except ConflictError:
                if (taken := await self._queue.seen([digest])) is not None and taken.id == row.id:
                    return taken  # this very message is in already
                row = await self._again(row)
            else:
                return changed
        raise ConflictError("case.busy")

    def chain(self, row: CaseRow) -> str:
        """The audit chain of a case."""
        return chain_of(self._staffing, row)

    async def set_gate(self, known: Known, gate: Gate) -> CaseRow:
        """Decide how answers may be shown."""
        sealed = seal_gate(known.key.gate_key(known.row.salt, known.fingerprint), gate, case=known.row.id)
        return await self._change(known.row, gate=sealed)

    async def change_urgency(self, known: Known, urgency: Urgency) -> CaseRow:
        """Move the case in the queue. What is needed now does not wait for a caseworker who is not there."""
        row = await self._change(known.row, urgency=urgency)
        alone = urgency == "now" and await self._staffing.left_alone(row.organisation, [row])
        return await self._freed(row) if alone else row

    async def _freed(self, row: CaseRow) -> CaseRow:
        """The case for whoever is there. As it is where somebody changed it at this moment: then they have it before them."""
        freed = signed(self._keys, replace(row, status=CaseStatus.WAITING.value, claimed_by=None))
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_RETURNED, "system", row.id)
        try:
            async with self._audit.recording(line, whole_hour(self._clock.now())):
                await self._desk.write(freed, expected=row)
        except ConflictError:
            return row
        return freed

    async def cancel(self, known: Known, *, message: str) -> bool:
        """Delete the case while nobody claimed it: True. Otherwise ask the team to close it: False."""
        if known.row.status == "waiting":
            line = AuditEntry(
                chain_of(self._staffing, known.row), AuditEvent.CASE_ERASED, "system", known.row.id
            )
            async with self._audit.recording(line, whole_hour(self._clock.now())):
                await self._follow.taken_back(known.row.id)
                await self.erase(known.row)
            return True
        await self.add(known, "", message=message, kind="cancel")
        await self._codes.forget(known.row.id)
        return False

    async def renew(self, known: Known) -> Known:
        """Move the case to the current epoch's keys, so that it stays reachable 30 days from this contact.

        And to the address to find the person under from now on, when a business-scoped id came in place of a number; a
        return code made before ends then. Nothing changes while notes wait: they are sealed to the old mailbox, which is still accepted. The new
        mailbox key travels to the caseworkers inside a sealed envelope, like the first one. When a caseworker changes
        the case at this moment, the next contact renews it.
        """
        if known.notes or known.questions:
            return known
        if known.row.epoch == self._keys.epochs(self._clock.now()).current.number and not known.renamed:
            return await self._without_earlier(known)
        salt = random_bytes(SALT) if known.renamed else known.row.salt  # a way to the other name ends
        earlier = known.gate.earlier if known.unproven else ()
        try:
            return await self._rekey(known, "key", salt=salt, gate=replace(known.gate, earlier=earlier))
        except (ConflictError, RefusedError):
            return known

    async def move(self, known: Known, *, message: str) -> Known:
        """Move the case to the address of `known.preferred`, for good: the one it was under finds nothing any more.

        Answers that wait stay readable. The team reads that the conversation moved. A return code made before is gone in
        the same commit. Raises ConflictError when somebody else changed the case, RefusedError when nobody can open it.
        """
        earlier = known.gate.earlier
        if known.notes or known.unproven or known.questions:
            earlier = (known.key.mailbox(known.row.salt, known.fingerprint).key.secret, *earlier)
        gate = replace(known.gate, earlier=earlier[:MOST_EARLIER])
        return await self._rekey(known, "moved", salt=random_bytes(SALT), gate=gate, message=message)

    async def _rekey(self, known: Known, kind: Kind, *, salt: bytes, gate: Gate, message: str = "") -> Known:
        row, fingerprint = known.row, known.preferred
        now = self._clock.now()
        key = self._keys.epochs(now).current
        team = await self._staffing.team(row.organisation)
        recipients = team.recipients(row.queue) if team is not None else ()
        if not recipients:
            raise RefusedError("case.nobody")
        mailbox = key.mailbox(salt, fingerprint)
        sequence = row.sequence + 1
        header = HeaderFields(row.id, row.organisation, sequence, "in", key.number)
        body = CaseMessage(kind, "", now, mailbox_public=mailbox.public, reachable_until=key.reachable_until)
        changed = signed(
            self._keys,
            replace(
                row,
                epoch=key.number,
                pseudonym=case_name(key, row.organisation, fingerprint, known.complaint),
                salt=salt,
                mailbox_public=mailbox.public,
                gate=seal_gate(key.gate_key(salt, fingerprint), gate, case=row.id),
                sequence=sequence,
                touched_hour=whole_hour(now),
            ),
        )
        sealed = seal(body.to_bytes(), recipients, header, self._keys.signing)
        envelope = EnvelopeRow(EnvelopeId(token()), row.id, sequence, "in", sealed, whole_hour(now))
        digests = [key.dedupe(message)] if message else []
        await self._queue.append(changed, envelope, digests, expected=row)
        return replace(known, row=changed, key=key, fingerprint=fingerprint, gate=gate)

    async def _without_earlier(self, known: Known) -> Known:
        """The mailboxes from before a move are forgotten once nothing waits in them."""
        if not known.gate.earlier or known.unproven or known.questions:
            return known
        gate = replace(known.gate, earlier=())
        return replace(known, row=await self.set_gate(known, gate), gate=gate)

    async def cut_loose(self, row: CaseRow) -> CaseRow:
        """Destroy what ties the case to its person: pseudonym, mailbox key and gate."""
        return await self._change(row, pseudonym=None, mailbox_public=b"", gate=b"", salt=b"")

    async def erase(self, row: CaseRow) -> None:
        """Delete the case with all that is in it. Raises ConflictError when a return code took it elsewhere meanwhile."""
        await self.cut_loose(row)  # by the row that they know: what moved stays where it is now
        await self._desk.erase(row.organisation, row.id)

    async def let_go(self, row: CaseRow) -> None:
        """Take the person's name off a row that somebody else wrote, so that it keeps them from nothing.

        The row is not signed: it stays one that nobody believes, for the audit to find.
        """
        with suppress(ConflictError):
            await self._desk.write(replace(row, pseudonym=None), expected=row)

    async def _change(self, row: CaseRow, **changes: object) -> CaseRow:
        for _ in range(_TRIES):
            changed = signed(self._keys, replace(row, **changes))  # type: ignore[arg-type]  # fields of CaseRow by name
            try:
                await self._desk.write(changed, expected=row)
            except ConflictError:
                row = await self._again(row)
            else:
                return changed
        raise ConflictError("case.busy")

    async def _again(self, row: CaseRow) -> CaseRow:
        """The row as it is now, while it is still theirs. Where a return code took it meanwhile, nothing of here follows."""
        found = await self._desk.read(row.organisation, row.id)
        if found is None or not is_ours(self._keys, found[0]):
            raise RefusedError("case.gone")
        if found[0].pseudonym != row.pseudonym:
            raise ConflictError("case.busy")
        return found[0]
