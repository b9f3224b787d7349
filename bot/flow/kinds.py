"""What kinds of values expressions know, which of them can be compared, and how they are written."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from bot.flow.definition import SlotType

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Kind = Literal["text", "number", "date", "yes no", "condition"]

KINDS: Final[Mapping[SlotType, Kind]] = {
    "text": "text",
    "choice": "text",
    "age group": "text",
    "place": "text",
    "language": "text",
    "need": "text",
    "yes no": "yes no",
    "number": "number",
    "date": "date",
}

WORDED: Final[frozenset[Kind]] = frozenset({"text", "date", "yes no"})


def comparable(left: Kind, right: Kind) -> bool:
    """Whether two kinds can stand on two sides of a comparison."""
    return left == right or (left in WORDED and right in WORDED)


def fits(kind: Kind, wanted: Kind, literal: str | int | None) -> bool:
    """Whether a value of `kind` may be set on a slot of the kind `wanted`; `literal` is the value where it is written out."""
    if wanted == "yes no":
        return kind == "yes no" or literal in {"yes", "no", ""}
    if wanted == "date":
        return kind == "date" or (isinstance(literal, str) and is_day(literal))
    if wanted == "number":
        return kind == "number"
    return kind in WORDED


def is_day(text: str) -> bool:
    """Whether a text is a day as date slots hold it: 2026-11-21."""
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def named(kind: Kind) -> str:
    """A kind in plain words."""
    return {
        "text": "a text",
        "number": "a number",
        "date": "a date",
        "yes no": "yes or no",
        "condition": "a condition",
    }[kind]


def mend_for(kind: Kind) -> str:
    """How a value of a kind is written."""
    return {
        "text": 'write a text in quotes: "now"',
        "number": "write a number without quotes: 18",
        "date": 'write a date in quotes: "2026-11-21"',
        "yes no": 'write "yes" or "no" in quotes',
        "condition": "compare a slot with something",
    }[kind]
