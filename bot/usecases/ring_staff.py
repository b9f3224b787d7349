"""Ring whoever should hear that somebody waits: one look at every queue, some times a minute.

What is due is decided by `handoff.ringing` and remembered before anybody is rung: a process that dies in between loses one ring, and
none comes twice. No way of ringing holds up another, no organisation another, and none of them is in a turn.

What failed is logged with the half hours too: a line of the log must not tell in which minute somebody asked for help.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from bot.crypto.keys import ServerKeys
from bot.crypto.members import Member, Role
from bot.crypto.ways import WaySeal
from bot.handoff.case import CaseStatus
from bot.handoff.ringing import HALF_HOUR, Caller, Ring, Ringing, next_rings
from bot.kernel.errors import FenerError, SendError, StorageError
from bot.kernel.rows import Way
from bot.kernel.staff_address import StaffAddress
from bot.ports import CaseDesk, CaseRow, Clock, StaffRegister
from bot.telemetry.logs import logger
from bot.usecases.bell import Bell, Ways
from bot.usecases.check_staffing import CheckStaffing, Team
from bot.usecases.remember_rings import RememberRings
from bot.usecases.row_integrity import is_ours

PATIENCE: Final = 30.0
"""Seconds that one ring may take."""

_MINUTE: Final = 60
_LINES: Final = (False, True)


class _Failed(NamedTuple):
    """What is remembered of a ring that failed, until it is logged: the kind of way, and a code or a kind of fault."""

    kind: str
    code: str


class RingStaff:
    """The bell of this installation."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        desk: CaseDesk,
        register: StaffRegister,
        ways: Ways,
        staffing: CheckStaffing,
        rings: RememberRings,
        bells: Mapping[str, Bell],
        clock: Clock,
    ) -> None:
        """Take the queues, the verified teams, what was rung before, and each kind of way with who rings it."""
        self._keys = keys
        self._desk = desk
        self._register = register
        self._ways = ways
        self._staffing = staffing
        self._rings = rings
        self._bells = bells
        self._clock = clock
        self._seal = WaySeal(keys)
        self._failed: set[_Failed] = set()
        self._told = 0

    async def __call__(self, organisations: Collection[str]) -> None:
        """Look at the queue of each of these once, and ring who is due. Raises nothing that one of them did not do."""
        if self._keys.locked:
            return
        self._tell_failures()
        await asyncio.gather(*(self._try_to_look(organisation) for organisation in sorted(organisations)))

    def _tell_failures(self) -> None:
        """Log what failed in the half hour that is over, each once."""
        half_hour = self._minute() // HALF_HOUR
        if half_hour == self._told:
            return
        for fault in sorted(self._failed):
            kind = fault.kind
            logger().warning("bell.failed", way=kind, reason=fault.code)
        self._failed.clear()
        self._told = half_hour

    async def _try_to_look(self, organisation: str) -> None:
        try:
            await self._look(organisation)
        except StorageError as fault:  # the next look is soon
            logger().warning("bell.failed", way="queue", reason=fault.code)

    async def _look(self, organisation: str) -> None:
        team = await self._staffing.team(organisation)
        if team is None:
            return
        now = self._clock.now()
        rows = [row for row in await self._desk.waiting(organisation) if is_ours(self._keys, row)]
        orphaned = await self._staffing.orphaned(organisation, rows)  # they ring like what nobody claimed
        before, version = await self._rings.load(organisation)
        after, due = next_rings(
            before,
            [self._caller(row) for row in rows if row.status == CaseStatus.WAITING or row.id in orphaned],
            self._minute(),
            working=self._staffing.works(organisation, now),
            claimed={row.id for row in rows if row.status == CaseStatus.CLAIMED} - orphaned,
            staffed=[line for line in _LINES if _on_duty(team, is_complaint=line)],
        )
        if not _is_news(before, after):
            return
        if await self._rings.save(organisation, after, expected=version) and due:
            await self._ring({member.kid for each in due for member in _audience(team, each)}, organisation)

    def _minute(self) -> int:
        return int(self._clock.now().timestamp()) // _MINUTE

    def _caller(self, row: CaseRow) -> Caller:
        return Caller(row.id, row.urgency == "now", row.queue in self._staffing.complaints)

    async def _ring(self, kids: Collection[str], organisation: str) -> None:
        """Ring these people once each, in every way they chose; nobody who takes a pause, no lead either."""
        rows = [
            row for row in await self._register.of(organisation) if row.active and row.identity_kid in kids
        ]
        staff = [row.id for row in rows if await self._staffing.away_until(row.id) is None]
        found = await self._ways.of(staff) if self._bells else ()
        await asyncio.gather(*(self._ring_one(way) for way in found if way.kind in self._bells))

    async def _ring_one(self, way: Way) -> None:
        kind = way.kind
        try:
            where = self._seal.open(way.sealed, way.staff)
            if where is not None:
                await ring_at(self._bells[kind], where)
        except FenerError as fault:
            self._failed.add(_Failed(kind, fault.code))
        except Exception as fault:  # noqa: BLE001  # one way must not keep the others quiet
            self._failed.add(_Failed(kind, type(fault).__name__))


async def ring_at(bell: Bell, where: StaffAddress) -> None:
    """Ring there, for so long as a ring may take. Raises SendError."""
    try:
        async with asyncio.timeout(PATIENCE):
            await bell.ring(where)
    except TimeoutError:
        raise SendError("bell.slow", retryable=True) from None


def _is_news(before: Ringing | None, after: Ringing) -> bool:
    return before != after


def _audience(team: Team, ring: Ring) -> Sequence[Member]:
    """Whom a ring is for, from the verified keyring: those on duty; or the leads, and of complaints whoever receives them."""
    able = team.keyring.for_queue(is_complaint=ring.is_complaint).members
    if not ring.leads:
        return [member for member in able if member.kid in team.on_duty]
    leads = [member for member in able if member.role == Role.LEAD]
    return leads or able


def _on_duty(team: Team, *, is_complaint: bool) -> bool:
    return bool(_audience(team, Ring(is_complaint, leads=False)))
