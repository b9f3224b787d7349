"""What an operator's command opens: the database and the keys that are there, and nothing new."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot import __version__
from bot.cli.custody import open_keys
from bot.crypto.keys import KeyRoom, ServerKeys
from bot.installation import SystemClock
from bot.kernel.errors import StartError
from bot.settings import Settings
from bot.storage.database import Database, open_database

_SQLITE: Final = "sqlite:///"


def database_file(settings: Settings) -> Path | None:
    """The file of SQLite; None for PostgreSQL."""
    return Path(settings.database.removeprefix(_SQLITE)) if settings.database.startswith(_SQLITE) else None


def sqlite_file(settings: Settings) -> Path:
    """The file of SQLite. Raises StartError: `backup.postgresql` for PostgreSQL."""
    file = database_file(settings)
    if file is None:
        raise StartError(
            "backup.postgresql",
            "The database is PostgreSQL: use pg_dump and pg_restore, as docs/how-to/back-up-and-restore.md shows.",
        )
    return file


@asynccontextmanager
async def opened_database(settings: Settings, *, upgrades: bool = False) -> AsyncIterator[Database]:
    """The database as it is; with `upgrades` its tables are made, or brought up to date.

    Raises StartError: `database.none`, and what `open_database` raises.
    """
    file = database_file(settings)
    if file is not None and not file.exists() and not upgrades:
        raise StartError("database.none", f"There is no database at {file} yet: 'fener db upgrade' makes it.")
    database = await open_database(settings.database, version=__version__, upgrades=upgrades)
    try:
        yield database
    finally:
        await database.close()


def keys_that_are_there(settings: Settings, clock: SystemClock) -> ServerKeys | None:
    """The server's keys; None, and nothing made, while there are none. Raises StartError when they do not open.

    As at every start, those of lapsed epochs are destroyed. A key that is due is made by the server, or 'fener db purge'.
    """
    if not settings.keys_path.is_dir() or KeyRoom.is_new(settings.keys_path):
        return None
    return open_keys(settings, clock)
