"""Opening a database: what is made, how it is shut to others, and one clear sentence when it cannot be."""

import asyncio
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.kernel.errors import StartError
from bot.storage.database import Database, open_database
from bot.storage.files import private_folder
from bot.storage.retention import SqlRetention
from bot.storage.schema import HEAD
from tests.storage.servers import free_port

NOBODY = 65534


@contextmanager
def as_somebody_without_rights() -> Iterator[None]:
    """Root may write everywhere: be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


async def start(url: str, version: str = "1.0") -> None:
    database = await open_database(url, version=version)
    await database.close()


async def refused(url: str) -> StartError:
    with pytest.raises(StartError) as refusal:
        await start(url)
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None or isinstance(
        refusal.value.__context__, OSError
    )  # a path at most
    return refusal.value


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def change(path: Path, mode: int) -> None:
    path.chmod(mode)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that others can enter; pytest's own are shut."""
    folder = Path(tempfile.mkdtemp(prefix="fener-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


async def test_a_new_data_folder_is_made_with_files_that_only_we_can_read(tmp_path: Path) -> None:
    file = tmp_path / "deeper" / "var" / "fener.db"
    before = os.umask(0)
    try:
        database = await open_database(f"sqlite:///{file}")
    finally:
        os.umask(before)

    modes = {path.name: mode(path) for path in file.parent.iterdir()}

    assert modes == {"fener.db": 0o600, "fener.db-wal": 0o600, "fener.db-shm": 0o600}
    assert mode(file.parent) == 0o700
    await database.close()


async def test_a_database_that_others_could_read_is_shut_and_its_folder_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "fener.db"
    await start(f"sqlite:///{file}")
    change(file, 0o644)
    change(tmp_path, 0o755)

    await start(f"sqlite:///{file}")

    assert mode(file) == 0o600
    assert mode(tmp_path) == 0o755


def test_a_private_folder_is_made_or_shut(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o755)

    private_folder(tmp_path / "var")
    private_folder(tmp_path / "new" / "var")

    assert mode(tmp_path / "var") == 0o700
    assert mode(tmp_path / "new" / "var") == 0o700


async def test_sqlite_is_durable_overwrites_what_is_deleted_and_keeps_its_promises(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path / 'fener.db'}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "temp_store": 2}

    for use in (database.reading, database.writing):
        async with use() as connection:
            found = {
                pragma: (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one()
                for pragma in wanted
            }
            assert found == wanted

    await database.close()


async def test_a_data_folder_that_cannot_be_written_is_named(reachable: Path) -> None:
    change(reachable, 0o555)

    with as_somebody_without_rights():
        refusal = await refused(f"sqlite:///{reachable / 'fener.db'}")

    assert refusal.code == "data.read-only"
    assert str(reachable) in refusal.mend


async def test_a_database_file_that_cannot_be_written_is_named(reachable: Path) -> None:
    file = reachable / "fener.db"
    await start(f"sqlite:///{file}")
    change(file, 0o444)
    change(reachable, 0o555)

    with as_somebody_without_rights():
        refusal = await refused(f"sqlite:///{file}")

    assert refusal.code == "data.read-only"


async def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path: Path) -> None:
    assert (await refused(f"sqlite:///{tmp_path}")).code == "data.read-only"


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "fener.db"
    file.write_bytes(b"these are somebody's notes, not a database" * 100)

    refusal = await refused(f"sqlite:///{file}")

    assert refusal.code == "database.broken"
    assert file.read_bytes() == b"these are somebody's notes, not a database" * 100


async def test_a_database_of_a_newer_version_is_refused_and_the_version_named(database_url: str) -> None:
    await start(database_url, version="7.1")
    await execute(database_url, "UPDATE alembic_version SET version_num = '9999'")

    refusal = await refused(database_url)

    assert refusal.code == "database.newer"
    assert "7.1" in refusal.mend


@pytest.mark.parametrize("table", ["cases", "seen", "audit", "alembic_version", "meta"])
async def test_a_database_that_lost_a_table_is_refused(database_url: str, table: str) -> None:
    await start(database_url)
    cascade = " CASCADE" if database_url.startswith("postgresql") else ""
    await execute(database_url, f"DROP TABLE {table}{cascade}")

    refusal = await refused(database_url)

    assert refusal.code == "database.lost"
    assert "backup" in refusal.mend


async def test_a_second_start_changes_nothing_and_loses_nothing(database_url: str) -> None:
    await start(database_url, version="1.0")
    await execute(database_url, "INSERT INTO keyrings VALUES ('demo-lantern', 0, 'entry')")

    database = await open_database(database_url, version="2.0")

    report = await SqlRetention(database).report()
    assert report["keyrings"] == 1
    async with database.reading() as connection:
        assert (await connection.exec_driver_sql("SELECT value FROM meta")).scalar_one() == "1.0"
        assert (
            await connection.exec_driver_sql("SELECT version_num FROM alembic_version")
        ).scalar_one() == HEAD
    await database.close()


async def test_processes_that_start_together_make_the_tables_once(database_url: str) -> None:
    opened = await asyncio.gather(*(open_database(database_url) for _ in range(3)))

    for database in opened:
        assert (await SqlRetention(database).report())["meta"] == 1
        await database.close()


async def test_an_unreachable_server_is_said_and_its_password_is_not() -> None:
    refusal = await refused(f"postgresql://fener:canary-password@127.0.0.1:{free_port()}/fener")

    assert refusal.code == "database.unreachable"
    assert "FENER_DATABASE_URL" in refusal.mend
    assert "canary" not in str(refusal)


@pytest.mark.servers
async def test_a_database_that_does_not_exist_is_said(postgres_url: str) -> None:
    assert (await refused(f"{postgres_url}_none")).code == "database.missing"


@pytest.mark.servers
async def test_a_name_the_server_does_not_know_is_said(postgres_url: str) -> None:
    assert (await refused(postgres_url.replace("postgres@", "canary@"))).code == "database.refused"


@pytest.mark.parametrize(
    "url", ["", "mysql://host/x", "postgres", "sqlite://", "postgresql+psycopg://host/x"]
)
async def test_a_url_of_another_kind_is_refused_without_repeating_it(url: str) -> None:
    refusal = await refused(url)

    assert refusal.code == "database.url"
    assert not url or url not in refusal.mend.replace("postgresql://name", "")


@pytest.mark.servers
async def test_whoever_prints_the_engine_does_not_print_the_password(postgres_url: str) -> None:
    database = await open_database(postgres_url.replace("postgres@", "postgres:canary-password@"))

    assert "canary" not in repr(database._engine)
    assert "canary" not in str(database._engine.url)
    await database.close()


async def execute(url: str, statement: str) -> None:
    """Do something to the database behind our back."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute(statement)
        connection.commit()
        connection.close()
        return
    database: Database = await open_database(url)
    async with database.writing() as writing:
        await writing.exec_driver_sql(statement)
    await database.close()
