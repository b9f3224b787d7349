"""One inbound message and all it causes: processed whole, then answered; a redelivery changes nothing."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal, NamedTuple

from bot.crypto.pseudonym import SessionNames
from bot.crypto.randomness import random_bytes
from bot.flow import effects
from bot.flow.effects import CaseView, Effect, Situation
from bot.flow.engine import Turn, advance, remind
from bot.flow.mail_gate import SPOILT
from bot.flow.session import Session, decode, encode
from bot.handoff.designation import DESIGNATION_BYTES, designation
from bot.handoff.return_code import RETURN_CODE_BYTES, return_code
from bot.i18n.languages import ENGLISH
from bot.kernel.address import Address
from bot.kernel.errors import ConflictError, RefusedError, StorageError
from bot.kernel.ids import CaseId, Pseudonym
from bot.kernel.messages import InboundMessage, OutboundMessage
from bot.ports import (
    CaseQueue,
    CaseRow,
    Clock,
    ContentSource,
    Delivery,
    Mailboxes,
    RateLimits,
    RouteVault,
    TurnLocks,
)
from bot.telemetry.logs import logger
from bot.telemetry.metrics import Metrics
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.close_case import CloseCase
from bot.usecases.code_tries import CodeTries
from bot.usecases.extend_case import ExtendCase
from bot.usecases.flag_service import FULL
from bot.usecases.forget_person import ForgetPerson
from bot.usecases.keep_counters import KeepCounters
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.kept import (
    Did,
    Kept,
    forgets_person,
    makes_code,
    may_come_back,
    notes_shown,
    opens_case,
    said_in,
    ways_erased,
)
from bot.usecases.move_case import MoveCase
from bot.usecases.mute_case import Mutes
from bot.usecases.newcomers import IN_A_MINUTE, Newcomers
from bot.usecases.open_case import OpenCase
from bot.usecases.recognise_person import Known, RecognisePerson, Spoilt
from bot.usecases.remember import GUARD, UNKNOWN, Record, Remember
from bot.usecases.tend_case import TendCase

ROUTE_SECONDS = 600
"""How long a reply can be delivered straight after the person's last message."""

_NONCE_BYTES = 4
_TRIES = 5
_ONE_WAY_AN_HOUR = 2
_MINUTE = 60
_NOBODY = ""
_OPEN_ALREADY: Final = frozenset({"case.already-open", "case.message-seen"})
_LOOK_ANEW: Final = frozenset({"case.nobody", "case.renamed"})
_NEEDS_NO_LOOK: Final = (
    effects.Say,
    effects.DropRoute,
    effects.OpenCase,
    effects.FlagService,
    *effects.COUNTED,
)
"""What can be done for a person without knowing whether they have a case; what is only counted waits for the turn to be kept."""


class Answer(NamedTuple):
    """What to say to the person; None says nothing. `repeated` marks a redelivery.

    `kept` is what is kept afterwards; None when the message was not taken (again) and so changed nothing.
    """

    message: OutboundMessage | None
    repeated: bool = False
    kept: Kept | None = None


class _Done(NamedTuple):
    """Effects done: the person's case afterwards (its id, or empty), whose it is, whether a way back is kept.

    `shown`: ids of the notes whose words stand in this turn's answer.
    """

    case: str
    organisation: str
    route: bool
    did: tuple[Did, ...]
    shown: tuple[str, ...] = ()


class _Found(NamedTuple):
    """Who writes, as far as we could look. `taken`: this very message went into their case before a failure.

    `before` is the id of the case they were remembered with, or empty. `moved`: a return code brought it here just now.
    """

    known: Known | None
    looked: bool
    taken: CaseRow | None = None
    before: str = _NOBODY
    spoilt: Spoilt | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator decided about turns."""

    messages_per_minute: int
    demo: bool
    newcomers_per_minute: int = IN_A_MINUTE


class TakeTurn:
    """Takes one person's messages in order, one at a time; other people do not wait."""

    def __init__(
        self,
        *,
        content: ContentSource,
        names: SessionNames,
        remember: Remember,
        locks: TurnLocks,
        limits: RateLimits,
        routes: RouteVault,
        recognise: RecognisePerson,
        staffing: CheckStaffing,
        services: KeepDirectory,
        queue: CaseQueue,
        mailboxes: Mailboxes,
        open_case: OpenCase,
        extend_case: ExtendCase,
        close_case: CloseCase,
        tend: TendCase,
        tries: CodeTries,
        move_case: MoveCase,
        forget: ForgetPerson,
        mutes: Mutes,
        clock: Clock,
        metrics: Metrics,
        counters: KeepCounters,
        rules: Rules,
    ) -> None:
        """Take every part."""
        self._content = content
        self._names = names
        self._remember = remember
        self._locks = locks
        self._limits = limits
        self._routes = routes
        self._recognise = recognise
        self._staffing = staffing
        self._services = services
        self._queue = queue
        self._mailboxes = mailboxes
        self._open_case = open_case
        self._extend_case = extend_case
        self._close_case = close_case
        self._tend = tend
        self._tries = tries
        self._move_case = move_case
        self._forget = forget
        self._mutes = mutes
        self._clock = clock
        self._metrics = metrics
        self._counters = counters
        self._rules = rules
        self._newcomers = Newcomers(clock, rules.newcomers_per_minute)

    async def __call__(self, delivery: Delivery) -> Answer:
        """The answer to one message. Anything raised means that nothing was kept and the message may come again."""
        message = delivery.message
        who = self._names.of(delivery.address)
        digest = self._names.digest("message", _message_key(message))
        async with self._locks.hold(who):
            known_reply = await self._remember.reply_to(digest)
            if known_reply is not None:
                self._metrics.count(message.channel, "repeated")
                return Answer(known_reply, repeated=True)
            if not await self._allowed(who, message):
                self._metrics.count(message.channel, "limited")
                return Answer(self._sentence("engine/too_many", await self._language(who)))
            record, version = await self._remember.load(who)
            if not version and not self._may_begin(message):
                self._metrics.count(message.channel, "limited")
                return Answer(self._sentence("engine/too_many"))
            if version or not delivery.also:
                answer = await self._take(delivery, who, digest, (record, version, None))
            else:
                answer = await self._take_renamed(delivery, who, digest)
        self._metrics.count(message.channel, "repeated" if answer.repeated else "answered")
        return answer

    def apology(self) -> OutboundMessage:
        """What is said when a turn could not be done: please send that again."""
        return self._sentence("engine/send_again")

    async def sent(self, address: Address, ids: tuple[int, ...]) -> None:
        """Remember message ids of this chat in memory, so that `erase` can delete them on both sides."""
        if ids:
            await self._remember.add_sent(self._names.digest("sent", self._names.of(address)), ids)

    async def left(self, address: Address) -> None:
        """The person blocked the bot or deleted the chat: forget session and route; an open case stays."""
        who = self._names.of(address)
        async with self._locks.hold(who):
            record, _ = await self._remember.load(who)
            await self._remember.forget_replies(record.digests)
            await self._remember.forget(who)
            if record.case not in {UNKNOWN, _NOBODY}:
                await self._drop_route(record.case, address)

    # --- one turn -------------------------------------------------------------------------------------

    async def _take_renamed(self, delivery: Delivery, who: Pseudonym, digest: bytes) -> Answer:
        """The same for somebody who is not known by this address: perhaps by their number, until the other id came."""
        async with AsyncExitStack() as locks:
            for address in delivery.also:
                earlier = self._names.of(address)
                await locks.enter_async_context(self._locks.hold(earlier))
                found, stored = await self._remember.load(earlier)
                if stored:
                    return await self._take(delivery, who, digest, (found, 0, earlier))
            return await self._take(delivery, who, digest, (Record(), 0, None))

    async def _take(
        self,
        delivery: Delivery,
        who: Pseudonym,
        digest: bytes,
        remembered: tuple[Record, int, Pseudonym | None],
    ) -> Answer:
        """One turn from what is remembered: the record, its version, and the earlier name that it was under."""
        record, version, earlier = remembered
        session = decode(record.session) if record.session else None
        if digest in record.digests:  # its reply is no longer kept: no second effect, and no silence either
            return Answer(await self._reminder(session), repeated=True)
        found = await self._found(delivery, who, record, live=session is not None)
        known = found.known
        tidied: tuple[Did, ...] = ()
        if known is not None:
            if found.taken is not None and session is None:
                reply = self._queued(known)
                await self._remember.keep_reply(digest, reply)
                return Answer(reply, repeated=True)
            known, tidied = await self._tidied(known, record.shown)
            found = found._replace(known=known)
        turn, done = await self._advanced(delivery, who, session, found)
        case, shown = done.case, done.shown
        if not found.looked:
            case, shown = done.case or record.case, record.shown
        elif found.spoilt is not None:
            case = done.case or UNKNOWN  # until the row lost its name, and whatever it hid is found
        said = said_in(turn.effects)
        after = Kept(turn.session is not None, done.route, done.organisation, (*tidied, *done.did))
        if forgets_person(turn.effects):
            remains = await self._forget(
                who,
                delivery.address,
                record=record,
                known=known,
                message=_message_key(delivery.message),
                sent_key=self._names.digest("sent", who),
                also=[self._names.of(each) for each in delivery.also],
            )
            record, version, case = Record(), 0, _NOBODY
            erased = [did for did in ways_erased(known, remains=remains) if did not in after.did]
            after = after._replace(route=False, organisation="", did=(*after.did, *erased))
        kept = Record(
            session=encode(turn.session) if turn.session is not None else b"",
            case=case,
            digests=(*record.digests, digest)[-GUARD:],
            shown=shown,
        )
        await self._save(who, kept, version)
        self._counters.take(turn.effects, delivery.message.channel)
        if earlier is not None:
            await self._remember.forget(earlier)
        if said is not None:
            await self._remember.keep_reply(digest, said)
        return Answer(said, kept=after)

    async def _save(self, who: Pseudonym, record: Record, version: int) -> None:
        if not record.session and record.case in {UNKNOWN, _NOBODY}:
            await self._remember.forget(who)
        elif not await self._remember.save(who, record, expected=version):
            raise ConflictError("session.changed")

    async def _found(self, delivery: Delivery, who: Pseudonym, record: Record, *, live: bool) -> _Found:
        """The person's open case, and whether we could look: under a flood of strangers the next message looks again.

        A record that names a case is always looked at: another process may have opened the first case of all.
        While the database is away, information and SOS go on; only who is known to have a case is asked to send again,
        because their words may be for it.
        """
        before = record.case if record.case != UNKNOWN else _NOBODY
        if record.case == _NOBODY:
            return _Found(None, looked=True)
        try:
            if record.case == UNKNOWN and not await self._recognise.anybody():
                return _Found(None, looked=True)
            known = await self._recognise(self._addresses(delivery, who), live=live)
        except TimeoutError:
            return _Found(None, looked=False, before=before)
        except StorageError:
            if before:
                raise
            return _Found(None, looked=False)
        if isinstance(known, Spoilt):
            return _Found(None, looked=True, before=before, spoilt=known)
        taken = None
        if known is not None and (not live or record.case != known.row.id):
            taken = known.row if await self._was_taken(known, delivery.message) else None
        return _Found(known, looked=True, taken=taken, before=before)

    def _addresses(self, delivery: Delivery, who: Pseudonym) -> list[tuple[Pseudonym, Address]]:
        return [(who, delivery.address), *((self._names.of(each), each) for each in delivery.also)]

    async def _was_taken(self, known: Known, message: InboundMessage) -> bool:
        found = await self._queue.seen([known.key.dedupe(_message_key(message))])
        return found is not None and found.id == known.row.id

    async def _tidied(self, known: Known, shown: Sequence[str]) -> tuple[Known | None, tuple[Did, ...]]:
        """Delete notes that were shown in an earlier turn; renew keys of an old epoch.

        A note that is marked as shown in the database alone may never have arrived (that turn failed, or we fell over
        after it): it is offered again.
        """
        did: tuple[Did, ...] = ()
        if read := [note.id for note in known.notes if note.id in shown]:
            await self._mailboxes.delete(read)
            did = (Did.NOTES_DELETED,)
        if known.mail is not None:
            fresh = [
                pair for pair in zip(known.notes, known.mail.notes, strict=True) if pair[0].id not in shown
            ]
            texts = tuple(text for _, text in fresh)
            waits = fresh or known.unproven
            mail = replace(known.mail, notes=texts, already_shown=False) if waits else None
            known = replace(known, notes=tuple(note for note, _ in fresh), mail=mail)
        if known.row.closed_hour is not None:
            row = await self._close_case.cut_loose(known.row) if known.mail is None else known.row
            if row.pseudonym is None:
                return None, (*did, Did.CASE_CUT_LOOSE)
            return replace(known, row=row), did
        renewed = await self._extend_case.renew(known)
        return renewed, did if renewed.row == known.row else (*did, Did.CASE_RENEWED)

    async def _advanced(
        self, delivery: Delivery, who: Pseudonym, session: Session | None, found: _Found
    ) -> tuple[Turn, _Done]:
        """The turn with its effects done."""
        library, known = self._content.library, found.known
        view = _view(found, session)
        returned: effects.Returned = ""
        may_report = True
        for _ in range(_TRIES):
            fresh = random_bytes(DESIGNATION_BYTES + _NONCE_BYTES)
            drawn = designation(fresh[:DESIGNATION_BYTES])
            situation = Situation(
                now=self._clock.now(),
                staffing=await self._staffing.now(),
                directory=await self._services.directory.now(),
                may_report=may_report,
                designation=found.taken.designation if found.taken is not None else drawn,
                nonce=fresh[DESIGNATION_BYTES:].hex(),
                case=view,
                mail=known.mail if known else None,
                demo=self._rules.demo,
                in_english=delivery.message.channel == "simulator",
                spoilt=_spoilt(found),
                trusted_less=self._counters.trusted_less,
                answers_can_come=not self._recognise.locked,
                return_code=return_code(random_bytes(RETURN_CODE_BYTES)) if view is not None else "",
                returned=returned,
            )
            turn = advance(library, session, delivery.message, situation)
            if not returned:
                found, returned = await self._returned(turn.effects, delivery, who, found)
                if returned:
                    known = found.known
                    view = known.view if known is not None and returned == "moved" else view
                    continue
            turn = await self._unless_muted(turn, session, delivery.message, known)
            try:
                done = await self._perform(turn, delivery, who, found)
            except ConflictError as conflict:
                if (
                    conflict.code in _OPEN_ALREADY
                ):  # an earlier try of this turn, or another session of theirs
                    found = await self._look_again(delivery, who)
                    known = found.known
                    view = known.view if known and found.taken is None else None
                elif conflict.code == FULL:
                    may_report = False
                elif conflict.code != "case.designation-taken":
                    raise
                continue
            except RefusedError as refused:
                if refused.code not in _LOOK_ANEW:
                    raise
                self._staffing.stale()
                view = None  # nobody can open what would be added: go on without claiming that it was
                continue
            return turn, done
        raise ConflictError("turn.busy")

    async def _returned(
        self, wanted: Sequence[Effect], delivery: Delivery, who: Pseudonym, found: _Found
    ) -> tuple[_Found, effects.Returned]:
        """What comes of a return code that was typed, or of making one; nothing for a code that does not work.

        A case that it brings here is committed.
        """
        used = next((each for each in wanted if isinstance(each, effects.UseReturnCode)), None)
        if used is None and not makes_code(wanted):
            return found, ""
        if not found.looked:
            raise ConflictError("turn.busy")
        if (
            used is not None and found.taken is not None
        ):  # this very message brought it here before we fell over
            return found, "moved"
        if not await self._tries.may(who):
            return found, "later"
        if used is None:
            return found, ""
        moved = await self._move_case(
            used.code,
            fingerprint=partial(self._recognise.fingerprint, who, delivery.address, live=True),
            message=_message_key(delivery.message),
            here=found.known or found.spoilt,
        )
        if isinstance(moved, str):
            return found, moved
        return found._replace(known=moved, spoilt=None, moved=True), "moved"

    async def _unless_muted(
        self, turn: Turn, session: Session | None, message: InboundMessage, known: Known | None
    ) -> Turn:
        """The turn, or one that says that nothing was sent."""
        if known is None or not await self._muted(turn, message, known):
            return turn
        language = session.language if session is not None else known.row.language
        return Turn(session, (effects.Say(self._not_sent(language)),))

    async def _muted(self, turn: Turn, message: InboundMessage, known: Known) -> bool:
        """Whether these words would go into a case that takes none now. Words of crisis always do."""
        added = [effect.text for effect in turn.effects if isinstance(effect, effects.AddToCase)]
        if not added:
            return False
        if await self._mutes.until(known.row.id, int(self._clock.now().timestamp())) is None:
            return False
        return all(self._content.library.crisis.find(text) is None for text in (message.text, *added))

    def _not_sent(self, language: str) -> OutboundMessage:
        """The neutral sentence, and the way to emergency numbers; whether anybody decided this is not said."""
        said, sos = [self._sentence(key, language) for key in ("engine/handoff.unavailable", "rescue/sos")]
        both = said._replace(texts=(*said.texts, *sos.texts))
        if said.english is None or sos.english is None:
            return both
        return both._replace(english=said.english._replace(texts=(*said.english.texts, *sos.english.texts)))

    async def _look_again(self, delivery: Delivery, who: Pseudonym) -> _Found:
        known = await self._recognise(self._addresses(delivery, who), live=True)
        if isinstance(known, Spoilt):
            return _Found(None, looked=True, spoilt=known)
        if known is None:
            raise ConflictError("turn.busy")
        taken = known.row if await self._was_taken(known, delivery.message) else None
        return _Found(known, looked=True, taken=taken)

    async def _perform(self, turn: Turn, delivery: Delivery, who: Pseudonym, found: _Found) -> _Done:
        known, forgets = found.known, forgets_person(turn.effects)
        _check_looked(found, turn.effects, locked=self._recognise.locked)
        await self._let_go(turn, found.spoilt)
        case, organisation = (known.row.id, known.row.organisation) if known else (_NOBODY, "")
        did = [*([Did.CASE_MOVED] if found.moved else []), *await self._flagged(turn, who)]
        for effect in turn.effects:
            match effect:
                case effects.Say() | effects.ForgetPerson() | effects.UseReturnCode() | effects.FlagService():
                    pass
                case effects.CancelCase() if forgets:
                    pass  # forgetting says more to the team
                case effects.OpenCase() if found.taken is not None:
                    case, organisation = found.taken.id, found.taken.organisation
                case effects.OpenCase():
                    case, organisation = await self._open(effect, delivery, who), effect.organisation
                    did.append(Did.CASE_OPENED)
                case effects.DropRoute():
                    did.append(Did.ROUTE_DROPPED)
                case _:
                    done = await self._tend(effect, known, message=_message_key(delivery.message))
                    did += [done] if done is not None else []
                    if done is Did.CASE_DELETED:
                        case, organisation = _NOBODY, ""
        route = await self._keep_route(turn, delivery, found, case)
        return _Done(case, organisation, route, tuple(did), notes_shown(did, known))

    async def _keep_route(self, turn: Turn, delivery: Delivery, found: _Found, case: str) -> bool:
        """Keep the way back after a turn, or destroy it; whether it is kept."""
        if case and may_come_back(turn, found.known):
            await self._routes.keep(CaseId(case), delivery.address, seconds=ROUTE_SECONDS)
            return True
        if owner := case or (found.known.row.id if found.known is not None else ""):
            await self._routes.forget(CaseId(owner))
        elif found.before:
            await self._drop_route(found.before, delivery.address, *delivery.also)
        return False

    async def _drop_route(self, case: str, *addresses: Address) -> None:
        """Destroy the way back to these addresses; one to where a return code took the case stays."""
        if await self._routes.find(CaseId(case)) in addresses:
            await self._routes.forget(CaseId(case))

    async def _flagged(self, turn: Turn, who: Pseudonym) -> list[Did]:
        """Report the services that the person says something was wrong with."""
        reported = [effect.service for effect in turn.effects if isinstance(effect, effects.FlagService)]
        for service in reported:
            await self._services.flag(who, service)
        return [Did.SERVICE_FLAGGED] * len(reported)

    async def _open(self, wanted: effects.OpenCase, delivery: Delivery, who: Pseudonym) -> str:
        """Queue a case; its id. While the keys are locked one that can have no answer, and so no id to come back to.

        Then nobody can be recognised: how often is counted in memory only.
        """
        messages = [_message_key(delivery.message)]
        if not self._recognise.locked:
            fingerprint = await self._recognise.fingerprint(who, delivery.address, live=True)
            return (await self._open_case(wanted, fingerprint=fingerprint, messages=messages)).id
        if not await self._limits.allow(b"one-way" + who.encode(), limit=_ONE_WAY_AN_HOUR, seconds=3600):
            raise ConflictError("turn.busy")
        await self._open_case.one_way(wanted, messages=messages)
        return _NOBODY

    async def _let_go(self, turn: Turn, spoilt: Spoilt | None) -> None:
        """A row that somebody else wrote loses the person's name once they were told, or need it for a new case."""
        if spoilt is not None and (SPOILT in turn.trace or opens_case(turn.effects)):
            logger().error("case.spoilt")
            await self._extend_case.let_go(spoilt.row)

    # --- around a turn ---------------------------------------------------------------------------------

    async def _allowed(self, who: Pseudonym, message: InboundMessage) -> bool:
        """Whether this address has not written too much lately; words of crisis always get through."""
        key = who.encode()
        if await self._limits.allow(key, limit=self._rules.messages_per_minute, seconds=_MINUTE):
            return True
        return self._content.library.crisis.find(message.text) is not None

    def _may_begin(self, message: InboundMessage) -> bool:
        """Whether there is room for somebody new; for words of crisis there always is."""
        return self._newcomers.may_begin() or self._content.library.crisis.find(message.text) is not None

    async def _language(self, who: Pseudonym) -> str:
        """The language of the conversation, English without one."""
        record, _ = await self._remember.load(who)
        session = decode(record.session) if record.session else None
        return session.language if session is not None else ENGLISH

    async def _reminder(self, session: Session | None) -> OutboundMessage:
        """What a redelivery gets whose reply is gone: the question that waits, or the request to send it again."""
        if session is None:
            return self.apology()
        situation = Situation(
            self._clock.now(), demo=self._rules.demo, directory=await self._services.directory.now()
        )
        return remind(self._content.library, session, situation)

    def _queued(self, known: Known) -> OutboundMessage:
        """What a person is told whose message was committed before we fell over: it is there, and its name."""
        words = {"organisation": known.view.organisation_name, "designation": known.row.designation}
        return self._sentence("engine/case.open", known.row.language, **words)

    def _sentence(self, key: str, language: str = ENGLISH, **values: str) -> OutboundMessage:
        catalogue = self._content.library.catalogue
        english = None
        if language != ENGLISH:
            english = OutboundMessage((catalogue.ui(key, ENGLISH, **values),))
        return OutboundMessage(
            texts=(catalogue.ui(key, language, **values),),
            language=language,
            direction=catalogue.languages.direction(language),
            english=english,
        )


def _message_key(message: InboundMessage) -> str:
    return f"{message.channel}\n{message.message_id}"


def _check_looked(found: _Found, wanted: Sequence[Effect], *, locked: bool) -> None:
    """Never say that something was erased, added or set in a case that there was no time to look for.

    While the keys are locked nobody can look, and the texts themselves say so.
    """
    if not found.looked and not locked and not all(isinstance(effect, _NEEDS_NO_LOOK) for effect in wanted):
        raise ConflictError("turn.busy")


def _view(found: _Found, session: Session | None) -> CaseView | None:
    """What the conversation knows of an open case at the start of a turn."""
    known = found.known
    if known is None or known.row.closed_hour is not None or found.taken is not None:
        return None
    if session is None and known.gate.asks_first:
        return None  # whoever holds this telephone now sees what everybody sees, until they ask
    return known.view


def _spoilt(found: _Found) -> Literal["", "silent", "aloud"]:
    if found.spoilt is None:
        return ""
    return "silent" if found.spoilt.silent else "aloud"
