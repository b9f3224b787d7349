"""A return code where more than one case is open: one of them moves, and the others stay reachable where they are."""

from collections.abc import Sequence

import pytest

from bot.handoff.return_code import find_return_code
from tests.usecases.house import DEMO, OTHER, Caseworker, House, Person
from tests.usecases.test_complaints import both, complain, open_case

BED = "We have a bed for you"
GATE = "Is now a good time?"
WORKED = "It worked"
REFUSED = "This code does not work here"
LOOKING = "We look into it"


@pytest.fixture
async def ivo(house: House) -> Caseworker:
    return await house.founded(OTHER)


@pytest.fixture
async def ana(house: House, ivo: Caseworker) -> Caseworker:
    assert ivo.row.active
    return await house.caseworker("Ana")


@pytest.fixture
def new_phone(house: House) -> Person:
    return house.person("whatsapp:+381600000001", channel="whatsapp")


async def code_of(person: Person, of: str = "") -> str:
    """The digits; `of` are the code words of one of several conversations."""
    await person.say("return code")
    if of:
        await person.choose(of)
    told = await person.choose("Make a code")
    found = find_return_code(told.partition("\n")[0])
    assert found is not None
    return found.code


async def kinds(worker: Caseworker, case: str) -> Sequence[str]:
    return [message.kind for message in (await worker.read(case))[1]]


async def test_the_person_chooses_which_one_the_code_is_for_and_the_chat_says_so_again(
    house: House, ana: Caseworker
) -> None:
    assert ana.row.active
    sam, _, _ = await both(house)
    ordinary, complaint = await open_case(house, DEMO), await open_case(house, OTHER)

    asked = await sam.say("return code")
    about = await sam.choose(ordinary.designation)

    assert f"{ordinary.designation}: Lantern Demo Centre" in asked
    assert f"{complaint.designation}: " in asked
    assert f"{ordinary.designation}: Lantern Demo Centre" in about
    assert "What else is open stays on this phone." in about
    assert complaint.designation not in about
    assert "complaint" not in about


async def test_a_complaint_moves_alone_to_a_phone_that_has_a_request_of_its_own_and_says_how_it_stands(
    house: House, ana: Caseworker, ivo: Caseworker, new_phone: Person
) -> None:
    sam, ordinary, complaint = await both(house)
    code = await code_of(sam, (await open_case(house, OTHER)).designation)
    await house.fener.staff.claim(await ivo.fresh_row(), complaint)
    await house.restart()
    await ana.work_again()
    await new_phone.hand_over("Another matter")

    moved = await new_phone.say(code)
    said = await new_phone.say("it happened twice")

    assert "A helper at Harbour Demo Association has opened your message." in moved
    assert "to your complaint at Harbour Demo Association" in said
    assert await kinds(ivo, complaint) == ["moved", "message"]
    assert await kinds(ana, ordinary) == []
    await ana.reply(ordinary, BED)
    assert GATE in await sam.say("hello?")
    assert BED in await sam.choose("Read")


async def test_who_complains_hears_that_they_can_look_from_elsewhere_and_finds_the_last_answer_there(
    house: House, ana: Caseworker, ivo: Caseworker, new_phone: Person
) -> None:
    assert ana.row.active
    sam = house.person()
    for text in ("hi", "1", "1"):
        await sam.say(text)
    assert "from any phone" in await complain(sam)
    complaint = (await open_case(house, OTHER)).id
    code = await code_of(sam)
    await house.restart()
    await ivo.reply(complaint, LOOKING)
    await house.fener.staff.close(await ivo.fresh_row(), complaint)

    moved = await new_phone.say(code)

    assert "This request is closed." in moved
    assert LOOKING in await new_phone.choose("Read")
    assert GATE not in await sam.say("hello?")


async def test_the_ordinary_case_moves_and_the_complaint_stays_reachable_on_the_old_phone(
    house: House, ana: Caseworker, ivo: Caseworker, new_phone: Person
) -> None:
    sam, ordinary, complaint = await both(house)
    before = await open_case(house, OTHER)
    moved = await new_phone.say(await code_of(sam, (await open_case(house, DEMO)).designation))
    await new_phone.say("I write from here now")

    assert WORKED in moved
    assert "Harbour" not in moved
    assert await kinds(ana, ordinary) == ["moved", "message"]
    assert await kinds(ivo, complaint) == []
    assert await open_case(house, OTHER) == before
    await house.restart()
    await ana.reply(ordinary, BED)
    await ivo.reply(complaint, LOOKING)
    assert GATE in await sam.say("hello?")
    assert LOOKING in await sam.choose("Read")
    assert GATE in await new_phone.say("hello?")
    assert BED in await new_phone.choose("Read")
    await new_phone.say("thank you")
    assert BED not in "".join(sam.heard)
    assert LOOKING not in "".join(new_phone.heard)


async def test_leaving_on_the_old_phone_destroys_the_way_back_there_and_not_the_one_to_where_it_moved(
    house: House, ana: Caseworker, new_phone: Person
) -> None:
    sam, ordinary, complaint = await both(house)
    await new_phone.say(await code_of(sam, (await open_case(house, DEMO)).designation))
    assert await house.route(complaint)

    await sam.say("0")

    assert not await house.route(complaint)
    assert await house.route(ordinary)
    assert await kinds(ana, ordinary) == ["moved"]


async def test_a_complaint_that_is_all_somebody_has_moves_too(
    house: House, ana: Caseworker, ivo: Caseworker, new_phone: Person
) -> None:
    assert ana.row.active
    sam = house.person()
    await sam.say("hi")
    await sam.say("1")
    await sam.say("1")
    await complain(sam)
    complaint = (await open_case(house, OTHER)).id
    code = await code_of(sam)

    moved = await new_phone.say(code)
    said = await new_phone.say("it happened twice")

    assert "Your next messages go to your complaint at Harbour Demo Association." in moved
    assert "to your complaint at" in said
    assert await kinds(ivo, complaint) == ["moved", "message"]
    await house.restart()
    await ivo.reply(complaint, LOOKING)
    assert GATE not in await sam.say("hello?")
    assert GATE in await new_phone.say("hello?")


async def test_a_complaint_on_the_new_phone_is_in_nobodys_way_and_is_not_spoken_of(
    house: House, ana: Caseworker, ivo: Caseworker, new_phone: Person
) -> None:
    sam = house.person()
    await sam.hand_over()
    ordinary = (await open_case(house, DEMO)).id
    for text in ("hi", "1", "1"):
        await new_phone.say(text)
    await complain(new_phone)
    complaint = (await open_case(house, OTHER)).id
    await house.restart()

    moved = await new_phone.say(await code_of(sam))
    await new_phone.say("I write from here now")

    assert WORKED in moved
    assert "complaint" not in moved
    assert "Harbour" not in moved
    assert await kinds(ana, ordinary) == ["moved", "message"]
    assert await kinds(ivo, complaint) == []


@pytest.mark.parametrize("quiet", [False, True])
async def test_where_a_complaint_in_the_same_hands_is_open_a_second_one_stays_where_it_is(
    house: House, ana: Caseworker, new_phone: Person, quiet: bool
) -> None:
    assert ana.row.active
    sam = house.person()
    for person in (sam, new_phone):
        for text in ("hi", "1", "1"):
            await person.say(text)
        await complain(person)
    if quiet:
        await new_phone.choose("How answers arrive")
        await new_phone.choose("Only when I write note")
    code = await code_of(sam)
    before = await house.rows("cases")
    await house.restart()

    heard = await new_phone.say(code)

    assert (REFUSED if quiet else "You have something open here already") in heard
    assert await house.rows("cases") == before
    assert WORKED in await house.person("3").say(code)


async def test_a_new_code_ends_the_one_for_another_case_of_the_same_person(
    house: House, ana: Caseworker, new_phone: Person
) -> None:
    assert ana.row.active
    sam = house.person()
    for text in ("hi", "1", "1"):
        await sam.say(text)
    await complain(sam)
    first = await code_of(sam)
    await sam.say("9")
    await sam.choose("Talk to a person")
    await sam.agree()
    await sam.say("I need a lawyer")
    second = await code_of(sam, (await open_case(house, DEMO)).designation)

    assert len(await house.rows("return_codes")) == 1
    assert REFUSED in await new_phone.say(first)
    assert WORKED in await new_phone.say(second)
    assert (await open_case(house, DEMO)).id


async def test_after_a_power_cut_a_redelivered_code_neither_moves_anything_nor_goes_into_the_complaint(
    house: House, ana: Caseworker, ivo: Caseworker, new_phone: Person
) -> None:
    sam = house.person()
    await sam.hand_over()
    for text in ("hi", "1", "1"):
        await new_phone.say(text)
    await complain(new_phone)
    typed = new_phone.delivery(await code_of(sam))
    await new_phone.take(typed)
    before = await house.rows("cases")
    await house.restart()

    again = await new_phone.take(typed)

    assert again.repeated
    assert "Lantern Demo Centre" in new_phone.heard[-1]
    assert await house.rows("cases") == before
    assert await kinds(ivo, (await open_case(house, OTHER)).id) == []
    assert await kinds(ana, (await open_case(house, DEMO)).id) == ["moved"]


async def test_erasing_on_the_new_phone_takes_the_case_that_moved_and_the_complaint_there(
    house: House, ana: Caseworker, new_phone: Person
) -> None:
    assert ana.row.active
    sam = house.person()
    await sam.hand_over()
    for text in ("hi", "1", "1"):
        await new_phone.say(text)
    await complain(new_phone)
    await new_phone.say(await code_of(sam))

    await new_phone.say("erase")
    await new_phone.choose("Yes, erase")

    assert await house.rows("cases") == []
    assert await house.rows("return_codes") == []


async def test_a_case_that_is_quiet_here_is_not_given_away_by_asking_for_a_code(
    house: House, ana: Caseworker
) -> None:
    assert ana.row.active
    sam, stranger = house.person(), house.person("3")
    await sam.hand_over()
    await sam.choose("How answers arrive")
    await sam.choose("Only when I write note")
    await house.restart()

    for text in ("hi", "1", "1", "return code"):
        assert await sam.say(text) == await stranger.say(text)
    await sam.say("skip")
    await sam.say("person")
    assert await code_of(sam)
