"""An organisation cannot take a case: its person hears so, and is asked before anything goes to another one."""

import pytest

from bot.kernel.errors import RefusedError
from bot.ports import CaseRow
from bot.storage.cases import SqlCaseDesk
from tests.usecases.house import DEMO, Caseworker, House, Person, designation_in

BRIDGE = "rs-demo-bridge"
LANTERN_NAME = "Lantern Demo Centre"


@pytest.fixture
async def teams(house: House) -> tuple[Caseworker, Caseworker]:
    """Ana of the lantern and Mira of the bridge: both answer who is in danger."""
    return await house.caseworker("Ana"), await house.caseworker("Mira", organisation=BRIDGE)


async def in_danger(sam: Person) -> None:
    """From "hi" to a queued case."""
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("I am in danger now")
    designation_in(await sam.choose("Yes"))


async def cases_of(house: House, organisation: str) -> list[CaseRow]:
    return list(await SqlCaseDesk(house.fener.database).waiting(organisation))


async def test_who_is_writing_hears_it_at_once_and_is_asked_with_the_next_word(
    house: House, teams: tuple[Caseworker, Caseworker]
) -> None:
    ana, mira = teams
    sam = house.person()
    await in_danger(sam)

    await ana.decline((await house.case()).id)

    assert f"{LANTERN_NAME} cannot take this" in house.messenger.heard
    assert "No capacity" not in house.messenger.heard
    assert await cases_of(house, DEMO) == []
    assert "good time" in await sam.say("and now?")
    asked = await sam.choose("Read")
    assert f"{LANTERN_NAME} cannot take this" in asked
    assert mira.organisation == BRIDGE
    assert await cases_of(house, BRIDGE) == []
    consent = await sam.choose("Yes")
    assert LANTERN_NAME not in consent
    assert await cases_of(house, BRIDGE) == []
    designation_in(await sam.choose("Yes, send it"))

    [case] = await cases_of(house, BRIDGE)
    summary, _ = await mira.read(case.id)
    assert summary.excluded == ()
    assert LANTERN_NAME not in summary.consent
    assert summary.shared == ()


async def test_nobody_says_that_somebody_looks_on_when_nobody_does(
    house: House, teams: tuple[Caseworker, Caseworker]
) -> None:
    ana, _ = teams
    sam = house.person()
    await in_danger(sam)
    await ana.decline((await house.case()).id)

    assert "looking" not in house.messenger.heard
    assert "another team" not in house.messenger.heard
    assert "Write any word to go on." in house.messenger.heard
    await sam.say("and now?")
    assert "looking" not in await sam.choose("Read")


@pytest.mark.parametrize("word", ["", "lavender"])
async def test_who_was_quiet_before_a_decline_stays_so_at_the_next_team(
    house: House, teams: tuple[Caseworker, Caseworker], word: str
) -> None:
    ana, mira = teams
    sam = house.person()
    await in_danger(sam)
    await sam.choose("How answers arrive")
    if word:
        await sam.choose("Ask for a check word")
        await sam.say(word)
    else:
        await sam.choose("Only when I write note")
    await ana.decline((await house.case()).id)
    await sam.say("note")
    await sam.choose("Read")
    if word:
        await sam.say(word)
    await sam.choose("Yes")
    told = await sam.choose("Yes, send it")
    assert ("The check word is set." if word else "nothing about answers until you write: note") in told

    [case] = await cases_of(house, BRIDGE)
    assert not await house.route(case.id)
    assert not (await mira.reply(case.id, "Mira here")).delivered
    assert "Mira here" not in await sam.say("hello")
    await sam.say("note")
    heard = await sam.choose("Read")
    assert "Mira here" in (await sam.say(word) if word else heard)


async def test_who_comes_back_later_hears_it_first_and_goes_on_being_asked_until_they_answer(
    house: House, teams: tuple[Caseworker, Caseworker]
) -> None:
    ana, _ = teams
    sam = house.person()
    await in_danger(sam)
    case = (await house.case()).id
    house.clock.move(days=2)
    await ana.work_again()
    await ana.decline(case)
    await house.restart()
    assert house.messenger.sent == []

    await sam.say("hello")
    assert "cannot take this" in await sam.choose("Read")
    await house.restart()
    await sam.say("hello again")
    assert "cannot take this" in await sam.choose("Read")
    assert "Write note when you want it." in await sam.choose("Later")
    await sam.say("and now")
    assert await cases_of(house, BRIDGE) == []
    assert len(await house.rows("notes")) == 1

    await sam.say("note")
    assert "cannot take this" in await sam.choose("Read")
    await sam.choose("Emergency numbers")
    await sam.say("menu")

    assert [row["pseudonym"] for row in await house.rows("cases")] == [None]
    assert await house.rows("notes") == []


async def test_where_no_other_team_fits_that_is_said_with_the_numbers(house: House) -> None:
    ana = await house.caseworker("Ana")
    sam = house.person()
    await in_danger(sam)
    await ana.decline((await house.case()).id)

    await sam.say("and now?")
    heard = await sam.choose("Read")
    assert "No other team here can take it now" in heard
    assert "Emergency numbers" in heard
    assert await sam.choose("Emergency numbers") != heard


async def test_whoever_was_not_wanted_before_is_not_asked_after_a_decline_either(
    house: House, teams: tuple[Caseworker, Caseworker]
) -> None:
    _, mira = teams
    sam = house.person()
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    assert LANTERN_NAME in await sam.choose("I am in danger now")
    assert f"Not to: {LANTERN_NAME}" in await sam.choose("Another organisation")
    await sam.choose("Yes, send it")
    [case] = await cases_of(house, BRIDGE)
    await house.restart()  # what the conversation knew is gone; what was sealed is not
    await mira.decline(case.id)

    await sam.say("hello")

    assert "No other team here can take it now" in await sam.choose("Read")


async def test_who_wants_silence_hears_nothing_of_it_before_they_ask(
    house: House, teams: tuple[Caseworker, Caseworker]
) -> None:
    ana, _ = teams
    sam = house.person()
    await in_danger(sam)
    await sam.choose("How answers arrive")
    await sam.choose("Only when I write note")

    await ana.decline((await house.case()).id)

    assert house.messenger.sent == []
    assert "cannot take" not in await sam.say("hello")
    await sam.say("note")
    assert "cannot take this" in await sam.choose("Read")


async def test_the_reason_is_for_colleagues_only(house: House, teams: tuple[Caseworker, Caseworker]) -> None:
    ana, mira = teams
    await in_danger(house.person())
    case = (await house.case()).id
    await ana.decline(case, "Declined: Conflict of interest. I know them")

    _, lines = await ana.read(case)
    assert [(line.kind, line.text) for line in lines] == [
        ("declined", "Declined: Conflict of interest. I know them")
    ]
    with pytest.raises(RefusedError, match=r"case\.unknown"):
        await mira.read(case)


async def test_a_case_of_a_colleague_or_a_closed_one_is_not_declined(house: House) -> None:
    ana = await house.caseworker("Ana")
    mo = await house.caseworker("Mo", role="caseworker")
    await in_danger(house.person())
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)

    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await mo.decline(case)
    await ana.decline(case)
    with pytest.raises(RefusedError, match=r"case\.closed"):
        await ana.decline(case)
