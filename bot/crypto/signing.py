"""Ed25519 signatures with a domain in front of every message, and the ids of public keys."""

import hashlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.crypto.derive import info
from bot.crypto.randomness import random_bytes
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

SEED = 32  # bytes
PUBLIC = 32  # bytes
SIGNATURE = 64  # bytes


def key_id(public: bytes) -> KeyId:
    """The id of a public key: the first half of SHA-256 over its raw bytes, in hexadecimal."""
    return KeyId(hashlib.sha256(public).hexdigest()[:32])


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key. It signs for a domain, so that a signature fits one kind of thing only."""

    seed: bytes = field(repr=False)
    public: bytes
    kid: KeyId

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key that grows from these 32 bytes.

        Raises:
            RefusedError: `key.format` for another length.
        """
        if len(seed) != SEED:
            raise RefusedError("key.format")
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        return cls(seed, public, key_id(public))

    @classmethod
    def make(cls) -> "SigningKey":
        """A new random key."""
        return cls.from_seed(random_bytes(SEED))

    def sign(self, domain: str, *parts: bytes) -> bytes:
        """64 bytes over the domain and the parts, each behind its length."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(info(domain, *parts))


def check_signature(public: bytes, signature: bytes, domain: str, *parts: bytes, code: str) -> None:
    """Return if `public` signed exactly these parts for this domain.

    Raises:
        RefusedError: with `code`.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, info(domain, *parts))
    except (InvalidSignature, ValueError):
        raise RefusedError(code) from None
