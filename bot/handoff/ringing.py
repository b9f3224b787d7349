"""When a waiting case rings and for whom, and how long people waited lately: the rules of the bell, without its clock or its ways.

Urgent cases ring at once, after five and after ten minutes; with the third ring the leads are rung too, once, and five minutes
later the case waits too long. Everything else rings together, at most once in each half hour of the organisation's working time, so
that a ring does not tell when somebody wrote. Outside of it nothing rings.
Source: docs/adr/0021-the-bell-says-nothing.md.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

EVERY: Final = 5
"""Minutes between the rings of an urgent case."""

RINGS: Final = 3
"""How often an urgent case rings by itself; after that with all others."""

LEADS_AFTER: Final = 10
"""Minutes after which the leads are rung, also those off duty."""

TOO_LONG: Final = 15
"""Minutes after which an urgent case waits too long, once its leads were rung."""

HALF_HOUR: Final = 30
"""Minutes in which everything that is not urgent rings once."""

ENOUGH: Final = 10
"""Of fewer waits than this nothing is told."""

REMEMBERED: Final = 50
"""Waits that are remembered of one organisation, the newest first."""

_MOST_OF_THEM: Final = 0.8
_LONGEST_IN_MINUTES: Final = 90
_ROUNDED_TO: Final = 10
_HOUR: Final = 60


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """One waiting case. Times in whole minutes since 1970.

    `since`: when it was first seen in working time; `sure`: that it came then, and not before a restart. `rings`: how often it rang
    in all. `urgent_since`, `urgent_rings`, `last`: since when it is urgent (0: it is not), its own rings, the latest of them.
    `complaint`: how long it waits is told to nobody.
    """

    since: int
    sure: bool
    rings: int = 0
    urgent_since: int = 0
    urgent_rings: int = 0
    last: int = 0
    leads: bool = False
    complaint: bool = False


class Ringing(msgspec.Struct, frozen=True, array_like=True):
    """What one organisation's bell remembers. `slot`: the latest half hour that rang; `waits`: minutes of ordinary cases, newest first."""

    cases: Mapping[str, Waiting] = {}
    slot: int = 0
    waits: tuple[int, ...] = ()

    def is_too_long(self, case: str, minute: int) -> bool:
        """Whether an urgent case waits longer than anybody should, although its leads were rung."""
        found = self.cases.get(case)
        return (
            found is not None
            and found.leads
            and found.urgent_since > 0
            and minute - found.urgent_since >= TOO_LONG
        )

    def rings_of(self, case: str) -> int:
        """How often a case rang."""
        found = self.cases.get(case)
        return found.rings if found is not None else 0


class Caller(NamedTuple):
    """A waiting case as the bell sees it: no need, no language, no person."""

    case: str
    is_urgent: bool
    is_complaint: bool


class Ring(NamedTuple):
    """Whom to ring: those on duty, or the leads; of complaints only who receives complaints."""

    is_complaint: bool
    leads: bool


class Rung(NamedTuple):
    """What the bell remembers from now on, and who is to be rung."""

    state: Ringing
    rings: frozenset[Ring]


def next_rings(
    before: Ringing | None,
    callers: Iterable[Caller],
    minute: int,
    *,
    working: bool = True,
    claimed: Collection[str] = (),
    staffed: Collection[bool] = (False, True),
) -> Rung:
    """Who is to be rung in this minute, which may be one of the organisation's working time.

    `before` is None when nothing is remembered, as after a restart: then everything that waits rings at once. `claimed`: the cases
    that somebody has taken. `staffed` holds True where somebody on duty receives complaints, False for all other cases; where nobody
    does, an urgent case rings the leads at once, and whoever comes on duty or back from a pause as soon as they are there.
    """
    state = before if before is not None else Ringing()
    slot = minute // HALF_HOUR
    all_ring = before is None or state.slot != slot
    rings: set[Ring] = set()
    cases: dict[str, Waiting] = {}
    for caller in callers:
        now = state.cases.get(caller.case)
        if not working:
            if now is not None:
                cases[caller.case] = now
            continue
        now = now or Waiting(minute, sure=before is not None, complaint=caller.is_complaint)
        if max(now.since, now.urgent_since, now.last) > minute:  # the clock was set back: nobody waits for it
            now = _from_now(now, minute)
        nobody = caller.is_complaint not in staffed
        heard = _urgent(now, minute, nobody=nobody) if caller.is_urgent else now
        if heard is not now or (all_ring and (not caller.is_urgent or nobody or heard.urgent_rings >= RINGS)):
            rings.add(Ring(caller.is_complaint, leads=False))
            heard = msgspec.structs.replace(heard, rings=heard.rings + 1)
        if caller.is_urgent and not heard.leads and (nobody or minute - heard.urgent_since >= LEADS_AFTER):
            rings.add(Ring(caller.is_complaint, leads=True))
            heard = msgspec.structs.replace(heard, leads=True)
        cases[caller.case] = heard
    known = [each for name, each in state.cases.items() if name in claimed and not each.complaint]
    taken = [minute - each.since for each in known if each.sure]
    waits = (*taken, *state.waits)[:REMEMBERED]
    return Rung(Ringing(cases, slot if working else state.slot, waits), frozenset(rings))


def _from_now(known: Waiting, minute: int) -> Waiting:
    """The case with no time that is still to come; its next ring is due."""
    since, urgent_since = min(known.since, minute), min(known.urgent_since, minute)
    return msgspec.structs.replace(
        known, since=since, sure=False, urgent_since=urgent_since, last=min(known.last, minute - EVERY)
    )


def _urgent(known: Waiting, minute: int, *, nobody: bool) -> Waiting:
    """The case with its next ring of an urgent one, when that is due. Where nobody hears it, it is kept for who comes."""
    since = known.urgent_since or minute
    if nobody:
        return msgspec.structs.replace(known, urgent_since=since) if known.urgent_since == 0 else known
    due = known.urgent_rings == 0 or minute - known.last >= EVERY
    if known.urgent_rings >= RINGS or not due:
        return known
    return msgspec.structs.replace(
        known, urgent_since=since, urgent_rings=known.urgent_rings + 1, last=minute
    )


# --- what the person is told ------------------------------------------------------------------------------


class Wait(NamedTuple):
    """What can be said of an organisation's queue: sort keys of who waits, and up to how many minutes most waited lately.

    `usual` is None where too few came lately: then nobody knows. Complaints are not in it, and nothing is said of them.
    """

    places: tuple[tuple[int, int, str], ...] = ()
    usual: int | None = None

    def place(self, key: tuple[int, int, str]) -> int:
        """The place of a case with this sort key, from 1."""
        return 1 + sum(other < key for other in self.places)


def usual_wait(waits: Sequence[int]) -> int | None:
    """Up to how many minutes most people waited, rounded up; None of fewer than ten."""
    if len(waits) < ENOUGH:
        return None
    longest = sorted(waits)[math.ceil(len(waits) * _MOST_OF_THEM) - 1]
    unit = _ROUNDED_TO if longest <= _LONGEST_IN_MINUTES else _HOUR
    return max(unit, math.ceil(longest / unit) * unit)
