"""A caseworker's sealed, signed words go into the mailbox, and out at once while the chat is live."""

from dataclasses import dataclass, field, replace

from bot.crypto.acknowledgement import verify_wishes_read
from bot.crypto.envelope import HeaderFields, parse_envelope, verify_envelope
from bot.crypto.keys import ServerKeys
from bot.crypto.mailbox import verify_note
from bot.crypto.padding import BUCKETS
from bot.crypto.randomness import token
from bot.handoff.case import CaseStatus, whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId, EnvelopeId, KeyId, NoteId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, EnvelopeRow, NoteRow, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.deliver_mail import DeliverMail
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.membership import chain_of, check_hands, find_case
from bot.usecases.row_integrity import signed
from bot.usecases.turn_keys import TurnKeys

_LARGEST_NOTE = BUCKETS[-1] + 256
"""Bytes: the largest padded text and what HPKE adds."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a caseworker's machine sends: sealed to the mailbox, signed, and the same sealed to colleagues.

    `mailbox` is the public key it was sealed to, where the machine says so: a key that the person's next message
    replaced meanwhile opens nothing any more. `wishes_read` is signed with the first reply of a case.
    """

    sequence: int
    sealed: bytes
    signature: bytes
    copy: bytes
    mailbox: bytes = b""
    wishes_read: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """The case afterwards, and whether the reply went out at once; otherwise it waits for the next message."""

    row: CaseRow
    delivered: bool


class SendReply:
    """Keeps a reply that verifies; a writer of the database cannot speak as the organisation."""

    def __init__(
        self,
        *,
        desk: CaseDesk,
        keys: ServerKeys,
        staffing: CheckStaffing,
        deliver: DeliverMail,
        follow: FollowReferrals,
        turn_keys: TurnKeys,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take the caseworkers' side of the queue and the way back to the person."""
        self._desk = desk
        self._keys = keys
        self._staffing = staffing
        self._deliver = deliver
        self._follow = follow
        self._turn_keys = turn_keys
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId, reply: Reply) -> Sent:
        """The reply, committed before anything is sent.

        Raises RefusedError `case.unknown`, `case.claimed`, `case.closed`, `case.unreachable`, `reply.sequence`,
        `reply.size`, `reply.copy`, `reply.wishes`, `mailbox.signature`, `keyring.member`, `envelope.*`; ConflictError when
        the case changed.
        """
        await self._turn_keys.when_due()
        changed = await self.keep(staff, case, reply)
        await self._follow.claimed(case)
        return Sent(changed, await self.deliver(case))

    async def deliver(self, case: CaseId) -> bool:
        """Whether what waits went out at once. Never raises."""
        return await self._deliver(case)

    async def keep(self, staff: StaffRow, case: CaseId, reply: Reply) -> CaseRow:
        """The case with the reply committed, and nothing sent. Raises as a call does."""
        row = await self.checked(staff, case, reply)
        first = row.note_sequence == 0
        if first:
            await self._check_wishes_read(row, staff, reply)
        if row.claimed_by is None:  # answering takes it
            await check_hands(self._desk, self._staffing, self._keys, staff, row)
        hour = whole_hour(self._clock.now())
        note, copy = kept(staff, row, reply, hour)
        changed = signed(
            self._keys,
            replace(
                row,
                note_sequence=reply.sequence,
                status=CaseStatus.CLAIMED.value,
                claimed_by=row.claimed_by or staff.id,
            ),
        )
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_REPLIED, staff.id, case)
        async with self._audit.recording(line, hour):
            await self._desk.reply(changed, note, copy, expected=row)
            if first:
                read = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_WISHES_READ, staff.id, case)
                await self._audit.append(read, hour)
        return changed

    def chain(self, row: CaseRow) -> str:
        """The audit chain of a case."""
        return chain_of(self._staffing, row)

    async def checked(self, staff: StaffRow, case: CaseId, reply: Reply) -> CaseRow:
        """The row that a reply belongs to, once its place, form and signatures are right. Raises as above."""
        await self._turn_keys.when_due()
        row, _ = await find_case(self._desk, self._staffing, self._keys, staff, case)
        self._check_row(row, staff)
        await self._check_reply(row, staff, reply)
        return row

    async def _check_wishes_read(self, row: CaseRow, staff: StaffRow, reply: Reply) -> None:
        """The server cannot know whether there are wishes: that they were looked at is signed for every case."""
        keyring = await self._staffing.keyring(row.organisation)
        member = keyring.member(KeyId(staff.identity_kid)) if keyring is not None else None
        public = member.identity_public if member is not None else b""
        try:
            verify_wishes_read(public, reply.wishes_read, case=row.id, organisation=row.organisation)
        except RefusedError:
            raise RefusedError(
                "reply.wishes", "Read first what the person said about interpreters, and say that you did."
            ) from None

    def _check_row(self, row: CaseRow, staff: StaffRow) -> None:
        if row.status == CaseStatus.CLOSED or row.closed_hour is not None:
            raise RefusedError("case.closed", "This case is closed.")
        if row.claimed_by not in {None, staff.id}:
            raise RefusedError("case.claimed", "A colleague has this case.")
        if row.pseudonym is None or self._keys.epochs(self._clock.now()).get(row.epoch) is None:
            raise RefusedError(
                "case.unreachable",
                "The person erased the conversation or was away too long: no reply can find them.",
            )

    async def _check_reply(self, row: CaseRow, staff: StaffRow, reply: Reply) -> None:
        if reply.sequence != row.note_sequence + 1:
            raise RefusedError("reply.sequence", "A colleague answered meanwhile: read the case again.")
        if reply.mailbox not in {b"", row.mailbox_public}:
            raise _moved_on()
        if not 0 < len(reply.sealed) <= _LARGEST_NOTE:
            raise RefusedError("reply.size", "A reply holds at most 64 KiB.")
        team = await self._staffing.team(row.organisation)
        member = team.keyring.member(staff.identity_kid) if team is not None else None
        if team is None or member is None:
            raise RefusedError("keyring.member", "You are not in the keyring: ask your lead.")
        verify_note(
            member.identity_public,
            reply.signature,
            reply.sealed,
            case=row.id,
            sequence=reply.sequence,
            organisation=row.organisation,
        )
        if reply.copy:
            parsed = parse_envelope(reply.copy)
            expected = HeaderFields(row.id, row.organisation, reply.sequence, "out", row.epoch)
            if replace(parsed.header, epoch=row.epoch) == expected != parsed.header:
                raise _moved_on()
            if parsed.header != expected:
                raise RefusedError("envelope.elsewhere")
            verify_envelope(parsed, {KeyId(staff.identity_kid): member.identity_public})
        elif team.recipients(row.queue):
            raise RefusedError("reply.copy", "Seal a copy to your team: only they can open this case.")


def kept(staff: StaffRow, row: CaseRow, reply: Reply, hour: int) -> tuple[NoteRow, EnvelopeRow | None]:
    """What is stored of a reply: the note for the person, and the copy for colleagues."""
    note = NoteRow(
        id=NoteId(token()),
        case=row.id,
        sequence=reply.sequence,
        sealed=reply.sealed,
        signer=staff.identity_kid,
        signature=reply.signature,
        hour=hour,
    )
    if not reply.copy:
        return note, None
    return note, EnvelopeRow(EnvelopeId(token()), row.id, reply.sequence, "out", reply.copy, hour)


def _moved_on() -> RefusedError:
    return RefusedError(
        "reply.sequence",
        "The person wrote meanwhile and has a new mailbox: read the case again, then answer.",
    )
