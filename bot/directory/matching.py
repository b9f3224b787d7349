"""Which services fit a need, in what order, why, and what was left out: explainable and the same every time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from bot.directory.columns import Columns, Flags, Order, Rows, Scores
from bot.directory.day import Day
from bot.directory.explain import Explainer
from bot.directory.filters import HARD, RELAXED, SOFT, STANDING, Filter, Query, Sieve
from bot.directory.left_out import beyond, left_out, more_if
from bot.directory.model import Network, Organisation, Place, Service, Taxonomy
from bot.directory.opening_times import OpeningTimes
from bot.directory.own_words import OwnWords
from bot.directory.patching import patched
from bot.directory.places import Fold, Places
from bot.directory.ranking import OPEN_NOW, base_score, with_text
from bot.directory.text_index import highest
from bot.directory.visits import Coming

__all__ = ["Directory", "Match", "MatchResult", "Query"]

BLOCK: Final = 30
"""Services are ordered in blocks of this many; hours are looked at block by block."""

FIRST: Final = 3
"""Among the first three each organisation stands once."""


@dataclass(frozen=True, slots=True)
class Match:
    """One service that fits. `reasons` and `unknown` are words such as `language:fa:interpreter` (see explain).

    `relaxed` names what was let go of to find it. `where` is its place, when a person may know it. `visit` is where
    a mobile team is next, at the place `visited`; `zone` that of its hours, where clocks may differ from the person's.
    `flagged`: somebody reported a problem with it, and nobody has looked yet.
    """

    organisation: Organisation
    service: Service
    score: float
    reasons: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    relaxed: tuple[str, ...] = ()
    where: Place | None = None
    visit: Coming | None = None
    visited: Place | None = None
    zone: str = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class MatchResult:
    """What is offered (`matches`, of `total`) and how many each filter removed.

    `more`: how many there are besides if one soft filter is let go of, by its name.
    `unknown_safety`: how many of those removed for safety were removed only because nobody knows.
    """

    matches: tuple[Match, ...]
    removed: Mapping[str, int]
    relaxed: tuple[str, ...]
    total: int
    unknown_safety: int = 0
    more: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """The directory of one release, ready to be asked. Build with `Directory.build`."""

    organisations: Mapping[str, Organisation]
    taxonomy: Taxonomy
    places: Places
    network: Network
    _columns: Columns
    _words: OwnWords
    _fold: Fold
    _under: Mapping[str, tuple[str, ...]]
    _openings: OpeningTimes
    _days: dict[int, Day] = field(default_factory=dict, repr=False)

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
            _words=OwnWords.build(columns, taxonomy, fold),
            _fold=fold,
            _under={need: taxonomy.under(need) for need in taxonomy.needs},
            _openings=_openings(columns),
        )

    def emptied(self) -> "Directory":
        """The same vocabulary, places and network without any service."""
        return Directory.build((), self.taxonomy, self.places.by_id.values(), self.network, fold=self._fold)

    def as_it_stands(self, changed: Mapping[str, Service], flagged: Collection[str]) -> "Directory":
        """The same directory with these services in place of the release's, and some marked as complained about.

        Both go by `organisation/service`. Nothing is indexed anew: a person's turn does not wait for it.
        """
        mine = {name.partition("/")[0] for name in changed}
        organisations = {
            ident: replace(
                one,
                services=tuple(changed.get(f"{ident}/{service.id}", service) for service in one.services),
            )
            if ident in mine
            else one
            for ident, one in self.organisations.items()
        }
        columns = patched(self._columns, organisations, changed, flagged, self.places)
        return replace(
            self,
            organisations=organisations,
            _columns=columns,
            _openings=_openings(columns),
            _days={},
        )

    def has(self, name: str) -> bool:
        """Whether there is an organisation, or a service `organisation/service`, with this name."""
        organisation, _, service = name.partition("/")
        found = self.organisations.get(organisation)
        return found is not None and (not service or any(one.id == service for one in found.services))

    def match(self, query: Query, now: datetime) -> MatchResult:
        """What to offer for `query` at `now` (aware), best first.

        Ties go by organisation and service id, so the same question has the same answer and pages
        (`skip`) never repeat a service.
        """
        sieve = self._sieve(query, now)
        rows, removed, unknown_safety = self._hard(sieve)
        kept, soft = self._soft(sieve, rows)
        relaxed: tuple[str, ...] = ()
        if query.relax:
            kept, relaxed = beyond(sieve, rows, soft), (query.relax,)
        elif not kept.size and rows.size:
            kept, relaxed = self._relax(sieve, rows, soft)
        found = self._words.lead(query.text, query.need, kept)
        page = self._page(kept, with_text(base_score(sieve, kept), found), query, now)
        open_now = self._openings.open_now([row for row, _ in page], now)
        by_text = () if found is None else {row for row, _ in page if found[np.searchsorted(kept, row)]}
        explain = Explainer(sieve, relaxed, open_now, by_text)
        return MatchResult(
            matches=tuple(self._match(row, points, explain) for row, points in page),
            removed=removed | _counts(rows, kept, soft, relaxed),
            relaxed=relaxed,
            total=len(kept),
            unknown_safety=unknown_safety,
            more=more_if(sieve, rows, soft, kept if relaxed else None),
        )

    def left_out(self, query: Query, now: datetime) -> Mapping[str, int]:
        """How many services fit `query` at `now` in every way but one, by what left them out (see left_out.TOLD)."""
        return left_out(self._sieve(query, now))

    def _sieve(self, query: Query, now: datetime) -> Sieve:
        under = self._under.get(query.need, (query.need,))
        return Sieve(self._columns, self.taxonomy, self.places, query, self._today(now), under, now)

    def _today(self, now: datetime) -> Day:
        """The day of `now` in UTC, worked out when it is first asked for."""
        today = now.astimezone(UTC).date().toordinal()
        if today not in self._days:
            self._days.clear()
            self._days[today] = Day.of(self._columns, today)
        return self._days[today]

    def _hard(self, sieve: Sieve) -> tuple[Rows, dict[str, int], int]:
        query = sieve.query
        key = (query.need, query.demo, query.include_unvetted, query.tier)
        rows, removed = sieve.day.standing(key, lambda: _pass(sieve, STANDING, sieve.candidates()))
        before = rows
        rows, more = _pass(sieve, HARD, rows)
        unknown = sieve.unknown_safety(_pass(sieve, HARD[:-1], before)[0]) if "safety" in more else 0
        return rows, removed | more, unknown

    def _soft(self, sieve: Sieve, rows: Rows) -> tuple[Rows, dict[str, Flags]]:
        """What passes every soft filter, and the filters that removed something."""
        soft: dict[str, Flags] = {}
        for name, passes in SOFT:
            keep = passes(sieve, rows)
            if keep is not None and not keep.all():
                soft[name] = keep
        return (rows[_all(soft)] if soft else rows), soft

    def _relax(self, sieve: Sieve, rows: Rows, soft: Mapping[str, Flags]) -> tuple[Rows, tuple[str, ...]]:
        """Let go of one filter after the other until something is left; name those that made the difference."""
        passing = dict(soft)
        for name in RELAXED:
            if name not in soft:
                continue
            passing[name] = soft[name] | sieve.bearable(name, rows)
            keep = _all(passing)
            if keep.any():
                gone = tuple(one for one in RELAXED if one in soft and not soft[one][keep].all())
                return rows[keep], gone
        return rows[:0], ()

    def _page(self, rows: Rows, score: Scores, query: Query, now: datetime) -> list[tuple[int, float]]:
        """The services from `skip` on, at most `limit`, with their scores."""
        wanted = query.skip + query.limit
        order = self._ordered(rows, score, wanted)
        blocks: list[tuple[int, float]] = []
        for start in range(0, min(len(order), wanted), BLOCK):
            at = order[start : start + BLOCK]
            block = rows[at].tolist()
            open_now = self._openings.open_now(block, now)
            scored = [
                (row, round(points + OPEN_NOW * (row in open_now), 4))
                for row, points in zip(block, score[at].tolist(), strict=True)
            ]
            blocks += sorted(scored, key=lambda one: (-one[1], one[0]))
            if start == 0:
                blocks = self._spread(blocks)
        return blocks[query.skip : wanted]

    def _ordered(self, rows: Rows, score: Scores, wanted: int) -> Order:
        """Where the best stand, in order: whole blocks with at least `wanted`. Rows ascend: equal scores go by row."""
        best = highest(score, BLOCK * max(1, -(-wanted // BLOCK)))
        order: Order = best[np.argsort(-score[best], kind="stable")]
        if len(set(self._columns.organisation[rows[order[:BLOCK]]].tolist())) >= FIRST:
            return order
        return self._mixed(rows, np.argsort(-score, kind="stable"))

    def _mixed(self, rows: Rows, order: Order) -> Order:
        """The same order with at least three organisations in the first block, where there are three."""
        theirs = self._columns.organisation[rows[order]]
        if len(order) <= BLOCK:
            return order
        firsts = np.sort(np.unique(theirs, return_index=True)[1])[:FIRST]
        late = firsts[firsts >= BLOCK]
        rest = np.delete(np.arange(len(order)), late)
        return order[np.insert(rest, BLOCK - len(late), late)]

    def _spread(self, ranked: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """The same list with each organisation once among the first three, where there are three."""
        first: list[tuple[int, float]] = []
        seen: set[str] = set()
        for one in ranked:
            organisation = self._columns.services[one[0]][0].id
            if organisation not in seen and not self._columns.flagged[one[0]]:
                seen.add(organisation)
                first.append(one)
                if len(first) == FIRST:
                    break
        return first + [one for one in ranked if one not in first]

    def _match(self, row: int, score: float, explain: Explainer) -> Match:
        organisation, service = self._columns.services[row]
        reasons, unknown = explain.words(row)
        visit = explain.visit(service)
        return Match(
            organisation,
            service,
            score,
            reasons,
            unknown,
            relaxed=explain.relaxed_for(row),
            where=explain.where(service),
            visit=visit,
            visited=self.places.by_id.get(visit.visit.place) if visit else None,
            zone=explain.elsewhere(service),
            flagged=bool(self._columns.flagged[row]),
        )


def _pass(sieve: Sieve, filters: Sequence[Filter], rows: Rows) -> tuple[Rows, dict[str, int]]:
    """What passes all `filters`, and how many each removed."""
    removed: dict[str, int] = {}
    for name, passes in filters:
        keep = passes(sieve, rows)
        if keep is not None and not keep.all():
            left = rows[keep]
            removed[name] = len(rows) - len(left)
            rows = left
    return rows, removed


def _all(flags: Mapping[str, Flags]) -> Flags:
    return np.logical_and.reduce(list(flags.values()))  # type: ignore[no-any-return]  # of flags: flags


def _counts(rows: Rows, kept: Rows, soft: Mapping[str, Flags], relaxed: Sequence[str]) -> dict[str, int]:
    """How many each soft filter removed, each service under the first that did; those offered anyway under none."""
    left = ~np.isin(rows, kept, assume_unique=True) if relaxed else np.ones(len(rows), np.bool_)
    counts = {}
    for name, keep in soft.items():
        if count := int(np.count_nonzero(left & ~keep)):
            counts[name] = count
        left = left & keep
    return counts


def _openings(columns: Columns) -> OpeningTimes:
    teams = {row: one for row, (_, one) in enumerate(columns.services) if one.visits}
    return OpeningTimes(columns.hours, columns.all_hours, teams)
