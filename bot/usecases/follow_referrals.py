"""What happens to a case decides how its referral stands: claimed, closed, taken back, not taken, forgotten."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.crypto.keys import ServerKeys
from bot.handoff.case import CaseStatus
from bot.handoff.referral import LONGEST_OFFERED, LONGEST_UNCLAIMED, RUNNING, ReferralState
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError, RefusedError, StorageError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, Mailboxes
from bot.usecases.kept_referrals import KeptReferrals, Side
from bot.usecases.row_integrity import is_ours, signed

_S = ReferralState
_HOUR = timedelta(hours=1)
_OTHER = "other"
_TRIES = 5


class FollowReferrals:
    """Tells the organisation that refers how its referral stands, and nothing else of the other case.

    What changed at the same moment by another hand is looked at again; what a failure kept from being told, the hourly
    job tells. No case is deleted before its person can hear of it from who referred them.
    """

    def __init__(
        self,
        *,
        kept: KeptReferrals,
        desk: CaseDesk,
        mailboxes: Mailboxes,
        keys: ServerKeys,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take where referrals, cases and the questions to the person are."""
        self._kept = kept
        self._desk = desk
        self._mailboxes = mailboxes
        self._keys = keys
        self._audit = audit
        self._clock = clock

    async def claimed(self, case: CaseId) -> None:
        """Somebody of the second organisation took it."""
        with suppress(StorageError, ConflictError):  # the claim is committed: the hourly job tells it then
            await self._tell(case, _S.ACCEPTED)

    async def closed(self, row: CaseRow) -> None:
        """A case ended: what it came from is done, or was not taken where nobody wrote; questions of it are over, and go."""
        with suppress(StorageError, ConflictError):  # as for a claim
            await self._ended(row)
            await self._drop_questions(row.id, _S.LAPSED)

    async def not_taken(self, case: CaseId) -> None:
        """A case ends with a note that says so to its person: who referred them is told, questions of it go."""
        await self._tell(case, _S.DECLINED, reason=_OTHER, heard=True)
        await self._drop_questions(case, _S.LAPSED)

    async def taken_back(self, case: CaseId) -> None:
        """The person takes the case back, or erases everything: told before the case goes."""
        await self._tell(case, _S.REVOKED)
        await self._drop_questions(case, _S.REVOKED)

    async def give_back(self, row: CaseRow, state: ReferralState, *, actor: str, reason: str = "") -> None:
        """End the referral that a case came from and delete exactly this row of it, in one commit.

        Raises RefusedError `referral.untold` where the person could not hear of it: then nothing changes; ConflictError
        when anything changed meanwhile.
        """
        line = AuditEntry(row.organisation, AuditEvent.CASE_ERASED, actor, row.id)
        async with self._audit.recording(line, self._kept.hour):
            told = [await self._move(side, state, reason) for side in await self._tellable(row.id)]
            if not any(told):
                raise _untold()
            nobodys = replace(row, pseudonym=None, mailbox_public=b"", gate=b"", salt=b"")
            await self._desk.write(signed(self._keys, nobodys), expected=row)  # a reply or a claim was faster
            await self._desk.erase(row.organisation, row.id)

    async def is_received(self, case: CaseId) -> bool:
        """Whether the case came from another organisation."""
        return any(side.kept.is_received for side in await self._kept.of(case))

    async def can_be_given_back(self, row: CaseRow) -> bool:
        """Whether the case came from another organisation, nobody wrote, and the person can hear of it from there."""
        return not row.note_sequence and any(
            side.kept.state in RUNNING for side in await self._tellable(row.id)
        )

    async def holds(self, case: CaseId) -> bool:
        """Whether the person of a closed case is still to hear how a referral of it stands, or will stand."""
        sides = await self._kept.of(case)
        return bool(running(sides)) or any(not side.kept.is_received and side.kept.is_news for side in sides)

    async def lapse(self) -> int:
        """End what nobody answered in time; how many ended. A case that nobody took is deleted where it was sent.

        First it tells what a failure kept from being told: that a second case was claimed or closed.
        """
        sides = await self._kept.everything()
        received = {side.kept.link: side for side in sides if side.kept.is_received}
        waiting = _Waiting(self._desk)
        ended = 0
        for side in running(sides):
            with suppress(ConflictError):  # it changes at this moment: the next hour looks again
                if side.kept.state is _S.OFFERED:
                    ended += await self._lapse_offered(side, waiting)
                else:
                    ended += await self._lapse_sent(side, received.get(side.row.id), waiting)
        return ended

    async def _lapse_offered(self, side: Side, waiting: "_Waiting") -> bool:
        row = await waiting.case(side)
        if row is not None and row.status == CaseStatus.CLOSED:
            await self._drop_questions(row.id, _S.LAPSED)
            return True
        if not self._is_over(side, LONGEST_OFFERED):
            return False
        await self._drop_note(side)
        return await self._move(side, _S.LAPSED, heard=True)  # nobody was asked: there is nothing to tell

    async def _lapse_sent(self, side: Side, other: Side | None, waiting: "_Waiting") -> bool:
        row = await waiting.case(other) if other is not None else None
        late = side.kept.state is _S.SENT and self._is_over(side, LONGEST_UNCLAIMED)
        if row is None:
            return late and await self._move(side, _S.LAPSED)
        if not is_ours(self._keys, row):
            return False
        if row.status == CaseStatus.CLOSED:
            return await self._ended(row)
        if row.status == CaseStatus.CLAIMED:
            await self._move(side, _S.ACCEPTED)
        elif late and not row.note_sequence:
            with suppress(RefusedError):  # nobody could tell the person: it stays where it can be answered
                await self.give_back(row, _S.LAPSED, actor="system")
                return True
        return False

    def _is_over(self, side: Side, longest: timedelta) -> bool:
        return self._kept.hour - side.kept.hour >= longest // _HOUR

    async def _ended(self, row: CaseRow) -> bool:
        if row.note_sequence:
            return await self._tell(row.id, _S.ACCEPTED, _S.DONE)
        return await self._tell(row.id, _S.DECLINED, reason=_OTHER)

    async def _tell(
        self, case: CaseId, *states: ReferralState, reason: str = "", heard: bool = False
    ) -> bool:
        """Let the referral that this case came from become each of these, where it may."""
        told = False
        for side in await self._referring(case):
            for state in states:
                now = await self._kept.find(side.row.id)
                told = (now is not None and await self._move(now, state, reason, heard=heard)) or told
        return told

    async def _referring(self, case: CaseId) -> list[Side]:
        """The sides of who referred this case."""
        received = [side for side in await self._kept.of(case) if side.kept.is_received]
        found = [await self._kept.find(side.kept.link) for side in received]
        return [side for side in found if side is not None and not side.kept.is_received]

    async def _tellable(self, case: CaseId) -> list[Side]:
        """Those of them whose person we find when they write again."""
        epochs = self._keys.epochs(self._clock.now())
        found = []
        for side in await self._referring(case):
            first = await self._desk.read(side.kept.organisation, side.row.case)
            if first is None or first[0].pseudonym is None or not is_ours(self._keys, first[0]):
                continue
            if epochs.get(first[0].epoch) is not None:
                found.append(side)
        return found

    async def _drop_questions(self, case: CaseId, state: ReferralState) -> None:
        """What the case still asks is over; of a question that goes nothing is told."""
        for side in await self._kept.of(case):
            if not side.kept.is_received and side.kept.state is _S.OFFERED:
                await self._drop_note(side)
                await self._move(side, state, heard=True)

    async def _drop_note(self, side: Side) -> None:
        """The note goes first: a row alone asks nobody, and lapses in its time."""
        waiting = await self._mailboxes.waiting(side.row.case)
        await self._mailboxes.delete([note.id for note in waiting if note.sequence == side.kept.sequence])

    async def _move(self, side: Side, state: ReferralState, reason: str = "", *, heard: bool = False) -> bool:
        """Whether it became this; what another hand changed meanwhile is read again. Raises ConflictError."""
        for _ in range(_TRIES):
            try:
                return await self._kept.move(side, state, reason=reason, heard=heard)
            except ConflictError:
                again = await self._kept.find(side.row.id)
            if again is None:
                return False
            side = again
        raise ConflictError("referral.changed", "It changed meanwhile: look again.")


class _Waiting:
    """Cases of referrals; the open ones of an organisation are read once, without a message in them."""

    def __init__(self, desk: CaseDesk) -> None:
        self._desk = desk
        self._open: dict[str, Mapping[str, CaseRow]] = {}

    async def case(self, side: Side) -> CaseRow | None:
        """The case of a side; None when it is gone."""
        organisation = side.kept.organisation
        if organisation not in self._open:
            rows = await self._desk.waiting(organisation)
            self._open[organisation] = {row.id: row for row in rows}
        if (row := self._open[organisation].get(side.row.case)) is not None:
            return row
        found = await self._desk.read(organisation, side.row.case)
        return found[0] if found is not None else None


def running(sides: Sequence[Side]) -> list[Side]:
    """Of the referrals that a case made, those that have not ended."""
    return [side for side in sides if not side.kept.is_received and side.kept.state in RUNNING]


def _untold() -> RefusedError:
    return RefusedError(
        "referral.untold",
        "Who referred them cannot tell this person any more: write to them, or decline the case.",
    )
