"""A whole Fener in this process, real adapters and web application included, and everything that it puts out."""

import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import httpx
from defusedxml import ElementTree
from twilio.request_validator import RequestValidator

from bot.crypto.keys import KeyRoom
from bot.crypto.vault import SealedRoutes
from bot.flow.library import Library
from bot.ports import SessionStore
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.memory import MemoryLocks, MemoryRateLimits, MemoryReplays, MemorySessions
from bot.storage.memory_stores import Memory, open_memory
from bot.storage.routes import MemoryRoutes
from bot.web.application import application
from bot.wiring import assemble
from tests.e2e.canaries import leaks_in
from tests.faults.provider import Provider
from tests.faults.unruly_valkey import UnrulyValkey
from tests.usecases.house import Caseworker, House, number_of

PUBLIC = "https://help.example.org"
NUMBER = "+381607734951"
CHAT = 7_093_418_265
SCOPED = "RS.90281734655102948371"
NAME = "Zvezdana Canarić"
USERNAME = "zvezdana_7093"
QUERY = "4382910057721834651"
BOT_SECRET = "AAHn-canary_bot_token_canary_bot_token"
BOT_TOKEN = f"123456789:{BOT_SECRET}"
HOOK_SECRET = "canary_webhook_secret_of_ours"
ACCOUNT = "ACca11ab1eca11ab1eca11ab1eca11ab1e"
AUTH_TOKEN = "canary-auth-token-0123456789abcdef"
SENDER = "whatsapp:+14155238886"
WORDS = "I slept behind the northern station again"
LATER = "it is cold under the bridge tonight"
SIDS = tuple(f"SM{number:08d}c0ffee{number:08d}cafe77ba{number:02d}" for number in range(16))
PATIENCE = 20.0  # seconds for a provider that answers, on a busy machine
IMPATIENT = 0.3  # seconds until one that hangs counts as away


async def _nothing() -> None:
    return None


@dataclass
class Outputs:
    """Everything that leaves the process or stays on its disk. `words` may stand in an answer to the person alone."""

    logs: io.StringIO
    folder: Path
    answers: list[bytes] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    valkey: list[bytes] = field(default_factory=list)

    def leaks(self) -> list[str]:
        """Where a person or a secret of ours can be seen."""
        files = {path.name: path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}
        kept = {
            "log": self.logs.getvalue().encode(),
            "standard output and error": "".join(self.printed).encode(),
            "valkey": b"\n".join(self.valkey),
            **files,
        }
        who = (NUMBER, SCOPED, str(CHAT), NAME, "Canarić", USERNAME, QUERY)
        secrets = (BOT_SECRET, HOOK_SECRET, AUTH_TOKEN)
        answers = {f"answer {number}": data for number, data in enumerate(self.answers)}
        return [*leaks_in({**kept, **answers}, (*who, *secrets, *SIDS)), *leaks_in(kept, (WORDS, LATER))]


class Scene(House):
    """The installation over a provider that fails as told. `valkey` is the URL of a memory store, empty for none."""

    def __init__(self, folder: Path, library: Library, provider: Provider, logs: io.StringIO) -> None:
        super().__init__(folder, library)
        self.provider = provider
        self.outputs = Outputs(logs, folder)
        self.valkey = ""
        self.unruly: UnrulyValkey
        self.ana: Caseworker
        self._http: httpx.AsyncClient

    async def start(self, sessions: SessionStore | None = None) -> None:
        """Assemble it with the real channels."""
        settings = Settings.model_validate(
            {
                "data_dir": self.folder,
                "keys_dir": self.folder / "keys",
                "key_custody": "file",
                "demo": True,
                "public_url": PUBLIC,
                "memory_url": self.valkey or "memory://",
                "telegram_token": BOT_TOKEN,
                "telegram_mode": "webhook",
                "telegram_webhook_secret": HOOK_SECRET,
                "telegram_api_url": self.provider.url,
                "twilio_account_sid": ACCOUNT,
                "twilio_auth_token": AUTH_TOKEN,
                "twilio_from": SENDER,
                "twilio_api_url": self.provider.url,
            }
        )
        keys = KeyRoom.open(settings.keys_path, "file", self.clock.now(), demo=True)
        memory = (
            await open_memory(self.valkey, keys) if self.valkey else self._memory(keys.memory_key, sessions)
        )
        database = await open_database(f"sqlite:///{self.folder / 'fener.db'}", version="test")
        self.fener = assemble(
            settings, self.library, keys=keys, database=database, memory=memory, clock=self.clock
        )
        app = application(self.fener, _not_running)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url=PUBLIC)
        self.wait_for_providers(PATIENCE)

    def _memory(self, memory_key: bytes, sessions: SessionStore | None) -> Memory:
        monotonic = self.clock.monotonic
        return Memory(
            sessions=sessions or MemorySessions(monotonic),
            replays=MemoryReplays(monotonic),
            locks=MemoryLocks(),
            limits=MemoryRateLimits(monotonic),
            routes=MemoryRoutes(SealedRoutes(memory_key), monotonic),
            ping=_nothing,
            close=_nothing,
        )

    def wait_for_providers(self, seconds: float) -> None:
        """How long our clients wait from now on."""
        assert self.fener.telegram is not None
        assert self.fener.whatsapp is not None
        for request in (self.fener.telegram._calls, self.fener.telegram._polls):
            request._client.timeout = httpx.Timeout(seconds)
        self.fener.whatsapp._http._limit = aiohttp.ClientTimeout(total=seconds)

    async def close(self) -> None:
        await self._http.aclose()
        await super().close()

    async def call(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """What a provider, or somebody who says that they are one, posts."""
        answer = await self._http.post(path, content=body, headers=headers)
        self.outputs.answers += [answer.content, repr(answer.headers.multi_items()).encode()]
        return answer

    async def envelopes(self) -> int:
        """How many sealed messages there are."""
        return len(await self.rows("envelopes"))


@asynccontextmanager
async def _not_running() -> AsyncIterator[None]:
    yield


class Sam:
    """Somebody in trouble, on one channel. `heard` is what came through, newest last; silence is an empty text."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.heard: list[str] = []
        self.status = 0

    async def say(self, text: str) -> str:
        raise NotImplementedError

    async def again(self) -> str:
        raise NotImplementedError

    async def choose(self, label: str) -> str:
        """Answer with the number that stands before a label."""
        return await self.say(number_of(label, self.heard[-1]))

    async def consent(self) -> None:
        """From "hi" to the place where the next message is sealed and sent."""
        for text in ("hi", "1", "1", "9"):
            await self.say(text)
        await self.choose("Papers or a lawyer")
        await self.choose("Yes")

    async def hand_over(self) -> None:
        """From "hi" to a queued case."""
        await self.consent()
        assert "code words are" in await self.say(WORDS)


class OnWhatsApp(Sam):
    """By number and business-scoped id, with a profile name, as Twilio writes it."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._sids = iter(SIDS)
        self._form: dict[str, str] = {}

    async def say(self, text: str) -> str:
        sid = next(self._sids)
        self._form = {
            "MessageSid": sid, "AccountSid": ACCOUNT, "From": f"whatsapp:{NUMBER}", "To": SENDER, "Body": text,
            "ExternalUserId": f"whatsapp:{SCOPED}", "WaId": NUMBER[1:], "ProfileName": NAME, "NumMedia": "0",
        }  # fmt: skip
        return await self.again()

    async def again(self) -> str:
        return await self.post(urlencode(self._form).encode(), self._form)

    async def post(self, body: bytes, signed: dict[str, str] | list[tuple[str, str]]) -> str:
        """Post a body with the signature of what a form parser makes of it."""
        given = dict(signed)
        url = f"{PUBLIC}/channels/whatsapp"
        signature = RequestValidator(AUTH_TOKEN).compute_signature(url, given)
        headers = {"x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded"}
        answer = await self.scene.call("/channels/whatsapp", body, headers)
        self.status = answer.status_code
        if answer.status_code == 200:
            root = ElementTree.fromstring(answer.content)
            self.heard.append("\n".join(each.text or "" for each in root))
        else:
            self.heard.append("")
        return self.heard[-1]


class OnTelegram(Sam):
    """In a private chat, with a name and a user name, as Telegram writes it."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._number = 700_000_000
        self._update: dict[str, object] = {}

    def update(self, **content: object) -> dict[str, object]:
        """The next update of this chat."""
        self._number += 1
        person = {
            "id": CHAT,
            "is_bot": False,
            "first_name": NAME,
            "username": USERNAME,
            "language_code": "sr",
        }
        chat = {"id": CHAT, "type": "private", "first_name": NAME, "username": USERNAME}
        message = {"message_id": self._number - 699_999_000, "date": 1, "chat": chat, "from": person}
        return {"update_id": self._number, "message": {**message, **content}}

    async def say(self, text: str) -> str:
        self._update = self.update(text=text)
        return await self.again()

    async def tap(self, payload: str) -> str:
        """Tap a button of ours."""
        update = self.update(text="a question")
        message = update.pop("message")
        assert isinstance(message, dict)
        query = {
            "id": QUERY,
            "from": message["from"],
            "message": message,
            "chat_instance": "1",
            "data": payload,
        }
        self._update = {**update, "callback_query": query}
        return await self.again()

    async def again(self) -> str:
        return await self.post(json.dumps(self._update).encode())

    async def post(self, body: bytes) -> str:
        """Post a body with our secret."""
        before = len(self.scene.provider.said())
        headers = {"x-telegram-bot-api-secret-token": HOOK_SECRET, "content-type": "application/json"}
        answer = await self.scene.call("/channels/telegram", body, headers)
        self.status = answer.status_code
        self.heard.append("\n".join(self.scene.provider.said()[before:]) + self._buttons(before))
        return self.heard[-1]

    def _buttons(self, before: int) -> str:
        """Labels of buttons, as lines that `number_of` reads."""
        sent = [call for call in self.scene.provider.calls if call.what == "sendMessage"][before:]
        rows = [
            row
            for call in sent
            for row in json.loads(call.fields.get("reply_markup", "{}")).get("inline_keyboard", [])
        ]
        return "".join(f"\n{re.sub('[^ -~]', '', button['text'])}" for row in rows for button in row)
