"""The mail gate of a case: how its answers may be shown, sealed so that only the person's return opens it.

The key comes from `EpochKey.gate_key`, so that database and code alone say nothing about a check word. Someone
who can write the database can put back an older gate and win tries; the sealing cannot prevent that.
"""

from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.crypto.derive import info
from bot.crypto.randomness import random_bytes
from bot.crypto.suites import SECRET
from bot.crypto.wire import Reader, canonical, read_canonical, to_base64
from bot.kernel.errors import RefusedError

TRIES = 3
LONGEST_WORD = 64  # characters
MOST_EARLIER = 4  # mailboxes that answers may still wait in
_SIZE = 640  # bytes that every gate is padded to: a word of 64 characters can take 256, four secrets take 171
_NONCE = 12  # bytes


@dataclass(frozen=True, slots=True)
class Gate:
    """`discreet`: silent until `note` is asked for. `check_word`: empty for none. `tries`: how many are left.

    `earlier`: secrets of mailboxes that answers wait in which came before the case moved, newest first.
    `code_words`: those of the case, so that the person can be told them again.
    """

    discreet: bool = False
    check_word: str = ""
    tries: int = TRIES
    earlier: tuple[bytes, ...] = field(default=(), repr=False)
    code_words: str = field(default="", repr=False)

    @property
    def locked(self) -> bool:
        """Whether the wrong word was given too often."""
        return bool(self.check_word) and self.tries == 0

    @property
    def asks_first(self) -> bool:
        """Whether the person chose that no answer comes by itself: silence, or a word before anything is shown."""
        return self.discreet or bool(self.check_word)

    def tried_wrong(self) -> "Gate":
        """This gate with one try less."""
        return replace(self, tries=max(0, self.tries - 1))


def seal_gate(gate_key: bytes, gate: Gate, *, case: str) -> bytes:
    """The gate sealed for one case; always the same length.

    Raises:
        RefusedError: `gate.word` for a check word of more than 64 characters.
    """
    if len(gate.check_word) > LONGEST_WORD:
        raise RefusedError("gate.word")
    nonce = random_bytes(_NONCE)
    written = canonical(
        {
            "code": gate.code_words,
            "discreet": int(gate.discreet),
            "earlier": to_base64(b"".join(gate.earlier[:MOST_EARLIER])),
            "tries": gate.tries,
            "word": _speakable(gate.check_word),
        }
    )
    padded = written.ljust(_SIZE, b"\x00")
    return nonce + AESGCM(gate_key).encrypt(nonce, padded, info("gate", case.encode()))


def open_gate(gate_key: bytes, sealed: bytes, *, case: str) -> Gate:
    """The gate of this case.

    Raises:
        RefusedError: `gate.wrong` for another person, another case or a changed byte.
    """
    try:
        padded = AESGCM(gate_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], info("gate", case.encode()))
    except (InvalidTag, ValueError):
        raise RefusedError("gate.wrong") from None
    return _read(
        read_canonical(padded.rstrip(b"\x00"), "gate", _SIZE).only(
            "code", "discreet", "earlier", "tries", "word"
        )
    )


def _read(fields: Reader) -> Gate:
    word, code = fields.fields["word"], fields.fields["code"]
    if not isinstance(word, str) or not isinstance(code, str):
        fields.refuse()
    return Gate(
        discreet=bool(fields.integer("discreet", 0, 1)),
        check_word=word,
        tries=fields.integer("tries", 0, TRIES),
        earlier=_split(fields.data("earlier", *range(0, SECRET * MOST_EARLIER + 1, SECRET))),
        code_words=code,
    )


def _split(secrets: bytes) -> tuple[bytes, ...]:
    return tuple(secrets[at : at + SECRET] for at in range(0, len(secrets), SECRET))


def _speakable(word: str) -> str:
    """The word without halves of characters, which a messenger may let through and UTF-8 cannot hold."""
    return word.encode(errors="replace").decode()
