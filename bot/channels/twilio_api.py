"""Twilio's API through its official client: messages outside a request.

Every fault leaves as one of our errors, raised outside the `except` block, so that no exception of the library
(its text may hold a number) hangs on it as a cause or context.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlencode, urlsplit

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.channels.whatsapp import render
from bot.kernel.address import Address
from bot.kernel.errors import FenerError, SendError, StartError
from bot.kernel.messages import OutboundMessage

_T = TypeVar("_T")
_TIMEOUT: Final = 10.0  # seconds for one call
_KEPT: Final = timedelta(hours=1)  # what Twilio keeps of a conversation before we delete it there
_PURGED_AT_ONCE: Final = 1000

# https://www.twilio.com/docs/api/errors, read 2026-11
_GONE = frozenset({21211, 21610, 21614, 63003, 63014, 63024, 63033})
_WINDOW_CLOSED = frozenset({63016})
_THROTTLED = frozenset({20429, 21611, 63017, 63018, 63038})
_WRONG_ACCOUNT = frozenset({20003, 21603, 21606, 21910, 63007})
_THROTTLE_PAUSE: Final = 6.0  # seconds; Meta lets about one message in six seconds through to one person


class WhatsAppChannel:
    """One WhatsApp sender. `sender` is `whatsapp:+...`; `api_url` replaces scheme and host of every request."""

    def __init__(
        self,
        account: str,
        token: str,
        sender: str,
        *,
        api_url: str | None = None,
        test_mark: str | None = None,
        timeout: float = _TIMEOUT,
    ) -> None:
        self._http = QuietClient(api_url, timeout)
        # The client reads edge and region from the environment; only documented settings may move where numbers go.
        self._client = Client(account, token, http_client=self._http, environment={"none": ""})
        self._sender = sender
        self._test_mark = test_mark

    def __repr__(self) -> str:
        """Show no account, no token."""
        return "WhatsAppChannel()"

    async def send(self, address: Address, message: OutboundMessage) -> tuple[int, ...]:
        """Send all parts in order. Always an empty tuple: message ids are not kept. Raises SendError."""
        if address.channel != "whatsapp":
            raise SendError("whatsapp.wrong_channel")
        to = f"whatsapp:{address.reveal()}"
        for part in render(message, self._test_mark):
            await self._send_part(to, part)
        return ()

    async def delete(self, address: Address, message_ids: Sequence[int]) -> int:  # noqa: ARG002 - the port's shape
        """Nothing can be deleted on the person's phone: 0."""
        return 0

    async def purge(self, now: datetime) -> int:
        """Delete at Twilio what went either way and is older than an hour, without any stored id; how many went.

        At most 2000 a call; what is still on its way stays for the next. Raises SendError, StartError.
        """
        before = now - _KEPT
        messages = self._client.messages
        gone = 0
        for filters in ({"from_": self._sender}, {"to": self._sender}):
            found = await self._call(
                messages.list_async(**filters, date_sent_before=before, limit=_PURGED_AT_ONCE)
            )
            for each in found:
                gone += await self._deleted(each.sid)
        return gone

    async def _deleted(self, sid: str) -> bool:
        """Whether it is gone; a message that is refused now (still on its way, already gone) stops nothing."""
        try:
            return await self._call(self._client.messages(sid).delete_async())
        except SendError as fault:
            if fault.code == "whatsapp.refused":
                return False
            raise

    async def check(self) -> None:
        """Ask who we are. Raises StartError when account or token is wrong, SendError when Twilio is out of reach."""
        await self._call(self._client.api.accounts(self._client.account_sid).fetch_async())

    async def close(self) -> None:
        """Close connections."""
        await self._http.close()

    async def _send_part(self, to: str, part: str) -> None:
        await self._call(self._client.messages.create_async(to=to, from_=self._sender, body=part))

    async def _call(self, call: Awaitable[_T]) -> _T:
        try:
            return await call
        except TwilioException as error:
            fault = _translated(error)
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            fault = SendError("whatsapp.network", retryable=True)
        raise fault


class QuietClient(AsyncTwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """The library's asynchronous HTTP client without its habits.

    It logs URLs that hold numbers, keeps the last request and answer for its own tests, and has no timeout.
    `api_url` gives scheme and host of every request (and a path to put before theirs); None leaves them as they are.
    The connection pool is made in the running loop at the first request.
    """

    def __init__(self, api_url: str | None, timeout: float = _TIMEOUT) -> None:
        super().__init__(pool_connections=False)
        self._limit = aiohttp.ClientTimeout(total=timeout)
        self._base = urlsplit(api_url.rstrip("/")) if api_url else None
        self._pool: aiohttp.ClientSession | None = None

    async def request(  # noqa: PLR0917 - the library's shape
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the library's shape; ours is set once
        allow_redirects: bool = False,
    ) -> Response:
        """One request, to our base URL when there is one."""
        if self._pool is None or self._pool.closed:
            self._pool = aiohttp.ClientSession(timeout=self._limit)
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = aiohttp.encode_basic_auth(*auth)
        async with self._pool.request(
            method.upper(),
            self._placed(url),
            params={name: str(value) for name, value in (params or {}).items()} or None,
            data=urlencode(data, doseq=True) if data else None,
            headers=sent,
            allow_redirects=allow_redirects,
        ) as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool.close()

    def _placed(self, url: str) -> str:
        if self._base is None:
            return url
        there = urlsplit(url)
        return there._replace(
            scheme=self._base.scheme, netloc=self._base.netloc, path=self._base.path + there.path
        ).geturl()


def _translated(error: TwilioException) -> FenerError:
    """Our error for Twilio's, by what the caller can do."""
    if not isinstance(error, TwilioRestException | TwilioServiceException):
        return SendError("whatsapp.network", retryable=True)
    status, code = int(error.status), int(error.code or 0)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or code in _WRONG_ACCOUNT:
        fault: FenerError = StartError(
            "whatsapp.account",
            "Twilio refuses account, token or sender: check FENER_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM",
        )
    elif code in _WINDOW_CLOSED:
        fault = SendError("whatsapp.window_closed")
    elif code in _GONE:
        fault = SendError("whatsapp.gone", gone=True)
    elif code in _THROTTLED or status == HTTPStatus.TOO_MANY_REQUESTS:
        fault = SendError("whatsapp.throttled", retryable=True, after=_THROTTLE_PAUSE)
    else:
        fault = SendError("whatsapp.refused", retryable=status >= HTTPStatus.INTERNAL_SERVER_ERROR)
    return fault
