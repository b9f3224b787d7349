"""Erase: session, return route, replay copies, mailbox and pseudonym go at once, our messages where the channel can."""

from collections.abc import Mapping, Sequence

from bot.crypto.pseudonym import Fingerprinter
from bot.handoff.case import whole_hour
from bot.kernel.address import Address
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import FenerError, RefusedError
from bot.kernel.ids import Pseudonym
from bot.kernel.messages import ChannelName
from bot.ports import AuditTrail, CaseDesk, Channel, Clock, Mailboxes, RouteVault
from bot.telemetry.logs import logger
from bot.usecases.extend_case import ExtendCase
from bot.usecases.recognise_person import Known
from bot.usecases.remember import Record, Remember


class ForgetPerson:
    """Destroys all that we hold of a person. What a caseworker has read and what providers keep remains."""

    def __init__(
        self,
        *,
        remember: Remember,
        routes: RouteVault,
        desk: CaseDesk,
        mailboxes: Mailboxes,
        extend_case: ExtendCase,
        fingerprinter: Fingerprinter,
        channels: Mapping[ChannelName, Channel],
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take everything that holds anything; `channels` are those that can delete what they sent."""
        self._remember = remember
        self._routes = routes
        self._desk = desk
        self._mailboxes = mailboxes
        self._extend_case = extend_case
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
        known: Known | None,
        message: str,
        sent_key: bytes,
        also: Sequence[Pseudonym] = (),
    ) -> bool:
        """Forget; whether a case remains with its caseworkers. `also` are other names of this person.

        The case goes first: when the database is gone nothing was forgotten and the turn fails whole.

        A case that nobody claimed is deleted. A claimed one stays with its caseworkers, cut loose from the person:
        mailbox, notes and pseudonym go, and the team reads that the person asks for deletion.
        """
        remains = False
        if known is not None:
            await self._cut_loose(known, message)
            remains = known.row.status != "waiting"
            await self._routes.forget(known.row.id)
        ids = await self._remember.sent(sent_key)
        await self._remember.forget_replies((*record.digests, sent_key))
        for name in (who, *also):
            await self._remember.forget(name)
            self._fingerprinter.forget(name)
        channel = self._channels.get(address.channel)
        if channel is not None and ids:
            try:
                await channel.delete(address, ids)
            except FenerError as fault:  # whatever it is: all of ours is gone, and the person must hear it
                logger().warning("send.failed", channel=address.channel, reason=fault.code)
        return remains

    async def _cut_loose(self, known: Known, message: str) -> None:
        row = known.row
        line = AuditEntry(row.organisation, AuditEvent.CASE_ERASED, "system", row.id)
        async with self._audit.recording(line, whole_hour(self._clock.now())):
            if row.status == "waiting":
                await self._desk.erase(row.organisation, row.id)
                return
            try:
                row = await self._extend_case.add(known, "", message=message, kind="erased")
            except RefusedError as refused:
                if refused.code != "case.nobody":
                    raise
            await self._extend_case.cut_loose(row)  # first: from now on no reply can come in between
            await self._mailboxes.delete([note.id for note in await self._mailboxes.waiting(row.id)])
