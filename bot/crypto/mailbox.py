"""Replies that wait for a person: sealed to a key that only the person's own next message can bring back.

The mailbox key is derived from an epoch key and the memory-hard fingerprint of the address (see `keys`); the
database holds the public half and a salt. Each note is signed by the caseworker who wrote it, and nothing
unsigned is delivered.
"""

import hashlib
from dataclasses import dataclass, field

from bot.crypto.derive import info
from bot.crypto.padding import pad, unpad
from bot.crypto.signing import SigningKey, check_signature
from bot.crypto.suites import SealingKey, seal_to
from bot.kernel.errors import RefusedError

SALT = 16  # bytes of the random salt of a case
_MOST_NOTES = 2**31


@dataclass(frozen=True, slots=True)
class MailboxKey:
    """The private half of a mailbox; it exists only while its person is writing to us."""

    key: SealingKey = field(repr=False)

    @property
    def public(self) -> bytes:
        """32 bytes, stored with the case and carried inside the first envelope."""
        return self.key.public

    def open(self, sealed: bytes, *, case: str, sequence: int, organisation: str) -> bytes:
        """The note that was sealed for exactly this place.

        Raises:
            RefusedError: `mailbox.wrong`.
        """
        try:
            return unpad(self.key.open(sealed, info("mailbox/note", *_place(case, sequence, organisation))))
        except RefusedError:
            raise RefusedError("mailbox.wrong") from None


def seal_note(public: bytes, body: bytes, *, case: str, sequence: int, organisation: str) -> bytes:
    """`body` padded and sealed to a mailbox's public key, for one place only.

    Raises:
        RefusedError: `key.format` for what is no public key; `padding.too-long`; `mailbox.wrong` for an odd place.
    """
    return seal_to(public, pad(body), info("mailbox/note", *_place(case, sequence, organisation)))


def sign_note(identity: SigningKey, sealed: bytes, *, case: str, sequence: int, organisation: str) -> bytes:
    """The caseworker's signature over place and ciphertext: 64 bytes."""
    return identity.sign("mailbox/signature", *_place(case, sequence, organisation), _digest(sealed))


def verify_note(
    public: bytes, signature: bytes, sealed: bytes, *, case: str, sequence: int, organisation: str
) -> None:
    """Return if this identity key signed this note for this place.

    `public` comes from a verified keyring of the case's organisation, never from the note's row.

    Raises:
        RefusedError: `mailbox.signature`; `mailbox.wrong` for an odd place.
    """
    signed = (*_place(case, sequence, organisation), _digest(sealed))
    check_signature(public, signature, "mailbox/signature", *signed, code="mailbox.signature")


def _place(case: str, sequence: int, organisation: str) -> tuple[bytes, bytes, bytes]:
    if not 0 < sequence < _MOST_NOTES:
        raise RefusedError("mailbox.wrong")
    return case.encode(), organisation.encode(), sequence.to_bytes(4, "big")


def _digest(sealed: bytes) -> bytes:
    return hashlib.sha256(sealed).digest()
