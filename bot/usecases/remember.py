"""What is remembered of a person between turns: sealed, in memory, under the session pseudonym."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from bot.crypto.vault import SessionSeal
from bot.kernel.ids import Pseudonym
from bot.kernel.messages import OutboundMessage
from bot.ports import Replays, SessionStore

REPLAY_SECONDS = 600
"""How long a redelivery gets the very same reply."""

GUARD = 32
"""Message digests remembered with a session: a redelivery of one of these has no second effect."""

SENT_SECONDS = 48 * 3600
"""How long message ids are kept in memory, so that `erase` can delete on both sides; Telegram allows 48 hours."""

_MOST_SENT = 400


class Record(msgspec.Struct, array_like=True, frozen=True):
    """One person's record. `session` is the engine's, empty after it ended; `digests` are of recent messages.

    `cases` are the ids of their cases; None when nobody has looked yet.
    `shown` are the ids of waiting notes whose words went out: only these are deleted at the next message.
    """

    session: bytes = b""
    cases: tuple[str, ...] | None = None
    digests: tuple[bytes, ...] = ()
    shown: tuple[str, ...] = ()


_record_encoder = msgspec.msgpack.Encoder()
_record_decoder = msgspec.msgpack.Decoder(Record)
_reply_decoder = msgspec.msgpack.Decoder(OutboundMessage)
_sent_decoder = msgspec.msgpack.Decoder(tuple[tuple[int, int], ...])


class Remember:
    """Loads and saves records, replies for redelivery and message ids, each under its own memory-only seal."""

    def __init__(
        self, *, sessions: SessionStore, replays: Replays, memory_key: bytes, idle_seconds: int
    ) -> None:
        """Take the stores, the memory-only key and how long an idle session lives."""
        self._sessions = sessions
        self._replays = replays
        self._seal = SessionSeal(memory_key, "session")
        self._reply_seal = SessionSeal(memory_key, "replay")
        self._sent_seal = SessionSeal(memory_key, "sent")
        self._idle = idle_seconds

    async def load(self, who: Pseudonym) -> tuple[Record, int]:
        """The record and its version; an empty one and 0 when there is none."""
        stored = await self._sessions.load(who)
        if stored is None:
            return Record(), 0
        opened = self._seal.open(stored.sealed, who.encode())
        if opened is None:
            return Record(), stored.version
        try:
            return _record_decoder.decode(opened), stored.version
        except msgspec.MsgspecError:
            return Record(), stored.version

    async def save(self, who: Pseudonym, record: Record, *, expected: int) -> bool:
        """Write the record if nobody else did meanwhile."""
        sealed = self._seal.seal(_record_encoder.encode(record), who.encode())
        return await self._sessions.save(who, sealed, expected=expected, seconds=self._idle)

    async def forget(self, who: Pseudonym) -> None:
        """Destroy the record."""
        await self._sessions.forget(who)

    async def add_shown(self, who: Pseudonym, notes: Sequence[str]) -> None:
        """Note that these were sent outside a turn. Without a record they are offered again: better twice than never."""
        record, version = await self.load(who)
        if version:
            shown = (*record.shown, *notes)
            await self.save(who, msgspec.structs.replace(record, shown=shown), expected=version)

    async def reply_to(self, digest: bytes) -> OutboundMessage | None:
        """The reply this message already got."""
        sealed = await self._replays.recall(digest)
        opened = self._reply_seal.open(sealed, digest) if sealed else None
        return _decode_reply(opened) if opened is not None else None

    async def keep_reply(self, digest: bytes, reply: OutboundMessage) -> None:
        """Remember the reply to a message."""
        sealed = self._reply_seal.seal(_record_encoder.encode(reply), digest)
        await self._replays.keep(digest, sealed, seconds=REPLAY_SECONDS)

    async def forget_replies(self, digests: tuple[bytes, ...]) -> None:
        """Destroy replies at once."""
        if digests:
            await self._replays.forget(digests)

    async def sent(self, key: bytes, now: datetime) -> tuple[int, ...]:
        """Ids of messages in this chat that may still be deleted: none is kept longer than 48 hours."""
        return tuple([each for each, _ in await self._sent(key, now)])

    async def _sent(self, key: bytes, now: datetime) -> tuple[tuple[int, int], ...]:
        sealed = await self._replays.recall(key)
        opened = self._sent_seal.open(sealed, key) if sealed else None
        known = _sent_decoder.decode(opened) if opened is not None else ()
        oldest = int(now.timestamp()) - SENT_SECONDS
        return tuple([each for each in known if each[1] > oldest])

    async def add_sent(self, key: bytes, ids: tuple[int, ...], now: datetime) -> None:
        """Remember ids of messages in this chat, each with its second."""
        second = int(now.timestamp())
        known = (*await self._sent(key, now), *((each, second) for each in ids))[-_MOST_SENT:]
        await self._replays.keep(
            key, self._sent_seal.seal(_record_encoder.encode(known), key), seconds=SENT_SECONDS
        )


def _decode_reply(data: bytes) -> OutboundMessage | None:
    try:
        return _reply_decoder.decode(data)
    except msgspec.MsgspecError:
        return None
