"""Where the server's secrets lie in KEYS_DIR: a file each, or all in one sealed file.

Every change is made under a lock file, written beside, flushed, then moved into place; what is destroyed is
overwritten first. Overwriting is best effort: a copy-on-write disk, a snapshot or a backup may keep old blocks.
"""

import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, Protocol

from bot.crypto.keyfile import lock, new_salt, salt_of, unlock
from bot.crypto.randomness import random_bytes
from bot.crypto.wire import canonical, read_canonical, to_base64
from bot.kernel.errors import RefusedError, StartError

Custody = Literal["file", "passphrase", "credential"]

SECRET = 32  # bytes of every secret
SEALED_FILE = "keys.sealed"
_LARGEST = 64 * 1024  # bytes of any file here
_NAME = re.compile(r"installation|epoch-[0-9]{1,9}")
_FILE = re.compile(rf"({_NAME.pattern})\.key")
_LINE = re.compile(rf"fener-key v1 ({_NAME.pattern}) ([0-9a-f]{{64}}) ([0-9a-f]{{16}})\n?")
_LOCK = ".lock"

Stretch = Callable[[bytes], bytes]
"""From a salt to the key of the sealed file: a passphrase stretched, or a credential derived."""


class KeyStore(Protocol):
    """Named secrets of 32 bytes: `installation`, `epoch-<number>`."""

    def load(self) -> dict[str, bytes]:
        """All secrets that are there."""
        ...

    def change(self, make: Mapping[str, bytes], destroy: tuple[str, ...]) -> dict[str, bytes]:
        """Add what is not there yet, destroy the others, and give what is there then."""
        ...

    def holder(self, name: str) -> Path:
        """The file that holds this secret."""
        ...


class FileStore:
    """One file for each secret, 0600: `fener-key v1 <name> <hexadecimal> <check>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> dict[str, bytes]:
        """All secrets that are there.

        Raises:
            StartError: `keys.permissions`, `keys.damaged`, `keys.custody`.
        """
        if (self._folder / SEALED_FILE).exists():
            raise StartError(
                "keys.custody",
                f"{self._folder / SEALED_FILE} holds sealed keys: set FENER_KEY_CUSTODY to how they were made.",
            )
        found = {}
        for path in sorted(self._folder.glob("*.key")):
            named = _FILE.fullmatch(path.name)
            if named:
                found[named.group(1)] = _parse_line(read_private(path), named.group(1), path)
        return found

    def change(self, make: Mapping[str, bytes], destroy: tuple[str, ...]) -> dict[str, bytes]:
        """Add what is not there yet, destroy the others, and give what is there then."""
        with locked(self._folder):
            there = self.load()
            for name, secret in make.items():
                if name not in there:
                    write_private(self._folder / f"{name}.key", _line(name, secret))
            for name in destroy:
                if name in there:
                    shred(self._folder / f"{name}.key")
            return self.load()

    def holder(self, name: str) -> Path:
        """The file that holds this secret."""
        return self._folder / f"{name}.key"


class SealedStore:
    """All secrets in one file, sealed under a passphrase or a credential."""

    def __init__(self, folder: Path, kind: str, stretch: Stretch) -> None:
        self._folder = folder
        self._path = folder / SEALED_FILE
        self._kind = kind
        self._stretch = stretch
        self._keys: dict[bytes, bytes] = {}  # salt -> key: stretching is slow on purpose

    def load(self) -> dict[str, bytes]:
        """All secrets that are there.

        Raises:
            StartError: `keys.permissions`, `keys.damaged`, `keys.custody`, `keys.locked`.
        """
        if any(_FILE.fullmatch(path.name) for path in self._folder.glob("*.key")):
            raise StartError(
                "keys.custody",
                f"{self._folder} holds plain key files: set FENER_KEY_CUSTODY=file.",
            )
        if not self._path.exists():
            return {}
        return self._open(read_private(self._path))

    def change(self, make: Mapping[str, bytes], destroy: tuple[str, ...]) -> dict[str, bytes]:
        """Add what is not there yet, destroy the others, and give what is there then."""
        with locked(self._folder):
            there = self.load()
            after = {name: secret for name, secret in {**make, **there}.items() if name not in destroy}
            if after != there:
                salt = salt_of(read_private(self._path), kind=self._kind) if there else new_salt()
                secrets: dict[str, str] = {name: to_base64(secret) for name, secret in after.items()}
                blob = lock(canonical(secrets), self._key(salt), salt=salt, kind=self._kind)
                write_private(self._path, blob)
            return after

    def holder(self, name: str) -> Path:
        """The file that holds this secret, among all others."""
        del name
        return self._path

    def _open(self, blob: bytes) -> dict[str, bytes]:
        try:
            salt = salt_of(blob, kind=self._kind)
            secret = unlock(blob, self._key(salt), kind=self._kind)
            fields = read_canonical(secret, "keyfile", _LARGEST)
            return {name: fields.data(name, SECRET) for name in fields.fields}
        except RefusedError as refused:
            raise self._fault(refused.code) from None

    def _fault(self, code: str) -> StartError:
        if code == "keyfile.passphrase":
            return StartError(
                "keys.locked",
                f"{self._path} does not open: give the passphrase it was made with, or put the file back from your copy of the keys.",
            )
        if code == "keyfile.kind":
            return StartError(
                "keys.custody",
                f"{self._path} was sealed in another way: set FENER_KEY_CUSTODY to how it was made.",
            )
        return StartError("keys.damaged", f"{self._path} is damaged: put it back from your copy of the keys.")

    def _key(self, salt: bytes) -> bytes:
        if salt not in self._keys:
            self._keys[salt] = self._stretch(salt)
        return self._keys[salt]


# --- files --------------------------------------------------------------------------------------------


def private_folder(folder: Path) -> None:
    """Make the folder for us alone, or make sure that it is.

    Raises:
        StartError: `keys.unwritable`, `keys.permissions`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except OSError:
        raise StartError(
            "keys.unwritable", f"{folder} cannot be made: set FENER_KEYS_DIR to a folder we can write."
        ) from None
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StartError("keys.permissions", f"Others can look into {folder}: run `chmod 700 {folder}`.")
    if state.st_uid not in {os.geteuid(), 0} and os.geteuid() != 0:
        raise StartError("keys.permissions", f"{folder} belongs to somebody else: run `chown` on it.")


def read_private(path: Path) -> bytes:
    """The bytes of a file that only we can read.

    Raises:
        StartError: `keys.permissions`, `keys.unreadable`, `keys.damaged` when it is far too long.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        raise StartError(
            "keys.unreadable", f"{path} cannot be read: run the server as the user who owns it."
        ) from None
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode) or state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise StartError("keys.permissions", f"Others can read {path}: run `chmod 600 {path}`.")
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise StartError("keys.damaged", f"{path} is damaged: put it back from your copy of the keys.")
    return data


def write_private(path: Path, data: bytes) -> None:
    """Write a file, 0600, whole or not at all; what it held before is overwritten.

    Raises:
        StartError: `keys.unwritable`.
    """
    beside = path.with_name(path.name + ".new")
    try:
        with suppress(FileNotFoundError):
            beside.unlink()
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with _old(path) as old:
            beside.replace(path)
            if old is not None:
                _overwrite(old)
        _flush_folder(path.parent)
    except OSError:
        raise StartError(
            "keys.unwritable", f"{path} cannot be written: make its folder writable for us."
        ) from None


def shred(path: Path) -> None:
    """Overwrite a file and remove it.

    Raises:
        StartError: `keys.unwritable`.
    """
    try:
        with _old(path) as old:
            if old is not None:
                _overwrite(old)
        path.unlink(missing_ok=True)
        _flush_folder(path.parent)
    except OSError:
        raise StartError(
            "keys.unwritable", f"{path} cannot be removed: make its folder writable for us."
        ) from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time changes the keys of this folder.

    Raises:
        StartError: `keys.unwritable`.
    """
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        raise StartError("keys.unwritable", f"{folder} cannot be written: make it writable for us.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _old(path: Path) -> Iterator[int | None]:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _overwrite(handle: int) -> None:
    size = os.fstat(handle).st_size
    os.pwrite(handle, random_bytes(size), 0)
    os.fsync(handle)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _line(name: str, secret: bytes) -> bytes:
    return f"fener-key v1 {name} {secret.hex()} {_check(name, secret)}\n".encode()


def _parse_line(data: bytes, name: str, path: Path) -> bytes:
    found = _LINE.fullmatch(data.decode("ascii", "replace"))
    if found:
        secret = bytes.fromhex(found.group(2))
        if found.group(3) == _check(name, secret):
            return secret
    raise StartError("keys.damaged", f"{path} is damaged: put it back from your copy of the keys.")


def _check(name: str, secret: bytes) -> str:
    return hashlib.sha256(name.encode() + b"\x00" + secret).hexdigest()[:16]
