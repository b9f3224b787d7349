"""The life of a case: waiting, claimed, closed; and the only kind of time that is stored of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from bot.kernel.errors import RefusedError


class CaseStatus(StrEnum):
    """Where a case is."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    CLOSED = "closed"


TRANSITIONS: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.WAITING: frozenset({CaseStatus.CLAIMED, CaseStatus.CLOSED}),
    CaseStatus.CLAIMED: frozenset({CaseStatus.WAITING, CaseStatus.CLOSED}),
    CaseStatus.CLOSED: frozenset(),
}
"""Claiming, giving back, closing. A closed case stays closed: the person opens a new one."""


def moved(before: str, after: CaseStatus) -> CaseStatus:
    """`after`, if a case may go there from `before`.

    Raises:
        RefusedError: `case.status`.
    """
    if after not in TRANSITIONS[CaseStatus(before)]:
        raise RefusedError("case.status")
    return after


def whole_hour(now: datetime) -> int:
    """Whole hours since 1970: the only time of a case that is stored."""
    return int(now.timestamp() // 3600)
