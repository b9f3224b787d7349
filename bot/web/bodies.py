"""Plain ASGI: reading a bounded body and writing a small answer. Used where a framework would cost more than the turn."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

Scope = MutableMapping[str, Any]  # Any: the ASGI specification's own type
Message = MutableMapping[str, Any]  # Any: the same
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_BODY: Final = 64 * 1024  # bytes; what providers send is far below

_LONGEST_NUMBER: Final = 12  # digits; Python refuses to read far longer ones

Headers = Sequence[tuple[bytes, bytes]]


class BodyTooLargeError(Exception):
    """The request is larger than its limit."""


class GoneError(Exception):
    """The client went away before its request was read."""


def header(scope: Scope, name: bytes) -> str:
    """A request header in lower-case name, or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def read_body(scope: Scope, receive: Receive, limit: int = MAX_BODY) -> bytes:
    """The whole body.

    Raises BodyTooLargeError as soon as it is known to be more than `limit` bytes, GoneError when the client went away.
    Who is too slow is hung up on by the server, which looks at all connections together.
    """
    claimed = header(scope, b"content-length")
    if claimed.isdecimal() and (len(claimed) > _LONGEST_NUMBER or int(claimed) > limit):
        raise BodyTooLargeError
    message = await receive()
    if message["type"] == "http.disconnect":
        raise GoneError
    if not message.get("more_body", False):
        whole: bytes = message.get("body", b"")
        if len(whole) > limit:
            raise BodyTooLargeError
        return whole
    parts = [message.get("body", b"")]
    size = len(parts[0])
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise BodyTooLargeError
    return b"".join(parts)


async def body_or_refusal(scope: Scope, receive: Receive, send: Send, limit: int = MAX_BODY) -> bytes | None:
    """The whole body; None when there is none and the client was answered, or is gone."""
    try:
        return await read_body(scope, receive, limit)
    except BodyTooLargeError:
        await answer(send, 413, extra=[(b"connection", b"close")])
    except GoneError:
        pass
    return None


async def answer(
    send: Send, status: int, body: bytes = b"", content_type: bytes = b"", extra: Headers = ()
) -> None:
    """Send a whole response; never cached."""
    headers = [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"), *extra]
    if content_type:
        headers.append((b"content-type", content_type))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
