"""What was erased is in none of SQLite's files, also not in the write-ahead log."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot.kernel.audit import AuditEntry, AuditEvent
from bot.ports import CaseRow, ReturnCodeRow
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import Database, open_database
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.retention import SqlRetention
from bot.storage.return_codes import SqlReturnCodes
from tests.ports.examples import HOUR, a_case, a_note, after_message, after_reply, an_envelope, closed

CANARY = b"canary-that-must-be-gone-" * 3
OTHER_CANARY = b"name-of-a-code-that-must-be-gone"
LONG_CANARY = CANARY * 400  # on pages of its own


def found(folder: Path) -> list[str]:
    """Files that hold the canary, also a part of it."""
    return sorted(path.name for path in folder.iterdir() if CANARY[:25] in path.read_bytes())


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def opened(url: str, case: CaseRow) -> tuple[Database, SqlCaseQueue, SqlCaseDesk]:
    database = await open_database(url)
    queue, desk = SqlCaseQueue(database, time.monotonic), SqlCaseDesk(database)
    await queue.open(case, an_envelope(case, sealed=LONG_CANARY), [CANARY])
    return database, queue, desk


async def test_the_canary_is_found_before_it_is_erased(sqlite_url: str, tmp_path: Path) -> None:
    database, _, _ = await opened(sqlite_url, a_case())

    assert found(tmp_path) == ["fener.db-wal"]

    await database.scrub()
    assert found(tmp_path) == ["fener.db"]
    await database.close()


async def test_an_erased_case_is_in_no_file(sqlite_url: str, tmp_path: Path) -> None:
    case = a_case(pseudonym=CANARY)
    database, _, desk = await opened(sqlite_url, case)
    await desk.reply(after_reply(case), a_note(case, sealed=LONG_CANARY), None, expected=case)

    await desk.erase(case.organisation, case.id)

    assert found(tmp_path) == []
    await database.close()


async def test_what_is_erased_together_with_its_audit_line_is_in_no_file(
    sqlite_url: str, tmp_path: Path
) -> None:
    case = a_case(pseudonym=CANARY)
    database, _, desk = await opened(sqlite_url, case)
    line = AuditEntry(case.organisation, AuditEvent.CASE_ERASED, "system", case.id)

    async with SqlAuditTrail(database).recording(line, HOUR):
        await desk.erase(case.organisation, case.id)
        assert found(tmp_path) != []  # nothing is scrubbed before it is committed

    assert found(tmp_path) == []
    await database.close()


async def test_a_deleted_note_is_in_no_file(sqlite_url: str, tmp_path: Path) -> None:
    case = a_case()
    database, queue, desk = await opened(sqlite_url, case)
    await desk.erase(case.organisation, case.id)
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    note = a_note(case, sealed=LONG_CANARY)
    await desk.reply(after_reply(case), note, None, expected=case)
    assert found(tmp_path) != []

    await SqlMailboxes(database).delete([note.id])

    assert found(tmp_path) == []
    await database.close()


async def test_the_pseudonym_of_a_closed_case_is_in_no_file(sqlite_url: str, tmp_path: Path) -> None:
    case = a_case(pseudonym=CANARY)
    database = await open_database(sqlite_url)
    await SqlCaseQueue(database, time.monotonic).open(case, an_envelope(case), [])

    await SqlCaseDesk(database).write(closed(case), expected=case)

    assert found(tmp_path) == []
    await database.close()


async def test_the_pseudonym_of_a_past_epoch_is_in_no_file(sqlite_url: str, tmp_path: Path) -> None:
    case = a_case(pseudonym=CANARY)
    database = await open_database(sqlite_url)
    queue = SqlCaseQueue(database, time.monotonic)
    await queue.open(case, an_envelope(case), [])

    renewed = after_message(case, pseudonym=b"new epoch")
    await queue.append(renewed, an_envelope(case, sequence=2), [], expected=case)

    assert found(tmp_path) == []
    await database.close()


async def test_an_expired_case_is_in_no_file(sqlite_url: str, tmp_path: Path) -> None:
    case = a_case(pseudonym=CANARY)
    database, _, _ = await opened(sqlite_url, case)

    assert await SqlRetention(database).expire_cases(closed_before=0, opened_before=HOUR + 1) == 1

    assert found(tmp_path) == []
    await database.close()


async def test_erasing_works_while_others_read_and_write(sqlite_url: str, tmp_path: Path) -> None:
    case = a_case(pseudonym=CANARY)
    database, queue, desk = await opened(sqlite_url, case)
    stop = asyncio.Event()

    async def read() -> None:
        while not stop.is_set():
            await desk.waiting(case.organisation)
            await queue.find([b"nobody"])

    async def write() -> None:
        while not stop.is_set():
            another = a_case()
            await queue.open(another, an_envelope(another), [])

    busy = [asyncio.create_task(work()) for work in (read, read, write)]
    await asyncio.sleep(0.05)
    await desk.erase(case.organisation, case.id)
    gone = found(tmp_path)
    stop.set()
    await asyncio.gather(*busy)

    assert gone == []
    await database.close()


async def test_what_a_long_reader_kept_in_the_log_goes_with_the_next_write(
    sqlite_url: str, tmp_path: Path
) -> None:
    case, other = a_case(pseudonym=CANARY), a_case()
    database, queue, desk = await opened(sqlite_url, case)
    backup = await open_database(sqlite_url)
    async with backup.reading() as reader:
        await reader.exec_driver_sql("SELECT count(*) FROM cases")
        await desk.erase(case.organisation, case.id)
        assert await desk.waiting(case.organisation) == []
        assert found(tmp_path) != []

    await queue.open(other, an_envelope(other), [])

    assert found(tmp_path) == []
    await backup.close()
    await database.close()


async def test_a_closed_database_leaves_no_log(sqlite_url: str, tmp_path: Path) -> None:
    database, _, _ = await opened(sqlite_url, a_case())

    await database.close()

    assert names(tmp_path) == ["fener.db"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("end", ["replaced", "forgotten", "lapsed", "used", "closed"])
async def test_a_return_code_that_ended_is_in_no_file(tmp_path: Path, sqlite_url: str, end: str) -> None:
    case = a_case()
    database, queue, desk = await opened(sqlite_url, case)
    codes = SqlReturnCodes(database)
    code = ReturnCodeRow(case.id, OTHER_CANARY, b"sealed", 7, HOUR, b"mac")
    await codes.keep(code, expected=case)
    assert OTHER_CANARY in everything_in(tmp_path)

    match end:
        case "replaced":
            await codes.keep(replace(code, name=b"name"), expected=case)
        case "forgotten":
            await codes.forget(case.id)
        case "lapsed":
            await codes.expire(before=HOUR + 1)
        case "used":
            moved = after_message(replace(case, salt=b"another"))
            await queue.append(moved, an_envelope(case, sequence=2), [], expected=case)
        case _:
            await desk.write(replace(closed(case), salt=b""), expected=case)  # and nothing waits

    assert OTHER_CANARY not in everything_in(tmp_path)
    await database.close()
