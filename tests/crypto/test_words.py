import math

from bot.crypto.wordlist import WORDS
from bot.crypto.words import (
    FINGERPRINT_WORDS,
    PASSPHRASE_WORDS,
    fingerprint_words,
    make_passphrase,
    plain_passphrase,
)


def test_the_list_holds_2048_short_plain_words_each_once() -> None:
    assert len(set(WORDS)) == len(WORDS) == 2048
    assert list(WORDS) == sorted(WORDS)
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 7 for word in WORDS)


def test_a_passphrase_holds_66_bits_and_none_comes_twice() -> None:
    made = {make_passphrase() for _ in range(50)}

    assert len(made) == 50
    assert all(len(each.split()) == PASSPHRASE_WORDS and set(each.split()) <= set(WORDS) for each in made)
    assert PASSPHRASE_WORDS * math.log2(len(WORDS)) == 66


def test_a_fingerprint_is_eight_words_that_depend_on_every_bit_of_the_first_88() -> None:
    words = fingerprint_words(b"public key")

    assert len(words) == FINGERPRINT_WORDS
    assert words == fingerprint_words(b"public key")
    assert words != fingerprint_words(b"public kez")
    assert len({fingerprint_words(bytes([number])) for number in range(256)}) == 256


def test_fingerprint_words_never_change_between_versions() -> None:
    """People wrote them down: a changed list or order would look like an attack."""
    assert " ".join(fingerprint_words(b"\x00" * 32)) == "handle emu perch uphill color regard portal wax"


def test_case_spacing_and_hyphens_of_a_typed_passphrase_do_not_matter() -> None:
    assert plain_passphrase("  Amber-heron\tLAKE  ") == plain_passphrase("amber heron lake")
    assert plain_passphrase("ｌａｋｅ") == "lake"
