import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from bot.crypto.epochs import EpochKey, Epochs, epoch_number, epoch_start, reachable_until
from bot.crypto.pseudonym import FingerprintCache, Fingerprinter, SessionNames, fingerprint
from bot.kernel.address import Address
from bot.kernel.ids import Pseudonym

SALT = b"installation-salt-of-32-bytes---"
ADDRESS = Address("whatsapp", "+381601234567")
NAMES = SessionNames(b"m" * 32)


def test_a_session_pseudonym_is_stable_within_a_process_and_means_nothing_after_it() -> None:
    assert NAMES.of(ADDRESS) == NAMES.of(Address("whatsapp", "+381601234567"))
    assert NAMES.of(ADDRESS) != SessionNames(b"n" * 32).of(ADDRESS)
    assert len(NAMES.of(ADDRESS)) == 32


def test_the_same_number_on_two_channels_is_two_people() -> None:
    assert NAMES.of(Address("sms", ADDRESS.reveal())) != NAMES.of(ADDRESS)
    assert fingerprint(Address("sms", ADDRESS.reveal()), SALT) != fingerprint(ADDRESS, SALT)


def test_no_unkeyed_hash_of_a_number_is_ever_a_pseudonym() -> None:
    value = ADDRESS.reveal().encode()
    names = {
        hashlib.sha256(each).hexdigest()[:32] for each in (value, b"whatsapp" + value, b"whatsapp\0" + value)
    }

    assert NAMES.of(ADDRESS) not in names
    assert NAMES.of(ADDRESS) != hmac.digest(b"m" * 32, b"whatsapp\x00" + value, "sha256").hex()[:32]


def test_digests_of_two_purposes_or_values_differ() -> None:
    digests = {
        NAMES.digest("message", "a"),
        NAMES.digest("message", "b"),
        NAMES.digest("rate", "a"),
        NAMES.digest("", "message\x00a"),
    }

    assert len(digests) == 4
    assert {len(digest) for digest in digests} == {16}


def test_a_fingerprint_is_argon2id_over_46_mib() -> None:
    expected = Argon2id(
        salt=SALT, length=32, iterations=1, lanes=1, memory_cost=47104, ad=b"fener/v1/fingerprint"
    ).derive(b"whatsapp\x00+381601234567")

    assert fingerprint(ADDRESS, SALT) == expected
    assert fingerprint(ADDRESS, SALT[::-1]) != expected


def test_a_fingerprint_is_computed_once_while_it_is_remembered() -> None:
    cache = FingerprintCache()
    worker = Fingerprinter(SALT, cache)
    who = NAMES.of(ADDRESS)
    assert worker.known(who) is None

    found = worker.compute(who, ADDRESS)

    assert worker.known(who) == found == fingerprint(ADDRESS, SALT)
    cache.keep(who, b"remembered")
    assert worker.compute(who, ADDRESS) == b"remembered"
    worker.forget(who)
    assert worker.known(who) is None


def test_the_cache_never_grows_beyond_its_limit_and_drops_the_longest_unused() -> None:
    cache = FingerprintCache(limit=2)
    one, two, three = Pseudonym("1"), Pseudonym("2"), Pseudonym("3")
    cache.keep(one, b"1")
    cache.keep(two, b"2")
    cache.get(one)
    cache.keep(three, b"3")

    assert len(cache) == 2
    assert cache.get(two) is None
    assert cache.get(one) == b"1"


EPOCH = EpochKey(693, b"e" * 32)
WHO = b"f" * 32


def test_names_in_two_organisations_or_epochs_cannot_be_joined() -> None:
    names = {
        EPOCH.case_pseudonym("rs-lantern-demo", WHO),
        EPOCH.case_pseudonym("pt-lantern-demo", WHO),
        EPOCH.case_pseudonym("rs-lantern-demo", b"g" * 32),
        EpochKey(694, b"E" * 32).case_pseudonym("rs-lantern-demo", WHO),
    }

    assert len(names) == 4
    assert {len(name) for name in names} == {32}


def test_every_purpose_has_a_key_of_its_own() -> None:
    salt = b"s" * 16
    keys = {
        EPOCH.case_pseudonym("rs-lantern-demo", WHO),
        EPOCH.gate_key(salt, WHO),
        EPOCH.mailbox(salt, WHO).key.secret,
        EPOCH.gate_key(b"t" * 16, WHO),
        EPOCH.mailbox(b"t" * 16, WHO).key.secret,
        EPOCH.dedupe("SM1"),
        EPOCH.dedupe("SM2"),
    }

    assert len(keys) == 7


def test_an_epoch_key_never_shows() -> None:
    assert "eeee" not in repr(EPOCH)


def test_a_case_stays_reachable_for_thirty_days_after_the_last_message_whenever_that_was() -> None:
    for day in range(0, 90, 7):
        now = datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(days=day)
        number = epoch_number(now)

        assert epoch_start(number) <= now < epoch_start(number + 1)
        assert timedelta(days=30) <= reachable_until(number) - now <= timedelta(days=60)


@pytest.mark.parametrize(("number", "found"), [(693, True), (692, True), (691, False), (694, False)])
def test_only_the_current_and_the_previous_epoch_are_accepted(number: int, *, found: bool) -> None:
    epochs = Epochs(EPOCH, (EPOCH, EpochKey(692, b"d" * 32)))

    assert (epochs.get(number) is not None) is found
