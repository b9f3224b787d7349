"""Sealing to a public key: HPKE base mode (RFC 9180) with X25519, or with X-Wing against later quantum computers.

Both use HKDF-SHA256 and AES-256-GCM. The library has no public associated data: context is bound by `info`.
A private key is 32 bytes in both suites; an X-Wing key expands from them as its draft says.
Source: RFC 9180; draft-connolly-cfrg-xwing-kem section 5.2.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from bot.crypto.randomness import random_bytes
from bot.crypto.signing import key_id
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

SuiteId = Literal["x25519", "x-wing"]

SECRET = 32  # bytes
TAG = 16  # bytes of AES-GCM
_MLKEM_SEED = 64  # bytes
_MLKEM_PUBLIC = 1184  # bytes

PUBLIC_SIZE: dict[SuiteId, int] = {"x25519": 32, "x-wing": _MLKEM_PUBLIC + 32}
"""Bytes of a public key."""

_SUITES: dict[SuiteId, Suite] = {
    "x25519": Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    "x-wing": Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}

OVERHEAD: dict[SuiteId, int] = {"x25519": 32 + TAG, "x-wing": 1120 + TAG}
"""Bytes that sealing adds: the encapsulated key and the tag."""


def suite_id(name: str) -> SuiteId:
    """The suite of that name.

    Raises:
        RefusedError: `key.suite`.
    """
    for known in _SUITES:
        if known == name:
            return known
    raise RefusedError("key.suite")


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A private key that opens what was sealed to `public`."""

    suite: SuiteId
    secret: bytes = field(repr=False)
    public: bytes = field(repr=False)
    kid: KeyId

    @classmethod
    def from_secret(cls, secret: bytes, suite: SuiteId = "x25519") -> "SealingKey":
        """The key that grows from these 32 bytes.

        Raises:
            RefusedError: `key.format` for another length.
        """
        if len(secret) != SECRET:
            raise RefusedError("key.format")
        if suite == "x25519":
            public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
        else:
            mlkem, x25519 = _xwing_parts(secret)
            public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return cls(suite, secret, public, key_id(public))

    @classmethod
    def make(cls, suite: SuiteId = "x25519") -> "SealingKey":
        """A new random key."""
        return cls.from_secret(random_bytes(SECRET), suite)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """What was sealed to this key with the same `info`.

        Raises:
            RefusedError: `seal.wrong` for another key, another context or a changed byte.
        """
        try:
            return _SUITES[self.suite].decrypt(sealed, self._private(), info)
        except (InvalidTag, ValueError, TypeError):
            raise RefusedError("seal.wrong") from None

    def _private(self) -> X25519PrivateKey | MLKEM768X25519PrivateKey:
        if self.suite == "x25519":
            return X25519PrivateKey.from_private_bytes(self.secret)
        return MLKEM768X25519PrivateKey(*_xwing_parts(self.secret))


def seal_to(public: bytes, plaintext: bytes, info: bytes, suite: SuiteId = "x25519") -> bytes:
    """`plaintext` sealed to a public key, openable only with the same `info`.

    Raises:
        RefusedError: `key.format` for what is no public key of this suite.
    """
    if len(public) != PUBLIC_SIZE[suite]:
        raise RefusedError("key.format")
    try:
        return _SUITES[suite].encrypt(plaintext, _public(public, suite), info)
    except (ValueError, TypeError):
        raise RefusedError("key.format") from None


def _public(public: bytes, suite: SuiteId) -> X25519PublicKey | MLKEM768X25519PublicKey:
    if suite == "x25519":
        return X25519PublicKey.from_public_bytes(public)
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC]),
        X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]),
    )


def _xwing_parts(secret: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    seeds = hashlib.shake_256(secret).digest(_MLKEM_SEED + 32)
    return (
        MLKEM768PrivateKey.from_seed_bytes(seeds[:_MLKEM_SEED]),
        X25519PrivateKey.from_private_bytes(seeds[_MLKEM_SEED:]),
    )
