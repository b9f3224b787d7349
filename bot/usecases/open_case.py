"""Seal a summary to one organisation's caseworkers and queue it; committed before anybody is told."""

from collections.abc import Sequence

from bot.crypto.envelope import HeaderFields, seal
from bot.crypto.gate import Gate, seal_gate
from bot.crypto.keys import ServerKeys
from bot.crypto.mailbox import SALT
from bot.crypto.randomness import random_bytes, token
from bot.flow import effects
from bot.handoff.case import whole_hour
from bot.handoff.summary import INTERPRETER, CaseSummary, SharedAnswer
from bot.handoff.triage import raised
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId, EnvelopeId
from bot.ports import AuditTrail, CaseQueue, CaseRow, Clock, EnvelopeRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.row_integrity import signed


class OpenCase:
    """Makes a case of what the person consented to."""

    def __init__(
        self, *, keys: ServerKeys, queue: CaseQueue, staffing: CheckStaffing, audit: AuditTrail, clock: Clock
    ) -> None:
        """Take keys, the queue and the verified teams."""
        self._keys = keys
        self._queue = queue
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def __call__(
        self, wanted: effects.OpenCase, *, fingerprint: bytes, messages: Sequence[str]
    ) -> CaseRow:
        """The committed case. `messages` are the ids of the inbound messages that made it.

        Raises:
            ConflictError: the designation is taken, or the person has an open case: nothing was written.
            RefusedError: `case.nobody` can open it any more; `case.renamed`: the keyring's name is not in the consent.
        """
        now = self._clock.now()
        team = await self._staffing.team(wanted.organisation)
        recipients = team.recipients(wanted.queue) if team is not None else ()
        if team is None or not recipients:
            raise RefusedError("case.nobody")
        if team.keyring.organisation_name not in wanted.consent:
            raise RefusedError("case.renamed")
        key = self._keys.epochs(now).current
        case = CaseId(token())
        salt = random_bytes(SALT)
        mailbox = key.mailbox(salt, fingerprint)
        hour = whole_hour(now)
        summary = CaseSummary(
            designation=wanted.designation,
            organisation=wanted.organisation,
            queue=wanted.queue,
            need=wanted.need,
            urgency=raised(wanted.urgency, wanted.crisis),
            language=wanted.language,
            consent=wanted.consent,
            opened=now,
            reachable_until=key.reachable_until,
            mailbox_public=mailbox.public,
            country=wanted.country,
            shared=tuple(SharedAnswer(each.slot, each.label, each.value) for each in wanted.shared),
            note=wanted.note,
            wishes=tuple(each.value for each in wanted.shared if each.slot == INTERPRETER),
            crisis=wanted.crisis,
        )
        header = HeaderFields(case, wanted.organisation, 1, "in", key.number)
        sealed = seal(summary.to_bytes(), recipients, header, self._keys.signing)
        row = signed(
            self._keys,
            CaseRow(
                id=case,
                organisation=wanted.organisation,
                queue=wanted.queue,
                need=wanted.need,
                urgency=summary.urgency,
                language=wanted.language,
                status="waiting",
                designation=wanted.designation,
                pseudonym=key.case_pseudonym(wanted.organisation, fingerprint),
                epoch=key.number,
                salt=salt,
                mailbox_public=mailbox.public,
                gate=seal_gate(key.gate_key(salt, fingerprint), Gate(), case=case),
                opened_hour=hour,
                touched_hour=hour,
            ),
        )
        envelope = EnvelopeRow(EnvelopeId(token()), case, 1, "in", sealed, hour)
        line = AuditEntry(wanted.organisation, AuditEvent.CASE_OPENED, "system", case)
        async with self._audit.recording(line, hour):
            await self._queue.open(row, envelope, [key.dedupe(message) for message in messages])
        return row
