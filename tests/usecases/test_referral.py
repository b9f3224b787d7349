"""Referring somebody to a second organisation: asked with the very words, sent after a yes, and told how it went."""

import re
from dataclasses import replace
from datetime import date

import pytest

from bot.handoff.referral import ReferralState
from bot.kernel.errors import ConflictError, RefusedError, StorageError
from bot.kernel.ids import CaseId
from bot.ports import StaffRow
from bot.storage.memory import MemorySessions
from bot.usecases.answer_referral import AnswerReferral
from bot.usecases.kept_referrals import Side
from bot.usecases.recognise_person import Known
from tests.usecases.faults import FlakySessions
from tests.usecases.house import DEMO, OTHER, WORDS, Caseworker, House, number_of
from tests.usecases.referring import (
    FIELDS,
    GARDEN,
    PONTE,
    WHEELS,
    YES,
    case_at,
    claimed,
    events,
    offer,
    question,
    read_question,
    sent,
    side,
    state,
)
from tests.usecases.test_complaints import complain

S = ReferralState


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


@pytest.fixture
async def rosa(house: House, ana: Caseworker) -> Caseworker:
    """The lead of the second organisation."""
    assert ana.row.active
    return await house.caseworker("Rosa", organisation=WHEELS)


async def test_nothing_leaves_before_a_yes_to_the_very_words(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)

    await offer(house, ana, case.id)
    asked = await read_question(sam)

    assert "Wheels" in asked
    assert "is a separate team" in asked
    assert all(words in asked for _, words in FIELDS)
    assert "You may say no." in asked
    assert "One limit: We keep what you say between us. We must act when a child is in danger." in asked
    assert await case_at(house, WHEELS) is None
    assert await state(house, case.id) is S.OFFERED

    told = await sam.choose(YES)
    second = await case_at(house, WHEELS)
    assert second is not None
    assert second.designation in told
    assert await state(house, case.id) is S.SENT
    summary, _ = await rosa.read(second.id)
    assert [each.value for each in summary.shared if each.slot in ("place", "note")] == [w for _, w in FIELDS]
    assert all(each.value in summary.consent for each in summary.shared)
    assert summary.consent_hash != (await ana.read(case.id))[0].consent_hash


async def test_the_second_team_gets_nothing_that_was_not_listed(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)

    summary, messages = await rosa.read(second.id)
    whole = f"{summary} {messages} {[each.value for each in summary.shared]}"
    first, _ = await ana.read(case.id)

    assert WORDS not in whole
    assert first.designation not in whole
    assert first.note == WORDS
    assert case.id not in whole
    assert (second.pseudonym, second.salt, second.mailbox_public) != (
        case.pseudonym,
        case.salt,
        case.mailbox_public,
    )


async def test_a_no_costs_nothing_and_nothing_is_opened(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await read_question(sam)

    assert "Nothing was sent." in await sam.choose("No")

    assert rosa.row.active
    assert await case_at(house, WHEELS) is None
    assert (await side(house, case.id)).kept.reason == "person"
    assert await state(house, case.id) is S.DECLINED
    assert await house.rows("notes") == []
    await sam.say("thank you")
    assert (await ana.read(case.id))[1][-1].text == "thank you"


async def test_later_asks_again_and_the_answer_then_counts(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await read_question(sam)
    await sam.choose("Ask me later")
    assert await state(house, case.id) is S.OFFERED

    await sam.say("note")
    assert "is a separate team" in await sam.choose("Read")
    await sam.choose(YES)

    assert rosa.row.active
    assert await state(house, case.id) is S.SENT


async def test_a_claim_an_answer_and_an_end_are_told_to_the_person_once(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)

    await house.fener.staff.claim(rosa.row, second.id)
    assert await state(house, case.id) is S.ACCEPTED
    assert "has your request now" in await read_question(sam)
    house.clock.move(hours=2)
    assert "There is a note" not in await sam.say("hi")

    await rosa.reply(second.id, "Come on Monday")
    await house.fener.staff.close(rosa.row, second.id)
    assert await state(house, case.id) is S.DONE
    assert "has finished what you asked them for" in await read_question(sam)


async def test_a_team_that_closes_without_a_word_is_not_said_to_have_helped(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)

    await house.fener.staff.claim(rosa.row, second.id)
    await house.fener.staff.close(rosa.row, second.id)

    assert await state(house, case.id) is S.DECLINED
    told = await read_question(sam)
    assert "cannot take your request" in told
    assert "has finished" not in told


async def test_who_declines_gives_a_reason_and_keeps_nothing(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)
    assert await house.route(second.id)

    await house.fener.staff.refer.send_back(rosa.row, second.id, "full")

    assert not await house.route(second.id)
    assert await case_at(house, WHEELS) is None
    assert (await side(house, case.id)).kept.reason == "full"
    told = await read_question(sam)
    assert "cannot take your request" in told
    assert "no room" in told


async def test_the_person_takes_it_back_before_anybody_claimed_it(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)

    await sam.say("9")
    await sam.choose(second.designation)
    await sam.choose("Take")
    await sam.choose("Yes")

    assert rosa.row.active
    assert await case_at(house, WHEELS) is None
    assert await state(house, case.id) is S.REVOKED


async def test_erasing_everything_takes_it_back_too(house: House, ana: Caseworker, rosa: Caseworker) -> None:
    sam = house.person()
    case, _ = await sent(house, ana, sam)

    await sam.say("erase")
    await sam.choose("Yes")

    assert rosa.row.active
    assert await case_at(house, WHEELS) is None
    assert await state(house, case.id) is S.REVOKED


async def test_what_nobody_answers_lapses_and_is_deleted_where_it_was_sent(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, _ = await sent(house, ana, sam)

    house.clock.move(days=6)
    await house.fener.purge()
    assert await state(house, case.id) is S.SENT
    house.clock.move(days=1)
    await house.fener.purge()

    assert rosa.row.active
    assert await state(house, case.id) is S.LAPSED
    assert await case_at(house, WHEELS) is None
    assert "in time" in await read_question(sam)


async def test_a_question_that_waits_too_long_is_never_asked(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)

    house.clock.move(days=14)
    await house.fener.purge()

    assert rosa.row.active
    assert await state(house, case.id) is S.LAPSED
    assert await house.rows("notes") == []
    assert not (await side(house, case.id)).kept.is_news  # nobody was asked, so that nobody failed to answer
    assert "note" not in await sam.say("hi")


async def test_a_case_that_closes_takes_its_question_along(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)

    await house.fener.staff.close(ana.row, case.id)

    assert rosa.row.active
    assert await state(house, case.id) is S.LAPSED
    assert await house.rows("notes") == []


async def test_three_at_a_time_and_the_lead_sees_them_all_while_each_receiver_sees_its_own(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    others = [await house.caseworker("Eli", organisation=each) for each in (GARDEN, PONTE, "ba-demo-krov")]
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await offer(house, ana, case.id, to=GARDEN, queue="general")
    with pytest.raises(RefusedError, match=r"referral\.same"):
        await offer(house, ana, case.id)
    await offer(house, ana, case.id, to=PONTE, queue="legal")
    with pytest.raises(RefusedError, match=r"referral\.enough"):
        await offer(house, ana, case.id, to="ba-demo-krov", queue="legal")

    sides, received = await house.fener.staff.refer.of(ana.row, case.id)
    assert sorted(each.kept.to for each in sides) == sorted((WHEELS, GARDEN, PONTE))
    assert not received

    await read_question(sam)
    await sam.choose(YES)
    rows = [await case_at(house, each) for each in (WHEELS, GARDEN, PONTE)]
    [second] = [row for row in rows if row is not None]
    receiver = next(each for each in (rosa, *others) if each.organisation == second.organisation)
    assert await house.fener.staff.refer.of(receiver.row, second.id) == ([], True)
    with pytest.raises(RefusedError, match=r"case\.unknown"):
        await house.fener.staff.refer.of(receiver.row, case.id)


@pytest.mark.parametrize(
    ("to", "queue"),
    [
        (DEMO, "health"),  # their own
        (WHEELS, "legal"),  # a queue that it does not serve
        ("rs-demo-bridge", "complaints"),  # a complaint is no referral
        ("mk-demo-iskra", "legal"),  # nobody there has a key
        ("nobody-such", "general"),
    ],
)
async def test_only_who_can_take_it_now_can_be_asked(
    house: House, ana: Caseworker, rosa: Caseworker, to: str, queue: str
) -> None:
    bridge = await house.caseworker("Bo", organisation="rs-demo-bridge")
    case = await claimed(house, ana, house.person())

    with pytest.raises(RefusedError, match=r"referral\.receiver"):
        await offer(house, ana, case.id, to=to, queue=queue)

    assert bridge.row.active
    assert rosa.row.active
    assert await house.rows("notes") == []
    assert await house.rows("referrals") == []


async def test_only_who_leads_the_case_refers(house: House, ana: Caseworker, rosa: Caseworker) -> None:
    sam = house.person()
    await sam.hand_over()
    case = await house.case()

    with pytest.raises(RefusedError, match=r"referral\.claim"):
        await offer(house, ana, case.id)
    asked = await question(house, ana, case.id)
    stranger: StaffRow = replace(rosa.row)
    with pytest.raises(RefusedError, match=r"case\.unknown"):
        await house.fener.staff.refer(stranger, CaseId(case.id), to=DEMO, queue="general", question=asked)


async def test_nobody_is_referred_to_where_they_have_a_case_already_and_that_is_not_told(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, _ = await sent(house, ana, sam)
    await house.write("DELETE FROM referrals")  # as if that case were from long ago

    await offer(house, ana, case.id)
    said = await read_question(sam)

    assert rosa.row.active
    assert "separate team" not in said
    assert await house.rows("notes") == []
    assert await state(house, case.id) is S.OFFERED  # as of somebody who has not answered yet
    house.clock.move(days=14)
    await house.fener.purge()
    assert await state(house, case.id) is S.LAPSED
    assert (await side(house, case.id)).kept.reason == ""
    assert "There is a note" not in await sam.say("hi")


async def test_sogiesc_towards_an_organisation_that_is_not_lgbtiq_is_said_so(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id, fields=(("sogiesc", "a trans woman"),))

    asked = await read_question(sam)

    assert rosa.row.active
    assert "a trans woman" in asked
    assert "not one of your community" in asked


async def test_every_change_is_in_the_audit_of_who_refers_without_a_word(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    _, second = await sent(house, ana, sam)
    await house.fener.staff.claim(rosa.row, second.id)
    await rosa.reply(second.id, "Come on Monday")
    await house.fener.staff.close(rosa.row, second.id)

    told = [each for each in await events(house) if each.startswith("referral.")]
    assert told == ["referral.offered", "referral.sent", "referral.accepted", "referral.done"]
    assert not [each for each in await events(house, WHEELS) if each.startswith("referral.")]
    assert "doctor" not in str(await house.rows("audit"))
    lines = [bytes(row["line"]).decode() for row in await house.rows("audit")]  # type: ignore[call-overload]
    referrals = [line for line in lines if '"event":"referral.' in line]
    assert len(referrals) == len(told)
    assert all('"case":""' in line for line in referrals)


async def test_a_writer_of_the_database_cannot_say_yes_or_change_who_receives(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    await house.caseworker("Eli", organisation=GARDEN)
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await offer(house, ana, case.id, to=GARDEN, queue="general")
    rows = await house.rows("referrals")

    first, second = rows
    await house.write("UPDATE referrals SET sealed = :s WHERE id = :i", s=second["sealed"], i=first["id"])
    await house.write("UPDATE referrals SET sealed = :s WHERE id = :i", s=b"yes" * 200, i=second["id"])

    said = await sam.say("hello again")
    assert rosa.row.active
    assert "There is a note" not in said
    assert await case_at(house, WHEELS) is None
    assert await case_at(house, GARDEN) is None


async def test_a_writer_of_the_database_who_puts_an_earlier_state_back_sends_nothing(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    """Even with the note that was answered put back beside it: the person is asked again, and nothing more."""
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    [before] = await house.rows("referrals")
    [note] = await house.rows("notes")
    await read_question(sam)
    await sam.choose("No")

    back = "UPDATE referrals SET sealed = :s WHERE id = :i"
    await house.write(back, s=before["sealed"], i=before["id"])
    assert "There is a note" not in await sam.say("hello")
    columns = ", ".join(f'"{name}"' for name in note)
    values = ", ".join(f":{name}" for name in note)
    await house.write(f"INSERT INTO notes ({columns}) VALUES ({values})", **note)
    await house.restart()

    assert "is a separate team" in await read_question(sam)
    assert rosa.row.active
    assert await case_at(house, WHEELS) is None
    await sam.choose(YES)
    assert await case_at(house, WHEELS) is not None

    await house.write(back, s=before["sealed"], i=before["id"])
    await sam.say("hello again")
    assert await case_at(house, WHEELS) is not None
    house.clock.move(days=14)
    await house.fener.purge()
    assert await case_at(house, WHEELS) is not None


async def test_a_question_without_its_row_and_a_row_without_its_question_ask_nobody(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    asked = await question(house, ana, case.id)
    await house.fener.staff.reply(ana.row, CaseId(case.id), asked)  # signed, and offered to nobody
    assert rosa.row.active
    assert "There is a note" not in await sam.say("hello")

    await offer(house, ana, case.id)
    await house.write("DELETE FROM notes")
    assert "There is a note" not in await sam.say("hello")


async def test_the_database_alone_does_not_say_that_two_cases_belong_together(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)
    rows = await house.rows("referrals")

    assert rosa.row.active
    assert {row["case"] for row in rows} == {case.id, second.id}
    assert len({len(bytes(row["sealed"])) for row in rows}) == 1  # type: ignore[call-overload]
    for row in rows:
        other = next(each for each in rows if each["id"] != row["id"])
        for seen in (str(other["id"]), str(other["case"]), WHEELS, DEMO, "sent"):
            assert seen.encode() not in bytes(row["sealed"])  # type: ignore[call-overload]


@pytest.mark.parametrize("lost", ["its session was not saved", "all memory is lost"])
async def test_a_yes_that_comes_again_after_a_failure_opens_one_case_and_says_its_code_words(
    house: House, ana: Caseworker, rosa: Caseworker, lost: str
) -> None:
    flaky = FlakySessions(MemorySessions(house.clock.monotonic))
    await house.restart(sessions=flaky)
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await read_question(sam)
    delivery = sam.delivery(number_of(YES, sam.heard[-1]))
    flaky.fails = True
    with pytest.raises(StorageError):
        await sam.take(delivery)
    flaky.fails = False
    second = await case_at(house, WHEELS)
    assert second is not None
    if lost == "all memory is lost":
        await house.restart()

    for _ in range(2):
        await sam.take(delivery)
        assert second.designation in sam.heard[-1]
        assert "This question is over" not in sam.heard[-1]

    assert rosa.row.active
    assert await case_at(house, WHEELS) == second
    assert [each for each in await events(house) if each == "referral.sent"] == ["referral.sent"]
    if lost != "all memory is lost":
        words = [each.text for each in (await ana.read(case.id))[1] if each.kind == "message"]
        assert words == ["hello again"]  # what was written before the note, and once


async def test_a_question_that_was_over_before_it_was_answered_opens_nothing(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await read_question(sam)
    await house.write("DELETE FROM referrals")

    assert "This question is over." in await sam.choose(YES)
    assert rosa.row.active
    assert await case_at(house, WHEELS) is None


async def test_a_question_that_ends_in_the_very_moment_of_a_yes_opens_nothing(
    house: House, ana: Caseworker, rosa: Caseworker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await read_question(sam)
    asked = AnswerReferral._asked

    async def then_it_ends(refer: AnswerReferral, known: Known | None, sequence: int) -> Side | None:
        await house.fener.staff.claim._follow._kept.move(await side(house, case.id), S.LAPSED)
        return await asked(refer, known, sequence)

    delivery = sam.delivery(number_of(YES, sam.heard[-1]))
    with monkeypatch.context() as in_between:
        in_between.setattr(AnswerReferral, "_asked", then_it_ends)
        with pytest.raises(ConflictError, match=r"referral\.changed"):
            await sam.take(delivery)
    await sam.take(delivery)

    assert "This question is over." in sam.heard[-1]
    assert rosa.row.active
    assert await case_at(house, WHEELS) is None


async def test_what_changes_while_a_person_reads_how_it_stands_is_news_again(
    house: House, ana: Caseworker, rosa: Caseworker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)
    await house.fener.staff.claim(rosa.row, second.id)
    await sam.say("hi")
    told = AnswerReferral.told

    async def after_it_was_given_back(refer: AnswerReferral, known: Known) -> None:
        await house.fener.staff.refer.send_back(rosa.row, second.id, "full")
        await told(refer, known)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(AnswerReferral, "told", after_it_was_given_back)
        assert "has your request now" in await sam.choose("Read")

    assert await state(house, case.id) is S.DECLINED
    assert "There is a note" in await sam.say("note")
    assert "cannot take your request" in await sam.choose("Read")
    house.clock.move(hours=1)
    assert "There is a note" not in await sam.say("hi")


async def test_in_a_live_chat_the_person_hears_that_there_is_a_question_and_not_which(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)

    assert await offer(house, ana, case.id)

    assert rosa.row.active
    assert "There is a question for you, too." in house.messenger.heard
    assert not any(words in house.messenger.heard for _, words in FIELDS)
    assert "Wheels" not in house.messenger.heard


async def test_where_silence_was_chosen_a_question_says_nothing_by_itself(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    await sam.hand_over()
    await sam.choose("How answers arrive")
    await sam.choose("Only when I write note")
    case = await house.fener.staff.claim(ana.row, (await house.case()).id)

    assert not await offer(house, ana, case.id)
    house.clock.move(hours=1)
    assert "note" not in await sam.say("hi")

    await sam.say("note")
    assert "is a separate team" in await sam.choose("Read")
    await sam.choose(YES)
    second = await case_at(house, WHEELS)
    assert second is not None
    assert not await house.route(second.id)
    await rosa.reply(second.id, "We are the doctors")
    assert house.messenger.heard == ""
    house.clock.move(hours=1)
    assert "note" not in await sam.say("hi")
    assert house.messenger.heard == ""


async def test_a_question_survives_a_new_epoch_and_a_return_code(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await sam.say("return code")
    code = re.sub(r"\D", "", (await sam.choose("Make")).partition("return code:")[2])[:24]
    await offer(house, ana, case.id)
    house.clock.move(days=10)
    await rosa.work_again()
    await ana.work_again()
    kim = house.person("99887")

    said = await kim.say(code)
    assert "There is a note" in said
    assert "is a separate team" in await kim.choose("Read")
    await kim.choose(YES)

    assert await state(house, case.id) is S.SENT
    assert await case_at(house, WHEELS) is not None


async def test_a_reminder_of_a_pause_leads_back_through_the_question_whether_now_is_a_good_time(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await read_question(sam)
    house.clock.move(minutes=20)

    said = await sam.say("1")

    assert rosa.row.active
    assert "Is now a good time?" in said
    assert await state(house, case.id) is S.OFFERED


async def test_what_a_failure_kept_from_being_told_is_told_within_the_hour(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case, second = await sent(house, ana, sam)
    [row] = [each for each in await house.rows("referrals") if each["case"] == case.id]

    await house.fener.staff.claim(rosa.row, second.id)
    await house.write("UPDATE referrals SET sealed = :s WHERE id = :i", s=row["sealed"], i=row["id"])
    house.clock.move(days=8)
    await house.fener.purge()
    assert await state(house, case.id) is S.ACCEPTED
    assert await case_at(house, WHEELS) is not None

    [row] = [each for each in await house.rows("referrals") if each["case"] == case.id]
    await rosa.work_again()
    await rosa.reply(second.id, "Come on Monday")
    await house.fener.staff.close(rosa.row, second.id)
    await house.write("UPDATE referrals SET sealed = :s WHERE id = :i", s=row["sealed"], i=row["id"])
    await house.fener.purge()
    assert await state(house, case.id) is S.DONE


async def test_an_lgbtiq_organisation_is_told_without_that_line(house: House, ana: Caseworker) -> None:
    eli = await house.caseworker("Eli", organisation="pt-demo-farol")
    sam = house.person()
    case = await claimed(house, ana, sam)
    await offer(
        house, ana, case.id, to="pt-demo-farol", queue="legal", fields=(("sogiesc", "a trans woman"),)
    )

    asked = await read_question(sam)

    assert eli.row.active
    assert "a trans woman" in asked
    assert "not one of your community" not in asked


async def test_a_complaint_is_referred_nowhere(house: House) -> None:
    ivo = await house.founded(OTHER)
    ana = await house.caseworker("Ana")
    rosa = await house.caseworker("Rosa", organisation=WHEELS)
    sam = house.person()
    await sam.hand_over()
    await complain(sam)
    complaint = await case_at(house, OTHER)
    assert complaint is not None
    await house.fener.staff.claim(ivo.row, complaint.id)

    with pytest.raises(RefusedError, match=r"referral\.complaint"):
        await offer(house, ivo, complaint.id)

    assert ana.row.active
    assert rosa.row.active
    assert await house.rows("referrals") == []


async def test_somebody_who_erased_their_conversation_is_asked_nothing(
    house: House, ana: Caseworker, rosa: Caseworker
) -> None:
    sam = house.person()
    case = await claimed(house, ana, sam)
    asked = await question(house, ana, case.id)
    await sam.say("erase")
    await sam.choose("Yes")

    with pytest.raises(RefusedError, match=r"case\.unreachable"):
        await house.fener.staff.refer(ana.row, case.id, to=WHEELS, queue="health", question=asked)

    assert rosa.row.active
    assert await house.rows("referrals") == []
    assert await house.rows("notes") == []


async def receivers(house: House, ana: Caseworker) -> list[str]:
    return [each.organisation for each in await house.fener.staff.refer.receivers(ana.row)]


@pytest.mark.parametrize(
    "why", ["a state body", "a consulate by its name", "away until next month", "no new cases"]
)
async def test_nobody_is_referred_to_who_gets_no_new_case(
    house: House, ana: Caseworker, rosa: Caseworker, why: str
) -> None:
    """A state body has a question of its own at a handoff, and a caseworker cannot ask it in the person's place."""
    assert rosa.row.active
    assert WHEELS in await receivers(house, ana)
    sam = house.person()
    await offer(house, ana, (await claimed(house, ana, sam)).id)
    directory = house.library.directory
    organisation = directory.organisations[WHEELS]
    if why == "a state body":
        organisation = replace(organisation, kind="state")
    elif why == "a consulate by its name":
        organisation = replace(organisation, name={"en": "Demo Consulate"})
    away = date(2026, 12, 1) if why == "away until next month" else None
    most = 0 if why == "no new cases" else None
    members = tuple(
        replace(each, paused_until=away, most_open=most) if each.organisation == WHEELS else each
        for each in directory.network.members
    )
    network = replace(directory.network, members=members)
    organisations = {**directory.organisations, WHEELS: organisation}
    changed = replace(directory, organisations=organisations, network=network)
    house.library = replace(house.library, directory=changed, prepared=[])
    await house.restart()

    assert WHEELS not in await receivers(house, ana)
    if why in {"a state body", "a consulate by its name"}:  # asked before it became one: never sent any more
        assert "separate team" not in await read_question(sam)
