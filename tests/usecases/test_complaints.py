"""A complaint beside an open case: a case of its own, elsewhere, and neither knows of the other."""

import asyncio
from dataclasses import replace

import pytest

from bot.flow import effects
from bot.kernel.audit import complaints_chain
from bot.kernel.errors import ConflictError, RefusedError
from bot.kernel.ids import CaseId
from bot.ports import CaseRow
from bot.storage.cases import SqlCaseDesk
from bot.usecases.open_case import OpenCase
from bot.usecases.recognise_person import case_name
from tests.usecases.house import DEMO, OTHER, Caseworker, House, Person, designation_in

GATE = "There is a note. Is now a good time?"
WRONG = "A man who brings food asked me for a favour"


@pytest.fixture
async def ivo(house: House) -> Caseworker:
    """The lead of the organisation that takes complaints about helpers."""
    return await house.founded(OTHER)


@pytest.fixture
async def ana(house: House, ivo: Caseworker) -> Caseworker:
    assert ivo.row.active
    return await house.caseworker("Ana")


async def complain(sam: Person, words: str = WRONG) -> str:
    """From wherever the conversation is to a queued complaint; what is said about it."""
    await sam.say("menu")
    for label in ("Tell us / complain", "I want to tell you something", "Someone did wrong"):
        await sam.choose(label)
    await sam.choose("Someone who helps")
    assert "Harbour Demo Association" in await sam.choose("Go on")
    await sam.choose("Yes")
    return await sam.say(words)


async def open_case(house: House, organisation: str) -> CaseRow:
    [row] = await SqlCaseDesk(house.fener.database).waiting(organisation)
    return row


async def words_of(worker: Caseworker, case: str) -> str:
    summary, messages = await worker.read(case)
    return "\n".join((summary.note, *(message.text for message in messages)))


async def both(house: House) -> tuple[Person, CaseId, CaseId]:
    """Somebody with an ordinary case and a complaint, both made in this conversation."""
    sam = house.person()
    await sam.hand_over()
    await complain(sam)
    return sam, (await open_case(house, DEMO)).id, (await open_case(house, OTHER)).id


async def test_a_complaint_reaches_the_independent_team_alone_and_the_case_goes_on(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam, ordinary, complaint = await both(house)
    row = await open_case(house, DEMO)
    said = sam.heard[-1]
    assert designation_in(said) != row.designation
    assert "This stays apart from your other conversation." in said
    assert WRONG in await words_of(ivo, complaint)
    assert "favour" not in await words_of(ana, ordinary)

    asked = await sam.say("I am still at the station")
    assert "Who is this for? It was not sent yet." in asked
    assert "Added, locked, for Lantern Demo Centre." in await sam.choose(row.designation)

    assert "I am still at the station" in await words_of(ana, ordinary)
    assert "station" not in (await words_of(ivo, complaint)).replace(WRONG, "")
    assert await open_case(house, OTHER) != row


async def test_words_for_the_complaint_go_there_and_nowhere_else(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam, ordinary, complaint = await both(house)
    code = (await open_case(house, OTHER)).designation
    before = await words_of(ana, ordinary)

    await sam.say("It happened on Monday")
    assert "to your complaint at Harbour Demo Association. Only they get it." in await sam.choose(code)
    await sam.say("and on Tuesday")

    assert "It happened on Monday\nand on Tuesday" in await words_of(ivo, complaint)
    assert await words_of(ana, ordinary) == before


async def test_answers_of_both_find_the_person_one_after_the_other(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam, ordinary, complaint = await both(house)
    await house.restart()
    await ana.reply(ordinary, "We have a bed")
    await ivo.reply(complaint, "We look into it")

    first = await sam.say("hello?")
    bed = await sam.choose("Read")
    second = await sam.say("thank you")
    looked_into = await sam.choose("Read")

    assert GATE in first
    assert GATE in second
    assert first == second
    assert "We have a bed" in bed
    assert "We look into it" not in bed
    assert "Harbour" not in bed.partition("Who is this for?")[0]
    assert "We look into it" in looked_into
    assert "We have a bed" not in looked_into
    await sam.say("sos")
    assert await house.rows("notes") == []


async def test_in_a_live_chat_the_answer_of_those_written_to_comes_by_itself_and_the_others_waits(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    """Otherwise what the person writes back would go to the wrong ones."""
    sam, ordinary, complaint = await both(house)
    assert await house.route(ordinary)
    assert await house.route(complaint)
    await sam.say("person")
    await sam.choose((await open_case(house, DEMO)).designation)

    assert (await ana.reply(ordinary, "Hello, Ana here")).delivered
    assert not (await ivo.reply(complaint, "We look into it")).delivered
    assert GATE in await sam.say("I am glad")
    assert "We look into it" in await sam.choose("Read")


async def test_leaving_destroys_both_ways_back(house: House, ana: Caseworker) -> None:
    assert ana.row.active
    sam, ordinary, complaint = await both(house)
    await sam.say("0")

    assert not await house.route(ordinary)
    assert not await house.route(complaint)


async def test_a_check_word_of_one_case_says_nothing_about_the_other(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam = house.person()
    await sam.hand_over()
    await complain(sam)
    await sam.choose("How answers arrive")
    await sam.choose("Ask for a check word")
    await sam.say("lavender")
    ordinary, complaint = (await open_case(house, DEMO)).id, (await open_case(house, OTHER)).id
    await house.restart()
    await ivo.reply(complaint, "We look into it")
    await sam.say("hello?")
    await sam.choose("Read")
    for word in ("rose", "rosemary", "mint"):
        await sam.say(word)
    await house.restart()
    await ana.reply(ordinary, "We have a bed")

    await sam.say("hello?")
    assert "We have a bed" in await sam.choose("Read")
    assert "stays closed" in await sam.say("note")


async def test_a_new_epoch_moves_both(house: House, ana: Caseworker, ivo: Caseworker) -> None:
    sam, ordinary, complaint = await both(house)
    before = {row["id"]: row["epoch"] for row in await house.rows("cases")}
    for _ in range(2):
        house.clock.move(days=31)
        await house.restart()
        for worker in (ana, ivo):
            await worker.work_again()
        await sam.say("hi")
    after = {row["id"]: row["epoch"] for row in await house.rows("cases")}
    assert all(int(str(after[case])) > int(str(before[case])) + 1 for case in before)
    await house.restart()

    await ivo.reply(complaint, "We look into it")
    await ana.reply(ordinary, "We have a bed")
    await sam.say("hello?")
    assert "We have a bed" in await sam.choose("Read")
    assert GATE in await sam.say("hello?")
    assert "We look into it" in await sam.choose("Read")


async def test_a_number_that_became_another_id_keeps_both(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    """A complaint whose answer waits is not moved with the other case, and is found all the same."""
    number = house.person("+381600000001", channel="whatsapp")
    await number.hand_over()
    await complain(number)
    ordinary, complaint = (await open_case(house, DEMO)).id, (await open_case(house, OTHER)).id
    await house.restart()
    await ivo.reply(complaint, "We look into it")
    sam = house.person("RS.77001", channel="whatsapp", also="+381600000001")
    await sam.say("hello?")
    await sam.choose("Later")
    await house.restart()
    await ana.reply(ordinary, "We have a bed")

    assert GATE in await sam.say("hello?")
    heard = await sam.choose("Read")
    await sam.say("thank you")
    heard += await sam.choose("Read")

    assert "We have a bed" in heard
    assert "We look into it" in heard


async def test_closing_one_leaves_the_other_and_its_last_answer_still_comes(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam, ordinary, complaint = await both(house)
    await house.restart()
    await ivo.reply(complaint, "We look into it")
    await house.fener.staff.close(ivo.row, complaint)
    await sam.say("hello?")
    assert "We look into it" in await sam.choose("Read")

    assert "Added, locked, for Lantern Demo Centre." in await sam.say("I am here")

    assert "I am here" in await words_of(ana, ordinary)
    [loose] = [row for row in await house.rows("cases") if row["id"] == complaint]
    assert loose["pseudonym"] is None


async def test_erasing_takes_both_and_says_how_much(house: House, ana: Caseworker, ivo: Caseworker) -> None:
    sam, ordinary, complaint = await both(house)
    await house.fener.staff.claim(ana.row, ordinary)
    await house.restart()
    await ana.reply(ordinary, "We have a bed")
    await sam.say("erase")
    assert GATE in await sam.choose("Yes, erase")
    await sam.choose("Later")

    said = await sam.choose("Yes, erase")

    assert "Requests that nobody had opened, deleted: 1" in said
    assert "Requests that a helper has opened, no longer tied to you: 1" in said
    assert "The team is asked to delete what you sent." in said
    assert "Waiting answers deleted: 1" in said
    [left] = await house.rows("cases")
    assert left["id"] == ordinary
    assert left["pseudonym"] is None
    assert await house.rows("notes") == []
    assert (await ana.read(ordinary))[1][-1].kind == "erased"
    assert ivo.row.id
    assert "There is no note." in await sam.say("note")
    assert complaint not in {row["id"] for row in await house.rows("cases")}


async def test_two_claimed_cases_each_hear_that_the_person_erased(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    """The wish is one message of the person, and goes to both teams."""
    sam, ordinary, complaint = await both(house)
    await house.fener.staff.claim(ana.row, ordinary)
    await house.fener.staff.claim(ivo.row, complaint)
    await sam.say("erase")

    said = await sam.choose("Yes, erase")

    assert "no longer tied to you: 2" in said
    assert (await ana.read(ordinary))[1][-1].kind == "erased"
    assert (await ivo.read(complaint))[1][-1].kind == "erased"
    assert [row["pseudonym"] for row in await house.rows("cases")] == [None, None]


async def test_nothing_in_the_tables_joins_the_two(house: House, ana: Caseworker) -> None:
    assert ana.row.active
    await both(house)
    one, other = await house.rows("cases")

    for column in ("id", "pseudonym", "salt", "mailbox_public", "gate", "mac", "designation"):
        assert one[column] != other[column]
    assert len({str(row["digest"]) for row in await house.rows("seen")}) == len(await house.rows("seen"))


async def test_names_differ_by_kind_queue_and_organisation(house: House) -> None:
    key = house.fener.keys.epochs(house.clock.now()).current
    who = b"\x07" * 32

    names = [
        case_name(key, organisation, who, complaint)
        for organisation in (DEMO, OTHER)
        for complaint in ("", "psea", "complaints")
    ]

    assert len({name[at : at + 4] for name in names for at in range(29)}) == 29 * len(names)


async def test_one_organisation_can_have_both_and_never_two_of_one_kind(
    house: House, ana: Caseworker
) -> None:
    """Opened at once by several processes: one ordinary case, one complaint in each independent queue."""
    assert ana.row.active
    wanted = effects.OpenCase(
        organisation=DEMO,
        queue="legal",
        urgency="normal",
        language="en",
        need="",
        designation="",
        consent="to Lantern Demo Centre",
    )
    fener = house.fener
    opening: OpenCase = fener.turns._do._open_case

    async def opened(queue: str, number: int) -> str:
        this = replace(wanted, queue=queue, designation=f"amber heron{number}{queue}")
        try:
            return (await opening(this, fingerprint=b"\x07" * 32, messages=[f"{queue}{number}"])).queue
        except ConflictError as conflict:
            return conflict.code

    done = await asyncio.gather(
        *(opened(queue, number) for queue in ("legal", "general", "complaints") for number in range(3))
    )

    assert sorted(row["queue"] == "complaints" for row in await house.rows("cases")) == [False, True]
    assert done.count("case.already-open") == 7


async def test_an_ordinary_request_with_only_a_complaint_open_does_not_go_into_it(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam = house.person()
    for text in ("hi", "1", "1"):
        await sam.say(text)
    await complain(sam)
    complaint = (await open_case(house, OTHER)).id
    await house.restart()
    await sam.consent_from_person()
    await sam.say("I need papers")

    assert "I need papers" in await words_of(ana, (await open_case(house, DEMO)).id)
    assert "papers" not in await words_of(ivo, complaint)


async def test_a_quiet_case_is_kept_from_a_complaint_about_its_own_organisation(
    house: House, ana: Caseworker
) -> None:
    """Silence about a case must not let a complaint through to those who have it."""
    sam = house.person()
    await sam.hand_over()
    await sam.choose("How answers arrive")
    await sam.choose("Only when")
    await house.restart()
    for text in ("hi", "1", "1", "menu"):
        await sam.say(text)
    for label in ("Tell us / complain", "I want to tell you something", "Someone did wrong"):
        await sam.choose(label)
    await sam.choose("Police or a centre")

    said = await sam.choose("Go on")

    assert "Lantern" not in said
    assert ana.row.active
    assert len(await house.rows("cases")) == 1


async def complain_about_a_centre(sam: Person) -> str:
    """To where consent is asked; the text of the consent."""
    await sam.say("menu")
    for label in ("Tell us / complain", "I want to tell you something", "Someone did wrong"):
        await sam.choose(label)
    await sam.choose("Police or a centre")
    return await sam.choose("Go on")


async def test_where_no_other_organisation_can_take_it_a_complaint_goes_to_the_focal_point_alone(
    house: House,
) -> None:
    """And nobody else there learns of it: not from the queue, the case, the audit, its checkpoint or alarms."""
    ana = await house.caseworker("Ana")
    mina = await house.caseworker("Mina", role="caseworker")
    fay = await house.caseworker("Fay", role="focal-point")
    sam = house.person()
    await sam.hand_over()
    vouched = (await house.fener.vouch(DEMO)).now
    seen = await house.fener.staff.read.queue(ana.row)

    asked = await complain_about_a_centre(sam)
    assert "This will go to a person at Lantern Demo Centre" in asked
    assert (
        "Only the people for complaints at Lantern Demo Centre can open it. No one else there sees" in asked
    )
    assert "The team cannot see it. No other group can take it now. You can say No." in asked
    await sam.choose("Yes")
    await sam.say(WRONG)

    [complaint] = await house.fener.staff.read.queue(fay.row)
    assert complaint.queue == "complaints"
    assert WRONG in await words_of(fay, complaint.id)
    for other in (ana, mina):
        assert await house.fener.staff.read.queue(other.row) == seen
        for refused in (
            house.fener.staff.read(other.row, complaint.id),
            house.fener.staff.claim(other.row, complaint.id),
            house.fener.staff.close(other.row, complaint.id),
        ):
            with pytest.raises(RefusedError, match=r"case\.unknown"):
                await refused
    for _ in range(3):
        await fay.reply(complaint.id, "We look into it")
    assert (await house.fener.vouch(DEMO)).now == vouched
    assert (await house.fener.vouch(complaints_chain(DEMO))).now != vouched


async def test_a_focal_point_who_left_leaves_complaints_to_nobody_but_the_next_one(house: House) -> None:
    ana = await house.caseworker("Ana")
    fay = await house.caseworker("Fay", role="focal-point")
    sam = house.person()
    for text in ("hi", "1", "1"):
        await sam.say(text)
    assert "The team that you write with" not in await complain_about_a_centre(sam)
    await sam.choose("Yes")
    await sam.say(WRONG)
    [complaint] = await house.fener.staff.read.queue(fay.row)

    await house.fener.staff.duty.off(fay.row)
    house.clock.move(days=22)  # nobody renewed Fay's weekly key
    await ana.work_again()

    team = await house.fener.staffing.team(DEMO)
    assert team is not None
    assert team.recipients("complaints") == ()
    assert team.recipients("legal") != ()
    assert await house.fener.staff.read.queue(ana.row) == []
    stranger = house.person("88001")
    for text in ("hi", "1", "1"):
        await stranger.say(text)
    asked = await complain_about_a_centre(stranger)
    assert "This will go to" not in asked
    assert complaint.id in {row["id"] for row in await house.rows("cases")}


async def test_who_is_quiet_about_a_case_hears_nothing_of_it_where_the_focal_point_takes_the_complaint(
    house: House,
) -> None:
    ana = await house.caseworker("Ana")
    fay = await house.caseworker("Fay", role="focal-point")
    sam, stranger = house.person("88000"), house.person("88001")
    await sam.hand_over()
    await sam.choose("How answers arrive")
    await sam.choose("Only when")
    await house.restart()
    for each in (sam, stranger):
        for text in ("hi", "1", "1"):
            await each.say(text)

    assert await complain_about_a_centre(sam) == await complain_about_a_centre(stranger)
    await sam.choose("Yes")
    await sam.say(WRONG)

    assert len(await house.fener.staff.read.queue(fay.row)) == 1
    assert [row.queue for row in await house.fener.staff.read.queue(ana.row)] == ["legal"]


async def test_a_complaint_about_a_helper_stays_outside_whatever_focal_points_there_are(house: House) -> None:
    """The network does not let it inside: an organisation's own people never look into what their own people did."""
    await house.caseworker("Ana")
    fay = await house.caseworker("Fay", role="focal-point")
    directory = house.library.directory
    lantern = tuple(
        replace(each, queues=(*each.queues, "psea")) if each.organisation == DEMO else each
        for each in directory.network.members
    )
    changed = replace(directory, network=replace(directory.network, members=lantern))
    house.library = replace(house.library, directory=changed, prepared=[])
    await house.restart()
    sam, stranger = house.person("88000"), house.person("88001")
    await sam.hand_over()
    for text in ("hi", "1", "1"):
        await stranger.say(text)

    for person, reaches in ((stranger, True), (sam, False)):
        await person.say("menu")
        for label in (
            "Tell us / complain",
            "I want to tell you something",
            "Someone did wrong",
            "Someone who helps",
        ):
            await person.choose(label)
        assert ("This will go to a person at Lantern Demo Centre" in await person.choose("Go on")) is reaches

    assert await house.fener.staff.read.queue(fay.row) == []


async def test_while_now_is_not_a_good_time_for_one_answer_no_other_one_comes_by_itself(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam, ordinary, complaint = await both(house)
    await house.restart()
    await ana.reply(ordinary, "We have a bed for you")
    assert GATE in await sam.say("hello?")
    await sam.choose("Later")

    await ivo.reply(complaint, "We look into it")

    assert house.messenger.sent == []
    assert GATE in await sam.say("hello?")
    assert "We look into it" in await sam.choose("Read")


@pytest.mark.parametrize("chosen", ["Yes", "Emergency numbers", "Later"])
async def test_words_for_one_case_are_not_lost_because_another_was_declined_meanwhile(
    house: House, ana: Caseworker, ivo: Caseworker, chosen: str
) -> None:
    sam, ordinary, complaint = await both(house)
    await sam.say("for them")
    await sam.choose((await open_case(house, OTHER)).designation)
    await ana.decline(ordinary)

    assert GATE in await sam.say("I moved to the hostel")
    assert "cannot take this" in await sam.choose("Read")
    said = await sam.choose(chosen)

    assert "Added, locked, to your complaint" in said
    assert "I moved to the hostel" in await words_of(ivo, complaint)


async def test_a_command_that_waited_for_a_decline_goes_into_no_case(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam, ordinary, complaint = await both(house)
    await sam.say("for them")
    await sam.choose((await open_case(house, OTHER)).designation)
    await ana.decline(ordinary)

    assert GATE in await sam.say("help")
    await sam.choose("Read")
    assert "Added" not in await sam.choose("Emergency numbers")

    assert "help" not in await words_of(ivo, complaint)
