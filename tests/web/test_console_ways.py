"""One's own ways of being rung, over HTTP: nothing is read back, and nobody reaches another's."""

from tests.usecases.house import Caseworker
from tests.web.test_console_access import API
from tests.web.test_console_api import Console, console

__all__ = ["console"]

MAIL = "robin.canary@example.org"


async def signed_in(console: Console, alias: str) -> tuple[Caseworker, str]:
    worker = await console.house.caseworker(alias)
    return worker, await console.token(worker)


async def test_a_mail_address_goes_in_rings_and_is_never_read_back(console: Console) -> None:
    _, token = await signed_in(console, "Ana")

    assert (await console.call("POST", f"{API}/ways/email", {"address": MAIL}, token)).status_code == 204
    listed = await console.call("GET", f"{API}/ways", token=token)
    [way] = listed.json()["ways"]
    assert listed.json()["offered"] == ["email", "telegram"]
    assert "canary" not in listed.text

    rung = await console.call("POST", f"{API}/ways/{way['id']}/ring", {}, token)
    assert (rung.status_code, console.house.mail.heard()) == (204, [MAIL])
    assert (await console.call("POST", f"{API}/ways/{way['id']}/remove", {}, token)).status_code == 204
    assert (await console.call("GET", f"{API}/ways", token=token)).json()["ways"] == []


async def test_nobody_rings_or_takes_out_a_colleagues_way(console: Console) -> None:
    _, token = await signed_in(console, "Ana")
    await console.call("POST", f"{API}/ways/email", {"address": MAIL}, token)
    [way] = (await console.call("GET", f"{API}/ways", token=token)).json()["ways"]
    _, other = await signed_in(console, "Mina")

    assert (await console.call("GET", f"{API}/ways", token=other)).json()["ways"] == []
    for deed in ("ring", "remove"):
        answer = await console.call("POST", f"{API}/ways/{way['id']}/{deed}", {}, other)
        assert (answer.status_code, answer.json()["code"]) == (404, "way.unknown")
    assert console.house.mail.heard() == []


async def test_a_wrong_address_is_refused_without_being_repeated(console: Console) -> None:
    _, token = await signed_in(console, "Ana")

    answer = await console.call("POST", f"{API}/ways/email", {"address": "canary at home"}, token)

    assert (answer.status_code, answer.json()["code"]) == (400, "way.mail")
    assert "canary" not in answer.text


async def test_a_code_is_given_once_signed_in(console: Console) -> None:
    _, token = await signed_in(console, "Ana")

    made = (await console.call("POST", f"{API}/ways/telegram", {}, token)).json()

    assert (len(made["code"]), made["minutes"], made["bot"]) == (16, 10, "")


async def test_the_queue_tells_an_open_page_how_often_a_case_rang(console: Console) -> None:
    house = console.house
    _, token = await signed_in(console, "Ana")
    await house.person().hand_over()

    async def rings() -> int:
        [row] = (await console.call("GET", f"{API}/cases", token=token)).json()
        return int(row["rings"])

    assert await rings() == 0
    await house.fener.bell.ring(tuple(house.fener.staff.roots))
    assert await rings() == 1
