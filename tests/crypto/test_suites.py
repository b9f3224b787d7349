import json
from pathlib import Path

import pytest
from cryptography.hazmat.bindings._rust import openssl as rust
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from bot.crypto import suites
from bot.crypto.signing import SigningKey, check_signature
from bot.crypto.suites import OVERHEAD, PUBLIC_SIZE, SealingKey, SuiteId, seal_to, suite_id
from bot.kernel.errors import RefusedError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "hpke.json").read_text())


@pytest.mark.parametrize(
    ("name", "ours", "suite"),
    [
        ("x25519-hkdf-sha256-aes256gcm", "x25519", suites._SUITES["x25519"]),
        (
            "x-wing-hkdf-sha256-chacha20poly1305",
            "x-wing",
            Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
        ),
    ],
)
def test_our_keys_open_the_vectors_of_the_standards(name: str, ours: SuiteId, suite: Suite) -> None:
    vector = {field: bytes.fromhex(value) for field, value in VECTORS[name].items()}
    key = SealingKey.from_secret(vector["private"], ours)

    assert key.public == vector["public"]
    assert (
        rust.hpke._decrypt_with_aad(
            suite, vector["enc"] + vector["ciphertext"], key._private(), vector["info"], vector["aad"]
        )
        == vector["plaintext"]
    )


def test_signatures_are_those_of_rfc_8032() -> None:
    """Section 7.1, test 1: the key only, since we never sign a bare message."""
    key = SigningKey.from_seed(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )

    assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.mark.parametrize("suite", ["x25519", "x-wing"])
def test_sealing_adds_as_many_bytes_as_it_says_and_binds_its_context(suite: SuiteId) -> None:
    key = SealingKey.make(suite)
    sealed = seal_to(key.public, b"text", b"here", suite)

    assert len(sealed) == len(b"text") + OVERHEAD[suite]
    assert len(key.public) == PUBLIC_SIZE[suite]
    assert key.open(sealed, b"here") == b"text"
    with pytest.raises(RefusedError, match=r"seal\.wrong"):
        key.open(sealed, b"there")


@pytest.mark.parametrize("suite", ["x25519", "x-wing"])
def test_cut_changed_and_foreign_ciphertexts_are_refused(suite: SuiteId) -> None:
    key, other = SealingKey.make(suite), SealingKey.make(suite)
    sealed = seal_to(key.public, b"text", b"", suite)

    for odd in (b"", sealed[:10], sealed[:-1], sealed + b"x", bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(RefusedError, match=r"seal\.wrong"):
            key.open(odd, b"")
    with pytest.raises(RefusedError, match=r"seal\.wrong"):
        other.open(sealed, b"")


def test_a_private_key_never_shows() -> None:
    key, signer = SealingKey.from_secret(b"k" * 32), SigningKey.from_seed(b"k" * 32)

    assert "kkkk" not in repr(key)
    assert "kkkk" not in repr(signer)


def test_keys_of_another_length_and_unknown_suites_are_refused() -> None:
    for make in (SealingKey.from_secret, SigningKey.from_seed):
        with pytest.raises(RefusedError, match=r"key\.format"):
            make(b"short")
    with pytest.raises(RefusedError, match=r"key\.suite"):
        suite_id("rot13")


def test_a_signature_fits_one_domain_one_key_and_one_split_of_parts_only() -> None:
    key, other = SigningKey.make(), SigningKey.make()
    signature = key.sign("here", b"ab", b"c")
    check_signature(key.public, signature, "here", b"ab", b"c", code="no")

    for public, domain, parts in (
        (other.public, "here", (b"ab", b"c")),
        (key.public, "there", (b"ab", b"c")),
        (key.public, "here", (b"a", b"bc")),
        (key.public, "here", (b"abc",)),
        (b"short", "here", (b"ab", b"c")),
    ):
        with pytest.raises(RefusedError, match="no"):
            check_signature(public, signature, domain, *parts, code="no")
