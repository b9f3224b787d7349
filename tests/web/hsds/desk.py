"""The public directory as a whole server would answer for it, over the records of a test and without a network."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bot.directory.matching import Directory
from bot.storage.memory import MemoryRateLimits
from bot.web.app import Bounded, _malformed, _plain
from bot.web.hsds.api import router
from bot.web.hsds.shelf import Shelf
from tests.directory.samples import NOW

HERE = "https://help.example.org"
LOCAL = "http://localhost:8099"


class Content:
    """A release that a test can replace."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class PublicDesk:
    """Asks `/hsds/` as anybody would."""

    def __init__(self, directory: Directory, *, demo: bool = False, public: str | None = HERE) -> None:
        self.content = Content(directory)
        self.clock = Clock()
        self.seconds = 0.0
        limits = MemoryRateLimits(lambda: self.seconds)
        shelf = Shelf(directory=self._as_it_stands, clock=self.clock, limits=limits, demo=demo)
        self.router = router(shelf, public)
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        app.include_router(self.router)
        app.add_exception_handler(RequestValidationError, _malformed)
        app.add_exception_handler(HTTPException, _plain)
        self.app = Bounded(app, {}, public or LOCAL)
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url=public or LOCAL)

    async def _as_it_stands(self) -> Directory:
        return self.content.directory

    async def get(self, path: str, headers: Mapping[str, str] | None = None, **asked: Any) -> httpx.Response:
        return await self.client.get(f"/hsds{path}", params=asked, headers=dict(headers or {}))

    async def told(self, path: str, **asked: Any) -> Any:
        answer = await self.get(path, **asked)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content)

    async def names(self, path: str, **asked: Any) -> list[str]:
        return [each["name"] for each in (await self.told(path, **asked))["contents"]]
