"""Seal a summary to one organisation's caseworkers and queue it; committed before anybody is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.crypto.envelope import HeaderFields, Recipient, seal
from bot.crypto.epochs import epoch_number
from bot.crypto.gate import Gate, seal_gate
from bot.crypto.keys import ServerKeys
from bot.crypto.mailbox import SALT
from bot.crypto.one_way import one_way_of
from bot.crypto.randomness import random_bytes, token
from bot.crypto.suites import SealingKey
from bot.flow import effects
from bot.handoff.case import whole_hour
from bot.handoff.summary import WISHES, CaseSummary, SharedAnswer
from bot.handoff.triage import raised
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId, EnvelopeId
from bot.ports import AuditTrail, CaseQueue, CaseRow, Clock, EnvelopeRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import chain_of
from bot.usecases.recognise_person import case_name
from bot.usecases.row_integrity import signed, signed_with
from bot.usecases.turn_keys import TurnKeys

_OPEN_GATE: Final = Gate()


class OpenCase:
    """Makes a case of what the person consented to."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        queue: CaseQueue,
        staffing: CheckStaffing,
        turn_keys: TurnKeys,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take keys, the queue and the verified teams."""
        self._keys = keys
        self._queue = queue
        self._staffing = staffing
        self._turn_keys = turn_keys
        self._audit = audit
        self._clock = clock

    async def __call__(
        self,
        wanted: effects.OpenCase,
        *,
        fingerprint: bytes,
        messages: Sequence[str],
        gate: Gate = _OPEN_GATE,
    ) -> CaseRow:
        """The committed case. `messages` are the ids of the inbound messages that made it, `gate` how its answers may be shown.

        Raises:
            ConflictError: the designation is taken, or the person has such a case open: nothing was written.
            StorageError: `keys.behind`: the key in force is on another machine.
            RefusedError: `case.nobody` can open it any more; `case.renamed`: the keyring's name is not in the consent.
        """
        now = self._clock.now()
        recipients = await self._recipients(wanted)
        await self._turn_keys.when_due()
        key = self._keys.epochs(now).current
        complaint = wanted.queue if wanted.queue in self._staffing.complaints else ""
        case = CaseId(token())
        salt = random_bytes(SALT)
        mailbox = key.mailbox(salt, fingerprint)
        hour = whole_hour(now)
        summary = _summary(wanted, now, key.reachable_until, mailbox.public)
        header = HeaderFields(case, wanted.organisation, 1, "in", key.number)
        sealed = seal(summary.to_bytes(), recipients, header, self._keys.signing)
        row = signed(
            self._keys,
            replace(
                _row(case, wanted, hour, key.number),
                pseudonym=case_name(key, wanted.organisation, fingerprint, complaint),
                salt=salt,
                mailbox_public=mailbox.public,
                gate=seal_gate(
                    key.gate_key(salt, fingerprint), replace(gate, code_words=wanted.code_words), case=case
                ),
            ),
        )
        envelope = EnvelopeRow(EnvelopeId(token()), case, 1, "in", sealed, hour)
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_OPENED, "system", case)
        async with self._audit.recording(line, hour):
            await self._queue.open(row, envelope, [key.dedupe(message) for message in messages])
        return row

    async def one_way(self, wanted: effects.OpenCase, *, messages: Sequence[str]) -> None:
        """Commit what is handed over while the keys are locked: tied to nobody, so that no answer can find them.

        It waits unseen until the keys are open (`AdoptOneWay`), which then record it. Raises as a call does.
        """
        now = self._clock.now()
        recipients = await self._recipients(wanted)
        key = one_way_of(self._keys.folder)
        case, hour, epoch = CaseId(token()), whole_hour(now), epoch_number(now)
        nobodys = SealingKey.from_secret(random_bytes(32)).public  # its other half is gone with this line
        summary = _summary(wanted, now, now, nobodys)
        header = HeaderFields(case, wanted.organisation, 1, "in", epoch)
        sealed = seal(summary.to_bytes(), recipients, header, key.signing)
        row = signed_with(key.row_key, _row(case, wanted, hour, epoch))
        envelope = EnvelopeRow(EnvelopeId(token()), case, 1, "in", sealed, hour)
        await self._queue.open(row, envelope, [key.dedupe(message) for message in messages])

    async def _recipients(self, wanted: effects.OpenCase) -> tuple[Recipient, ...]:
        team = await self._staffing.team(wanted.organisation)
        recipients = team.recipients(wanted.queue) if team is not None else ()
        if team is None or not recipients:
            raise RefusedError("case.nobody")
        if team.keyring.organisation_name not in wanted.consent:
            raise RefusedError("case.renamed")
        return recipients


def _row(case: CaseId, wanted: effects.OpenCase, hour: int, epoch: int) -> CaseRow:
    """The row of a new case, tied to nobody yet."""
    return CaseRow(
        id=case,
        organisation=wanted.organisation,
        queue=wanted.queue,
        need=wanted.need,
        urgency=raised(wanted.urgency, wanted.crisis),
        language=wanted.language,
        status="waiting",
        designation=wanted.designation,
        pseudonym=None,
        epoch=epoch,
        salt=b"",
        mailbox_public=b"",
        gate=b"",
        opened_hour=hour,
        touched_hour=hour,
    )


def _summary(wanted: effects.OpenCase, now: datetime, until: datetime, mailbox: bytes) -> CaseSummary:
    return CaseSummary(
        designation=wanted.designation,
        organisation=wanted.organisation,
        queue=wanted.queue,
        need=wanted.need,
        urgency=raised(wanted.urgency, wanted.crisis),
        language=wanted.language,
        consent=wanted.consent,
        opened=now,
        reachable_until=until,
        mailbox_public=mailbox,
        country=wanted.country,
        shared=tuple(SharedAnswer(each.slot, each.label, each.value) for each in wanted.shared),
        note=wanted.note,
        wishes=tuple(each.value for each in wanted.shared if each.slot in WISHES),
        crisis=wanted.crisis,
        interpreter={WISHES[each.slot]: each.value for each in wanted.shared if each.slot in WISHES},
        excluded=wanted.excluded,
        code_words=wanted.code_words,
    )
