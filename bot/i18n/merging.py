"""What becomes of a language's translations when the English changes: kept, marked as out of date, or dropped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.i18n.po import UNREVIEWED, PoEntry, PoHeader
from bot.i18n.reviews import REVIEWED_BY

FUZZY: Final = "fuzzy"
_OF_TRANSLATION: Final = frozenset({FUZZY, UNREVIEWED})
"""Flags that belong to the translation; all others come from the template."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The new entries in the template's order, and how many are new, newly out of date and no longer needed."""

    entries: tuple[PoEntry, ...]
    new: int
    changed: int
    dropped: int


def merge(template: Sequence[PoEntry], old: Sequence[PoEntry]) -> Merged:
    """The translations `old` brought to `template`.

    A translation whose English changed stays, marked `fuzzy` with the English it was made from. Who reviewed it
    read something else, so it counts as unreviewed again.
    """
    known = {entry.context: entry for entry in old}
    entries, new, changed = [], 0, 0
    for wanted in template:
        found = known.get(wanted.context)
        if found is None:
            new += 1
            found = replace(wanted, text="", plurals=("",) * len(wanted.plurals), comments=(), previous="")
            entries.append(_brought(wanted, found))
            continue
        entry = _brought(wanted, found)
        changed += entry.fuzzy and not found.fuzzy
        entries.append(entry)
    wanted_contexts = {entry.context for entry in template}
    dropped = sum(entry.context not in wanted_contexts for entry in old)
    return Merged(tuple(entries), new, changed, dropped)


def header_for(language: str, old: PoHeader) -> PoHeader:
    """The header of a language's file: what translators wrote there stays, what must be there is added."""
    needed = {
        "Project-Id-Version": "fener",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    have = {line.split(":", 1)[0].strip() for line in old.fields}
    added = [f"{name}: {value}" for name, value in needed.items() if name not in have]
    return PoHeader(old.comments, (*old.fields, *added))


def _brought(wanted: PoEntry, found: PoEntry) -> PoEntry:
    flags = [flag for flag in wanted.flags if flag not in _OF_TRANSLATION]
    comments = found.comments
    previous = ""
    if found.text:
        same = found.source == wanted.source
        out_of_date = found.fuzzy or not same
        unreviewed = found.unreviewed or not same
        previous = (found.previous or found.source) if out_of_date else ""
        if not same:
            comments = tuple(line for line in comments if not REVIEWED_BY.fullmatch(line))
        marks = [FUZZY] * out_of_date + [UNREVIEWED] * unreviewed
        flags = [*marks, *flags]
    return replace(
        wanted,
        text=found.text,
        plurals=found.plurals,
        flags=tuple(flags),
        comments=comments,
        previous="" if previous == wanted.source else previous,
    )
