"""A signed statement of how far an organisation's audit chain had come.

Who keeps one notices later when the end of the chain was cut off, or the chain made anew: a hash chain alone cannot
show that. The server signs; the organisation's machines and the operator keep and compare.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.crypto.documents import read_document, sign_document
from bot.crypto.members import Head
from bot.crypto.signing import SigningKey
from bot.crypto.wire import ORGANISATION, SHA256
from bot.kernel.errors import RefusedError

NOTHING = "0" * 64
"""The hash before the first line."""

_DOMAIN = "audit/checkpoint"
_SUBJECT = "checkpoint"


class Fault(StrEnum):
    """What a chain that does not continue an earlier state of itself has suffered."""

    CUT = "its end is missing"
    REWRITTEN = "it was made anew"
    BEGUN_LATE = "its beginning is missing before its time"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many lines there were, those that went with time included, the hash of the last one, and the hour it was said."""

    organisation: str
    head: Head
    hour: int


@dataclass(frozen=True, slots=True)
class Span:
    """A chain as it lies there: the position of its first line, the hash before that one, and how far it comes."""

    first: int
    before: str
    head: Head


def line_hash(line: bytes) -> str:
    """SHA-256 of a line in hexadecimal: what the next one holds."""
    return hashlib.sha256(line).hexdigest()


def sign_checkpoint(key: SigningKey, checkpoint: Checkpoint) -> bytes:
    """The statement, signed with the installation's key."""
    return sign_document(
        _DOMAIN,
        {
            "head": checkpoint.head.digest,
            "hour": checkpoint.hour,
            "lines": checkpoint.head.version,
            "org": checkpoint.organisation,
            "v": 1,
        },
        key,
    )


def read_checkpoint(blob: bytes, server_public: bytes, *, organisation: str | None = None) -> Checkpoint:
    """What this server stated, of this organisation where one is named.

    Raises:
        RefusedError: `checkpoint.format`, `checkpoint.signature`, `checkpoint.organisation`.
    """
    document = read_document(blob, _SUBJECT)
    fields = document.fields.only("head", "hour", "lines", "org", "v")
    fields.integer("v", 1, 1)
    document.check(_DOMAIN, server_public, "checkpoint.signature")
    found = Checkpoint(
        organisation=fields.text("org", ORGANISATION),
        head=Head(fields.integer("lines"), fields.text("head", SHA256)),
        hour=fields.integer("hour"),
    )
    if organisation not in {None, found.organisation}:
        raise RefusedError("checkpoint.organisation")
    return found


def follows(
    earlier: Head, now: Span | None, *, floor: int, digest: Callable[[int], str | None]
) -> Fault | None:
    """What is wrong with a chain that once had come as far as `earlier`; None when it only grew.

    `floor` is how many lines went with time: those before it may be missing. `digest` gives the hash of the line at a
    position. None for `now`: there is no line.
    """
    if now is None or now.head.version < earlier.version:
        return Fault.CUT if earlier.version else None
    if now.first > floor:
        return Fault.BEGUN_LATE
    if earlier.version == 0 or earlier.version <= now.first:
        return None
    return None if digest(earlier.version - 1) == earlier.digest else Fault.REWRITTEN
