"""When what belongs to a case goes. Limits are promises: a setting may shorten them, never lengthen them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_AFTER_CLOSE = timedelta(days=14)
LONGEST_ENVELOPE = timedelta(days=90)
LONGEST_UNREAD = timedelta(days=30)
LONGEST_DELIVERED = timedelta(hours=24)
LONGEST_CODE = timedelta(days=30)
"""How long a return code works; never longer than the key under which it was made, which lives thirty days at least."""


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """How long things stay, at most the limits above."""

    after_close: timedelta = LONGEST_AFTER_CLOSE
    at_most: timedelta = LONGEST_ENVELOPE
    unread_note: timedelta = LONGEST_UNREAD
    delivered_note: timedelta = LONGEST_DELIVERED

    def __post_init__(self) -> None:
        """Hold everything to its limit."""
        within = (
            self.after_close <= LONGEST_AFTER_CLOSE
            and self.at_most <= LONGEST_ENVELOPE
            and self.unread_note <= LONGEST_UNREAD
            and self.delivered_note <= LONGEST_DELIVERED
        )
        if not within:
            raise ValueError("retention.limit")


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """What is due now, in whole hours since 1970: everything from before these hours goes."""

    notes_unread_before: int
    notes_delivered_before: int
    cases_closed_before: int
    cases_opened_before: int
    codes_made_before: int


def cutoffs(now: datetime, rules: RetentionRules) -> Cutoffs:
    """The hours that a purge at `now` uses.

    Stored hours are rounded down, so a thing goes up to an hour early and never late.
    """
    return Cutoffs(
        notes_unread_before=_hour(now - rules.unread_note) + 1,
        notes_delivered_before=_hour(now - rules.delivered_note) + 1,
        cases_closed_before=_hour(now - rules.after_close) + 1,
        cases_opened_before=_hour(now - rules.at_most) + 1,
        codes_made_before=_hour(now - LONGEST_CODE) + 1,
    )


def case_goes(opened: datetime, closed: datetime | None, rules: RetentionRules) -> datetime:
    """When a case and its envelopes go: some days after it was closed, and in any case some days after it opened."""
    latest = opened + rules.at_most
    return latest if closed is None else min(latest, closed + rules.after_close)


def note_goes(written: datetime, delivered: datetime | None, rules: RetentionRules) -> datetime:
    """When a reply goes: a day after it was shown, or unread after thirty."""
    latest = written + rules.unread_note
    return latest if delivered is None else min(latest, delivered + rules.delivered_note)


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // 3600)
