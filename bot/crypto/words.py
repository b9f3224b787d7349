"""Words for what people compare by voice and write on paper: fingerprints and passphrases.

2048 plain English words: eleven bits each. Eight words of a fingerprint are 88 bits, six of a passphrase 66.
"""

import hashlib
import unicodedata

from bot.crypto.randomness import choose
from bot.crypto.wordlist import WORDS

_BITS = 11  # of each word
FINGERPRINT_WORDS = 8
PASSPHRASE_WORDS = 6


def fingerprint_words(public: bytes) -> tuple[str, ...]:
    """Eight words for a public key, to be read aloud: the first 88 bits of SHA-256 over its raw bytes."""
    bits = int.from_bytes(hashlib.sha256(public).digest()[: _BITS * FINGERPRINT_WORDS // 8], "big")
    places = range(_BITS * (FINGERPRINT_WORDS - 1), -1, -_BITS)
    return tuple(WORDS[(bits >> place) % len(WORDS)] for place in places)


def make_passphrase() -> str:
    """Six random words with spaces between them."""
    return " ".join(WORDS[choose(len(WORDS))] for _ in range(PASSPHRASE_WORDS))


def plain_passphrase(typed: str) -> str:
    """A passphrase as it counts: lower case, one space between words, hyphens read as spaces."""
    return " ".join(unicodedata.normalize("NFKC", typed).casefold().replace("-", " ").split())
