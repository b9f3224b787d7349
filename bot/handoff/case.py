"""The life of a case: waiting, claimed, closed; who may move it, and what the queue shows of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
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


def may_answer(status: str, claimed_by: str | None, caseworker: str) -> bool:
    """Whether this caseworker may reply: the case is theirs and open."""
    return status == CaseStatus.CLAIMED and claimed_by == caseworker


def check_reachable(reachable_until: datetime, now: datetime) -> None:
    """Return while an answer can still find its person.

    Raises:
        RefusedError: `case.unreachable` once the keys of the person's last message are destroyed.
    """
    if now >= reachable_until:
        raise RefusedError("case.unreachable")


def whole_hour(now: datetime) -> int:
    """Whole hours since 1970: the only time of a case that is stored."""
    return int(now.timestamp() // 3600)


def hour_start(hour: int) -> datetime:
    """The moment an hour of `whole_hour` began, in UTC."""
    return datetime.fromtimestamp(hour * 3600, UTC)
