"""The fence around every address of the server: where a call comes from, its form, its size, its time, its headers.

Whatever anybody sends, nothing of it comes back and nothing breaks.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import BaseRoute, Route

from bot.flow.library import Library
from bot.web import server as serving
from bot.web.app import Bounded
from bot.web.application import application
from bot.web.bodies import MAX_BODY, Receive, Scope, Send, answer
from tests.usecases.house import House
from tests.web.test_console_api import CASE, HERE, _running

CANARY = "canary381601234567"
WEBHOOKS = [("POST", "/channels/whatsapp"), ("POST", "/channels/telegram")]
NOBODY = "00000000-0000-4000-8000-000000000000"
ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PAGES = ("/try/", "/console/")


def every_route(among: Sequence[BaseRoute]) -> set[tuple[str, str]]:
    """Every method and path of the application, in routers within routers too, with something in its place-holders."""
    found = set()
    for route in among:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            found |= every_route(inner.routes)
        elif isinstance(route, Route):
            path = route.path.replace("{case}", CASE).replace("{who}", CASE).replace("{language}", "en")
            path = path.replace("{way}", CASE)
            path = (
                path.replace("{name:path}", "app.js").replace("{name}", "index.html").replace("{id}", NOBODY)
            )
            path = path.replace("{organisation}", "rs-demo-lantern").replace("{service}", "legal")
            found |= {(method, path) for method in route.methods or () if method != "HEAD"}
    return found


class Server:
    """One installation, asked without a network."""

    def __init__(self, house: House) -> None:
        self.bounded = application(house.fener, _running)
        app = self.bounded._app  # the routes are what is tested
        assert isinstance(app, FastAPI)
        self.routes = sorted(every_route(app.routes))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.bounded), base_url=HERE)

    @property
    def everything(self) -> list[tuple[str, str]]:
        return [*self.routes, *WEBHOOKS]

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, path, content=body, headers=named)


@pytest.fixture
async def server(house: House) -> AsyncIterator[Server]:
    made = Server(house)
    yield made
    await made.client.aclose()


def changes(method: str) -> bool:
    return method != "GET"


async def test_the_table_holds_every_part_of_the_server(server: Server) -> None:
    firsts = {path.split("/")[1] for _, path in server.everything}

    assert firsts == {"try", "console", "healthz", "readyz", "metrics", "channels", "hsds"}
    assert len(server.everything) > 40


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "https://evil.example.net"},
        {"origin": "null"},
        {"origin": HERE.replace("8080", "8081")},
        {"sec_fetch_site": "same-origin", "origin": "https://evil.example.net"},
    ],
)
async def test_no_other_page_makes_a_browser_change_anything(server: Server, headers: dict[str, str]) -> None:
    for method, path in server.routes:
        if changes(method):
            answer = await server.ask(method, path, b"{}", content_type="application/json", **headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "request.origin"), (method, path)


async def test_our_own_page_and_a_program_get_past_the_fence(server: Server) -> None:
    for headers in ({}, {"sec_fetch_site": "same-origin", "origin": HERE}):
        for method, path in server.routes:
            if changes(method):
                answer = await server.ask(method, path, b"{}", content_type="application/json", **headers)
                assert answer.status_code != 403, (method, path)


async def test_what_is_not_said_to_be_json_is_not_read(server: Server) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        for method, path in server.routes:
            if changes(method):
                answer = await server.ask(method, path, b'{"token": 1}', content_type=kind)
                assert answer.status_code == 415, (method, path, kind)


async def test_a_method_that_an_address_does_not_have_is_refused(server: Server) -> None:
    paths: dict[str, set[str]] = {}
    for method, path in server.everything:
        paths.setdefault(path, set()).add(method)
    for path, methods in paths.items():
        for method in set(ALL_METHODS) - methods:
            answer = await server.ask(method, path)
            assert answer.status_code == 405, (method, path)
            assert methods & {each.strip() for each in answer.headers["allow"].split(",")}, (method, path)


async def test_a_body_above_its_limit_is_refused_on_every_address(server: Server) -> None:
    for method, path in server.everything:
        limit = MAX_BODY * (8 if path.startswith("/console/api/cases/") else 1)
        answer = await server.ask(method, path, b"0" * (limit + 1), content_type="application/json")
        unread = path == "/channels/telegram"  # without its secret nothing of a body is read
        assert answer.status_code == (403 if unread else 413), (method, path)


async def test_headers_above_their_limit_are_refused(server: Server) -> None:
    for method, path in server.routes:
        answer = await server.ask(method, path, x_more="a" * (16 * 1024))
        assert answer.status_code == 431, (method, path)


async def test_every_answer_keeps_other_sites_out_and_is_not_kept(server: Server) -> None:
    strange = [("GET", "/nowhere"), ("GET", "/console/static/nothing.js"), ("POST", "/try/api/nothing")]
    for method, path in [*server.routes, *strange]:
        for body in (b"", b"{", b"0" * (MAX_BODY * 8 + 1)):
            answer = await server.ask(method, path, body, content_type="application/json")
            told = answer.headers
            assert told["content-security-policy"].startswith("default-src 'none'"), (method, path)
            assert told["cache-control"] in {"no-store", "no-cache"}, (method, path)
            open_to_all = path.startswith("/hsds") and answer.is_success
            kept = path.startswith(("/console/static/", "/hsds"))
            assert told["cache-control"] == "no-store" or kept, path
            assert told["x-content-type-options"] == "nosniff"
            assert told["referrer-policy"] == "no-referrer"
            assert told["cross-origin-opener-policy"] == "same-origin"
            resource = told["cross-origin-resource-policy"]
            assert resource == "same-origin" or path.startswith("/hsds"), path
            assert resource == "cross-origin" or not open_to_all, path
            assert ("access-control-allow-origin" in told) == (resource == "cross-origin"), path
            assert told["cross-origin-embedder-policy"] == "require-corp"
            assert "server" not in told


async def test_what_providers_are_told_is_not_kept_and_says_nothing_about_us(server: Server) -> None:
    for method, path in WEBHOOKS:
        for verb in (method, "GET"):
            told = (await server.ask(verb, path, b"{")).headers
            assert told["cache-control"] == "no-store"
            assert set(told) <= {"content-length", "content-type", "cache-control", "allow", "connection"}


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_runs_its_own_files_and_turns_no_text_into_script(server: Server, path: str) -> None:
    policy = (await server.ask("GET", path)).headers["content-security-policy"]
    parts = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))

    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == "'self'"
    assert parts["require-trusted-types-for"] == "'script'"
    assert parts["frame-ancestors"] == parts["base-uri"] == parts["form-action"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_an_answer_repeats_nothing_of_what_was_sent(server: Server) -> None:
    sent = [
        b'{"' + CANARY.encode() + b'": 1}',
        b'{"token": "' + CANARY.encode() + b'", "' + CANARY.encode() + b'": {}}',
        b'["' + CANARY.encode() + b'"]',
        CANARY.encode(),
    ]
    for method, path in server.everything:
        for body in sent:
            asked = f"{path}?language={CANARY}&{CANARY}=1"
            answer = await server.ask(method, asked, body, content_type="application/json", x_more=CANARY)
            whole = answer.text + repr(answer.headers.raw)
            assert CANARY not in whole, (method, path, body)
    for path in (f"/{CANARY}", f"/console/{CANARY}", f"/try/{CANARY}", f"/console/static/{CANARY}"):
        answer = await server.ask("GET", path)
        assert answer.status_code == 404
        assert CANARY not in answer.text + repr(answer.headers.raw)


async def test_a_field_that_we_do_not_have_is_not_named(server: Server) -> None:
    body = b'{"token": "' + b"x" * 30 + b'", "secret_name": 1}'

    answer = await server.ask("POST", "/console/api/invitation", body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json() == {"code": "request.malformed", "mend": "Check the request."}


# --- junk -------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=40)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "kid",
        "challenge",
        "signature",
        "server",
        "token",
        "alias",
        "sequence",
        "sealed",
        "role",
        "page",
        "text",
    ]
)
BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(FIELDS, JSON, max_size=6).map(lambda value: json.dumps(value).encode()),
)
HEADER = st.binary(max_size=40).map(lambda value: bytes(each for each in value if each not in b"\r\n\x00"))


class Asked:
    """Asks one server from tests that are no coroutines."""

    def __init__(self, library: Library, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._house = House(folder, library)
        self._loop.run_until_complete(self._house.start())
        self._server = Server(self._house)
        self.everything = self._server.everything

    def ask(self, method: str, path: str, body: bytes, headers: list[tuple[bytes, bytes]]) -> int:
        asking = self._server.client.request(method, path, content=body, headers=headers)
        return self._loop.run_until_complete(asking).status_code

    def close(self) -> None:
        self._loop.run_until_complete(self._server.client.aclose())
        self._loop.run_until_complete(self._house.close())
        self._loop.close()


@pytest.fixture
def asked(library: Library, tmp_path: Path) -> Iterator[Asked]:
    server = Asked(library, tmp_path)
    yield server
    server.close()


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(
    which=st.integers(0, 10_000),
    method=st.one_of(st.none(), st.sampled_from(ALL_METHODS)),
    body=BODIES,
    query=st.text(max_size=30),
    odd=st.tuples(HEADER, HEADER),
)
def test_no_junk_on_any_address_breaks_the_server(  # noqa: PLR0917  # hypothesis names them
    asked: Asked, which: int, method: str | None, body: bytes, query: str, odd: tuple[bytes, bytes]
) -> None:
    usual, path = asked.everything[which % len(asked.everything)]
    headers = [(b"content-type", b"application/json"), (b"authorization", odd[0]), (b"cookie", odd[1])]
    status = asked.ask(method or usual, str(httpx.URL(path, params={"language": query})), body, headers)

    assert status < 500


# --- time -------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def listening(app: Bounded | Callable[[Scope, Receive, Send], Awaitable[None]]) -> AsyncIterator[int]:
    """A real server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()
        config = uvicorn.Config(
            app, http=serving.Connection, ws="none", lifespan="off", log_config=None, access_log=False
        )
        made = serving.Server(config)
        running = asyncio.create_task(made.serve(sockets=[free]))
        yield free.getsockname()[1]
        made.should_exit = True
        await running


async def told(port: int, *parts: bytes) -> bytes:
    """Everything that the server says to these bytes, until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    async with asyncio.timeout(60):
        said = await reader.read()
    writer.close()
    return said


async def trickle(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever."""
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.1)


async def test_who_trickles_a_head_is_hung_up_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.2)
    async with listening(server.bounded) as port:
        assert await told(port) == b""
        assert await told(port, b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ") == b""
        again = await told(port, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", b"GET /healthz HTTP/1.1\r\n")
        assert again.startswith(b"HTTP/1.1 200")


async def test_who_trickles_a_body_is_told_so_and_hung_up_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.2)
    async with listening(server.bounded) as port:
        for path in (b"/console/api/login", b"/try/api/say", b"/channels/whatsapp"):
            head = b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{"
            assert (await told(port, head)).startswith(b"HTTP/1.1 408"), path


async def test_who_says_nothing_after_a_head_is_hung_up_on_and_others_are_not(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.2)
    async with listening(server.bounded) as port:
        head = b"POST /channels/whatsapp HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            silent = asyncio.create_task(told(port, head))
            answers = 0
            while not silent.done():
                answers += (await client.post("/channels/whatsapp", content=b"x")).status_code == 403
                await asyncio.sleep(0.05)
            assert answers
        assert (await silent).startswith(b"HTTP/1.1 408")


async def test_a_body_that_nobody_waits_for_any_more_keeps_no_connection_open(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.2)
    async with listening(server.bounded) as port:
        head = b"POST /channels/telegram HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        assert (await reader.readline()).startswith(b"HTTP/1.1 403")
        trickling = asyncio.create_task(trickle(writer))
        said = b""
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionError):  # it hung up while we were still writing
                said = await reader.read()
        assert b"408" not in said  # it was answered already
        trickling.cancel()
        writer.close()


async def test_a_long_answer_is_not_cut_off(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(serving, "BODY_SECONDS", 0.2)

    async def late(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await asyncio.sleep(2.5)  # two looks at all connections
        await answer(send, 200, b"late", b"text/plain")

    async with listening(late) as port:
        assert (await told(port, b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nx")).endswith(
            b"late"
        )


async def test_a_head_without_end_is_refused_before_it_fills_the_memory(server: Server) -> None:
    async with listening(server.bounded) as port:
        endless = [b"GET /healthz HTTP/1.1\r\nhost: x\r\n", *[b"x-more: " + b"a" * 8_000 + b"\r\n"] * 5]
        try:
            said = await told(port, *endless)
        except ConnectionError:  # it hung up while we were still writing
            return
        assert said.startswith(b"HTTP/1.1 431")


async def test_a_request_that_comes_whole_is_answered_while_others_trickle(server: Server) -> None:
    async with listening(server.bounded) as port:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in slow:
            writer.write(b"POST /console/api/login HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n{")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/healthz", timeout=60)).text == "ok\n"
        for _, writer in slow:
            writer.close()
