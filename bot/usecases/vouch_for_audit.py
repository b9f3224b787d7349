"""The server stands by each audit chain: it signs how far one has come, and notices when one was cut or made anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.crypto.checkpoint import NOTHING, Checkpoint, Fault, Span, follows, sign_checkpoint
from bot.crypto.keys import ServerKeys
from bot.crypto.members import Head
from bot.handoff.case import whole_hour
from bot.kernel.errors import RefusedError
from bot.ports import AuditTrail, Clock
from bot.telemetry.logs import logger


@dataclass(frozen=True, slots=True)
class Vouched:
    """Two signed checkpoints: of now, and of the place where the asker's own last one stood."""

    now: bytes
    then: bytes


class VouchForAudit:
    """Compares each chain with what KEYS_DIR remembers of it, which no writer of the database can change."""

    def __init__(self, *, audit: AuditTrail, keys: ServerKeys, clock: Clock) -> None:
        """Take the chains, and the keys with what they remember."""
        self._audit = audit
        self._keys = keys
        self._clock = clock

    async def __call__(self, organisation: str, *, since: int = 0) -> Vouched:
        """What the organisation's machines keep. `since` is the number of lines in the checkpoint that they have.

        Raises RefusedError `audit.broken`: the chain does not continue what we saw of it ourselves.
        """
        span = (await self._audit.spans(organisation)).get(organisation)
        if await self._fault(organisation, span) is not None:
            raise RefusedError("audit.broken", "The audit chain was changed: tell the operator.")
        head = span.head if span is not None else Head(0, NOTHING)
        then = Head(0, NOTHING)
        if 0 < since <= head.version:
            digest = await self._audit.digest(organisation, since - 1)
            then = Head(since, digest) if digest is not None else then
        return Vouched(self._signed(organisation, head), self._signed(organisation, then))

    async def look(self) -> Mapping[str, Fault]:
        """Remember how far each chain has come; the organisations whose chain does not continue what we remember.

        What is broken is not remembered: it stays told until the operator has looked into it.
        """
        spans = await self._audit.spans()
        faults = {}
        for organisation in sorted({*spans, *self._keys.audit_heads.all()}):
            span = spans.get(organisation)
            fault = await self._fault(organisation, span)
            if fault is not None:
                faults[organisation] = fault
            elif span is not None:
                if self._keys.audit_heads.get(organisation) is None and span.first:
                    self._keys.audit_floors.remember(organisation, Head(span.first, span.before))
                self._keys.audit_heads.remember(organisation, span.head)
        if faults:
            logger().error("audit.broken")
        return faults

    async def begin_later(self, faults: Mapping[str, Fault]) -> None:
        """Remember where each whole chain begins, after its oldest lines were deleted because of their age."""
        for organisation, span in (await self._audit.spans()).items():
            if organisation not in faults and span.first:
                self._keys.audit_floors.remember(organisation, Head(span.first, span.before))

    async def _fault(self, organisation: str, span: Span | None) -> Fault | None:
        earlier = self._keys.audit_heads.get(organisation)
        if earlier is None:
            return None
        floor = self._keys.audit_floors.get(organisation)
        at = earlier.version - 1
        digest = await self._audit.digest(organisation, at)
        return follows(earlier, span, floor=floor.version if floor else 0, digest={at: digest}.get)

    def _signed(self, organisation: str, head: Head) -> bytes:
        said = Checkpoint(organisation, head, whole_hour(self._clock.now()))
        return sign_checkpoint(self._keys.signing, said)
