"""Nobody reads, writes or learns anything through the caseworkers' interface that is not theirs."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import BaseRoute, Route

from bot.crypto.identity import make_identity, sign_login
from bot.crypto.signing import SigningKey
from bot.crypto.wire import from_base64, to_base64
from bot.flow.library import Library
from bot.web.application import application
from bot.web.bodies import MAX_BODY
from tests.usecases.house import DEMO, OTHER, Caseworker, House
from tests.usecases.test_notes_to_colleagues import note_by
from tests.usecases.test_staffing import a_case_of

HERE = "http://127.0.0.1:8080"
SERVICE = "rs-demo-harbour/legal"
CASE = "0" * 32

OPEN_TO_ALL = {
    ("POST", "/console/api/invitation"),
    ("POST", "/console/api/enrol"),
    ("POST", "/console/api/login/challenge"),
    ("POST", "/console/api/login"),
}
"""What somebody who is not signed in may ask; each gives nothing without a token, a key or an invitation."""

OWN: Mapping[tuple[str, str], object] = {
    ("POST", "/console/api/logout"): {},
    ("POST", "/console/api/logout/everywhere"): {},
    ("POST", "/console/api/leave"): {},
    ("GET", "/console/api/me"): {},
    ("GET", "/console/api/staff"): {},
    ("POST", "/console/api/staff/invite"): {"role": "caseworker"},
    ("POST", "/console/api/staff/{who}/remove"): {},
    ("GET", "/console/api/directory"): None,
    ("GET", "/console/api/alarms"): {},
    ("GET", "/console/api/load"): {},
    ("GET", "/console/api/audit"): {},
    ("GET", "/console/api/counts"): {},
    ("GET", "/console/api/report"): {},
    ("GET", "/console/api/report/file"): {},
    ("GET", "/console/api/network"): {},
    ("GET", "/console/api/team"): {},
    ("POST", "/console/api/keyring"): {"entry": "{}", "expected": 0},
    ("POST", "/console/api/duty"): {"document": "{}"},
    ("DELETE", "/console/api/duty"): {},
    ("POST", "/console/api/pause"): {"minutes": 15},
    ("DELETE", "/console/api/pause"): {},
    ("POST", "/console/api/duty-key"): {"document": "{}"},
    ("POST", "/console/api/duty-key/needed"): {"kids": []},
    ("GET", "/console/api/rules"): {},
    ("GET", "/console/api/phrases"): {},
    ("GET", "/console/api/asks"): {},
    ("GET", "/console/api/playbooks"): {},
    ("GET", "/console/api/told"): {},
    ("GET", "/console/api/abuse"): {},
    ("GET", "/console/api/cases"): {},
    ("GET", "/console/api/ways"): {},
    ("POST", "/console/api/ways/email"): {"address": "robin@example.org"},
    ("POST", "/console/api/ways/telegram"): {},
    ("POST", "/console/api/ways/{way}/ring"): {},
    ("POST", "/console/api/ways/{way}/remove"): {},
}
"""What concerns the caller and their own organisation only: nothing in the request can name another."""

A_SERVICE = "/console/api/directory/{organisation}/{service}"
OF_ONE_SERVICE: Mapping[tuple[str, str], object] = {
    ("GET", A_SERVICE): None,
    ("POST", f"{A_SERVICE}/preview"): {"values": {"notice": None}},
    ("POST", f"{A_SERVICE}/change"): {"values": {"notice": None}, "source": "they called"},
    ("POST", f"{A_SERVICE}/safety"): {"word": "women_only", "answer": "yes", "source": "they called"},
    ("POST", f"{A_SERVICE}/safety/agree"): {"word": "women_only"},
    ("POST", f"{A_SERVICE}/safety/decline"): {"word": "women_only", "reason": "not so"},
    ("POST", f"{A_SERVICE}/vet"): {"evidence": "visited", "checklist": []},
    ("POST", f"{A_SERVICE}/suspend"): {"reason": "somebody was hurt"},
    ("POST", f"{A_SERVICE}/reinstate"): {"reason": "looked into"},
    ("POST", f"{A_SERVICE}/dismiss"): {"reason": "looked into"},
}
"""What names a service of the directory."""

OF_ONE_CASE = {
    ("GET", "/console/api/cases/{case}"): {},
    ("POST", "/console/api/cases/{case}/claim"): {},
    ("POST", "/console/api/cases/{case}/export"): {},
    ("POST", "/console/api/cases/{case}/reply"): {
        "sequence": 1,
        "sealed": "AAAA",
        "signature": "AAAA",
        "copy_for_team": "{}",
    },
    ("POST", "/console/api/cases/{case}/decline"): {"sequence": 1, "sealed": "AAAA", "signature": "AAAA"},
    ("POST", "/console/api/cases/{case}/note"): {"sequence": 1, "sealed": "{}"},
    ("POST", "/console/api/cases/{case}/return"): {"sequence": 1, "sealed": "{}"},
    ("POST", "/console/api/cases/{case}/step-back"): {},
    ("GET", "/console/api/cases/{case}/emergency"): {},
    ("POST", "/console/api/cases/{case}/emergency"): {"safe": True},
    ("POST", "/console/api/cases/{case}/emergency/agree"): {"safe": True},
    ("POST", "/console/api/cases/{case}/emergency/drop"): {},
    ("POST", "/console/api/cases/{case}/emergency/tell"): {
        "sequence": 1,
        "sealed": "AAAA",
        "signature": "AAAA",
    },
    ("POST", "/console/api/cases/{case}/emergency/called"): {},
    ("POST", "/console/api/cases/{case}/mute"): {"hours": 1},
    ("POST", "/console/api/cases/{case}/close"): {},
    ("GET", "/console/api/cases/{case}/referrals"): {},
    ("POST", "/console/api/cases/{case}/refer"): {
        "sequence": 1,
        "sealed": "AAAA",
        "signature": "AAAA",
        "copy_for_team": "{}",
        "to": "rs-demo-wheels",
        "queue": "health",
    },
    ("POST", "/console/api/cases/{case}/send-back"): {"reason": "full"},
}
"""What names a case: another organisation's is as good as absent."""


@asynccontextmanager
async def _running() -> AsyncIterator[None]:
    yield


@dataclass
class Console:
    house: House
    client: httpx.AsyncClient
    app: FastAPI

    async def call(
        self, method: str, path: str, body: object = None, token: str = "", **headers: str
    ) -> httpx.Response:
        if token:
            headers["authorization"] = f"Bearer {token}"
        return await self.client.request(
            method, path, json=body if method == "POST" else None, headers=headers
        )

    async def challenge(self, kid: str) -> str:
        answer = await self.call("POST", "/console/api/login/challenge", {"kid": kid})
        return str(answer.json()["challenge"])

    async def login(
        self,
        identity: SigningKey,
        *,
        server: str = HERE,
        challenge: str = "",
        signed_for: str = "",
        **headers: str,
    ) -> httpx.Response:
        challenge = challenge or await self.challenge(identity.kid)
        signature = sign_login(identity, from_base64(challenge, "login"), server=signed_for or server)
        body = {
            "kid": identity.kid,
            "challenge": challenge,
            "signature": to_base64(signature),
            "server": server,
        }
        return await self.call("POST", "/console/api/login", body, **headers)

    async def token(self, worker: Caseworker) -> str:
        answer = await self.login(worker.identity)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])


@pytest.fixture
async def console(house: House) -> AsyncIterator[Console]:
    await house.founded()
    bounded = application(house.fener, _running)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bounded), base_url=HERE) as client:
        yield Console(house, client, bounded._app)  # the routes are what is tested


def routes(among: Sequence[BaseRoute]) -> set[tuple[str, str]]:
    """Every method and path below the interface's prefix, in routers within routers too."""
    found = set()
    for route in among:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            found |= routes(inner.routes)
        elif isinstance(route, Route) and route.path.startswith("/console/api"):
            found |= {(method, route.path) for method in route.methods or () if method != "HEAD"}
    return found


async def test_every_route_of_the_interface_is_in_one_of_these_tables(console: Console) -> None:
    assert routes(console.app.routes) == OPEN_TO_ALL | set(OWN) | set(OF_ONE_CASE) | set(OF_ONE_SERVICE)


def filled(table: Mapping[tuple[str, str], object], case: str = CASE) -> list[tuple[str, str, object]]:
    return [
        (
            method,
            path.replace("{case}", case)
            .replace("{who}", CASE)
            .replace("{way}", CASE)
            .replace("{organisation}/{service}", SERVICE),
            body,
        )
        for (method, path), body in table.items()
    ]


async def test_without_a_valid_token_every_route_is_refused_alike(console: Console) -> None:
    ana = await console.house.caseworker("Ana")
    over = await console.token(ana)
    console.house.clock.move(hours=8)
    signed_out = await console.token(ana)
    assert (await console.call("POST", "/console/api/logout", token=signed_out)).status_code == 204
    for token in ("", "x", "é", over, signed_out, secrets.token_urlsafe(32)):
        for method, path, body in filled({**OWN, **OF_ONE_CASE, **OF_ONE_SERVICE}):
            header = {b"authorization": f"Bearer {token}".encode("latin-1")} if token else {}
            answer = await console.client.request(
                method, path, json=body if method == "POST" else None, headers=header
            )
            assert answer.status_code == 401, (method, path)
            assert answer.json() == {"code": "login.needed", "mend": "Sign in again."}
            assert answer.headers["cache-control"] == "no-store"


async def test_another_organisations_case_is_as_good_as_absent_on_every_route(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    theirs = await a_case_of(house, house.lead)
    token = await console.token(ana)
    for method, path, body in filled(OF_ONE_CASE, theirs):
        absent = await console.call(method, path.replace(theirs, "f" * 32), body, token)
        answer = await console.call(method, path, body, token)
        assert answer.status_code == 404, (method, path)
        assert answer.content == absent.content
    assert (await console.call("GET", "/console/api/cases", token=token)).json() == []


async def test_an_enrolled_stranger_is_refused_on_every_route_about_cases(console: Console) -> None:
    house = console.house
    case = await a_case_of(house, house.lead)
    eve = await house.applicant("Eve", organisation=OTHER, role="caseworker")
    token = await console.token(eve)
    asked = [("GET", "/console/api/cases", None), *filled(OF_ONE_CASE, case)]
    for method, path, body in asked:
        answer = await console.call(method, path, body, token)
        assert answer.status_code == 403, (method, path)
        assert answer.json()["code"] == "keyring.member"


# --- signing in -----------------------------------------------------------------------------------------


async def test_a_caseworker_signs_in_with_their_key(console: Console) -> None:
    ana = await console.house.caseworker("Ana")

    answer = await console.login(ana.identity)

    assert answer.json()["organisation"] == DEMO
    assert (await console.call("GET", "/console/api/team", token=answer.json()["token"])).status_code == 200


async def test_whatever_is_wrong_with_a_login_the_refusal_is_the_same(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    eve = make_identity()
    used = await console.challenge(ana.kid)
    assert (await console.login(ana.identity, challenge=used)).status_code == 200
    stale = await console.challenge(ana.kid)
    house.clock.move(minutes=2, seconds=1)
    others = await console.challenge(eve.kid)
    forged = to_base64(b"\x7f" * 72)
    answers = {
        "a stranger's key": await console.login(eve),
        "a replayed challenge": await console.login(ana.identity, challenge=used),
        "a stale challenge": await console.login(ana.identity, challenge=stale),
        "a challenge for another key": await console.login(ana.identity, challenge=others),
        "a challenge of nobody": await console.login(ana.identity, challenge=forged),
        "an empty challenge": await console.login(ana.identity, challenge="AA"),
        "another server": await console.login(ana.identity, server="https://help.example.net"),
        "signed for another": await console.login(ana.identity, signed_for="https://help.example.net"),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert len({answer.content for answer in answers.values()}) == 1


async def test_a_challenge_is_used_up_for_every_process(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    challenge = await console.challenge(ana.kid)
    assert (await console.login(ana.identity, challenge=challenge)).status_code == 200
    another = application(house.fener, _running)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(another), base_url=HERE) as client:
        elsewhere = Console(house, client, another._app)  # a second process of the same server

        assert (await elsewhere.login(ana.identity, challenge=challenge)).status_code == 401


@pytest.mark.parametrize(
    "address", ["http://evil.example.net", "http://192.0.2.7:8080", "http://localhost.evil.net"]
)
async def test_who_passes_our_challenge_on_cannot_make_us_believe_their_address(
    console: Console, address: str
) -> None:
    """A caseworker opened `address`; who runs it hands us their signature and calls us by that name."""
    ana = await console.house.caseworker("Ana")

    answer = await console.login(ana.identity, server=address, host=address.removeprefix("http://"))

    assert answer.status_code == 401


async def test_the_names_of_this_machine_open_it(console: Console) -> None:
    ana = await console.house.caseworker("Ana")
    for name in ("localhost:8080", "127.0.0.1:9000", "[::1]:8080", "localhost"):
        answer = await console.login(ana.identity, server=f"http://{name}", host=name)
        assert answer.status_code == 200, name


async def test_a_token_is_not_in_the_database_and_ends_after_eight_hours(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    token = await console.token(ana)

    data = b"".join((house.folder / name).read_bytes() for name in ("fener.db", "fener.db-wal"))
    assert token.encode() not in data
    for _ in range(47):
        house.clock.move(minutes=10)
        assert (await console.call("GET", "/console/api/team", token=token)).status_code == 200
    house.clock.move(minutes=10)
    assert (await console.call("GET", "/console/api/team", token=token)).status_code == 401


async def test_a_page_of_somebody_else_cannot_call(console: Console) -> None:
    ana = await console.house.caseworker("Ana")
    token = await console.token(ana)
    for site in ("cross-site", "same-site"):
        answer = await console.client.get(
            "/console/api/team", headers={"authorization": f"Bearer {token}", "sec-fetch-site": site}
        )
        assert answer.status_code == 403
        assert "entries" not in answer.text


# --- what is possible -----------------------------------------------------------------------------------


async def test_where_a_chat_is_live_is_told_to_who_has_the_case_and_only_while_it_is(
    console: Console,
) -> None:
    house = console.house
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    mine, theirs = await console.token(ana), await console.token(mina)
    sam = house.person(channel="whatsapp")
    await sam.hand_over()
    case = (await house.case()).id

    async def queued(token: str) -> object:
        [row] = (await console.call("GET", "/console/api/cases", token=token)).json()
        return row["channel"]

    async def opened(token: str) -> object:
        answer = await console.call("GET", f"/console/api/cases/{case}", token=token)
        return answer.json()["case"]["channel"]

    assert (await queued(mine), await opened(mine)) == (None, "whatsapp")
    await house.fener.staff.claim(ana.row, case)
    assert (await queued(mine), await queued(theirs)) == ("whatsapp", None)
    await sam.say("0")
    assert (await queued(mine), await opened(mine)) == (None, None)
    await sam.say("hello")
    assert await queued(mine) == "whatsapp"
    house.clock.move(minutes=10)
    assert (await queued(mine), await opened(mine)) == (None, None)


async def test_the_queue_counts_the_notes_of_colleagues(console: Console) -> None:
    house = console.house
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    token = await console.token(ana)
    await house.person().hand_over()
    case = (await house.case()).id
    for sequence in (1, 2):
        [row] = (await console.call("GET", "/console/api/cases", token=token)).json()
        assert row["notes"] == sequence - 1
        made = await note_by(house, mina, case, "I know the place", sequence=sequence)
        await house.fener.staff.note(mina.row, case, made)

    opened = await console.call("GET", f"/console/api/cases/{case}", token=token)
    assert opened.json()["case"]["notes"] == 2


async def test_a_copy_that_is_saved_is_an_event_of_its_own_and_no_reading(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    await house.person().hand_over()
    case = (await house.case()).id
    token = await console.token(ana)

    saved = await console.call("POST", f"/console/api/cases/{case}/export", {}, token)
    read = await console.call("GET", f"/console/api/cases/{case}", token=token)

    assert saved.json()["envelopes"] == read.json()["envelopes"]
    lines = [json.loads(bytes(row["line"])) for row in await house.rows("audit")]  # type: ignore[call-overload]  # bytes
    told = [(line["event"], line["actor"], line["case"]) for line in lines if line["case"] == case]
    assert told[-2:] == [("case.exported", ana.row.id, case), ("case.read", ana.row.id, case)]


async def test_looking_at_the_queue_is_no_reading_of_a_case(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    token = await console.token(ana)
    await house.person().hand_over()
    before = len(await house.rows("audit"))

    for path in (
        "/console/api/cases",
        "/console/api/rules",
        "/console/api/phrases?language=fa",
        "/console/api/asks",
    ):
        assert (await console.call("GET", path, token=token)).status_code == 200

    assert len(await house.rows("audit")) == before


async def test_a_duty_key_is_needed_while_an_open_case_is_sealed_to_it(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    token = await console.token(ana)
    await house.person().hand_over()
    case = (await house.case()).id
    body = {"kids": [ana.duty.kid, "0" * 32]}

    async def needed() -> object:
        answer = await console.call("POST", "/console/api/duty-key/needed", body, token)
        return answer.json()["needed"]

    assert await needed() == [ana.duty.kid]
    await house.write("UPDATE envelopes SET sealed = x'7b7d'")
    assert await needed() == sorted(body["kids"])  # a damaged envelope makes us keep every key
    await house.fener.staff.close(ana.row, case)
    assert await needed() == []


async def test_the_rules_are_those_of_the_installation(console: Console) -> None:
    house = console.house
    token = await console.token(await house.caseworker("Ana"))

    rules = (await console.call("GET", "/console/api/rules", token=token)).json()

    retention = house.fener.settings.retention
    assert rules == {
        "demo": True,
        "channels": [{"name": "simulator", "longest": None}],
        "live_minutes": 10,
        "answer_days": retention.unread_note_days,
        "after_close_days": retention.after_close_days,
        "at_most_days": retention.at_most_days,
        "in_duty_hours": True,
        "organisations": {
            each.organisation: house.library.directory.organisations[each.organisation].name["en"]
            for each in house.library.directory.network.members
        },
    }
    assert rules["organisations"]["rs-demo-wheels"] == "Wheels Demo Team"


@pytest.mark.parametrize(
    ("language", "served", "direction"),
    [("en", "en", "ltr"), ("fa", "fa", "rtl"), ("sr-Cyrl", "sr-Cyrl", "ltr"), ("xx", "en", "ltr")],
)
async def test_phrases_come_in_the_language_of_the_person_with_the_english_beside_them(
    console: Console, language: str, served: str, direction: str
) -> None:
    token = await console.token(await console.house.caseworker("Ana"))

    answer = await console.call("GET", f"/console/api/phrases?language={language}", token=token)

    offered = answer.json()
    english = (await console.call("GET", "/console/api/phrases", token=token)).json()
    assert [each["english"] for each in offered] == [each["text"] for each in english]
    assert {(each["language"], each["direction"]) for each in offered} == {(served, direction)}
    assert {each["reviewed"] for each in offered} == {served == "en"}
    assert all(("{words}" in each["text"]) == ("{words}" in each["english"]) for each in offered)


async def test_words_that_ask_for_too_much_come_in_all_languages_at_once(console: Console) -> None:
    token = await console.token(await console.house.caseworker("Ana"))

    answer = await console.call("GET", "/console/api/asks", token=token)

    assert answer.status_code == 200
    assert {"your phone number", "numéro de téléphone", "رقمك"} <= set(answer.json()["number"])


# --- errors and sizes -----------------------------------------------------------------------------------

CANARY = "canary381601234567"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/console/api/invitation", {"token": CANARY}),
        ("/console/api/invitation", {"token": [CANARY]}),
        ("/console/api/invitation", {"token": CANARY * 10}),
        ("/console/api/enrol", {"token": CANARY * 2, "alias": CANARY}),
        ("/console/api/login/challenge", {"kid": CANARY}),
        ("/console/api/login", {"kid": CANARY, "challenge": CANARY, "signature": CANARY, "server": CANARY}),
        ("/console/api/login", CANARY),
        ("/console/api/login", [CANARY]),
    ],
)
async def test_an_error_repeats_nothing_of_what_was_sent(console: Console, path: str, body: object) -> None:
    answer = await console.call("POST", path, body)

    assert 400 <= answer.status_code < 500
    assert CANARY not in answer.text


async def test_what_is_no_json_is_refused_without_an_echo(console: Console) -> None:
    halves = b'{"token": "' + b"\\ud800" * 30 + b'"}'
    for data in (b"\xff\xfe", CANARY.encode(), b"[" * 50_000, b'{"kid": "' + CANARY.encode(), halves):
        answer = await console.client.post(
            "/console/api/invitation", content=data, headers={"content-type": "application/json"}
        )
        assert 400 <= answer.status_code < 500
        assert CANARY not in answer.text


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(console: Console) -> None:
    for path, limit in (("/console/api/login", MAX_BODY), (f"/console/api/cases/{CASE}/reply", 8 * MAX_BODY)):
        answer = await console.client.post(path, content=b" " * (limit + 1))
        assert answer.status_code == 413
        assert (await console.client.post(path, content=b" " * limit)).status_code != 413


async def test_a_reply_larger_than_a_reply_can_be_is_refused(console: Console) -> None:
    house = console.house
    ana = await house.caseworker("Ana")
    await house.person().hand_over()
    case = (await house.case()).id
    token = await console.token(ana)
    body = {"sequence": 1, "sealed": "A" * 89_000, "signature": "AAAA", "copy_for_team": ""}

    answer = await console.call("POST", f"/console/api/cases/{case}/reply", body, token)

    assert answer.status_code == 400
    assert answer.json()["code"] == "reply.size"


async def test_an_invitation_is_told_without_being_used(console: Console) -> None:
    house = console.house
    link = await house.fener.staff.invite(DEMO, "lead", console=f"{HERE}/console/")
    token = link.partition("#enrol=")[2]
    for _ in range(2):
        answer = await console.call("POST", "/console/api/invitation", {"token": token})
        assert answer.json() == {
            "organisation": DEMO,
            "organisation_name": "Lantern Demo Centre",
            "role": "lead",
        }
    ana = Caseworker(house, DEMO, "Ana")
    await ana.enrol(token)
    assert (await console.call("POST", "/console/api/invitation", {"token": token})).status_code == 410


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.dictionaries(
        st.sampled_from(["kid", "challenge", "signature", "server", "token", "alias", "other"]),
        st.one_of(st.text(max_size=60), st.integers(), st.none(), st.lists(st.text(max_size=5), max_size=3)),
    ),
    path=st.sampled_from(sorted(path for _, path in OPEN_TO_ALL)),
)
def test_no_request_of_a_stranger_breaks_the_server(
    fuzzed: "Fuzzed", data: dict[str, object], path: str
) -> None:
    assert fuzzed.post(path, data) < 500


class Fuzzed:
    """Posts to one server, from tests that are no coroutines."""

    def __init__(self, library: Library, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._house = House(folder, library)
        self._loop.run_until_complete(self._house.start())
        bounded = application(self._house.fener, _running)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(bounded), base_url=HERE)

    def post(self, path: str, body: object) -> int:
        return self._loop.run_until_complete(self._client.post(path, json=body)).status_code

    def close(self) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self._house.close())
        self._loop.close()


@pytest.fixture
def fuzzed(library: Library, tmp_path: Path) -> Iterator["Fuzzed"]:
    server = Fuzzed(library, tmp_path)
    yield server
    server.close()
