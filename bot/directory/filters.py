"""What keeps a service from being offered. Each filter fails closed; each removal is counted under its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from bot.directory.columns import ANSWERS, CAPACITY, OLDEST, Columns, Flags, Rows, Small, base
from bot.directory.day import Day
from bot.directory.model import TIERS, Taxonomy, Visibility
from bot.directory.places import Places

Ages = tuple[int, int]
"""The youngest and the oldest somebody may be."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asks for. What is empty is no filter.

    `age` is an age in years, or the youngest and oldest a person may be. `safety` are words of the taxonomy
    that must be known to hold. `exclude` names organisations, services as `organisation/service`, and kinds of
    organisations such as `state`. `relax` is one soft filter that the person lets go of: only what it alone
    removed is found. `demo` lets fictitious records in; `include_unvetted` is for operators and never for a person.
    """

    need: str
    place: str | None = None
    languages: Sequence[str] = ()
    populations: Sequence[str] = ()
    safety: Sequence[str] = ()
    text: str = ""
    age: int | Ages | None = None
    exclude: Sequence[str] = ()
    relax: str = ""
    limit: int = 3
    skip: int = 0
    demo: bool = False
    include_unvetted: bool = False
    tier: Visibility = "matched"


@dataclass(frozen=True, slots=True)
class Sieve:
    """One query, one moment, one directory: what passes each filter. None stands for everything.

    `under` are the need asked for and those below it.
    """

    columns: Columns
    taxonomy: Taxonomy
    places: Places
    query: Query
    day: Day
    under: tuple[str, ...]
    now: datetime

    def candidates(self) -> Rows:
        """The services for the need, or for any need when none is named."""
        if not self.query.need:
            return np.arange(len(self.columns.services), dtype=np.int32)
        found = [self.columns.needs[need] for need in self.under if need in self.columns.needs]
        if len(found) == 1:
            return found[0]
        return np.unique(np.concatenate(found)).astype(np.int32) if found else np.empty(0, np.int32)

    def demo(self, rows: Rows) -> Flags | None:
        """Fictitious records are for demonstrations."""
        return None if self.query.demo else ~self.columns.demo[rows]

    def status(self, rows: Rows) -> Flags:
        """Paused, closed and gone services are not offered."""
        return self.columns.active[rows]

    def vetting(self, rows: Rows) -> Flags:
        """Vetted by two, begun, not lapsed. A suspended service stays out whatever is asked."""
        if self.query.include_unvetted:
            return ~self.columns.suspended[rows]
        begun = self.columns.since[rows] <= self.day.today
        return self.columns.vetted[rows] & begun & (self.columns.expires[rows] >= self.day.today)

    def visibility(self, rows: Rows) -> Flags:
        """Only what may be seen at this tier."""
        return self.columns.visible[rows] <= TIERS.index(self.query.tier)

    def visits(self, rows: Rows) -> Flags | None:
        """Mobile teams only while they still come."""
        return self.columns.visiting.still_comes(rows, self.now)

    def excluded(self, rows: Rows) -> Flags | None:
        """What the person does not want to hear of."""
        if not self.query.exclude:
            return None
        keep = everything(rows)
        for name in self.query.exclude:
            organisation, _, service = name.partition("/")
            if name in self.columns.kinds:
                keep &= ~self.columns.kinds[name][rows]
            number = self.columns.organisation_numbers.get(organisation, -1)
            theirs = self.columns.organisation[rows] == number
            if service:
                theirs &= np.array(
                    [self.columns.services[row][1].id == service for row in rows], dtype=np.bool_
                )
            keep &= ~theirs
        return keep

    def age(self, rows: Rows) -> Flags | None:
        """Only services for this age."""
        ages = self.ages()
        if ages is None:
            return None
        return (self.columns.age_low[rows] <= ages[1]) & (self.columns.age_high[rows] >= ages[0])

    def ages(self) -> Ages | None:
        """How old the person may be: as asked, or as one of their populations implies."""
        if isinstance(self.query.age, int):
            return self.query.age, self.query.age
        if self.query.age is not None:
            return self.query.age
        for name in self.query.populations:
            known = self.taxonomy.populations.get(name)
            if known and known.age:
                low, high = known.age
                return low or 0, OLDEST if high is None else high
        return None

    def population(self, rows: Rows) -> Flags | None:
        """Services for everyone, or for one of the groups the person belongs to; women's services not for men."""
        asked = self.query.populations
        if not asked:
            return None
        keep = self.columns.for_all[rows]
        for name in {one for word in asked for one in self.taxonomy.serving(word)}:
            if name in self.columns.populations:
                keep = keep | self.columns.populations[name][rows]
        women_only = self.columns.answers.get("women_only")
        if women_only is not None and "men" in asked and "women" not in asked:
            keep = keep & (women_only[rows] != ANSWERS["yes"])
        return keep

    def safety(self, rows: Rows) -> Flags | None:
        """Only services known to be safe in each way asked for: unknown is not safe."""
        if not self.query.safety:
            return None
        keep = everything(rows)
        for word in self.query.safety:
            keep &= self._answer(word, rows)[1]
        return keep

    def unknown_safety(self, rows: Rows) -> int:
        """How many of these would be removed only because nobody knows."""
        unsafe, safe = np.zeros(len(rows), np.bool_), everything(rows)
        for word in self.query.safety:
            unknown, holds = self._answer(word, rows)
            unsafe |= ~unknown & ~holds
            safe &= holds
        return int(np.count_nonzero(~unsafe & ~safe))

    def _answer(self, word: str, rows: Rows) -> tuple[Flags, Flags]:
        """Where the answer is unknown, and where it is the safe one."""
        attribute = self.taxonomy.attribute(word)
        column = self.columns.answers.get(attribute.field) if attribute else None
        if attribute is None or column is None:
            return everything(rows), np.zeros(len(rows), np.bool_)
        return column[rows] == ANSWERS["unknown"], column[rows] == ANSWERS[attribute.answer]

    def place(self, rows: Rows) -> Flags | None:
        """Services that serve the place or lie in it, and teams that are going there."""
        return self._serving(self.query.place, rows) if self.query.place else None

    def _serving(self, place: str, rows: Rows) -> Flags:
        covers = np.zeros(self.columns.area_count, np.bool_)
        covers[self.columns.reach.get(place, np.empty(0, np.int32))] = True
        served: Flags = np.logical_or.reduce(covers[self.columns.areas[rows]], axis=1)
        if self.columns.visiting.rows.size:
            served = served | self.columns.visiting.comes_to(covers, self.now)[rows]
        return served

    def bearable(self, name: str, rows: Rows) -> Flags:
        """What may be shown all the same when nothing else is left, of those the soft filter `name` removes.

        Full ones; those that serve the same country; those of which nobody wrote down any language.
        """
        return self.silent(rows) if name == "language" else self.wanted(name, rows)

    def wanted(self, name: str, rows: Rows) -> Flags:
        """What a person may be shown who lets go of the soft filter `name`: never a way over a border."""
        if name != "place":
            return everything(rows)
        return self._serving(self.places.country_of(self.query.place or "") or "", rows)

    def language(self, rows: Rows) -> Flags | None:
        """Services where somebody speaks one of the languages; unknown does not count."""
        if not self.query.languages:
            return None
        return np.greater(self.spoken(rows), 0)

    def spoken(self, rows: Rows) -> Small:
        """The best of the asked languages there: 2 staff, 1 interpreter, 0 none."""
        best = np.zeros(len(rows), np.int8)
        for code in self.query.languages:
            if base(code) in self.columns.languages:
                best = np.maximum(best, self.columns.languages[base(code)][rows])
        return best

    def silent(self, rows: Rows) -> Flags:
        """Services of which nobody wrote down any language."""
        spoken = np.zeros(len(rows), np.bool_)
        for column in self.columns.languages.values():
            spoken |= column[rows] > 0
        return ~spoken

    def capacity(self, rows: Rows) -> Flags:
        """Not the ones that were full within the last two weeks."""
        return np.not_equal(self.day.room[rows], CAPACITY["full"])


Filter = tuple[str, Callable[[Sieve, Rows], Flags | None]]
"""A filter's name and what it does."""

STANDING: Final[tuple[Filter, ...]] = (
    ("demo", Sieve.demo),
    ("status", Sieve.status),
    ("vetting", Sieve.vetting),
    ("visibility", Sieve.visibility),
)
"""What keeps a service from everybody. Never let go of."""

HARD: Final[tuple[Filter, ...]] = (
    ("visits", Sieve.visits),
    ("excluded", Sieve.excluded),
    ("age", Sieve.age),
    ("population", Sieve.population),
    ("safety", Sieve.safety),
)
"""What keeps it from this person. Never let go of. A service is counted under the first that removes it."""

SOFT: Final[tuple[Filter, ...]] = (
    ("place", Sieve.place),
    ("language", Sieve.language),
    ("capacity", Sieve.capacity),
)
"""Let go of one after the other, when nothing is left, in the order of RELAXED."""

RELAXED: Final = ("capacity", "place", "language")


def everything(rows: Rows) -> Flags:
    """A filter that removes nothing."""
    return np.ones(len(rows), np.bool_)
