"""Writes several files of a content folder all together: either every one is new, or every one is as it was."""

import os
from collections.abc import Mapping
from pathlib import Path


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
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like.exists():
        path.chmod(like.stat().st_mode)


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
