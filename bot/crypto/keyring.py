"""Who may receive an organisation's cases: a hash-chained list of entries that its leads sign.

The first entry is signed by the root, whose fingerprint stands in `fener.toml`, where the service cannot write.
Adding a member, removing a lead, renaming and changing the server's key need two leads where there are two;
renewing and removing anybody else need one. A demo root, made by the server, can found a demo organisation only.
Duty keys are not in the chain: each member certifies their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.crypto.chain import DOMAIN, LONGEST_LIFE, START, SUBJECT, Chain, root_fingerprint
from bot.crypto.documents import add_signature, read_document, sign_document
from bot.crypto.members import Head, Keyring, Member, Role
from bot.crypto.signing import SigningKey
from bot.crypto.wire import ORGANISATION, Value, to_base64
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

__all__ = [
    "LONGEST_LIFE",
    "Head",
    "Keyring",
    "Member",
    "Role",
    "add_member",
    "change_server",
    "countersign",
    "found",
    "remove_member",
    "rename",
    "renew",
    "root_fingerprint",
    "sign_entry",
    "verify",
]

MOST_ENTRIES = 4096
_SKEW = timedelta(minutes=10)


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
    last = read_document(entries[-1], SUBJECT)
    organisation = last.fields.text("org", ORGANISATION)
    return _entry(organisation, entries, change, now, *keys)


def countersign(entry: bytes, key: SigningKey) -> bytes:
    """The same entry with one lead's signature more."""
    return add_signature(DOMAIN, entry, key)


def _entry(
    organisation: str,
    before: Sequence[bytes],
    change: Mapping[str, Value],
    now: datetime,
    *keys: SigningKey,
) -> bytes:
    at = int(now.timestamp())
    return sign_document(
        DOMAIN,
        {
            "at": at,
            "change": change,
            "expires": at + int(LONGEST_LIFE.total_seconds()),
            "number": len(before) + 1,
            "org": organisation,
            "previous": read_document(before[-1], SUBJECT).digest if before else START,
            "v": 1,
        },
        *keys,
    )


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
    chain = Chain(organisation, fingerprint)
    for number, entry in enumerate(entries, start=1):
        chain.take(number, read_document(entry, SUBJECT))
        if seen and seen.version == number and seen.digest != chain.digest:
            raise RefusedError("keyring.truncated")
    if seen and seen.version > len(entries):
        raise RefusedError("keyring.truncated")
    if now >= chain.expires:
        raise RefusedError("keyring.expired")
    if now < chain.at - _SKEW:
        raise RefusedError("keyring.clock")
    return chain.keyring(len(entries)).with_duty_keys(duty_certificates, now)
