"""Whether the process is alive, ready for people, and its counts. Nothing here says who or what."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.kernel.errors import FenerError
from bot.telemetry.metrics import Metrics

Check = Callable[[], Awaitable[None]]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


def alive(_request: Request) -> Response:
    """`GET /healthz`: the process answers."""
    return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})


class Ready:
    """`GET /readyz`: database, memory and content, each `ok` or the code of what is wrong; 503 when one is."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        """Each check returns when its part works and raises FenerError otherwise."""
        self._checks = checks

    async def page(self, _request: Request) -> Response:
        """Run every check."""
        states: dict[str, str] = {}
        for name, check in self._checks.items():
            try:
                await check()
                states[name] = "ok"
            except FenerError as fault:
                states[name] = fault.code
            except Exception as fault:  # noqa: BLE001  # a health page must not fail with what it looks at
                states[name] = type(fault).__name__
        whole = all(state == "ok" for state in states.values())
        return JSONResponse(states, status_code=200 if whole else 503, headers={"cache-control": "no-store"})


class Numbers:
    """`GET /metrics`: for this machine, or for who has the token. A proxied call is not from this machine."""

    def __init__(self, metrics: Metrics, token: str | None) -> None:
        """Without a token only direct calls from the loopback interface are answered."""
        self._metrics = metrics
        self._token = token

    def page(self, request: Request) -> Response:
        """The counters, or 404 for everybody else."""
        if not self._may(request):
            return Response(status_code=404)
        return Response(self._metrics.page(), media_type="text/plain; version=0.0.4")

    def _may(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        if self._token is not None and hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return True
        direct = request.client is not None and request.client.host in _LOOPBACK
        return direct and not {"x-forwarded-for", "forwarded", "x-real-ip"} & set(request.headers)
