"""Erase: session, return route, replay copies, mailbox and pseudonym go at once, our messages where the channel can."""

from collections.abc import Mapping, Sequence

from bot.crypto.pseudonym import Fingerprinter
from bot.flow.effects import Forgotten
from bot.handoff.case import whole_hour
from bot.kernel.address import Address
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import FenerError, RefusedError
from bot.kernel.ids import Pseudonym
from bot.kernel.messages import ChannelName
from bot.ports import AuditTrail, Channel, Clock, Mailboxes, RouteVault
from bot.telemetry.logs import logger
from bot.usecases.extend_case import ExtendCase
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.recognise_person import Known
from bot.usecases.remember import Record, Remember


class ForgetPerson:
    """Destroys all that we hold of a person. What a caseworker has read and what providers keep remains."""

    def __init__(
        self,
        *,
        remember: Remember,
        routes: RouteVault,
        mailboxes: Mailboxes,
        extend_case: ExtendCase,
        follow: FollowReferrals,
        fingerprinter: Fingerprinter,
        channels: Mapping[ChannelName, Channel],
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take everything that holds anything; `channels` are those that can delete what they sent."""
        self._remember = remember
        self._routes = routes
        self._mailboxes = mailboxes
        self._extend_case = extend_case
        self._follow = follow
        self._fingerprinter = fingerprinter
        self._channels = channels
        self._audit = audit
        self._clock = clock

    async def __call__(
        self,
        who: Pseudonym,
        address: Address,
        *,
        record: Record,
        cases: Sequence[Known],
        message: str,
        sent_key: bytes,
        also: Sequence[Pseudonym] = (),
    ) -> Forgotten:
        """Forget; what went. `also` are other names of this person.

        The case goes first: when the database is gone nothing was forgotten and the turn fails whole.

        A case that nobody claimed is deleted. A claimed one stays with its caseworkers, cut loose from the person:
        mailbox, notes and pseudonym go, and the team reads that the person asks for deletion. When the database goes
        away between two cases the turn fails too: what comes again finds those that are left.
        """
        done = Forgotten()
        for known in cases:
            done = await self._cut_loose(known, message, done)
            await self._routes.forget(known.row.id)
        ids = await self._remember.sent(sent_key, self._clock.now())
        await self._remember.forget_replies((*record.digests, sent_key))
        for name in (who, *also):
            await self._remember.forget(name)
            self._fingerprinter.forget(name)
        channel = self._channels.get(address.channel)
        if channel is None or not ids:
            return done
        try:
            gone = await channel.delete(address, ids)
        except FenerError as fault:  # whatever it is: all of ours is gone, and the person must hear it
            logger().warning("send.failed", channel=address.channel, reason=fault.code)
            return done._replace(messages=len(ids), broke=True)
        return done._replace(messages=len(ids), gone=gone)

    async def _cut_loose(self, known: Known, message: str, done: Forgotten) -> Forgotten:
        """What went so far, and with this case."""
        row = known.row
        waiting = await self._mailboxes.waiting(row.id)
        answers = done.answers + sum(note.delivered_hour is None for note in waiting)
        line = AuditEntry(self._extend_case.chain(row), AuditEvent.CASE_ERASED, "system", row.id)
        async with self._audit.recording(line, whole_hour(self._clock.now())):
            await self._follow.taken_back(row.id)
            if row.status == "waiting":
                await self._extend_case.erase(row)
                return done._replace(deleted=done.deleted + 1, answers=answers)
            told = 1
            try:
                row = await self._extend_case.add(known, "", message=f"{message}\n{row.id}", kind="erased")
            except RefusedError as refused:
                if refused.code != "case.nobody":
                    raise
                told = 0
            await self._extend_case.cut_loose(row)  # first: from now on no reply can come in between
            waiting = await self._mailboxes.waiting(row.id)
            await self._mailboxes.delete([note.id for note in waiting])
        answers = done.answers + sum(note.delivered_hour is None for note in waiting)
        return done._replace(untied=done.untied + 1, told=done.told + told, answers=answers)
