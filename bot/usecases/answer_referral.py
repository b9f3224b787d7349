"""The person's answer to a referral: yes opens a case of its own at the second organisation, no keeps everything here."""

from contextlib import suppress
from dataclasses import replace

from bot.crypto.gate import Gate
from bot.flow import effects
from bot.handoff.referral import BY_PERSON, Referral, ReferralState
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseRow, Mailboxes
from bot.usecases.kept_referrals import KeptReferrals, Side
from bot.usecases.open_case import OpenCase
from bot.usecases.recognise_person import Known
from bot.usecases.turn_keys import TurnKeys


class AnswerReferral:
    """Does what the person decided, in one commit with the end of the question."""

    def __init__(
        self,
        *,
        kept: KeptReferrals,
        open_case: OpenCase,
        mailboxes: Mailboxes,
        turn_keys: TurnKeys,
        audit: AuditTrail,
    ) -> None:
        """Take what opens a case and where the question waits."""
        self._kept = kept
        self._open_case = open_case
        self._mailboxes = mailboxes
        self._turn_keys = turn_keys
        self._audit = audit

    async def accept(
        self, wanted: effects.OpenCase, known: Known | None, *, fingerprint: bytes, message: str
    ) -> CaseRow:
        """The second case, committed. `known` is the case that the question belongs to, `message` names the yes.

        Raises ConflictError when the question is over meanwhile, or asked for another organisation or queue than was
        kept when it was offered; and as `OpenCase`. That a yes has no second effect is kept by the question, which is
        over in the same commit; by the name of the message the second case is found when it comes again.
        """
        await self._turn_keys.when_due()
        side = await self._asked(known, wanted.referred)
        if (
            known is None
            or side is None
            or (side.kept.to, side.kept.queue) != (wanted.organisation, wanted.queue)
        ):
            raise ConflictError("referral.changed")
        hour = self._kept.hour
        line = AuditEntry(side.kept.organisation, AuditEvent.REFERRAL_SENT, "system")
        async with self._audit.recording(line, hour):
            await self._kept.write(side, replace(side.kept, state=ReferralState.SENT, hour=hour))
            await self._drop(known, side)
            gate = Gate(
                known.gate.discreet, known.gate.check_word
            )  # silence that was chosen holds there, too
            opened = await self._open_case(wanted, fingerprint=fingerprint, messages=[message], gate=gate)
            await self._kept.add(opened.id, Referral(wanted.organisation, hour, link=side.row.id))
        return opened

    async def refuse(self, known: Known, sequence: int, *, possible: bool = True) -> None:
        """The person said no; or it could not even be asked: then it lapses in its time, as if they had not answered.

        Whoever asked must not learn from it that they have a case there. The question is deleted.
        """
        side = await self._asked(known, sequence)
        if side is None:
            return
        if possible:
            await self._kept.move(side, ReferralState.DECLINED, reason=BY_PERSON)
        else:
            await self._kept.write(
                side, replace(side.kept, told=ReferralState.LAPSED.value)
            )  # they hear nothing of it
        await self._drop(known, side)

    async def refuse_all(self, known: Known) -> None:
        """The person deletes what waits unread: every question of it is answered with no."""
        for offer in known.mail.offers if known.mail is not None else ():
            await self.refuse(known, offer.sequence)

    async def told(self, known: Known) -> None:
        """The person heard how their referrals stood when this turn began; what changed since is news again."""
        heard = {(each.id, each.state) for each in known.mail.news} if known.mail is not None else set()
        for side in await self._kept.of(CaseId(known.row.id)) if heard else ():
            if (side.row.id, side.kept.state.value) in heard:
                with suppress(ConflictError):  # it changes at this moment
                    await self._kept.write(side, replace(side.kept, told=side.kept.state.value))

    async def _asked(self, known: Known | None, sequence: int) -> Side | None:
        """The referral that a question of this case belongs to, while it is open."""
        for side in await self._kept.of(known.row.id) if known is not None else ():
            kept = side.kept
            if kept.sequence == sequence and kept.state is ReferralState.OFFERED and not kept.is_received:
                return side
        return None

    async def _drop(self, known: Known, side: Side) -> None:
        waiting = await self._mailboxes.waiting(known.row.id)
        await self._mailboxes.delete([note.id for note in waiting if note.sequence == side.kept.sequence])
