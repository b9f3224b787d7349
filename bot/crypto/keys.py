"""The server's keys: made once, kept in KEYS_DIR under one of three custodies, turned over every thirty days.

One installation secret gives the fingerprint salt, the signing key and the row MAC key; each epoch has a secret
of its own, so that it can be destroyed. The memory-only key is made at start or inherited, and never written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.crypto.derive import derive
from bot.crypto.epochs import MADE_AHEAD, EpochKey, Epochs, epoch_number
from bot.crypto.heads import AUDIT_FLOORS, AUDIT_HEADS, LEDGER_HEADS, KnownHeads
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
    """Epochs whose key was made, and whose key was destroyed."""

    made: tuple[int, ...]
    destroyed: tuple[int, ...]


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
        self.ledger_heads = KnownHeads(folder, None, LEDGER_HEADS)
        if secrets is not None:
            self._open(secrets)

    def _open(self, secrets: dict[str, bytes]) -> None:
        self._epochs = _epochs(secrets)
        self._opened = _opened(secrets[_INSTALLATION], demo=self._demo)
        for heads in (self.heads, self.audit_heads, self.audit_floors, self.ledger_heads):
            heads.unlock(secrets[_INSTALLATION])

    def take(self, other: "ServerKeys") -> None:
        """Be unlocked with what another opening of the same KEYS_DIR brought; the memory-only key stays."""
        self.store = other.store
        self._open(other.store.load())

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
        """The keys that count now. At the turn of an epoch the keys are turned over, whoever asks first.

        Raises:
            StartError: `keys.…` when the keys cannot be read or written then.
            StorageError: `keys.locked`.
        """
        self.check_open()
        current = epoch_number(now)
        if current != self._turned:
            self.rotate(now)
        numbers = [number for number in (current, current - 1) if number in self._epochs]
        keys = tuple(EpochKey(number, self._epochs[number]) for number in numbers)
        return Epochs(keys[0], keys)

    def rotate(self, now: datetime) -> Rotation:
        """Make the current key and, a week ahead, the next; destroy those no longer accepted.

        Processes that share KEYS_DIR may all call this: what one made or destroyed, the others find so.

        Raises:
            StartError: `keys.clock` when there is a key of the far future; `keys.unwritable`.
        """
        self.check_open()
        current, ahead = epoch_number(now), epoch_number(now + MADE_AHEAD)
        there = set(_epochs(self.store.load()))
        _check_clock(there, current)
        wanted = {number: random_bytes(SECRET) for number in {current, ahead} - there}
        old = sorted(number for number in there if number < current - 1)
        self._epochs = _epochs(
            self.store.change(
                {f"{_EPOCH}{number}": secret for number, secret in wanted.items()},
                tuple(f"{_EPOCH}{number}" for number in old),
            )
        )
        self._turned = current
        return Rotation(made=tuple(sorted(wanted)), destroyed=tuple(old))


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
        """The server's keys.

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
        secrets = store.load()
        keys = ServerKeys(store, secrets, folder, memory_key or random_bytes(SECRET), demo=demo)
        keys.rotate(now)
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
