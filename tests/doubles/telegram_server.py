"""What Telegram's server does and remembers: chats, updates, messages, taps. No HTTP here: see telegram.py."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.doubles.telegram_people import Heard, Person
from tests.doubles.telegram_rules import CHAT_ACTIONS, ApiError, bad, check_keyboard, shown_text, utf16

TOKEN = "123456789:AAE-double_double_double_double_dbl"
DELETABLE = 48 * 3600  # seconds
QUERY_LIFE = 15 * 60  # seconds to answer a tapped button


@dataclass(slots=True)
class Webhook:
    """Where updates are pushed to. `failures` counts answers that were not 2xx."""

    url: str
    secret: str
    failures: int = 0
    last_error: str = ""


class BotApi:
    """One bot's side of Telegram. `calls` lists every call as (method, parameters).

    `pending` are the updates that wait; `confirmed` the ids of those that are gone; `handed_out` counts deliveries.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.pending: list[dict[str, Any]] = []
        self.confirmed: set[int] = set()
        self.handed_out: Counter[int] = Counter()
        self.people: dict[int, Person] = {}
        self.left_chats: set[int] = set()
        self.webhook: Webhook | None = None
        self.out_of_order = False
        self._aged = 0.0
        self._ids = iter(range(1, 10**9))
        self._message_ids = iter(range(1, 10**9))
        self._next_update = 700_000_001
        self._allowed: list[str] | None = None
        self._faults: list[tuple[str, ApiError]] = []
        self._queries: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._wakers: set[asyncio.Task[None]] = set()
        self._poller = 0
        self._hurry = False

    # --- the test's side ---------------------------------------------------------------------------------

    def person(self, number: int = 0, name: str = "Sam") -> Person:
        """Somebody with this chat id (a new one by default) who has not written yet."""
        chat = number or 500_000_000 + next(self._ids)
        return self.people.setdefault(chat, Person(self, chat, name))

    def push(self, kind: str, content: dict[str, Any]) -> int:
        """Queue any update; its id, or 0 when the bot did not ask for this kind."""
        if self._allowed and kind not in self._allowed:
            return 0
        number = self._next_update
        self._next_update += 1
        self.pending.append({"update_id": number, kind: content})
        self._wake()
        return number

    def replay(self, update: dict[str, Any]) -> None:
        """Deliver an update again, as after an answer that got lost."""
        self.confirmed.discard(update["update_id"])
        self.pending.append(update)
        self._wake()

    def flood(self, retry_after: int = 1, *, times: int = 1, method: str = "sendMessage") -> None:
        """Answer the next calls of `method` with 429."""
        fault = ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
        self._faults += [(method.lower(), fault)] * times

    def fail(self, code: int = 502, *, times: int = 1, method: str = "sendMessage") -> None:
        """Answer the next calls of `method` with a fault of the server."""
        self._faults += [(method.lower(), ApiError(code, "Bad Gateway"))] * times

    def age(self, hours: float) -> None:
        """Let time pass: messages become older, queries too."""
        self._aged += hours * 3600

    def restart_update_ids(self, number: int) -> None:
        """Number the next update so, as Telegram does at random after a quiet week."""
        self._next_update = number

    def end_long_poll(self) -> None:
        """Answer a waiting getUpdates now, with nothing."""
        self._hurry = True
        self._wake()

    def now(self) -> int:
        """Seconds since 1970, aged."""
        return int(time.time() + self._aged)

    def called(self, method: str) -> list[dict[str, Any]]:
        """Parameters of each call of `method`."""
        return [given for name, given in self.calls if name.lower() == method.lower()]

    async def until(self, true: Callable[[], object], seconds: float = 15.0) -> None:
        """Wait until `true()`; TimeoutError otherwise."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: bool(true()))

    def new_message(self, person: Person, **content: Any) -> dict[str, Any]:
        """A message of the person's as the API writes it."""
        return {
            "message_id": next(self._message_ids),
            "from": person.user(),
            "chat": person.private_chat(),
            "date": self.now(),
            **content,
        }

    def new_query(self, person: Person, heard: Heard, data: str) -> dict[str, Any]:
        """A tap on a button of ours."""
        query = str(4_000_000_000_000 + next(self._ids))
        self._queries[query] = self.now()
        return {
            "id": query,
            "from": person.user(),
            "message": heard.as_json(self.bot(), person.private_chat()),
            "chat_instance": str(-person.chat * 7919),
            "data": data,
        }

    def bot(self) -> dict[str, Any]:
        """The bot as a user."""
        return {
            "id": int(self.token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Fener double",
            "username": "fener_double_bot",
        }

    # --- the bot's side: one method each, named as in the schema in lower case -------------------------------

    async def _getme(self) -> Any:
        rights = {
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        return {**self.bot(), **rights, "can_connect_to_business": False, "has_main_web_app": False}

    async def _getupdates(
        self,
        offset: int = 0,
        limit: int = 100,
        timeout: int = 0,  # noqa: ASYNC109 - Telegram's parameter
        allowed_updates: list[str] | None = None,
    ) -> Any:
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if not 1 <= limit <= 100:
            raise bad("limit must be between 1 and 100")
        if allowed_updates is not None:
            self._allowed = allowed_updates
        self._poller += 1
        turn = self._poller
        await self.notify()
        if offset < 0:
            offset = self.pending[offset:][0]["update_id"] if self.pending else 0
        for update in self.pending:
            if update["update_id"] < offset:
                self.confirmed.add(update["update_id"])
        self.pending = [update for update in self.pending if update["update_id"] not in self.confirmed]
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self.pending or self._poller != turn or self._hurry)
        except TimeoutError:
            pass
        self._hurry = False
        if self._poller != turn:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        batch = sorted(self.pending, key=lambda each: each["update_id"])[:limit]
        self.handed_out.update(each["update_id"] for each in batch)
        return batch[::-1] if self.out_of_order else batch

    async def _setwebhook(
        self,
        url: str,
        secret_token: str = "",
        allowed_updates: list[str] | None = None,
        max_connections: int = 40,
        *,
        drop_pending_updates: bool = False,
        **others: Any,
    ) -> Any:
        """The real one wants https on port 443, 80, 88 or 8443; the double also pushes to the loopback."""
        if not url.startswith(("https://", "http://127.0.0.1:")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret_token and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret_token):
            raise bad("secret token contains unallowed characters")
        if not 1 <= max_connections <= 100 or others:
            raise bad("the double does not take this")
        if allowed_updates is not None:
            self._allowed = allowed_updates
        if drop_pending_updates:
            self.pending.clear()
        self.webhook = Webhook(url, secret_token)
        self._poller += 1
        return True

    async def _deletewebhook(self, *, drop_pending_updates: bool = False) -> Any:
        if drop_pending_updates:
            self.pending.clear()
        self.webhook = None
        return True

    async def _getwebhookinfo(self) -> Any:
        hook = self.webhook or Webhook("", "")
        info: dict[str, Any] = {
            "url": hook.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        return {**info, "last_error_message": hook.last_error} if hook.last_error else info

    async def _sendmessage(
        self,
        chat_id: int | str,
        text: str,
        parse_mode: str | None = None,
        reply_markup: dict[str, Any] | None = None,
        *,
        protect_content: bool = False,
        **others: Any,
    ) -> Any:
        person = self._reachable(chat_id)
        shown = shown_text(text, parse_mode)
        check_keyboard(reply_markup)
        heard = Heard(next(self._message_ids), self.now(), shown, reply_markup or {}, protect_content, others)
        person.messages.append(heard)
        return heard.as_json(self.bot(), person.private_chat())

    async def _editmessagetext(
        self,
        text: str,
        chat_id: int | str = 0,
        message_id: int = 0,
        parse_mode: str | None = None,
        reply_markup: dict[str, Any] | None = None,
        **others: Any,
    ) -> Any:
        return self._edit(chat_id, message_id, shown_text(text, parse_mode), reply_markup or {})

    async def _editmessagereplymarkup(
        self, chat_id: int | str = 0, message_id: int = 0, reply_markup: dict[str, Any] | None = None
    ) -> Any:
        return self._edit(chat_id, message_id, None, reply_markup or {})

    def _edit(self, chat_id: int | str, message_id: int, text: str | None, markup: dict[str, Any]) -> Any:
        person = self._reachable(chat_id)
        heard = person.find(message_id)
        if heard is None:
            raise bad("message to edit not found")
        check_keyboard(markup)
        if heard.markup == markup and text in {None, heard.text}:
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same"
            )
        heard.markup = markup
        heard.text = heard.text if text is None else text
        return heard.as_json(self.bot(), person.private_chat())

    async def _answercallbackquery(self, callback_query_id: str, text: str = "", **others: Any) -> Any:
        if utf16(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        asked = self._queries.pop(callback_query_id, None)
        if asked is None or self.now() - asked > QUERY_LIFE:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        return True

    async def _deletemessage(self, chat_id: int | str, message_id: int) -> Any:
        person = self._reachable(chat_id)
        dated = person.dated(message_id)
        if dated is None:
            raise bad("message to delete not found")
        if self.now() - dated > DELETABLE:
            raise bad("message can't be deleted")
        person.remove(message_id)
        return True

    async def _deletemessages(self, chat_id: int | str, message_ids: list[int]) -> Any:
        """Silently skips what is not there or too old, and still says True."""
        if not 1 <= len(message_ids) <= 100:
            raise bad("there must be 1 to 100 message identifiers")
        person = self._reachable(chat_id)
        for number in message_ids:
            dated = person.dated(number)
            if dated is not None and self.now() - dated <= DELETABLE:
                person.remove(number)
        return True

    async def _sendchataction(self, chat_id: int | str, action: str, **others: Any) -> Any:
        self._reachable(chat_id)
        if action not in CHAT_ACTIONS:
            raise bad("wrong parameter action in request")
        return True

    async def _leavechat(self, chat_id: int | str) -> Any:
        self.left_chats.add(int(chat_id))
        return True

    async def _setmycommands(self, commands: list[dict[str, Any]], **others: Any) -> Any:
        for each in commands:
            named = re.fullmatch(r"[a-z0-9_]{1,32}", each["command"])
            if not named or not 1 <= utf16(each["description"]) <= 256 or len(commands) > 100:
                raise bad("BOT_COMMAND_INVALID")
        return True

    def _reachable(self, chat_id: int | str) -> Person:
        person = self.people.get(int(chat_id)) if str(chat_id).lstrip("-").isdigit() else None
        if person is None or not person.wrote:
            raise bad("chat not found")
        if person.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if person.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return person

    def planned_fault(self, method: str) -> None:
        """Raise what the test ordered for this call."""
        for number, (name, fault) in enumerate(self._faults):
            if name == method:
                del self._faults[number]
                raise fault

    async def notify(self) -> None:
        """Wake everybody who waits for a change."""
        async with self._changed:
            self._changed.notify_all()

    def _wake(self) -> None:
        """Notify from ordinary code; the task is kept until it ran."""
        task = asyncio.get_running_loop().create_task(self.notify())
        self._wakers.add(task)
        task.add_done_callback(self._wakers.discard)
