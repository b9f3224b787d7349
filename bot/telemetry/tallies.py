"""Counts of conversations in memory: told outside in whole tens only, so that nothing stands for fewer than ten.

A cell gives away ten conversations at a time and keeps the rest here. So the difference of any two reports is ten or
more, or nothing, and a restart loses nine conversations of a cell at most. What is left of a need when its calendar week is over
is put together over all countries, and of an answer about services over all services; what is still below ten then is forgotten.
"""

from collections.abc import Mapping
from typing import Final

from bot.kernel.rows import Cell

K: Final = 10
"""The fewest conversations that are told of, and the step in which they are told."""

UNMET: Final = "unmet"
"""The kind of count of a need that nothing was found for."""

OUTCOME: Final = "outcome"
"""The kind of count of how people found a service."""

SEVERAL: Final = "*"
"""Where small rests of several countries, or of several services, are put together."""


class Tallies:
    """The counts of one process."""

    __slots__ = ("_cells",)

    def __init__(self) -> None:
        """Start with nothing."""
        self._cells: dict[Cell, int] = {}

    def count(self, cell: Cell) -> None:
        """One more conversation."""
        self._cells[cell] = self._cells.get(cell, 0) + 1

    def due(self, week: str) -> dict[Cell, int]:
        """What may be told at some moment of `week`: every cell's whole tens. They stay until they are `told`."""
        self._put_rests_together(week)
        return {cell: count // K * K for cell, count in self._cells.items() if count >= K}

    def told(self, tens: Mapping[Cell, int], week: str) -> None:
        """These were told; of weeks before `week` nothing is kept any more."""
        for cell, count in tens.items():
            self._cells[cell] -= count
        self._cells = {cell: count for cell, count in self._cells.items() if count and cell.week >= week}

    def _put_rests_together(self, week: str) -> None:
        """Move what is left of each need's countries, and each outcome's services, in the weeks before this one into one cell."""
        for cell, count in list(self._cells.items()):
            rest, pool = count % K, _pool(cell)
            if cell.week < week and cell != pool and rest:
                self._cells[cell] -= rest
                self._cells[pool] = self._cells.get(pool, 0) + rest


def _pool(cell: Cell) -> Cell:
    """The cell that takes the rests of this one and its like."""
    return cell._replace(subject=SEVERAL) if cell.kind == OUTCOME else cell._replace(detail=SEVERAL)
