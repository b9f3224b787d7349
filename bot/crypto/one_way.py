"""What is handed over while the server's keys are locked: sealed as always, vouched for by a lesser key until they open.

The lesser secret lies openly in KEYS_DIR. It opens nothing, names nobody and signs no checkpoint; it only lets a
server that was unlocked know again which handoffs it queued itself. Who can read KEYS_DIR and write the database
could put in a handoff of their own; who can write the database alone cannot.
"""

import hashlib
from pathlib import Path

from bot.crypto.derive import derive, keyed
from bot.crypto.envelope import parse_envelope, verify_envelope
from bot.crypto.keystore import SECRET, locked, read_private, write_private
from bot.crypto.randomness import random_bytes
from bot.crypto.signing import SigningKey
from bot.crypto.wire import canonical, to_base64
from bot.kernel.errors import StartError

FILE = "one-way.secret"
_DEDUPE = 16  # bytes


class OneWay:
    """Signs envelopes and rows of handoffs that can have no answer."""

    def __init__(self, secret: bytes) -> None:
        """Use `one_way_of`."""
        self._secret = secret
        self.row_key = derive(secret, "one-way/rows")
        self.signing = SigningKey.from_seed(derive(secret, "one-way/signing"))

    def __repr__(self) -> str:
        return "OneWay()"

    def dedupe(self, message_id: str) -> bytes:
        """16 bytes that stand for a provider's message id."""
        return keyed(derive(self._secret, "one-way/dedupe"), "dedupe", message_id.encode())[:_DEDUPE]


def one_way_of(folder: Path) -> OneWay:
    """The lesser key of this KEYS_DIR, made at the first time.

    Raises:
        StartError: `keys.damaged`, `keys.permissions`, `keys.unwritable`.
    """
    path = folder / FILE
    with locked(folder):
        if not path.exists():
            write_private(path, random_bytes(SECRET))
        secret = read_private(path)
    if len(secret) != SECRET:
        raise StartError("keys.damaged", f"{path} is damaged: remove it.")
    return OneWay(secret)


def vouched(blob: bytes, one_way: OneWay, signer: SigningKey) -> bytes:
    """An envelope that was sealed while locked, signed by the server's own key; nothing else of it changes.

    Raises:
        RefusedError: `envelope.format`; `envelope.signature` for one that we did not seal.
    """
    parsed = parse_envelope(blob)
    verify_envelope(parsed, {one_way.signing.kid: one_way.signing.public})
    signed = hashlib.sha256(parsed.header_bytes).digest(), hashlib.sha256(parsed.ciphertext).digest()
    wraps: dict[str, str] = {to: to_base64(wrap or b"") for to, wrap in parsed.wraps.items()}
    return canonical(
        {
            "body": to_base64(parsed.ciphertext),
            "by": signer.kid,
            "header": to_base64(parsed.header_bytes),
            "sig": to_base64(signer.sign("envelope/signature", *signed)),
            "wraps": wraps,
        }
    )
