"""Signed documents: certificates, statements and keyring entries in one form.

`{"doc": <base64url of the canonical payload>, "sigs": {<key id>: <base64url signature>}}`. A signature covers
the payload's exact bytes under the document's domain; a document may carry the signatures of several people.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.crypto.signing import SIGNATURE, SigningKey, check_signature, key_id
from bot.crypto.wire import KEY_ID, Reader, Value, canonical, read_canonical, to_base64
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

LARGEST = 16 * 1024  # bytes
_MOST_SIGNATURES = 8


@dataclass(frozen=True, slots=True)
class Document:
    """A document by form alone: no signature is verified yet."""

    payload: bytes = field(repr=False)
    fields: Reader
    signatures: Mapping[KeyId, bytes]

    @property
    def digest(self) -> str:
        """SHA-256 over the payload, in hexadecimal."""
        return hashlib.sha256(self.payload).hexdigest()

    def check(self, domain: str, public: bytes, code: str) -> None:
        """Return if the owner of `public` signed this payload for `domain`.

        Raises:
            RefusedError: with `code`.
        """
        signature = self.signatures.get(key_id(public))
        if signature is None:
            raise RefusedError(code)
        check_signature(public, signature, domain, self.payload, code=code)


def sign_document(domain: str, fields: Mapping[str, Value], *keys: SigningKey) -> bytes:
    """A document signed by every one of `keys`."""
    payload = canonical(fields)
    return _written(payload, {key.kid: key.sign(domain, payload) for key in keys})


def add_signature(domain: str, blob: bytes, key: SigningKey) -> bytes:
    """The same document with one signature more.

    Raises:
        RefusedError: `document.format`.
    """
    document = read_document(blob, "document")
    signatures = {**document.signatures, key.kid: key.sign(domain, document.payload)}
    return _written(document.payload, signatures)


def read_document(blob: bytes, subject: str) -> Document:
    """The parts of a document, checked for form only.

    Raises:
        RefusedError: `<subject>.format`.
    """
    outer = read_canonical(blob, subject, LARGEST).only("doc", "sigs")
    payload = outer.data("doc")
    sigs = outer.inner("sigs")
    if not 1 <= len(sigs.fields) <= _MOST_SIGNATURES or not all(map(KEY_ID.fullmatch, sigs.fields)):
        outer.refuse()
    signatures = {KeyId(kid): sigs.data(kid, SIGNATURE) for kid in sigs.fields}
    return Document(payload, read_canonical(payload, subject, LARGEST), signatures)


def _written(payload: bytes, signatures: Mapping[KeyId, bytes]) -> bytes:
    sigs: dict[str, str] = {kid: to_base64(signature) for kid, signature in signatures.items()}
    return canonical({"doc": to_base64(payload), "sigs": sigs})
