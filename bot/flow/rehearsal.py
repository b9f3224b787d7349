"""The outside of a conversation in memory: sessions as bytes, open cases, answers that wait, a clock that is set.

For scripted conversations, the bounded walk and `fener chat`. It does what the use cases do, without keys or storage.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from bot.flow.definition import Value
from bot.flow.effects import (
    AddToCase,
    CancelCase,
    CaseView,
    ChangeUrgency,
    CheckWordTried,
    DropRoute,
    Effect,
    FlagService,
    ForgetPerson,
    Forgotten,
    Mail,
    MailDeleted,
    MailRead,
    MakeReturnCode,
    NothingFit,
    OpenCase,
    RateService,
    RefuseReferral,
    Returned,
    Say,
    SetGate,
    Situation,
    UseReturnCode,
)
from bot.flow.engine import Question, Turn, advance, after_erasing, begin, new_session, question
from bot.flow.library import Library
from bot.flow.session import Session, decode, encode
from bot.handoff.code_words import CODE_WORD_BYTES, code_words
from bot.handoff.return_code import RETURN_CODE_BYTES, find_return_code, return_code
from bot.handoff.routing import Staffing
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import ChannelName, InboundMessage, OutboundMessage

SESSION_MINUTES: Final = 30
"""Idle minutes after which a session is gone."""

DESIGNATION: Final = "amber heron"
WORDS: Final = code_words(bytes(CODE_WORD_BYTES))
RETURN_CODE: Final = return_code(bytes(RETURN_CODE_BYTES))
_TRIES: Final = 3


def staffed(library: Library, *, on_duty: bool = True, keys: int = 2) -> tuple[Staffing, ...]:
    """Every member of the network with `keys` keys; with none, nobody can receive a case."""
    if not keys:
        return ()
    organisations = library.directory.organisations
    return tuple(
        Staffing(
            member.organisation,
            _name(organisations[member.organisation].name)
            if member.organisation in organisations
            else member.organisation,
            keys,
            1 if on_duty else 0,
        )
        for member in library.directory.network.members
    )


def _name(names: Mapping[str, str]) -> str:
    return names.get(ENGLISH) or next(iter(names.values()), "")


@dataclass(slots=True)
class Rehearsal:
    """One person's conversation. `designate` names the next case; a new conversation begins in `language`.

    Every turn reads the session back from its bytes, so nothing can hide outside it.
    """

    library: Library
    now: datetime
    staffing: Sequence[Staffing] = ()
    demo: bool = True
    answers_can_come: bool = True
    channel: ChannelName = "simulator"
    language: str = ENGLISH
    designate: Callable[[], str] = lambda: DESIGNATION
    draw_code: Callable[[], str] = lambda: RETURN_CODE
    draw_words: Callable[[], str] = lambda: WORDS
    stored: bytes = b""
    cases: list[CaseView] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    opened: list[OpenCase] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    urgency: str = ""
    _count: int = 0
    _last: datetime | None = None
    _gates: dict[str, SetGate] = field(default_factory=dict)
    _wrong: Counter[str] = field(default_factory=Counter)
    _answered: set[str] = field(default_factory=set)
    _code: tuple[str, str] = ("", "")
    _elsewhere: tuple[list[CaseView], list[Mail]] = field(default_factory=lambda: ([], []))

    @property
    def case(self) -> CaseView | None:
        """The open case; of several the one opened last."""
        return self.cases[-1] if self.cases else None

    @property
    def session(self) -> Session | None:
        """What is remembered of the conversation now."""
        return decode(self.stored) if self.stored else None

    def situation(self) -> Situation:
        """The outside as a turn at this moment would see it."""
        return Situation(
            now=self.now,
            staffing=self.staffing,
            designation=self.designate(),
            nonce=f"{self._count:08x}",
            cases=tuple(sorted(self.cases, key=lambda each: bool(each.complaint))),
            mails=tuple(self.mails),
            answers_can_come=self.answers_can_come,
            demo=self.demo,
            return_code=self.draw_code() if self.case is not None else "",
            code_words=self.draw_words(),
        )

    def start(self, flow: str, *, language: str = ENGLISH, slots: Mapping[str, Value] | None = None) -> Turn:
        """Begin at a flow instead of at the start entry."""
        return self._settle(begin(self.library, flow, self.situation(), language=language, slots=slots))

    def say(self, text: str) -> Turn:
        """The person types something."""
        return self.take(InboundMessage(self.channel, str(self._count), text))

    def tap(self, payload: str) -> Turn:
        """The person taps a button."""
        return self.take(InboundMessage(self.channel, str(self._count), tapped=payload))

    def take(self, message: InboundMessage) -> Turn:
        """One message of the person."""
        self._count += 1
        situation = self.situation()
        session = self.session or new_session(self.library, situation, self.language)
        turn = advance(self.library, session, message, situation)
        for effect in turn.effects:
            if isinstance(effect, UseReturnCode) and (returned := self._returns(effect.code)):
                arrived = self.cases[-1].id if returned == "moved" else ""
                situation = self.situation()._replace(returned=returned, arrived=arrived)
                turn = advance(self.library, session, message, situation)
                break
        if ForgetPerson() in turn.effects:
            done = Forgotten(
                deleted=sum(case.status == "waiting" for case in self.cases),
                untied=sum(case.status == "claimed" for case in self.cases),
                told=sum(case.status == "claimed" for case in self.cases),
                answers=sum(len(mail.notes) for mail in self.mails if not mail.already_shown),
            )
            farewell = Say(after_erasing(self.library, session, message, situation, done))
            kept = [effect for effect in turn.effects if not isinstance(effect, Say)]
            turn = turn._replace(effects=(*kept, farewell))
        return self._settle(turn)

    def take_another_phone(self) -> None:
        """Write from another address from now on: what was open stays where it was, until a return code is typed."""
        self.stored = b""
        if self.cases:
            self._elsewhere = (self.cases, self.mails)
        self.cases, self.mails = [], []

    def _returns(self, code: str) -> Returned:
        """What comes of a code: when it was made for what is elsewhere, that is here from now on.

        Empty for another code. One ordinary request beside another stays where it is.
        """
        made, case = self._code
        kept = find_return_code(made)
        cases, mails = self._elsewhere
        here = [each for each in cases if each.id == case]
        if not here or kept is None or kept.code != code:
            return ""
        if not here[0].complaint and not all(each.complaint for each in self.cases):
            return "own case"
        self.cases += here
        self.mails += [mail for mail in mails if mail.case == case]
        self._elsewhere, self._code = ([], []), ("", "")
        return "moved"

    def question(self) -> Question:
        """What waits for an answer."""
        session = self.session
        return question(self.library, session, self.situation()) if session is not None else Question(())

    def wait(self, pause: timedelta) -> None:
        """Let time pass; an idle session goes."""
        self.now += pause
        if self._last is not None and self.now - self._last >= timedelta(minutes=SESSION_MINUTES):
            self.stored = b""

    def answer(self, *notes: str) -> None:
        """The caseworker who has the case writes; of several cases the one opened last."""
        if self.case is None:
            return
        case = replace(self.case, status="claimed")
        earlier = next((mail.notes for mail in self.mails if mail.case == case.id), ())
        self.cases[-1] = case
        gate = self._gates.get(case.id, SetGate(discreet=False))
        mail = Mail(
            notes=(*earlier, *notes),
            organisation_name=case.organisation_name,
            designation=case.designation,
            discreet=gate.discreet,
            check_word=gate.check_word,
            locked=self._wrong[case.id] >= _TRIES,
            case=case.id,
            code_words=case.code_words if case.id not in self._answered else "",
        )
        self._answered.add(case.id)
        self.mails = [*(each for each in self.mails if each.case != case.id), mail]

    def _settle(self, turn: Turn) -> Turn:
        self._last = self.now
        self.mails = [mail for mail in self.mails if not mail.already_shown]
        for effect in turn.effects:
            self._perform(effect)
        self.stored = encode(turn.session) if turn.session is not None else b""
        return turn

    def _perform(self, effect: Effect) -> None:
        match effect:
            case OpenCase():
                self._open(effect)
            case AddToCase():
                self.written.append(effect.text)
            case ChangeUrgency() | SetGate():
                self._change(effect)
            case MailRead() | MailDeleted() | CheckWordTried() | RefuseReferral():
                self._open_mail(effect)
            case CancelCase():
                self._end(effect.case)
            case MakeReturnCode():
                self._code = (effect.code, effect.case)
            case ForgetPerson():
                self.cases, self.mails, self._code = [], [], ("", "")
            case FlagService():
                self.reported.append(effect.service)
            case Say() | DropRoute() | UseReturnCode() | NothingFit() | RateService():
                pass
            case _:
                assert_never(effect)

    def _change(self, effect: ChangeUrgency | SetGate) -> None:
        for number, case in enumerate(self.cases):
            if case.id != effect.case:
                continue
            if isinstance(effect, SetGate):
                self._gates[case.id] = effect
                quiet = effect.discreet or bool(effect.check_word)
                self.cases[number] = replace(case, quiet=quiet, check_word=effect.check_word)
            else:
                self.cases[number] = replace(case, urgency=effect.urgency)
        if isinstance(effect, ChangeUrgency):
            self.urgency = effect.urgency

    def _settle_question(self, case: str, question: int) -> None:
        """A question whether a second organisation may be asked is over."""
        for number, mail in enumerate(self.mails):
            if mail.case == case:
                left = tuple(each for each in mail.offers if each.sequence != question)
                self.mails[number] = replace(mail, offers=left)

    def _end(self, case: str) -> None:
        """A case is taken back, and what waits for it and a code for it go too."""
        self.cases = [each for each in self.cases if each.id != case]
        self.mails = [mail for mail in self.mails if mail.case != case]
        if self._code[1] == case:
            self._code = ("", "")

    def _open_mail(self, effect: MailRead | MailDeleted | CheckWordTried | RefuseReferral) -> None:
        if isinstance(effect, RefuseReferral):
            self._settle_question(effect.case, effect.question)
            return
        if isinstance(effect, MailDeleted):
            self.mails = [mail for mail in self.mails if mail.case != effect.case]
            return
        self._wrong[effect.case] += isinstance(effect, CheckWordTried)
        locked = self._wrong[effect.case] >= _TRIES
        for number, mail in enumerate(self.mails):
            if mail.case != effect.case:
                continue
            if isinstance(effect, MailRead):
                self.mails[number] = replace(mail, already_shown=True)
            else:
                self.mails[number] = replace(mail, locked=locked)
        if isinstance(effect, CheckWordTried):
            self.cases = [
                replace(case, locked=locked) if case.id == effect.case else case for case in self.cases
            ]

    def _open(self, effect: OpenCase) -> None:
        found = next(each for each in self.staffing if each.organisation == effect.organisation)
        self.opened.append(effect)
        self._settle_question(effect.referred_from, effect.referred)
        self.urgency = effect.urgency
        queue = self.library.directory.network.queues.get(effect.queue)
        case = CaseView(
            designation=effect.designation,
            organisation=effect.organisation,
            organisation_name=found.name,
            status="waiting",
            urgency=effect.urgency,
            on_duty=found.on_duty > 0,
            id=f"case {len(self.opened)}" if self.cases else "",
            queue=effect.queue,
            complaint=effect.queue if queue is not None and queue.independent else "",
            code_words=effect.code_words,
            quiet=effect.discreet or bool(effect.check_word),
            check_word=effect.check_word,
        )
        self.cases.append(case)


def said(turn: Turn) -> OutboundMessage:
    """What a turn says."""
    for effect in turn.effects:
        if isinstance(effect, Say):
            return effect.message
    return OutboundMessage(())
