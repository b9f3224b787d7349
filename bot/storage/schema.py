"""Whether the tables are as this version needs them, and bringing them there.

Alembic is loaded only for tables of an older version: a usual start asks one small question, and a first start makes
the tables at once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Inspector,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    inspect,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.kernel.errors import StartError
from bot.storage.tables import meta, metadata

REVISIONS: Final = ("0001",)
"""Every revision in migrations/versions, oldest first; a test compares."""

HEAD: Final = REVISIONS[-1]

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_VERSION: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As Alembic makes it."""
_LOCK: Final = 0x66656E6572  # "fener": one process changes the tables, the others wait
_WRITTEN_BY: Final = "written_by"


@dataclass(frozen=True, slots=True)
class State:
    """What is in the database: our tables that exist, the revision, and the version of Fener that made it."""

    tables: frozenset[str]
    revision: str | None
    written_by: str


async def look(connection: AsyncConnection) -> State:
    """The state of the database."""
    return await connection.run_sync(_look)


def needs_upgrade(state: State) -> bool:
    """Whether there is something to do. Raises StartError when nothing can be: newer, or tables lost."""
    ours = state.tables - {_VERSION.name}
    if state.revision is None:
        if ours:
            raise _lost()
        return True
    if state.revision not in REVISIONS:
        which = f"version {state.written_by} or later" if state.written_by else "a newer version"
        raise StartError("database.newer", f"A newer Fener wrote this database: install {which}.")
    if state.revision != HEAD:
        return True
    if ours != set(metadata.tables):
        raise _lost()
    return False


async def upgrade(connection: AsyncConnection, version: str) -> None:
    """Bring the tables to HEAD within the caller's transaction; another process may have been faster."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    state = await look(connection)
    if not needs_upgrade(state):
        return
    await connection.run_sync(_make if state.revision is None else migrate)
    await connection.execute(meta.delete().where(meta.c.name == _WRITTEN_BY))
    await connection.execute(meta.insert(), {"name": _WRITTEN_BY, "value": version})


def _look(connection: Connection) -> State:
    found: Inspector = inspect(connection)
    wanted = {*metadata.tables, _VERSION.name}
    tables = frozenset(name for name in found.get_table_names() if name in wanted)
    revision = None
    written_by = ""
    if _VERSION.name in tables:
        revision = connection.execute(select(_VERSION.c.version_num)).scalar_one_or_none()
    if meta.name in tables:
        written_by = connection.scalar(select(meta.c.value).where(meta.c.name == _WRITTEN_BY)) or ""
    return State(tables, revision, written_by)


def _make(connection: Connection) -> None:
    """All tables at once, where there are none; a test compares them with what the migrations make."""
    metadata.create_all(connection)
    _VERSION.metadata.create_all(connection)
    connection.execute(_VERSION.insert(), {"version_num": HEAD})


def migrate(connection: Connection) -> None:
    """Every revision that is not applied yet."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, HEAD)


def _lost() -> StartError:
    return StartError(
        "database.lost", "The database has lost some of its tables: restore a backup with `fener restore`."
    )
