"""Somebody waits, and whoever can help hears of it: by a clock that only the test moves."""

import asyncio
import copy
import re
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.channels.staff_telegram import LINKED
from bot.channels.telegram_api import TelegramChannel
from bot.crypto.members import Role
from bot.crypto.ways import WaySeal
from bot.handoff.ringing import Caller, next_rings
from bot.kernel.errors import RefusedError, SendError
from bot.kernel.ids import CaseId
from bot.kernel.staff_address import StaffAddress
from bot.ports import CaseRow
from bot.storage.cases import SqlCaseDesk
from bot.storage.ways import SqlWays
from bot.usecases.keep_ways import MOST
from bot.usecases.remember_rings import RememberRings
from bot.usecases.ring_staff import RingStaff
from bot.usecases.row_integrity import signed
from tests.doubles.telegram import TelegramDouble
from tests.usecases.house import DEMO, OTHER, WORDS, Caseworker, House, Pager, designation_in
from tests.usecases.test_complaints import complain, complain_about_a_centre, words_of
from tests.usecases.test_leavers import dismissing

MAIL = "robin@example.org"


@pytest.fixture
async def ana(house: House) -> Caseworker:
    """The lead, on duty, whose chat is 9001."""
    return await linked(house, await house.caseworker("Ana"), "9001")


async def linked(house: House, worker: Caseworker, chat: str) -> Caseworker:
    ways = house.fener.bell.ways
    assert await ways.link(await ways.code(worker.row), StaffAddress("telegram", chat))
    return worker


async def look(house: House, **later: float) -> list[str]:
    """What the bell does after so long; who was rung."""
    house.clock.move(**later)
    await house.fener.bell.ring(tuple(house.fener.staff.roots))
    return house.pager.heard()


def rings_of(house: House) -> RememberRings:
    """What the bell of this installation remembers."""
    fener = house.fener
    return RememberRings(sessions=fener.memory.sessions, memory_key=fener.keys.memory_key)


async def quiet(house: House) -> None:
    """The bell has looked before, in this half hour: nothing waits."""
    assert await look(house) == []


async def urgent(house: House, organisation: str = DEMO) -> CaseRow:
    """The one waiting case, urgent from now on."""
    desk = SqlCaseDesk(house.fener.database)
    [row] = await desk.waiting(organisation)
    worse = signed(house.fener.keys, replace(row, urgency="now"))
    await desk.write(worse, expected=row)
    return worse


async def test_urgent_rings_all_on_duty_again_and_again_then_the_leads_then_waits_too_long(
    house: House, ana: Caseworker
) -> None:
    mina = await linked(house, await house.caseworker("Mina", role="caseworker"), "9002")
    assert mina.row.role == "caseworker"
    await linked(house, await house.caseworker("Lea", role="lead", on_duty=False), "9003")
    await quiet(house)
    await house.person().hand_over()
    case = await urgent(house)

    assert await look(house) == ["9001", "9002"]
    assert await look(house, seconds=20) == []
    assert await look(house, minutes=5) == ["9001", "9002"]
    assert not await house.fener.bell.wait.too_long(DEMO, case.id)
    assert await look(house, minutes=5) == ["9001", "9002", "9003"]
    assert await look(house, minutes=4) == []
    assert not await house.fener.bell.wait.too_long(DEMO, case.id)
    assert await look(house, minutes=1) == []
    assert await house.fener.bell.wait.too_long(DEMO, case.id)


async def test_a_claim_ends_the_ringing(house: House, ana: Caseworker) -> None:
    await quiet(house)
    await house.person().hand_over()
    case = await urgent(house)
    assert await look(house) == ["9001"]

    await house.fener.staff.claim(ana.row, case.id)

    assert await look(house, minutes=5) == []
    assert await look(house, minutes=40) == []


async def test_what_somebody_leaves_behind_who_is_removed_rings_again_for_the_others(
    house: House, ana: Caseworker
) -> None:
    mina = await linked(house, await house.caseworker("Mina", role="caseworker"), "9002")
    await quiet(house)
    await house.person().hand_over()
    case = await urgent(house)
    assert await look(house) == ["9001", "9002"]
    await house.fener.staff.claim(mina.row, case.id)
    assert await look(house, minutes=5) == []

    await dismissing(house).remove(DEMO, mina.row.id)

    assert await look(house, minutes=1) == ["9001"]
    await house.fener.staff.claim(ana.row, case.id)
    assert await look(house, minutes=5) == []


async def test_what_is_not_urgent_rings_once_in_each_half_hour(house: House, ana: Caseworker) -> None:
    await quiet(house)
    await house.person("77123").hand_over()
    await house.person("77124").hand_over()

    assert await look(house, minutes=1) == []
    assert await look(house, minutes=29) == ["9001"]
    assert await look(house, minutes=29) == []
    assert await look(house, minutes=1) == ["9001"]


async def test_after_a_restart_what_waits_rings_at_once(house: House, ana: Caseworker) -> None:
    await quiet(house)
    await house.person().hand_over()
    await urgent(house)
    assert await look(house) == ["9001"]

    await house.restart()

    assert await look(house, minutes=1) == ["9001"]
    assert await look(house) == []


async def test_of_two_processes_that_look_in_the_same_minute_one_rings(house: House, ana: Caseworker) -> None:
    fener, other = house.fener, Pager()
    second = RingStaff(
        keys=fener.keys,
        desk=SqlCaseDesk(fener.database),
        register=fener.staff.register,
        ways=SqlWays(fener.database),
        staffing=fener.staffing,
        rings=rings_of(house),
        bells={"telegram": other},
        clock=house.clock,
    )
    await quiet(house)
    await house.person().hand_over()
    await urgent(house)

    assert await look(house) == ["9001"]
    await second([DEMO])
    house.clock.move(minutes=5)
    await second([DEMO])
    await fener.bell.ring([DEMO])

    assert (other.heard(), house.pager.heard()) == (["9001"], [])


async def test_off_duty_and_leavers_are_left_alone(house: House, ana: Caseworker) -> None:
    mina = await linked(house, await house.caseworker("Mina", role="caseworker"), "9002")
    await linked(house, await house.caseworker("Noa", role="caseworker", on_duty=False), "9004")
    await quiet(house)
    await house.person().hand_over()
    await urgent(house)

    await house.fener.staff.register.write(replace(await mina.fresh_row(), active=False))

    assert await look(house) == ["9001"]
    assert await house.rows("ways") != []
    assert [row for row in await house.rows("ways") if row["staff"] == mina.row.id] == []


async def test_a_complaint_rings_the_focal_point_and_nobody_else_there(house: House) -> None:
    ivo = await house.founded(OTHER)
    fay = await house.applicant("Fay", organisation=OTHER, role="focal-point")
    await ivo.admit(fay, role=Role.FOCAL_POINT)
    await fay.go_on_duty()
    ana = await linked(house, await house.caseworker("Ana"), "9001")
    await linked(house, ivo, "9005")
    await linked(house, fay, "9006")
    await quiet(house)
    sam = house.person()
    await sam.hand_over()
    await complain(sam)
    await urgent(house, OTHER)

    assert await look(house) == ["9006"]
    assert await look(house, minutes=5) == ["9006"]
    assert await look(house, minutes=5) == ["9006"]
    assert ana.row.active


async def test_a_complaint_that_stays_inside_shows_itself_to_nobody_there_by_a_ring_a_place_or_a_wait(
    house: House,
) -> None:
    """Its focal point is rung, also off duty; the team, its lead and whoever else waits notice nothing."""
    ana = await linked(house, await house.caseworker("Ana"), "9001")
    await linked(house, await house.caseworker("Mina", role="caseworker"), "9002")
    fay = await linked(house, await house.caseworker("Fay", role="focal-point"), "9006")
    wait = house.fener.bell.wait
    await quiet(house)
    sam = house.person()
    await sam.hand_over()
    ordinary = await house.case()
    before = await wait(DEMO, anew=True)
    assert before is not None
    assert before.place((9, 0, "")) == 2  # the ordinary case alone
    await complain_about_a_centre(sam)
    await sam.choose("Yes")
    asked = await sam.say("They took my papers")
    assert "Requests before yours" not in asked
    assert "How long it takes" not in asked
    desk = SqlCaseDesk(house.fener.database)
    [complaint] = [row for row in await desk.waiting(DEMO) if row.queue == "complaints"]
    await desk.write(signed(house.fener.keys, replace(complaint, urgency="now")), expected=complaint)

    assert await wait(DEMO, anew=True) == before
    rung = [await look(house, minutes=1) for _ in range(29)]
    assert {chat for chats in rung for chat in chats} == {"9006"}
    assert await look(house, minutes=1) == ["9001", "9002", "9006"]  # the half hour: something else waits too
    assert complaint.id not in {row.id for row in await house.fener.staff.read.queue(ana.row)}
    assert not await wait.too_long(DEMO, ordinary.id)

    await house.fener.staff.duty.off(await fay.fresh_row())
    await house.restart()
    assert "9006" in await look(house)
    for number in range(12):  # also a long row of them
        row = replace(complaint, id=CaseId(f"{number:032x}"), urgency="normal")
        state, version = await rings_of(house).load(DEMO)
        after, _ = next_rings(state, [Caller(row.id, is_urgent=False, is_complaint=True)], number)
        after, _ = next_rings(after, [], number + 1, claimed={row.id})
        assert await rings_of(house).save(DEMO, after, expected=version)
    told = await house.fener.bell.wait(DEMO, anew=True)
    assert told is not None
    assert told.usual is None


async def test_where_the_last_focal_point_left_a_complaint_rings_nobody(house: House) -> None:
    await linked(house, await house.caseworker("Ana"), "9001")
    fay = await linked(house, await house.caseworker("Fay", role="focal-point"), "9006")
    await quiet(house)
    sam = house.person()
    for text in ("hi", "1", "1"):
        await sam.say(text)
    await complain_about_a_centre(sam)
    await sam.choose("Yes")
    await sam.say("They took my papers")
    await urgent(house)

    await house.fener.staff.register.write(replace(await fay.fresh_row(), active=False))

    assert [await look(house, minutes=5) for _ in range(8)] == [[]] * 8


async def test_one_way_that_fails_keeps_no_other_from_ringing_and_nothing_is_logged_of_it(
    house: House, ana: Caseworker, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.fener.bell.ways.add_mail(ana.row, MAIL)
    for fault in (SendError("email.unreachable", retryable=True), ZeroDivisionError(MAIL)):
        house.mail.fault = fault
        await house.restart()
        if not await house.rows("cases"):
            await house.person().hand_over()
            await urgent(house)

        assert await look(house) == ["9001"]
    assert MAIL not in "".join(capsys.readouterr())
    house.mail.fault = None
    await look(house, minutes=5)
    assert house.mail.heard() == [MAIL]


async def test_the_log_tells_of_a_failed_way_with_the_half_hour_and_not_when_somebody_asked(
    house: House, ana: Caseworker
) -> None:
    house.pager.fault = SendError("telegram.gone", gone=True)
    await quiet(house)
    assert ana.row.active
    await house.person().hand_over()
    await urgent(house)

    with capture_logs() as told:
        for _ in range(29):
            await look(house, minutes=1)
    assert told == []
    with capture_logs() as told:
        await look(house, minutes=1)
        await look(house, minutes=1)
    assert [(each["event"], each["way"], each["reason"]) for each in told] == [
        ("bell.failed", "telegram", "telegram.gone")
    ]


async def test_one_organisation_whose_ring_hangs_keeps_no_other_waiting(
    house: House, ana: Caseworker
) -> None:
    ivo = await linked(house, await house.founded(OTHER), "9005")
    await house.fener.bell.ways.add_mail(ivo.row, MAIL)
    [way] = [each for each in await house.fener.bell.ways.of(ivo.row) if each.kind == "telegram"]
    await house.fener.bell.ways.remove(ivo.row, way.id)
    await quiet(house)
    sam = house.person()
    await sam.hand_over()
    await urgent(house)
    await complain(sam)  # the other organisation has no focal points
    await urgent(house, OTHER)
    house.mail.hangs = True

    looking = asyncio.create_task(house.fener.bell.ring([DEMO, OTHER]))
    await asyncio.wait_for(house.pager.woken.wait(), 15)

    assert not looking.done()
    assert house.pager.heard() == ["9001"]
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert ana.row.active


async def test_while_the_database_is_away_no_ring_is_lost(house: House, ana: Caseworker) -> None:
    await quiet(house)
    await house.person().hand_over()
    await urgent(house)
    await house.write("ALTER TABLE cases RENAME TO gone")
    assert await look(house) == []

    await house.write("ALTER TABLE gone RENAME TO cases")

    assert await look(house) == ["9001"]


async def test_a_row_that_somebody_else_wrote_rings_nobody(house: House, ana: Caseworker) -> None:
    await quiet(house)
    await house.person().hand_over()
    await house.write("UPDATE cases SET urgency = 'now'")

    assert await look(house, minutes=40) == []


# --- what is kept ------------------------------------------------------------------------------------------


async def test_no_address_of_a_caseworker_and_no_minute_of_a_case_is_in_the_database(
    house: House, ana: Caseworker
) -> None:
    await house.fener.bell.ways.add_mail(ana.row, MAIL)
    await quiet(house)
    await house.person().hand_over()
    await urgent(house)
    await look(house)

    everything = b"".join(path.read_bytes() for path in house.folder.glob("fener.db*"))
    assert MAIL.encode() not in everything
    assert b"9001" not in everything
    assert {column for row in await house.rows("ways") for column in row} == {"id", "staff", "kind", "sealed"}


async def test_a_sealed_address_opens_for_its_caseworker_only(house: House, ana: Caseworker) -> None:
    seal = WaySeal(house.fener.keys)
    sealed = seal.seal(StaffAddress("email", MAIL), ana.row.id)

    assert seal.open(sealed, ana.row.id) == StaffAddress("email", MAIL)
    assert seal.open(sealed, "another") is None
    assert seal.open(b"", ana.row.id) is None
    assert len(sealed) == len(seal.seal(StaffAddress("telegram", "1"), ana.row.id))


def test_a_staff_address_says_nothing_by_accident() -> None:
    address = StaffAddress("telegram", "9001")

    assert "9001" not in f"{address} {address!r} {address!s} {[address]}"
    with pytest.raises(TypeError):
        copy.copy(address)


# --- one's own ways ----------------------------------------------------------------------------------------


async def test_a_code_links_one_chat_once_and_for_ten_minutes(house: House, ana: Caseworker) -> None:
    ways = house.fener.bell.ways
    code = await ways.code(ana.row)
    grouped = "-".join(re.findall("....", code)).upper()

    assert not await ways.link("hello", StaffAddress("telegram", "1"))
    assert not await ways.link("0" * 16, StaffAddress("telegram", "1"))
    assert await ways.link(f"/start {grouped}", StaffAddress("telegram", "9007"))
    assert not await ways.link(code, StaffAddress("telegram", "9008"))
    late = await ways.code(ana.row)
    house.clock.move(minutes=11)
    assert not await ways.link(late, StaffAddress("telegram", "9008"))
    assert len(await ways.of(ana.row)) == 2


async def test_a_way_can_be_tried_and_taken_out_by_its_owner_only(house: House, ana: Caseworker) -> None:
    mina = await house.caseworker("Mina", role="caseworker")
    [way] = await house.fener.bell.ways.of(ana.row)
    ways = house.fener.bell.ways

    await ways.try_out(ana.row, way.id)
    assert house.pager.heard() == ["9001"]
    for refused in (ways.try_out(mina.row, way.id), ways.remove(mina.row, way.id)):
        with pytest.raises(RefusedError, match=r"way\.unknown"):
            await refused
    await ways.remove(ana.row, way.id)
    assert await ways.of(ana.row) == []


async def test_a_try_that_fails_says_so_and_trying_has_an_end(house: House, ana: Caseworker) -> None:
    [way] = await house.fener.bell.ways.of(ana.row)
    ways = house.fener.bell.ways
    house.pager.fault = SendError("telegram.gone", gone=True)

    for _ in range(9):
        with pytest.raises(RefusedError, match=r"way\.failed"):
            await ways.try_out(ana.row, way.id)
    with pytest.raises(RefusedError, match=r"way\.limited"):
        await ways.try_out(ana.row, way.id)


@pytest.mark.parametrize("wrong", ["", "robin", "robin@example.org\nBcc: x@example.org", "Robin <r@e.org>"])
async def test_what_is_no_mail_address_is_refused(house: House, ana: Caseworker, wrong: str) -> None:
    with pytest.raises(RefusedError, match=r"way\.mail"):
        await house.fener.bell.ways.add_mail(ana.row, wrong)


async def test_nobody_has_more_than_five_ways(house: House, ana: Caseworker) -> None:
    ways = house.fener.bell.ways
    for number in range(MOST - 1):
        await ways.add_mail(ana.row, f"robin{number}@example.org")

    with pytest.raises(RefusedError, match=r"way\.many"):
        await ways.add_mail(ana.row, MAIL)


# --- what the person reads ---------------------------------------------------------------------------------


async def test_at_the_handoff_the_person_reads_their_place_and_that_nobody_knows_how_long(
    house: House, ana: Caseworker
) -> None:
    await house.person("77123").hand_over()
    sam = house.person("77124")
    await sam.consent()

    heard = await sam.say(WORDS)

    assert "Requests before yours: 1" in heard
    assert "How long it takes is not known." in heard
    assert ana.row.active


async def test_with_ten_waits_the_person_reads_how_long_most_waited(house: House, ana: Caseworker) -> None:
    await quiet(house)
    for number in range(10):
        await house.person(f"7700{number}").hand_over()
        await look(house)
        case = await house.case()
        house.clock.move(minutes=12)
        await house.fener.staff.claim(ana.row, case.id)
        await look(house)
        await house.fener.staff.close(ana.row, case.id)
    sam = house.person()
    await sam.consent()

    heard = await sam.say(WORDS)

    assert "Your request is the next one." in heard
    assert "in minutes: 20" in heard


async def test_who_asks_reads_where_their_request_stands(house: House, ana: Caseworker) -> None:
    await house.person("77123").hand_over()
    await urgent(house)
    sam = house.person("77124")
    await sam.hand_over()
    house.clock.move(seconds=6)

    heard = await sam.say("person")

    assert "Requests before yours: 1" in heard
    assert "How long it takes is not known." in heard


async def test_nobody_comes_so_the_leads_are_rung_and_after_a_yes_the_next_organisation_and_its_answer_arrives(
    house: House, ana: Caseworker
) -> None:
    """The whole way of one urgent request, minute by minute."""
    await linked(house, await house.caseworker("Lea", role="lead", on_duty=False), "9003")
    ivo = await linked(house, await house.founded(OTHER), "9005")
    await quiet(house)
    desk = SqlCaseDesk(house.fener.database)
    sam = house.person()
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    assert "Lantern Demo Centre" in await sam.choose("A place to sleep")
    await sam.choose("Yes")
    first = designation_in(await sam.say("I stand outside"))

    assert [await look(house, minutes=1) for _ in range(15)] == [
        ["9001"], *[[]] * 4, ["9001"], *[[]] * 4, ["9001", "9003"], *[[]] * 4,
    ]  # fmt: skip
    assert await look(house, minutes=1) == []
    heard = await sam.say("Is anybody there?")
    assert "Nobody has answered yet." in heard
    consent = await sam.choose("Ask another team")
    assert "This will go to a person at Harbour Demo Association" in consent
    assert "How urgent: now" in consent
    assert "Lantern" not in consent
    assert (await look(house, minutes=1), await desk.waiting(OTHER)) == ([], [])  # no yes yet
    await sam.choose("Yes")
    second = designation_in(await sam.say("I still stand outside"))
    [case] = await desk.waiting(OTHER)
    assert (case.urgency, case.queue) == ("now", "shelter")
    assert await look(house) == ["9005"]
    assert "Lantern" not in await words_of(ivo, case.id)

    await house.fener.staff.claim(ivo.row, case.id)
    assert (await ivo.reply(case.id, "We come to you")).delivered
    assert "We come to you" in house.messenger.heard
    assert await look(house, minutes=5) == []
    assert first != second
    assert [row.status for row in await desk.waiting(DEMO)] == [
        "waiting"
    ]  # it stays, until its person takes it back
    assert ana.row.active


async def test_what_was_urgent_for_the_first_organisation_is_urgent_for_the_next(
    house: House, ana: Caseworker
) -> None:
    await house.founded(OTHER)
    await quiet(house)
    sam = house.person()
    await sam.hand_over()  # a lawyer in the next days; then somebody found that it cannot wait
    await urgent(house)
    for _ in range(20):
        await look(house, minutes=1)

    await sam.say("Is anybody there?")
    consent = await sam.choose("Ask another team")
    assert "How urgent: now" in consent
    await sam.choose("Yes")
    await sam.say("Please read this instead")
    assert [row.urgency for row in await SqlCaseDesk(house.fener.database).waiting(OTHER)] == ["now"]
    assert ana.row.active


async def test_who_keeps_waiting_is_not_asked_again_and_helplines_are_there(
    house: House, ana: Caseworker
) -> None:
    await quiet(house)
    sam = house.person()
    await sam.hand_over()
    await urgent(house)
    for _ in range(20):
        await look(house, minutes=1)

    heard = await sam.say("9")
    assert "Nobody has answered yet." in heard
    assert "Ask another team" not in heard  # there is none
    assert "Helplines" in heard
    assert "stays where it is" in await sam.choose("Keep waiting")
    assert "Nobody has answered yet." not in await sam.say("Hello again")
    assert ana.row.active


# --- beside requests ---------------------------------------------------------------------------------------


async def test_a_running_server_rings_by_itself_and_hears_the_codes_of_caseworkers(
    house: House, ana: Caseworker, telegram: TelegramDouble
) -> None:
    code = await house.fener.bell.ways.code(ana.row)
    await house.person().hand_over()
    await urgent(house)
    bot = TelegramChannel(telegram.token, api_url=telegram.url)
    fener = replace(house.fener, bell=replace(house.fener.bell, bot=bot))
    robin = telegram.person()

    async with fener.running(polls=True):
        robin.say(code)
        await telegram.until(lambda: LINKED in robin.heard)
        await asyncio.wait_for(house.pager.woken.wait(), 15)

    assert "9001" in house.pager.heard()
