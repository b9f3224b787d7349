"""Which services fit a need, in what order, why, and what was left out: explainable and the same every time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np

from bot.directory.columns import Columns, Flags, Rows, Scores
from bot.directory.explain import Explainer
from bot.directory.filters import HARD, RELAXED, SOFT, Query, Sieve
from bot.directory.hours import Opening, opening_of
from bot.directory.model import Network, Organisation, Place, Service, Taxonomy
from bot.directory.places import Fold, Places
from bot.directory.ranking import OPEN_NOW, base_score, with_text
from bot.directory.text_index import TextIndex

__all__ = ["Directory", "Match", "MatchResult", "Query"]

BLOCK: Final = 30
"""Services are ordered in blocks of this many; hours are looked at block by block."""

FIRST: Final = 3
"""Among the first three each organisation stands once."""


@dataclass(frozen=True, slots=True)
class Match:
    """One service that fits. `reasons` and `unknown` are words such as `language:fa:interpreter` (see explain).

    `relaxed` names what was let go of to find it. `where` is its place, when a person may know it.
    """

    organisation: Organisation
    service: Service
    score: float
    reasons: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    relaxed: tuple[str, ...] = ()
    where: Place | None = None


@dataclass(frozen=True, slots=True)
class MatchResult:
    """What is offered (`matches`, of `total`) and how many each filter removed.

    `unknown_safety`: how many of those removed for safety were removed only because nobody knows.
    """

    matches: tuple[Match, ...]
    removed: Mapping[str, int]
    relaxed: tuple[str, ...]
    total: int
    unknown_safety: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """The directory of one release, ready to be asked. Build with `Directory.build`."""

    organisations: Mapping[str, Organisation]
    taxonomy: Taxonomy
    places: Places
    network: Network
    _columns: Columns
    _index: TextIndex
    _fold: Fold
    _openings: dict[int, tuple[datetime, datetime, Opening]] = field(default_factory=dict, repr=False)

    @classmethod
    def build(
        cls,
        organisations: Iterable[Organisation],
        taxonomy: Taxonomy,
        places: Iterable[Place],
        network: Network,
        *,
        fold: Fold,
    ) -> "Directory":
        """Index everything once. `fold` is the folding that names and queries share."""
        listed = sorted(organisations, key=lambda one: one.id)
        known = Places.build(places, fold=fold)
        columns = Columns.build(listed, known)
        return cls(
            organisations={one.id: one for one in listed},
            taxonomy=taxonomy,
            places=known,
            network=network,
            _columns=columns,
            _index=TextIndex.build(_names(columns, fold)),
            _fold=fold,
        )

    def emptied(self) -> "Directory":
        """The same vocabulary, places and network without any service."""
        return Directory.build((), self.taxonomy, self.places.by_id.values(), self.network, fold=self._fold)

    def match(self, query: Query, now: datetime) -> MatchResult:
        """What to offer for `query` at `now` (aware), best first.

        Ties go by organisation and service id, so the same question has the same answer and pages
        (`skip`) never repeat a service.
        """
        sieve = Sieve(
            self._columns, self.taxonomy, self.places, query, now.astimezone(UTC).date().toordinal()
        )
        rows, removed, unknown_safety = self._hard(sieve)
        kept, soft = self._soft(sieve, rows)
        relaxed: tuple[str, ...] = ()
        if not kept.size and rows.size:
            kept, relaxed = self._relax(sieve, rows, soft)
        removed |= _counts(rows, kept, soft, relaxed)
        explain = Explainer(sieve, relaxed)
        text = (
            self._index.search(self._fold(query.text), kept, len(self._columns.services))
            if query.text
            else {}
        )
        score = with_text(base_score(sieve, kept), kept, text)
        page = self._page(kept, score, query, now)
        return MatchResult(
            matches=tuple(self._match(row, points, explain, now, text) for row, points in page),
            removed={name: count for name, count in removed.items() if count},
            relaxed=relaxed,
            total=len(kept),
            unknown_safety=unknown_safety,
        )

    def _hard(self, sieve: Sieve) -> tuple[Rows, dict[str, int], int]:
        rows = sieve.candidates()
        removed: dict[str, int] = {}
        unknown_safety = 0
        for name, passes in HARD:
            keep = passes(sieve, rows)
            if name == "safety" and sieve.query.safety:
                unknown_safety = sieve.unknown_safety(rows)
            removed[name] = len(rows) - int(np.count_nonzero(keep))
            rows = rows[keep]
        return rows, removed, unknown_safety

    def _soft(self, sieve: Sieve, rows: Rows) -> tuple[Rows, dict[str, Flags]]:
        soft = {name: passes(sieve, rows) for name, passes in SOFT}
        return rows[np.logical_and.reduce(list(soft.values()))], soft

    def _relax(self, sieve: Sieve, rows: Rows, soft: Mapping[str, Flags]) -> tuple[Rows, tuple[str, ...]]:
        """Let go of one filter after the other until something is left; name those that made the difference."""
        limits = {
            "capacity": np.ones(len(rows), np.bool_),
            "place": sieve.same_country(rows),
            "language": sieve.silent(rows),
        }
        passing = dict(soft)
        for name in RELAXED:
            passing[name] = soft[name] | limits[name]
            keep = np.logical_and.reduce(list(passing.values()))
            if keep.any():
                gone = tuple(one for one in RELAXED if not soft[one][keep].all())
                return rows[keep], gone
        return rows[:0], ()

    def _page(self, rows: Rows, score: Scores, query: Query, now: datetime) -> list[tuple[int, float]]:
        """The services from `skip` on, at most `limit`, with their scores."""
        wanted = query.skip + query.limit
        order = np.lexsort((rows, -score))
        blocks: list[tuple[int, float]] = []
        for start in range(0, min(len(order), wanted), BLOCK):
            block = order[start : start + BLOCK]
            scored = [
                (int(rows[at]), round(float(score[at]) + OPEN_NOW * self._open_now(int(rows[at]), now), 4))
                for at in block
            ]
            blocks += sorted(scored, key=lambda one: (-one[1], one[0]))
            if start == 0:
                blocks = self._spread(blocks)
        return blocks[query.skip : wanted]

    def _spread(self, ranked: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """The same list with each organisation once among the first three, where there are three."""
        first: list[tuple[int, float]] = []
        seen: set[str] = set()
        for one in ranked:
            organisation = self._columns.services[one[0]][0].id
            if organisation not in seen and len(first) < FIRST:
                seen.add(organisation)
                first.append(one)
        return first + [one for one in ranked if one not in first]

    def _open_now(self, row: int, now: datetime) -> bool:
        number = int(self._columns.hours[row])
        return number >= 0 and self._opening(number, now).state == "open"

    def _opening(self, number: int, now: datetime) -> Opening:
        """The opening of hours `number`, remembered until it next changes."""
        known = self._openings.get(number)
        if known and known[0] <= now < known[1]:
            return known[2]
        opening = opening_of(self._columns.all_hours[number], now)
        change = opening.until or opening.opens
        if change is not None:
            self._openings[number] = (now, change, opening)
        return opening

    def _match(
        self, row: int, score: float, explain: Explainer, now: datetime, text: Mapping[int, float]
    ) -> Match:
        organisation, service = self._columns.services[row]
        reasons, unknown = explain.words(row, open_now=self._open_now(row, now), by_text=row in text)
        return Match(
            organisation, service, score, reasons, unknown, explain.relaxed_for(row), explain.where(service)
        )


def _counts(rows: Rows, kept: Rows, soft: Mapping[str, Flags], relaxed: Sequence[str]) -> dict[str, int]:
    """How many each soft filter removed, each service under the first that did; those offered anyway under none."""
    left = ~np.isin(rows, kept, assume_unique=True) if relaxed else np.ones(len(rows), np.bool_)
    counts = {}
    for name, keep in soft.items():
        counts[name] = int(np.count_nonzero(left & ~keep))
        left = left & keep
    return counts


def _names(columns: Columns, fold: Fold) -> list[tuple[int, str]]:
    """Every folded name of every service: organisation and service, in each language."""
    named: dict[tuple[int, str], None] = {}
    for row, (organisation, service) in enumerate(columns.services):
        for language in dict.fromkeys((*organisation.name, *service.name)):
            words = (organisation.name.get(language, ""), service.name.get(language, ""))
            named[row, fold(" ".join(word for word in words if word))] = None
    return [one for one in named if one[1]]
