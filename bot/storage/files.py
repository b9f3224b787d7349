"""Files and folders that only the account of the server can read."""

import os
import stat
from pathlib import Path

from bot.kernel.errors import StartError

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def private_folder(path: Path) -> None:
    """Make the folder, or shut an existing one of ours to others; parents are made with it.

    Raises StartError when that cannot be. Not for folders that others share: see `private_file`.
    """
    try:
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        path.chmod(PRIVATE_FOLDER)
    except OSError:
        raise StartError(*_unwritable(path)) from None


def private_file(path: Path) -> None:
    """Make an empty file, or shut an existing one to others; a folder that is missing is made, private.

    An existing folder stays as it is: it may be somebody's home. Raises StartError when the file cannot be written.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    except OSError:
        raise StartError(*_unwritable(path.parent)) from None
    try:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != PRIVATE_FILE:
            os.fchmod(descriptor, PRIVATE_FILE)
    except OSError:
        raise StartError(*_unwritable(path.parent)) from None
    finally:
        os.close(descriptor)


def _unwritable(folder: Path) -> tuple[str, str]:
    return "data.read-only", f"{folder} cannot be written: check FENER_DATA_DIR, its disk and who owns it."
