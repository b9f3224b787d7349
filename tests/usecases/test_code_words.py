"""Code words from the request to the answer, and a report about somebody who does not know them, on a real installation."""

import re

import pytest

from bot.crypto.gate import open_gate
from bot.kernel.errors import RefusedError
from bot.storage.cases import SqlCaseDesk
from tests.e2e.canaries import leaks
from tests.usecases.house import DEMO, OTHER, Caseworker, House, Person, designation_in

IMPOSTOR = "A man on WhatsApp asked for my passport"


@pytest.fixture
async def ivo(house: House) -> Caseworker:
    """The lead of the organisation that takes complaints about helpers."""
    return await house.founded(OTHER)


@pytest.fixture
async def ana(house: House, ivo: Caseworker) -> Caseworker:
    assert ivo.row.active
    return await house.caseworker("Ana")


def words_in(text: str) -> str:
    found = re.search(r"code words(?: are)?: (\w+ \w+ \w+)", text)
    assert found, text
    return found[1]


async def handed_over(house: House) -> tuple[Person, str]:
    sam = house.person()
    await sam.hand_over()
    return sam, words_in(sam.heard[-1])


async def test_the_caseworker_reads_the_words_that_the_person_was_told_and_no_file_holds_them(
    house: House, ana: Caseworker
) -> None:
    sam, words = await handed_over(house)

    summary, _ = await ana.read((await house.case()).id)
    assert summary.code_words == words
    assert not set(words.split()) & set(designation_in(sam.heard[-1]).split())
    assert leaks([house.folder], [words, words.replace(" ", ""), words.replace(" ", "-")]) == []


async def test_neither_the_case_nor_another_person_opens_what_holds_them(
    house: House, ana: Caseworker
) -> None:
    """Not from the id, not with the server's keys: it takes the fingerprint of the address."""
    assert ana.row.active
    await handed_over(house)
    row = await house.case()
    for key in house.fener.keys.epochs(house.clock.now()).accepted:
        for guess in (row.id.encode(), bytes(32), row.pseudonym or b"", row.salt):
            with pytest.raises(RefusedError):
                open_gate(key.gate_key(row.salt, guess), row.gate, case=row.id)


async def test_two_requests_have_words_of_their_own(house: House, ana: Caseworker) -> None:
    assert ana.row.active
    seen = set()
    for number in range(3):
        person = house.person(f"4810000{number}")
        await person.hand_over()
        seen.add(words_in(person.heard[-1]))
    assert len(seen) == 3


async def test_the_first_answer_comes_with_the_words_live_and_the_second_without(
    house: House, ana: Caseworker
) -> None:
    _, words = await handed_over(house)
    case = (await house.case()).id

    await ana.reply(case, "Hello, I am Ana")
    assert f"Your code words: {words}" in house.messenger.heard
    house.messenger.sent.clear()
    await ana.reply(case, "Is now a good time?")
    assert "Is now a good time?" in house.messenger.heard
    assert words not in house.messenger.heard


async def test_they_stand_beside_the_first_answer_after_a_restart_and_in_a_new_epoch(
    house: House, ana: Caseworker
) -> None:
    sam, words = await handed_over(house)
    house.clock.move(days=31)
    await house.restart()
    await ana.work_again()
    await sam.say("hi")
    house.clock.move(hours=1)
    await house.restart()
    await ana.reply((await house.case()).id, "Hello, I am Ana")
    assert words in await sam.say("verify")
    await sam.say("note")

    read = await sam.choose("Read")
    assert "Hello, I am Ana" in read
    assert f"Your code words: {words}" in read


async def test_they_go_along_to_another_phone(house: House, ana: Caseworker) -> None:
    assert ana.row.active
    sam, words = await handed_over(house)
    await sam.say("return code")
    code = re.search(r"(?:\d{4} ){5}\d{4}", await sam.choose("Make a code"))
    assert code
    new_phone = house.person("+381600000001", channel="whatsapp")
    await new_phone.say(code[0])

    assert words in await new_phone.say("verify")
    assert words not in await sam.say("verify")


async def test_after_closing_and_after_erasing_no_words_are_told(house: House, ana: Caseworker) -> None:
    for end in ("close", "erase"):
        sam, words = await handed_over(house)
        assert words in await sam.say("verify")
        if end == "close":
            case = (await house.case()).id
            await house.fener.staff.claim(ana.row, case)
            await house.fener.staff.close(ana.row, case)
        else:
            await sam.say("erase")
            await sam.choose("Yes, erase")

        told = await sam.say("verify")
        assert words not in told
        assert "Help is always free." in told
        await house.write("delete from cases")


async def test_a_message_that_was_kept_before_a_fall_is_told_with_the_same_words(
    house: House, ana: Caseworker
) -> None:
    sam = house.person()
    await sam.consent()
    first = sam.delivery("I slept at the station")
    await sam.take(first)
    summary, _ = await ana.read((await house.case()).id)
    await house.restart()

    again = await sam.take(first)

    assert again.message is not None
    assert summary.code_words in "\n".join(again.message.texts)


async def report(sam: Person, *, named: str = "None of these") -> str:
    """From wherever the conversation is to the consent of a report; what is said there."""
    await sam.say("verify")
    for label in ("Report someone", "In a chat app", "Papers"):
        await sam.choose(label)
    return await sam.choose(named)


async def test_a_report_goes_beside_the_case_to_people_for_complaints(
    house: House, ana: Caseworker, ivo: Caseworker
) -> None:
    sam, words = await handed_over(house)
    assert "Harbour Demo Association" in await report(sam)
    await sam.choose("Yes")
    said = await sam.say(IMPOSTOR)

    assert words_in(said) != words
    [row] = await SqlCaseDesk(house.fener.database).waiting(OTHER)
    summary, _ = await ivo.read(row.id)
    assert row.queue == "psea"
    assert [(each.slot, each.value) for each in summary.shared] == [
        ("reached", "In a chat app"),
        ("wanted", "Papers"),
    ]
    assert summary.note == IMPOSTOR
    [ordinary] = await SqlCaseDesk(house.fener.database).waiting(DEMO)
    assert (await ana.read(ordinary.id))[1] == []
    told = await sam.say("verify")
    assert f"{words}: Lantern Demo Centre" in told
    assert f"{words_in(said)}: Harbour Demo Association, your complaint" in told


async def test_a_report_never_reaches_the_organisation_that_was_named(house: House, ivo: Caseworker) -> None:
    assert ivo.row.active
    sam = house.person()
    await sam.say("hi")
    await sam.say("1")
    await sam.say("1")

    said = await report(sam, named="Harbour Demo Association")

    assert "Nothing was sent." in said
    assert "Emergency numbers" in said
    assert await house.rows("cases") == []


async def test_nor_the_one_whose_name_stands_in_the_words(house: House, ivo: Caseworker) -> None:
    assert ivo.row.active
    sam = house.person()
    await sam.say("hi")
    await sam.say("1")
    await sam.say("1")
    await report(sam)
    await sam.choose("Yes")

    said = await sam.say("Somebody from HARBOUR asked to meet me")

    assert "You wrote the name of Harbour Demo Association." in said
    assert await house.rows("cases") == []
    assert "192" in await sam.say("sos")


@pytest.mark.parametrize("chosen", ["Only when I write note", "Ask for a check word"])
async def test_who_takes_the_phone_where_silence_was_just_chosen_reads_no_words_and_no_name(
    house: House, ana: Caseworker, chosen: str
) -> None:
    sam, words = await handed_over(house)
    await sam.choose("How answers arrive")
    await sam.choose(chosen)
    await sam.say("lavender")
    house.clock.move(minutes=6)

    said = await sam.say("verify")

    assert words not in said
    assert "Lantern" not in said
    assert "Show my code words" not in said
    assert "Lantern" in await sam.say("person")
    again = await sam.say("verify")
    assert (words in again) == ("word" not in chosen)
    assert ("Show my code words" in again) == ("word" in chosen)


async def test_the_tries_that_the_chat_names_are_those_that_are_left(house: House, ana: Caseworker) -> None:
    sam, words = await handed_over(house)
    await sam.choose("How answers arrive")
    await sam.choose("Ask for a check word")
    await sam.say("lavender")
    for left in (2, 1):
        await house.restart()  # the conversation is forgotten, the tries are not
        for text in ("person", "verify"):
            await sam.say(text)
        await sam.choose("Show my code words")
        assert f"Tries left: {left}" in await sam.say("rosemary")

    assert words in await sam.say("lavender")
