"""The directory's ledger, read with suspicion and written with a MAC: what it says about services can be believed.

A hash chain, a MAC on each line, and in KEYS_DIR how far it had come. Who can write the database can take services away
that way, and bring none back. While the keys are locked, lines that nobody saw before only count if they take away.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from bot.crypto.checkpoint import NOTHING, line_hash
from bot.crypto.keys import ServerKeys
from bot.crypto.mac import row_mac, row_mac_ok
from bot.crypto.members import Head
from bot.crypto.wire import canonical, read_canonical
from bot.directory.ledger import Event, event_of
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEntry
from bot.kernel.errors import ConflictError, RefusedError, StartError
from bot.kernel.rows import LedgerLine
from bot.ports import AuditTrail, Clock, DirectoryLedger

_NAME: Final = "directory"
_LARGEST: Final = 16 * 1024  # bytes of a line
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Record:
    """What happened so far. From position `proven` on nobody could check who wrote it; None: all of it was checked."""

    events: tuple[Event, ...] = ()
    digest: str = NOTHING
    proven: int | None = None

    @property
    def length(self) -> int:
        """How many lines there are."""
        return len(self.events)


class KeepLedger:
    """Reads the ledger, and adds to it."""

    def __init__(self, *, ledger: DirectoryLedger, keys: ServerKeys, audit: AuditTrail, clock: Clock) -> None:
        """Take where lines are kept, the keys, and the audit that goes with what staff do."""
        self._ledger = ledger
        self._keys = keys
        self._audit = audit
        self._clock = clock

    async def read(self, so_far: Record | None = None) -> Record:
        """The whole ledger; with `so_far` only what came since is read and checked.

        Raises RefusedError `ledger.broken`: it was changed, cut, or written by somebody else.
        """
        head = self._head()  # before the lines: what is added meanwhile is no fault
        if so_far is None or not so_far.length or (so_far.proven is not None and not self._keys.locked):
            return self._checked(Record(), head, await self._ledger.lines())
        lines = await self._ledger.lines(so_far.length - 1)
        if not lines or line_hash(lines[0].line) != so_far.digest:
            raise broken()
        if len(lines) == 1:
            return so_far
        return self._checked(so_far, head, lines[1:])

    async def write(
        self, decide: Callable[[Record], Event], *, audit: AuditEntry | None = None
    ) -> tuple[Event, Record]:
        """Add what `decide` makes of the ledger as it is, in one commit with its line in the audit.

        Raises RefusedError: what `decide` raises; `ledger.broken`. StorageError `keys.locked`.
        """
        self._keys.check_open()
        record: Record | None = None
        for _ in range(_TRIES):
            record = await self.read(record)
            hour = whole_hour(self._clock.now())
            event = replace(decide(record), hour=hour, position=record.length)
            line = self._line(event, record.digest)
            try:
                async with self._recording(audit, hour):
                    await self._ledger.append(line)
            except ConflictError as conflict:
                if conflict.code != "ledger.changed":
                    raise
                continue
            after = Record((*record.events, event), line_hash(line.line), record.proven)
            self._keys.ledger_heads.remember(_NAME, Head(after.length, after.digest))
            return event, after
        raise ConflictError("ledger.busy", "Too many people change the directory at this moment.")

    @asynccontextmanager
    async def _recording(self, audit: AuditEntry | None, hour: int) -> AsyncIterator[None]:
        if audit is None:
            yield
            return
        async with self._audit.recording(audit, hour):
            yield

    def _line(self, event: Event, previous: str) -> LedgerLine:
        line = canonical({**event.fields(), "position": event.position, "prev": previous})
        if len(line) > _LARGEST:
            raise RefusedError("change.value", "This is too long for the directory.")
        return LedgerLine(event.position, line, row_mac(self._keys.row_key, _covered(event.position, line)))

    def _head(self) -> Head | None:
        """How far we saw it come. A file that was changed says that nothing can be compared."""
        try:
            return self._keys.ledger_heads.get(_NAME)
        except StartError:
            raise broken() from None

    def _checked(self, so_far: Record, head: Head | None, lines: Sequence[LedgerLine]) -> Record:
        """What is known and these lines after it. A line that we saw before is known by its hash, a new one by its MAC."""
        events, digest, proven = list(so_far.events), so_far.digest, so_far.proven
        seen = head.version if head else 0
        for line in lines:
            at = len(events)
            events.append(_event(line, at, digest))
            digest = line_hash(line.line)
            if head is not None and at == seen - 1 and digest != head.digest:
                raise broken()
            if at >= seen:
                if self._keys.locked:
                    proven = at if proven is None else proven
                elif not row_mac_ok(self._keys.row_key, line.mac, _covered(at, line.line)):
                    raise broken()
        if len(events) < seen:
            raise broken()
        if proven is None and len(events) > seen:
            self._keys.ledger_heads.remember(_NAME, Head(len(events), digest))
        return Record(tuple(events), digest, proven)


def broken() -> RefusedError:
    """What is raised when the ledger cannot be believed."""
    return RefusedError(
        "ledger.broken", "The directory's history was changed: nothing is offered. Tell the operator."
    )


def _covered(position: int, line: bytes) -> tuple[str, int, bytes]:
    return ("directory_ledger", position, line)


def _event(line: LedgerLine, position: int, previous: str) -> Event:
    """The event of one line in its place. Raises RefusedError `ledger.broken`."""
    try:
        fields = dict(read_canonical(line.line, "ledger", _LARGEST).fields)
    except RefusedError:
        raise broken() from None
    place = (line.position, fields.pop("position", None), fields.pop("prev", None))
    event = event_of(fields, position)
    if place != (position, position, previous) or event is None:
        raise broken()
    return event
