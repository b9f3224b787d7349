"""What somebody wishes about language and interpreters reaches the caseworker as what it is."""

from tests.usecases.house import House, designation_in

WISH = "Farsi, a woman, nobody from my town"


async def test_a_wish_about_interpreters_is_in_the_sealed_summary_and_in_what_was_agreed_to(
    house: House,
) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("First, my language")
    await sam.say(WISH)
    assert WISH in await sam.choose("Papers or a lawyer")
    await sam.choose("Yes")
    designation_in(await sam.choose("Nothing more"))

    summary, _ = await ana.read((await house.case()).id)

    assert summary.wishes == (WISH,)
    assert WISH in summary.consent


async def test_who_was_not_asked_has_no_wish(house: House) -> None:
    ana = await house.caseworker("Ana")
    await house.person().hand_over()

    summary, _ = await ana.read((await house.case()).id)

    assert summary.wishes == ()
