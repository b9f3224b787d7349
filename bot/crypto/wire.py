"""One strict text form for everything that is signed or sealed: canonical JSON with base64url strings.

Canonical: UTF-8, keys sorted, no spaces, no floats, nothing escaped that JSON does not require. A browser
writes the same bytes with `JSON.stringify` over sorted keys. What is not canonical is refused, so that two
readers can never understand one blob in two ways (duplicate keys, leading zeros, odd base64).
Source: docs/reference/envelope.md.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from bot.kernel.errors import RefusedError

Value: TypeAlias = "str | int | Sequence[Value] | Mapping[str, Value] | None"

CASE = re.compile(r"[0-9a-f]{32}")
KEY_ID = re.compile(r"[0-9a-f]{32}")
SHA256 = re.compile(r"[0-9a-f]{64}")
SUITE = re.compile(r"x25519|x-wing")
ORGANISATION = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

LARGEST_INTEGER = 2**53 - 1  # the largest whole number a browser reads exactly


def canonical(fields: Mapping[str, Value]) -> bytes:
    """The one way to write `fields` down."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def to_base64(data: bytes) -> str:
    """Base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Reader:
    """The fields of one canonical object, read by name and shape; a misfit raises `<subject>.format`."""

    subject: str
    fields: Mapping[str, object]

    def only(self, *names: str) -> "Reader":
        """This reader, if exactly these fields are there."""
        if set(self.fields) != set(names):
            self.refuse()
        return self

    def text(self, name: str, shape: re.Pattern[str]) -> str:
        """A string that matches `shape` from end to end."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not shape.fullmatch(value):
            self.refuse()
        return value

    def integer(self, name: str, least: int = 0, most: int = LARGEST_INTEGER) -> int:
        """A whole number from `least` to `most`."""
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse()
        return value

    def data(self, name: str, *sizes: int) -> bytes:
        """The bytes of a base64url string; when sizes are given, one of them."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            self.refuse()
        data = from_base64(value, self.subject)
        if sizes and len(data) not in sizes:
            self.refuse()
        return data

    def texts(self, name: str, shape: re.Pattern[str], most: int) -> tuple[str, ...]:
        """A list of at most `most` strings that match `shape`."""
        value = self.fields.get(name)
        if not isinstance(value, list) or len(value) > most:
            self.refuse()
        found = tuple(item for item in value if isinstance(item, str) and shape.fullmatch(item))
        if len(found) != len(value):
            self.refuse()
        return found

    def objects(self, name: str, most: int) -> tuple["Reader", ...]:
        """A list of at most `most` objects."""
        value = self.fields.get(name)
        if not isinstance(value, list) or len(value) > most:
            self.refuse()
        found = tuple(Reader(self.subject, item) for item in value if isinstance(item, dict))
        if len(found) != len(value):
            self.refuse()
        return found

    def inner(self, name: str) -> "Reader":
        """The object under `name`."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            self.refuse()
        return Reader(self.subject, value)

    def refuse(self) -> NoReturn:
        """Say that this blob is not of our form."""
        raise RefusedError(f"{self.subject}.format")


def from_base64(text: str, subject: str) -> bytes:
    """The bytes of a base64url string without padding, of which there is one spelling only.

    Raises:
        RefusedError: `<subject>.format`.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(f"{subject}.format") from None
    if to_base64(data) != text:
        raise RefusedError(f"{subject}.format")
    return data


def read_canonical(blob: bytes, subject: str, limit: int) -> Reader:
    """The fields of a canonical object of at most `limit` bytes.

    Raises:
        RefusedError: `<subject>.format`.
    """
    if len(blob) > limit:
        raise RefusedError(f"{subject}.format")
    try:
        fields = json.loads(blob.decode(), parse_float=_no_float, parse_constant=_no_float)
        same = isinstance(fields, dict) and canonical(fields) == blob
    except (ValueError, RecursionError):
        raise RefusedError(f"{subject}.format") from None
    if not same:
        raise RefusedError(f"{subject}.format")
    return Reader(subject, fields)


def _no_float(_text: str) -> NoReturn:
    raise ValueError("a number is whole")
