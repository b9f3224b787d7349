"""The tables in code, the tables the migrations make, and what stands beside each column."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Connection, Integer, text

from bot.storage import schema, tables
from bot.storage.database import Database, open_database
from bot.storage.tables import metadata


async def test_tables_made_at_once_are_exactly_those_that_the_migrations_make(database_url: str) -> None:
    database = await open_database(database_url)
    at_once = await _made(database)
    async with database.writing() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.run_sync(schema.migrate)

    assert await _made(database) == at_once
    await database.close()


async def _made(database: Database) -> list[tuple[object, ...]]:
    """Every table, column, type, default, key and index as the database itself describes them."""
    if database.file is not None:
        question = "SELECT name, sql FROM sqlite_master ORDER BY name"
    else:
        question = """
            SELECT 'column', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
              FROM information_schema.columns WHERE table_schema = current_schema()
            UNION ALL SELECT 'index', tablename, indexname, indexdef, NULL, NULL, NULL
              FROM pg_indexes WHERE schemaname = current_schema()
            UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL
              FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
            ORDER BY 1, 2, 3"""
    async with database.reading() as connection:
        rows = [tuple(row) for row in await connection.execute(text(question))]
    assert len(rows) > len(metadata.tables)
    return rows


async def test_the_migrations_make_exactly_the_tables_that_the_code_uses(database_url: str) -> None:
    database = await open_database(database_url)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": metadata}
        )
        return list(compare_metadata(context, metadata))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


@pytest.mark.parametrize("table", sorted(metadata.tables))
async def test_sqlite_keeps_no_order_of_arrival(sqlite_url: str, table: str) -> None:
    database = await open_database(sqlite_url)

    async with database.reading() as connection:
        sql: str = await connection.scalar(
            text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}
        )

    assert "WITHOUT ROWID" in sql
    await database.close()


def test_the_revisions_in_code_are_those_in_the_folder() -> None:
    script = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))

    assert tuple(reversed([revision.revision for revision in script.walk_revisions()])) == schema.REVISIONS
    assert script.get_current_head() == schema.HEAD


def test_beside_every_column_stands_why_it_is_kept() -> None:
    source = Path(tables.__file__).read_text()
    columns = re.findall(r"^    Column\(.*$", source, re.MULTILINE)
    reasons = [column.rpartition("  # ")[2] for column in columns if "  # " in column]

    assert len(columns) == sum(len(table.columns) for table in metadata.tables.values())
    assert len(reasons) == len(columns)
    assert all(len(reason.split()) >= 2 for reason in reasons)


def test_under_every_table_stands_until_when_it_is_kept() -> None:
    lines = Path(tables.__file__).read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if line.strip() == "metadata,"]

    assert len(starts) == len(metadata.tables)
    for number in starts:
        assert re.match(r"\s+# \S", lines[number + 1]), lines[number - 1]


def test_times_are_hours_except_where_a_link_or_a_console_session_ends() -> None:
    seconds = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, BigInteger)
    }
    others = {
        type(column.type).__name__
        for table in metadata.tables.values()
        for column in table.columns
        if not isinstance(column.type, BigInteger)
    }

    assert seconds == {"invites.expires_at", "staff_sessions.expires_at"}
    assert others == {"Boolean", "Integer", "LargeBinary", "String", "Text"}
    hours = [
        column for table in metadata.tables.values() for column in table.columns if "hour" in column.name
    ]
    assert all(isinstance(column.type, Integer) for column in hours)


async def test_a_start_with_nothing_to_do_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "fener.db"
    for _ in range(2):
        await (await open_database(f"sqlite:///{file}")).close()
    before = file.read_bytes()

    await (await open_database(f"sqlite:///{file}")).close()

    assert file.read_bytes() == before
