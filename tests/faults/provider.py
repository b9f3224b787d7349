"""A messenger's API that behaves as badly as it is told: every fault repeats the whole call, number, chat id, token and all."""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: `what` is its last part, such as `sendMessage` or `Messages.json`; `dump` all of it."""

    what: str
    method: str
    fields: dict[str, Any]
    dump: str


Misbehaviour = Callable[[web.Request, Call], web.StreamResponse | Literal["pass"] | None]
"""The answer in place of the right one; None hangs up in the middle, "pass" is no misbehaviour after all."""


@dataclass
class Provider:
    """Telegram below /bot..., Twilio elsewhere. `fails` says how calls of one kind are answered now."""

    calls: list[Call] = field(default_factory=list)
    fails: dict[str, Misbehaviour] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    listed: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.hanging.set()
        await self._runner.cleanup()

    def said(self) -> list[str]:
        """Every text that went through to a person."""
        return [
            str(call.fields.get("text") or call.fields.get("Body"))
            for call in self.calls
            if call.what in {"sendMessage", "Messages.json"} and call.method == "POST"
        ]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode()
        fields: dict[str, Any] = {name: values[0] for name, values in parse_qs(body).items()}
        what = request.path.rpartition("/")[2]
        dump = f"{request.method} {request.path_qs} {dict(request.headers)} {_basic(request)} {body} {fields}"
        call = Call(what if not what.startswith("SM") else "Message.json", request.method, fields, dump)
        misbehaviour = self.fails.get(call.what if call.method != "GET" else f"GET {call.what}")
        if misbehaviour is not None:
            answer = misbehaviour(request, call)
            if isinstance(answer, web.StreamResponse):
                return answer
            if answer is None:
                assert request.transport is not None
                request.transport.abort()
                await asyncio.Event().wait()
        self.calls.append(call)
        return self._right(call)

    def _right(self, call: Call) -> web.Response:
        number = len(self.calls)
        match call.what:
            case "sendMessage":
                chat = {"id": int(call.fields["chat_id"]), "type": "private"}
                message = {"message_id": number, "date": 1, "chat": chat, "text": call.fields["text"]}
                return web.json_response({"ok": True, "result": message})
            case "getUpdates":
                return web.json_response({"ok": True, "result": self.waiting})
            case "Messages.json" if call.method == "POST":
                return web.json_response({"sid": f"SM{number:032x}", "status": "queued"}, status=201)
            case "Messages.json":
                return web.json_response({"messages": self.listed, "page": 0, "page_size": 50})
            case "Message.json":
                return web.Response(status=204)
            case _:
                return web.json_response({"ok": True, "result": True})


def _basic(request: web.Request) -> str:
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    return base64.b64decode(given).decode() if given else ""


def telegram_error(code: int, words: str = "Bad Request", **parameters: object) -> Misbehaviour:
    """An error as Telegram writes it, with the call in its description."""

    def answer(_request: web.Request, call: Call) -> web.Response:
        said = {"ok": False, "error_code": code, "description": f"{words}: {call.dump}"}
        return web.json_response(said | ({"parameters": parameters} if parameters else {}), status=code)

    return answer


def twilio_error(status: int, code: int) -> Misbehaviour:
    """An error as Twilio writes it, with the call in its message."""

    def answer(_request: web.Request, call: Call) -> web.Response:
        said = {"status": status, "code": code, "message": call.dump, "more_info": f"https://x/{call.dump}"}
        return web.json_response(said, status=status, headers={"X-Echo": call.dump[:900].replace("\n", " ")})

    return answer


def html(status: int) -> Misbehaviour:
    """A page of some proxy on the way, with the call in it."""
    return lambda _request, call: web.Response(
        status=status, text=f"<html><h1>Bad gateway</h1>{call.dump}</html>", content_type="text/html"
    )


def broken_json(_request: web.Request, call: Call) -> web.Response:
    """Two hundred, and no JSON."""
    return web.Response(text=f'{{"ok": tru {json.dumps(call.dump)}', content_type="application/json")


def odd_json(_request: web.Request, call: Call) -> web.Response:
    """JSON of a shape that nobody documented."""
    return web.json_response([{"ok": call.dump}, call.dump, 7])


def not_even_text(_request: web.Request, call: Call) -> web.Response:
    """Bytes that are no text, and say that they are."""
    return web.Response(body=b"\xff\xfe\x00" + call.dump.encode(), content_type="application/json")


def hang_up(_request: web.Request, _call: Call) -> None:
    """The connection is reset."""


class Hang:
    """Never answers; the caller's patience ends first."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __call__(self, request: web.Request, _call: Call) -> web.StreamResponse:
        return _Late(self._provider.hanging)


class _Late(web.StreamResponse):
    def __init__(self, until: asyncio.Event) -> None:
        super().__init__()
        self._until = until

    async def prepare(self, request: web.BaseRequest) -> Any:
        await self._until.wait()
        return await super().prepare(request)
