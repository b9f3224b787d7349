"""Nothing ties a case to a person who never came back: ADR 0007's last word, kept by the hourly job."""

import pytest

from bot.kernel.ids import CaseId
from bot.storage.cases import SqlCaseDesk
from bot.usecases.row_integrity import is_ours
from tests.usecases.house import DEMO, Caseworker, House, Person


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker()


@pytest.fixture
async def sam(house: House, ana: Caseworker) -> Person:
    assert ana.row.role == "lead"
    person = house.person()
    await person.hand_over()
    return person


def tied(row: dict[str, object]) -> bool:
    return row["pseudonym"] is not None or any(row[name] for name in ("mailbox_public", "gate", "salt"))


async def closed_with_a_reply_that_was_read(house: House, ana: Caseworker, sam: Person) -> None:
    """The person read the answer and did not write again."""
    case = (await house.case()).id
    await house.restart()
    await ana.reply(case, "There is a bed")
    await house.fener.staff.close(ana.row, case)
    await sam.say("hello?")
    await sam.choose("Read")


async def test_a_closed_case_is_cut_loose_a_day_after_its_reply_was_read_though_nobody_returns(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await closed_with_a_reply_that_was_read(house, ana, sam)
    house.clock.move(hours=23)
    await house.fener.purge()
    assert tied((await house.rows("cases"))[0])  # whoever lost that message may still ask for it again

    house.clock.move(hours=1)
    purged = await house.fener.purge()

    [row] = await house.rows("cases")
    assert not tied(row)
    assert purged.loose == 1
    assert (await house.fener.purge()).loose == 0


async def test_a_case_that_was_cut_loose_is_still_one_that_this_server_wrote(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await closed_with_a_reply_that_was_read(house, ana, sam)
    house.clock.move(hours=24)
    await house.fener.purge()

    [row] = await house.rows("cases")
    found = await SqlCaseDesk(house.fener.database).read(DEMO, CaseId(str(row["id"])))
    assert found is not None
    assert is_ours(house.fener.keys, found[0])


async def test_an_open_case_loses_its_tie_with_the_key_that_it_hangs_on(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert sam.heard
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    house.clock.move(days=29)
    await house.fener.purge()
    assert tied((await house.rows("cases"))[0])

    house.clock.move(days=31)
    await house.fener.purge()

    [row] = await house.rows("cases")
    assert not tied(row)
    assert row["status"] == "claimed"


async def test_an_unread_reply_keeps_the_tie_that_it_needs(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = (await house.case()).id
    await house.restart()
    await ana.reply(case, "There is a bed")
    await house.fener.staff.close(ana.row, case)
    house.clock.move(days=2)

    await house.fener.purge()

    assert tied((await house.rows("cases"))[0])
    assert "Read" in await sam.say("hello?")


async def test_a_row_that_somebody_else_wrote_is_not_signed_by_tidying_up(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await closed_with_a_reply_that_was_read(house, ana, sam)
    await house.write("UPDATE cases SET organisation = 'rs-demo-harbour'")
    house.clock.move(hours=24)

    assert (await house.fener.purge()).loose == 0

    [row] = await house.rows("cases")
    found = await SqlCaseDesk(house.fener.database).read("rs-demo-harbour", CaseId(str(row["id"])))
    assert found is not None
    assert not is_ours(house.fener.keys, found[0])
