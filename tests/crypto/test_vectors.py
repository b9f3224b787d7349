"""The vectors that the console's JavaScript reads too; made by tests/vectors/make.py."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.crypto.derive import info
from bot.crypto.envelope import (
    HeaderFields,
    check_envelope,
    check_sequence,
    content_key_of,
    open_envelope,
    parse_envelope,
)
from bot.crypto.identity import verify_duty_certificate, verify_duty_statement, verify_login
from bot.crypto.keyfile import CaseworkerKeys
from bot.crypto.keyring import verify
from bot.crypto.mailbox import MailboxKey, verify_note
from bot.crypto.signing import SigningKey
from bot.crypto.suites import SealingKey, suite_id
from bot.crypto.wire import from_base64
from bot.crypto.words import fingerprint_words
from bot.kernel.errors import RefusedError

FOLDER = Path(__file__).parents[1] / "vectors"
ENVELOPES: dict[str, Any] = json.loads((FOLDER / "envelope_v1.json").read_text())
KEYS: dict[str, Any] = json.loads((FOLDER / "keys_v1.json").read_text())
NOW = datetime.fromtimestamp(KEYS["now"], UTC)
ORG: str = KEYS["organisation"]


def data(text: str) -> bytes:
    return from_base64(text, "vector")


def signer(fields: dict[str, str]) -> SigningKey:
    key = SigningKey.from_seed(data(fields["seed"]))
    assert (key.public, key.kid) == (data(fields["public"]), fields["kid"])
    return key


def recipient(fields: dict[str, str]) -> SealingKey:
    key = SealingKey.from_secret(data(fields["secret"]), suite_id(fields["suite"]))
    assert (key.public, key.kid) == (data(fields["public"]), fields["kid"])
    return key


SERVER, ANA = signer(ENVELOPES["server"]), signer(ENVELOPES["caseworker"])
SIGNERS = {SERVER.kid: SERVER.public, ANA.kid: ANA.public}
RECIPIENTS = [recipient(each) for each in ENVELOPES["recipients"]]


@pytest.mark.parametrize("vector", ENVELOPES["open"], ids=lambda vector: f"{len(vector['body'])} characters")
def test_an_envelope_of_any_size_opens_for_each_recipient(vector: dict[str, Any]) -> None:
    for key in RECIPIENTS:
        opened = open_envelope(
            vector["envelope"].encode(),
            key.kid,
            key,
            expected=HeaderFields(**vector["header"]),
            signers={SERVER.kid: SERVER.public},
        )
        assert opened.body.decode() == vector["body"]
        assert opened.signer == SERVER.kid


def test_an_envelope_sealed_with_x_wing_opens() -> None:
    vector = ENVELOPES["x-wing"]
    key = recipient(vector["recipient"])

    opened = open_envelope(
        vector["envelope"].encode(), key.kid, key, expected=HeaderFields(**vector["header"]), signers=SIGNERS
    )
    assert opened.body.decode() == vector["body"]


def test_an_envelope_with_a_withdrawn_wrap_opens_for_who_stayed() -> None:
    vector = ENVELOPES["withdrawn"]
    key = RECIPIENTS[0]

    opened = open_envelope(
        vector["envelope"].encode(),
        key.kid,
        key,
        expected=HeaderFields(**vector["header"]),
        signers=SIGNERS,
        left=[vector["left"]],
    )
    assert opened.body.decode() == vector["body"]


def test_an_envelope_with_every_wrap_withdrawn_verifies_and_opens_for_nobody() -> None:
    """Its recipients left, or it was sealed to weekly keys of leavers only: it is whole, and closed."""
    vector = ENVELOPES["withdrawn-all"]
    place, parsed = HeaderFields(**vector["header"]), parse_envelope(vector["envelope"].encode())

    check_envelope(parsed, expected=place, signers=SIGNERS, left=vector["left"])
    for stays in vector["left"]:
        with pytest.raises(RefusedError, match=r"envelope\.recipients"):
            check_envelope(
                parsed, expected=place, signers=SIGNERS, left=[kid for kid in vector["left"] if kid != stays]
            )
    with pytest.raises(RefusedError, match=r"envelope\.not-for-you"):
        content_key_of(parsed, RECIPIENTS[0].kid, RECIPIENTS[0])


@pytest.mark.parametrize("vector", ENVELOPES["refused"], ids=lambda vector: vector["why"])
def test_a_forged_moved_or_damaged_envelope_is_refused_for_the_right_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        open_envelope(
            vector["envelope"].encode(),
            RECIPIENTS[0].kid,
            RECIPIENTS[0],
            expected=HeaderFields(**vector["header"]),
            signers={SERVER.kid: SERVER.public},
        )
    assert refused.value.code == vector["code"]


@pytest.mark.parametrize("vector", ENVELOPES["sequences"], ids=lambda vector: vector["why"])
def test_a_list_with_one_dropped_repeated_or_reordered_is_refused(vector: dict[str, Any]) -> None:
    headers = [parse_envelope(each.encode()).header for each in vector["envelopes"]]
    if vector["whole"]:
        check_sequence(headers)
    else:
        with pytest.raises(RefusedError, match=r"envelope\.gap"):
            check_sequence(headers)


def test_the_table_of_forgeries_names_every_kind() -> None:
    kinds = {vector["why"].split(":")[0] for vector in [*ENVELOPES["refused"], *ENVELOPES["sequences"]]}

    assert {"edited", "swapped", "dropped", "replayed", "cross-case", "cross-organisation"} <= kinds


def test_labels_signatures_and_words_are_the_same_everywhere() -> None:
    label = KEYS["info"]
    assert info(label["purpose"], *(part.encode() for part in label["parts"])).hex() == label["hex"]
    signed = KEYS["signature"]
    assert signer(signed).sign(signed["domain"], *(part.encode() for part in signed["parts"])) == data(
        signed["signature"]
    )
    assert list(fingerprint_words(data(KEYS["words"]["public"]))) == KEYS["words"]["words"]


def test_a_note_opens_and_its_writer_is_known() -> None:
    note = KEYS["note"]
    place = {"case": note["case"], "sequence": note["sequence"], "organisation": ORG}
    box = MailboxKey(recipient(note["mailbox"]))

    verify_note(data(note["signer"]["public"]), data(note["signature"]), data(note["sealed"]), **place)
    assert box.open(data(note["sealed"]), **place).decode() == note["body"]


def test_duty_keys_statements_and_logins_verify() -> None:
    duty, login = KEYS["duty"], KEYS["login"]
    public = data(duty["identity"]["public"])

    found = verify_duty_certificate(duty["certificate"].encode(), public, organisation=ORG, now=NOW)
    assert found.recipient.kid == RECIPIENTS[0].kid
    until = verify_duty_statement(duty["statement"].encode(), public, organisation=ORG, now=NOW)
    assert until.timestamp() == duty["until"]
    verify_login(public, data(login["signature"]), data(login["challenge"]), server=login["server"])


def test_a_keyring_verifies_and_one_of_two_leads_is_not_enough() -> None:
    vector = KEYS["keyring"]
    entries = [entry.encode() for entry in vector["entries"]]

    keyring = verify(entries, vector["root"], NOW, organisation=ORG)
    assert [member.alias for member in keyring.members] == vector["members"]
    with pytest.raises(RefusedError, match=r"keyring\.signature"):
        verify([*entries, vector["by_one_lead"].encode()], vector["root"], NOW, organisation=ORG)
    after = verify([*entries, vector["by_two_leads"].encode()], vector["root"], NOW, organisation=ORG)
    assert [member.alias for member in after.members] == vector["members"][:2]


def test_a_key_file_opens() -> None:
    vector = KEYS["key_file"]

    keys = CaseworkerKeys.from_file(vector["file"].encode(), vector["passphrase"])
    assert keys.identity == signer(vector["identity"])
    assert [key.kid for key in keys.duty] == vector["duty"]
