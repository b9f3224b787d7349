"""Secrets in a file under a passphrase: Argon2id (64 MiB, three passes), then AES-256-GCM.

The caseworker's key file and the server's sealed keys share this form:
`{"box", "kind", "nonce", "salt", "v"}`. The cost is fixed by the version, so that no file can ask for less,
or for more memory than there is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from bot.crypto.derive import info
from bot.crypto.randomness import random_bytes
from bot.crypto.signing import SEED, SigningKey
from bot.crypto.suites import SECRET, SealingKey, suite_id
from bot.crypto.wire import SUITE, Reader, canonical, read_canonical, to_base64
from bot.crypto.words import plain_passphrase
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

_MEMORY = 64 * 1024  # KiB
_ITERATIONS = 3
_SALT = 16  # bytes
_NONCE = 12  # bytes
_LARGEST = 256 * 1024  # bytes
_MOST_DUTY_KEYS = 64
_KIND = re.compile(r"[a-z-]{1,32}")
_NOTE = re.compile(r".{0,2000}", re.DOTALL)


def stretch(passphrase: str, salt: bytes) -> bytes:
    """32 bytes from a passphrase; blocks for about half a second. Case and spacing do not matter."""
    kdf = Argon2id(salt=salt, length=32, iterations=_ITERATIONS, lanes=1, memory_cost=_MEMORY)
    return kdf.derive(plain_passphrase(passphrase).encode())


def new_salt() -> bytes:
    """A salt for `stretch`."""
    return random_bytes(_SALT)


def lock(secret: bytes, key: bytes, *, salt: bytes, kind: str) -> bytes:
    """`secret` as a file of this kind under `key`, which `stretch` made with `salt`."""
    nonce = random_bytes(_NONCE)
    box = AESGCM(key).encrypt(nonce, secret, info("keyfile", kind.encode(), salt))
    return canonical(
        {"box": to_base64(box), "kind": kind, "nonce": to_base64(nonce), "salt": to_base64(salt), "v": 1}
    )


def salt_of(blob: bytes, *, kind: str) -> bytes:
    """The salt that `stretch` needs to open this file.

    Raises:
        RefusedError: `keyfile.format`; `keyfile.kind` when it is locked in another way.
    """
    return _outer(blob, kind).data("salt", _SALT)


def unlock(blob: bytes, key: bytes, *, kind: str) -> bytes:
    """The secret of a file.

    Raises:
        RefusedError: `keyfile.format`, `keyfile.kind`, `keyfile.passphrase` for a wrong key or a damaged file.
    """
    outer = _outer(blob, kind)
    label = info("keyfile", kind.encode(), outer.data("salt", _SALT))
    try:
        return AESGCM(key).decrypt(outer.data("nonce", _NONCE), outer.data("box"), label)
    except InvalidTag:
        raise RefusedError("keyfile.passphrase") from None


@dataclass(frozen=True, slots=True)
class CaseworkerKeys:
    """Everything secret of one caseworker. `notes` are the program's own: server, organisation, pinned root."""

    identity: SigningKey
    duty: tuple[SealingKey, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)

    def duty_key(self, kid: KeyId) -> SealingKey | None:
        """The private duty key with this id."""
        return next((key for key in self.duty if key.kid == kid), None)

    def to_file(self, passphrase: str) -> bytes:
        """The file, locked. Blocks for about half a second."""
        salt = new_salt()
        return lock(_to_json(self), stretch(passphrase, salt), salt=salt, kind="caseworker")

    @classmethod
    def from_file(cls, blob: bytes, passphrase: str) -> "CaseworkerKeys":
        """The keys of a file. Blocks for about half a second.

        Raises:
            RefusedError: `keyfile.format`, `keyfile.kind`, `keyfile.passphrase`.
        """
        salt = salt_of(blob, kind="caseworker")
        return _from_json(unlock(blob, stretch(passphrase, salt), kind="caseworker"))


def _outer(blob: bytes, kind: str) -> Reader:
    outer = read_canonical(blob, "keyfile", _LARGEST).only("box", "kind", "nonce", "salt", "v")
    outer.integer("v", 1, 1)
    if outer.text("kind", _KIND) != kind:
        raise RefusedError("keyfile.kind")
    return outer


def _to_json(keys: CaseworkerKeys) -> bytes:
    duty = [{"secret": to_base64(key.secret), "suite": str(key.suite)} for key in keys.duty]
    return canonical({"duty": duty, "identity": to_base64(keys.identity.seed), "notes": dict(keys.notes)})


def _from_json(secret: bytes) -> CaseworkerKeys:
    fields = read_canonical(secret, "keyfile", _LARGEST).only("duty", "identity", "notes")
    notes = fields.inner("notes")
    return CaseworkerKeys(
        identity=SigningKey.from_seed(fields.data("identity", SEED)),
        duty=tuple(
            SealingKey.from_secret(each.data("secret", SECRET), suite_id(each.text("suite", SUITE)))
            for each in fields.objects("duty", _MOST_DUTY_KEYS)
        ),
        notes={name: notes.text(name, _NOTE) for name in notes.fields},
    )
