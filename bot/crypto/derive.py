"""Keys from keys: HKDF-SHA256 with one distinct, unambiguous label for each purpose.

Every label starts with `fener/v1/`. Parts after the label (an organisation, a fingerprint) are written with
their length before them, so that no two lists of parts can give the same bytes.
Source: RFC 5869.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DOMAIN = "fener/v1/"


def info(purpose: str, *parts: bytes) -> bytes:
    """The label of a purpose and its parts: `fener/v1/<purpose>`, then each part behind its length."""
    label = (DOMAIN + purpose).encode() + b"\x00"
    return label + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def derive(key: bytes, purpose: str, *parts: bytes, salt: bytes = b"", length: int = 32) -> bytes:
    """A key of `length` bytes for one purpose, which says nothing about `key` or about other purposes."""
    kdf = HKDF(algorithm=SHA256(), length=length, salt=salt or None, info=info(purpose, *parts))
    return kdf.derive(key)


def keyed(key: bytes, purpose: str, *parts: bytes) -> bytes:
    """HMAC-SHA256 of a purpose and its parts under `key`: 32 bytes."""
    return hmac.digest(key, info(purpose, *parts), "sha256")


class BegunHmac:
    """HMAC with the key, and the start of every message, taken in once: a third of the cost of a whole one.

    For what each turn computes. Source: RFC 2104.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(
        self, key: bytes, start: bytes = b"", hashed: Callable[[bytes], "hashlib._Hash"] = hashlib.sha256
    ) -> None:
        """`hashed` is a hash of hashlib with blocks of 64 bytes."""
        block = (hashed(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        self._inner = hashed(block.translate(_INNER) + start)
        self._outer = hashed(block.translate(_OUTER))

    def __repr__(self) -> str:
        """Show no key."""
        return "BegunHmac()"

    def digest(self, rest: bytes) -> bytes:
        """HMAC of the start and `rest`."""
        inner = self._inner.copy()
        inner.update(rest)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


_BLOCK: Final = 64  # bytes, of SHA-1 and SHA-256
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
