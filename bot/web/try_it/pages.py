"""The try page over HTTP. Its random number travels in bodies only; no cookie, no address of the network is looked at."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.channels import telegram, whatsapp
from bot.channels.try_channel import Pages, parse_page, parse_said, parse_wait
from bot.kernel.messages import OutboundMessage
from bot.ports import ContentSource, Delivery, RateLimits
from bot.telemetry.logs import logger, place_of
from bot.telemetry.metrics import Metrics
from bot.usecases.kept import Kept
from bot.usecases.take_turn import Answer, TakeTurn
from bot.web.try_it.words import page_languages, page_words

WAIT_SECONDS: Final = 25.0
"""How long a request for news stays open; proxies hang up after 30 to 60 seconds."""

_MINUTE: Final = 60
_MESSAGES_A_MINUTE: Final = 600  # of all pages together
_PAGES_A_MINUTE: Final = 60  # new ones; each may cost a fingerprint, which people on real channels wait for

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "permissions-policy": "camera=(), microphone=(), geolocation=(), clipboard-read=(), browsing-topics=()",
    "x-robots-tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class About:
    """What holds for the whole installation; the page's sentences are made of these."""

    demo: bool
    idle_minutes: int
    route_minutes: int
    replay_minutes: int
    after_close_days: int
    at_most_days: int

    def facts(self) -> dict[str, object]:
        """As the page reads them."""
        return {
            "demo": self.demo,
            "idle_minutes": self.idle_minutes,
            "route_minutes": self.route_minutes,
            "replay_minutes": self.replay_minutes,
            "after_close_days": self.after_close_days,
            "at_most_days": self.at_most_days,
        }


class TryPage:
    """Serves the page, its sentences and its four calls: enter, say, wait and leave."""

    def __init__(
        self,
        turns: TakeTurn,
        channel: Pages,
        *,
        content: ContentSource,
        limits: RateLimits,
        metrics: Metrics,
        about: About,
        sealed_to: Callable[[str], Awaitable[str]],
        test_mark: str | None,
    ) -> None:
        """`sealed_to` gives the name of an organisation as its consent says it."""
        self._turns = turns
        self._channel = channel
        self._content = content
        self._limits = limits
        self._metrics = metrics
        self._about = about
        self._sealed_to = sealed_to
        self._test_mark = test_mark
        self._files = _files()

    def routes(self) -> list[Route]:
        """Everything below `/try/`."""
        return [
            Route("/try", self._moved, methods=["GET"]),
            Route("/try/", self._page, methods=["GET"]),
            Route("/try/api/enter", self._enter, methods=["POST"]),
            Route("/try/api/say", self._say, methods=["POST"]),
            Route("/try/api/wait", self._wait, methods=["POST"]),
            Route("/try/api/leave", self._leave, methods=["POST"]),
            Route("/try/words/{language}", self._words, methods=["GET"]),
            Route("/try/{name}", self._file, methods=["GET"]),
        ]

    # --- what is shown ------------------------------------------------------------------------------------

    async def _moved(self, _request: Request) -> Response:
        return RedirectResponse("/try/", status_code=308, headers=_HEADERS)

    async def _page(self, _request: Request) -> Response:
        return self._static("index.html")

    async def _file(self, request: Request) -> Response:
        return self._static(str(request.path_params["name"]))

    async def _words(self, request: Request) -> Response:
        words = page_words(self._content.library.catalogue, str(request.path_params["language"]))
        return Response(status_code=404, headers=_HEADERS) if words is None else _json(words)

    def _static(self, name: str) -> Response:
        data = self._files.get(name)
        if data is None:
            return Response(status_code=404, headers=_HEADERS)
        return Response(data, media_type=_TYPES["." + name.rpartition(".")[2]], headers=_HEADERS)

    # --- what the page asks -------------------------------------------------------------------------------

    async def _enter(self, request: Request) -> Response:
        if (refused := _refused(request)) is not None:
            return refused
        page = parse_page(await request.body())
        if page is None:
            return _json({"code": "request.malformed"}, 400)
        if not await self._channel.knows(page) and not await self._limits.allow(
            b"try pages", limit=_PAGES_A_MINUTE, seconds=_MINUTE
        ):
            return _busy()
        if not await self._channel.enter(page):
            return _busy()
        return _json({**self._about.facts(), "languages": page_languages(self._content.library.catalogue)})

    async def _say(self, request: Request) -> Response:
        if (refused := _refused(request)) is not None:
            return refused
        delivery = parse_said(await request.body())
        if delivery is None:
            return _json({"code": "request.malformed"}, 400)
        if not await self._channel.knows(delivery.address):
            return _json({"code": "page.unknown"}, 409)
        if not await self._limits.allow(b"try messages", limit=_MESSAGES_A_MINUTE, seconds=_MINUTE):
            return _busy()
        return _json(await self._taken(delivery))

    async def _taken(self, delivery: Delivery) -> dict[str, object]:
        try:
            answer = await self._turns(delivery)
        except Exception as fault:  # noqa: BLE001  # the outer edge: nobody may be left without a word
            self._metrics.count("simulator", "failed")
            logger().error(
                "turn.failed", channel="simulator", kind=type(fault).__name__, place=place_of(fault)
            )
            return {"said": self._looks(self._turns.apology()), "failed": True, "kept": None}
        return {"said": self._looks(answer.message), "failed": False, "kept": await self._kept(answer)}

    async def _kept(self, answer: Answer) -> dict[str, object] | None:
        kept: Kept | None = answer.kept
        if kept is None:
            return None
        return {
            "place": kept.place,
            "route": kept.route,
            "sealed_to": ", ".join([await self._sealed_to(each) for each in kept.organisations]),
            "did": [did.value for did in kept.did],
        }

    async def _wait(self, request: Request) -> Response:
        if (refused := _refused(request)) is not None:
            return refused
        asked = parse_wait(await request.body())
        if asked is None:
            return _json({"code": "request.malformed"}, 400)
        news = await self._channel.news(*asked, WAIT_SECONDS)
        if news is None:
            return _json({"code": "page.unknown"}, 409)
        return _json({"news": [{"number": each.number, "said": self._looks(each.message)} for each in news]})

    async def _leave(self, request: Request) -> Response:
        if (refused := _refused(request)) is not None:
            return refused
        page = parse_page(await request.body())
        if page is None:
            return _json({"code": "request.malformed"}, 400)
        await self._channel.leave(page)
        await self._turns.left(page)
        return Response(status_code=204, headers=_HEADERS)

    def _looks(self, reply: OutboundMessage | None) -> dict[str, object] | None:
        """The reply as each messenger would be sent it, and the same in English for who looks on."""
        if reply is None:
            return None
        return {
            "english": self._looks(reply.english),
            "language": reply.language,
            "direction": reply.direction,
            "from_case": reply.from_case,
            "whatsapp": list(whatsapp.render(reply, self._test_mark)),
            "telegram": [
                {
                    "text": each.text,
                    "keyboard": [
                        [{"label": button.label, "payload": button.payload} for button in row]
                        for row in each.keyboard
                    ],
                }
                for each in telegram.render(reply, self._test_mark)
            ],
        }


def _refused(request: Request) -> Response | None:
    """Calls that another site's page could make: those need no JSON type, or say where they come from."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return _json({"code": "request.elsewhere"}, 403)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return _json({"code": "request.type"}, 415)
    return None


def _json(content: Mapping[str, object], status: int = 200) -> Response:
    return JSONResponse(content, status_code=status, headers=_HEADERS)


def _busy() -> Response:
    return JSONResponse({"code": "page.busy"}, status_code=429, headers={**_HEADERS, "retry-after": "60"})


def _files() -> dict[str, bytes]:
    folder = resources.files(__package__) / "static"
    return {
        each.name: each.read_bytes()
        for each in folder.iterdir()
        if each.is_file() and "." + each.name.rpartition(".")[2] in _TYPES
    }
