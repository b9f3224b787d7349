"""The server stands by each audit chain: it signs how far one has come, and notices when one was cut or made anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.crypto.checkpoint import NOTHING, Checkpoint, Fault, Span, follows, sign_checkpoint
from bot.crypto.keys import ServerKeys
from bot.crypto.members import Head
from bot.handoff.case import whole_hour
from bot.kernel.errors import RefusedError
from bot.ports import AuditHistory, Clock
from bot.telemetry.logs import logger


@dataclass(frozen=True, slots=True)
class Vouched:
    """Two signed checkpoints: of now, and of the place where the asker's own last one stood."""

    now: bytes
    then: bytes


class VouchForAudit:
    """Compares each chain with what KEYS_DIR remembers of it, which no writer of the database can change."""

    def __init__(self, *, audit: AuditHistory, keys: ServerKeys, clock: Clock) -> None:
        """Take the chains, and the keys with what they remember."""
        self._audit = audit
        self._keys = keys
        self._clock = clock

    async def __call__(self, organisation: str, *, since: int = 0) -> Vouched:
        """What the organisation's machines keep. `since` is the number of lines in the checkpoint that they have.

        Raises RefusedError `audit.broken`: the chain does not continue what we saw of it ourselves.
        """
        earlier = self._keys.audit_heads.get(organisation)
        span = (await self._audit.spans(organisation)).get(organisation)
        if await self._fault(organisation, earlier, span) is not None:
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
        remembered = self._keys.audit_heads.all()
        spans = await self._audit.spans()
        faults = {}
        for organisation in sorted({*spans, *remembered}):
            earlier, span = remembered.get(organisation), spans.get(organisation)
            fault = await self._fault(organisation, earlier, span)
            if fault is not None:
                faults[organisation] = fault
            elif span is not None:
                if earlier is None and span.first:
                    self._keys.audit_floors.remember(organisation, Head(span.first, span.before))
                self._keys.audit_heads.remember(organisation, span.head)
        if faults:
            logger().error("audit.broken")
        return faults

    async def begin_later(self, faults: Mapping[str, Fault], *, before: int) -> Mapping[str, int]:
        """Where each whole chain begins once its lines from before this hour are deleted, remembered before they are.

        So neither a crash in between nor who looks meanwhile takes lines that went with time for lines that were taken.
        A chain with a fault, or whose old lines do not fit, stays as it is: it is what the operator looks into.
        """
        begins = {}
        for organisation in self._keys.audit_heads.all():
            if organisation in faults:
                continue
            floor = self._keys.audit_floors.get(organisation)
            found = await self._audit.outlived(
                organisation, floor=floor.version if floor else 0, before=before
            )
            if found is None:
                logger().error("audit.broken")
                continue
            if found.version:
                self._keys.audit_floors.remember(organisation, found)
            kept = self._keys.audit_floors.get(organisation)
            if kept is not None and kept.version >= found.version:  # locked keys remember nothing yet
                begins[organisation] = found.version
        return begins

    async def _fault(self, organisation: str, earlier: Head | None, span: Span | None) -> Fault | None:
        """`earlier` was read before `span`, and the floor is read after it: who appends or deletes meanwhile is no fault."""
        if earlier is None:
            return None
        at = earlier.version - 1
        digest = await self._audit.digest(organisation, at)
        floor = self._keys.audit_floors.get(organisation)
        return follows(earlier, span, floor=floor.version if floor else 0, digest={at: digest}.get)

    def _signed(self, organisation: str, head: Head) -> bytes:
        said = Checkpoint(organisation, head, whole_hour(self._clock.now()))
        return sign_checkpoint(self._keys.signing, said)
