"""Strict reading of opened JSON: each field by name and kind, and `body.format` for what does not fit."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from bot.kernel.errors import RefusedError

Json: TypeAlias = "str | int | list[Json] | Mapping[str, Json]"
_Known = TypeVar("_Known")

_LARGEST = 64 * 1024  # bytes, the largest envelope
_LATEST = 2**33  # seconds since 1970


def write_fields(fields: Mapping[str, Json]) -> bytes:
    """The bytes to seal."""
    return whole(json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)).encode()


def whole(text: str) -> str:
    """The text without halves of characters, which a messenger may let through and UTF-8 cannot hold."""
    return text.encode(errors="replace").decode()


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def read_fields(body: bytes) -> "BodyFields":
    """The fields of an opened body.

    Raises:
        RefusedError: `body.format`.
    """
    if len(body) > _LARGEST:
        raise RefusedError("body.format")
    try:
        fields = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise RefusedError("body.format") from None
    if not isinstance(fields, dict):
        raise RefusedError("body.format")
    return BodyFields(fields)


@dataclass(frozen=True, slots=True)
class BodyFields:
    """One object. Every method raises RefusedError `body.format` for what does not fit."""

    found: Mapping[str, object]

    def text(self, name: str) -> str:
        """A string."""
        value = self.found.get(name)
        if not isinstance(value, str):
            raise RefusedError("body.format")
        return value

    def one_of(self, known: Mapping[str, _Known], name: str) -> _Known:
        """What a known word stands for."""
        word = self.text(name)
        if word not in known:
            raise RefusedError("body.format")
        return known[word]

    def time(self, name: str) -> datetime:
        """Whole seconds since 1970, as a time in UTC."""
        value = self.found.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST:
            raise RefusedError("body.format")
        return datetime.fromtimestamp(value, UTC)

    def count(self, name: str) -> int:
        """A whole number from 1."""
        value = self.found.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < _LATEST:
            raise RefusedError("body.format")
        return value

    def data(self, name: str) -> bytes:
        """Bytes in hexadecimal."""
        try:
            return bytes.fromhex(self.text(name))
        except ValueError:
            raise RefusedError("body.format") from None

    def inner(self, name: str) -> "BodyFields":
        """An object."""
        value = self.found.get(name)
        if not isinstance(value, dict):
            raise RefusedError("body.format")
        return BodyFields(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        values = self._values(name)
        found = tuple(value for value in values if isinstance(value, str))
        if len(found) != len(values):
            raise RefusedError("body.format")
        return found

    def objects(self, name: str) -> "tuple[BodyFields, ...]":
        """A list of objects."""
        values = self._values(name)
        found = tuple(BodyFields(value) for value in values if isinstance(value, dict))
        if len(found) != len(values):
            raise RefusedError("body.format")
        return found

    def _values(self, name: str) -> list[object]:
        value = self.found.get(name)
        if not isinstance(value, list):
            raise RefusedError("body.format")
        return value
