"""Which parts of a sum may be told beside the sum itself, so that no subtraction tells what is held back.

Whoever reads may know this rule and every number that is told. Of a part that is held back ten values remain possible
for them, and none is among these: they do not even learn that there was anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.telemetry.tallies import K


@dataclass(frozen=True, slots=True)
class Line:
    """Parts and their sum in whole tens, rounded down. None: held back."""

    parts: Mapping[str, int | None]
    total: int | None


def held_back(counts: Mapping[str, int]) -> Line:
    """What may be told of these counts.

    A part below ten is held back. Where what is held back would be one part alone, or below ten together, the smallest
    part that is left goes with it, and so does one that is smaller than what is held back together: then the sum has
    room for every one of them to be nothing. Where no part is left, the sum is held back too.
    """
    hidden = {part for part, count in counts.items() if count < K}
    left = sorted(counts.keys() - hidden, key=lambda part: (counts[part], part), reverse=True)
    while hidden and left and (_given_away(counts, hidden) or counts[left[-1]] < _sum(counts, hidden)):
        hidden.add(left.pop())
    silent = sum(counts.values()) < K or bool(hidden and _given_away(counts, hidden))
    return Line(
        {part: None if part in hidden else in_tens(count) for part, count in counts.items()},
        None if silent else in_tens(sum(counts.values())),
    )


def in_tens(count: int) -> int:
    """Down to whole tens."""
    return count - count % K


def _given_away(counts: Mapping[str, int], hidden: set[str]) -> bool:
    return len(hidden) == 1 or _sum(counts, hidden) < K


def _sum(counts: Mapping[str, int], parts: set[str]) -> int:
    return sum(counts[part] for part in parts)
