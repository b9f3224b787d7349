"""A return code takes a conversation to another phone, number or channel: once, whole, and nothing else does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.handoff.return_code import find_return_code, return_code
from bot.usecases.code_tries import AN_HOUR
from tests.usecases.house import Caseworker, House, Person, designation_in

BED = "We have a bed for you"
GATE = "Is now a good time?"
WORKED = "It worked"
REFUSED = "This code does not work here"
STRANGERS = return_code(bytes(range(16)))
"""A code that nobody made."""


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


@pytest.fixture
async def sam(house: House, ana: Caseworker) -> Person:  # somebody must be on duty
    person = house.person()
    await person.hand_over()
    return person


@pytest.fixture
def new_phone(house: House) -> Person:
    return house.person("whatsapp:+381600000001", channel="whatsapp")


async def code_of(person: Person) -> str:
    """The code that a person with an open case makes."""
    await person.say("return code")
    told = await person.choose("Make a code")
    found = find_return_code(told.partition("\n")[0])
    assert found is not None
    return found.code


# --- it moves -------------------------------------------------------------------------------------------


async def test_who_types_the_code_on_another_channel_has_the_case_there_and_not_here_any_more(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    before = await house.case()
    code = await code_of(sam)
    moved = await new_phone.say(code)
    after = await house.case()
    await new_phone.say("I write from here now")

    assert WORKED in moved
    assert (after.id, after.designation) == (before.id, before.designation)
    assert {after.pseudonym, after.mailbox_public, after.salt}.isdisjoint(
        {before.pseudonym, before.mailbox_public, before.salt}
    )
    assert await house.rows("return_codes") == []
    _, messages = await ana.read(after.id)
    assert [(each.kind, each.text) for each in messages] == [
        ("moved", ""),
        ("message", "I write from here now"),
    ]
    assert messages[0].mailbox_public == after.mailbox_public
    assert "open conversation" not in await sam.say("9")
    assert designation_in((await new_phone.say("9")).replace("Its name", "is called")) == after.designation


async def test_the_way_back_to_the_old_chat_is_destroyed_and_answers_go_to_the_new_one(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    case = (await house.case()).id
    code = await code_of(sam)
    assert await house.route(case)
    await new_phone.say(code)
    route = await house.fener.memory.routes.find(case)

    assert route is not None
    assert route.channel == "whatsapp"
    await sam.say("hello?")
    await sam.say("0")
    assert (await ana.reply(case, BED)).delivered
    assert GATE not in await sam.say("hello?")


async def test_an_answer_that_waited_for_the_old_phone_is_read_on_the_new_one(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    case = (await house.case()).id
    await house.restart()
    await ana.reply(case, BED)

    asked = await new_phone.say(code)
    another = house.person("3", channel="simulator")
    await new_phone.choose("Later")
    second = await code_of(new_phone)  # twice moved, and still not lost
    await another.say(second)
    read = await another.choose("Read")
    await another.say("thank you")

    assert GATE in asked
    assert BED not in asked
    assert BED in read
    assert await house.rows("notes") == []
    await ana.reply(case, "And breakfast")
    assert "And breakfast" not in "".join(sam.heard + new_phone.heard)


async def test_the_check_word_and_silence_move_with_the_case(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    await sam.choose("How answers arrive")
    await sam.choose("Ask for a check word")
    await sam.say("lavender")
    await sam.say("return code")
    asked = await sam.choose("Make a code")
    typed = find_return_code((await sam.say("lavender")).partition("\n")[0])
    assert "check word" in asked
    assert typed is not None
    code = typed.code
    case = (await house.case()).id
    await house.restart()
    await ana.reply(case, BED)

    await new_phone.say(code)
    asked = await new_phone.choose("Read")
    wrong = await new_phone.say("rosemary")
    read = await new_phone.say("lavender")

    assert "check word" in asked
    assert "Tries left: 2" in wrong
    assert BED in read


async def test_a_first_message_that_is_a_code_goes_on_in_the_language_of_the_case(
    house: House, ana: Caseworker, new_phone: Person
) -> None:
    assert ana.row.active
    sam = house.person()
    for text in ("hi", "2", "1", "9"):
        await sam.say(text)
    await sam.say("3")
    await sam.say("da")
    await sam.say("Spavam na stanici")
    case = await house.case()
    assert case.language == "sr"
    await sam.say("povratni kod")
    await sam.say("1")
    found = find_return_code(next(text for text in reversed(sam.heard) if find_return_code(text)))
    assert found is not None

    assert "sledeće poruke" in await new_phone.say(found.code)


# --- it does not ----------------------------------------------------------------------------------------


async def test_a_wrong_a_used_a_replaced_a_lapsed_and_a_closed_cases_code_all_hear_the_same(
    house: House, ana: Caseworker, sam: Person
) -> None:
    strangers = [house.person(str(number)) for number in range(5)]
    heard = [await strangers[0].say(STRANGERS)]
    replaced = await code_of(sam)
    used = await code_of(sam)
    heard.append(await strangers[1].say(replaced))
    phone = house.person("9")
    assert WORKED in await phone.say(used)
    heard.append(await strangers[2].say(used))
    lapsed = await code_of(phone)
    house.clock.move(days=29, hours=23)
    await ana.work_again()
    await phone.say("still here")
    house.clock.move(hours=2)
    heard.append(await strangers[3].say(lapsed))
    closed = await code_of(phone)  # nothing waits, so that the case ends at once
    await house.fener.staff.close(await ana.fresh_row(), (await house.case()).id)
    heard.append(await strangers[4].say(closed))

    assert REFUSED in heard[0]
    assert len(set(heard)) == 1
    assert await house.rows("return_codes") == []


async def test_a_code_outlives_the_turn_of_an_epoch_and_no_longer_than_its_thirty_days(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    house.clock.move(days=15)
    await ana.work_again()
    await sam.say("still here")
    house.clock.move(days=14)
    await ana.work_again()
    await sam.say("and still")
    row = await house.case()

    assert WORKED in await new_phone.say(code)
    assert (await house.case()).id == row.id


async def test_who_has_a_case_here_already_is_told_so_and_nothing_changes(
    house: House, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    before = await house.rows("cases")
    await new_phone.hand_over("Another matter")
    both = await house.rows("cases")

    assert "already" in await new_phone.say(code)
    assert "already" in await sam.say(code)
    assert await house.rows("cases") == both
    assert len(both) == len(before) + 1
    assert WORKED in await house.person("3").say(code)


async def test_on_a_phone_whose_case_is_silent_a_code_says_nothing_of_it(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert ana.row.active
    await sam.choose("How answers arrive")
    await sam.choose("Only when I write note")
    await house.restart()
    code = STRANGERS
    stranger = house.person("3")

    assert await sam.say(code) == await stranger.say(code)


async def test_tries_are_limited_and_then_a_right_code_is_refused_without_saying_that_it_is_right(
    house: House, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    for _ in range(AN_HOUR):
        assert REFUSED in await new_phone.say(STRANGERS)

    over = await new_phone.say(STRANGERS)
    right = await new_phone.say(code)
    house.clock.move(hours=1)

    assert "not possible right now" in over
    assert right == over
    assert WORKED in await new_phone.say(code)


async def test_a_mistyped_code_costs_no_try(house: House, sam: Person, new_phone: Person) -> None:
    code = await code_of(sam)
    for _ in range(AN_HOUR + 1):
        assert REFUSED in await new_phone.say(code[:-1] + str((int(code[-1]) + 1) % 10))

    assert WORKED in await new_phone.say(code)
    assert await house.rows("return_codes") == []


# --- once -----------------------------------------------------------------------------------------------


async def test_two_phones_that_type_one_code_at_once_do_not_both_have_the_case(
    house: House, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    other = house.person("3")

    heard = await asyncio.gather(new_phone.say(code), other.say(code))

    assert sorted(WORKED in each for each in heard) == [False, True]
    assert sum(each["direction"] == "in" for each in await house.rows("envelopes")) == 2


async def test_a_redelivery_moves_nothing_again_neither_in_the_chat_nor_after_a_power_cut(
    house: House, sam: Person, new_phone: Person
) -> None:
    typed = new_phone.delivery(await code_of(sam))
    first = await new_phone.take(typed)
    moved = await house.rows("cases")

    again = await new_phone.take(typed)
    await house.restart()
    later = await new_phone.take(typed)

    assert (again.repeated, again.message) == (True, first.message)
    assert later.repeated
    assert designation_in(new_phone.heard[-1].replace("Its name", "is called"))
    assert await house.rows("cases") == moved


async def test_what_was_typed_as_a_code_goes_into_no_case_and_is_not_remembered(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await sam.say(f"my code is {STRANGERS}")
    await sam.say(STRANGERS.replace(" ", "-"))
    await sam.say(STRANGERS[:-1])

    _, messages = await ana.read((await house.case()).id)
    assert messages == []
    await sam.say(f"I want to die {STRANGERS}")
    _, messages = await ana.read((await house.case()).id)
    assert [each.text for each in messages] == ["I want to die"]


# --- the end of a code ----------------------------------------------------------------------------------


async def erased(house: House, ana: Caseworker, sam: Person) -> None:
    await house.fener.staff.claim(await ana.fresh_row(), (await house.case()).id)
    await sam.say("erase")
    await sam.choose("Yes, erase")


async def closed(house: House, ana: Caseworker, sam: Person) -> None:
    assert sam.heard
    await house.fener.staff.close(await ana.fresh_row(), (await house.case()).id)


async def closed_and_read(house: House, ana: Caseworker, sam: Person) -> None:
    await answered_and_closed(house, ana)
    assert GATE in await sam.say("hello?")
    assert BED in await sam.choose("Read")
    await sam.say("thank you")
    assert [each["pseudonym"] for each in await house.rows("cases")] == [None]


async def asked_to_close(house: House, ana: Caseworker, sam: Person) -> None:
    await house.fener.staff.claim(await ana.fresh_row(), (await house.case()).id)
    await sam.say("9")
    await sam.choose("Take it back")
    await sam.choose("Yes")


async def taken_back(house: House, ana: Caseworker, sam: Person) -> None:
    assert ana.row.active
    assert (await house.case()).status == "waiting"
    await sam.say("9")
    await sam.choose("Take it back")
    await sam.choose("Yes")


async def answered_and_closed(house: House, ana: Caseworker) -> None:
    case = (await house.case()).id
    await house.restart()
    await ana.reply(case, BED)  # an answer waits, so that the case stays tied to the person
    await house.fener.staff.close(await ana.fresh_row(), case)


async def test_the_last_answer_of_a_closed_case_is_read_on_the_new_phone_and_then_nothing_is_left(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    await answered_and_closed(house, ana)

    moved = await new_phone.say(code)

    assert WORKED in moved
    assert "This request is closed." in moved
    assert GATE in moved
    assert BED in await new_phone.choose("Read")
    assert GATE not in await sam.say("hello?")
    await new_phone.say("thank you")
    assert [each["pseudonym"] for each in await house.rows("cases")] == [None]
    assert await house.rows("return_codes") == []
    assert await house.rows("notes") == []
    assert REFUSED in await house.person("7").say(code)


async def test_a_last_answer_that_nobody_may_speak_of_waits_for_its_word_on_the_new_phone(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    await sam.choose("How answers arrive")
    await sam.choose("Only when I write note")
    await sam.say("person")
    code = await code_of(sam)
    await answered_and_closed(house, ana)

    moved = await new_phone.say(code)

    assert "To read it, write: note" in moved
    assert GATE not in moved
    assert GATE in await new_phone.say("note")
    assert BED in await new_phone.choose("Read")


async def test_what_a_closed_case_leaves_comes_beside_an_open_one(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    await answered_and_closed(house, ana)
    await ana.work_again()
    await new_phone.hand_over("Another matter")

    assert WORKED in await new_phone.say(code)
    assert BED in await new_phone.choose("Read")
    said = await new_phone.say("one more thing")
    assert "Added, locked" in said
    assert BED not in said


@pytest.mark.parametrize("end", [erased, closed, closed_and_read, asked_to_close, taken_back])
async def test_a_code_goes_with_what_it_is_for(
    house: House,
    ana: Caseworker,
    sam: Person,
    new_phone: Person,
    end: Callable[[House, Caseworker, Person], Awaitable[None]],
) -> None:
    code = await code_of(sam)
    assert len(await house.rows("return_codes")) == 1

    await end(house, ana, sam)

    assert await house.rows("return_codes") == []
    assert REFUSED in await new_phone.say(code)


async def test_the_hourly_job_deletes_a_code_that_nobody_used(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert ana.row.active
    await code_of(sam)
    house.clock.move(days=29)
    await house.fener.purge()
    assert len(await house.rows("return_codes")) == 1
    house.clock.move(days=1)

    await house.fener.purge()

    assert await house.rows("return_codes") == []


async def test_a_code_ends_when_whatsapp_calls_the_same_person_by_another_id(
    house: House, ana: Caseworker, new_phone: Person
) -> None:
    assert ana.row.active
    number = "whatsapp:+381600000002"
    await house.person(number, channel="whatsapp").hand_over()
    renamed = house.person("whatsapp:RS.1349", channel="whatsapp", also=number)
    code = await code_of(house.person(number, channel="whatsapp"))

    await renamed.say("hello")

    assert await house.rows("return_codes") == []
    assert REFUSED in await new_phone.say(code)


# --- somebody who writes the database -------------------------------------------------------------------


CHANGES = (
    'UPDATE return_codes SET "case" = (SELECT id FROM cases WHERE id <> "case")',
    "UPDATE return_codes SET hour = hour + 1",
    "UPDATE return_codes SET sealed = zeroblob(60)",
    "UPDATE return_codes SET epoch = epoch - 1",
    "UPDATE return_codes SET mac = zeroblob(32)",
)


async def test_a_code_that_somebody_wrote_to_moves_nothing(
    house: House, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    await house.person("4").hand_over("Another matter")
    before = await house.rows("cases")
    [kept] = await house.rows("return_codes")

    for change in CHANGES:
        await house.write(change)
        assert REFUSED in await new_phone.say(code), change
        await house.write("DELETE FROM return_codes")
        await put_back(house, kept)

    assert await house.rows("cases") == before
    assert WORKED in await new_phone.say(code)


async def put_back(house: House, row: dict[str, object]) -> None:
    names, values = (", ".join(form.format(name) for name in row) for form in ('"{}"', ":{}"))
    await house.write(f"INSERT INTO return_codes ({names}) VALUES ({values})", **row)  # column names


async def test_a_used_code_that_was_put_back_does_not_bring_the_case_back(
    house: House, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    [used] = await house.rows("return_codes")
    await new_phone.say(code)
    back = await code_of(new_phone)
    assert WORKED in await sam.say(back)  # under the first address again
    await put_back(house, used)

    assert REFUSED in await house.person("5").say(code)


async def test_where_nobody_of_the_team_could_read_of_it_nothing_moves_and_the_code_still_works(
    house: House, ana: Caseworker, sam: Person, new_phone: Person
) -> None:
    code = await code_of(sam)
    before = await house.rows("cases")
    house.clock.move(days=22)  # the week's keys of the team have lapsed

    assert "not possible right now" in await new_phone.say(code)
    assert await house.rows("cases") == before
    await ana.work_again()
    assert WORKED in await new_phone.say(code)
