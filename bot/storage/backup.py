"""A copy of SQLite's database while the server works, and putting one back.

The copy is written anew, row by row: it holds nothing that was deleted before. It never holds a key. PostgreSQL has
tools of its own.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.kernel.errors import StartError
from bot.storage.files import PRIVATE_FILE, private_folder
from bot.storage.inspection import INSTALLATION
from bot.storage.schema import REVISIONS
from bot.storage.tables import cases, metadata

_PATIENCE: Final = 30.0  # seconds that a copy waits for a writer
_COMPANIONS: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy holds: the revision of its tables, whose keys it was made with (None: no server started), its cases."""

    revision: str
    installation: str | None
    cases: int


def back_up(database: Path, copy: Path) -> Copy:
    """Copy the database to a file that is not there yet, for our account only, and look whether the copy is sound.

    Raises StartError: `backup.exists`, `backup.unwritable`, `database.broken`.
    """
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
    except FileExistsError:
        raise StartError("backup.exists", f"{copy} is there already: give another name.") from None
    except OSError:
        raise _unwritable(copy) from None
    try:
        _copied(database, copy)
        found = examine(copy)
        _flushed(copy)
    except BaseException:
        _removed(copy)
        raise
    return found


def examine(copy: Path) -> Copy:
    """What a copy holds, without changing it. Raises StartError: `backup.none`, `database.broken`, `database.newer`."""
    if not copy.is_file():
        raise StartError("backup.none", f"There is no file {copy}.")
    with _broken(copy), closing(_reader(copy)) as connection:
        faults = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if faults != ["ok"] or not set(metadata.tables) <= tables:
            raise sqlite3.DatabaseError
        [(revision,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        owner = connection.execute("SELECT value FROM meta WHERE name = ?", (INSTALLATION,)).fetchone()
        [(count,)] = connection.execute(f"SELECT count(*) FROM {cases.name}").fetchall()  # noqa: S608  # nosec B608  # our own table's name
    if revision not in REVISIONS:
        raise StartError("database.newer", f"A newer Fener wrote {copy}: install that version first.")
    return Copy(str(revision), None if owner is None else str(owner[0]), int(count))


def put_back(copy: Path, database: Path) -> None:
    """Make the copy the database, whole or not at all. Raises StartError: `restore.exists`, `data.read-only`."""
    there = [file for file in (database, *_companions(database)) if file.exists()]
    if there:
        raise StartError("restore.exists", f"{there[0]} is there: stop the server and move it away first.")
    if not database.parent.exists():
        private_folder(database.parent)
    beside = database.with_name(database.name + ".restoring")
    try:
        with suppress(FileNotFoundError):
            beside.unlink()
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        with os.fdopen(handle, "wb") as out, copy.open("rb") as source:
            shutil.copyfileobj(source, out)
        _flushed(beside)
        beside.rename(database)
        _flushed(database.parent)
    except OSError:
        raise StartError(
            "data.read-only",
            f"{database.parent} cannot be written: check FENER_DATA_DIR, its disk and who owns it.",
        ) from None


def _copied(database: Path, copy: Path) -> None:
    with _broken(database), closing(sqlite3.connect(database, timeout=_PATIENCE)) as connection:
        connection.execute("PRAGMA temp_store = MEMORY")
        try:
            connection.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL}:
                raise
            full = True
        else:
            full = False
    if full:
        raise _unwritable(copy)


def _reader(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


@contextmanager
def _broken(file: Path) -> Iterator[None]:
    """Raise ours once the driver's fault is gone, which may show what it read."""
    try:
        yield
    except (sqlite3.Error, ValueError):
        pass
    else:
        return
    raise StartError("database.broken", f"{file} is damaged or is no database of Fener.")


def _flushed(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _removed(copy: Path) -> None:
    for file in (copy, *_companions(copy)):
        with suppress(OSError):
            file.unlink()


def _companions(file: Path) -> list[Path]:
    return [file.with_name(file.name + ending) for ending in _COMPANIONS]


def _unwritable(copy: Path) -> StartError:
    return StartError("backup.unwritable", f"{copy} cannot be written: check its folder and its disk.")
