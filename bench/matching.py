"""How fast and how well services are found in a large directory. `python -m bench.matching [10000 ...]`.

The directory is made from our own vocabulary with a fixed seed. Beside it, in the same run and in turn, RapidFuzz
scores every name: what a text search without an index costs. Prints p50 and p99 in milliseconds and the ratio,
and how often a misspelt or partial name leads to its service among the first five.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from rapidfuzz import fuzz, process

from bot.content.directory_folder import load_directory
from bot.directory.matching import Directory, Query
from bot.directory.model import (
    Capacity,
    Hours,
    LanguageOffer,
    Organisation,
    Place,
    Postal,
    Safety,
    Service,
    Vetting,
)
from bot.nlu.normalise import fold

_One = TypeVar("_One")

ROOT: Final = Path(__file__).parents[1]
NOW: Final = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ROUNDS: Final = 200
FIRST: Final = ["Lantern", "Harbour", "Bridge", "River", "Garden", "Open", "Blue", "North", "Clear", "Quiet", "Green",
                "Safe", "New", "Old", "Rainbow", "Sun", "Stone", "Little", "Common", "Light"]  # fmt: skip
SECOND: Final = ["House", "Centre", "Line", "Room", "Clinic", "Door", "Hub", "Circle", "Point", "Network", "Table",
                 "Office", "Yard", "Group", "Project"]  # fmt: skip
WHAT: Final = ["Free lawyers", "Someone to talk to", "Tests", "Place for the night", "Evening line", "Open room",
               "Interpreters", "Hormone care", "Work advice", "School help"]  # fmt: skip
TIMES: Final = [
    "Mo-Fr 09:00-17:00; PH off",
    "24/7",
    "Mo-Su 17:00-23:00",
    "Tu,Th 10:00-16:00",
    "Mo-Sa 12:00-20:00",
]


class Draws:
    """Numbers that look drawn and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._at = 0

    def below(self, limit: int) -> int:
        self._at += 1
        return int.from_bytes(sha256(f"{self._seed}/{self._at}".encode()).digest()[:6]) % limit

    def of(self, values: Sequence[_One]) -> _One:
        return values[self.below(len(values))]

    def some(self, values: Sequence[_One], most: int) -> tuple[_One, ...]:
        return tuple(dict.fromkeys(self.of(values) for _ in range(1 + self.below(most))))


def organisations(shipped: Directory, services: int) -> Iterator[Organisation]:
    """Organisations with two services each, `services` in all."""
    draws = Draws("fener")
    needs, groups = list(shipped.taxonomy.needs), list(shipped.taxonomy.populations)
    cities = [place for place in shipped.places.by_id.values() if place.kind == "city"]
    for number in range(services // 2):
        city = draws.of(cities)
        name = f"{draws.of(FIRST)} {draws.of(SECOND)} {draws.of(FIRST)} {city.names['en'][0]}"
        listed = [_service(draws, f"s{at}", city, needs, groups) for at in range(2)]
        yield Organisation(f"org-{number:06}", {"en": name}, city.country, services=tuple(listed))


def _service(draws: Draws, ident: str, city: Place, needs: list[str], groups: list[str]) -> Service:
    return Service(
        id=ident,
        name={"en": draws.of(WHAT)},
        needs=draws.some(needs, 2),
        populations=draws.some(groups, 3) if draws.below(3) else (),
        age=(18, None) if draws.below(4) else None,
        languages=tuple(LanguageOffer(code) for code in draws.some(["sr", "en", "fa", "ar", "pt", "ur"], 3)),
        cost="free",
        documents=draws.of(["none", "some", "unknown"]),
        safety=Safety(
            {
                "sogiesc_trained": draws.of(["yes", "no", "unknown"]),
                "shares_with_authorities": draws.of(["no", "no", "unknown"]),
            }
        ),
        address=Postal("Demo street", city.id, "matched"),
        hours=Hours(draws.of(TIMES), "Europe/Belgrade", city.country),
        areas=(city.country,) if draws.below(2) else (city.id,),
        remote=not draws.below(4),
        capacity=Capacity(draws.of(["open", "full", "unknown"]), NOW.date() - timedelta(draws.below(30))),
        vetting=Vetting(
            "vetted", ("a", "b"), NOW.date() - timedelta(60), NOW.date() + timedelta(draws.below(300) - 30)
        ),
    )


def queries(shipped: Directory, count: int) -> list[Query]:
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
            age=20 if draws.below(2) else None,
            text=misspelt(f"{draws.of(FIRST)} {draws.of(SECOND)}", draws) if not draws.below(3) else "",
        )
        for _ in range(count)
    ]


def misspelt(name: str, draws: Draws) -> str:
    """The whole name with two letters changed, or three in five of its words, shuffled, with one."""
    words = name.split()
    whole = draws.below(2) == 0
    if not whole:
        words = sorted(words, key=lambda word: sha256(f"{word}{draws.below(1000)}".encode()).digest())
        words = words[: max(2, len(words) * 3 // 5)]
    letters = list(" ".join(words))
    for _ in range(2 if whole else 1):
        letters[draws.below(len(letters))] = "abcdefghijklmnopqrstuvwxyz"[draws.below(26)]
    return "".join(letters)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def recall(directory: Directory, listed: Sequence[Organisation]) -> float:
    """How often a misspelt or partial name finds its organisation among the first five, all filters on."""
    draws = Draws("recall")
    findable = [one for one in listed if one.services[0].capacity.state != "full"]
    found = 0
    tries = 300
    for _ in range(tries):
        organisation = draws.of(findable)
        service = organisation.services[0]
        typed = misspelt(f"{organisation.name['en']} {service.name['en']}", draws)
        query = Query(service.needs[0], text=typed, limit=5, include_unvetted=True)
        wanted = (organisation.name, service.name)
        found += any(
            (one.organisation.name, one.service.name) == wanted for one in directory.match(query, NOW).matches
        )
    return found / tries


def run(services: int, shipped: Directory) -> None:
    started = time.perf_counter()
    listed = list(organisations(shipped, services))
    made = time.perf_counter() - started
    started = time.perf_counter()
    directory = Directory.build(
        listed, shipped.taxonomy, shipped.places.by_id.values(), shipped.network, fold=fold
    )
    built = time.perf_counter() - started
    names = [fold(f"{one.name['en']} {each.name['en']}") for one in listed for each in one.services]
    asked = queries(shipped, ROUNDS)
    for query in asked[:20]:
        directory.match(query, NOW)
    ours: list[float] = []
    theirs: list[float] = []
    for number, query in enumerate(asked):
        started = time.perf_counter()
        directory.match(query, NOW + timedelta(seconds=number))
        ours.append((time.perf_counter() - started) * 1000)
        if number % 10 == 0:
            started = time.perf_counter()
            process.extract(fold(query.text or "lantern house"), names, scorer=fuzz.WRatio, limit=5)
            theirs.append((time.perf_counter() - started) * 1000)
    print(
        f"{services} services: made in {made:.1f} s, built in {built:.2f} s; "
        f"match p50 {percentile(ours, 0.5):.3f} ms, p99 {percentile(ours, 0.99):.3f} ms; "
        f"RapidFuzz over everything p50 {percentile(theirs, 0.5):.1f} ms; "
        f"ratio {percentile(theirs, 0.5) / percentile(ours, 0.5):.0f}; recall@5 {recall(directory, listed):.3f}"
    )


def main(arguments: Sequence[str]) -> int:
    shipped, problems = load_directory(ROOT, fold=fold)
    if shipped is None:
        print(problems[0].mark, problems[0].message)
        return 1
    for size in [int(word) for word in arguments] or [1_000, 10_000]:
        run(size, shipped)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
