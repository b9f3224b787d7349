import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crypto.derive import info
from bot.crypto.epochs import EpochKey
from bot.crypto.mailbox import MailboxKey, seal_note, sign_note, verify_note
from bot.crypto.padding import BUCKETS
from bot.crypto.signing import SigningKey
from bot.crypto.suites import OVERHEAD, seal_to
from bot.kernel.errors import RefusedError

CASE, ORG = "1" * 32, "rs-lantern-demo"
BOX = EpochKey(693, b"e" * 32).mailbox(b"salt" * 4, b"f" * 32)
WRITER = SigningKey.from_seed(b"w" * 32)


def note(body: bytes = b"Come on Monday", *, to: bytes = BOX.public) -> bytes:
    return seal_note(to, body, case=CASE, sequence=1, organisation=ORG)


def read(
    sealed: bytes, *, box: MailboxKey = BOX, case: str = CASE, sequence: int = 1, org: str = ORG
) -> bytes:
    return box.open(sealed, case=case, sequence=sequence, organisation=org)


@given(st.binary(max_size=3000))
@settings(max_examples=30, deadline=None)
def test_a_note_comes_back_whole_in_one_of_four_sizes(body: bytes) -> None:
    sealed = note(body)

    assert read(sealed) == body
    assert len(sealed) - OVERHEAD["x25519"] in BUCKETS


@pytest.mark.parametrize(
    ("case", "sequence", "org"),
    [("2" * 32, 1, ORG), (CASE, 2, ORG), (CASE, 1, "pt-lantern-demo")],
)
def test_a_note_moved_to_another_case_organisation_or_place_does_not_open(
    case: str, sequence: int, org: str
) -> None:
    with pytest.raises(RefusedError, match=r"mailbox\.wrong"):
        read(note(), case=case, sequence=sequence, org=org)


@pytest.mark.parametrize(
    "other",
    [
        EpochKey(694, b"E" * 32).mailbox(b"salt" * 4, b"f" * 32),
        EpochKey(693, b"e" * 32).mailbox(b"pepp" * 4, b"f" * 32),
        EpochKey(693, b"e" * 32).mailbox(b"salt" * 4, b"g" * 32),
    ],
)
def test_another_persons_cases_or_epochs_key_opens_nothing(other: MailboxKey) -> None:
    with pytest.raises(RefusedError, match=r"mailbox\.wrong"):
        read(note(), box=other)


def test_the_mailbox_key_is_found_again_from_the_same_address_only() -> None:
    again = EpochKey(693, b"e" * 32).mailbox(b"salt" * 4, b"f" * 32)

    assert again.public == BOX.public
    assert read(note(), box=again) == b"Come on Monday"


def test_a_changed_cut_or_badly_padded_note_is_refused() -> None:
    sealed = note()
    place = info("mailbox/note", CASE.encode(), ORG.encode(), (1).to_bytes(4, "big"))
    unpadded = seal_to(BOX.public, b"no padding", place)

    for odd in (b"", sealed[:-1], sealed[:40], sealed[:50] + b"\x00" + sealed[51:], unpadded):
        with pytest.raises(RefusedError, match=r"mailbox\.wrong"):
            read(odd)


def test_a_note_is_only_sealed_to_a_real_key() -> None:
    for public in (bytes(32), b"short"):
        with pytest.raises(RefusedError, match=r"key\.format"):
            note(to=public)


def test_only_the_writers_signature_over_this_note_in_this_place_verifies() -> None:
    sealed = note()
    signature = sign_note(WRITER, sealed, case=CASE, sequence=1, organisation=ORG)
    verify_note(WRITER.public, signature, sealed, case=CASE, sequence=1, organisation=ORG)

    other = SigningKey.from_seed(b"o" * 32)
    for public, given_signature, text, case, sequence, org in (
        (other.public, signature, sealed, CASE, 1, ORG),
        (WRITER.public, bytes(64), sealed, CASE, 1, ORG),
        (WRITER.public, b"", sealed, CASE, 1, ORG),
        (WRITER.public, signature, note(), CASE, 1, ORG),
        (WRITER.public, signature, sealed, "2" * 32, 1, ORG),
        (WRITER.public, signature, sealed, CASE, 2, ORG),
        (WRITER.public, signature, sealed, CASE, 1, "pt-lantern-demo"),
    ):
        with pytest.raises(RefusedError, match=r"mailbox\.signature"):
            verify_note(public, given_signature, text, case=case, sequence=sequence, organisation=org)


def test_the_private_half_never_shows() -> None:
    assert BOX.key.secret.hex() not in repr(BOX)
    assert repr(BOX.key.secret) not in repr(BOX)


@pytest.mark.parametrize("sequence", [-1, 0, 2**31, 2**40])
def test_a_note_in_an_impossible_place_is_refused(sequence: int) -> None:
    for wrong in (
        lambda: read(note(), sequence=sequence),
        lambda: sign_note(WRITER, b"", case=CASE, sequence=sequence, organisation=ORG),
        lambda: verify_note(WRITER.public, bytes(64), b"", case=CASE, sequence=sequence, organisation=ORG),
    ):
        with pytest.raises(RefusedError, match=r"mailbox\.wrong"):
            wrong()
