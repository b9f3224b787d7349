"""Sealing under keys that exist in memory only: sessions, replies kept for redelivery, return routes."""

from typing import get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.crypto.derive import derive
from bot.crypto.randomness import random_bytes
from bot.kernel.address import Address
from bot.kernel.messages import ChannelName

_NONCE = 12  # bytes, random: sound for some 2^32 seals, years of the busiest process's life
_SHORTEST = _NONCE + 16  # bytes: nonce and tag
_ROUTE = 128  # bytes that every route is padded to, so that its length says nothing


class SessionSeal:
    """AES-256-GCM under a key derived from the memory-only key; a few microseconds a call."""

    __slots__ = ("_cipher",)

    def __init__(self, memory_key: bytes, purpose: str = "session") -> None:
        """Take the memory-only key and what it seals: `session`, `replay`; what one seals another cannot open."""
        self._cipher = AESGCM(derive(memory_key, "memory-seal", purpose.encode()))

    def seal(self, data: bytes, aad: bytes = b"") -> bytes:
        """`data` sealed; `aad` (whose it is) must be the same to open it."""
        nonce = random_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, aad)

    def open(self, sealed: bytes, aad: bytes = b"") -> bytes | None:
        """What was sealed, or None when it was changed, is somebody else's, or is from before a restart."""
        if len(sealed) < _SHORTEST:
            return None
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], aad)
        except InvalidTag:
            return None


class SealedRoutes:
    """Addresses sealed for the return-route vault, which keeps them in memory for a limited time."""

    __slots__ = ("_seal",)

    def __init__(self, memory_key: bytes) -> None:
        """Take the memory-only key."""
        self._seal = SessionSeal(memory_key, "route")

    def seal_route(self, address: Address, owner: str) -> bytes:
        """The address sealed for `owner`, a case id or session pseudonym. Every route has the same length.

        Raises:
            ValueError: when the address is longer than any channel's.
        """
        text = f"{address.channel}\n{address.reveal()}".encode()
        if len(text) > _ROUTE:
            raise ValueError("address.too-long")
        return self._seal.seal(text.ljust(_ROUTE, b"\x00"), owner.encode())

    def open_route(self, sealed: bytes, owner: str) -> Address | None:
        """The address, or None when it is another owner's, was changed, or is from before a restart."""
        text = self._seal.open(sealed, owner.encode())
        if text is None:
            return None
        name, _, value = text.rstrip(b"\x00").decode().partition("\n")
        channels: tuple[ChannelName, ...] = get_args(ChannelName)
        return next((Address(channel, value) for channel in channels if channel == name), None)
