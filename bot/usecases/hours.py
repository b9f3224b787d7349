"""Whole hours since 1970: the only times that are stored about a person."""

from datetime import UTC, datetime

HOURS_A_DAY = 24

_SECONDS = 3600


def hour_of(moment: datetime) -> int:
    """The hour that `moment` lies in."""
    return int(moment.timestamp()) // _SECONDS


def moment_of(hour: int) -> datetime:
    """The start of an hour, in UTC."""
    return datetime.fromtimestamp(hour * _SECONDS, UTC)
