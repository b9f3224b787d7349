"""However a referral ends, its person hears of it: no case is deleted before somebody can tell them, and none half."""

import re
from collections.abc import Sequence

import pytest

from bot.handoff.referral import ReferralState
from bot.kernel.errors import ConflictError, RefusedError, StorageError
from bot.kernel.ids import CaseId
from bot.kernel.rows import ReferralRow
from bot.ports import CaseRow, EnvelopeRow
from bot.storage.cases import SqlCaseDesk
from bot.storage.referrals import SqlReferrals
from bot.usecases.follow_referrals import FollowReferrals
from tests.usecases.house import Caseworker, House, Person
from tests.usecases.referring import WHEELS, case_at, claimed, offer, read_question, sent, side, state
from tests.usecases.test_notes_to_colleagues import note_by
from tests.usecases.test_return_code_of_several import code_of

S = ReferralState


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


@pytest.fixture
async def rosa(house: House, ana: Caseworker) -> Caseworker:
    """The lead of the second organisation."""
    assert ana.row.active
    return await house.caseworker("Rosa", organisation=WHEELS)


@pytest.fixture
def sam(house: House) -> Person:
    return house.person()


async def tied(house: House, case: str) -> bool:
    [row] = [each for each in await house.rows("cases") if each["id"] == case]
    return row["pseudonym"] is not None


async def test_who_was_referred_before_their_case_closed_hears_that_it_was_given_back(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    await house.fener.staff.close(ana.row, case.id)
    await house.fener.purge()
    await sam.say("hello?")
    assert await tied(house, case.id)

    await house.fener.staff.refer.send_back(rosa.row, second.id, "full")

    assert await case_at(house, WHEELS) is None
    await house.fener.purge()
    assert "cannot take your request" in await read_question(sam)
    await sam.say("thank you")
    assert not await tied(house, case.id)


async def test_who_was_referred_before_their_case_closed_hears_that_nobody_took_it(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, _ = await sent(house, ana, sam)
    await house.fener.staff.close(ana.row, case.id)
    house.clock.move(days=7)

    await house.fener.purge()

    assert rosa.row.active
    assert await case_at(house, WHEELS) is None
    assert "in time" in await read_question(sam)
    house.clock.move(hours=1)
    await house.fener.purge()
    assert not await tied(house, case.id)


async def test_how_it_went_is_found_from_another_phone_with_the_code_of_the_closed_case(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    await sam.say("return code")
    await sam.choose(case.designation)
    code = re.sub(r"\D", "", (await sam.choose("Make")).partition("return code:")[2])[:24]
    await house.fener.staff.close(ana.row, case.id)
    await house.fener.staff.refer.send_back(rosa.row, second.id, "full")
    kim = house.person("99887")

    assert "There is a note" in await kim.say(code)
    assert "cannot take your request" in await kim.choose("Read")
    house.clock.move(hours=1)
    assert "There is a note" not in await sam.say("hi")


async def test_a_case_that_was_answered_and_returned_does_not_lapse_with_its_answer(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    [row] = [each for each in await house.rows("referrals") if each["case"] == case.id]
    house.clock.move(hours=1)
    await house.fener.staff.claim(rosa.row, second.id)
    await rosa.reply(second.id, "Come on Monday")
    note = await note_by(house, rosa, second.id, "Away next week")
    await house.fener.staff.give_back(rosa.row, second.id, note)
    await house.write("UPDATE referrals SET sealed = :s WHERE id = :i", s=row["sealed"], i=row["id"])
    house.clock.move(days=7)

    await house.fener.purge()

    assert await case_at(house, WHEELS) is not None
    assert len(await house.rows("notes")) == 1


async def test_who_has_only_the_code_of_a_closed_case_hears_on_another_phone_how_what_was_referred_ended(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    code = await code_of(sam, case.designation)
    await house.fener.staff.close(ana.row, case.id)
    new_phone = house.person("whatsapp:+381600000001", channel="whatsapp")

    moved = await new_phone.say(code)
    await house.fener.staff.refer.send_back(rosa.row, second.id, "full")

    assert "It worked" in moved
    assert "The last answer waits here" not in moved
    assert "There is no note." in moved
    assert "cannot take your request" in await read_question(new_phone)
    assert "good time" not in await sam.say("hello?")


async def test_a_closed_case_that_is_only_still_to_be_told_of_keeps_no_code_from_working(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    for worker, each in ((ana, case), (rosa, second)):
        await house.fener.staff.claim(worker.row, each.id)
        await house.fener.staff.close(worker.row, each.id)
    other_phone = house.person("3")
    await ana.work_again()
    await other_phone.hand_over("Another matter")

    assert await tied(house, case.id)
    assert "It worked" in await sam.say(await code_of(other_phone))


async def test_how_it_went_waits_for_its_person_longer_than_what_was_written_in_the_closed_case(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    await house.fener.staff.close(ana.row, case.id)
    house.clock.move(days=6)
    await rosa.work_again()
    await house.fener.staff.refer.send_back(rosa.row, second.id, "full")

    house.clock.move(days=20)
    await house.fener.purge()

    assert await house.rows("envelopes") == []
    assert "cannot take your request" in await read_question(sam)
    await sam.say("thank you")
    await house.fener.purge()
    assert await house.rows("cases") == []


async def test_who_never_comes_back_is_tied_to_what_was_referred_no_longer_than_their_key_lasts(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    await house.fener.staff.claim(rosa.row, second.id)
    await house.fener.staff.close(ana.row, case.id)
    house.clock.move(days=29)
    await house.fener.purge()
    assert await tied(house, case.id)

    house.clock.move(days=31)
    await house.fener.purge()
    await house.fener.purge()

    assert [row["id"] for row in await house.rows("cases")] == [second.id]
    assert not await tied(house, second.id)


@pytest.mark.parametrize(
    "gone",
    [
        "DELETE FROM cases WHERE id = :i",
        "UPDATE cases SET pseudonym = NULL WHERE id = :i",
        "UPDATE cases SET epoch = epoch - 9 WHERE id = :i",
    ],
)
async def test_whom_nobody_could_tell_keeps_the_case_where_it_can_be_answered(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person, gone: str
) -> None:
    case, second = await sent(house, ana, sam)
    await house.write(gone, i=case.id)

    with pytest.raises(RefusedError, match=r"referral\.untold"):
        await house.fener.staff.refer.send_back(rosa.row, second.id, "full")
    house.clock.move(days=7)
    await house.fener.purge()
    assert await case_at(house, WHEELS) is not None

    await rosa.work_again()
    await rosa.decline(second.id)
    assert await case_at(house, WHEELS) is None
    assert "There is a note" in await sam.say("hello?")
    assert "cannot take this" in await sam.choose("Read")


async def test_what_was_referred_is_given_back_and_not_declined_while_that_can_be_told(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)

    with pytest.raises(RefusedError, match=r"referral\.received"):
        await rosa.decline(second.id)

    await rosa.reply(second.id, "I look for a doctor")
    await rosa.decline(second.id)
    assert await state(house, case.id) is S.DECLINED
    assert not (await side(house, case.id)).kept.is_news  # they hear it from the note


async def test_a_referral_that_ended_before_does_not_take_the_second_case_along(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case, second = await sent(house, ana, sam)
    follow = house.fener.staff.claim._follow
    await follow._kept.move(await side(house, case.id), S.LAPSED)

    with pytest.raises(RefusedError, match=r"referral\.untold"):
        await house.fener.staff.refer.send_back(rosa.row, second.id, "full")

    assert await case_at(house, WHEELS) is not None
    await rosa.decline(second.id)


async def test_a_reply_at_the_moment_of_giving_back_is_not_deleted(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bo = await house.caseworker("Bo", organisation=WHEELS)
    case, second = await sent(house, ana, sam)
    house.clock.move(hours=1)
    looked = FollowReferrals.is_received

    async def then_bo_answers(follow: FollowReferrals, wanted: CaseId) -> bool:
        found = await looked(follow, wanted)
        await bo.reply(second.id, "I can help")
        return found

    monkeypatch.setattr(FollowReferrals, "is_received", then_bo_answers)
    with pytest.raises(ConflictError):
        await house.fener.staff.refer.send_back(rosa.row, second.id, "full")

    assert await case_at(house, WHEELS) is not None
    assert len(await house.rows("notes")) == 1
    assert await state(house, case.id) is S.ACCEPTED


async def test_a_claim_at_the_moment_of_lapsing_is_not_deleted(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, second = await sent(house, ana, sam)
    house.clock.move(days=7)
    await rosa.work_again()
    looked = SqlCaseDesk.waiting

    async def then_rosa_claims(desk: SqlCaseDesk, organisation: str) -> Sequence[CaseRow]:
        found = await looked(desk, organisation)
        if organisation == WHEELS:
            monkeypatch.setattr(SqlCaseDesk, "waiting", looked)
            await house.fener.staff.claim(rosa.row, second.id)
        return found

    monkeypatch.setattr(SqlCaseDesk, "waiting", then_rosa_claims)
    await house.fener.purge()

    found = await case_at(house, WHEELS)
    assert found is not None
    assert found.claimed_by == rosa.row.id
    assert await state(house, case.id) is S.ACCEPTED


async def test_a_failure_while_it_lapses_leaves_all_of_it_to_the_next_hour_and_stops_no_other_purge(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, second = await sent(house, ana, sam)
    house.clock.move(days=7)

    async def fails(_desk: SqlCaseDesk, _organisation: str, _case: CaseId) -> None:
        raise StorageError("database.unreachable")

    with monkeypatch.context() as away:
        away.setattr(SqlCaseDesk, "erase", fails)
        await house.fener.purge()
    assert rosa.row.active
    assert await state(house, case.id) is S.SENT
    assert await tied(house, second.id)

    house.clock.move(hours=1)
    await house.fener.purge()
    assert await state(house, case.id) is S.LAPSED
    assert await case_at(house, WHEELS) is None


async def test_what_the_person_does_at_the_same_moment_does_not_keep_an_end_from_being_told(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, second = await sent(house, ana, sam)
    await house.fener.staff.claim(rosa.row, second.id)
    write = SqlReferrals.write
    refused: list[ReferralRow] = []

    async def once_too_late(kept: SqlReferrals, row: ReferralRow, *, expected: ReferralRow) -> None:
        if not refused:
            refused.append(row)
            raise ConflictError("referral.changed")
        await write(kept, row, expected=expected)

    monkeypatch.setattr(SqlReferrals, "write", once_too_late)
    await house.fener.staff.refer.send_back(rosa.row, second.id, "full")

    assert refused
    assert await case_at(house, WHEELS) is None
    assert await state(house, case.id) is S.DECLINED


async def test_a_case_that_is_declined_takes_its_question_along_and_tells_nothing_of_it(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person
) -> None:
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)

    await ana.decline(case.id)

    assert rosa.row.active
    assert await state(house, case.id) is S.LAPSED
    assert not (await side(house, case.id)).kept.is_news
    assert len(await house.rows("notes")) == 1  # the one that says so


async def test_the_hourly_job_opens_no_envelope_of_a_case_for_referrals_that_run_or_ended(
    house: House, ana: Caseworker, rosa: Caseworker, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, second = await sent(house, ana, sam)
    read, opened = SqlCaseDesk.read, list[str]()

    async def watched(
        desk: SqlCaseDesk, organisation: str, wanted: CaseId
    ) -> tuple[CaseRow, Sequence[EnvelopeRow]] | None:
        opened.append(wanted)
        return await read(desk, organisation, wanted)

    await house.fener.staff.claim(rosa.row, second.id)
    with monkeypatch.context() as running:
        running.setattr(SqlCaseDesk, "read", watched)
        await house.fener.purge()
    await house.fener.staff.close(rosa.row, second.id)
    assert await state(house, case.id) is S.DECLINED
    monkeypatch.setattr(SqlCaseDesk, "read", watched)
    await house.fener.purge()

    assert opened == []
