"""Telegram's API through python-telegram-bot: send, delete, answer taps, fetch updates.

Every fault leaves as one of our errors, raised outside the `except` block, so that no exception of the library
(it may hold the token in a URL, or a chat id) hangs on it as a cause or context.
"""

import asyncio
import json
import urllib.parse
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final, TypeVar, cast

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.channels.limits import TELEGRAM_BATCH, TELEGRAM_DELETE
from bot.channels.telegram import ALLOWED_UPDATES, TelegramMessage, Update, convert_update, render
from bot.kernel.address import Address
from bot.kernel.errors import FenerError, SendError, StartError
from bot.kernel.messages import OutboundMessage

OFFICIAL_API: Final = "https://api.telegram.org"

_T = TypeVar("_T")
_TIMEOUT = 10.0  # seconds for an ordinary call
_PATIENCE = 5.0  # seconds of flood control waited out inside one reply, so that its parts stay together
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # a preview on a lock screen can out someone
_HARMLESS = (
    "message is not modified",
    "query is too old",
    "query id is invalid",
    "message to delete not found",
)
_UNREACHABLE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated")


class TelegramChannel:
    """One bot. `api_url` is the server without the trailing `/bot`; `test_mark` stands above every message."""

    def __init__(
        self,
        token: str,
        *,
        api_url: str = OFFICIAL_API,
        test_mark: str | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._calls = _QuietRequest(connection_pool_size=32, read_timeout=_TIMEOUT, pool_timeout=_TIMEOUT)
        self._polls = _QuietRequest(connection_pool_size=2, read_timeout=_TIMEOUT, pool_timeout=_TIMEOUT)
        base = api_url.rstrip("/")
        self._bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._calls,
            get_updates_request=self._polls,
        )
        self._test_mark = test_mark
        self._sleep = sleep

    def __repr__(self) -> str:
        """Show no token."""
        return "TelegramChannel()"

    async def check(self) -> str:
        """The bot's user name. Raises StartError when the token is wrong, SendError when Telegram is out of reach."""
        return (await self._call(self._bot.get_me())).username or ""

    async def send(self, address: Address, message: OutboundMessage) -> tuple[int, ...]:
        """Send all parts in order; their ids, for deleting them within 48 hours. Raises SendError."""
        chat = _chat(address)
        return tuple([await self._patiently(chat, part) for part in render(message, self._test_mark)])

    async def delete(self, address: Address, message_ids: Sequence[int]) -> int:
        """Delete on both sides what is younger than 48 hours; how many Telegram took without complaint."""
        chat = _chat(address)
        taken = 0
        for start in range(0, len(message_ids), TELEGRAM_DELETE):
            batch = message_ids[start : start + TELEGRAM_DELETE]
            if await self._harmlessly(self._bot.delete_messages(chat, batch)):
                taken += len(batch)
        return taken

    async def answer(self, query: str) -> None:
        """Let a tapped button stop spinning; too late is no fault."""
        await self._harmlessly(self._bot.answer_callback_query(query))

    async def leave(self, group: Address) -> None:
        """Leave a group: we only talk in private."""
        await self._harmlessly(self._bot.leave_chat(_chat(group)))

    async def register_webhook(self, url: str, secret: str) -> None:
        """Ask Telegram to call `url` with the secret header; what waited there comes too."""
        await self._call(
            self._bot.set_webhook(
                url, allowed_updates=ALLOWED_UPDATES, secret_token=secret, drop_pending_updates=False
            )
        )

    async def remove_webhook(self) -> None:
        """Go back to polling; nothing that waits is dropped."""
        await self._call(self._bot.delete_webhook(drop_pending_updates=False))

    async def updates(self, offset: int, *, wait: float) -> list[Update]:
        """Updates from `offset` on, waiting up to `wait` seconds for one; confirms all before `offset` (0: none).

        The library's own get_updates builds an object for every name and number in an update, and writes the whole
        batch to the log when one does not fit; so this asks for the JSON. What is no update at all is left out.
        """
        asked: dict[str, str | int] = {
            "timeout": round(wait),
            "limit": TELEGRAM_BATCH,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if offset:
            asked["offset"] = offset
        url = f"{self._bot.base_url}/getUpdates?{urllib.parse.urlencode(asked)}"
        # post() is typed as the object that most methods answer with; getUpdates answers with a list.
        answer = cast("object", await self._call(self._polls.post(url, read_timeout=wait + _TIMEOUT)))
        raw = answer if isinstance(answer, list) else []
        read = [convert_update(update) for update in raw if isinstance(update, dict)]
        return [update for update in read if update is not None]

    async def close(self) -> None:
        """Close connections."""
        await self._calls.shutdown()
        await self._polls.shutdown()

    async def _patiently(self, chat: int, part: TelegramMessage) -> int:
        """Send one part; a short flood control is waited out once, because the parts before are already there."""
        try:
            return await self._send_part(chat, part)
        except SendError as fault:
            if not 0 < fault.after <= _PATIENCE:
                raise
            pause = fault.after
        await self._sleep(pause)
        return await self._send_part(chat, part)

    async def _send_part(self, chat: int, part: TelegramMessage) -> int:
        buttons = [
            [InlineKeyboardButton(button.label, callback_data=button.payload) for button in row]
            for row in part.keyboard
        ]
        sent = await self._call(
            self._bot.send_message(
                chat,
                part.text,
                reply_markup=InlineKeyboardMarkup(buttons) if buttons else None,
                link_preview_options=_NO_PREVIEW,
                protect_content=part.protected,
            )
        )
        return sent.message_id

    async def _harmlessly(self, call: Awaitable[bool]) -> bool:
        """Whether it was done; that there was nothing left to do is no fault."""
        try:
            return await self._call(call)
        except SendError as fault:
            if fault.code == "telegram.nothing_to_do":
                return False
            raise

    async def _call(self, call: Awaitable[_T]) -> _T:
        try:
            return await call
        except TelegramError as error:
            fault = _translated(error)
        raise fault


class _ThrottledError(TelegramError):
    """429. Instead of the library's RetryAfter, which warns that it will change its type."""

    def __init__(self, after: float) -> None:
        super().__init__("throttled")
        self.after = after


class _QuietRequest(HTTPXRequest):
    """The library's HTTP client, which would otherwise log an answer that it cannot read."""

    async def do_request(self, url: str, method: str, *given: object, **named: object) -> tuple[int, bytes]:
        """One request; a 429 is told apart here."""
        code, payload = await super().do_request(url, method, *given, **named)  # type: ignore[arg-type]  # passed on
        if code == HTTPStatus.TOO_MANY_REQUESTS:
            raise _ThrottledError(_retry_after(payload))
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """The decoded answer."""
        answer = _decoded(payload)
        if answer is None:
            raise NetworkError("unreadable answer")
        return answer


def _decoded(payload: bytes) -> dict[str, object] | None:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _retry_after(payload: bytes) -> float:
    """Seconds to wait, 1 when the answer does not say."""
    parameters = (_decoded(payload) or {}).get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return float(after) if isinstance(after, int) and after > 0 else 1.0


def _chat(address: Address) -> int:
    if address.channel != "telegram":
        raise SendError("telegram.wrong_channel")
    return int(address.reveal())


def _translated(error: TelegramError) -> FenerError:  # noqa: PLR0911 - one line a kind of fault
    """Our error for the library's, by what the caller can do. Sub-classes stand before their parents."""
    said = error.message.lower()
    match error:
        case InvalidToken() | EndPointNotFound():
            return StartError(
                "telegram.token", "the Telegram token is not accepted: copy it again from @BotFather"
            )
        case Conflict():
            return StartError(
                "telegram.conflict", "another copy is running with this Telegram token: stop one of them"
            )
        case _ThrottledError():
            return SendError("telegram.throttled", retryable=True, after=error.after)
        case Forbidden():
            return SendError("telegram.gone", gone=True)
        case ChatMigrated():
            return SendError("telegram.group", gone=True)
        case BadRequest():
            if any(words in said for words in _HARMLESS):
                return SendError("telegram.nothing_to_do")
            return SendError("telegram.refused", gone=any(words in said for words in _UNREACHABLE))
        case TimedOut():
            return SendError("telegram.timeout", retryable=True)
        case NetworkError():
            return SendError("telegram.network", retryable=True)
        case _:
            return SendError("telegram.error", retryable=True)
