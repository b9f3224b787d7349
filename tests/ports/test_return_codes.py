from dataclasses import replace

import pytest

from bot.kernel.errors import ConflictError
from bot.ports import CaseRow, ReturnCodeRow
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import Database
from bot.storage.return_codes import SqlReturnCodes
from tests.ports.conftest import Opener
from tests.ports.examples import HOUR, a_case, after_message, an_envelope, closed


@pytest.fixture
def codes(database: Database) -> SqlReturnCodes:
    return SqlReturnCodes(database)


@pytest.fixture
async def case(queue: SqlCaseQueue) -> CaseRow:
    opened = a_case()
    await queue.open(opened, an_envelope(opened), [])
    return opened


def a_code(case: CaseRow, *, name: bytes = b"name", hour: int = HOUR) -> ReturnCodeRow:
    return ReturnCodeRow(case.id, name, b"sealed", 7, hour, b"mac")


async def test_a_code_is_found_under_its_name_with_its_case(codes: SqlReturnCodes, case: CaseRow) -> None:
    code = a_code(case)
    await codes.keep(code, expected=case)

    assert await codes.find([b"other", b"name"], since=HOUR) == (code, case)
    assert await codes.find([b"other"], since=HOUR) is None
    assert await codes.find([], since=HOUR) is None


async def test_a_case_has_one_code_and_a_new_one_takes_its_place(
    codes: SqlReturnCodes, case: CaseRow
) -> None:
    await codes.keep(a_code(case), expected=case)
    await codes.keep(a_code(case, name=b"second"), expected=case)

    assert await codes.find([b"name"], since=HOUR) is None
    assert await codes.find([b"second"], since=HOUR) is not None


async def test_a_code_for_a_case_that_changed_meanwhile_is_not_kept(
    codes: SqlReturnCodes, queue: SqlCaseQueue, case: CaseRow
) -> None:
    changed = after_message(case)
    await queue.append(changed, an_envelope(case, sequence=2), [], expected=case)

    with pytest.raises(ConflictError):
        await codes.keep(a_code(case), expected=case)

    assert await codes.find([b"name"], since=HOUR) is None


async def test_a_code_lapses_with_its_hour_and_is_deleted_then(codes: SqlReturnCodes, case: CaseRow) -> None:
    await codes.keep(a_code(case), expected=case)

    assert await codes.find([b"name"], since=HOUR + 1) is None
    assert await codes.expire(before=HOUR) == 0
    assert await codes.expire(before=HOUR + 1) == 1
    assert await codes.find([b"name"], since=HOUR) is None


async def test_a_forgotten_code_is_gone_and_forgetting_twice_is_no_fault(
    codes: SqlReturnCodes, case: CaseRow
) -> None:
    await codes.keep(a_code(case), expected=case)

    await codes.forget(case.id)
    await codes.forget(case.id)

    assert await codes.find([b"name"], since=HOUR) is None


async def test_a_code_goes_in_the_commit_that_gives_its_case_another_salt(
    codes: SqlReturnCodes, queue: SqlCaseQueue, case: CaseRow
) -> None:
    await codes.keep(a_code(case), expected=case)
    same = after_message(case)
    await queue.append(same, an_envelope(case, sequence=2), [], expected=case)
    assert await codes.find([b"name"], since=HOUR) is not None

    moved = replace(after_message(same), salt=b"another", pseudonym=b"another person")
    await queue.append(moved, an_envelope(case, sequence=3), [], expected=same)

    assert await codes.find([b"name"], since=HOUR) is None
    assert await codes.expire(before=HOUR + 1) == 0


async def test_a_move_that_somebody_else_was_faster_than_keeps_the_code(
    codes: SqlReturnCodes, queue: SqlCaseQueue, case: CaseRow
) -> None:
    await codes.keep(a_code(case), expected=case)
    moved = replace(after_message(case), salt=b"another")

    with pytest.raises(ConflictError):
        await queue.append(moved, an_envelope(case, sequence=2), [], expected=replace(case, urgency="now"))

    assert await codes.find([b"name"], since=HOUR) is not None


async def test_a_code_finds_a_closed_case_while_a_reply_ties_it_to_its_person(
    codes: SqlReturnCodes, desk: SqlCaseDesk, case: CaseRow
) -> None:
    await codes.keep(a_code(case), expected=case)
    waits = replace(closed(case), pseudonym=case.pseudonym)

    await desk.write(waits, expected=case)

    assert await codes.find([b"name"], since=HOUR) == (a_code(case), waits)


async def test_a_code_goes_in_the_commit_that_cuts_its_case_loose(
    codes: SqlReturnCodes, desk: SqlCaseDesk, case: CaseRow
) -> None:
    await codes.keep(a_code(case), expected=case)

    await desk.write(replace(closed(case), pseudonym=None, salt=b""), expected=case)

    assert await codes.find([b"name"], since=HOUR) is None
    assert await codes.expire(before=HOUR + 1) == 0


async def test_a_code_goes_with_its_case(codes: SqlReturnCodes, desk: SqlCaseDesk, case: CaseRow) -> None:
    await codes.keep(a_code(case), expected=case)

    await desk.erase(case.organisation, case.id)

    assert await codes.expire(before=HOUR + 1) == 0


async def test_another_process_finds_the_code(codes: SqlReturnCodes, opener: Opener, case: CaseRow) -> None:
    await codes.keep(a_code(case), expected=case)

    assert await SqlReturnCodes(await opener()).find([b"name"], since=HOUR) == (a_code(case), case)
