"""A caseworker's signature that they read how a person wants to be spoken to: it says nothing of what the wishes are."""

from bot.crypto.signing import SigningKey, check_signature


def sign_wishes_read(identity: SigningKey, *, case: str, organisation: str) -> bytes:
    """64 bytes, for one case."""
    return identity.sign("case/wishes-read", case.encode(), organisation.encode())


def verify_wishes_read(public: bytes, signature: bytes, *, case: str, organisation: str) -> None:
    """Return if this identity key signed that for this case.

    Raises:
        RefusedError: `reply.wishes`.
    """
    signed = (case.encode(), organisation.encode())
    check_signature(public, signature, "case/wishes-read", *signed, code="reply.wishes")
