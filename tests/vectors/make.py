"""Writes the test vectors that Python and JavaScript both read: `python tests/vectors/make.py`, from the root.

What is random in them (content keys, HPKE, nonces) changes at each run; every answer stays the same.
"""

import hashlib
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
from bot.crypto.wire import Value, canonical, from_base64, to_base64
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
    opened: list[dict[str, object]] = []
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
    stranger = SigningKey.from_seed(bytes([9]) * 32)
    sealed = [Recipient.of(FIRST.public), Recipient.of(OTHER.public)]
    third = {"stranger": seal(b"forged", sealed, HeaderFields(CASE, ORG, 1, "in", 693), stranger).decode()}
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
        "withdrawn-all": {
            "envelope": withdraw(whole.encode(), FIRST.kid, OTHER.kid).decode(),
            "header": opened[0]["header"],
            "left": sorted([FIRST.kid, OTHER.kid]),
        },
        "refused": _refused(first, second, third, whole),
        "sequences": _sequences(opened),
    }


def _refused(
    first: dict[str, object], second: dict[str, object], third: dict[str, str], whole: str
) -> list[dict[str, object]]:
    """What somebody with the database does, and with the signing key too (`resigned`): why, code, envelope, place.

    Every one is opened at the place where the first envelope belongs, unless `place` says where it was put.
    """
    wraps = first["wraps"]
    assert isinstance(wraps, dict)
    swapped = dict(zip(wraps, reversed(wraps.values()), strict=True))
    stripped = {kid: wrap for kid, wrap in wraps.items() if kid == FIRST.kid}
    stranger = {**wraps, WING.kid: wraps[FIRST.kid]}
    here = {"case": CASE, "org": ORG, "seq": 1, "dir": "in"}
    rows: list[tuple[str, str, str, dict[str, object]]] = [
        ("edited: one letter of the text", "signature", _with(first, body=_flipped(first, "body")), here),
        (
            "edited: one letter of the text, resigned",
            "tampered",
            _resigned(first, body=_flipped(first, "body")),
            here,
        ),
        (
            "edited: a byte of a wrap",
            "tampered",
            _with(first, wraps={**wraps, FIRST.kid: _flip(wraps[FIRST.kid])}),
            here,
        ),
        ("swapped: the text of another message", "signature", _with(first, body=second["body"]), here),
        (
            "swapped: the text of another message, resigned",
            "tampered",
            _resigned(first, body=second["body"]),
            here,
        ),
        ("swapped: the header of another message", "elsewhere", _with(first, header=second["header"]), here),
        ("swapped: wraps of two recipients", "tampered", _with(first, wraps=swapped), here),
        ("swapped: wraps of another message", "tampered", _with(first, wraps=second["wraps"]), here),
        ("swapped: the signature of another message", "signature", _with(first, sig=second["sig"]), here),
        ("swapped: somebody else named as the sender", "signature", _with(first, by=ANA.kid), here),
        ("swapped: sealed and signed by somebody unknown", "signature", third["stranger"], here),
        ("dropped: a recipient", "format", _with(first, wraps=stripped), here),
        (
            "dropped: a recipient, from the header too, resigned",
            "tampered",
            _reheaded(first, to=[FIRST.kid], wraps=stripped),
            here,
        ),
        (
            "dropped: a colleague's wrap, who did not leave",
            "recipients",
            _with(first, wraps={**wraps, OTHER.kid: ""}),
            here,
        ),
        (
            "dropped: our own wrap, as if we had left",
            "recipients",
            _with(first, wraps={**wraps, FIRST.kid: ""}),
            here,
        ),
        ("added: a recipient", "format", _with(first, wraps=stranger), here),
        ("replayed: the next message again in this place", "elsewhere", _text(second), here),
        ("replayed: this message again in the next place", "elsewhere", whole, {**here, "seq": 2}),
        ("replayed: words of the person as a copy of a reply", "elsewhere", whole, {**here, "dir": "out"}),
        (
            "replayed: in the next place, header edited, resigned",
            "tampered",
            _reheaded(first, seq=2),
            {**here, "seq": 2},
        ),
        ("cross-case: moved to another case", "elsewhere", whole, {**here, "case": "f" * 32}),
        (
            "cross-case: moved, header edited, resigned",
            "tampered",
            _reheaded(first, case="f" * 32),
            {**here, "case": "f" * 32},
        ),
        ("cross-organisation: moved to another one", "elsewhere", whole, {**here, "org": "pt-lantern-demo"}),
        (
            "cross-organisation: moved, header edited, resigned",
            "tampered",
            _reheaded(first, org="pt-lantern-demo"),
            {**here, "org": "pt-lantern-demo"},
        ),
        ("epoch edited, resigned", "tampered", _reheaded(first, epoch=1), here),
        ("commitment edited, resigned", "tampered", _reheaded(first, commit="0" * 64), here),
        ("suite edited to X-Wing, resigned", "format", _reheaded(first, suite="x-wing"), here),
        ("suite edited to mixed, resigned", "tampered", _reheaded(first, suite="mixed"), here),
        ("an unknown suite, resigned", "format", _reheaded(first, suite="none"), here),
        ("a later version, resigned", "format", _reheaded(first, v=2), here),
        ("spaces", "format", json.dumps(first, sort_keys=True), here),
        ("a field more", "format", _with(first, more="x"), here),
        ("padded base64", "format", _with(first, sig=f"{first['sig']}=="), here),
        ("cut", "format", whole[:-1], here),
        ("empty", "format", "", here),
    ]
    return [
        {"why": why, "code": f"envelope.{code}", "envelope": blob, "header": {**place, "epoch": 693}}
        for why, code, blob, place in rows
    ]


def _sequences(opened: list[dict[str, object]]) -> list[dict[str, object]]:
    """Whole lists of envelopes of one case: each opens at its place, and the list as a whole is refused."""
    blobs = [each["envelope"] for each in opened[:3]]
    one, two, three = blobs
    return [
        {"why": "whole", "whole": True, "envelopes": [one, two, three]},
        {"why": "dropped: the first", "whole": False, "envelopes": [two, three]},
        {"why": "dropped: one between", "whole": False, "envelopes": [one, three]},
        {"why": "replayed: one twice", "whole": False, "envelopes": [one, two, two]},
        {"why": "in another order", "whole": False, "envelopes": [two, one, three]},
    ]


def _text(envelope: dict[str, object]) -> str:
    return json.dumps(envelope, sort_keys=True, separators=(",", ":"))


def _flip(text: object) -> str:
    """Base64 text with its first bits changed."""
    return ("B" if str(text)[0] == "A" else "A") + str(text)[1:]


def _flipped(envelope: dict[str, object], name: str) -> str:
    return _flip(envelope[name])


def _resigned(envelope: dict[str, object], **changes: object) -> str:
    """As the strongest forger does, who holds the server's signing key and nobody's sealing key."""
    changed = {**envelope, **changes}
    header, body = (from_base64(str(changed[name]), "vector") for name in ("header", "body"))
    signature = SERVER.sign(
        "envelope/signature", hashlib.sha256(header).digest(), hashlib.sha256(body).digest()
    )
    return _with(changed, sig=to_base64(signature))


def _reheaded(envelope: dict[str, object], *, wraps: object = None, **fields: Value) -> str:
    """Another header over the same text, signed anew."""
    header = json.loads(from_base64(str(envelope["header"]), "vector"))
    changed = {**envelope, "header": to_base64(canonical({**header, **fields}))}
    return _resigned(changed, **({"wraps": wraps} if wraps is not None else {}))


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
