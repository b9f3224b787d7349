"""Writes the test vectors that Python and JavaScript both read: `python tests/vectors/make.py`, from the root.

What is random in them (content keys, HPKE, nonces) changes at each run; every answer stays the same.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.crypto.checkpoint import NOTHING, Checkpoint, sign_checkpoint
from bot.crypto.derive import derive, info
from bot.crypto.envelope import HeaderFields, Recipient, seal, withdraw
from bot.crypto.identity import certify_duty_key, sign_login, state_duty
from bot.crypto.keyfile import CaseworkerKeys, salt_of, stretch
from bot.crypto.keyring import (
    Role,
    add_member,
    countersign,
    found,
    remove_member,
    root_fingerprint,
)
from bot.crypto.mailbox import seal_note, sign_note
from bot.crypto.members import Head
from bot.crypto.signing import SigningKey
from bot.crypto.suites import SealingKey
from bot.crypto.wire import Value, canonical, to_base64
from bot.crypto.words import fingerprint_words

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORG = "rs-lantern-demo"
CASE = "0123456789abcdef" * 2
SERVER, LEAD, SECOND, ANA = (SigningKey.from_seed(bytes([number]) * 32) for number in (1, 2, 3, 4))
FIRST, OTHER = (SealingKey.from_secret(bytes([number]) * 32) for number in (11, 12))
WING = SealingKey.from_secret(bytes([13]) * 32, "x-wing")
MAILBOX = SealingKey.from_secret(bytes([14]) * 32)
BODIES = ["", "Hello", "خانه من امن نیست \U0001f3f3️", "x" * 1020, "x" * 1021, "y" * 4093]
PASSPHRASE = "amber heron lake silver mint oak"


def envelopes() -> dict[str, object]:
    """Envelopes that open, with the keys to open them, and envelopes that must be refused."""
    opened = []
    for number, body in enumerate(BODIES, start=1):
        header = HeaderFields(CASE, ORG, number, "in", 693)
        blob = seal(body.encode(), [Recipient.of(FIRST.public), Recipient.of(OTHER.public)], header, SERVER)
        opened.append({"envelope": blob.decode(), "header": _fields(header), "body": body})
    header = HeaderFields(CASE, ORG, 7, "out", 693)
    wing = seal(b"later", [Recipient.of(WING.public, "x-wing")], header, ANA)
    first = json.loads(opened[0]["envelope"])  # type: ignore[arg-type]  # an envelope is text
    second = json.loads(opened[1]["envelope"])  # type: ignore[arg-type]  # an envelope is text
    whole = json.dumps(first, sort_keys=True, separators=(",", ":"))
    withdrawn = withdraw(whole.encode(), OTHER.kid).decode()
    swapped = dict(zip(first["wraps"], reversed(first["wraps"].values()), strict=True))
    stripped = {kid: wrap for kid, wrap in first["wraps"].items() if kid == FIRST.kid}
    return {
        "now": int(NOW.timestamp()),
        "server": _signer(SERVER),
        "caseworker": _signer(ANA),
        "recipients": [_recipient(key) for key in (FIRST, OTHER)],
        "open": opened,
        "x-wing": {
            "recipient": _recipient(WING),
            "envelope": wing.decode(),
            "header": _fields(header),
            "body": "later",
        },
        "withdrawn": {
            "envelope": withdrawn,
            "header": opened[0]["header"],
            "left": OTHER.kid,
            "body": BODIES[0],
        },
        "refused": [
            {"why": "swapped text", "envelope": _with(first, body=second["body"])},
            {"why": "header of another envelope", "envelope": _with(first, header=second["header"])},
            {"why": "swapped wraps", "envelope": _with(first, wraps=swapped)},
            {"why": "stripped recipient", "envelope": _with(first, wraps=stripped)},
            {"why": "signature of another envelope", "envelope": _with(first, sig=second["sig"])},
            {"why": "another signer", "envelope": _with(first, by=ANA.kid)},
            {"why": "spaces", "envelope": json.dumps(first, sort_keys=True)},
            {"why": "a field more", "envelope": _with(first, more="x")},
            {"why": "padded base64", "envelope": _with(first, sig=first["sig"] + "==")},
            {"why": "cut", "envelope": whole[:-1]},
            {"why": "another place", "envelope": opened[1]["envelope"]},
        ],
    }


def keys() -> dict[str, object]:
    """Signatures, notes, certificates, a keyring, a key file and fingerprint words."""
    chain = [
        found(LEAD, organisation=ORG, name="Lantern Demo", server_public=SERVER.public, alias="Lea", now=NOW)
    ]
    chain.append(add_member(chain, LEAD, public=ANA.public, role=Role.CASEWORKER, alias="Ana", now=NOW))
    chain.append(add_member(chain, LEAD, public=SECOND.public, role=Role.LEAD, alias="Mina", now=NOW))
    alone = remove_member(chain, LEAD, kid=SECOND.kid, now=NOW)
    note = seal_note(MAILBOX.public, b"Come on Monday", case=CASE, sequence=1, organisation=ORG)
    challenge = bytes(range(32))
    return {
        "now": int(NOW.timestamp()),
        "organisation": ORG,
        "info": {
            "purpose": "mailbox/note",
            "parts": [CASE, ORG],
            "hex": info("mailbox/note", CASE.encode(), ORG.encode()).hex(),
        },
        "signature": {
            **_signer(ANA),
            "domain": "test",
            "parts": ["one", "two"],
            "signature": to_base64(ANA.sign("test", b"one", b"two")),
        },
        "words": {"public": to_base64(ANA.public), "words": list(fingerprint_words(ANA.public))},
        "note": {
            "mailbox": _recipient(MAILBOX),
            "case": CASE,
            "sequence": 1,
            "sealed": to_base64(note),
            "body": "Come on Monday",
            "signer": _signer(ANA),
            "signature": to_base64(sign_note(ANA, note, case=CASE, sequence=1, organisation=ORG)),
        },
        "duty": {
            "identity": _signer(ANA),
            "certificate": certify_duty_key(ANA, FIRST, organisation=ORG, now=NOW).decode(),
            "statement": state_duty(ANA, organisation=ORG, now=NOW, until=NOW + timedelta(hours=8)).decode(),
            "until": int((NOW + timedelta(hours=8)).timestamp()),
        },
        "login": {
            "identity": _signer(ANA),
            "challenge": to_base64(challenge),
            "server": "http://localhost:8080",
            "signature": to_base64(sign_login(ANA, challenge, server="http://localhost:8080")),
        },
        "keyring": {
            "root": root_fingerprint(LEAD.public),
            "entries": [entry.decode() for entry in chain],
            "members": ["Lea", "Ana", "Mina"],
            "by_one_lead": alone.decode(),
            "by_two_leads": countersign(alone, SECOND).decode(),
        },
        "key_file": {
            "passphrase": PASSPHRASE,
            "file": CaseworkerKeys(ANA, (FIRST, WING), {"server": "http://localhost:8080"})
            .to_file(PASSPHRASE)
            .decode(),
            "identity": _signer(ANA),
            "duty": [FIRST.kid, WING.kid],
        },
    }


def passkey() -> dict[str, object]:
    """A key file, what an authenticator computed, and the record with which that opens the file."""
    blob = CaseworkerKeys(ANA, (FIRST,), {"server": "http://localhost:8080"}).to_file(PASSPHRASE)
    salt = salt_of(blob, kind="caseworker")
    output, nonce = bytes(range(32)), bytes(range(12))
    head: dict[str, Value] = {
        "credential": to_base64(bytes(range(100, 120))),
        "input": to_base64(bytes(range(32, 64))),
        "kind": "passkey",
        "made": int(NOW.replace(hour=0).timestamp()),
        "salt": to_base64(salt),
        "transports": ["internal"],
        "v": 1,
    }
    bound = canonical(head)
    box = AESGCM(derive(output, "passkey", bound)).encrypt(
        nonce, stretch(PASSPHRASE, salt), info("passkey/box", bound)
    )
    return {
        "passphrase": PASSPHRASE,
        "file": blob.decode(),
        "output": to_base64(output),
        "record": canonical({**head, "box": to_base64(box), "nonce": to_base64(nonce)}).decode(),
        "identity": _signer(ANA),
    }


def checkpoints() -> dict[str, object]:
    """Statements about an audit chain of nine lines, and one that another key signed."""

    def said(lines: int, digest: str, hour: int, by: SigningKey = SERVER) -> str:
        return sign_checkpoint(by, Checkpoint(ORG, Head(lines, digest), hour)).decode()

    return {
        "server": to_base64(SERVER.public),
        "organisation": ORG,
        "seven": said(7, "a" * 64, 498_000),
        "seven_of_another_chain": said(7, "b" * 64, 498_010),
        "nine": said(9, "c" * 64, 498_010),
        "five": said(5, "d" * 64, 498_010),
        "nothing": said(0, NOTHING, 498_010),
        "a_year_later": said(12, "e" * 64, 498_000 + 365 * 24),
        "by_a_stranger": said(7, "a" * 64, 498_000, ANA),
    }


def _with(envelope: dict[str, object], **changes: object) -> str:
    return json.dumps({**envelope, **changes}, sort_keys=True, separators=(",", ":"))


def _fields(header: HeaderFields) -> dict[str, object]:
    return {
        "case": header.case,
        "org": header.org,
        "seq": header.seq,
        "dir": header.dir,
        "epoch": header.epoch,
    }


def _signer(key: SigningKey) -> dict[str, str]:
    return {"seed": to_base64(key.seed), "public": to_base64(key.public), "kid": key.kid}


def _recipient(key: SealingKey) -> dict[str, str]:
    return {
        "secret": to_base64(key.secret),
        "public": to_base64(key.public),
        "kid": key.kid,
        "suite": key.suite,
    }


if __name__ == "__main__":
    for name, vectors in (
        ("envelope_v1", envelopes()),
        ("keys_v1", keys()),
        ("passkey_v1", passkey()),
        ("checkpoint_v1", checkpoints()),
    ):
        (HERE / f"{name}.json").write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")
