"""When a database fails: our exception, with nothing of what was asked in it, and nothing half done."""

import asyncio
import sqlite3
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.handoff.retention import Cutoffs
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError, StorageError
from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import ReplacedKey, StaffSession
from bot.ports import Invite, ReturnCodeRow
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import Database, open_database
from bot.storage.epoch_ledger import SqlEpochLedger
from bot.storage.faults import storage_errors, translate
from bot.storage.inspection import SqlInspection
from bot.storage.keyrings import SqlKeyrings
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.replaced_keys import SqlReplacedKeys
from bot.storage.retention import SqlRetention
from bot.storage.return_codes import SqlReturnCodes
from bot.storage.staff import SqlStaffRegister, SqlStaffSessions
from bot.storage.tables import metadata
from tests.ports.examples import a_case, a_caseworker, a_note, after_message, after_reply, an_envelope
from tests.storage.servers import running_postgres

CANARY = "canary"
SECRET = CANARY.encode()
CASE = a_case(pseudonym=SECRET, designation=CANARY, salt=SECRET, mac=SECRET)
ENVELOPE = an_envelope(CASE, sealed=SECRET)
NOTE = a_note(CASE, sealed=SECRET)
CODE = ReturnCodeRow(CASE.id, SECRET, SECRET, 1, 1, SECRET)

Call = Callable[[Database], Awaitable[object]]

READS: dict[str, Call] = {
    "find": lambda database: SqlCaseQueue(database, time.monotonic).find([SECRET]),
    "seen": lambda database: SqlCaseQueue(database, time.monotonic).seen([SECRET]),
    "any_open": lambda database: SqlCaseQueue(database, time.monotonic).any_open(),
    "waiting": lambda database: SqlCaseDesk(database).waiting(CANARY),
    "read": lambda database: SqlCaseDesk(database).read(CANARY, CASE.id),
    "notes": lambda database: SqlMailboxes(database).waiting(CASE.id),
    "find code": lambda database: SqlReturnCodes(database).find([SECRET], since=1),
    "peek": lambda database: SqlStaffRegister(database).peek(SECRET, 1),
    "of": lambda database: SqlStaffRegister(database).of(CANARY),
    "session": lambda database: SqlStaffSessions(database).find(SECRET, 1),
    "entries": lambda database: SqlKeyrings(database).entries(CANARY),
    "organisations": lambda database: SqlKeyrings(database).organisations(),
    "chain": lambda database: SqlAuditTrail(database).chain(CANARY),
    "spans": lambda database: SqlAuditTrail(database).spans(CANARY),
    "digest": lambda database: SqlAuditTrail(database).digest(CANARY, 1),
    "report": lambda database: SqlRetention(database).report(),
    "tied": lambda database: SqlRetention(database).tied(oldest_epoch=1),
    "overdue": lambda database: SqlRetention(database).overdue(Cutoffs(1, 1, 1, 1, 1)),
    "replaced keys": lambda database: SqlReplacedKeys(database).of(CaseworkerId(CANARY)),
    "leavers": lambda database: SqlReplacedKeys(database).leavers(),
    "recorded keys": lambda database: SqlEpochLedger(database).recorded(),
    "history": lambda database: SqlInspection(database).history(),
}
ENTRY = AuditEntry(CANARY, AuditEvent.CASE_READ, CANARY)


async def recorded(database: Database) -> None:
    """A deed and its line in one commit."""
    async with SqlAuditTrail(database).recording(ENTRY, 1):
        await SqlCaseDesk(database).write(CASE, expected=CASE)


WRITES: dict[str, Call] = {
    "open": lambda database: SqlCaseQueue(database, time.monotonic).open(CASE, ENVELOPE, [SECRET]),
    "append": lambda database: SqlCaseQueue(database, time.monotonic).append(
        after_message(CASE), ENVELOPE, [SECRET], expected=CASE
    ),
    "write": lambda database: SqlCaseDesk(database).write(CASE, expected=CASE),
    "reply": lambda database: SqlCaseDesk(database).reply(after_reply(CASE), NOTE, ENVELOPE, expected=CASE),
    "erase": lambda database: SqlCaseDesk(database).erase(CANARY, CASE.id),
    "delivered": lambda database: SqlMailboxes(database).delivered([NOTE.id], 1),
    "delete": lambda database: SqlMailboxes(database).delete([NOTE.id]),
    "keep code": lambda database: SqlReturnCodes(database).keep(CODE, expected=CASE),
    "forget code": lambda database: SqlReturnCodes(database).forget(CASE.id),
    "expire codes": lambda database: SqlReturnCodes(database).expire(before=1),
    "invite": lambda database: SqlStaffRegister(database).invite(Invite(SECRET, CANARY, CANARY, 1)),
    "redeem": lambda database: SqlStaffRegister(database).redeem(SECRET, 1, a_caseworker(alias=CANARY)),
    "staff": lambda database: SqlStaffRegister(database).write(a_caseworker(alias=CANARY)),
    "open session": lambda database: SqlStaffSessions(database).open(StaffSession(SECRET, NOTE.case, 1)),  # type: ignore[arg-type]  # any id
    "close session": lambda database: SqlStaffSessions(database).close(SECRET),
    "replaced key": lambda database: SqlReplacedKeys(database).keep(ReplacedKey(SECRET, NOTE.case, 1)),  # type: ignore[arg-type]  # any id
    "shorten": lambda database: SqlReplacedKeys(database).shorten(CaseworkerId(CANARY), 1),
    "record key": lambda database: SqlEpochLedger(database).record(1, SECRET),
    "forget key": lambda database: SqlEpochLedger(database).forget(1),
    "rewrite": lambda database: SqlCaseDesk(database).rewrite(CANARY, lambda sealed: sealed),
    "keyring": lambda database: SqlKeyrings(database).append(CANARY, SECRET, expected=0),
    "audit": lambda database: SqlAuditTrail(database).append(ENTRY, 1),
    "recording": recorded,
    "expire notes": lambda database: SqlRetention(database).expire_notes(unread_before=1, delivered_before=1),
    "expire cases": lambda database: SqlRetention(database).expire_cases(closed_before=1, opened_before=1),
    "expire access": lambda database: SqlRetention(database).expire_access(now=1),
    "expire audit": lambda database: SqlRetention(database).expire_audit({"demo-lantern": 1}),
}


async def failure_of(call: Awaitable[object]) -> StorageError:
    """The StorageError that `call` raises, once it is sure that it leads to nothing else."""
    with pytest.raises(StorageError) as failure:
        await call
    error = failure.value
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
    assert CANARY not in shown.replace(str(Path(__file__).parent), "")
    return error


async def test_no_call_shows_what_it_was_asked_when_the_tables_are_gone(database_url: str) -> None:
    database = await open_database(database_url)
    async with database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.exec_driver_sql(f"DROP TABLE {table.name}")

    codes = {name: (await failure_of(call(database))).code for name, call in {**READS, **WRITES}.items()}

    assert set(codes.values()) == {"database.failed"}
    await database.close()


async def test_a_conflict_shows_no_value(database_url: str) -> None:
    database = await open_database(database_url)
    register = SqlStaffRegister(database)
    await register.invite(Invite(SECRET, CANARY, CANARY, 1))

    error = await failure_of(register.invite(Invite(SECRET, CANARY, CANARY, 1)))

    assert isinstance(error, ConflictError)
    assert error.code == "row.conflict"
    await database.close()


async def test_on_a_full_disk_nothing_is_half_written_and_work_goes_on_once_there_is_room(
    sqlite_url: str,
) -> None:
    database = await open_database(sqlite_url)
    queue = SqlCaseQueue(database, time.monotonic)
    full = [True]
    limit_pages(database, full)
    case = a_case()
    large = an_envelope(case, sealed=SECRET * 200_000)

    error = await failure_of(queue.open(case, large, [SECRET]))

    assert error.code == "database.full"
    assert await queue.find([case.pseudonym or b""]) == []
    assert await queue.seen([SECRET]) is None
    full[0] = False
    await queue.open(case, large, [SECRET])
    assert await queue.seen([SECRET]) == case
    await database.close()


def limit_pages(database: Database, full: list[bool]) -> None:
    """SQLite's own way to be out of room."""

    @event.listens_for(database._engine.sync_engine, "checkout")
    def limit(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {60 if full[0] else 1_000_000}")
        cursor.close()


async def test_a_database_that_turns_read_only_refuses_to_write_and_still_reads(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    case = a_case()
    queue = SqlCaseQueue(database, time.monotonic)
    await queue.open(case, an_envelope(case), [])

    @event.listens_for(database._engine.sync_engine, "checkout")
    def only_read(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    another = a_case()
    error = await failure_of(queue.open(another, an_envelope(another, sealed=SECRET), []))

    assert error.code == "database.read-only"
    assert await queue.find([case.pseudonym or b""]) == [case]
    await database.close()


async def test_a_database_that_another_process_keeps_locked_is_said(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)

    @event.listens_for(database._engine.sync_engine, "checkout")
    def impatient(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 50")
        cursor.close()

    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    error = await failure_of(WRITES["open"](database))

    assert error.code == "database.busy"
    other.execute("ROLLBACK")
    other.close()
    await WRITES["open"](database)
    await database.close()


async def test_a_cancelled_write_is_not_half_done_and_the_next_one_works(database_url: str) -> None:
    database = await open_database(database_url)
    queue = SqlCaseQueue(database, time.monotonic)

    for steps in range(12):
        case = a_case()
        task = asyncio.create_task(queue.open(case, an_envelope(case), [case.id.encode()]))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        done = (await asyncio.gather(task, return_exceptions=True))[0] is None
        assert ((await queue.seen([case.id.encode()])) is not None) or not done
        report = await SqlRetention(database).report()
        assert report["cases"] == report["envelopes"] == report["seen"]

    case = a_case()
    await queue.open(case, an_envelope(case), [])
    assert await queue.find([case.pseudonym or b""]) == [case]
    await database.close()


@pytest.mark.servers
async def test_when_postgresql_goes_away_it_is_said_without_parameters() -> None:
    with running_postgres() as url:
        database = await open_database(url)
        await WRITES["open"](database)

    for call in (READS["find"], WRITES["audit"]):
        assert (await failure_of(call(database))).code == "database.unreachable"
    await database.close()


@pytest.mark.servers
async def test_when_postgresql_drops_our_connections_the_next_call_makes_new_ones(
    empty_postgres_url: str,
) -> None:
    database = await open_database(empty_postgres_url)
    await WRITES["open"](database)
    admin = await open_database(empty_postgres_url)
    async with admin.reading() as connection:
        await connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )

    assert await READS["find"](database) == [CASE]
    await admin.close()
    await database.close()


@given(text=st.text(min_size=3), parameters=st.dictionaries(st.text(), st.binary()))
def test_no_text_of_a_driver_and_no_parameter_survives_the_translation(
    text: str, parameters: dict[str, bytes]
) -> None:
    known = {
        translate(DBAPIError("", {}, Exception())).args,
        translate(IntegrityError("", {}, Exception())).args,
    }

    for kind in (DBAPIError, IntegrityError):
        error = translate(kind(text, parameters, Exception(text)))
        assert error.args in known


async def test_what_is_not_a_drivers_fault_is_not_hidden() -> None:
    @storage_errors
    async def faulty() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await faulty()
