"""Names for addresses: a fast one that dies with the process, and a memory-hard one for people with a case."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from bot.crypto.derive import DOMAIN, BegunHmac, derive
from bot.kernel.address import Address
from bot.kernel.ids import Pseudonym

FINGERPRINT = 32  # bytes
_PSEUDONYM = 16  # bytes
_DIGEST = 16  # bytes
REMEMBERED = 4096
"""Fingerprints kept in memory."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one fingerprint costs, and so one guess of somebody who stole database and keys. `memory` in KiB."""

    memory: int
    iterations: int


FULL = Cost(memory=46 * 1024, iterations=1)
"""Not quite 0.1 s and 46 MiB a guess: some twenty core-years for all numbers of the world (bench/fingerprint.py)."""


class SessionNames:
    """Session pseudonyms and keyed digests under a memory-only key. They mean nothing after a restart.

    Nothing is cached: a cache would keep addresses, and one HMAC takes a few microseconds.
    """

    __slots__ = ("_digests", "_names")

    def __init__(self, memory_key: bytes) -> None:
        """Take the process's memory-only key; processes that share a memory store share it."""
        self._names = BegunHmac(derive(memory_key, "session/pseudonym"))
        self._digests = BegunHmac(derive(memory_key, "session/digest"))

    def of(self, address: Address) -> Pseudonym:
        """The name under which this person's session lives in memory."""
        return Pseudonym(self._names.digest(_canonical(address))[:_PSEUDONYM].hex())

    def digest(self, purpose: str, value: str) -> bytes:
        """16 bytes that stand for a value (a message id, a rate limit's key) for one purpose."""
        return self._digests.digest(f"{purpose}\0{value}".encode())[:_DIGEST]


def fingerprint(address: Address, salt: bytes, cost: Cost = FULL) -> bytes:
    """The memory-hard fingerprint of an address: 32 bytes, Argon2id over 46 MiB; only tests pay less.

    Blocks for about a tenth of a second and releases the interpreter meanwhile: call it in a thread.
    """
    return _stretched(_canonical(address), "fingerprint", salt, cost)


class FingerprintCache:
    """Fingerprints of people who have or may have a case, in memory only, under their session pseudonym.

    Bounded: the one longest unused goes first. Safe to use from several threads.
    """

    __slots__ = ("_known", "_limit", "_lock")

    def __init__(self, limit: int = REMEMBERED) -> None:
        """Keep at most `limit` of them."""
        self._known: OrderedDict[Pseudonym, bytes] = OrderedDict()
        self._limit = limit
        self._lock = Lock()

    def get(self, who: Pseudonym) -> bytes | None:
        """The fingerprint, if it was computed lately."""
        with self._lock:
            found = self._known.get(who)
            if found is not None:
                self._known.move_to_end(who)
            return found

    def keep(self, who: Pseudonym, value: bytes) -> None:
        """Remember a fingerprint."""
        with self._lock:
            self._known[who] = value
            self._known.move_to_end(who)
            while len(self._known) > self._limit:
                self._known.popitem(last=False)

    def forget(self, who: Pseudonym) -> None:
        """Destroy it at once: erase, or the case is closed."""
        with self._lock:
            self._known.pop(who, None)

    def __len__(self) -> int:
        return len(self._known)


class Fingerprinter:
    """Fingerprints under the installation's salt, each computed once while it is remembered."""

    __slots__ = ("_cache", "_cost", "_salt")

    def __init__(self, salt: bytes, cache: FingerprintCache | None = None, *, cost: Cost = FULL) -> None:
        """Take the installation salt (`ServerKeys.salt`)."""
        self._salt = salt
        self._cost = cost
        self._cache = cache if cache is not None else FingerprintCache()

    def resalt(self, salt: bytes) -> None:
        """Take the installation salt once the keys are open; nothing was computed before."""
        self._salt = salt

    def known(self, who: Pseudonym) -> bytes | None:
        """The fingerprint if it is remembered: costs nothing."""
        return self._cache.get(who)

    def compute(self, who: Pseudonym, address: Address) -> bytes:
        """The fingerprint, remembered or computed. Blocks for about a tenth of a second: call it in a thread."""
        found = self._cache.get(who)
        if found is None:
            found = fingerprint(address, self._salt, self._cost)
            self._cache.keep(who, found)
        return found

    def of_code(self, code: str) -> bytes:
        """The same of a return code's digits: 32 bytes, as slow, and never remembered."""
        return _stretched(code.encode(), "return-code", self._salt, self._cost)

    def forget(self, who: Pseudonym) -> None:
        """Destroy what is remembered of this person."""
        self._cache.forget(who)


def _stretched(secret: bytes, purpose: str, salt: bytes, cost: Cost) -> bytes:
    kdf = Argon2id(
        salt=salt,
        length=FINGERPRINT,
        iterations=cost.iterations,
        lanes=1,
        memory_cost=cost.memory,
        ad=(DOMAIN + purpose).encode(),
    )
    return kdf.derive(secret)


def _canonical(address: Address) -> bytes:
    return address.channel.encode() + b"\x00" + address.reveal().encode()
