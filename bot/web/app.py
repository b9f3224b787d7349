"""The HTTP application: two plain webhook endpoints mounted in FastAPI, health, the public directory, the caseworkers' interface."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from bot.kernel.errors import FenerError
from bot.telemetry.logs import logger, place_of
from bot.web.bodies import (
    MAX_BODY,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    body_or_refusal,
    header,
)
from bot.web.console.api import refuse, router
from bot.web.console.desk import Desk
from bot.web.console.pages import ConsolePages
from bot.web.health import Numbers, Ready, alive
from bot.web.hsds import api as hsds
from bot.web.hsds.shelf import Shelf
from bot.web.webhooks import TelegramWebhook, WhatsAppWebhook

Running = Callable[[], AbstractAsyncContextManager[None]]


def create_app(
    *,
    whatsapp: WhatsAppWebhook,
    telegram: TelegramWebhook,
    ready: Ready,
    numbers: Numbers,
    desk: Desk,
    shelf: Shelf,
    running: Running,
    try_page: Sequence[Route] = (),
    public_url: str | None = None,
) -> "Bounded":
    """The application. `running` starts and stops what works beside requests."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running():
            yield

    app = FastAPI(
        title="Fener",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        routes=[
            Route("/healthz", alive, methods=["GET"]),
            Route("/readyz", ready.page, methods=["GET"]),
            Route("/metrics", numbers.page, methods=["GET"]),
            *ConsolePages().routes,
            *try_page,
        ],
    )
    app.include_router(router(desk))
    app.include_router(hsds.router(shelf, public_url))
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(FenerError, refuse)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _failed)
    return Bounded(app, {"/channels/whatsapp": whatsapp, "/channels/telegram": telegram}, public_url)


Webhook = WhatsAppWebhook | TelegramWebhook


class Bounded:
    """Hands webhook calls over at once; reads every other body up to its limit before the framework does."""

    def __init__(self, app: FastAPI, webhooks: Mapping[str, Webhook], public_url: str | None) -> None:
        """Take the application to protect, by path the webhooks, which bound their own bodies, and our own address."""
        self._app = app
        self._origin = public_url
        self._webhooks = webhooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        webhook = self._webhooks.get(scope["path"])
        if webhook is not None:  # called by providers' machines: no browser, no page, nothing to fence in
            await webhook(scope, receive, send)
            return
        sending = _with_headers(send)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LARGEST_HEADERS:
            await answer(sending, 431, extra=[(b"connection", b"close")])
            return
        body = await body_or_refusal(scope, receive, sending, _limit(scope["path"]))
        if body is None:
            return
        if _comes_from_elsewhere(scope, self._origin):
            await answer(sending, 403, _ELSEWHERE, b"application/json")
        elif body and _media_type(scope) != _JSON:
            await answer(sending, 415, _NO_JSON, b"application/json")
        else:
            await self._app(scope, _replayed(body, receive), sending)


_LARGEST_REPLY = 8 * MAX_BODY  # a reply of 64 KiB, sealed twice, in base64
_LARGEST_HEADERS = 16 * 1024  # bytes
_JSON = "application/json"
_ELSEWHERE = b'{"code":"request.origin","mend":"Open the page itself."}'
_NO_JSON = b'{"code":"request.type","mend":"Send JSON."}'


def _comes_from_elsewhere(scope: Scope, own: str | None) -> bool:
    """Whether another site's page makes a browser call us. What is no browser sends neither header.

    Reading a page, as by a link, is free to everybody; what changes something, and every call of the interface, is not.
    """
    changes = scope["method"] not in {"GET", "HEAD", "OPTIONS"}
    if not changes and not scope["path"].startswith("/console/api/"):
        return False
    if header(scope, b"sec-fetch-site") not in {"", "same-origin"}:
        return True
    origin = header(scope, b"origin")
    if not origin or origin == own:
        return False
    return origin.partition("://")[2].lower() != header(scope, b"host").lower()


def _media_type(scope: Scope) -> str:
    return header(scope, b"content-type").partition(";")[0].strip().lower()


def _limit(path: str) -> int:
    return _LARGEST_REPLY if path.startswith("/console/api/cases/") else MAX_BODY


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once, and then whatever the client does next."""
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


_HEADERS = [
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]


def _with_headers(send: Send) -> Send:
    async def sending(message: "dict[str, object]") -> None:
        if message["type"] == "http.response.start":
            headers = message.setdefault("headers", [])
            assert isinstance(headers, list)
            there = {name.lower() for name, _ in headers}
            headers.extend(pair for pair in _HEADERS if pair[0] not in there)
        await send(message)

    return sending  # type: ignore[return-value]  # a dict is the MutableMapping that ASGI asks for


_NAMED_BY_THEM = frozenset({"extra_forbidden", "json_invalid"})
"""Faults whose place is what the caller wrote."""


async def _malformed(_request: Request, fault: Exception) -> Response:
    """Which of our fields were wrong; never what stood in them, nor the name of one that we do not have."""
    assert isinstance(fault, RequestValidationError)
    ours = [error for error in fault.errors() if error["type"] not in _NAMED_BY_THEM]
    fields = sorted({".".join(str(part) for part in error["loc"][1:2]) for error in ours})
    known = [field for field in fields if field.isidentifier()]
    return JSONResponse(
        {"code": "request.malformed", "mend": f"Check {', '.join(known) or 'the request'}."}, status_code=422
    )


async def _plain(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    if request.url.path.startswith(f"{hsds.PREFIX}/"):
        return hsds.refusal(fault.status_code, headers=dict(fault.headers or {}))
    return PlainTextResponse("", status_code=fault.status_code, headers=fault.headers)


async def _failed(_request: Request, fault: Exception) -> Response:
    logger().error("request.failed", kind=type(fault).__name__, place=place_of(fault))
    return JSONResponse(
        {"code": "server.failed", "mend": "Try again; the operator's log says where."}, status_code=500
    )
