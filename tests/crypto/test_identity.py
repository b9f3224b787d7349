from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.documents import sign_document
from bot.crypto.identity import (
    ACCEPTED_FOR,
    certify_duty_key,
    make_duty_key,
    make_identity,
    sign_enrolment,
    sign_login,
    state_duty,
    verify_duty_certificate,
    verify_duty_statement,
    verify_enrolment,
    verify_login,
)
from bot.crypto.keyfile import CaseworkerKeys, lock, new_salt, stretch, unlock
from bot.crypto.signing import SigningKey
from bot.crypto.suites import SealingKey, SuiteId
from bot.crypto.wire import Value, to_base64
from bot.kernel.errors import RefusedError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORG = "rs-lantern-demo"
ANA, BEA = SigningKey.from_seed(b"a" * 32), SigningKey.from_seed(b"b" * 32)
DUTY = SealingKey.from_secret(b"d" * 32)


@pytest.mark.parametrize("suite", ["x25519", "x-wing"])
def test_a_duty_key_certified_by_its_owner_is_what_cases_are_sealed_to(suite: SuiteId) -> None:
    owner, duty = make_identity(), make_duty_key(suite)
    certificate = certify_duty_key(owner, duty, organisation=ORG, now=NOW)

    found = verify_duty_certificate(certificate, owner.public, organisation=ORG, now=NOW)

    assert (found.recipient.public, found.recipient.kid, found.recipient.suite) == (
        duty.public,
        duty.kid,
        suite,
    )
    assert found.identity == owner.kid
    assert not found.rotation_is_due(NOW + timedelta(days=6))
    assert found.rotation_is_due(NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("public", "org", "at", "code"),
    [
        (BEA.public, ORG, NOW, "signature"),
        (ANA.public, "pt-lantern-demo", NOW, "organisation"),
        (ANA.public, ORG, NOW + ACCEPTED_FOR, "lapsed"),
        (ANA.public, ORG, NOW - timedelta(days=1), "lapsed"),
    ],
)
def test_a_duty_key_of_another_organisation_owner_or_time_is_refused(
    public: bytes, org: str, at: datetime, code: str
) -> None:
    certificate = certify_duty_key(ANA, DUTY, organisation=ORG, now=NOW)

    with pytest.raises(RefusedError, match=rf"duty-key\.{code}"):
        verify_duty_certificate(certificate, public, organisation=org, now=at)


def test_a_duty_key_that_claims_to_last_for_ever_is_refused() -> None:
    start = int(NOW.timestamp())
    fields: dict[str, Value] = {
        "by": ANA.kid,
        "from": start,
        "key": to_base64(DUTY.public),
        "org": ORG,
        "suite": "x25519",
        "v": 1,
    }
    endless = sign_document("duty/certificate", {**fields, "until": start + 10**8}, ANA)

    with pytest.raises(RefusedError, match=r"duty-key\.lapsed"):
        verify_duty_certificate(endless, ANA.public, organisation=ORG, now=NOW)


def test_somebody_is_on_duty_as_long_as_they_said_and_never_longer_than_sixteen_hours() -> None:
    until = NOW + timedelta(hours=8)
    statement = state_duty(ANA, organisation=ORG, now=NOW, until=until)

    assert verify_duty_statement(statement, ANA.public, organisation=ORG, now=NOW) == until
    for at in (until, NOW - timedelta(hours=1)):
        with pytest.raises(RefusedError, match=r"duty\.over"):
            verify_duty_statement(statement, ANA.public, organisation=ORG, now=at)
    for_ever = state_duty(ANA, organisation=ORG, now=NOW, until=NOW + timedelta(hours=17))
    with pytest.raises(RefusedError, match=r"duty\.over"):
        verify_duty_statement(for_ever, ANA.public, organisation=ORG, now=NOW)


def test_nobody_can_put_somebody_else_on_duty() -> None:
    statement = state_duty(ANA, organisation=ORG, now=NOW, until=NOW + timedelta(hours=8))

    with pytest.raises(RefusedError, match=r"duty\.signature"):
        verify_duty_statement(statement, BEA.public, organisation=ORG, now=NOW)
    with pytest.raises(RefusedError, match=r"duty\.organisation"):
        verify_duty_statement(statement, ANA.public, organisation="pt-lantern-demo", now=NOW)


def test_a_certificate_is_no_statement_and_a_statement_no_certificate() -> None:
    certificate = certify_duty_key(ANA, DUTY, organisation=ORG, now=NOW)
    statement = state_duty(ANA, organisation=ORG, now=NOW, until=NOW + timedelta(hours=8))

    with pytest.raises(RefusedError):
        verify_duty_statement(certificate, ANA.public, organisation=ORG, now=NOW)
    with pytest.raises(RefusedError):
        verify_duty_certificate(statement, ANA.public, organisation=ORG, now=NOW)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_make_a_reader_fail_otherwise_than_by_refusing(blob: bytes) -> None:
    for verify in (verify_duty_certificate, verify_duty_statement):
        with pytest.raises(RefusedError):
            verify(blob, ANA.public, organisation=ORG, now=NOW)


@given(st.data())
@settings(deadline=None)
def test_a_changed_byte_of_a_certificate_is_refused(data: st.DataObject) -> None:
    blob = bytearray(certify_duty_key(ANA, DUTY, organisation=ORG, now=NOW))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(RefusedError, match=r"duty-key\."):
        verify_duty_certificate(bytes(blob), ANA.public, organisation=ORG, now=NOW)


def test_a_login_answer_fits_one_challenge_and_one_server() -> None:
    signature = sign_login(ANA, b"challenge", server="https://fener.example")
    verify_login(ANA.public, signature, b"challenge", server="https://fener.example")

    for public, challenge, server in (
        (BEA.public, b"challenge", "https://fener.example"),
        (ANA.public, b"another", "https://fener.example"),
        (ANA.public, b"challenge", "https://evil.example"),
    ):
        with pytest.raises(RefusedError, match=r"login\.signature"):
            verify_login(public, signature, challenge, server=server)


def test_an_invitation_is_used_by_who_holds_the_key_that_is_enrolled() -> None:
    proof = sign_enrolment(ANA, "token")
    verify_enrolment(ANA.public, proof, "token")

    for public, token in ((BEA.public, "token"), (ANA.public, "another")):
        with pytest.raises(RefusedError, match=r"enrol\.proof"):
            verify_enrolment(public, proof, token)


def test_a_key_file_opens_with_its_passphrase_and_with_no_other() -> None:
    keys = CaseworkerKeys(ANA, (DUTY, SealingKey.make("x-wing")), {"server": "http://localhost:8080"})
    blob = keys.to_file("amber heron lake silver mint oak")

    assert CaseworkerKeys.from_file(blob, "Amber Heron lake-silver mint oak") == keys
    assert keys.duty_key(DUTY.kid) == DUTY
    assert keys.duty_key(ANA.kid) is None
    assert ANA.seed not in blob
    with pytest.raises(RefusedError, match=r"keyfile\.passphrase"):
        CaseworkerKeys.from_file(blob, "amber heron lake silver mint")


def test_a_key_file_of_another_kind_or_cost_is_refused() -> None:
    salt = new_salt()
    blob = lock(b"{}", b"k" * 32, salt=salt, kind="passphrase")

    assert unlock(blob, b"k" * 32, kind="passphrase") == b"{}"
    with pytest.raises(RefusedError, match=r"keyfile\.kind"):
        CaseworkerKeys.from_file(blob, "x")
    relabelled = blob.replace(b'"kind":"passphrase"', b'"kind":"caseworker"')
    with pytest.raises(RefusedError, match=r"keyfile\.passphrase"):
        unlock(relabelled, b"k" * 32, kind="caseworker")
    cheaper = blob.replace(b'"v":1', b'"v":0')
    with pytest.raises(RefusedError, match=r"keyfile\.format"):
        unlock(cheaper, b"k" * 32, kind="passphrase")


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_make_the_key_file_reader_fail_otherwise_than_by_refusing(blob: bytes) -> None:
    with pytest.raises(RefusedError, match=r"keyfile\.format"):
        unlock(blob, b"k" * 32, kind="passphrase")


def test_stretching_depends_on_passphrase_and_salt() -> None:
    assert stretch("one", b"s" * 16) != stretch("two", b"s" * 16)
    assert stretch("one", b"s" * 16) != stretch("one", b"t" * 16)
