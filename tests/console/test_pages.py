"""The console's page as it is served: our own files only, each with its hash, nothing inline."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette

from bot.web.console.pages import POLICY, STATIC, ConsolePages

IMPORT = re.compile(r'^(?:import|export)[^"\n]*(?:\{[^}]*\})?[^"\n]*"(\.[^"]+)"', re.MULTILINE)
VENDOR = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=ConsolePages().routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://fener.test") as client:
        yield client


class Links(HTMLParser):
    """Every tag with its attributes, and whether any script or style stands inline."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"} and data.strip():
            self.inline.append(data)


async def test_every_script_and_style_of_the_page_has_the_hash_of_what_is_served(
    browser: httpx.AsyncClient,
) -> None:
    page = Links((await browser.get("/console/")).text)
    asked = [
        attributes
        for tag, attributes in page.tags
        if tag == "script" or attributes.get("rel") in {"stylesheet", "modulepreload"}
    ]
    assert len(asked) > 20
    for attributes in asked:
        address = attributes.get("src") or attributes.get("href")
        served = await browser.get(urljoin("/console/", str(address)))
        digest = base64.b64encode(hashlib.sha384(served.content).digest()).decode()
        assert served.status_code == 200, address
        assert attributes["integrity"] == f"sha384-{digest}", address
    assert not page.inline
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


async def test_no_module_is_loaded_without_a_hash(browser: httpx.AsyncClient) -> None:
    """All that the page's first module imports, and what that imports, stands in the page."""
    page = (await browser.get("/console/")).text
    waiting, found = ["/console/static/app.js"], set()
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found.add(address)
        source = (await browser.get(address)).text
        waiting += [urljoin(address, each) for each in IMPORT.findall(source)]
    assert len(found) > 20
    listed = {f"/console/static/{each}" for each in re.findall(r'"static/([^"]+\.js)" integrity="', page)}
    assert found == listed


async def test_the_policy_lets_nothing_in_from_elsewhere_and_turns_no_text_into_script(
    browser: httpx.AsyncClient,
) -> None:
    for path in ("/console/", "/console/static/app.js", "/console/static/crypto/stretch-worker.js"):
        headers = (await browser.get(path)).headers
        assert headers["content-security-policy"] == POLICY
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert {rules[name] for name in ("script-src", "style-src", "connect-src", "worker-src")} == {"'self'"}
    assert {rules[name] for name in ("form-action", "base-uri", "frame-ancestors")} == {"'none'"}
    assert "unsafe" not in POLICY
    assert "*" not in POLICY


async def test_the_page_is_kept_nowhere_and_a_file_only_while_it_is_the_same(
    browser: httpx.AsyncClient,
) -> None:
    assert (await browser.get("/console/")).headers["cache-control"] == "no-store"
    first = await browser.get("/console/static/app.js")
    assert first.headers["cache-control"] == "no-cache"
    again = await browser.get("/console/static/app.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["../pages.py", "%2e%2e/pages.py", "..%2fpages.py", "/etc/passwd", "index.html", "vendor/README.md", ""],
)
async def test_nothing_but_the_pages_own_files_is_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(f"/console/static/{path}")
    assert answer.status_code == 404


async def test_the_address_without_a_slash_leads_to_the_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/console")
    assert (answer.status_code, answer.headers["location"]) == (308, "/console/")


def test_every_file_of_others_is_the_one_that_its_list_names() -> None:
    folder = STATIC / "vendor"
    listed = dict(VENDOR.findall((folder / "README.md").read_text("utf-8")))
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.js")}
    assert set(listed) == set(files)
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name], name


@pytest.mark.parametrize(
    "sink",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", 'setTimeout("',
     "localStorage", "sessionStorage", "document.cookie", "createContextualFragment", ".srcdoc"],
)  # fmt: skip
def test_our_scripts_use_nothing_that_makes_markup_or_keeps_words(sink: str) -> None:
    ours = [path for path in STATIC.rglob("*.js") if "vendor" not in path.parts]
    assert len(ours) > 20
    assert [path.name for path in ours if sink in path.read_text("utf-8")] == []
