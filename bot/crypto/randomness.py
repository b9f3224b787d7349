"""Randomness from the operating system, for ids, salts and choices; nobody else draws any."""

import os
import secrets


def random_bytes(count: int) -> bytes:
    """`count` unpredictable bytes."""
    return os.urandom(count)


def token(size: int = 16) -> str:
    """An id of `size` random bytes in hexadecimal: 32 digits unless told otherwise."""
    return secrets.token_hex(size)


def choose(options: int) -> int:
    """A number from 0 up to, not including, `options`; each is equally likely."""
    return secrets.randbelow(options)


def url_token() -> str:
    """32 random bytes that may stand in a link: invitations and console sessions."""
    return secrets.token_urlsafe(32)
