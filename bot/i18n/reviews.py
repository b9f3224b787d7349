"""How far a language is: what is translated, what nobody has read yet, and who read the rest.

A review is a comment above an entry, `# reviewed-by: NAME DATE`, and the flag `unreviewed` taken away.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.i18n.po import PoEntry

REVIEWED_BY: Final = re.compile(r"reviewed-by:\s*(?P<name>\S.*?)\s+(?P<date>\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Review:
    """One reader of a text: a name or a working name, and an ISO date."""

    name: str
    date: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How many texts of one file are in which state.

    `translated` are those that can be served somewhere: written and not out of date. `unreviewed` is a part of them,
    and so is `unnamed`: without the flag `unreviewed`, but also without a name. `reviewers`: name -> texts and last date.
    """

    total: int
    translated: int = 0
    unreviewed: int = 0
    unnamed: int = 0
    fuzzy: int = 0
    missing: int = 0
    reviewers: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def reviews(entry: PoEntry) -> tuple[Review, ...]:
    """Who read this translation, as its comments say."""
    found = (REVIEWED_BY.fullmatch(line.strip()) for line in entry.comments)
    return tuple(Review(match["name"], match["date"]) for match in found if match)


def standing(template: Sequence[PoEntry], written: Sequence[PoEntry]) -> Standing:
    """The state of `written` beside what is to be translated."""
    known = {entry.context: entry for entry in written}
    translated = unreviewed = unnamed = fuzzy = missing = 0
    reviewers: dict[str, tuple[int, str]] = {}
    for wanted in template:
        entry = known.get(wanted.context)
        if entry is None or not entry.text:
            missing += 1
            continue
        if entry.fuzzy or entry.source != wanted.source:
            fuzzy += 1
            continue
        translated += 1
        if entry.unreviewed:
            unreviewed += 1
            continue
        readers = reviews(entry)
        unnamed += not readers
        for reader in readers:
            texts, last = reviewers.get(reader.name, (0, ""))
            reviewers[reader.name] = (texts + 1, max(last, reader.date))
    return Standing(len(template), translated, unreviewed, unnamed, fuzzy, missing, reviewers)
