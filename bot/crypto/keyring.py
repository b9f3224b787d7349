"""Who may receive an organisation's cases: a hash-chained list of entries that its leads sign.

The first entry is signed by the root, whose fingerprint stands in `fener.toml`, where the service cannot write.
Adding a member, removing a lead, renaming and changing the server's key need two leads where there are two;
renewing and removing anybody else need one. A demo root, made by the server, can found a demo organisation only.
Duty keys are not in the chain: each member certifies their own.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.crypto.documents import Document, add_signature, read_document, sign_document
from bot.crypto.envelope import Recipient, Way
from bot.crypto.identity import verify_duty_certificate
from bot.crypto.signing import PUBLIC, SigningKey, key_id
from bot.crypto.wire import KEY_ID, ORGANISATION, Reader, Value, to_base64
from bot.crypto.words import fingerprint_words
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

LONGEST_LIFE = timedelta(days=90)
"""How far ahead an entry may set the expiry."""

MOST_ENTRIES = 4096
LONGEST_NAME = 80  # characters
_DOMAIN = "keyring/entry"
_SKEW = timedelta(minutes=10)
_SUBJECT = "keyring"
_ENTRY = ("at", "change", "expires", "number", "org", "previous", "v")
_START = "0" * 64  # in place of the hash of an entry before the first
_JOINERS = "\u200c\u200d"  # Persian and Urdu spell with them
_TWO = 2  # leads sign together where there are two


class Role(StrEnum):
    """What a member does. All of them can receive cases; only leads sign the keyring."""

    LEAD = "lead"
    CASEWORKER = "caseworker"
    FOCAL_POINT = "focal-point"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a verified keyring. `alias` is what people see; `duty_*` are None without a valid duty key."""

    kid: KeyId
    identity_public: bytes = field(repr=False)
    role: Role
    alias: str
    duty: Recipient | None = None

    @property
    def duty_public(self) -> bytes | None:
        """The public key that cases are sealed to."""
        return self.duty.public if self.duty else None

    @property
    def duty_kid(self) -> KeyId | None:
        """Its id."""
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


def root_fingerprint(public: bytes) -> str:
    """What `fener.toml` pins: SHA-256 over the root's public identity key, in hexadecimal."""
    return hashlib.sha256(public).hexdigest()


# --- changes ------------------------------------------------------------------------------------------


def found(
    root: SigningKey,
    *,
    organisation: str,
    name: str,
    server_public: bytes,
    alias: str | None,
    now: datetime,
    demo: bool = False,
) -> bytes:
    """The first entry. `alias` makes the root itself the first lead; None: a root that only signs (demo)."""
    change: dict[str, Value] = {
        "alias": alias,
        "demo": int(demo),
        "kind": "found",
        "name": name,
        "root": to_base64(root.public),
        "server": to_base64(server_public),
    }
    return _entry(organisation, (), change, now, root)


def add_member(
    entries: Sequence[bytes], *keys: SigningKey, public: bytes, role: Role, alias: str, now: datetime
) -> bytes:
    """The entry that makes somebody a member. Compare `fingerprint_words(public)` by voice first."""
    change: dict[str, Value] = {
        "alias": alias,
        "kind": "add",
        "member": to_base64(public),
        "role": role.value,
    }
    return sign_entry(entries, *keys, change=change, now=now)


def remove_member(entries: Sequence[bytes], *keys: SigningKey, kid: KeyId, now: datetime) -> bytes:
    """The entry that takes a member out."""
    return sign_entry(entries, *keys, change={"kind": "remove", "member": kid}, now=now)


def rename(entries: Sequence[bytes], *keys: SigningKey, name: str, now: datetime) -> bytes:
    """The entry that changes the organisation's name as people see it in a consent."""
    return sign_entry(entries, *keys, change={"kind": "rename", "name": name}, now=now)


def renew(entries: Sequence[bytes], *keys: SigningKey, now: datetime) -> bytes:
    """The entry that moves the expiry 90 days ahead: made whenever a lead works."""
    return sign_entry(entries, *keys, change={"kind": "renew"}, now=now)


def change_server(entries: Sequence[bytes], *keys: SigningKey, server_public: bytes, now: datetime) -> bytes:
    """The entry that accepts another server's signing key, after an installation moved."""
    change: dict[str, Value] = {"kind": "server", "server": to_base64(server_public)}
    return sign_entry(entries, *keys, change=change, now=now)


def sign_entry(
    entries: Sequence[bytes], *keys: SigningKey, change: Mapping[str, Value], now: datetime
) -> bytes:
    """The next entry after `entries`, signed by every one of `keys`; another lead adds theirs with `countersign`.

    Raises:
        RefusedError: `keyring.format` when the last entry is none of ours.
    """
    last = read_document(entries[-1], _SUBJECT)
    organisation = last.fields.text("org", ORGANISATION)
    return _entry(organisation, entries, change, now, *keys)


def countersign(entry: bytes, key: SigningKey) -> bytes:
    """The same entry with one lead's signature more."""
    return add_signature(_DOMAIN, entry, key)


def _entry(
    organisation: str,
    before: Sequence[bytes],
    change: Mapping[str, Value],
    now: datetime,
    *keys: SigningKey,
) -> bytes:
    at = int(now.timestamp())
    return sign_document(
        _DOMAIN,
        {
            "at": at,
            "change": change,
            "expires": at + int(LONGEST_LIFE.total_seconds()),
            "number": len(before) + 1,
            "org": organisation,
            "previous": read_document(before[-1], _SUBJECT).digest if before else _START,
            "v": 1,
        },
        *keys,
    )


# --- verification -------------------------------------------------------------------------------------


def verify(
    entries: Sequence[bytes],
    fingerprint: str,
    now: datetime,
    *,
    organisation: str,
    seen: Head | None = None,
    duty_certificates: Iterable[bytes] = (),
) -> Keyring:
    """The keyring that these entries make, if every link holds from the pinned root to the last.

    `seen` is the newest head known from outside the database (`heads`): a chain cut back before it is refused.

    Raises:
        RefusedError: `keyring.format`, `keyring.chain` (edited, reordered, dropped or another organisation's),
            `keyring.root`, `keyring.signature`, `keyring.truncated`, `keyring.expired`, `keyring.clock` (signed
            in the future), `keyring.change` (an entry that makes no sense, such as removing the last lead).
    """
    if not entries:
        raise RefusedError("keyring.empty")
    if len(entries) > MOST_ENTRIES:
        raise RefusedError("keyring.format")
    state = _State(organisation, fingerprint)
    for number, entry in enumerate(entries, start=1):
        state.take(number, read_document(entry, _SUBJECT))
        if seen and seen.version == number and seen.digest != state.digest:
            raise RefusedError("keyring.truncated")
    if seen and seen.version > len(entries):
        raise RefusedError("keyring.truncated")
    if now >= state.expires:
        raise RefusedError("keyring.expired")
    if now < state.at - _SKEW:
        raise RefusedError("keyring.clock")
    return state.keyring(len(entries)).with_duty_keys(duty_certificates, now)


class _State:
    """What the entries read so far amount to."""

    def __init__(self, organisation: str, fingerprint: str) -> None:
        self.organisation = organisation
        self.fingerprint = fingerprint
        self.digest = _START
        self.at = datetime.fromtimestamp(0, UTC)
        self.expires = self.at
        self.name = ""
        self.server = b""
        self.demo = False
        self.root: bytes | None = None  # a root that is no member and signs alone
        self.members: dict[KeyId, Member] = {}
        self.former: dict[KeyId, Member] = {}

    def take(self, number: int, document: Document) -> None:
        fields = document.fields.only(*_ENTRY)
        fields.integer("v", 1, 1)
        at = datetime.fromtimestamp(fields.integer("at", 0, 2**33), UTC)
        expires = datetime.fromtimestamp(fields.integer("expires", 0, 2**33), UTC)
        place = (fields.text("org", ORGANISATION), fields.integer("number", 1), fields.fields["previous"])
        if place != (self.organisation, number, self.digest) or at < self.at:
            raise RefusedError("keyring.chain")
        if expires - at > LONGEST_LIFE:
            raise RefusedError("keyring.change")
        change = fields.inner("change")
        kind = change.fields.get("kind")
        if (kind == "found") != (number == 1):
            raise RefusedError("keyring.change")
        if number == 1:
            self._found(document, change)
        else:
            self._check_signatures(document, change, str(kind))
            self._apply(change, str(kind))
        self.digest, self.at, self.expires = document.digest, at, expires

    def keyring(self, version: int) -> Keyring:
        return Keyring(
            organisation=self.organisation,
            organisation_name=self.name,
            members=tuple(self.members.values()),
            former=tuple(self.former.values()),
            version=version,
            expires=self.expires,
            head=Head(version, self.digest),
            server_public=self.server,
            demo=self.demo,
        )

    def _found(self, document: Document, change: Reader) -> None:
        change.only("alias", "demo", "kind", "name", "root", "server")
        root = change.data("root", PUBLIC)
        if root_fingerprint(root) != self.fingerprint:
            raise RefusedError("keyring.root")
        document.check(_DOMAIN, root, "keyring.signature")
        self.name = _name(change, "name")
        self.server = change.data("server", PUBLIC)
        self.demo = bool(change.integer("demo", 0, 1))
        if change.fields["alias"] is not None:
            self._join(root, Role.LEAD, _name(change, "alias"))
        elif self.demo:
            self.root = root
        else:
            raise RefusedError("keyring.change")

    def _check_signatures(self, document: Document, change: Reader, kind: str) -> None:
        if self.root is not None and key_id(self.root) in document.signatures:
            document.check(_DOMAIN, self.root, "keyring.signature")
            return
        leads = [member for member in self.members.values() if member.role == Role.LEAD]
        signed = [member for member in leads if member.kid in document.signatures]
        for member in signed:
            document.check(_DOMAIN, member.identity_public, "keyring.signature")
        needed = min(_TWO, len(leads)) if self._needs_two(change, kind) else 1
        if len(signed) < max(1, needed):
            raise RefusedError("keyring.signature")

    def _needs_two(self, change: Reader, kind: str) -> bool:
        if kind == "remove":
            return self._member(change).role == Role.LEAD
        return kind != "renew"

    def _apply(self, change: Reader, kind: str) -> None:
        apply: Callable[[Reader], None] | None = {
            "add": self._add,
            "remove": self._remove,
            "rename": self._rename,
            "renew": self._renew,
            "server": self._change_server,
        }.get(kind)
        if apply is None:
            raise RefusedError("keyring.change")
        apply(change)

    def _add(self, change: Reader) -> None:
        change.only("alias", "kind", "member", "role")
        roles = {role.value: role for role in Role}
        role = roles.get(str(change.fields["role"]))
        if role is None:
            raise RefusedError("keyring.change")
        self._join(change.data("member", PUBLIC), role, _name(change, "alias"))

    def _join(self, public: bytes, role: Role, alias: str) -> None:
        kid = key_id(public)
        if kid in self.members:
            raise RefusedError("keyring.change")
        self.former.pop(kid, None)
        self.members[kid] = Member(kid, public, role, alias)

    def _remove(self, change: Reader) -> None:
        change.only("kind", "member")
        gone = self._member(change)
        leads = sum(member.role == Role.LEAD for member in self.members.values())
        if gone.role == Role.LEAD and leads == 1 and self.root is None:
            raise RefusedError("keyring.change")
        self.former[gone.kid] = self.members.pop(gone.kid)

    def _member(self, change: Reader) -> Member:
        member = self.members.get(KeyId(change.text("member", KEY_ID)))
        if member is None:
            raise RefusedError("keyring.change")
        return member

    def _rename(self, change: Reader) -> None:
        self.name = _name(change.only("kind", "name"), "name")

    def _renew(self, change: Reader) -> None:
        change.only("kind")

    def _change_server(self, change: Reader) -> None:
        self.server = change.only("kind", "server").data("server", PUBLIC)


def _name(change: Reader, key: str) -> str:
    """A name that shows as what it is: no control or direction characters, no line breaks, joiners allowed."""
    name = change.fields.get(key)
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME or name != name.strip():
        raise RefusedError("keyring.format")
    hidden = (character for character in name if character not in _JOINERS)
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in hidden):
        raise RefusedError("keyring.format")
    return name
