"""What a return code opens: the way to one case, sealed so that only who types the code finds and opens it.

The code is stretched like an address, then keyed by the epoch. The way is the fingerprint that the case is under: with the
epoch key it gives mailbox and gate. It holds for the case's salt: a case that moves takes another one, and no earlier
way leads to it any more, even put back by somebody who writes the database.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.crypto.derive import derive, info, keyed
from bot.crypto.epochs import EpochKey
from bot.crypto.randomness import random_bytes
from bot.kernel.errors import RefusedError

_NONCE = 12  # bytes


def code_name(key: EpochKey, stretched: bytes) -> bytes:
    """The name that a code is kept under: 32 bytes. `stretched` comes from `Fingerprinter.of_code`."""
    return keyed(derive(key.secret, "return-code/name"), "return-code/name", stretched)


def seal_way(key: EpochKey, stretched: bytes, fingerprint: bytes, *, case: str, salt: bytes) -> bytes:
    """The fingerprint that a case is under, for who has the code; only while the case has this salt."""
    nonce = random_bytes(_NONCE)
    return nonce + _cipher(key, stretched).encrypt(nonce, fingerprint, _place(case, salt))


def open_way(key: EpochKey, stretched: bytes, sealed: bytes, *, case: str, salt: bytes) -> bytes:
    """The fingerprint.

    Raises:
        RefusedError: `return-code.wrong` for another code, case or salt, or a changed byte.
    """
    try:
        return _cipher(key, stretched).decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(case, salt))
    except (InvalidTag, ValueError):
        raise RefusedError("return-code.wrong") from None


def _cipher(key: EpochKey, stretched: bytes) -> AESGCM:
    return AESGCM(derive(key.secret, "return-code/way", stretched))


def _place(case: str, salt: bytes) -> bytes:
    return info("return-code", case.encode(), salt)
