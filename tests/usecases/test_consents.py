"""What the person agreed to stands in the case yes by yes, sealed: the exact text, and what marks its version."""

from bot.handoff.summary import version_of
from tests.usecases.house import House, Person

WORDS = "I take hormones and have two pills left"


async def asks_for_a_doctor(sam: Person) -> str:
    """A second yes, from the menu; what was shown before it."""
    await sam.say("menu")
    await sam.choose("Health")
    await sam.choose("A doctor or medicine")
    shown = await sam.choose("Ask a person")
    await sam.choose("Yes")
    return shown


async def test_a_second_yes_goes_into_the_open_case_with_the_text_that_was_shown_for_it(house: House) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    await sam.hand_over()
    shown = await asks_for_a_doctor(sam)
    await sam.say(WORDS)
    await sam.say("and I am at the station")

    first, (agreed, written) = await ana.read((await house.case()).id)

    assert agreed.text == f"Language: English\nTopic: Health\nHow urgent: in the next days\n{WORDS}"
    for part in agreed.consent.split("\n\n"):
        assert part in shown
    assert agreed.consent != first.consent
    assert version_of(agreed.consent) != first.consent_hash
    assert "Lantern Demo Centre" in agreed.consent
    assert written.consent == ""
    assert len(await house.rows("cases")) == 1


async def test_no_consent_is_kept_in_readable_form(house: House) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    await sam.hand_over()
    await asks_for_a_doctor(sam)
    await sam.say(WORDS)
    _, (agreed,) = await ana.read((await house.case()).id)

    kept = str([await house.rows(table) for table in ("cases", "envelopes", "audit")])

    assert version_of(agreed.consent) not in kept
    assert agreed.consent[:40] not in kept


async def test_who_takes_it_back_after_it_was_read_leaves_that_beside_what_they_agreed_to(
    house: House,
) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    await sam.hand_over()
    await house.fener.staff.claim(await ana.fresh_row(), (await house.case()).id)

    await sam.say("9")
    await sam.choose("Take it back")
    await sam.choose("Yes")

    summary, (back,) = await ana.read((await house.case()).id)
    assert summary.consent
    assert back.kind == "cancel"
