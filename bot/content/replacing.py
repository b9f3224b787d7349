"""Writes several files of a content folder all together: either every one is new, or every one is as it was."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_PERMISSIONS: Final = 0o777
_NEW: Final = 0o666  # less what the umask takes away


class ChangedMeanwhileError(Exception):
    """A file is not what it was when the change was worked out; `path` says which. Nothing was written."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def replace_files(root: Path, files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Write `files` under `root`; one that is not in `before` is new.

    Each is written beside its place first, so that a full disk changes nothing. Raises ChangedMeanwhileError, or
    OSError after what was already replaced has been put back.
    """
    for path in files:
        if _now(root / path) != before.get(path):
            raise ChangedMeanwhileError(path)
    beside = {path: (root / path).with_name(f".{Path(path).name}.new") for path in files}
    done: list[str] = []
    try:
        for path, content in files.items():
            _write(beside[path], content, like=root / path)
        for path in files:
            done.append(path)
            beside[path].replace(root / path)
    except OSError:
        for path in done:
            _put_back(root / path, before.get(path))
        raise
    finally:
        for waiting in beside.values():
            waiting.unlink(missing_ok=True)


def _write(path: Path, content: bytes, *, like: Path) -> None:
    """A file that is there for nobody but us before it is as open as the one that it replaces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # left by a crash, or a link that somebody put there: it is not followed
    mode = like.stat().st_mode & _PERMISSIONS if like.exists() else _NEW
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like.exists():
        path.chmod(mode)  # whatever the umask took away


def _put_back(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif _now(path) != content:
        path.write_bytes(content)


def _now(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
