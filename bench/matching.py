"""How fast and how well services are found in a large directory. `python -m bench.matching [10000 ...]`.

Beside Fener, in the same run, over the same names, folded alike, and in turn: RapidFuzz over every name, and the
trigram index of SQLite FTS5. Times are milliseconds of the processor, which other work on the machine changes less
than the clock; ratios are what to look at. Found: how often the service stands first, or among the first five.
At most: what somebody would find who knew the words before the slip, and drew five of all names that hold them.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from bench.made import FIRST, NOW, SECOND, Draws, organisations
from bot.content.directory_folder import load_directory
from bot.directory.matching import Directory, Query
from bot.directory.model import Organisation
from bot.directory.text_index import TextIndex, trigrams
from bot.nlu.normalise import fold

ROOT: Final = Path(__file__).parents[1]
SIZES: Final = (1_000, 10_000, 100_000)
ROUNDS: Final = 300
TIMES: Final = 5
"""How often each is asked; the least counts, since other work on the machine only adds."""
TYPED: Final = 120
"""Names typed in each way; RapidFuzz takes a second for one in a large directory."""

OURS: Final = ("index alone", "whole, any need", "whole, its need")
"""The index as the others are used; and the whole answer, over everything and over what a need leaves."""

SCORERS: Final = {"RapidFuzz WRatio": fuzz.WRatio, "RapidFuzz token set": fuzz.token_set_ratio}

_SLOW: Final = 20_000  # above so many names the slow ones get every tenth query
_TENTH: Final = 10
_CYRILLIC: Final = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz", "абцдефгхијклмнопкрстуввхиз"
)  # one letter for one: as somebody types a foreign name in Serbian


@dataclass(slots=True)
class Figures:
    """What one way of searching took, and how often the right service stood first or among five."""

    milliseconds: list[float] = field(default_factory=list)
    first: int = 0
    five: int = 0

    def take(self, search: Callable[[], Sequence[int]], right: set[int]) -> None:
        """One query: time it and look where the right one stands."""
        started = time.process_time_ns()
        found = search()
        self.milliseconds.append((time.process_time_ns() - started) / 1e6)
        self.first += bool(right & set(found[:1]))
        self.five += bool(right & set(found[:5]))

    def at(self, share: float) -> float:
        """Milliseconds that this share of the queries stays under."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def quality(self) -> str:
        """Recall at 1 and at 5."""
        count = len(self.milliseconds)
        return f"{self.first / count:.2f} / {self.five / count:.2f}"


def misspelt(name: str, draws: Draws) -> str:
    """The whole name with two letters changed."""
    return _with_typos(name, draws, 2)


def whole(name: str, _draws: Draws) -> str:
    """Every word of the name."""
    return name


def part(name: str, draws: Draws) -> str:
    """Three in five of its words, shuffled."""
    words = sorted(name.split(), key=lambda word: sha256(f"{word}{draws.below(1000)}".encode()).digest())
    return " ".join(words[: max(2, len(words) * 3 // 5)])


def slipped(words: str, draws: Draws) -> str:
    """The words with one letter changed."""
    return _with_typos(words, draws, 1)


def other_script(name: str, draws: Draws) -> str:
    """The whole name in Serbian Cyrillic, with one letter changed before."""
    return _with_typos(name, draws, 1).casefold().translate(_CYRILLIC)


WAYS: Final = {"misspelt": (whole, misspelt), "partial": (part, slipped), "Cyrillic": (whole, other_script)}
"""Which words of a name are typed, and how they are spoilt."""


def _with_typos(name: str, draws: Draws, count: int) -> str:
    letters = list(name)
    for _ in range(count):
        letters[draws.below(len(letters))] = "abcdefghijklmnopqrstuvwxyz"[draws.below(26)]
    return "".join(letters)


def queries(shipped: Directory, count: int) -> list[Query]:
    """What people ask: a need, a place, and more or less besides; a third with words of their own."""
    draws = Draws("queries")
    needs, groups = list(shipped.taxonomy.needs), list(shipped.taxonomy.populations)
    places = list(shipped.places.by_id)
    return [
        Query(
            draws.of(needs),
            place=draws.of(places),
            languages=(draws.of(["sr", "en", "fa", "ar"]),) if draws.below(2) else (),
            populations=(draws.of(groups),) if draws.below(2) else (),
            safety=("sogiesc_trained",) if not draws.below(3) else (),
            exclude=("state",) if not draws.below(5) else (),
            age=20 if draws.below(2) else None,
            text=misspelt(f"{draws.of(FIRST)} {draws.of(SECOND)}", draws) if not draws.below(3) else "",
        )
        for _ in range(count)
    ]


def run(size: int, shipped: Directory) -> None:
    """Measure one size and print its lines."""
    listed = list(organisations(shipped, size))
    started = time.process_time()
    directory = Directory.build(
        listed, shipped.taxonomy, shipped.places.by_id.values(), shipped.network, fold=fold
    )
    print(f"\n{size} services, made into columns and an index in {time.process_time() - started:.2f} s")
    _print_whole(directory, queries(shipped, ROUNDS))
    _print_text(directory, listed)


def _print_whole(directory: Directory, asked: Sequence[Query]) -> None:
    """Filters alone, and the whole answer with order, reasons and what would help."""
    kinds = {
        "filters only (nothing shown)": Figures(),
        "whole answer": Figures(),
        "... with words": Figures(),
    }
    least: dict[tuple[str, int], float] = {}
    for round_number in range(-1, TIMES):  # the first goes unmeasured: the day is worked out in it
        for number, query in enumerate(asked):
            now = NOW + timedelta(seconds=number)
            kind = "... with words" if query.text else "whole answer"
            for name, each in (
                ("filters only (nothing shown)", replace(query, text="", limit=0)),
                (kind, query),
            ):
                started = time.process_time_ns()
                directory.match(each, now)
                took = (time.process_time_ns() - started) / 1e6
                if round_number >= 0:
                    least[name, number] = min(took, least.get((name, number), took))
    for (name, _), took in least.items():
        kinds[name].milliseconds.append(took)
    for name, figures in kinds.items():
        print(f"  {name:<30} p50 {figures.at(0.5):8.3f} ms   p99 {figures.at(0.99):8.3f} ms")


def _print_text(directory: Directory, listed: Sequence[Organisation]) -> None:
    """Names typed in three ways, looked for by Fener and by the others, in turn."""
    pairs = [(org, service) for org in listed for service in org.services]
    names = [fold(f"{org.name['en']} {service.name['en']}") for org, service in pairs]
    findable = [pair for pair in pairs if pair[1].capacity.state != "full"]  # a filter leaves out the full
    rows: dict[str, set[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(name, set()).add(row)
    numbers = {(org.id, service.id): row for row, (org, service) in enumerate(pairs)}
    table, index = _fts(names), TextIndex.build(list(enumerate(names)))
    draws, holding = Draws("typed"), _holding(rows)
    for way, (taking, spoiling) in WAYS.items():
        possible = 0.0
        figures = {name: Figures() for name in (*OURS, "FTS5 trigram", *SCORERS)}
        for number in range(TYPED):
            org, service = draws.of(findable)
            name = f"{org.name['en']} {service.name['en']}"
            words = taking(name, draws)
            possible += min(1, 5 / len(set.intersection(*(holding[word] for word in fold(words).split()))))
            typed = spoiling(words, draws)
            folded, right = fold(typed), rows[fold(name)]
            anything = Query("", text=typed, limit=5, include_unvetted=True)
            figures[OURS[0]].take(partial(_indexed, index, folded), right)
            figures[OURS[1]].take(partial(_whole, directory, anything, numbers), right)
            its_need = replace(anything, need=service.needs[0])
            figures[OURS[2]].take(partial(_whole, directory, its_need, numbers), right)
            if len(names) < _SLOW or number % _TENTH == 0:
                figures["FTS5 trigram"].take(partial(_theirs, table, folded), right)
                for scored, scorer in SCORERS.items():
                    figures[scored].take(partial(_scored, names, folded, scorer), right)
        _print_figures(way, figures)
        print(f"  {way:<9} {'at most':<20} {'found':>45}    - / {possible / TYPED:.2f}")


def _holding(names: Iterable[str]) -> dict[str, set[str]]:
    """The names that hold each word."""
    holding: dict[str, set[str]] = {}
    for name in names:
        for word in name.split():
            holding.setdefault(word, set()).add(name)
    return holding


def _print_figures(way: str, figures: Mapping[str, Figures]) -> None:
    ours = figures[OURS[0]].at(0.5)
    for name, one in figures.items():
        ratio = "" if name in OURS else f"   {one.at(0.5) / ours:5.1f} times the index"
        print(
            f"  {way:<9} {name:<20} p50 {one.at(0.5):8.3f} ms   p99 {one.at(0.99):8.3f} ms   "
            f"found {one.quality()}{ratio}"
        )


def _indexed(index: TextIndex, folded: str) -> list[int]:
    count = len(index.names)
    found = index.search(folded, np.arange(count, dtype=np.int32), count)
    return sorted(found, key=lambda row: (-found[row], row))[:5]


def _whole(directory: Directory, query: Query, numbers: dict[tuple[str, str], int]) -> list[int]:
    matches = directory.match(query, NOW).matches
    return [numbers[one.organisation.id, one.service.id] for one in matches]


def _fts(names: Sequence[str]) -> sqlite3.Connection:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE names USING fts5(name, tokenize='trigram')")
    table.executemany("INSERT INTO names(rowid, name) VALUES (?, ?)", list(enumerate(names)))
    return table


def _theirs(table: sqlite3.Connection, folded: str) -> list[int]:
    grams = [gram for gram in trigrams(folded) if len(gram.strip()) == len(gram)]
    wanted = " OR ".join('"' + gram.replace('"', '""') + '"' for gram in grams)
    found = table.execute("SELECT rowid FROM names WHERE names MATCH ? ORDER BY rank LIMIT 5", (wanted,))
    return [row for (row,) in found]


def _scored(names: Sequence[str], folded: str, scorer: Callable[..., float]) -> list[int]:
    return [at for _, _, at in process.extract(folded, names, scorer=scorer, limit=5)]


def main(arguments: Sequence[str] = ()) -> int:
    """Measure every size, or those named."""
    shipped, problems = load_directory(ROOT, fold=fold)
    if shipped is None:
        print(problems[0].mark, problems[0].message)
        return 1
    for size in [int(word) for word in arguments] or SIZES:
        run(size, shipped)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
