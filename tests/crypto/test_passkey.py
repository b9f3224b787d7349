"""What a browser keeps for a passkey opens by what the authenticator computes and by nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto.derive import derive, info
from bot.crypto.keyfile import CaseworkerKeys, salt_of, unlock
from bot.crypto.wire import canonical, from_base64

VECTOR: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "passkey_v1.json").read_text("utf-8")
)
OUTPUT = from_base64(VECTOR["output"], "vector")


def file_key(record: dict[str, Any], output: bytes) -> bytes:
    """What is in the box of a record, as docs/reference/keys.md describes it."""
    head = canonical({name: value for name, value in record.items() if name not in {"box", "nonce"}})
    box, nonce = (from_base64(record[name], "vector") for name in ("box", "nonce"))
    return AESGCM(derive(output, "passkey", head)).decrypt(nonce, box, info("passkey/box", head))


def test_the_passkey_opens_the_very_file_that_the_six_words_open() -> None:
    record, blob = json.loads(VECTOR["record"]), VECTOR["file"].encode()

    assert from_base64(record["salt"], "vector") == salt_of(blob, kind="caseworker")
    unlock(blob, file_key(record, OUTPUT), kind="caseworker")
    assert CaseworkerKeys.from_file(blob, VECTOR["passphrase"]).identity.kid == VECTOR["identity"]["kid"]


@given(st.binary(min_size=32, max_size=32).filter(lambda output: output != OUTPUT))
def test_no_other_passkey_opens_the_record(output: bytes) -> None:
    with pytest.raises(InvalidTag):
        file_key(json.loads(VECTOR["record"]), output)
