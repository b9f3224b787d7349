"""The outside of a conversation in memory: sessions as bytes, one open case, answers that wait, a clock that is set.

For scripted conversations, the bounded walk and `fener chat`. It does what the use cases do, without keys or storage.
"""

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
    Mail,
    MailDeleted,
    MailRead,
    MakeReturnCode,
    NothingFit,
    OpenCase,
    RateService,
    Returned,
    Say,
    SetGate,
    Situation,
    UseReturnCode,
)
from bot.flow.engine import Question, Turn, advance, begin, new_session, question
from bot.flow.library import Library
from bot.flow.session import Session, decode, encode
from bot.handoff.return_code import RETURN_CODE_BYTES, find_return_code, return_code
from bot.handoff.routing import Staffing
from bot.i18n.languages import ENGLISH
from bot.kernel.messages import ChannelName, InboundMessage, OutboundMessage

SESSION_MINUTES: Final = 30
"""Idle minutes after which a session is gone."""

DESIGNATION: Final = "amber heron"
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
    stored: bytes = b""
    case: CaseView | None = None
    mail: Mail | None = None
    opened: list[OpenCase] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    urgency: str = ""
    wrong_words: int = 0
    _count: int = 0
    _last: datetime | None = None
    _gate: SetGate | None = None
    _code: str = ""
    _elsewhere: tuple[CaseView, Mail | None] | None = None

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
            case=self.case,
            mail=self.mail,
            answers_can_come=self.answers_can_come,
            demo=self.demo,
            return_code=self.draw_code() if self.case is not None else "",
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
        if any(isinstance(effect, UseReturnCode) and self._returns(effect.code) for effect in turn.effects):
            moved: Returned = "moved"
            turn = advance(self.library, session, message, self.situation()._replace(returned=moved))
        return self._settle(turn)

    def take_another_phone(self) -> None:
        """Write from another address from now on: what was open stays where it was, until a return code is typed."""
        self.stored = b""
        self._elsewhere = (self.case, self.mail) if self.case is not None else self._elsewhere
        self.case = self.mail = None

    def _returns(self, code: str) -> bool:
        """Whether this is the code that was made, and what it is for is elsewhere; then that is here from now on."""
        kept = find_return_code(self._code)
        if self._elsewhere is None or kept is None or kept.code != code:
            return False
        self.case, self.mail = self._elsewhere
        self._elsewhere, self._code = None, ""
        return True

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
        """The caseworker who has the case writes."""
        if self.case is None:
            return
        earlier = self.mail.notes if self.mail is not None and not self.mail.already_shown else ()
        self.case = replace(self.case, status="claimed")
        self.mail = Mail(
            notes=(*earlier, *notes),
            organisation_name=self.case.organisation_name,
            designation=self.case.designation,
            discreet=self._gate is not None and self._gate.discreet,
            check_word=self._gate.check_word if self._gate is not None else "",
            locked=self.wrong_words >= _TRIES,
        )

    def _settle(self, turn: Turn) -> Turn:
        self._last = self.now
        if self.mail is not None and self.mail.already_shown:
            self.mail = None
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
            case MailRead() | MailDeleted() | CheckWordTried():
                self._open_mail(effect)
            case CancelCase() | ForgetPerson():
                self.case = None
                self.mail = None
                self._code = ""
            case MakeReturnCode():
                self._code = effect.code
            case FlagService():
                self.reported.append(effect.service)
            case Say() | DropRoute() | UseReturnCode() | NothingFit() | RateService():
                pass
            case _:
                assert_never(effect)

    def _change(self, effect: ChangeUrgency | SetGate) -> None:
        if isinstance(effect, SetGate):
            self._gate = effect
            if self.case is not None:
                self.case = replace(self.case, check_word=effect.check_word)
            return
        self.urgency = effect.urgency
        if self.case is not None:
            self.case = replace(self.case, urgency=effect.urgency)

    def _open_mail(self, effect: MailRead | MailDeleted | CheckWordTried) -> None:
        mail = self.mail
        if isinstance(effect, CheckWordTried):
            self.wrong_words += 1
            locked = self.wrong_words >= _TRIES
            self.case = replace(self.case, locked=locked) if self.case is not None else None
            self.mail = replace(mail, locked=locked) if mail is not None else None
        elif mail is None or isinstance(effect, MailDeleted):
            self.mail = None
        else:
            self.mail = replace(mail, already_shown=True)

    def _open(self, effect: OpenCase) -> None:
        found = next(each for each in self.staffing if each.organisation == effect.organisation)
        self.opened.append(effect)
        self.urgency = effect.urgency
        self.case = CaseView(
            designation=effect.designation,
            organisation=effect.organisation,
            organisation_name=found.name,
            status="waiting",
            urgency=effect.urgency,
            on_duty=found.on_duty > 0,
        )


def said(turn: Turn) -> OutboundMessage:
    """What a turn says."""
    for effect in turn.effects:
        if isinstance(effect, Say):
            return effect.message
    return OutboundMessage(())
