"""Referrals as they are kept, opened: a side that another hand wrote or changed is as if it were not there."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from bot.crypto.keys import ServerKeys
from bot.crypto.randomness import token
from bot.crypto.referral import open_state, seal_state
from bot.handoff.case import whole_hour
from bot.handoff.referral import Referral, ReferralState, may_become, read_referral
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.kernel.rows import ReferralRow
from bot.ports import AuditTrail, Clock

_S = ReferralState
_EVENTS = {
    _S.OFFERED: AuditEvent.REFERRAL_OFFERED,
    _S.SENT: AuditEvent.REFERRAL_SENT,
    _S.ACCEPTED: AuditEvent.REFERRAL_ACCEPTED,
    _S.DECLINED: AuditEvent.REFERRAL_DECLINED,
    _S.DONE: AuditEvent.REFERRAL_DONE,
    _S.LAPSED: AuditEvent.REFERRAL_LAPSED,
    _S.REVOKED: AuditEvent.REFERRAL_REVOKED,
}


class Referrals(Protocol):
    """Both sides of referrals, each with its own case, and gone with it. Nothing here is trusted unopened."""

    async def add(self, row: ReferralRow) -> None:
        """Keep a new one; raises ConflictError when the id is taken."""
        ...

    async def write(self, row: ReferralRow, *, expected: ReferralRow) -> None:
        """Replace the state; raises ConflictError when the stored row differs from `expected`."""
        ...

    async def of(self, case: CaseId) -> Sequence[ReferralRow]:
        """Those of one case."""
        ...

    async def find(self, row: str) -> ReferralRow | None:
        """The row with this id."""
        ...

    async def everything(self) -> Sequence[ReferralRow]:
        """All of them, for what lapses by itself."""
        ...


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a referral: the stored row and what it holds."""

    row: ReferralRow
    kept: Referral


class KeptReferrals:
    """Opens and seals; every change of state is a line in the audit of the organisation that refers."""

    def __init__(self, *, referrals: Referrals, keys: ServerKeys, audit: AuditTrail, clock: Clock) -> None:
        """Take where rows are and what opens them."""
        self._referrals = referrals
        self._keys = keys
        self._audit = audit
        self._clock = clock

    @property
    def hour(self) -> int:
        """The present, as it is stored."""
        return whole_hour(self._clock.now())

    async def of(self, case: CaseId) -> list[Side]:
        """The sides that belong to this case."""
        return self._opened(await self._referrals.of(case))

    async def everything(self) -> list[Side]:
        """Every side there is."""
        return self._opened(await self._referrals.everything())

    async def find(self, row: str) -> Side | None:
        """The side with this id."""
        found = await self._referrals.find(row)
        return next(iter(self._opened([found])), None) if found is not None else None

    async def add(self, case: CaseId, referral: Referral) -> str:
        """Keep a new side; its id."""
        row = token()
        await self._referrals.add(ReferralRow(row, case, self._seal(referral, row, case)))
        return row

    async def move(self, side: Side, state: ReferralState, *, reason: str = "", heard: bool = False) -> bool:
        """Let it become this, with a line of the audit; False where the table has no such step.

        `heard`: the person is told in another way, or not at all. Raises ConflictError when it changed meanwhile.
        """
        if not may_become(side.kept.state, state):
            return False
        line = AuditEntry(side.kept.organisation, _EVENTS[state], "system")  # of no case: hours match
        async with self._audit.recording(line, self.hour):
            told = state.value if heard else side.kept.told
            kept = replace(side.kept, state=state, reason=reason, hour=self.hour, told=told)
            await self.write(side, kept)
        return True

    async def write(self, side: Side, kept: Referral) -> None:
        """Replace what it holds. Raises ConflictError when it changed meanwhile."""
        sealed = self._seal(kept, side.row.id, side.row.case)
        await self._referrals.write(replace(side.row, sealed=sealed), expected=side.row)

    def _seal(self, referral: Referral, row: str, case: str) -> bytes:
        return seal_state(self._keys.row_key, referral.to_bytes(), row=row, case=case)

    def _opened(self, rows: Sequence[ReferralRow]) -> list[Side]:
        found = []
        for row in rows:
            with suppress(RefusedError):
                body = open_state(self._keys.row_key, row.sealed, row=row.id, case=row.case)
                found.append(Side(row, read_referral(body)))
        return found
