"""Who can receive a case now: keyrings verified against their pinned roots, duty keys and duty statements checked.

Nothing read from the database is believed: an entry, key or statement that does not verify is as good as absent.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.crypto.envelope import Recipient
from bot.crypto.heads import KnownHeads
from bot.crypto.identity import verify_duty_statement
from bot.crypto.keyring import Keyring, verify
from bot.handoff.case import CaseStatus
from bot.handoff.routing import Staffing
from bot.kernel.errors import RefusedError, StorageError
from bot.kernel.ids import CaseId, CaseworkerId, KeyId
from bot.ports import CaseDesk, CaseRow, Clock, Keyrings, StaffRegister
from bot.telemetry.logs import logger, place_of
from bot.usecases.pauses import Pauses

FRESH = timedelta(seconds=2)
"""How old a count of who is on duty may be before it is made anew; sealing always looks anew."""

BEARABLE = timedelta(seconds=5)
"""How old it may be while that happens beside the turns; when it is older they wait for the new one."""


DutyHours = Callable[[str, datetime], bool]
"""Whether an organisation's duty hours include a moment."""


@dataclass(frozen=True, slots=True)
class Team:
    """One organisation's people as verified now. `on_duty` are identity key ids.

    `resting`: those who signed that they are on duty and take a pause: they are not there, and read what comes when they are back.
    """

    keyring: Keyring
    on_duty: frozenset[KeyId]
    complaints: frozenset[str] = frozenset()
    resting: frozenset[KeyId] = frozenset()

    def recipients(self, queue: str) -> tuple[Recipient, ...]:
        """Whom an envelope of this queue is sealed to; empty when nobody has a valid duty key.

        A complaint is for focal points where there are any, and whatever is none is never for them.
        """
        team = self.keyring.for_queue(is_complaint=queue in self.complaints)
        return team.recipients(self.on_duty | self.resting)

    @property
    def staffing(self) -> Staffing:
        """The team as routing sees it: those who can open cases, and those who can open complaints."""
        able = self._able(is_complaint=False)
        focal = self._able(is_complaint=True)
        return Staffing(
            self.keyring.organisation,
            self.keyring.organisation_name,
            keys=len(able),
            on_duty=len(self.on_duty & able),
            complaint_keys=len(focal),
            complaint_duty=len(self.on_duty & focal),
            focal_points=self.keyring.has_focal_points,
        )

    def _able(self, *, is_complaint: bool) -> frozenset[KeyId]:
        members = self.keyring.for_queue(is_complaint=is_complaint).members
        return frozenset(member.kid for member in members if member.duty is not None)


class CheckStaffing:
    """Answers who can receive a case: from a short-lived cache for texts, fresh for sealing."""

    def __init__(
        self,
        *,
        keyrings: Keyrings,
        register: StaffRegister,
        roots: Mapping[str, str],
        heads: KnownHeads,
        hours: DutyHours,
        clock: Clock,
        complaints: Collection[str] = (),
        most_open: Mapping[str, int] = MappingProxyType({}),
        desk: CaseDesk | None = None,
        ours: Callable[[CaseRow], bool] = lambda _: True,
        pauses: Pauses | None = None,
    ) -> None:
        """`roots` maps organisation to the pinned root fingerprint; an organisation without one has no team.

        `heads` remembers, outside the database, how far each keyring had come. `hours` are the network's: outside
        of them nobody counts as on duty, whatever they signed. `complaints` are its independent queues. `most_open` limits
        the open cases of some organisations; `desk` counts them, those that are `ours` and no other hand's.
        Who takes one of the `pauses` does not count as on duty.
        """
        self._pauses = pauses
        self._ours = ours
        self.most_open = most_open
        self._desk = desk
        self.complaints = frozenset(complaints)
        self._heads = heads
        self._hours = hours
        self._keyrings = keyrings
        self._register = register
        self._roots = roots
        self._clock = clock
        self._counted: tuple[Staffing, ...] = ()
        self._keyrings_seen: dict[str, Keyring | None] = {}
        self._bearable_until: datetime | None = None
        self._next: datetime | None = None
        self._counting: asyncio.Task[None] | None = None
        self._changes = 0

    def stale(self) -> None:
        """Look anew next time: somebody enrolled or went on or off duty."""
        self._bearable_until = None
        self._changes += 1

    def works(self, organisation: str, now: datetime) -> bool:
        """Whether a moment lies in the organisation's working time."""
        return self._hours(organisation, now)

    async def now(self) -> Sequence[Staffing]:
        """Every organisation with a team that can open a case, at most five seconds old."""
        await self._refresh()
        return self._counted

    async def keyring(self, organisation: str) -> Keyring | None:
        """The verified keyring, at most five seconds old; None when there is none or it does not verify."""
        await self._refresh()
        return self._keyrings_seen.get(organisation)

    def has_focal_points(self, organisation: str) -> bool:
        """Whether complaints are for focal points there, by the keyring as last verified; true where none was."""
        keyring = self._keyrings_seen.get(organisation)
        return keyring is None or keyring.has_focal_points

    async def away_until(self, staff: CaseworkerId) -> int | None:
        """When the pause of a caseworker ends, in seconds since 1970; None when they take none."""
        now = int(self._clock.now().timestamp())
        return await self._pauses.until(staff, now) if self._pauses is not None else None

    async def orphaned(self, organisation: str, cases: Sequence[CaseRow]) -> frozenset[CaseId]:
        """Those of an organisation's cases whose caseworker is gone for good: nobody answers unless a colleague takes over."""
        taken = [row for row in cases if row.status == CaseStatus.CLAIMED]
        if not taken:
            return frozenset()
        here = {row.id for row in await self._register.of(organisation) if row.active}
        return frozenset(row.id for row in taken if row.claimed_by not in here)

    async def left_alone(self, organisation: str, cases: Sequence[CaseRow]) -> frozenset[CaseId]:
        """Those of an organisation's cases whose caseworker is not there for them.

        They take a pause or are gone for good; or they are off duty, and the case is needed now.
        """
        taken = [row for row in cases if row.status == CaseStatus.CLAIMED and row.claimed_by is not None]
        if not taken:
            return frozenset()
        team = await self.team(organisation)
        on_duty = team.on_duty if team is not None else frozenset()
        staff = {row.id: row for row in await self._register.of(organisation) if row.active}
        there = {each for each in staff if await self.away_until(each) is None}
        urgent = {each for each in there if staff[each].identity_kid in on_duty}
        return frozenset(
            row.id for row in taken if row.claimed_by not in (urgent if row.urgency == "now" else there)
        )

    async def team(self, organisation: str) -> Team | None:
        """The verified team, read and checked at this moment; None when there is no keyring to trust."""
        root = self._roots.get(organisation)
        entries = await self._keyrings.entries(organisation) if root is not None else ()
        if root is None or not entries:
            return None
        now = self._clock.now()
        rows = {row.identity_kid: row for row in await self._register.of(organisation) if row.active}
        certificates = [row.duty_certificate for row in rows.values()]
        try:
            keyring = verify(
                entries,
                root,
                now,
                organisation=organisation,
                seen=self._heads.get(organisation),
                duty_certificates=certificates,
            )
        except RefusedError:
            return None
        self._heads.remember(organisation, keyring.head)
        on_duty = set()
        if not self._hours(organisation, now):
            return Team(keyring, frozenset(), self.complaints)
        for member in keyring.members:
            row = rows.get(member.kid)
            if row is None or not row.duty_statement:
                continue
            try:
                verify_duty_statement(
                    row.duty_statement, member.identity_public, organisation=organisation, now=now
                )
            except RefusedError:
                continue
            on_duty.add(member.kid)
        resting = [kid for kid in on_duty if await self.away_until(rows[kid].id) is not None]
        return Team(keyring, frozenset(on_duty.difference(resting)), self.complaints, frozenset(resting))

    async def _refresh(self) -> None:
        """Count anew when it is time: once, however many turns ask meanwhile.

        A turn waits for that only when nothing is known, or it is too old to go on with.
        """
        now = self._clock.now()
        if self._bearable_until is not None and now < self._bearable_until:
            if self._counting is None and (self._next is None or now >= self._next):
                self._begin()
            return
        await asyncio.shield(self._counting or self._begin())
        while self._bearable_until is None:  # somebody came or went while we counted
            await asyncio.shield(self._counting or self._begin())

    def _begin(self) -> asyncio.Task[None]:
        """Count in a task of its own: a turn that is given up leaves it to the others."""
        self._next = self._clock.now() + FRESH
        self._counting = asyncio.create_task(self._count())
        self._counting.add_done_callback(_report)
        return self._counting

    async def _count(self) -> None:
        try:
            await self._look()
        finally:
            self._counting = None

    async def _look(self) -> None:
        present, changes = self._clock.now(), self._changes
        counted = []
        seen: dict[str, Keyring | None] = {}
        for organisation in sorted(self._roots):
            try:
                team = await self.team(organisation)
            except StorageError:  # as before until the database is back; sealing looks for itself
                self._bearable_until = present + BEARABLE
                return
            seen[organisation] = team.keyring if team else None
            if team is not None and (team.staffing.keys or team.staffing.complaint_keys):
                counted.append(replace(team.staffing, open_cases=await self._open_cases(team)))
        if changes == self._changes:
            self._counted, self._keyrings_seen = tuple(counted), seen
            self._bearable_until = present + BEARABLE

    async def _open_cases(self, team: Team) -> int:
        """How many cases are open, where that is limited. As before while the database is away.

        Without complaints where focal points take them: being full would tell the others that there is one.
        """
        organisation = team.keyring.organisation
        apart = self.complaints if team.keyring.has_focal_points else frozenset()
        if self._desk is None or organisation not in self.most_open:
            return 0
        try:
            rows = await self._desk.waiting(organisation)
            return sum(row.queue not in apart and self._ours(row) for row in rows)
        except StorageError:
            before = [each.open_cases for each in self._counted if each.organisation == organisation]
            return before[0] if before else 0


def _report(counting: asyncio.Task[None]) -> None:
    """Say what went wrong in a count: perhaps no turn waited for it."""
    if not counting.cancelled() and (fault := counting.exception()) is not None:
        logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
