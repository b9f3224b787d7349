"""Which open cases this person has, and what waits for them: derived anew from their address at each contact."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from bot.crypto.epochs import EpochKey
from bot.crypto.gate import Gate, open_gate
from bot.crypto.keys import ServerKeys
from bot.crypto.pseudonym import Fingerprinter
from bot.flow.effects import CaseView, Mail, News, Offered
from bot.handoff.case import CaseStatus
from bot.handoff.referral import ReferralState
from bot.handoff.triage import URGENCIES, queue_order
from bot.kernel.address import Address
from bot.kernel.errors import RefusedError, StorageError
from bot.kernel.ids import CaseId, Pseudonym
from bot.ports import CaseQueue, CaseRow, Clock, Keyrings, NoteRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.kept_referrals import KeptReferrals
from bot.usecases.open_notes import OpenedNote, OpenedQuestion, OpenNotes
from bot.usecases.row_integrity import is_ours
from bot.usecases.tell_wait import TellWait
from bot.usecases.turn_keys import TurnKeys

PATIENCE_SECONDS = 8.0
"""How long a message waits for its fingerprint when many strangers write at once; then it is answered without."""


@dataclass(frozen=True, slots=True)
class Known:
    """One case of a person. `key` is the epoch key that the row's pseudonym and mailbox come from.

    `fingerprint` is the one that the case is under; `preferred` that of the address to find it under from now on,
    another one when a business-scoped id has come in place of a number, or a return code was typed. `complaint`: the
    independent queue of a complaint, whose name is made apart from that of an ordinary case; empty for one of those.
    """

    row: CaseRow
    fingerprint: bytes = field(repr=False)
    preferred: bytes = field(repr=False)
    key: EpochKey = field(repr=False)
    view: CaseView
    gate: Gate = field(repr=False)
    notes: tuple[NoteRow, ...] = ()
    unproven: tuple[NoteRow, ...] = ()
    mail: Mail | None = field(default=None, repr=False)
    complaint: str = ""
    questions: tuple[NoteRow, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it takes words; a closed one is known while its last reply waits."""
        return self.row.closed_hour is None

    @property
    def renamed(self) -> bool:
        """Whether the case is to be found under another address than it is now."""
        return self.preferred != self.fingerprint


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A person whose case somebody else wrote to in the database: nothing in it is believed any more.

    `silent`: its gate still opens, and says that nothing may be said before they ask. `complaint` as in `Known`.
    """

    row: CaseRow
    silent: bool
    complaint: str = ""


class Recognised(NamedTuple):
    """Everything of one person: ordinary cases first, then complaints; and rows that nobody believes."""

    cases: tuple[Known, ...] = ()
    spoilt: tuple[Spoilt, ...] = ()


class _Named(NamedTuple):
    key: EpochKey
    complaint: str


class RecognisePerson:
    """Finds the cases of an address. Costs a tenth of a second once, in a thread; live sessions go first."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        fingerprinter: Fingerprinter,
        queue: CaseQueue,
        keyrings: Keyrings,
        staffing: CheckStaffing,
        notes: OpenNotes,
        wait: TellWait,
        referrals: KeptReferrals,
        turn_keys: TurnKeys,
        clock: Clock,
    ) -> None:
        """Take keys, the cache of fingerprints and where cases are."""
        self._keys = keys
        self._fingerprinter = fingerprinter
        self._queue = queue
        self._keyrings = keyrings
        self._staffing = staffing
        self._notes = notes
        self._wait = wait
        self._referrals = referrals
        self._turn_keys = turn_keys
        self._clock = clock
        self._live: _Line = {}
        self._strangers: _Line = {}
        self._busy = False

    @property
    def locked(self) -> bool:
        """Whether the server's keys are: nobody can be recognised, and no answer can come."""
        return self._keys.locked

    async def anybody(self) -> bool:
        """Whether any case is open; without one nobody needs a fingerprint. Raises StorageError while locked."""
        self._keys.check_open()
        return await self._queue.any_open()

    async def fingerprint(self, who: Pseudonym, address: Address, *, live: bool) -> bytes:
        """The memory-hard fingerprint, one at a time in a thread; people with a live session go first.

        Raises StorageError when the machine has no memory left: information and SOS go on without it.
        """
        known = self._fingerprinter.known(who)
        if known is not None:
            return known
        return await self._in_line(partial(self._fingerprinter.compute, who, address), live=live)

    async def of_code(self, code: str) -> bytes:
        """The same of a return code, behind those who are before it. Raises StorageError likewise."""
        return await self._in_line(partial(self._fingerprinter.of_code, code), live=True)

    async def _in_line(self, compute: Callable[[], bytes], *, live: bool) -> bytes:
        self._keys.check_open()
        await self._enter(self._live if live else self._strangers)
        try:
            return await asyncio.to_thread(compute)
        except MemoryError:
            pass  # its words may come from anywhere: ours is raised after it is gone
        finally:
            self._leave()
        raise StorageError("fingerprint.memory", "There is no memory for a fingerprint: it takes 46 MiB.")

    async def __call__(self, addresses: Sequence[tuple[Pseudonym, Address]], *, live: bool) -> Recognised:
        """The cases under all of these addresses of one person, the first one preferred.

        Raises TimeoutError when too many are before them. Nothing of them waits on then: no address stays in memory,
        and their next message, in a live session, goes before all strangers.
        """
        preferred = b""
        cases: dict[str, Known] = {}
        spoilt: dict[str, Spoilt] = {}
        for name, address in addresses:
            async with asyncio.timeout(PATIENCE_SECONDS / len(addresses)):
                fingerprint = await self.fingerprint(name, address, live=live)
            preferred = preferred or fingerprint
            for each in await self._find(fingerprint):
                found = await self._opened(*each, fingerprint, preferred)
                if isinstance(found, Spoilt):
                    spoilt[found.row.id] = found
                else:
                    cases.setdefault(found.row.id, found)
        return Recognised(in_order(cases.values()), tuple(spoilt.values()))

    async def case(self, case: CaseId, fingerprint: bytes, preferred: bytes) -> Known | None:
        """One case under this fingerprint, to be found under the one of `preferred` from now on; None for no believed one."""
        for row, named in await self._find(fingerprint):
            if row.id == case:
                found = await self._opened(row, named, fingerprint, preferred)
                return found if isinstance(found, Known) else None
        return None

    async def _find(self, fingerprint: bytes) -> list[tuple[CaseRow, _Named]]:
        await self._turn_keys.when_due()
        by_name: dict[bytes, _Named] = {}
        for organisation in await self._keyrings.organisations():
            for key in self._keys.epochs(self._clock.now()).accepted:
                for complaint in ("", *self._staffing.complaints):
                    name = case_name(key, organisation, fingerprint, complaint)
                    by_name[name] = _Named(key, complaint)
        rows = await self._queue.find(tuple(by_name)) if by_name else ()
        return [(row, by_name[row.pseudonym]) for row in rows if row.pseudonym is not None]

    async def _opened(
        self, row: CaseRow, named: _Named, fingerprint: bytes, preferred: bytes
    ) -> Known | Spoilt:
        if not is_ours(self._keys, row):
            return Spoilt(row, _gate_of(row, named.key, fingerprint).discreet, named.complaint)
        return await self._known(row, named, fingerprint, preferred)

    async def _known(self, row: CaseRow, named: _Named, fingerprint: bytes, preferred: bytes) -> Known:
        key = named.key
        gate = _gate_of(row, key, fingerprint)
        opened, unproven, questions = await self._notes(row, key, fingerprint, gate.earlier)
        keyring = await self._staffing.keyring(row.organisation)
        name = keyring.organisation_name if keyring is not None else row.organisation
        on_duty = any(
            each.there(complaint=bool(named.complaint))
            for each in await self._staffing.now()
            if each.organisation == row.organisation
        )
        offers, news = await self._referred(row, questions)
        mail = None
        if opened or unproven or offers or news:
            mail = Mail(
                notes=tuple(each.text for each in opened),
                organisation_name=name,
                designation=row.designation,
                discreet=gate.discreet,
                check_word=gate.check_word,
                locked=gate.locked,
                tries=gate.tries,
                already_shown=not (unproven or offers or news)
                and all(each.row.delivered_hour is not None for each in opened),
                unproven=len(unproven),
                case=row.id,
                offers=offers,
                news=news,
                organisation=row.organisation,
                declined=row.queue if any(each.declined for each in opened) else "",
                excluded=tuple(name for each in opened for name in each.excluded),
                code_words=gate.code_words if any(_is_first(each) for each in opened) else "",
                urgency=next((each for each in URGENCIES if each == row.urgency), "normal"),
            )
        view = CaseView(
            designation=row.designation,
            organisation=row.organisation,
            organisation_name=name,
            status="claimed" if row.status == "claimed" else "waiting",
            urgency=next((each for each in URGENCIES if each == row.urgency), "normal"),
            on_duty=on_duty,
            id=row.id,
            queue=row.queue,
            complaint=named.complaint,
            quiet=gate.asks_first,
            language=row.language,
            check_word=gate.check_word,
            locked=gate.locked,
            tries=gate.tries,
            code_words=gate.code_words,
        )
        if row.status == CaseStatus.WAITING and named.complaint == "":
            view = await self._waiting(view, row)
        notes = tuple(each.row for each in opened)
        asked = tuple(each.row for each in questions)
        return Known(
            row, fingerprint, preferred, key, view, gate, notes, unproven, mail, named.complaint, asked
        )

    async def _referred(
        self, row: CaseRow, questions: Sequence[OpenedQuestion]
    ) -> tuple[tuple[Offered, ...], tuple[News, ...]]:
        """The questions of an open case that are still asked, and how its referrals stand.

        A question counts only while what was kept when it was offered names the same organisation and queue: a
        signature alone, or a row alone, asks nobody.
        """
        sides = [side for side in await self._referrals.of(row.id) if not side.kept.is_received]
        asked = {side.kept.sequence: side.kept for side in sides if side.kept.state is ReferralState.OFFERED}
        offers = []
        for each in questions if row.closed_hour is None else ():
            kept, offer = asked.get(each.row.sequence), each.offer
            if kept is not None and (kept.to, kept.queue) == (offer.to, offer.queue):
                name = await self._name(offer.to)
                offers.append(Offered(each.row.sequence, offer.to, name, offer.queue, offer.fields))
        news = [
            News(await self._name(side.kept.to), side.kept.state.value, side.kept.reason, side.row.id)
            for side in sides
            if side.kept.is_news
        ]
        return tuple(offers), tuple(news)

    async def _name(self, organisation: str) -> str:
        keyring = await self._staffing.keyring(organisation)
        return keyring.organisation_name if keyring is not None else organisation

    async def _waiting(self, view: CaseView, row: CaseRow) -> CaseView:
        """The same with its place in the queue and how long it may take, as far as anybody knows."""
        wait = await self._wait(row.organisation)
        if wait is None:
            return view
        return replace(
            view,
            place=wait.place(queue_order(row.urgency, row.opened_hour, row.id)),
            usual=wait.usual,
            too_long=row.urgency == URGENCIES[0] and await self._wait.too_long(row.organisation, row.id),
        )

    async def _enter(self, line: "_Line") -> None:
        if not self._busy:
            self._busy = True
            return
        door = asyncio.get_running_loop().create_future()
        line[door] = None
        try:
            await door
        except asyncio.CancelledError:
            if door.done() and not door.cancelled():  # our turn had just come: it is the next one's now
                self._leave()
            raise
        finally:
            line.pop(door, None)

    def _leave(self) -> None:
        for line in (self._live, self._strangers):
            for door in line:
                if not door.done():
                    door.set_result(None)
                    return
        self._busy = False


def case_name(key: EpochKey, organisation: str, fingerprint: bytes, complaint: str) -> bytes:
    """The name that a case of this kind is under: ordinary, or a complaint in one queue."""
    if complaint:
        return key.complaint_pseudonym(organisation, complaint, fingerprint)
    return key.case_pseudonym(organisation, fingerprint)


def in_order(cases: Iterable[Known]) -> tuple[Known, ...]:
    """Ordinary cases before complaints, open ones before those whose last reply waits."""
    return tuple(sorted(cases, key=lambda known: (bool(known.complaint), not known.is_open)))


def _is_first(note: OpenedNote) -> bool:
    return note.row.sequence == 1 and note.text != ""


def _gate_of(row: CaseRow, key: EpochKey, fingerprint: bytes) -> Gate:
    with contextlib.suppress(RefusedError):
        return open_gate(key.gate_key(row.salt, fingerprint), row.gate, case=row.id)
    return Gate()


_Line = dict[asyncio.Future[None], None]
"""Who waits for a fingerprint, in order."""
