"""From the cells that somebody changed to the changes of the record: what is put, added and taken out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.directory.sheets import (
    Column,
    Step,
    cell_of,
    day_in,
    languages_in,
    languages_of,
    words_in,
)
from bot.kernel.problems import Fields, Items, Scalar


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a record. `path` leads from the record; `value` is what is put or added: texts, lists, mappings."""

    deed: Literal["put", "append", "drop"]
    path: tuple[Step, ...]
    value: Any = None


def as_written(column: Column, cell: str) -> str:
    """What somebody wrote in a cell, in the spelling that cells have: `YES` is `yes`, a day has its year first."""
    if column.form == "day":
        return day_in(cell)
    if column.form in {"list", "words"}:
        return ", ".join(words_in(cell))
    if column.form == "languages":
        return ", ".join(code if by == "staff" else f"{code} ({by})" for code, by in languages_in(cell))
    if column.words and cell.casefold().replace("_", " ") in column.words:
        return cell.casefold().replace("_", " ")
    return cell


def changed_columns(
    columns: Mapping[str, Column], record: Fields, cells: Mapping[str, str]
) -> Iterator[tuple[Column, str, str]]:
    """Each column whose cell differs from the record, with what is written and what is wanted."""
    for title, column in columns.items():
        if title in cells and column.form not in {"mark", "remove", "line", "id"}:
            before, wanted = cell_of(column, record), as_written(column, cells[title])
            if before != wanted and as_written(column, before) != wanted:
                yield column, before, wanted


def edits_of(column: Column, record: Fields, wanted: str, cells: Mapping[str, str]) -> list[Edit]:
    """How the record comes to say what is wanted."""
    if column.form == "age":
        return _ages(record, column, wanted, cells)
    if column.form == "languages":
        return _languages(record, wanted)
    if column.form in {"list", "words"}:
        node = record.get(str(column.path[0]))
        have = (
            [value.value for value in node.values if isinstance(value, Scalar)]
            if isinstance(node, Items)
            else []
        )
        spelled = {word.replace("_", " "): word for word in have}
        words = [spelled.get(word, word) if column.form == "words" else word for word in words_in(wanted)]
        return _listed(column.path, have, words)
    if not wanted:
        return [Edit("drop", column.path)]
    if column.path[:-1] == ("safety", "must_report_when") and wanted in {"no", "unknown"}:
        others = [text for title, text in cells.items() if text and title.startswith("must report when (")]
        if len(others) == 1:
            return [Edit("put", column.path[:-1], wanted)]
    return [Edit("put", column.path, wanted)]


def _ages(record: Fields, column: Column, wanted: str, cells: Mapping[str, str]) -> list[Edit]:
    """Both ends at once: they stand in one list."""
    at = int(column.path[1])
    titles = ("age from", "age to")
    ends = [
        wanted if end == at else cells.get(title, cell_of(replace(column, path=("age", end)), record))
        for end, title in enumerate(titles)
    ]
    if not any(ends):
        return [Edit("drop", ("age",))]
    pair = [(int(end) if end.isdecimal() and end.isascii() else end) if end else None for end in ends]
    return [Edit("put", ("age",), pair)]


def _languages(record: Fields, wanted: str) -> list[Edit]:
    have = list(languages_of(record.get("languages")))
    want = languages_in(wanted)
    stays = [code for code, _ in have if code in dict(want)]
    if not want:
        return [Edit("drop", ("languages",))]
    if [code for code, _ in want][: len(stays)] != stays or len(dict(have)) != len(have):
        return [Edit("put", ("languages",), [{"code": code, "by": by} for code, by in want])]
    edits = [
        Edit("put", ("languages", at, "by"), dict(want)[code])
        for at, (code, by) in enumerate(have)
        if code in dict(want) and dict(want)[code] != by
    ]
    gone = [at for at, (code, _) in enumerate(have) if code not in dict(want)]
    new = [Edit("append", ("languages",), {"code": code, "by": by}) for code, by in want[len(stays) :]]
    return [*edits, *new, *(Edit("drop", ("languages", at)) for at in reversed(gone))]


def _listed(path: tuple[Step, ...], have: Sequence[str], want: Sequence[str]) -> list[Edit]:
    """Take out and add single words, so that what stands beside the others stays; in another order, all anew."""
    if not want:
        return [Edit("drop", path)]
    stays = [word for word in have if word in want]
    if list(want[: len(stays)]) != stays:
        return [Edit("put", path, list(want))]
    gone = [at for at, word in enumerate(have) if word not in want]
    new = [Edit("append", path, word) for word in want[len(stays) :]]
    return [*new, *(Edit("drop", (*path, at)) for at in reversed(gone))]
