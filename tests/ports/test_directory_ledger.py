import asyncio

import pytest

from bot.kernel.errors import ConflictError
from bot.kernel.rows import LedgerLine
from bot.storage.database import Database
from bot.storage.ledger import SqlDirectoryLedger
from tests.ports.conftest import Opener


@pytest.fixture
def ledger(database: Database) -> SqlDirectoryLedger:
    return SqlDirectoryLedger(database)


def a_line(position: int, line: bytes = b"") -> LedgerLine:
    return LedgerLine(position, line or b"line %d" % position, bytes([position % 256]) * 32)


async def test_it_begins_empty(ledger: SqlDirectoryLedger) -> None:
    assert list(await ledger.lines()) == []


async def test_lines_stay_in_order_and_can_be_read_from_any_on(ledger: SqlDirectoryLedger) -> None:
    lines = [a_line(position) for position in range(12)]
    for line in lines:
        await ledger.append(line)

    assert list(await ledger.lines()) == lines
    assert list(await ledger.lines(9)) == lines[9:]
    assert list(await ledger.lines(12)) == []


@pytest.mark.parametrize("position", [0, 2, 9])
async def test_a_line_for_another_place_is_refused(ledger: SqlDirectoryLedger, position: int) -> None:
    await ledger.append(a_line(0))

    with pytest.raises(ConflictError, match=r"ledger\.changed"):
        await ledger.append(a_line(position, b"late"))

    assert list(await ledger.lines()) == [a_line(0)]


async def test_of_two_who_write_at_once_one_is_told_to_look_again(
    opener: Opener, ledger: SqlDirectoryLedger
) -> None:
    both = [ledger, SqlDirectoryLedger(await opener())]

    done = await asyncio.gather(
        *(both[number % 2].append(a_line(0, b"%d" % number)) for number in range(6)), return_exceptions=True
    )

    assert sum(isinstance(result, ConflictError) for result in done) == 5
    assert [line.line for line in await ledger.lines()] == [b"%d" % done.index(None)]
