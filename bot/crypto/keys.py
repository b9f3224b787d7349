"""The server's keys: made once, kept in KEYS_DIR under one of three custodies, turned over every thirty days.

One installation secret gives the fingerprint salt, the signing key and the row MAC key; each epoch has a secret
of its own, so that it can be destroyed. Which one is in force the database records (`usecases.turn_keys`): a key that
differs from the recorded one is never used. The memory-only key is made at start or inherited, and never written.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.crypto.derive import derive, keyed
from bot.crypto.epochs import MADE_AHEAD, EpochKey, Epochs, epoch_number
from bot.crypto.heads import AUDIT_FLOORS, AUDIT_HEADS, KnownHeads
from bot.crypto.keyfile import stretch
from bot.crypto.keystore import SECRET, Custody, FileStore, KeyStore, SealedStore, private_folder
from bot.crypto.randomness import random_bytes
from bot.crypto.signing import SigningKey
from bot.kernel.errors import StartError, StorageError

CREDENTIAL = "fener-keys"
"""The name of the systemd credential that opens the sealed file under custody `credential`."""

_INSTALLATION = "installation"
_EPOCH = "epoch-"
_SHORTEST_PASSPHRASE = 16  # characters
LOCKED = "The server's keys are locked: on the server, run 'fener unlock'."


@dataclass(frozen=True, slots=True)
class Rotation:
    """Epochs whose key was made, and whose key was destroyed; `behind` is the coming one that another machine made.

    `in_force` are fingerprints of the keys to use from now on, which say nothing about them.
    """

    made: tuple[int, ...]
    destroyed: tuple[int, ...]
    behind: int | None = None
    in_force: Mapping[int, bytes] = field(default_factory=dict)


class ServerKeys:
    """All keys of a running server. Secrets never show in `repr`."""

    def __init__(
        self,
        store: KeyStore,
        secrets: dict[str, bytes] | None,
        folder: Path,
        memory_key: bytes,
        *,
        demo: bool,
    ) -> None:
        """Use `KeyRoom.open`. Without secrets they are locked."""
        self.store = store
        self.folder = folder
        self._demo = demo
        self._epochs: dict[int, bytes] = {}
        self._turned = -1  # the epoch that the keys were last turned over in
        self._opened: _Opened | None = None
        self.memory_key = memory_key
        self.heads = KnownHeads(folder, None)
        self.audit_heads = KnownHeads(folder, None, AUDIT_HEADS)
        self.audit_floors = KnownHeads(folder, None, AUDIT_FLOORS)
        if secrets is not None:
            self._open(secrets)

    def _open(self, secrets: dict[str, bytes]) -> None:
        self._epochs = _epochs(secrets)
        self._opened = _opened(secrets[_INSTALLATION], demo=self._demo)
        for heads in (self.heads, self.audit_heads, self.audit_floors):
            heads.unlock(secrets[_INSTALLATION])

    def take(self, other: "ServerKeys") -> None:
        """Be unlocked with what another opening of the same KEYS_DIR brought; the memory-only key stays."""
        self.store = other.store
        self._open(other.store.load())
        self._turned = -1

    @property
    def locked(self) -> bool:
        """Whether nobody has typed the passphrase since the start: nothing can be named, opened or signed."""
        return self._opened is None

    def check_open(self) -> None:
        """Return if the keys are open.

        Raises:
            StorageError: `keys.locked`.
        """
        if self._opened is None:
            raise StorageError("keys.locked", LOCKED)

    @property
    def salt(self) -> bytes:
        """What fingerprints are salted with. This and the next ones raise StorageError `keys.locked` while locked."""
        return self._all.salt

    @property
    def row_key(self) -> bytes:
        """What rows are authenticated with."""
        return self._all.row_key

    @property
    def signing(self) -> SigningKey:
        """What inbound envelopes are signed with."""
        return self._all.signing

    @property
    def installation(self) -> str:
        """Names the installation; says nothing about its keys."""
        return self._all.installation

    @property
    def demo_root(self) -> SigningKey | None:
        """Signs keyrings of fictitious organisations, in a demo that is not locked."""
        return self._opened.demo_root if self._opened is not None else None

    @property
    def _all(self) -> "_Opened":
        if self._opened is None:
            raise StorageError("keys.locked", LOCKED)
        return self._opened

    def __repr__(self) -> str:
        named = self._opened.installation if self._opened is not None else "locked"
        return f"ServerKeys(installation={named!r}, epochs={sorted(self._epochs)})"

    def epochs(self, now: datetime) -> Epochs:
        """The keys that count now.

        Raises:
            StorageError: `keys.locked`; `keys.behind` when the current key is not here.
        """
        self.check_open()
        current = epoch_number(now)
        if current not in self._epochs:
            raise StorageError("keys.behind", self.mend(current))
        numbers = [number for number in (current, current - 1) if number in self._epochs]
        keys = tuple(EpochKey(number, self._epochs[number]) for number in numbers)
        return Epochs(keys[0], keys)

    def numbers(self, now: datetime) -> tuple[int, ...]:
        """The accepted epochs whose key is here, oldest first."""
        current = epoch_number(now)
        return tuple(number for number in (current - 1, current) if number in self._epochs)

    def turned(self, now: datetime) -> bool:
        """Whether the keys were turned over since this epoch began."""
        return self._turned == epoch_number(now)

    def prepare(self, now: datetime, recorded: Mapping[int, bytes]) -> Rotation:
        """Make the current key and, a week ahead, the next, unless one is recorded; destroy those no longer accepted.

        `recorded` are the fingerprints of the keys in force, by epoch. Nothing that is made is used before `use`.

        Raises:
            StartError: `keys.behind` when a key that counts now is not the recorded one; `keys.clock` when there is a
                key of the far future; `keys.unwritable`.
        """
        self.check_open()
        current, ahead = epoch_number(now), epoch_number(now + MADE_AHEAD)
        there = _epochs(self.store.load())
        _check_clock(set(there), current)
        for number in (current, current - 1):
            if number in recorded and not self._is(there.get(number), number, recorded):
                raise StartError("keys.behind", self.mend(number))
        wanted = {number: random_bytes(SECRET) for number in {current, ahead} - set(there) - set(recorded)}
        old = sorted(number for number in there if number < current - 1)
        after = _epochs(
            self.store.change(
                {f"{_EPOCH}{number}": secret for number, secret in wanted.items()},
                tuple(f"{_EPOCH}{number}" for number in old),
            )
        )
        good = {
            number: self.fingerprint(number, secret)
            for number, secret in after.items()
            if number in {current - 1, current, ahead}
            and (number not in recorded or self._is(secret, number, recorded))
        }
        behind = ahead if ahead not in good else None
        return Rotation(tuple(sorted(wanted)), tuple(old), behind, good)

    def destroy_lapsed(self, now: datetime) -> None:
        """Destroy the keys that are accepted no more; what is due is made by who asks the database (`prepare`).

        Raises:
            StartError: `keys.clock`, `keys.unwritable`.
        """
        there, current = _epochs(self.store.load()), epoch_number(now)
        _check_clock(set(there), current)
        old = tuple(f"{_EPOCH}{number}" for number in there if number < current - 1)
        self._epochs = _epochs(self.store.change({}, old) if old else self.store.load())

    def use(self, rotation: Rotation, now: datetime) -> None:
        """From now on use exactly the keys that `prepare` found to be in force, and forget all others."""
        there = _epochs(self.store.load())
        self._epochs = {
            number: there[number]
            for number, print_ in rotation.in_force.items()
            if number in there and self.fingerprint(number, there[number]) == print_
        }
        self._turned = epoch_number(now)

    def lacking(self, now: datetime, recorded: Mapping[int, bytes]) -> tuple[int, ...]:
        """Of the recorded epochs that count, now or next, those whose key is not the recorded one here; oldest first."""
        there = _epochs(self.store.load())
        counting = sorted(number for number in recorded if number >= epoch_number(now) - 1)
        return tuple(number for number in counting if not self._is(there.get(number), number, recorded))

    def mend(self, number: int) -> str:
        """What the operator does about a key that is not here, or another one than the others have; one sentence."""
        file = self.store.holder(f"{_EPOCH}{number}")
        return (
            f"{self.folder} does not hold the key of epoch {number} that is in force: copy {file.name} there from the "
            "FENER_KEYS_DIR of the machine that has it, or, when none has it any more, run 'fener db trust-keys'."
        )

    def fingerprint(self, number: int, secret: bytes) -> bytes:
        """What the database may know of an epoch's key: 32 bytes that tell it from another one."""
        return keyed(self.row_key, "epoch/fingerprint", str(number).encode(), secret)

    def _is(self, secret: bytes | None, number: int, recorded: Mapping[int, bytes]) -> bool:
        return secret is not None and hmac.compare_digest(self.fingerprint(number, secret), recorded[number])


@dataclass(frozen=True, slots=True)
class _Opened:
    """What comes from the installation secret."""

    salt: bytes = field(repr=False)
    row_key: bytes = field(repr=False)
    signing: SigningKey = field(repr=False)
    installation: str
    demo_root: SigningKey | None = field(repr=False)


def _opened(installation: bytes, *, demo: bool) -> _Opened:
    root = SigningKey.from_seed(derive(installation, "installation/demo-root")) if demo else None
    return _Opened(
        salt=derive(installation, "installation/salt"),
        row_key=derive(installation, "installation/rows"),
        signing=SigningKey.from_seed(derive(installation, "installation/signing")),
        installation=derive(installation, "installation/id", length=16).hex(),
        demo_root=root,
    )


class KeyRoom:
    """Opens KEYS_DIR, and makes what a first start needs."""

    @staticmethod
    def is_new(folder: Path) -> bool:
        """Whether there are no keys yet: a passphrase that is typed now is a new one, and should be typed twice."""
        return not any(folder.glob("*.key")) and not any(folder.glob("*.sealed"))

    @staticmethod
    def closed(folder: Path, *, demo: bool = False, memory_key: bytes | None = None) -> ServerKeys:
        """The keys as they are after a reboot, while nobody has typed the passphrase.

        Raises:
            StartError: `keys.permissions`, `keys.unwritable`.
        """
        private_folder(folder)
        sealed = SealedStore(folder, "passphrase", _by_passphrase(folder, None))
        return ServerKeys(sealed, None, folder, memory_key or random_bytes(SECRET), demo=demo)

    @staticmethod
    def open(
        folder: Path,
        custody: Custody,
        now: datetime,
        *,
        passphrase: Callable[[], str | None] | None = None,
        credentials: Path | None = None,
        demo: bool = False,
        memory_key: bytes | None = None,
    ) -> ServerKeys:
        """The server's keys. At a first start they are made; later nothing is, and those of lapsed epochs are destroyed.

        `passphrase` is asked once under custody `passphrase` (the setting, or a prompt); `credentials` is systemd's
        CREDENTIALS_DIRECTORY. `demo` also gives the demo root. `memory_key` is inherited by worker processes.

        Raises:
            StartError: `keys.permissions`, `keys.damaged`, `keys.missing`, `keys.custody`, `keys.clock`,
                `keys.unwritable`; `keys.locked` when no passphrase was given, or a wrong one;
                `keys.credential`, `keys.passphrase` when it is too short to be made with.
        """
        private_folder(folder)
        store = _store(folder, custody, passphrase, credentials)
        secrets = store.load()
        if _INSTALLATION not in secrets:
            if secrets:
                raise StartError(
                    "keys.missing",
                    f"{folder} lacks installation.key: put it back from your copy of the keys.",
                )
            store.change({_INSTALLATION: random_bytes(SECRET)}, ())
        there = store.load()
        keys = ServerKeys(store, there, folder, memory_key or random_bytes(SECRET), demo=demo)
        if not secrets:  # a first start: no database can have recorded keys of this installation yet
            keys.prepare(now, {})
        keys.destroy_lapsed(now)
        return keys


def _store(
    folder: Path, custody: Custody, passphrase: Callable[[], str | None] | None, credentials: Path | None
) -> KeyStore:
    match custody:
        case "file":
            return FileStore(folder)
        case "passphrase":
            return SealedStore(folder, "passphrase", _by_passphrase(folder, passphrase))
        case "credential":
            return SealedStore(folder, "credential", _by_credential(credentials))


def _by_passphrase(folder: Path, ask: Callable[[], str | None] | None) -> Callable[[bytes], bytes]:
    def key(salt: bytes) -> bytes:
        given = ask() if ask else None
        if not given:
            raise StartError(
                "keys.locked", "Set FENER_KEYS_PASSPHRASE, or start from a terminal and type it."
            )
        if len(given) < _SHORTEST_PASSPHRASE and KeyRoom.is_new(folder):
            raise StartError("keys.passphrase", "Use six random words, at least 16 characters.")
        return stretch(given, salt)

    return key


def _by_credential(folder: Path | None) -> Callable[[bytes], bytes]:
    def key(salt: bytes) -> bytes:
        mend = f"Give systemd a credential named {CREDENTIAL} of 32 random bytes or more (LoadCredentialEncrypted=)."
        try:
            secret = (folder / CREDENTIAL).read_bytes().strip() if folder else b""
        except OSError:
            secret = b""
        if len(secret) < SECRET:
            raise StartError("keys.credential", mend)
        return derive(secret, "credential", salt=salt)

    return key


def _epochs(secrets: dict[str, bytes]) -> dict[int, bytes]:
    return {int(name.removeprefix(_EPOCH)): key for name, key in secrets.items() if name.startswith(_EPOCH)}


def _check_clock(there: set[int], current: int) -> None:
    if any(number > current + 1 for number in there):
        raise StartError("keys.clock", "The clock stands before the newest key: set the system's date.")
