import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.crypto import envelope
from bot.crypto.envelope import (
    MOST_RECIPIENTS,
    HeaderFields,
    Opened,
    Position,
    Recipient,
    check_sequence,
    open_envelope,
    parse_envelope,
    seal,
    withdraw,
)
from bot.crypto.padding import pad
from bot.crypto.signing import SigningKey, key_id
from bot.crypto.suites import SealingKey, SuiteId, seal_to
from bot.crypto.wire import Value, canonical, from_base64, to_base64
from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId

SERVER = SigningKey.from_seed(b"s" * 32)
ANA = SealingKey.from_secret(b"a" * 32)
BEA = SealingKey.from_secret(b"b" * 32)
HERE = HeaderFields(case="1" * 32, org="rs-lantern-demo", seq=3, dir="in", epoch=693)
BODY = "I need a lawyer, خانه".encode()


def sealed(
    body: bytes = BODY,
    *,
    to: tuple[SealingKey, ...] = (ANA, BEA),
    header: HeaderFields = HERE,
    by: SigningKey = SERVER,
) -> bytes:
    return seal(body, [Recipient.of(key.public, key.suite) for key in to], header, by)


def opened(
    blob: bytes, key: SealingKey = ANA, *, expected: Position = HERE, left: tuple[KeyId, ...] = ()
) -> Opened:
    return open_envelope(
        blob, key.kid, key, expected=expected, signers={SERVER.kid: SERVER.public}, left=left
    )


def with_outer(blob: bytes, **changes: Value) -> bytes:
    return canonical({**json.loads(blob), **changes})


def with_header(blob: bytes, **changes: Value) -> bytes:
    outer = json.loads(blob)
    header = json.loads(from_base64(outer["header"], "test"))
    return with_outer(blob, header=to_base64(canonical({**header, **changes})))


def resigned(blob: bytes, by: SigningKey = SERVER) -> bytes:
    """The strongest forger: holds the signing key, but no recipient's."""
    outer = json.loads(blob)
    header, body = (hashlib.sha256(from_base64(outer[name], "test")).digest() for name in ("header", "body"))
    return with_outer(blob, by=by.kid, sig=to_base64(by.sign("envelope/signature", header, body)))


@pytest.mark.parametrize("suite", ["x25519", "x-wing"])
def test_every_recipient_and_nobody_else_opens_an_envelope(suite: SuiteId) -> None:
    first, second, stranger = (SealingKey.make(suite) for _ in range(3))
    blob = sealed(to=(first, second))

    assert opened(blob, first).body == opened(blob, second).body == BODY
    with pytest.raises(RefusedError, match=r"envelope\.not-for-you"):
        opened(blob, stranger)


def test_recipients_with_keys_of_both_kinds_each_open_it_with_their_own() -> None:
    wing = SealingKey.make("x-wing")
    blob = sealed(to=(ANA, wing))

    assert parse_envelope(blob).suite == "mixed"
    assert opened(blob, ANA).body == opened(blob, wing).body == BODY
    wraps = json.loads(blob)["wraps"]
    swapped: dict[str, Value] = {ANA.kid: wraps[wing.kid], wing.kid: wraps[ANA.kid]}
    with pytest.raises(RefusedError, match=r"envelope\.not-for-you"):
        opened(with_outer(blob, wraps=swapped))


def test_an_envelope_opens_whatever_epoch_the_case_has_moved_to_since() -> None:
    assert opened(sealed(), expected=HERE.position).header.epoch == 693


@given(st.binary(max_size=5000))
@settings(max_examples=40, deadline=None)
def test_any_text_comes_back_whole(body: bytes) -> None:
    assert opened(sealed(body)).body == body


def test_nothing_of_the_text_shows_and_sizes_say_little() -> None:
    short, longer = sealed(b"x"), sealed(b"y" * 900)

    assert len(short) == len(longer)
    assert b"lawyer" not in sealed()


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert sealed() != sealed()


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, case="2" * 32),
        replace(HERE, org="pt-lantern-demo"),
        replace(HERE, seq=4),
        replace(HERE, dir="out"),
    ],
)
def test_an_envelope_replayed_in_another_case_organisation_or_place_is_refused(
    elsewhere: HeaderFields,
) -> None:
    with pytest.raises(RefusedError, match=r"envelope\.elsewhere"):
        opened(sealed(), expected=elsewhere)


@pytest.mark.parametrize(
    "changes",
    [
        {"case": "2" * 32},
        {"org": "pt-lantern-demo"},
        {"seq": 4},
        {"dir": "internal"},
        {"epoch": 1},
        {"commit": "0" * 64},
        {"to": sorted([ANA.kid])},
        {"suite": "x-wing"},
    ],
)
def test_an_edited_header_is_refused_even_when_signed_anew(changes: dict[str, Value]) -> None:
    blob = with_header(sealed(), **changes)
    place = HERE if {"to", "suite"} & set(changes) else parse_envelope(blob).header

    for forged in (blob, resigned(blob)):
        with pytest.raises(RefusedError, match=r"envelope\."):
            opened(forged, expected=place)


def test_a_swapped_text_is_refused_even_when_signed_anew() -> None:
    mine, other = sealed(), sealed(b"something else")
    forged = with_outer(mine, body=json.loads(other)["body"])

    with pytest.raises(RefusedError, match=r"envelope\.signature"):
        opened(forged)
    with pytest.raises(RefusedError, match=r"envelope\.tampered"):
        opened(resigned(forged))


def test_swapped_wraps_are_refused() -> None:
    blob = sealed()
    wraps = json.loads(blob)["wraps"]
    swapped: dict[str, Value] = {ANA.kid: wraps[BEA.kid], BEA.kid: wraps[ANA.kid]}

    with pytest.raises(RefusedError, match=r"envelope\.tampered"):
        opened(with_outer(blob, wraps=swapped))


def test_a_wrap_from_another_envelope_is_refused() -> None:
    blob, other = sealed(), sealed()

    with pytest.raises(RefusedError, match=r"envelope\.tampered"):
        opened(with_outer(blob, wraps=json.loads(other)["wraps"]))


def test_a_stripped_or_added_recipient_is_refused() -> None:
    blob = sealed()
    wraps = json.loads(blob)["wraps"]
    stranger = SealingKey.from_secret(b"z" * 32)

    variants: list[dict[str, Value]] = [
        {ANA.kid: wraps[ANA.kid]},
        {**wraps, stranger.kid: wraps[ANA.kid]},
        {},
    ]
    for changed in variants:
        with pytest.raises(RefusedError, match=r"envelope\.format"):
            opened(with_outer(blob, wraps=changed))


def test_a_leavers_wrap_is_withdrawn_visibly_and_only_a_leavers() -> None:
    blob = withdraw(sealed(), BEA.kid)

    assert opened(blob, left=(BEA.kid,)).body == BODY
    with pytest.raises(RefusedError, match=r"envelope\.recipients"):
        opened(blob)
    with pytest.raises(RefusedError, match=r"envelope\.not-for-you"):
        opened(blob, BEA, left=(BEA.kid,))


def test_every_wrap_of_somebody_with_several_keys_is_withdrawn_at_once() -> None:
    blob = sealed()

    both = withdraw(blob, ANA.kid, BEA.kid)

    assert both == withdraw(withdraw(blob, ANA.kid), BEA.kid)
    assert not any(parse_envelope(both).wraps.values())
    assert withdraw(blob) == blob


def test_a_content_key_other_than_the_one_committed_to_is_refused_whoever_sealed_it() -> None:
    """GCM alone allows one ciphertext that opens to two texts under two keys: the commitment forbids it."""
    to = Recipient.of(ANA.public)
    committed, used = b"1" * 32, b"2" * 32
    for key, fits in ((committed, True), (used, False)):
        header = envelope._header_bytes(HERE, "x25519", [to], committed)
        ciphertext = envelope._cipher(key).encrypt(bytes(12), pad(BODY), header)
        wrap = seal_to(ANA.public, key, envelope._wrap_info(header, ANA.kid))
        signature = SERVER.sign("envelope/signature", *envelope._signed(header, ciphertext))
        blob = canonical(
            {
                "body": to_base64(ciphertext),
                "by": SERVER.kid,
                "header": to_base64(header),
                "sig": to_base64(signature),
                "wraps": {ANA.kid: to_base64(wrap)},
            }
        )
        if fits:
            assert opened(blob).body == BODY
        else:
            with pytest.raises(RefusedError, match=r"envelope\.tampered"):
                opened(blob)


@pytest.mark.parametrize("to", [[BEA.kid, ANA.kid], [ANA.kid, ANA.kid, BEA.kid], []])
def test_recipients_out_of_order_twice_or_missing_are_no_envelope(to: list[str]) -> None:
    assert ANA.kid < BEA.kid
    with pytest.raises(RefusedError, match=r"envelope\.format"):
        parse_envelope(with_header(sealed(), to=to))


@pytest.mark.parametrize("forger", [SigningKey.from_seed(b"f" * 32)])
def test_someone_who_writes_the_database_cannot_speak_as_the_person(forger: SigningKey) -> None:
    with pytest.raises(RefusedError, match=r"envelope\.signature"):
        opened(sealed(b"forged", by=forger))
    with pytest.raises(RefusedError, match=r"envelope\.signature"):
        opened(with_outer(sealed(b"forged", by=forger), by=SERVER.kid))


def test_a_signer_under_a_false_id_is_refused() -> None:
    forger = SigningKey.from_seed(b"f" * 32)
    blob = with_outer(sealed(by=forger), by=SERVER.kid)

    with pytest.raises(RefusedError, match=r"envelope\.signature"):
        open_envelope(blob, ANA.kid, ANA, expected=HERE, signers={SERVER.kid: forger.public})


def test_a_key_of_another_suite_or_id_opens_nothing() -> None:
    blob = sealed()
    wing = SealingKey.make("x-wing")

    for kid, key in ((ANA.kid, wing), (ANA.kid, BEA), (BEA.kid, ANA)):
        with pytest.raises(RefusedError, match=r"envelope\.not-for-you"):
            open_envelope(blob, kid, key, expected=HERE, signers={SERVER.kid: SERVER.public})


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [Recipient.of(ANA.public)] * 2,
        [Recipient(key_id(b"somebody else"), ANA.public)],
        [Recipient.of(bytes([number]) * 32) for number in range(1, MOST_RECIPIENTS + 2)],
    ],
)
def test_an_envelope_is_sealed_to_real_and_different_people(recipients: list[Recipient]) -> None:
    with pytest.raises(RefusedError, match=r"envelope\.recipients"):
        seal(BODY, recipients, HERE, SERVER)


@pytest.mark.parametrize("public", [bytes(32), (1).to_bytes(32, "little"), b"short"])
def test_a_public_key_that_hides_nothing_is_refused(public: bytes) -> None:
    with pytest.raises(RefusedError, match=r"key\.format"):
        seal(BODY, [Recipient.of(public)], HERE, SERVER)


@pytest.mark.parametrize(
    "header",
    [
        replace(HERE, case="not hexadecimal"),
        replace(HERE, org="Rs Lantern"),
        replace(HERE, seq=0),
        replace(HERE, epoch=-1),
    ],
)
def test_an_odd_header_is_never_sealed(header: HeaderFields) -> None:
    with pytest.raises(RefusedError, match=r"envelope\.format"):
        sealed(header=header)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    blob = bytearray(sealed())
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= data.draw(st.integers(1, 255))

    try:
        found = opened(bytes(blob))
    except RefusedError:
        return
    # what is left is the other recipient's wrap: not Ana's to check, and Bea is refused
    assert found.body == BODY
    with pytest.raises(RefusedError, match=r"envelope\.tampered"):
        opened(bytes(blob), BEA)


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_no_bytes_make_the_parser_fail_otherwise_than_by_refusing(blob: bytes) -> None:
    with pytest.raises(RefusedError, match=r"envelope\.format"):
        parse_envelope(blob)


wild: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text(max_size=8),
    st.lists(st.text(max_size=3), max_size=2),
)


@given(st.sampled_from(["body", "by", "header", "sig", "wraps", "more"]), wild)
@settings(deadline=None)
def test_a_field_of_another_kind_is_refused(name: str, value: Value) -> None:
    with pytest.raises(RefusedError, match=r"envelope\.format"):
        parse_envelope(with_outer(sealed(), **{name: value}))


@given(st.sampled_from(["v", "suite", "case", "org", "seq", "dir", "epoch", "to", "commit", "more"]), wild)
@settings(deadline=None)
def test_a_header_field_of_another_kind_is_refused(name: str, value: Value) -> None:
    blob = sealed()
    forged = with_header(blob, **{name: value})
    assume(forged != blob)

    with pytest.raises(RefusedError, match=r"envelope\."):
        opened(resigned(forged))


def test_a_dropped_repeated_or_reordered_message_is_noticed() -> None:
    first, second, third = (replace(HERE, seq=number) for number in (1, 2, 3))
    check_sequence([first, second, third])
    check_sequence([])

    for odd in (
        [second, third],
        [first, third],
        [first, first],
        [second, first],
        [first, replace(second, case="2" * 32)],
        [first, replace(second, dir="out")],
    ):
        with pytest.raises(RefusedError, match=r"envelope\.gap"):
            check_sequence(odd)
