"""What somebody wishes about language and interpreters reaches the caseworker as what it is."""

import json
from dataclasses import replace

import pytest

from bot.crypto.acknowledgement import sign_wishes_read
from bot.crypto.identity import make_identity
from bot.kernel.errors import RefusedError
from bot.storage.audit import SqlAuditTrail
from tests.usecases.house import House, Person, designation_in

WISH = "Farsi, nobody from my town"


async def with_wishes(sam: Person) -> None:
    """Sam says how to speak with them, and is at the lawyers' consent afterwards."""
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("First, my language")
    await sam.choose("Language, interpreter")
    await sam.say(WISH)
    await sam.say("Dari")
    await sam.choose("A woman")
    await sam.choose("From outside")
    await sam.choose("By voice")
    await sam.choose("Papers or a lawyer")


async def test_a_wish_about_interpreters_is_in_the_sealed_summary_and_in_what_was_agreed_to(
    house: House,
) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    await with_wishes(sam)
    assert WISH in sam.heard[-1]
    await sam.choose("Yes")
    designation_in(await sam.choose("Nothing more"))

    summary, _ = await ana.read((await house.case()).id)

    assert summary.wishes == (WISH, "Dari", "A woman", "From outside", "By voice")
    assert summary.interpreter == {
        "language": WISH,
        "dialect": "Dari",
        "gender": "A woman",
        "community": "From outside",
        "form": "By voice",
    }
    assert all(wish in summary.consent for wish in summary.wishes)


async def test_a_number_among_the_wishes_is_asked_about_before_it_can_leave(house: House) -> None:
    await house.caseworker("Ana")
    sam = house.person()
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("First, my language")
    await sam.choose("Language, interpreter")

    assert "a phone number" in await sam.say("Farsi, call +381 60 1234567")


async def test_the_first_reply_is_refused_until_the_wishes_were_read_and_signed_for(house: House) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    await with_wishes(sam)
    await sam.choose("Yes")
    await sam.choose("Nothing more")
    case = (await house.case()).id
    reply = await ana.written(case, "We are here")
    other = sign_wishes_read(ana.identity, case="0" * 32, organisation=ana.organisation)

    for unread in (b"", other, make_identity().sign("case/wishes-read", b"x")):
        with pytest.raises(RefusedError, match=r"reply\.wishes"):
            await house.fener.staff.reply(ana.row, case, replace(reply, wishes_read=unread))
    assert await house.rows("notes") == []

    assert (await house.fener.staff.reply(ana.row, case, reply)).row.note_sequence == 1
    second = await ana.written(case, "And a second one")
    assert (
        await house.fener.staff.reply(ana.row, case, replace(second, wishes_read=b""))
    ).row.note_sequence == 2


async def test_that_they_were_read_is_in_the_audit_once_and_says_nothing_of_them(house: House) -> None:
    ana = await house.caseworker("Ana")
    await house.person().hand_over()
    case = (await house.case()).id
    await ana.reply(case, "We are here")
    await ana.reply(case, "And again")

    chain = await SqlAuditTrail(house.fener.database).chain(ana.organisation)
    lines = [json.loads(line) for line in chain]

    assert [line["case"] for line in lines if line["event"] == "case.wishes-read"] == [case]


async def test_who_was_not_asked_has_no_wish(house: House) -> None:
    ana = await house.caseworker("Ana")
    await house.person().hand_over()

    summary, _ = await ana.read((await house.case()).id)

    assert summary.wishes == ()
    assert summary.interpreter == {}


async def test_what_was_skipped_is_no_wish_and_leaves_with_nobody(house: House) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("First, my language")
    await sam.choose("Language, interpreter")
    await sam.choose("Skip")
    await sam.choose("Skip")
    await sam.choose("A woman")
    await sam.choose("Skip")
    await sam.choose("Skip")
    consent = await sam.choose("I am in danger now")
    assert "A woman" in consent
    assert "kip" not in consent
    await sam.choose("Yes")

    summary, _ = await ana.read((await house.case()).id)

    assert summary.interpreter == {"gender": "A woman"}


async def test_words_about_who_people_are_come_after_a_warning_that_holds_none(house: House) -> None:
    await house.caseworker("Ana")
    sam = house.person()
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("First, my language")
    await sam.choose("A space that is safe")
    warning = await sam.choose("Yes")
    assert "words about who people are" in warning
    assert "trans" not in warning
    assert "LGBT" not in warning
    assert "For trans people" in await sam.choose("Show the words")
    assert "what helps you" in await sam.choose("Skip")
