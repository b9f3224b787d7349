"""A strict Twilio on the loopback: the message API for the official client, and people who write on WhatsApp.

Parameters are held to the official schema (schemas/twilio.json) and to Twilio's error table; inbound messages are
signed with Twilio's own code, retried by the policy in the webhook's URL, and every answer's TwiML is checked.

    async with TwilioDouble(webhook_url="http://127.0.0.1:8080/channels/whatsapp") as twilio:
        kim = twilio.person("+381601234567")
        answer = await kim.say("hi")
        assert kim.heard and not twilio.alerts

By hand: `python -m tests.doubles.twilio --webhook http://127.0.0.1:8080/channels/whatsapp --port 8082`, then type what a
person says.
"""

import argparse
import asyncio
import base64
import hashlib
import re
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.doubles.twilio_people import Alert, WhatsAppPerson
from tests.doubles.twilio_rules import SCHEMA, ApiError, check_declared, check_new_message

ACCOUNT = "AC" + "d0" * 16
TOKEN = "double-auth-token-0123456789abcd"
SENDER = "whatsapp:+14155238886"
WINDOW = 24 * 3600  # seconds after a person's last message in which free text reaches them
_MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
_MESSAGE = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
_ACCOUNTS = "/2010-04-01/Accounts/{Sid}.json"
_FINAL = frozenset({"sent", "delivered", "undelivered", "failed", "read", "received", "canceled"})


class TwilioDouble:
    """One account with one WhatsApp sender. `url` is what FENER_TWILIO_API_URL takes.

    `webhook_url` is where messages go (with a retry policy in its fragment), `public_url` what is signed when that
    differs. Clear `sending` to hold messages back, `answering` to hang. `alerts` is the debugger, `messages` what the account keeps, `calls` every API call as (operation, form).
    """

    def __init__(
        self,
        *,
        webhook_url: str = "",
        public_url: str = "",
        account: str = ACCOUNT,
        token: str = TOKEN,
        sender: str = SENDER,
        port: int = 0,
    ) -> None:
        self.webhook_url = webhook_url
        self.public_url = public_url
        self.account = account
        self.token = token
        self.sender = sender
        self.url = ""
        self.alerts: list[Alert] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.people: list[WhatsAppPerson] = []
        self.sending = asyncio.Event()
        self.sending.set()
        self.answering = asyncio.Event()
        self.answering.set()
        self._port = port
        self._last_inbound: dict[str, float] = {}
        self._aged = 0.0
        self._count = 0
        self._planned: list[ApiError] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    # --- the test's side ---------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()

    def person(self, number: str = "", scoped: str = "", name: str = "Canary") -> WhatsAppPerson:
        """Somebody known by number, business-scoped id, or both."""
        self.people.append(WhatsAppPerson(self, number, scoped, name))
        return self.people[-1]

    def plan(self, code: int, status: int = 400, message: str = "planned", *, times: int = 1) -> None:
        """Refuse the next messages with this error of Twilio's."""
        self._planned += [ApiError(status, code, message)] * times

    def throttle(self, times: int = 1) -> None:
        """Answer the next messages with 429."""
        self.plan(20429, 429, "Too Many Requests", times=times)

    def age(self, hours: float) -> None:
        """Let time pass."""
        self._aged += hours * 3600

    def now(self) -> float:
        """Seconds since 1970, aged."""
        return time.time() + self._aged

    def new_sid(self, prefix: str) -> str:
        """A new id in Twilio's form."""
        self._count += 1
        return prefix + hashlib.md5(f"{prefix}{self._count}{self.account}".encode()).hexdigest()

    def receive(self, person: WhatsAppPerson, form: Mapping[str, str]) -> None:
        """Keep an inbound message, as Twilio does, and open the window."""
        for address in person.addresses:
            self._last_inbound[address] = self.now()
        sid = form["MessageSid"]
        self.messages[sid] = self._resource(sid, form, direction="inbound", status="received")

    async def settled(self) -> None:
        """Wait until what was accepted is sent or failed and its callbacks are out."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    # --- the application's side --------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.Response:
        await self.answering.wait()
        try:
            self._check_password(request)
            return await self._operation(request)
        except ApiError as fault:
            return fault.response()

    def _check_password(self, request: web.Request) -> None:
        expected = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            raise ApiError(401, 20003, "Authenticate")

    async def _operation(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        for path in (_ACCOUNTS, _MESSAGES, _MESSAGE):
            pattern = re.escape(path).replace(r"\{AccountSid\}", "(?P<AccountSid>[^/]+)")
            found = re.fullmatch(pattern.replace(r"\{Sid\}", "(?P<Sid>[^/.]+)"), request.path)
            declared = SCHEMA["operations"].get(f"{request.method} {path}")
            if found and declared:
                check_declared(declared, found.groupdict(), dict(request.query), form)
                if (found.groupdict().get("AccountSid") or found["Sid"]) != self.account:
                    break
                self.calls.append((f"{request.method} {path}", form))
                return await self._play(request, path, found.groupdict(), form)
        raise ApiError(404, 20404, f"The requested resource {request.path} was not found")

    async def _play(
        self, request: web.Request, path: str, place: dict[str, str], form: dict[str, str]
    ) -> web.Response:
        match request.method, path:
            case "GET", "/2010-04-01/Accounts/{Sid}.json":
                return web.json_response({"sid": self.account, "status": "active", "friendly_name": "double"})
            case "POST", "/2010-04-01/Accounts/{AccountSid}/Messages.json":
                return web.json_response(self._create(form), status=201)
            case "GET", "/2010-04-01/Accounts/{AccountSid}/Messages.json":
                return web.json_response(self._list(request))
            case method, "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json":
                return self._one(method, place["Sid"], form)
            case _:
                raise ApiError(501, 20501, "the double does not play this")

    def _create(self, form: dict[str, str]) -> dict[str, Any]:
        check_new_message(form, self.sender)
        if self._planned:
            raise self._planned.pop(0)
        sid = self.new_sid("SM")
        self.messages[sid] = self._resource(sid, form, direction="outbound-api", status="queued")
        answer = dict(self.messages[sid])
        task = asyncio.get_running_loop().create_task(self._send(sid, form.get("StatusCallback", "")))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer

    async def _send(self, sid: str, callback: str) -> None:
        """Hand over to WhatsApp: within the window it arrives, outside it fails afterwards."""
        await self.sending.wait()
        message = self.messages[sid]
        last = self._last_inbound.get(message["to"])
        if last is None or self.now() - last > WINDOW:
            message |= {"status": "failed", "error_code": 63016}
        else:
            message["status"] = "delivered"
            for person in self.people:
                if message["to"] in person.addresses:
                    person.heard.append(message["body"])
        if callback:
            form = {
                "MessageSid": sid,
                "MessageStatus": message["status"],
                "To": message["to"],
                "From": self.sender,
            }
            if message["error_code"]:
                form["ErrorCode"] = str(message["error_code"])
            signature = RequestValidator(self.token).compute_signature(callback, form)
            async with aiohttp.ClientSession() as session:
                await session.post(callback, data=form, headers={"X-Twilio-Signature": signature})

    def _one(self, method: str, sid: str, form: dict[str, str]) -> web.Response:
        message = self.messages.get(sid)
        if message is None:
            raise ApiError(404, 20404, "The requested message was not found")
        if method != "GET" and message["status"] not in _FINAL:
            raise ApiError(409, 20009, "Cannot delete message because delivery has not been completed.")
        if method == "DELETE":
            del self.messages[sid]
            return web.Response(status=204)
        if form.get("Body"):
            raise ApiError(400, 20001, "Body can only be emptied")
        message["body"] = form.get("Body", message["body"])
        return web.json_response(message)

    def _list(self, request: web.Request) -> dict[str, Any]:
        query = request.query
        found = [
            each
            for each in self.messages.values()
            if query.get("To", each["to"]) == each["to"]
            and query.get("From", each["from"]) == each["from"]
            and _sent(each) < _moment(query.get("DateSent<"), float("inf"))
            and _sent(each) > _moment(query.get("DateSent>"), float("-inf"))
        ]
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        more = {**query, "Page": page + 1, "PageToken": f"PA{page + 1}"}
        following = f"{request.path}?{urlencode(more)}" if len(found) > (page + 1) * size else None
        shown = found[page * size : (page + 1) * size]
        return {"messages": shown, "page": page, "page_size": size, "next_page_uri": following}

    def _resource(self, sid: str, form: Mapping[str, str], *, direction: str, status: str) -> dict[str, Any]:
        now = format_datetime(datetime.fromtimestamp(self.now(), UTC))
        known = dict.fromkeys(SCHEMA["schemas"]["api.v2010.account.message"]["properties"])
        return known | {
            "sid": sid,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "direction": direction,
            "from": form["From"],
            "to": form["To"],
            "body": form.get("Body", ""),
            "status": status,
            "num_media": "0",
            "num_segments": "1",
            "date_created": now,
            "date_sent": now,
            "date_updated": now,
            "uri": f"/2010-04-01/Accounts/{self.account}/Messages/{sid}.json",
            "subresource_uris": {},
        }


def _moment(text: str | None, otherwise: float) -> float:
    return datetime.fromisoformat(text).timestamp() if text else otherwise


def _sent(message: dict[str, Any]) -> float:
    return datetime.strptime(message["date_sent"], "%a, %d %b %Y %H:%M:%S %z").timestamp()


async def _by_hand(webhook: str, public: str, port: int, number: str) -> None:
    """Play one person in the terminal."""
    async with TwilioDouble(webhook_url=webhook, public_url=public, port=port) as double:
        kim = double.person(number)
        print(f"FENER_TWILIO_API_URL={double.url} FENER_TWILIO_ACCOUNT_SID={double.account}")
        print(f"FENER_TWILIO_AUTH_TOKEN={double.token} FENER_TWILIO_FROM={double.sender}")
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := (await reader.readline()).decode().strip():
            answer = await kim.say(line)
            print(f"({answer.status})", *answer.texts, sep="\n< ")
            print(*(f"alert {alert.code}" for alert in double.alerts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a strict Twilio on the loopback")
    parser.add_argument("--webhook", default="http://127.0.0.1:8080/channels/whatsapp")
    parser.add_argument("--public", default="", help="the URL that is signed, when it differs")
    parser.add_argument("--port", type=int, default=8082)
    parser.add_argument("--number", default="+381600000000")
    chosen = parser.parse_args()
    asyncio.run(_by_hand(chosen.webhook, chosen.public, chosen.port, chosen.number))
