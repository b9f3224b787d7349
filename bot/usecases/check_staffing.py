"""Who can receive a case now: keyrings verified against their pinned roots, duty keys and duty statements checked.

Nothing read from the database is believed: an entry, key or statement that does not verify is as good as absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.crypto.envelope import Recipient
from bot.crypto.identity import check_duty_key, check_duty_statement
from bot.crypto.keyring import Keyring, verify
from bot.handoff.routing import Staffing
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId
from bot.ports import Clock, Keyrings, StaffRegister, StaffRow

FRESH_SECONDS = 2.0
"""How old a count of who is on duty may be; sealing always looks anew."""

_QUORUM = 2


@dataclass(frozen=True, slots=True)
class Team:
    """One organisation's people as verified now. `duty` maps identity key id to the sealing key of the week."""

    keyring: Keyring
    duty: Mapping[KeyId, Recipient]
    on_duty: frozenset[KeyId]

    def recipients(self) -> tuple[Recipient, ...]:
        """Who an envelope is sealed to: those on duty, at least two where there are two; nobody on duty: all."""
        chosen = [kid for kid in self.duty if kid in self.on_duty] or list(self.duty)
        for kid in self.duty:
            if len(chosen) >= _QUORUM:
                break
            if kid not in chosen:
                chosen.append(kid)
        return tuple(self.duty[kid] for kid in chosen)


class CheckStaffing:
    """Answers who can receive a case, from a short-lived cache for texts and fresh for sealing."""

    def __init__(
        self, *, keyrings: Keyrings, register: StaffRegister, roots: Mapping[str, str], clock: Clock
    ) -> None:
        """`roots` maps organisation to the pinned root fingerprint; an organisation without one has no team."""
        self._keyrings = keyrings
        self._register = register
        self._roots = dict(roots)
        self._clock = clock
        self._cached: tuple[Staffing, ...] = ()
        self._until: datetime | None = None

    def pin(self, organisation: str, root: str) -> None:
        """Trust this root for the demo organisation; real ones are pinned in fener.toml."""
        self._roots.setdefault(organisation, root)

    def stale(self) -> None:
        """Look anew next time: somebody went on or off duty."""
        self._until = None

    async def now(self) -> Sequence[Staffing]:
        """Every organisation with a team that can open a case, at most two seconds old."""
        present = self._clock.now()
        if self._until is not None and (self._until - present).total_seconds() > 0:
            return self._cached
        self._cached = tuple(await self._count())
        self._until = _later(present)
        return self._cached

    async def _count(self) -> list[Staffing]:
        counts = []
        for organisation in sorted(self._roots):
            team = await self.team(organisation)
            if team is not None and team.duty:
                counts.append(
                    Staffing(organisation, team.keyring.organisation_name, len(team.duty), len(team.on_duty))
                )
        return counts

    async def keyring(self, organisation: str) -> Keyring | None:
        """The verified keyring; None when there is none, nobody pinned it or it does not verify."""
        root = self._roots.get(organisation)
        if root is None:
            return None
        entries = await self._keyrings.entries(organisation)
        if not entries:
            return None
        try:
            return verify(entries, root, self._clock.now(), organisation=organisation)
        except RefusedError:
            return None

    async def team(self, organisation: str) -> Team | None:
        """The verified team, read and checked at this moment."""
        keyring = await self.keyring(organisation)
        if keyring is None:
            return None
        present = self._clock.now()
        duty: dict[KeyId, Recipient] = {}
        on_duty: set[KeyId] = set()
        rows = {row.identity_kid: row for row in await self._register.of(organisation) if row.active}
        for member in keyring.members:
            row = rows.get(member.kid)
            recipient = _sealing_key(row, member.identity_public, present) if row is not None else None
            if row is None or recipient is None:
                continue
            duty[member.kid] = recipient
            if _is_on_duty(row, member.identity_public, present):
                on_duty.add(member.kid)
        return Team(keyring, duty, frozenset(on_duty))


def _sealing_key(row: StaffRow, identity_public: bytes, now: datetime) -> Recipient | None:
    try:
        return check_duty_key(row.duty_certificate, identity_public, now).recipient
    except RefusedError:
        return None


def _is_on_duty(row: StaffRow, identity_public: bytes, now: datetime) -> bool:
    try:
        check_duty_statement(row.duty_statement, identity_public, row.organisation, now)
    except RefusedError:
        return False
    return True


def _later(present: datetime) -> datetime:
    return present + timedelta(seconds=FRESH_SECONDS)
