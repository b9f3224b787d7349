"""Keys from keys: HKDF-SHA256 with one distinct, unambiguous label for each purpose.

Every label starts with `fener/v1/`. Parts after the label (an organisation, a fingerprint) are written with
their length before them, so that no two lists of parts can give the same bytes.
Source: RFC 5869.
"""

import hmac

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
