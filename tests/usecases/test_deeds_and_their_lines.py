"""What a caseworker or a person does and its line in the audit are one commit: no deed without a line, no line without a deed."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from bot.crypto.envelope import HeaderFields, seal
from bot.handoff.summary import CaseMessage
from bot.kernel.errors import StorageError
from bot.usecases.add_note import TeamNote
from tests.usecases.house import DEMO, Caseworker, House, Person

TABLES = ("cases", "envelopes", "notes", "seen", "invites", "staff", "keyrings", "audit")

Deed = Callable[[House, Caseworker, Person], Awaitable[object]]


@contextmanager
def no_line_can_be_written(house: House) -> Iterator[None]:
    """The disk fills up at the very moment of a deed's line; that somebody looked can still be written."""
    connection = sqlite3.connect(house.folder / "fener.db", isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 1000")
    connection.execute(
        "CREATE TRIGGER no_lines BEFORE INSERT ON audit WHEN CAST(NEW.line AS TEXT) NOT LIKE '%case.read%' "
        "BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    try:
        yield
    finally:
        connection.execute("DROP TRIGGER no_lines")
        connection.close()


async def contents(house: House) -> dict[str, list[str]]:
    """Everything in every table, but that somebody looked."""
    found = {table: await house.rows(table) for table in TABLES}
    found["audit"] = [row for row in found["audit"] if b"case.read" not in bytes(str(row["line"]), "ascii")]
    return {table: sorted(str(row) for row in rows) for table, rows in found.items()}


async def claim(house: House, ana: Caseworker, _sam: Person) -> None:
    await house.fener.staff.claim(ana.row, (await house.case()).id)


async def reply(house: House, ana: Caseworker, _sam: Person) -> None:
    await ana.reply((await house.case()).id, "Hello")


async def note(house: House, ana: Caseworker, _sam: Person) -> None:
    row = await house.case()
    header = HeaderFields(row.id, DEMO, 1, "internal", row.epoch)
    keyring = await ana.keyring()
    able = [member.duty for member in keyring.members if member.duty is not None]
    sealed = seal(
        CaseMessage("internal", "He is calm", house.clock.now()).to_bytes(), able, header, ana.identity
    )
    await house.fener.staff.note(ana.row, row.id, TeamNote(1, sealed))


async def close(house: House, ana: Caseworker, _sam: Person) -> None:
    await house.fener.staff.close(ana.row, (await house.case()).id)


async def erase(_house: House, _ana: Caseworker, sam: Person) -> None:
    await sam.say("erase")
    await sam.choose("Yes")


async def erase_once_claimed(house: House, ana: Caseworker, sam: Person) -> None:
    assert (await house.case()).claimed_by == ana.row.id
    await erase(house, ana, sam)


async def hand_over(house: House, _ana: Caseworker, _sam: Person) -> None:
    await house.person("88123").hand_over()


async def invite(house: House, _ana: Caseworker, _sam: Person) -> None:
    await house.fener.staff.invite(DEMO, "caseworker", console="http://localhost/console/")


async def leave_duty(house: House, ana: Caseworker, _sam: Person) -> None:
    await house.fener.staff.duty.off(await ana.fresh_row())


DEEDS: tuple[Deed, ...] = (
    claim,
    reply,
    note,
    close,
    erase,
    erase_once_claimed,
    hand_over,
    invite,
    leave_duty,
)


@pytest.mark.parametrize("deed", DEEDS)
async def test_what_cannot_be_recorded_is_not_done(house: House, deed: Deed) -> None:
    ana = await house.caseworker()
    sam = house.person()
    await sam.hand_over()
    if deed is erase_once_claimed:
        await claim(house, ana, sam)
    before = await contents(house)

    with no_line_can_be_written(house):
        with pytest.raises((StorageError, AssertionError)):
            await deed(house, ana, sam)
        after = await contents(house)

    assert after == before


@pytest.mark.parametrize("deed", DEEDS)
async def test_what_was_done_has_its_line(house: House, deed: Deed) -> None:
    ana = await house.caseworker()
    sam = house.person()
    await sam.hand_over()
    if deed is erase_once_claimed:
        await claim(house, ana, sam)
    before = len(await house.rows("audit"))

    await deed(house, ana, sam)

    assert len(await house.rows("audit")) > before
