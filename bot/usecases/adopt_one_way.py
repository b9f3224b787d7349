"""Once the keys are open: what was handed over while they were locked comes into the queue."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from bot.crypto.envelope import Position, check_envelope, parse_envelope
from bot.crypto.keys import ServerKeys
from bot.crypto.one_way import OneWay, one_way_of, vouched
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError, RefusedError
from bot.ports import AuditTrail, CaseDesk, CaseQueue, CaseRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.membership import chain_of
from bot.usecases.row_integrity import is_ours, signed, was_signed_with


class AdoptOneWay:
    """Vouches for handoffs that this server queued itself while locked; anything else stays as good as absent."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        queue: CaseQueue,
        desk: CaseDesk,
        audit: AuditTrail,
        organisations: Iterable[str],
        staffing: CheckStaffing,
    ) -> None:
        """Take both sides of the queue; `organisations` are those that may have received something."""
        self._keys = keys
        self._queue = queue
        self._desk = desk
        self._audit = audit
        self._organisations = organisations
        self._staffing = staffing

    async def __call__(self) -> int:
        """How many came into the queue. Several processes may do this at once: each case comes in once."""
        one_way = one_way_of(self._keys.folder)
        await self._staffing.now()  # which chain a case goes to is known from the keyrings
        adopted = 0
        for organisation in sorted(self._organisations):
            for row in await self._desk.waiting(organisation):
                if not is_ours(self._keys, row) and was_signed_with(one_way.row_key, row):
                    with suppress(RefusedError, ConflictError):
                        await self._adopt(row, one_way)
                        adopted += 1
        return adopted

    async def _adopt(self, row: CaseRow, one_way: OneWay) -> None:
        found = await self._desk.read(row.organisation, row.id)
        if found is None or found[0] != row or len(found[1]) != 1:
            raise RefusedError("case.gone")
        [envelope] = found[1]
        place = Position(row.id, row.organisation, 1, "in")
        signers = {one_way.signing.kid: one_way.signing.public}
        check_envelope(parse_envelope(envelope.sealed), expected=place, signers=signers)
        sealed = vouched(envelope.sealed, one_way, self._keys.signing)
        line = AuditEntry(chain_of(self._staffing, row), AuditEvent.CASE_OPENED, "system", row.id)
        async with self._audit.recording(line, row.opened_hour):
            await self._desk.write(row, expected=row)  # ours from here on: another process finds it changed
            await self._desk.erase(row.organisation, row.id)
            await self._queue.open(signed(self._keys, row), replace(envelope, sealed=sealed), ())
