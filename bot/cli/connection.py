"""HTTP with the server, and its answers read field by field: what is not as expected is said in one sentence."""

import weakref
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from bot.crypto.signing import key_id
from bot.crypto.wire import from_base64
from bot.kernel.errors import FenerError, RefusedError
from bot.kernel.ids import KeyId

_TIMEOUT = 30.0
_NOT_FENER = "The server answered something else than expected: is it Fener?"


class DeskError(FenerError):
    """What the caseworker is told in one sentence."""


class Connection:
    """HTTP with the server, in plain sentences when it goes wrong."""

    def __init__(self, server: str) -> None:
        """`server` is the address that is signed at login: scheme, host and port, nothing behind."""
        try:
            parts = urlsplit(server)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            parts, usable = urlsplit(""), False
        if not usable:
            raise DeskError("server.address", "Write the server as http://host:port or https://host.")
        self.server = f"{parts.scheme}://{parts.netloc}"
        self._http = httpx.Client(base_url=f"{self.server}/console/api", timeout=_TIMEOUT)
        weakref.finalize(self, self._http.close)
        self._token = ""  # nosec B105  # none yet

    def use(self, token: str) -> None:
        """Sign later calls with this session."""
        self._token = token

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        """The decoded answer. Raises DeskError with the server's mend."""
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            answer = self._http.request(method, path, json=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise DeskError(
                "server.unreachable", f"{self.server} does not answer: is 'fener serve' running there?"
            ) from None
        if answer.is_success:
            try:
                return answer.json() if answer.content else {}
            except ValueError:
                raise DeskError("server.answer", _NOT_FENER) from None
        try:
            told = answer.json()
            code, mend = str(told["code"]), str(told["mend"])
        except (ValueError, KeyError, TypeError):
            code, mend = "server.refused", ""
        raise DeskError(code, mend or f"The server refused this ({code}).")


def fields_of(answer: object) -> Mapping[str, object]:
    """An object of the answer. Raises DeskError."""
    if not isinstance(answer, dict):
        raise DeskError("server.answer", _NOT_FENER)
    return answer


def text_of(fields: Mapping[str, object], name: str) -> str:
    """A text of an object. Raises DeskError."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise DeskError("server.answer", _NOT_FENER)
    return value


def items_of(value: object) -> list[Mapping[str, object]]:
    """A list of objects. Raises DeskError."""
    if not isinstance(value, list):
        raise DeskError("server.answer", _NOT_FENER)
    return [fields_of(each) for each in value]


def kid_of(staff: Mapping[str, object]) -> KeyId:
    """The id of a colleague's key, worked out from the key itself: what the server calls it proves nothing."""
    try:
        return key_id(from_base64(text_of(staff, "identity_public"), "staff"))
    except RefusedError:
        raise DeskError("server.answer", _NOT_FENER) from None


def number_of(fields: Mapping[str, object], name: str) -> int:
    """A whole number of an object. Raises DeskError."""
    value = fields.get(name)
    if not isinstance(value, int):
        raise DeskError("server.answer", _NOT_FENER)
    return value


def entries_of(team: Mapping[str, object]) -> Sequence[bytes]:
    """The signed entries of a keyring as the server tells it. Raises DeskError."""
    return [each.encode() for each in texts_of(team.get("entries"))]


def texts_of(value: object) -> Sequence[str]:
    """A list of texts. Raises DeskError."""
    if not isinstance(value, list):
        raise DeskError("server.answer", _NOT_FENER)
    return [str(each) for each in value]
