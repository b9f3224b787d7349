"""A strict Telegram Bot API server on the loopback, with people to play.

It refuses what the real one refuses (see telegram_rules) and keeps its promises: an update comes again until it is
confirmed by a higher offset or a 2xx from the webhook, always with the same id.

    async with TelegramDouble() as telegram:
        sam = telegram.person()
        sam.say("hi")                 # ... run the bot against telegram.url and telegram.token
        await telegram.until(lambda: sam.heard)

By hand: `python -m tests.doubles.telegram --port 8081`, then type what a person says, `/tap 2`, `/block` or `/age 48`.
"""

import argparse
import asyncio
import hmac
import json
import re
import sys
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.doubles.telegram_people import Heard, Person
from tests.doubles.telegram_rules import METHODS, NAMES, ApiError, bad, checked
from tests.doubles.telegram_server import TOKEN, BotApi, Webhook

_WELL_FORMED = re.compile(r"\d{3,}:[A-Za-z0-9_-]{30,}")


class TelegramDouble(BotApi):
    """The server on HTTP. `url` is what FENER_TELEGRAM_API_URL takes; `redelivery` the seconds between pushes."""

    def __init__(self, token: str = TOKEN, *, port: int = 0, redelivery: float = 0.02) -> None:
        super().__init__(token)
        self.url = ""
        self._port = port
        self._redelivery = redelivery
        self._pump: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._pump = asyncio.create_task(self._push_forever())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._pump:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)
        self._poller += 1  # ends a waiting getUpdates
        await self.notify()
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        try:
            result = await self._answer(request)
        except ApiError as fault:
            return web.json_response(fault.answer(), status=fault.code)
        finally:
            await self.notify()
        return web.json_response({"ok": True, "result": result})

    async def _answer(self, request: web.Request) -> Any:
        token = request.match_info["token"]
        method = request.match_info["method"].lower()
        if not _WELL_FORMED.fullmatch(token):
            raise ApiError(404, "Not Found")
        if not hmac.compare_digest(token, self.token):
            raise ApiError(401, "Unauthorized")
        if method not in METHODS:
            raise ApiError(404, "Not Found: method not found")
        given = checked(method, await _parameters(request))
        self.calls.append((NAMES[method], given))
        self.planned_fault(method)
        play = getattr(self, f"_{method}", None)
        if play is None:
            raise ApiError(501, f"the double does not play {NAMES[method]}")
        return await play(**given)

    async def _push_forever(self) -> None:
        """Push each pending update until it is answered with 2xx; one that is not does not hold up the others."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                async with self._changed:
                    await self._changed.wait_for(self._can_push)
                for update in list(self.pending):
                    if (hook := self.webhook) and self._can_push():
                        await self._push(session, hook, update)
                await asyncio.sleep(self._redelivery)

    def _can_push(self) -> bool:
        """Only to the loopback: a test never calls out."""
        return bool(self.webhook and self.webhook.url.startswith("http://127.0.0.1:") and self.pending)

    async def _push(self, session: aiohttp.ClientSession, hook: Webhook, update: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        self.handed_out[update["update_id"]] += 1
        try:
            async with session.post(hook.url, json=update, headers=headers) as answer:
                taken = 200 <= answer.status < 300
                hook.last_error = "" if taken else f"Wrong response from the webhook: {answer.status}"
        except (aiohttp.ClientError, TimeoutError):
            taken = False
            hook.last_error = "Connection failed"
        if taken:
            self.pending.remove(update)
            self.confirmed.add(update["update_id"])
        else:
            hook.failures += 1
        await self.notify()


async def _parameters(request: web.Request) -> dict[str, Any]:
    """From the query, a form or a JSON body, as the API takes them."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = json.loads(await request.read() or b"{}")
        if not isinstance(body, dict):
            raise bad("object expected")
        return given | body
    for name, value in (await request.post()).items():
        if not isinstance(value, str):
            raise bad("the double takes no files")
        given[name] = value
    return given


async def _by_hand(port: int, token: str) -> None:
    """Play one person in the terminal."""
    async with TelegramDouble(token, port=port) as double:
        sam = double.person()
        print(f"FENER_TELEGRAM_API_URL={double.url} FENER_TELEGRAM_TOKEN={double.token}")
        listener = asyncio.create_task(_listen(double, sam))
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := (await reader.readline()).decode():
            _act(double, sam, line.strip())
        listener.cancel()


def _act(double: TelegramDouble, sam: Person, line: str) -> None:
    command, _, rest = line.partition(" ")
    if command == "/tap":
        sam.tap(rest)
    elif command == "/block":
        sam.block()
    elif command == "/age":
        double.age(float(rest))
    elif line:
        sam.say(line)


async def _listen(double: TelegramDouble, sam: Person) -> None:
    shown: set[int] = set()

    def news() -> list[Heard]:
        return [heard for heard in sam.messages if heard.number not in shown]

    while True:
        await double.until(news, seconds=10**9)
        for heard in news():
            print(f"< {heard.text}", *(f"[{label}]" for label in heard.labels), sep="\n< ")
            shown.add(heard.number)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a strict Telegram server on the loopback")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN)
    chosen = parser.parse_args()
    asyncio.run(_by_hand(chosen.port, chosen.token))
