"""A case in one file: sealed messages and public documents, bound together by who saved it.

The file holds nothing that is not ciphertext, signed, or a count. Its statement, signed by the caseworker who saved it,
says which messages belong to it and how far the keyring had come: nobody takes a message out or puts an older keyring
in unseen. Source: docs/reference/envelope.md.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.crypto.documents import Document, read_document, sign_document
from bot.crypto.keyring import MOST_ENTRIES, Head, Keyring, verify
from bot.crypto.signing import SigningKey
from bot.crypto.wire import CASE, KEY_ID, ORGANISATION, SHA256, canonical, read_canonical
from bot.kernel.errors import RefusedError

LARGEST = 64 * 1024 * 1024  # bytes
_MOST_MESSAGES = 10_000
_MOST_STAFF = 1_000
_SUBJECT = "case-file"
_DOMAIN = "case/file"
_KIND = re.compile("fener-case")
_TEXT = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything that opens a case without a server, for who holds a recipient's key. `messages` are the person's."""

    case: str
    organisation: str
    messages: int
    saved: datetime
    envelopes: tuple[bytes, ...] = field(repr=False)
    entries: tuple[bytes, ...] = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)


def write_case_file(found: CaseFile, keyring: Keyring, signer: SigningKey) -> bytes:
    """The file, bound to the verified keyring and signed by a member of it.

    Raises:
        RefusedError: `case-file.format` for more than a file can hold.
    """
    statement = sign_document(
        _DOMAIN,
        {
            "at": int(found.saved.timestamp()),
            "by": signer.kid,
            "case": found.case,
            "certificates": _digest(found.certificates),
            "envelopes": _digest(found.envelopes),
            "head": keyring.head.digest,
            "messages": found.messages,
            "org": found.organisation,
            "v": 1,
        },
        signer,
    )
    blob = canonical(
        {
            "certificates": [each.decode("ascii", "replace") for each in found.certificates],
            "entries": [each.decode("ascii", "replace") for each in found.entries],
            "envelopes": [each.decode("ascii", "replace") for each in found.envelopes],
            "kind": "fener-case",
            "statement": statement.decode(),
            "v": 1,
        }
    )
    _parts(blob)
    return blob


def read_case_file(
    blob: bytes, root: str, *, organisation: str, seen: Head | None = None
) -> tuple[CaseFile, Keyring, str]:
    """The file, the keyring as it was then, and the work name of who saved it, if every link holds from the pinned root.

    `seen` is the newest entry that this caseworker knows of: a keyring of the file that comes so far must hold it.

    Raises:
        RefusedError: `case-file.format`; `case-file.signature`: not signed by a member, or not about these messages
            and this keyring; `keyring.*`.
    """
    certificates, entries, envelopes, document = _parts(blob)
    fields = document.fields.only(
        "at", "by", "case", "certificates", "envelopes", "head", "messages", "org", "v"
    )
    fields.integer("v", 1, 1)
    saved = datetime.fromtimestamp(fields.integer("at", 0, 2**33), UTC)
    keyring = verify(
        entries,
        root,
        saved,
        organisation=organisation,
        seen=seen if seen is not None and seen.version <= len(entries) else None,
        duty_certificates=certificates,
    )
    by = keyring.member(fields.text("by", KEY_ID))
    if by is None:
        raise RefusedError("case-file.signature")
    document.check(_DOMAIN, by.identity_public, "case-file.signature")
    said = (
        fields.text("org", ORGANISATION),
        fields.text("head", SHA256),
        fields.text("certificates", SHA256),
        fields.text("envelopes", SHA256),
    )
    if said != (organisation, keyring.head.digest, _digest(certificates), _digest(envelopes)):
        raise RefusedError("case-file.signature")
    found = CaseFile(
        case=fields.text("case", CASE),
        organisation=organisation,
        messages=fields.integer("messages", 0, _MOST_MESSAGES),
        saved=saved,
        envelopes=envelopes,
        entries=entries,
        certificates=certificates,
    )
    return found, keyring, by.alias


def _parts(blob: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...], Document]:
    outer = read_canonical(blob, _SUBJECT, LARGEST)
    outer.only("certificates", "entries", "envelopes", "kind", "statement", "v").integer("v", 1, 1)
    outer.text("kind", _KIND)
    certificates, entries, envelopes = (
        tuple(each.encode() for each in outer.texts(name, _TEXT, most))
        for name, most in (
            ("certificates", _MOST_STAFF),
            ("entries", MOST_ENTRIES),
            ("envelopes", _MOST_MESSAGES),
        )
    )
    return certificates, entries, envelopes, read_document(outer.text("statement", _TEXT).encode(), _SUBJECT)


def _digest(parts: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(each).digest() for each in parts)).hexdigest()
