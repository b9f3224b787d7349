"""The members of a verified keyring: who receives cases, who signs, and what may be missing from an envelope."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.crypto.envelope import Recipient, Way
from bot.crypto.identity import verify_duty_certificate
from bot.crypto.signing import key_id
from bot.crypto.words import fingerprint_words
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

_TWO = 2  # recipients at least, where there are two


class Role(StrEnum):
    """What a member does. All of them can receive cases; only leads sign the keyring."""

    LEAD = "lead"
    CASEWORKER = "caseworker"
    FOCAL_POINT = "focal-point"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a verified keyring. `alias` is what people see; `duty` is None without a valid duty key."""

    kid: KeyId
    identity_public: bytes = field(repr=False)
    role: Role
    alias: str
    duty: Recipient | None = None

    @property
    def duty_kid(self) -> KeyId | None:
        """The id of the public key that cases are sealed to."""
        return self.duty.kid if self.duty else None

    @property
    def words(self) -> tuple[str, ...]:
        """Eight words to compare by voice before signing somebody in."""
        return fingerprint_words(self.identity_public)


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry that was seen: how many there are, and its hash."""

    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Keyring:
    """A keyring whose whole chain was verified. `organisation_name` is what a consent names."""

    organisation: str
    organisation_name: str
    members: tuple[Member, ...]
    former: tuple[Member, ...]
    version: int
    expires: datetime
    head: Head
    server_public: bytes = field(repr=False)
    demo: bool

    def member(self, kid: str) -> Member | None:
        """The member with this identity key."""
        return next((member for member in self.members if member.kid == kid), None)

    def with_duty_keys(self, certificates: Iterable[bytes], now: datetime) -> "Keyring":
        """This keyring with everybody's newest valid duty key. What does not verify is left out, not believed."""
        newest: dict[KeyId, tuple[datetime, Recipient]] = {}
        for certificate in certificates:
            for member in self.members:
                try:
                    found = verify_duty_certificate(
                        certificate, member.identity_public, organisation=self.organisation, now=now
                    )
                except RefusedError:
                    continue
                if member.kid not in newest or newest[member.kid][0] <= found.starts:
                    newest[member.kid] = (found.starts, found.recipient)
        members = tuple(
            replace(member, duty=newest[member.kid][1] if member.kid in newest else None)
            for member in self.members
        )
        return replace(self, members=members)

    def for_queue(self, *, is_complaint: bool) -> "Keyring":
        """Those whom cases of a queue are sealed to: complaints to focal points where there are any, others never.

        Also where no focal point has a valid duty key, or the last one left: then nobody can receive a complaint.
        """
        focal = tuple(each for each in self.members if each.role == Role.FOCAL_POINT)
        others = tuple(each for each in self.members if each.role != Role.FOCAL_POINT)
        return replace(self, members=focal if is_complaint and self.has_focal_points else others)

    @property
    def has_focal_points(self) -> bool:
        """Whether complaints are for some members only: there is a focal point, or there was one."""
        return any(each.role == Role.FOCAL_POINT for each in (*self.members, *self.former))

    def recipients(self, on_duty: Collection[str]) -> tuple[Recipient, ...]:
        """Whom a case is sealed to: those on duty, at least two where there are two; nobody on duty: all.

        `on_duty` are identity key ids. Nobody at all: no case may be made.
        """
        able = [member for member in self.members if member.duty]
        chosen = [member for member in able if member.kid in on_duty]
        if not chosen:
            chosen = able
        elif len(chosen) < _TWO:
            others = [member for member in able if member not in chosen]
            chosen += sorted(others, key=lambda member: (member.role != Role.LEAD, member.kid))[:1]
        return tuple(member.duty for member in chosen if member.duty)

    def left(self, recipients: Iterable[KeyId]) -> frozenset[KeyId]:
        """Those of an envelope's recipients whose key is no member's duty key now: their wraps may be withdrawn."""
        active = {member.duty_kid for member in self.members}
        return frozenset(kid for kid in recipients if kid not in active)

    def signers(self, way: Way) -> Mapping[KeyId, bytes]:
        """Whose signature an envelope of this direction needs: the server's inbound, a member's otherwise."""
        if way == "in":
            return {key_id(self.server_public): self.server_public}
        return {member.kid: member.identity_public for member in (*self.former, *self.members)}
