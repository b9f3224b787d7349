"""A caseworker's reply goes out at once while the chat is live; otherwise it waits for the person's next message."""

from collections.abc import Mapping

from bot.crypto.pseudonym import SessionNames
from bot.handoff.case import whole_hour
from bot.i18n.languages import ENGLISH
from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.kernel.ids import CaseId, Pseudonym
from bot.kernel.messages import ChannelName, OutboundMessage
from bot.ports import Channel, Clock, ContentSource, Mailboxes, RouteVault, TurnLocks
from bot.telemetry.logs import logger, place_of
from bot.usecases.recognise_person import Known, RecognisePerson
from bot.usecases.remember import Remember


class DeliverMail:
    """Sends waiting notes at once while the chat is live; otherwise they stay for the person's next message."""

    def __init__(
        self,
        *,
        routes: RouteVault,
        locks: TurnLocks,
        names: SessionNames,
        recognise: RecognisePerson,
        mailboxes: Mailboxes,
        remember: Remember,
        channels: Mapping[ChannelName, Channel],
        content: ContentSource,
        clock: Clock,
    ) -> None:
        """`channels` are those that can send outside a request."""
        self._routes = routes
        self._locks = locks
        self._names = names
        self._recognise = recognise
        self._mailboxes = mailboxes
        self._remember = remember
        self._channels = channels
        self._content = content
        self._clock = clock

    async def __call__(self, case: CaseId) -> bool:
        """Whether the notes of this case went out now. False is no fault: they wait.

        Never raises: the reply is kept already, and whatever is wrong with sending, the next message collects it.
        """
        try:
            return await self._now(case)
        except Exception as fault:  # noqa: BLE001  # the caseworker must not read that a kept reply failed
            logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
            return False

    async def _now(self, case: CaseId) -> bool:
        address = await self._routes.find(case)
        if address is None:
            return False
        channel = self._channels.get(address.channel)
        if channel is None:
            return False
        who = self._names.of(address)
        async with self._locks.hold(who):
            if await self._routes.find(case) is None:  # the person left while we waited for their turn to end
                return False
            return await self._send(case, who, address, channel)

    async def _send(self, case: CaseId, who: Pseudonym, address: Address, channel: Channel) -> bool:
        cases = (await self._recognise([(who, address)], live=True)).cases
        known = next((each for each in cases if each.row.id == case), None)
        if known is None or known.mail is None or known.gate.asks_first:
            return False
        if known.mail.declined:
            return await self._tell_declined(known, who, address, channel)
        fresh = [
            (note, text)
            for note, text in zip(known.notes, known.mail.notes, strict=True)
            if note.delivered_hour is None
        ]
        if not (fresh or known.mail.offers):
            return False
        first = any(note.sequence == 1 for note, _ in fresh)
        message = self._message(
            known, tuple(text for _, text in fresh), known.gate.code_words if first else ""
        )
        ids = await self._sent(case, address, channel, message)
        if ids is None:
            return False
        notes = [note.id for note, _ in fresh]
        await self._remember.add_shown(who, notes)
        await self._mailboxes.delivered(notes, whole_hour(self._clock.now()))
        await self._remember.add_sent(self._names.digest("sent", who), ids, self._clock.now())
        return True

    async def _sent(
        self, case: CaseId, address: Address, channel: Channel, message: OutboundMessage
    ) -> tuple[int, ...] | None:
        """The ids of what went out; None when it did not."""
        try:
            return await channel.send(address, message)
        except SendError as fault:
            logger().warning(
                "send.failed", channel=address.channel, reason=fault.code, retryable=fault.retryable
            )
            if fault.gone:
                await self._routes.forget(case)
            return None

    async def _tell_declined(self, known: Known, who: Pseudonym, address: Address, channel: Channel) -> bool:
        """Say that the organisation cannot take it. The note waits on: the next message is asked about another team."""
        catalogue, name = self._content.library.catalogue, known.view.organisation_name

        def said(language: str) -> tuple[str, ...]:
            return (catalogue.ui("engine/declined.live", language, organisation=name),)

        language = known.row.language
        message = OutboundMessage(
            texts=said(language),
            language=language,
            direction=catalogue.languages.direction(language),
            english=OutboundMessage(said(ENGLISH)) if language != ENGLISH else None,
        )
        ids = await self._sent(known.row.id, address, channel, message)
        if ids is None:
            return False
        await self._remember.add_sent(self._names.digest("sent", who), ids, self._clock.now())
        return True

    def _message(self, known: Known, texts: tuple[str, ...], words: str) -> OutboundMessage:
        """The caseworker's words with who says them, in the language of the case; `words` with the first of them."""
        catalogue, language = self._content.library.catalogue, known.row.language
        asks = known.mail is not None and known.mail.offers

        def said(language: str) -> tuple[str, ...]:
            name = known.view.organisation_name
            return (
                catalogue.ui("engine/mail.from", language, organisation=name),
                *texts,
                *([catalogue.ui("engine/words.proof", language, words=words)] if texts and words else []),
                *([catalogue.ui("engine/mail.after", language)] if texts else []),
                *([catalogue.ui("engine/referred.waiting", language)] if asks else []),
            )

        return OutboundMessage(
            texts=said(language),
            language=language,
            direction=catalogue.languages.direction(language),
            from_case=True,
            english=OutboundMessage(said(ENGLISH), from_case=True) if language != ENGLISH else None,
        )
