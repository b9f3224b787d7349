"""HMACs with their key taken in beforehand are the same HMACs."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.derive import BegunHmac


@given(key=st.binary(max_size=200), start=st.binary(max_size=100), rest=st.binary(max_size=300))
def test_a_begun_hmac_gives_what_a_whole_one_gives(key: bytes, start: bytes, rest: bytes) -> None:
    assert BegunHmac(key, start).digest(rest) == hmac.digest(key, start + rest, "sha256")
    assert BegunHmac(key, start, hashlib.sha1).digest(rest) == hmac.digest(key, start + rest, "sha1")


def test_one_begun_hmac_serves_many_messages_and_shows_no_key() -> None:
    begun = BegunHmac(b"a secret key")

    first = begun.digest(b"one")

    assert begun.digest(b"two") != first
    assert begun.digest(b"one") == first
    assert "secret" not in repr(begun)
