"""The state of a referral as the database keeps it: sealed and authenticated by the server, always of the same length.

A copy of the database tells that a case has something to do with a referral, and neither with whom, nor since when,
nor how it stands. Nothing in it names the two cases of a referral together; on a quiet day the hours of the audit, in
which one organisation's referral went and another's case began, let somebody guess.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.crypto.derive import derive, info
from bot.crypto.randomness import random_bytes
from bot.kernel.errors import RefusedError

_SIZE = 512  # bytes that every state is padded to
_NONCE = 12  # bytes


def seal_state(row_key: bytes, body: bytes, *, row: str, case: str) -> bytes:
    """The state sealed for one row of one case.

    Raises:
        RefusedError: `referral.format` for what is longer than a state can be.
    """
    if len(body) > _SIZE:
        raise RefusedError("referral.format")
    nonce = random_bytes(_NONCE)
    return nonce + _cipher(row_key).encrypt(nonce, body.ljust(_SIZE, b"\x00"), _place(row, case))


def open_state(row_key: bytes, sealed: object, *, row: str, case: str) -> bytes:
    """The state that this server wrote for exactly this row.

    Raises:
        RefusedError: `referral.forged`: another row's, or changed by another hand.
    """
    try:
        if not isinstance(sealed, bytes):  # a writer of the database can put any type into a column
            raise RefusedError("referral.forged")
        padded = _cipher(row_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(row, case))
    except (InvalidTag, ValueError):
        raise RefusedError("referral.forged") from None
    return padded.rstrip(b"\x00")


def _cipher(row_key: bytes) -> AESGCM:
    return AESGCM(derive(row_key, "referral/state"))


def _place(row: str, case: str) -> bytes:
    return info("referral/state", row.encode(), case.encode())
