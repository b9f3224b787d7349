"""Reading a keyring's chain entry by entry: every link, every signature, and what the entries so far amount to."""

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.crypto.documents import Document
from bot.crypto.members import Head, Keyring, Member, Role
from bot.crypto.signing import PUBLIC, key_id
from bot.crypto.wire import KEY_ID, ORGANISATION, Reader
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

LONGEST_LIFE = timedelta(days=90)
"""How far ahead an entry may set the expiry."""

DOMAIN = "keyring/entry"
SUBJECT = "keyring"
START = "0" * 64
"""In place of the hash of an entry before the first."""

_ENTRY = ("at", "change", "expires", "number", "org", "previous", "v")
_LONGEST_NAME = 80  # characters
_JOINERS = "\u200c\u200d"  # Persian and Urdu spell with them
_TWO = 2  # leads sign together where there are two


def root_fingerprint(public: bytes) -> str:
    """What `fener.toml` pins: SHA-256 over the root's public identity key, in hexadecimal."""
    return hashlib.sha256(public).hexdigest()


class Chain:
    """What the entries taken so far amount to. Each must follow from those before, or is refused."""

    def __init__(self, organisation: str, fingerprint: str) -> None:
        """Begin with nothing but the pinned root's fingerprint."""
        self.organisation = organisation
        self.fingerprint = fingerprint
        self.digest = START
        self.at = datetime.fromtimestamp(0, UTC)
        self.expires = self.at
        self.name = ""
        self.server = b""
        self.demo = False
        self.root: bytes | None = None  # a root that is no member and signs alone
        self.members: dict[KeyId, Member] = {}
        self.former: dict[KeyId, Member] = {}

    def take(self, number: int, document: Document) -> None:
        """Add the entry with this number, from 1.

        Raises:
            RefusedError: `keyring.format`, `keyring.chain`, `keyring.root`, `keyring.signature`, `keyring.change`.
        """
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
        """The keyring that these entries make, without duty keys."""
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
        document.check(DOMAIN, root, "keyring.signature")
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
            document.check(DOMAIN, self.root, "keyring.signature")
            return
        leads = [member for member in self.members.values() if member.role == Role.LEAD]
        signed = [member for member in leads if member.kid in document.signatures]
        for member in signed:
            document.check(DOMAIN, member.identity_public, "keyring.signature")
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
    if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST_NAME or name != name.strip():
        raise RefusedError("keyring.format")
    hidden = (character for character in name if character not in _JOINERS)
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in hidden):
        raise RefusedError("keyring.format")
    return name
