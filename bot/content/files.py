"""Reads the files of a content folder, each once: no symbolic link, nothing huge, every fault with its place."""

import errno
import os
import stat
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from bot.content.marks import MAX_FILE_BYTES, read_yaml
from bot.kernel.problems import Mark, Node, Problem

MAX_PO_BYTES: Final = 4 * 1024 * 1024


class ContentFiles:
    """One content folder while it is read. Paths are relative to it, with forward slashes, as in marks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._digests: dict[str, bytes] = {}
        self._bytes: dict[str, bytes | None] = {}

    def has(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        return os.path.lexists(self.root / path)

    def names(self, folder: str, suffix: str) -> tuple[str, ...]:
        """Paths of the files in `folder` itself that end with `suffix`, sorted. Hidden ones are left out."""
        return tuple(
            f"{folder}/{entry.name}"
            for entry in self._entries(folder)
            if entry.name.endswith(suffix) and not entry.name.startswith(".") and not _is_folder(entry)
        )

    def folders(self, folder: str) -> tuple[str, ...]:
        """Paths of the folders in `folder`, sorted; a link to a folder is refused."""
        found = []
        for entry in self._entries(folder):
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                found.append(f"{folder}/{entry.name}")
            elif entry.is_symlink() and entry.is_dir():
                self._refuse_link(f"{folder}/{entry.name}")
        return tuple(found)

    def read(self, path: str, most: int = MAX_FILE_BYTES) -> bytes | None:
        """The bytes of a file, or None with a problem. Read once however often it is asked for."""
        if path not in self._bytes:
            content = self._read(path, most)
            self._bytes[path] = content
            if content is not None:
                self._digests[path] = sha256(content).digest()
        return self._bytes[path]

    def yaml(self, path: str) -> Node | None:
        """The marked tree of a YAML file, or None with its problems."""
        content = self.read(path)
        if content is None:
            return None
        node, problems = read_yaml(content, path)
        self.problems += problems
        return node

    def text(self, path: str) -> str | None:
        """The text of a PO file, or None with a problem."""
        content = self.read(path, MAX_PO_BYTES)
        if content is None:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as fault:
            line = content[: fault.start].count(b"\n") + 1
            self.problems.append(
                Problem("Y102", Mark(path, line, 1), "this file is not UTF-8", "save it as UTF-8")
            )
            return None

    def version(self, salt: str = "") -> str:
        """A hash of everything that was read: the same content has the same version."""
        digest = sha256(salt.encode())
        for path in sorted(self._digests):
            digest.update(path.encode() + b"\0" + self._digests[path])
        return digest.hexdigest()

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.root / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            return []
        return [entry for entry in entries if self._named_well(folder, entry.name)]

    def _named_well(self, folder: str, name: str) -> bool:
        if name.isprintable():
            return True
        problem = Problem("Y112", Mark(folder, 1, 1), f"a file here has the name {name!a}", "rename it")
        if problem not in self.problems:
            self.problems.append(problem)
        return False

    def _read(self, path: str, most: int) -> bytes | None:
        whole = self.root / path
        try:
            descriptor = os.open(whole, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as fault:
            if fault.errno == errno.ELOOP or whole.is_symlink():
                self._refuse_link(path)
            else:
                reason = os.strerror(fault.errno).lower() if fault.errno else "it cannot be opened"
                self.problems.append(
                    Problem(
                        "Y112",
                        Mark(path, 1, 1),
                        f"this file cannot be read: {reason}",
                        "check its permissions",
                    )
                )
            return None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                self.problems.append(
                    Problem(
                        "Y112", Mark(path, 1, 1), "this is not a file", "put a text file here, or remove it"
                    )
                )
                return None
            content = file.read(most + 1)
        if len(content) > most:
            message = f"this file has more than {most} bytes"
            self.problems.append(Problem("Y101", Mark(path, 1, 1), message, "split it into several files"))
            return None
        return content

    def _refuse_link(self, path: str) -> None:
        self.problems.append(
            Problem(
                "Y111", Mark(path, 1, 1), "this is a link to another place", "put a copy of the file here"
            )
        )


def stem(path: str) -> str:
    """The name of a file without `.yaml`: `flows/asylum.rs.yaml` -> `asylum.rs`."""
    return PurePosixPath(path).name.removesuffix(".yaml")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)
