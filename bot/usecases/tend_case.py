"""What a turn asks of one of the person's cases, done: words added, how answers arrive, a return code, notes read or deleted."""

from collections.abc import Sequence
from dataclasses import replace

from bot.flow import effects
from bot.flow.effects import Effect
from bot.handoff.case import whole_hour
from bot.ports import Clock, Mailboxes
from bot.usecases.answer_referral import AnswerReferral
from bot.usecases.extend_case import ExtendCase
from bot.usecases.kept import Did
from bot.usecases.make_return_code import MakeReturnCode
from bot.usecases.recognise_person import Known


class TendCase:
    """Does one effect at a time; what asks nothing of a case is left alone."""

    def __init__(
        self,
        *,
        extend_case: ExtendCase,
        make_code: MakeReturnCode,
        refer: AnswerReferral,
        mailboxes: Mailboxes,
        clock: Clock,
    ) -> None:
        """Take what changes a case and where its answers wait."""
        self._extend_case = extend_case
        self._make_code = make_code
        self._refer = refer
        self._mailboxes = mailboxes
        self._clock = clock

    async def __call__(
        self, effect: Effect, known: Known | None, *, message: str, theirs: Sequence[Known]
    ) -> Did | None:
        """What was done; None when nothing was. `message` is the id of the inbound message, `theirs` are all their cases."""
        if known is None:
            return None
        match effect:
            case effects.AddToCase() if known.is_open:
                await self._extend_case.add(known, effect.text, message=message, consent=effect.consent)
                return Did.MESSAGE_ADDED
            case effects.SetGate() | effects.ChangeUrgency() if known.is_open:
                await self._change(effect, known)
                return Did.CASE_CHANGED
            case effects.MakeReturnCode() if known.is_open:
                await self._make_code(known, effect.code, theirs=theirs)
                return Did.CODE_MADE
            case effects.CancelCase() if known.is_open:
                gone = await self._extend_case.cancel(known, message=message)
                return Did.CASE_DELETED if gone else Did.CLOSE_ASKED
            case _:
                return await self._mail(effect, known)

    async def _change(self, effect: effects.SetGate | effects.ChangeUrgency, known: Known) -> None:
        if isinstance(effect, effects.ChangeUrgency):
            await self._extend_case.change_urgency(known, effect.urgency)
            return
        gate = replace(known.gate, discreet=effect.discreet, check_word=effect.check_word)
        await self._extend_case.set_gate(known, gate)

    async def _mail(self, effect: Effect, known: Known) -> Did | None:
        notes = [note.id for note in known.notes]
        match effect:
            case effects.RefuseReferral():
                await self._refer.refuse(known, effect.question, possible=effect.possible)
                return Did.REFERRAL_REFUSED
            case effects.MailRead():
                await self._refer.told(known)
                await self._mailboxes.delivered(notes, whole_hour(self._clock.now()))
                return Did.NOTES_READ
            case effects.MailDeleted():
                await self._refer.refuse_all(known)
                await self._refer.told(known)
                await self._mailboxes.delete([*notes, *(note.id for note in known.unproven)])
                return Did.NOTES_DELETED
            case effects.CheckWordTried():
                await self._extend_case.set_gate(known, known.gate.tried_wrong())
                return Did.CASE_CHANGED
            case _:
                return None
