"""What protects caseworkers, over HTTP: numbers that are nobody's, and deeds that need no reason."""

from bot.kernel.audit import AuditEntry, AuditEvent
from bot.storage.audit import SqlAuditTrail
from tests.usecases.house import DEMO, House
from tests.web.test_console_access import API
from tests.web.test_console_api import Console, console

__all__ = ["console"]


async def a_claimed_case(house: House, console: Console) -> tuple[str, str]:
    """Ana's token and her case."""
    ana = await house.caseworker("Ana")
    await house.person().hand_over()
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    return await console.token(ana), case


async def test_a_case_is_stepped_back_from_without_a_word_of_why(console: Console) -> None:
    house = console.house
    token, case = await a_claimed_case(house, console)

    answer = await console.call("POST", f"{API}/cases/{case}/step-back", {}, token)
    again = await console.call("POST", f"{API}/cases/{case}/step-back", {}, token)
    reason = await console.call("POST", f"{API}/cases/{case}/step-back", {"reason": "tired"}, token)

    assert (answer.status_code, (await house.case()).status) == (204, "waiting")
    assert (again.status_code, again.json()["code"]) == (409, "case.status")
    assert reason.status_code == 422


async def test_leads_hear_how_often_in_whole_tens_after_midnight_and_never_who(console: Console) -> None:
    house = console.house
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    trail = SqlAuditTrail(house.fener.database)
    now = int(house.clock.now().timestamp()) // 3600
    for number in range(12):
        who = (ana, mina)[number % 2].row.id
        await trail.append(AuditEntry(DEMO, AuditEvent.CASE_STEPPED_BACK, who, f"{number:032x}"), now)

    async def load() -> object:
        return (await console.call("GET", f"{API}/load", token=await console.token(ana))).json()

    assert await load() == {"stepped_back": 0}
    house.clock.move(days=1)
    assert await load() == {"stepped_back": 10}


async def test_the_sentence_that_goes_with_a_deed_comes_in_the_persons_language(console: Console) -> None:
    ana = await console.house.caseworker("Ana")

    found = (await console.call("GET", f"{API}/told?language=fa", token=await console.token(ana))).json()

    assert found["stepped_back"]["direction"] == "rtl"
    assert found["stepped_back"]["english"].startswith("Your request is back in our queue")


async def test_colleagues_see_that_somebody_is_away_and_until_when(console: Console) -> None:
    house = console.house
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    token, colleague = await console.token(ana), await console.token(mina)

    async def away() -> dict[str, int | None]:
        team = (await console.call("GET", f"{API}/team", token=colleague)).json()
        return {each["alias"]: each["away_until"] for each in team["staff"]}

    until = (await console.call("POST", f"{API}/pause", {"minutes": 15}, token)).json()["until"]
    assert await away() == {"Ana": until, "Mina": None}
    assert (await console.call("DELETE", f"{API}/pause", token=token)).status_code == 204
    assert await away() == {"Ana": None, "Mina": None}


async def test_a_pause_waits_until_what_is_needed_now_is_in_other_hands(console: Console) -> None:
    house = console.house
    token, _ = await a_claimed_case(house, console)
    await house.person().say("I want to kill myself")

    answer = await console.call("POST", f"{API}/pause", {"minutes": 15}, token)

    assert (answer.status_code, answer.json()["code"]) == (409, "pause.urgent")


async def test_words_that_hurt_come_as_a_list_and_no_message_goes_to_the_server_for_it(
    console: Console,
) -> None:
    ana = await console.house.caseworker("Ana")

    found = (await console.call("GET", f"{API}/abuse", token=await console.token(ana))).json()

    assert {"fuck you", "jebi se", "va te faire foutre"} <= set(found)


async def test_the_queue_says_that_a_second_person_is_asked_and_by_whom_stands_beside_the_case(
    console: Console,
) -> None:
    house = console.house
    token, case = await a_claimed_case(house, console)
    colleague = await console.token(await house.caseworker("Mina", role="caseworker"))
    at = f"{API}/cases/{case}/emergency"

    async def queue() -> object:
        [row] = (await console.call("GET", f"{API}/cases", token=colleague)).json()
        return row["emergency"]

    assert await queue() is None
    assert (await console.call("GET", at, token=colleague)).json() is None
    assert (await console.call("POST", at, {"safe": False}, token)).status_code == 204
    assert await queue() == "asked"
    alone = await console.call("POST", f"{at}/called", {}, token)
    assert (alone.status_code, alone.json()["code"]) == (403, "emergency.alone")
    unread = await console.call("POST", f"{at}/agree", {"safe": False}, colleague)
    assert (unread.status_code, unread.json()["code"]) == (409, "emergency.unread")
    await console.call("GET", f"{API}/cases/{case}", token=colleague)
    assert (await console.call("POST", f"{at}/agree", {"safe": False}, colleague)).status_code == 204
    seen = (await console.call("GET", at, token=token)).json()
    assert (seen["stand"], seen["safe"], bool(seen["agreed_by"])) == ("agreed", False, True)
    assert (await console.call("POST", f"{at}/called", {}, token)).status_code == 204
    assert await queue() is None
