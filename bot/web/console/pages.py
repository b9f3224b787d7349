"""The console's page: static files read once at start, each with its hash in the page that asks for it.

Nothing is built: what is reviewed is what is served. The policy allows our own files only, no inline script or style,
and turns text into script nowhere; the one exception is the name of the worker that stretches passphrases.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; worker-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types fener-worker"
)
"""Content Security Policy of the page and of its worker."""

_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), display-capture=(), clipboard-read=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
}
_HASHED = re.compile(r'((?:href|src)="static/([^"]+)" integrity)(?=[ >])')


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    kind: str
    tag: str


class ConsolePages:
    """Serves `/console/` and its files from memory; no path of a request reaches the file system."""

    def __init__(self, folder: Path = STATIC) -> None:
        """Read every file of `folder` that has a type we serve."""
        self._files = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in _TYPES
        }
        self._page = _file(
            _with_hashes(self._files.pop("index.html").body.decode(), self._files).encode(), ".html"
        )

    @property
    def routes(self) -> list[Route]:
        """What to mount."""
        return [
            Route("/console", self._to_page, methods=["GET"]),
            Route("/console/", self._show_page, methods=["GET"]),
            Route("/console/static/{name:path}", self._show_file, methods=["GET"]),
        ]

    async def _to_page(self, _request: Request) -> Response:
        return RedirectResponse("/console/", 308)

    async def _show_page(self, request: Request) -> Response:
        return _answer(request, self._page, cache="no-store")

    async def _show_file(self, request: Request) -> Response:
        found = self._files.get(request.path_params["name"])
        if found is None:
            return Response(status_code=404)
        return _answer(request, found, cache="no-cache")


def _read(path: Path) -> _File:
    return _file(path.read_bytes(), path.suffix)


def _file(body: bytes, suffix: str) -> _File:
    return _File(body, _TYPES[suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _with_hashes(page: str, files: Mapping[str, _File]) -> str:
    """The page with the hash of each file behind the word `integrity`; a script it does not hash would not load."""

    def hashed(found: re.Match[str]) -> str:
        digest = base64.b64encode(hashlib.sha384(files[found[2]].body).digest()).decode()
        return f'{found[1]}="sha384-{digest}"'

    return _HASHED.sub(hashed, page)


def _answer(request: Request, file: _File, *, cache: str) -> Response:
    headers = {**_HEADERS, "cache-control": cache, "etag": file.tag}
    if cache != "no-store" and request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.kind, headers=headers)
