"""The visits of mobile teams as columns, one row a visit, so that what is over is left out in microseconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from bot.directory.model import Service
from bot.directory.places import Places
from bot.directory.visits import over_at, shown_visits

Rows = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Seconds = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

_NEVER = -1


@dataclass(frozen=True, slots=True, eq=False)
class Visiting:
    """All visits: `rows` are those of their services, `areas` the numbers of their places, -1 for a hidden one.

    `last` is for each service the second at which its last visit is over; `teams` says which services have any.
    """

    rows: Rows
    areas: Rows
    ends: Seconds
    latitude: Scores
    longitude: Scores
    teams: Flags
    last: Seconds

    @classmethod
    def build(cls, services: Sequence[Service], numbers: Mapping[str, int], places: Places) -> "Visiting":
        """Lay out the visits of `services`; `numbers` are those of areas."""
        rows, areas, ends, positions = [], [], [], []
        last = np.full(len(services), _NEVER, np.int64)
        for row, service in enumerate(services):
            shown = shown_visits(service)
            for visit in service.visits:
                end = _second(over_at(visit))
                last[row] = max(int(last[row]), end)
                place = places.by_id.get(visit.place) if visit in shown else None
                rows.append(row)
                ends.append(end)
                areas.append(numbers[visit.place] if visit in shown else _NEVER)
                positions.append(place.at if place and place.at else (float("nan"), float("nan")))
        return cls(
            rows=np.array(rows, dtype=np.int32),
            areas=np.array(areas, dtype=np.int32),
            ends=np.array(ends, dtype=np.int64),
            latitude=np.array([lat for lat, _ in positions], dtype=np.float32),
            longitude=np.array([lon for _, lon in positions], dtype=np.float32),
            teams=np.array([bool(one.visits) for one in services], dtype=np.bool_),
            last=last,
        )

    def still_comes(self, rows: Rows, now: datetime) -> Flags | None:
        """Which of `rows` are no mobile team, or one of which a visit is not over; None when all are no team."""
        if not self.rows.size:
            return None
        return ~self.teams[rows] | (self.last[rows] > now.timestamp())

    def to_come(self, now: datetime) -> Rows:
        """The numbers of the visits that are not over and may be told."""
        return np.flatnonzero((self.ends > now.timestamp()) & (self.areas >= 0)).astype(np.int32)

    def comes_to(self, covers: Flags, now: datetime) -> Flags:
        """For every service, whether a visit to one of the areas in `covers` is still to come."""
        at = self.to_come(now)
        comes = np.zeros(len(self.teams), np.bool_)
        comes[self.rows[at[covers[self.areas[at]]]]] = True
        return comes


def _second(moment: datetime | None) -> int:
    return _NEVER if moment is None else int(moment.timestamp())
