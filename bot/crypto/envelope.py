"""Envelope v1: one message of a case, sealed to several caseworkers and signed by who sealed it.

A random content key encrypts the padded text; the content key is wrapped to each recipient with HPKE. The
header (case, organisation, sequence, direction, epoch, suite, recipients, key commitment) is authenticated by
both and by the signature: nothing can be edited, moved, replayed elsewhere or shown differently to two people.
Source: docs/reference/envelope.md, with vectors in tests/vectors/envelope_v1.json.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.crypto.derive import DOMAIN, derive
from bot.crypto.padding import BUCKETS, pad, unpad
from bot.crypto.randomness import random_bytes
from bot.crypto.signing import SIGNATURE, SigningKey, check_signature, key_id
from bot.crypto.suites import OVERHEAD, TAG, SealingKey, SuiteId, seal_to
from bot.crypto.wire import (
    CASE,
    KEY_ID,
    ORGANISATION,
    SHA256,
    Reader,
    canonical,
    read_canonical,
    to_base64,
)
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

Way = Literal["in", "out", "internal"]
"""From the person; a copy of a reply to the person; between caseworkers only."""

EnvelopeSuite = Literal["x25519", "x-wing", "mixed"]
"""How the content key is wrapped: the same way for everybody, or for each as their key is."""

VERSION = 1
MOST_RECIPIENTS = 64
_LARGEST = 320 * 1024  # bytes: 64 KiB of text and 64 recipients with X-Wing, in base64
_LARGEST_HEADER = 8 * 1024  # bytes
_LARGEST_COUNT = 2**31 - 1
_CONTENT_KEY = 32  # bytes
_NONCE = bytes(12)  # each content key encrypts one text only
_WITHDRAWN = ""  # in place of a wrap that was destroyed when a caseworker left

_SUITES: dict[str, EnvelopeSuite] = {"x25519": "x25519", "x-wing": "x-wing", "mixed": "mixed"}
_SUITE = re.compile("|".join(_SUITES))
_WAYS: dict[str, Way] = {"in": "in", "out": "out", "internal": "internal"}
_WAY = re.compile("|".join(_WAYS))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone who can open an envelope. `kid` is the id of the public sealing key."""

    kid: KeyId
    public: bytes = field(repr=False)
    suite: SuiteId = "x25519"

    @classmethod
    def of(cls, public: bytes, suite: SuiteId = "x25519") -> "Recipient":
        """The recipient with this public key."""
        return cls(key_id(public), public, suite)


@dataclass(frozen=True, slots=True)
class Position:
    """Where an envelope belongs. `seq` counts from 1 for each case and direction."""

    case: str
    org: str
    seq: int
    dir: Way


@dataclass(frozen=True, slots=True)
class HeaderFields(Position):
    """Where an envelope belongs, and the epoch of the server's keys when it was sealed."""

    epoch: int

    @property
    def position(self) -> Position:
        """Where it belongs, without the epoch."""
        return Position(self.case, self.org, self.seq, self.dir)


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope whose every check passed. `signer` is the key id of who sealed it."""

    header: HeaderFields
    body: bytes = field(repr=False)
    recipients: tuple[KeyId, ...]
    signer: KeyId


@dataclass(frozen=True, slots=True)
class Parsed:
    """An envelope by form alone: nothing here is verified yet."""

    header: HeaderFields
    header_bytes: bytes
    suite: EnvelopeSuite
    recipients: tuple[KeyId, ...]
    commitment: str
    wraps: Mapping[KeyId, bytes | None]
    ciphertext: bytes
    signer: KeyId
    signature: bytes


def seal(body: bytes, recipients: Sequence[Recipient], header: HeaderFields, signer: SigningKey) -> bytes:
    """`body` sealed to all recipients, in the form that is stored.

    Inbound envelopes are signed by the server's key, others by the caseworker who wrote them.

    Raises:
        RefusedError: `envelope.recipients` for none, too many or somebody twice;
            `key.format` for what is no public key; `padding.too-long`; `envelope.format` for an odd header.
    """
    suite = _checked_suite(recipients)
    content_key = random_bytes(_CONTENT_KEY)
    header_bytes = _header_bytes(header, suite, recipients, content_key)
    ciphertext = _cipher(content_key).encrypt(_NONCE, pad(body), header_bytes)
    wraps: dict[str, str] = {
        to.kid: to_base64(seal_to(to.public, content_key, _wrap_info(header_bytes, to.kid), to.suite))
        for to in recipients
    }
    signature = signer.sign("envelope/signature", *_signed(header_bytes, ciphertext))
    blob = canonical(
        {
            "body": to_base64(ciphertext),
            "by": signer.kid,
            "header": to_base64(header_bytes),
            "sig": to_base64(signature),
            "wraps": wraps,
        }
    )
    parse_envelope(blob)
    return blob


def open_envelope(
    blob: bytes,
    kid: KeyId,
    private: SealingKey,
    *,
    expected: Position,
    signers: Mapping[KeyId, bytes],
    left: Collection[KeyId] = (),
) -> Opened:
    """What was sealed, if it is the envelope of exactly this place, whole, and signed by one of `signers`.

    `signers` maps key ids to Ed25519 public keys, from a verified keyring (`Keyring.signers`). `left` are the
    recipients who left (`Keyring.left`): only their wraps may be withdrawn.

    Raises:
        RefusedError: `envelope.format`, `envelope.elsewhere` (another case, organisation, sequence or
            direction), `envelope.signature`, `envelope.recipients` (a wrap was taken out),
            `envelope.not-for-you`, `envelope.tampered`.
    """
    parsed = parse_envelope(blob)
    check_envelope(parsed, expected=expected, signers=signers, left=left)
    return open_with(parsed, content_key_of(parsed, kid, private))


def check_envelope(
    parsed: Parsed,
    *,
    expected: Position,
    signers: Mapping[KeyId, bytes],
    left: Collection[KeyId] = (),
) -> None:
    """Return if this is the envelope of exactly this place, signed by who may, with no wrap taken out; no key is needed.

    Raises:
        RefusedError: `envelope.elsewhere`, `envelope.signature`, `envelope.recipients`.
    """
    wanted = (expected.case, expected.org, expected.seq, expected.dir)
    header = parsed.header
    if (header.case, header.org, header.seq, header.dir) != wanted:
        raise RefusedError("envelope.elsewhere")
    verify_envelope(parsed, signers)
    if any(wrap is None and to not in left for to, wrap in parsed.wraps.items()):
        raise RefusedError("envelope.recipients")


def content_key_of(parsed: Parsed, kid: KeyId, private: SealingKey) -> bytes:
    """The key of this one message, as it was wrapped to a recipient: for opening it, or for handing it on.

    Raises:
        RefusedError: `envelope.not-for-you`, `envelope.tampered`.
    """
    wrap = parsed.wraps.get(kid)
    if wrap is None or kid != private.kid or len(wrap) != _wrap_size(private.suite):
        raise RefusedError("envelope.not-for-you")
    try:
        content_key = private.open(wrap, _wrap_info(parsed.header_bytes, kid))
    except RefusedError:
        raise RefusedError("envelope.tampered") from None
    _check_commitment(parsed, content_key)
    return content_key


def open_with(parsed: Parsed, content_key: bytes) -> Opened:
    """What an envelope that `check_envelope` let pass holds. A key that somebody made up is refused by the commitment.

    Raises:
        RefusedError: `envelope.tampered`.
    """
    _check_commitment(parsed, content_key)
    try:
        padded = _cipher(content_key).decrypt(_NONCE, parsed.ciphertext, parsed.header_bytes)
        body = unpad(padded)
    except (InvalidTag, RefusedError):
        raise RefusedError("envelope.tampered") from None
    return Opened(parsed.header, body, parsed.recipients, parsed.signer)


def parse_envelope(blob: bytes) -> Parsed:
    """The parts of an envelope, checked for form only.

    Raises:
        RefusedError: `envelope.format`.
    """
    outer = read_canonical(blob, "envelope", _LARGEST).only("body", "by", "header", "sig", "wraps")
    header_bytes = outer.data("header")
    header = read_canonical(header_bytes, "envelope", _LARGEST_HEADER)
    header.only("case", "commit", "dir", "epoch", "org", "seq", "suite", "to", "v")
    header.integer("v", VERSION, VERSION)
    suite = _SUITES[header.text("suite", _SUITE)]
    to = tuple(KeyId(kid) for kid in header.texts("to", KEY_ID, MOST_RECIPIENTS))
    if not to or list(to) != sorted(set(to)):
        header.refuse()
    return Parsed(
        header=HeaderFields(
            case=header.text("case", CASE),
            org=header.text("org", ORGANISATION),
            seq=header.integer("seq", 1, _LARGEST_COUNT),
            dir=_WAYS[header.text("dir", _WAY)],
            epoch=header.integer("epoch", 0, _LARGEST_COUNT),
        ),
        header_bytes=header_bytes,
        suite=suite,
        recipients=to,
        commitment=header.text("commit", SHA256),
        wraps=_wraps(outer.inner("wraps"), to, suite),
        ciphertext=outer.data("body", *(bucket + TAG for bucket in BUCKETS)),
        signer=KeyId(outer.text("by", KEY_ID)),
        signature=outer.data("sig", SIGNATURE),
    )


def verify_envelope(parsed: Parsed, signers: Mapping[KeyId, bytes]) -> None:
    """Return if one of `signers` signed this header and ciphertext; no private key is needed.

    Raises:
        RefusedError: `envelope.signature`.
    """
    public = signers.get(parsed.signer)
    if public is None or key_id(public) != parsed.signer:
        raise RefusedError("envelope.signature")
    signed = _signed(parsed.header_bytes, parsed.ciphertext)
    check_signature(public, parsed.signature, "envelope/signature", *signed, code="envelope.signature")


def withdraw(blob: bytes, *kids: KeyId) -> bytes:
    """The same envelope without the wraps of someone who left. Their keys stay listed as recipients, visibly withdrawn.

    Raises:
        RefusedError: `envelope.format`.
    """
    parsed = parse_envelope(blob)
    wraps: dict[str, str] = {
        to: to_base64(wrap) if wrap and to not in kids else _WITHDRAWN for to, wrap in parsed.wraps.items()
    }
    return canonical(
        {
            "body": to_base64(parsed.ciphertext),
            "by": parsed.signer,
            "header": to_base64(parsed.header_bytes),
            "sig": to_base64(parsed.signature),
            "wraps": wraps,
        }
    )


def check_sequence(headers: Sequence[HeaderFields]) -> None:
    """Return if these are all envelopes of one case and direction, from the first on, in order, none twice.

    Raises:
        RefusedError: `envelope.gap`.
    """
    for number, header in enumerate(headers, start=1):
        first = headers[0]
        if header.seq != number or (header.case, header.org, header.dir) != (
            first.case,
            first.org,
            first.dir,
        ):
            raise RefusedError("envelope.gap")


def _checked_suite(recipients: Sequence[Recipient]) -> EnvelopeSuite:
    kids = {to.kid for to in recipients}
    if not 1 <= len(recipients) <= MOST_RECIPIENTS or len(kids) != len(recipients):
        raise RefusedError("envelope.recipients")
    if any(to.kid != key_id(to.public) for to in recipients):
        raise RefusedError("envelope.recipients")
    return recipients[0].suite if len({to.suite for to in recipients}) == 1 else "mixed"


def _header_bytes(
    header: HeaderFields, suite: EnvelopeSuite, recipients: Sequence[Recipient], content_key: bytes
) -> bytes:
    return canonical(
        {
            "case": header.case,
            "commit": _commitment(content_key),
            "dir": header.dir,
            "epoch": header.epoch,
            "org": header.org,
            "seq": header.seq,
            "suite": suite,
            "to": sorted(to.kid for to in recipients),
            "v": VERSION,
        }
    )


def _wraps(outer: Reader, to: tuple[KeyId, ...], suite: EnvelopeSuite) -> dict[KeyId, bytes | None]:
    outer.only(*to)
    sizes = [_wrap_size(each) for each in OVERHEAD if suite in {each, "mixed"}]
    return {kid: outer.data(kid, *sizes) if outer.fields[kid] != _WITHDRAWN else None for kid in to}


def _wrap_size(suite: SuiteId) -> int:
    return _CONTENT_KEY + OVERHEAD[suite]


def _check_commitment(parsed: Parsed, content_key: bytes) -> None:
    is_ours = hmac.compare_digest(_commitment(content_key), parsed.commitment)
    if len(content_key) != _CONTENT_KEY or not is_ours:
        raise RefusedError("envelope.tampered")


def _cipher(content_key: bytes) -> AESGCM:
    return AESGCM(derive(content_key, "envelope/content"))


def _commitment(content_key: bytes) -> str:
    return derive(content_key, "envelope/commit").hex()


def _wrap_info(header_bytes: bytes, kid: KeyId) -> bytes:
    header_hash = hashlib.sha256((DOMAIN + "envelope/header").encode() + b"\x00" + header_bytes).digest()
    return (DOMAIN + "envelope/wrap").encode() + b"\x00" + header_hash + kid.encode()


def _signed(header_bytes: bytes, ciphertext: bytes) -> tuple[bytes, bytes]:
    return hashlib.sha256(header_bytes).digest(), hashlib.sha256(ciphertext).digest()
