"""The order of the queue: what is needed now before what is needed soon, and the oldest first."""

from collections.abc import Collection
from typing import Literal, get_args

Urgency = Literal["now", "soon", "normal"]

URGENCIES: tuple[Urgency, ...] = get_args(Urgency)
"""Most urgent first."""

RAISED_BY: dict[str, Urgency] = {
    "suicide": "now",
    "danger now": "now",
    "medical": "now",
    "violence": "now",
    "child": "now",
    "trafficking": "soon",
}
"""What crisis words make of a case, whatever its flow says."""


def raised(urgency: Urgency, crisis: Collection[str]) -> Urgency:
    """The urgency that crisis kinds make of a case; never lower than it was. An unknown kind counts as `soon`."""
    found = [urgency, *(RAISED_BY.get(kind, "soon") for kind in crisis)]
    return min(found, key=URGENCIES.index)


def urgency_of(name: str) -> Urgency:
    """The urgency of that name; an unknown one counts as `normal`."""
    return next((urgency for urgency in URGENCIES if urgency == name), "normal")


LAST = "~"
"""Sorts behind every id: a case of which nothing but urgency and hour is known yet."""


def queue_order(urgency: str, opened_hour: int, case: str) -> tuple[int, int, str]:
    """A sort key: urgency, then age, then the random id. An unknown urgency sorts as `normal`."""
    return URGENCIES.index(urgency_of(urgency)), opened_hour, case
