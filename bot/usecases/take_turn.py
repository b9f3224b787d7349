"""One inbound message and all it causes: processed whole, then answered; a redelivery changes nothing."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from bot.crypto.pseudonym import SessionNames
from bot.crypto.randomness import random_bytes
from bot.flow import effects
from bot.flow.effects import Effect, Situation
from bot.flow.engine import Turn, advance, after_erasing, remind
from bot.flow.session import Session, decode, encode
from bot.handoff.code_words import CODE_WORD_BYTES, code_words
from bot.handoff.designation import DESIGNATION_BYTES, designation
from bot.handoff.return_code import RETURN_CODE_BYTES, find_return_code, return_code
from bot.i18n.languages import ENGLISH
from bot.kernel.address import Address
from bot.kernel.errors import ConflictError, RefusedError, StorageError
from bot.kernel.ids import Pseudonym
from bot.kernel.messages import InboundMessage, OutboundMessage
from bot.ports import (
    CaseQueue,
    Clock,
    ContentSource,
    Delivery,
    RateLimits,
    TurnLocks,
)
from bot.telemetry.metrics import Metrics
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.code_tries import CodeTries
from bot.usecases.do_effects import DoEffects, Done
from bot.usecases.flag_service import FULL
from bot.usecases.forget_person import ForgetPerson
from bot.usecases.found import Found, mails, message_key, spoilt, views, yes_key
from bot.usecases.keep_counters import KeepCounters
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.kept import (
    Kept,
    forgets_person,
    makes_code,
    opened_in,
    said_in,
    ways_erased,
)
from bot.usecases.move_case import MoveCase
from bot.usecases.mute_case import Mutes
from bot.usecases.newcomers import IN_A_MINUTE, Newcomers
from bot.usecases.recognise_person import Known, Recognised, RecognisePerson
from bot.usecases.remember import GUARD, Record, Remember
from bot.usecases.tell_wait import TellWait
from bot.usecases.tidy_cases import TidyCases

_NONCE_BYTES = 4
_TRIES = 5
_MINUTE = 60
_OPEN_ALREADY: Final = frozenset({"case.already-open", "case.message-seen"})
_LOOK_ANEW: Final = frozenset({"case.nobody", "case.renamed"})


class Answer(NamedTuple):
    """What to say to the person; None says nothing. `repeated` marks a redelivery.

    `kept` is what is kept afterwards; None when the message was not taken (again) and so changed nothing.
    """

    message: OutboundMessage | None
    repeated: bool = False
    kept: Kept | None = None


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
        recognise: RecognisePerson,
        staffing: CheckStaffing,
        services: KeepDirectory,
        queue: CaseQueue,
        wait: TellWait,
        do: DoEffects,
        tidy: TidyCases,
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
        self._recognise = recognise
        self._staffing = staffing
        self._services = services
        self._queue = queue
        self._wait = wait
        self._do = do
        self._tidy = tidy
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
        digest = self._names.digest("message", message_key(message))
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
            await self._remember.add_sent(
                self._names.digest("sent", self._names.of(address)), ids, self._clock.now()
            )

    async def left(self, address: Address) -> None:
        """The person blocked the bot or deleted the chat: forget session and route; an open case stays."""
        who = self._names.of(address)
        async with self._locks.hold(who):
            record, _ = await self._remember.load(who)
            await self._remember.forget_replies(record.digests)
            await self._remember.forget(who)
            for case in record.cases or ():
                await self._do.drop_route(case, (address,))

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
        if found.taken is not None and session is None:
            reply = self._queued(found.taken)
            await self._remember.keep_reply(digest, reply)
            return Answer(reply, repeated=True)
        found, tidied = await self._tidy(found, record.shown)
        turn, done = await self._advanced(delivery, who, session, found)
        cases: tuple[str, ...] | None = done.cases
        shown = done.shown
        if not found.looked:
            cases = (*(record.cases or ()), *done.cases) or record.cases
            shown = record.shown
        elif found.spoilt:
            cases = done.cases or None  # until the row lost its name, and whatever it hid is found
        said = said_in(turn.effects)
        after = Kept(turn.session is not None, done.route, done.organisations, (*tidied, *done.did))
        if forgets_person(turn.effects):
            forgotten = await self._forget(
                who,
                delivery.address,
                record=record,
                cases=found.cases,
                message=message_key(delivery.message),
                sent_key=self._names.digest("sent", who),
                also=[self._names.of(each) for each in delivery.also],
            )
            said = self._farewell(delivery, session, found, forgotten)
            record, version, cases = Record(), 0, ()
            erased = [did for did in ways_erased(forgotten) if did not in after.did]
            after = after._replace(route=False, organisations=(), did=(*after.did, *erased))
        kept = Record(
            session=encode(turn.session) if turn.session is not None else b"",
            cases=cases,
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
        if not record.session and not record.cases:
            await self._remember.forget(who)
        elif not await self._remember.save(who, record, expected=version):
            raise ConflictError("session.changed")

    async def _found(self, delivery: Delivery, who: Pseudonym, record: Record, *, live: bool) -> Found:
        """The person's open case, and whether we could look: under a flood of strangers the next message looks again.

        A record that names a case is always looked at: another process may have opened the first case of all.
        While the database is away, information and SOS go on; only who is known to have a case is asked to send again,
        because their words may be for it.
        """
        before = record.cases or ()
        if record.cases == () and find_return_code(delivery.message.text) is None:
            return Found(looked=True)  # a code may have brought a case here just before we fell over
        try:
            if record.cases is None and not await self._recognise.anybody():
                return Found(looked=True)
            found = await self._recognise(self._addresses(delivery, who), live=live)
        except TimeoutError:
            return Found(looked=False, before=before)
        except StorageError:
            if before:
                raise
            return Found(looked=False)
        unsure = [each for each in found.cases if not live or each.row.id not in before]
        taken = await self._taken(unsure, delivery.message)
        return Found(looked=True, cases=found.cases, taken=taken, before=before, spoilt=found.spoilt)

    def _addresses(self, delivery: Delivery, who: Pseudonym) -> list[tuple[Pseudonym, Address]]:
        return [(who, delivery.address), *((self._names.of(each), each) for each in delivery.also)]

    async def _taken(self, cases: Sequence[Known], message: InboundMessage) -> Known | None:
        """The case that this very message is in already."""
        for name in (yes_key(message), message_key(message)) if cases else ():
            found = await self._queue.seen(sorted({known.key.dedupe(name) for known in cases}))
            for known in cases:
                if found is not None and found.id == known.row.id:
                    return known
        return None

    async def _advanced(
        self, delivery: Delivery, who: Pseudonym, session: Session | None, found: Found
    ) -> tuple[Turn, Done]:
        """The turn with its effects done."""
        library = self._content.library
        seen = views(found)
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
                designation=found.taken.row.designation if found.taken is not None else drawn,
                code_words=found.taken.gate.code_words
                if found.taken is not None
                else code_words(random_bytes(CODE_WORD_BYTES)),
                nonce=fresh[DESIGNATION_BYTES:].hex(),
                cases=seen,
                mails=mails(found),
                demo=self._rules.demo,
                in_english=delivery.message.channel == "simulator",
                spoilt=spoilt(found),
                trusted_less=self._counters.trusted_less,
                answers_can_come=not self._recognise.locked,
                return_code=return_code(random_bytes(RETURN_CODE_BYTES)) if seen else "",
                returned=returned,
                arrived=found.moved,
                taken=found.taken.view if found.taken is not None else None,
            )
            turn = advance(library, session, delivery.message, situation)
            if not returned:
                found, returned = await self._returned(turn.effects, delivery, who, found)
                if returned:
                    seen = views(found) if returned == "moved" else seen
                    continue
            turn = await self._saying_how_long(turn, session, delivery.message, situation)
            turn = await self._unless_muted(turn, session, delivery.message, found)
            try:
                done = await self._do(turn, delivery, who, found)
            except ConflictError as conflict:
                if (
                    conflict.code in _OPEN_ALREADY
                ):  # an earlier try of this turn, or another session of theirs
                    found = await self._look_again(delivery, who)
                    seen = views(found)
                elif conflict.code == FULL:
                    may_report = False
                elif conflict.code != "case.designation-taken":
                    raise
                continue
            except RefusedError as refused:
                if refused.code not in _LOOK_ANEW:
                    raise
                self._staffing.stale()
                seen = ()  # nobody can open what would be added: go on without claiming that it was
                continue
            return turn, done
        raise ConflictError("turn.busy")

    async def _saying_how_long(
        self, turn: Turn, session: Session | None, message: InboundMessage, situation: Situation
    ) -> Turn:
        """The turn; where it opens a case, one that also says its place and how long it may take, as far as anybody knows."""
        found = {each: await self._wait(each, anew=True) for each in opened_in(turn.effects)}
        waits = {each: wait for each, wait in found.items() if wait is not None}
        if not waits:
            return turn
        return advance(self._content.library, session, message, situation._replace(waits=waits))

    async def _returned(
        self, wanted: Sequence[Effect], delivery: Delivery, who: Pseudonym, found: Found
    ) -> tuple[Found, effects.Returned]:
        """What comes of a return code that was typed, or of making one; nothing for a code that does not work.

        A case that it brings here is committed.
        """
        used = next((each for each in wanted if isinstance(each, effects.UseReturnCode)), None)
        if used is None and not makes_code(wanted):
            return found, ""
        if not found.looked:
            raise ConflictError("turn.busy")
        if used is not None and found.taken is not None:  # this very message brought it before we fell over
            return found._replace(taken=None, moved=found.taken.row.id), "moved"
        if not await self._tries.may(who):
            return found, "later"
        if used is None:
            return found, ""
        moved = await self._move_case(
            used.code,
            fingerprint=partial(self._recognise.fingerprint, who, delivery.address, live=True),
            message=message_key(delivery.message),
            here=Recognised(found.cases, found.spoilt),
        )
        if isinstance(moved, str):
            return found, moved
        return found.arrived(moved), "moved"

    async def _unless_muted(
        self, turn: Turn, session: Session | None, message: InboundMessage, found: Found
    ) -> Turn:
        """The turn, or one that says that nothing was sent."""
        muted = await self._muted(turn, message, found)
        if muted is None:
            return turn
        language = session.language if session is not None else muted.row.language
        return Turn(session, (effects.Say(self._not_sent(language)),))

    async def _muted(self, turn: Turn, message: InboundMessage, found: Found) -> Known | None:
        """The case that these words would go into, if it takes none now. Words of crisis always go in."""
        for effect in turn.effects:
            known = found.case(effect.case) if isinstance(effect, effects.AddToCase) else None
            if known is None or not isinstance(effect, effects.AddToCase):
                continue
            if await self._mutes.until(known.row.id, int(self._clock.now().timestamp())) is None:
                continue
            if all(self._content.library.crisis.find(text) is None for text in (message.text, effect.text)):
                return known
        return None

    def _not_sent(self, language: str) -> OutboundMessage:
        """The neutral sentence, and the way to emergency numbers; whether anybody decided this is not said."""
        said, sos = [self._sentence(key, language) for key in ("engine/handoff.unavailable", "rescue/sos")]
        both = said._replace(texts=(*said.texts, *sos.texts))
        if said.english is None or sos.english is None:
            return both
        return both._replace(english=said.english._replace(texts=(*said.english.texts, *sos.english.texts)))

    async def _look_again(self, delivery: Delivery, who: Pseudonym) -> Found:
        again = await self._recognise(self._addresses(delivery, who), live=True)
        if again == Recognised():
            raise ConflictError("turn.busy")
        taken = await self._taken(again.cases, delivery.message)
        return Found(looked=True, cases=again.cases, taken=taken, spoilt=again.spoilt)

    def _farewell(
        self, delivery: Delivery, session: Session | None, found: Found, forgotten: effects.Forgotten
    ) -> OutboundMessage:
        """What the person reads after erasing: what really went."""
        situation = Situation(
            now=self._clock.now(),
            cases=views(found),
            mails=mails(found),
            in_english=delivery.message.channel == "simulator",
            answers_can_come=not self._recognise.locked,
        )
        return after_erasing(self._content.library, session, delivery.message, situation, forgotten)

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
        said = self._sentence("engine/case.open", known.row.language, **words)
        if not known.gate.code_words or known.gate.asks_first:
            return said
        own = self._sentence("engine/words.own", known.row.language, words=known.gate.code_words)
        english = (
            said.english
            and own.english
            and said.english._replace(texts=said.english.texts + own.english.texts)
        )
        return said._replace(texts=said.texts + own.texts, english=english)

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
