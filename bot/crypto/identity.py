"""A caseworker's keys: an identity that signs, and weekly duty keys that cases are sealed to.

A duty key is replaced after a week and accepted for three; when the last case sealed to it is closed its
private half is deleted, and what was sealed to it can never be opened again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.crypto.derive import keyed
from bot.crypto.documents import Document, read_document, sign_document
from bot.crypto.envelope import Recipient
from bot.crypto.signing import SigningKey, check_signature, key_id
from bot.crypto.suites import PUBLIC_SIZE, SealingKey, SuiteId, suite_id
from bot.crypto.wire import KEY_ID, ORGANISATION, SUITE, to_base64
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

ROTATE_AFTER = timedelta(days=7)
"""When a caseworker's next visit makes a new duty key."""

ACCEPTED_FOR = timedelta(days=21)
"""How long cases are sealed to a duty key whose owner does not come."""

LONGEST_DUTY = timedelta(hours=16)
"""The longest time one statement puts somebody on duty."""

_SKEW = timedelta(minutes=10)  # a caseworker's clock may be ahead of ours
_CERTIFICATE = "duty/certificate"
_STATEMENT = "duty/statement"
_LOGIN = "login"
_ENROLMENT = "enrolment"


@dataclass(frozen=True, slots=True)
class DutyCertificate:
    """A verified duty key: whose it is, what to seal to, and when. Times are aware, in UTC."""

    identity: KeyId
    recipient: Recipient
    organisation: str
    starts: datetime
    ends: datetime

    def rotation_is_due(self, now: datetime) -> bool:
        """Whether its owner should make the next one."""
        return now >= self.starts + ROTATE_AFTER


def make_identity() -> SigningKey:
    """A new identity key."""
    return SigningKey.make()


def make_duty_key(suite: SuiteId = "x25519") -> SealingKey:
    """A new private duty key."""
    return SealingKey.make(suite)


def certify_duty_key(identity: SigningKey, duty: SealingKey, *, organisation: str, now: datetime) -> bytes:
    """The signed public half of a duty key: what a server stores and everybody can verify."""
    starts = int(now.timestamp())
    return sign_document(
        _CERTIFICATE,
        {
            "by": identity.kid,
            "from": starts,
            "key": to_base64(duty.public),
            "org": organisation,
            "suite": duty.suite,
            "until": starts + int(ACCEPTED_FOR.total_seconds()),
            "v": 1,
        },
        identity,
    )


def verify_duty_certificate(
    certificate: bytes, identity_public: bytes, *, organisation: str, now: datetime
) -> DutyCertificate:
    """The duty key, if this identity signed it for this organisation and it may be sealed to now.

    Raises:
        RefusedError: `duty-key.format`, `duty-key.signature`, `duty-key.organisation`, `duty-key.lapsed`.
    """
    document = read_document(certificate, "duty-key")
    fields = document.fields.only("by", "from", "key", "org", "suite", "until", "v")
    fields.integer("v", 1, 1)
    document.check(_CERTIFICATE, identity_public, "duty-key.signature")
    suite = suite_id(fields.text("suite", SUITE))
    found = DutyCertificate(
        identity=KeyId(fields.text("by", KEY_ID)),
        recipient=Recipient.of(fields.data("key", PUBLIC_SIZE[suite]), suite),
        organisation=fields.text("org", ORGANISATION),
        starts=_time(document, "from"),
        ends=_time(document, "until"),
    )
    if found.identity != key_id(identity_public):
        raise RefusedError("duty-key.signature")
    if found.organisation != organisation:
        raise RefusedError("duty-key.organisation")
    _check_span(found.starts, found.ends, now, longest=ACCEPTED_FOR, code="duty-key.lapsed")
    return found


def duty_kid(certificate: bytes, identity_public: bytes) -> KeyId | None:
    """The id of the duty key that this identity certified, also one that lapsed; None for what it did not sign."""
    try:
        document = read_document(certificate, "duty-key")
        document.check(_CERTIFICATE, identity_public, "duty-key.signature")
        suite = suite_id(document.fields.text("suite", SUITE))
        return key_id(document.fields.data("key", PUBLIC_SIZE[suite]))
    except RefusedError:
        return None


def replaced_digest(row_key: bytes, identity: str, kid: KeyId) -> bytes:
    """What the server remembers of a weekly key of this identity that was replaced: 32 bytes that only it can make or read."""
    return keyed(row_key, "duty/replaced", identity.encode(), kid.encode())


def state_duty(identity: SigningKey, *, organisation: str, now: datetime, until: datetime) -> bytes:
    """A signed 'on duty until'. At most sixteen hours are believed."""
    return sign_document(
        _STATEMENT,
        {
            "by": identity.kid,
            "from": int(now.timestamp()),
            "org": organisation,
            "until": int(until.timestamp()),
            "v": 1,
        },
        identity,
    )


def verify_duty_statement(
    statement: bytes, identity_public: bytes, *, organisation: str, now: datetime
) -> datetime:
    """Until when this caseworker is on duty, if they said so and it is not over.

    Raises:
        RefusedError: `duty.format`, `duty.signature`, `duty.organisation`, `duty.over`.
    """
    document = read_document(statement, "duty")
    fields = document.fields.only("by", "from", "org", "until", "v")
    fields.integer("v", 1, 1)
    document.check(_STATEMENT, identity_public, "duty.signature")
    if fields.text("by", KEY_ID) != key_id(identity_public):
        raise RefusedError("duty.signature")
    if fields.text("org", ORGANISATION) != organisation:
        raise RefusedError("duty.organisation")
    ends = _time(document, "until")
    _check_span(_time(document, "from"), ends, now, longest=LONGEST_DUTY, code="duty.over")
    return ends


def sign_login(identity: SigningKey, challenge: bytes, *, server: str) -> bytes:
    """The answer to a server's random challenge. `server` is the address that was opened, so that no other can use it."""
    return identity.sign(_LOGIN, challenge, server.encode())


def verify_login(identity_public: bytes, signature: bytes, challenge: bytes, *, server: str) -> None:
    """Return if this identity answered this challenge for this server. A challenge is used once.

    Raises:
        RefusedError: `login.signature`.
    """
    check_signature(identity_public, signature, _LOGIN, challenge, server.encode(), code="login.signature")


def sign_enrolment(identity: SigningKey, invitation: str) -> bytes:
    """Proof that who uses an invitation holds the private half of the key they enrol."""
    return identity.sign(_ENROLMENT, invitation.encode())


def verify_enrolment(identity_public: bytes, proof: bytes, invitation: str) -> None:
    """Return if this identity signed this invitation.

    Raises:
        RefusedError: `enrol.proof`.
    """
    check_signature(identity_public, proof, _ENROLMENT, invitation.encode(), code="enrol.proof")


def _check_span(starts: datetime, ends: datetime, now: datetime, *, longest: timedelta, code: str) -> None:
    if not starts - _SKEW <= now < ends or ends - starts > longest:
        raise RefusedError(code)


def _time(document: Document, name: str) -> datetime:
    return datetime.fromtimestamp(document.fields.integer(name, 0, 2**33), UTC)
