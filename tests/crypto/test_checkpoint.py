"""A checkpoint is what this server signed, and shows every way in which a chain did not simply grow."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.checkpoint import (
    NOTHING,
    Checkpoint,
    Fault,
    Span,
    follows,
    line_hash,
    read_checkpoint,
    sign_checkpoint,
)
from bot.crypto.members import Head
from bot.crypto.signing import SigningKey
from bot.kernel.errors import RefusedError

SERVER = SigningKey.from_seed(b"s" * 32)
SAID = Checkpoint("rs-lantern", Head(7, "a" * 64), 498_000)


def test_what_was_signed_is_read_back() -> None:
    assert read_checkpoint(sign_checkpoint(SERVER, SAID), SERVER.public, organisation="rs-lantern") == SAID


def test_of_nobody_else_is_anything_believed() -> None:
    blob = sign_checkpoint(SigningKey.from_seed(b"t" * 32), SAID)

    with pytest.raises(RefusedError, match=r"checkpoint\.signature"):
        read_checkpoint(blob, SERVER.public)


def test_another_organisations_checkpoint_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"checkpoint\.organisation"):
        read_checkpoint(sign_checkpoint(SERVER, SAID), SERVER.public, organisation="pt-lantern")


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed_wherever_it_is(at: int, flip: int) -> None:
    blob = bytearray(sign_checkpoint(SERVER, SAID))
    blob[at % len(blob)] ^= flip

    with pytest.raises(RefusedError):
        read_checkpoint(bytes(blob), SERVER.public)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_never_raise_otherwise(blob: bytes) -> None:
    with pytest.raises(RefusedError):
        read_checkpoint(blob, SERVER.public)


LINES = [b"line %d" % number for number in range(10)]


def span(first: int = 0, lines: list[bytes] | None = None) -> Span:
    kept = LINES if lines is None else lines
    before = NOTHING if first == 0 else hashlib.sha256(kept[first - 1]).hexdigest()
    return Span(first, before, Head(len(kept), line_hash(kept[-1])))


def compared(earlier: int, now: Span | None, lines: list[bytes], *, floor: int = 0) -> Fault | None:
    """A chain of `lines` beside its own state after `earlier` of the original lines."""
    first = now.first if now is not None else 0

    def digest(position: int) -> str | None:
        return line_hash(lines[position]) if first <= position < len(lines) else None

    head = Head(earlier, line_hash(LINES[earlier - 1])) if earlier else Head(0, NOTHING)
    return follows(head, now, floor=floor, digest=digest)


@given(earlier=st.integers(0, 10))
def test_a_chain_that_only_grew_is_whole(earlier: int) -> None:
    assert compared(earlier, span(), LINES) is None


@given(earlier=st.integers(1, 10), kept=st.integers(0, 9))
def test_a_cut_end_is_noticed_by_who_saw_it(earlier: int, kept: int) -> None:
    lines = LINES[:kept]
    now = span(lines=lines) if lines else None

    assert compared(earlier, now, lines) is (Fault.CUT if kept < earlier else None)


@given(earlier=st.integers(1, 10), changed=st.integers(0, 9))
def test_a_chain_made_anew_is_noticed_where_it_was_seen(earlier: int, changed: int) -> None:
    # Every line after the changed one holds another hash: the forger had to write them all anew.
    lines = [*LINES[:changed], *(b"forged " + line for line in LINES[changed:])]

    assert compared(earlier, span(lines=lines), lines) is (Fault.REWRITTEN if changed < earlier else None)


@given(first=st.integers(0, 9), floor=st.integers(0, 9))
def test_a_beginning_may_be_missing_only_as_far_as_we_deleted_it(first: int, floor: int) -> None:
    assert compared(10, span(first), LINES, floor=floor) is (Fault.BEGUN_LATE if first > floor else None)
