"""A saved case: whole, or refused; and nothing in it that is not sealed, signed or public."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.case_file import CaseFile, read_case_file, write_case_file
from bot.crypto.envelope import HeaderFields, Recipient, seal
from bot.crypto.identity import certify_duty_key
from bot.crypto.keyring import Head, Role, add_member, found, renew, root_fingerprint, verify
from bot.crypto.signing import SigningKey
from bot.crypto.suites import SealingKey
from bot.crypto.wire import canonical
from bot.kernel.errors import RefusedError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORG, CASE = "rs-lantern", "ab" * 16
LEAD, ANA, EVE, SERVER = (SigningKey.from_seed(bytes([number]) * 32) for number in (1, 2, 3, 4))
DUTY = SealingKey.from_secret(b"D" * 32)
ROOT = root_fingerprint(LEAD.public)


def chain() -> list[bytes]:
    entries = [
        found(LEAD, organisation=ORG, name="Lantern", server_public=SERVER.public, alias="Lead", now=NOW)
    ]
    entries.append(add_member(entries, LEAD, public=ANA.public, role=Role.CASEWORKER, alias="Ana", now=NOW))
    return entries


ENTRIES = chain()
CERTIFICATES = (certify_duty_key(ANA, DUTY, organisation=ORG, now=NOW),)
KEYRING = verify(ENTRIES, ROOT, NOW, organisation=ORG, duty_certificates=CERTIFICATES)
ENVELOPES = tuple(
    seal(
        b"words %d" % number, [Recipient.of(DUTY.public)], HeaderFields(CASE, ORG, number, "in", 693), SERVER
    )
    for number in (1, 2, 3)
)
WHOLE = CaseFile(CASE, ORG, 3, NOW, ENVELOPES, tuple(ENTRIES), CERTIFICATES)
BLOB = write_case_file(WHOLE, KEYRING, ANA)


def test_what_was_saved_comes_back_with_who_saved_it_and_the_keyring_of_then() -> None:
    assert read_case_file(BLOB, ROOT, organisation=ORG) == (WHOLE, KEYRING, "Ana")


def without_last(fields: dict[str, object]) -> None:
    fields["envelopes"] = fields["envelopes"][:-1]  # type: ignore[index]  # a list


def turned(fields: dict[str, object]) -> None:
    fields["envelopes"] = fields["envelopes"][::-1]  # type: ignore[index]  # a list


def older_keyring(fields: dict[str, object]) -> None:
    fields["entries"] = fields["entries"][:-1]  # type: ignore[index]  # a list


def without_certificates(fields: dict[str, object]) -> None:
    fields["certificates"] = []


def statement_of_a_stranger(fields: dict[str, object]) -> None:
    forged = json.loads(write_case_file(replace(WHOLE, envelopes=ENVELOPES[:1], messages=1), KEYRING, EVE))
    fields.update(forged)


def statement_of_another_time(fields: dict[str, object]) -> None:
    later = replace(WHOLE, saved=NOW + timedelta(days=91))
    fields["statement"] = json.loads(write_case_file(later, KEYRING, ANA))["statement"]


@pytest.mark.parametrize(
    "change",
    [
        without_last,
        turned,
        older_keyring,
        without_certificates,
        statement_of_a_stranger,
        statement_of_another_time,
    ],
)
def test_whatever_is_changed_in_a_saved_case_it_is_refused(
    change: Callable[[dict[str, object]], None],
) -> None:
    fields = json.loads(BLOB)
    change(fields)

    with pytest.raises(RefusedError):
        read_case_file(canonical(fields), ROOT, organisation=ORG)


@given(at=st.integers(0, len(BLOB) - 1), byte=st.integers(0, 255))
def test_no_changed_byte_is_overlooked(at: int, byte: int) -> None:
    changed = BLOB[:at] + bytes([byte]) + BLOB[at + 1 :]
    if changed == BLOB:
        return
    with pytest.raises(RefusedError):
        read_case_file(changed, ROOT, organisation=ORG)


@given(junk=st.binary(max_size=300))
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(RefusedError):
        read_case_file(junk, ROOT, organisation=ORG)


def test_another_root_or_organisation_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"keyring\.root"):
        read_case_file(BLOB, root_fingerprint(EVE.public), organisation=ORG)
    with pytest.raises(RefusedError, match=r"keyring\.chain"):
        read_case_file(BLOB, ROOT, organisation="rs-harbour")


def test_a_copy_from_before_the_keyring_grew_still_opens_and_a_fork_of_it_does_not() -> None:
    longer = [*ENTRIES, renew(ENTRIES, LEAD, now=NOW + timedelta(days=1))]
    head = verify(longer, ROOT, NOW + timedelta(days=1), organisation=ORG).head

    assert read_case_file(BLOB, ROOT, organisation=ORG, seen=head)[0] == WHOLE
    with pytest.raises(RefusedError, match=r"keyring\.truncated"):
        read_case_file(BLOB, ROOT, organisation=ORG, seen=Head(2, "0" * 64))


def test_a_copy_opens_years_later_although_the_keyring_lapsed_since() -> None:
    found_, keyring, _ = read_case_file(BLOB, ROOT, organisation=ORG)

    assert keyring.expires < NOW + timedelta(days=365)
    assert found_.saved == NOW


def test_nothing_in_the_file_is_readable_that_is_not_public() -> None:
    assert b"words" not in BLOB
    assert set(json.loads(BLOB)) == {"certificates", "entries", "envelopes", "kind", "statement", "v"}
