"""When one caseworker opens or saves unusually many different cases within two hours: it is told to their leads, and nothing is held up.

It is counted from the lines of the audit, which no process and no restart forgets. They keep whole hours, so it is
counted over the hour of the clock and the one before: nobody goes unnoticed because the clock struck in between.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.kernel.audit import AuditEntry, AuditEvent

TOLD_FOR: Final = timedelta(days=3)
"""How long leads see it: who works until Friday evening and comes back on Monday still hears of it."""

RAISES: Final[Mapping[AuditEvent, AuditEvent]] = {
    AuditEvent.CASE_READ: AuditEvent.STAFF_MANY_READ,
    AuditEvent.CASE_EXPORTED: AuditEvent.STAFF_MANY_EXPORTED,
}
"""What is counted -> the line that is written when it was too much."""


@dataclass(frozen=True, slots=True)
class Usual:
    """How many different cases one caseworker may open, and save, within two hours before anybody is told."""

    read: int = 20
    exported: int = 3

    def of(self, event: AuditEvent) -> int:
        """The most that nobody is told of."""
        return self.read if event is AuditEvent.CASE_READ else self.exported


@dataclass(frozen=True, slots=True)
class Alarm:
    """`who`, a caseworker's id, opened or saved (`event`) so many different `cases` in the hour `hour` and the one before."""

    who: str
    event: AuditEvent
    hour: int
    cases: int


def alarm_due(entry: AuditEntry, hour: int, lines: Iterable[bytes], usual: Usual) -> AuditEntry | None:
    """The line to write after `entry`; None when it was not too much, or was told already.

    `lines` are those of this hour and the one before. What was told in that one is told again only for too much in this.
    """
    raised = RAISES[entry.event]
    fields = [found for found in map(_fields, lines) if found.get("actor") == entry.actor]
    told = {found.get("hour") for found in fields if found.get("event") == raised}
    counted = [
        found
        for found in fields
        if found.get("event") == entry.event and (not told or found.get("hour") == hour)
    ]
    if hour in told or len({found.get("case") for found in counted}) <= usual.of(entry.event):
        return None
    return AuditEntry(entry.organisation, raised, entry.actor)


def alarms_in(lines: Iterable[bytes]) -> Sequence[Alarm]:
    """What these lines say was too much, the latest first; each with all the cases of its two hours."""
    fields = [_fields(line) for line in lines]
    seen: dict[tuple[object, object, object], set[object]] = {}
    for found in fields:
        seen.setdefault((found.get("actor"), found.get("event"), found.get("hour")), set()).add(
            found.get("case")
        )
    alarms = set()
    for counted, raised in RAISES.items():
        for found in fields:
            who, hour = found.get("actor"), found.get("hour")
            if found.get("event") == raised and isinstance(who, str) and isinstance(hour, int):
                cases = set().union(*(seen.get((who, counted, each), ()) for each in (hour - 1, hour)))
                alarms.add(Alarm(who, counted, hour, len(cases)))
    return sorted(alarms, key=lambda one: (-one.hour, one.who, one.event))


def _fields(line: bytes) -> Mapping[str, object]:
    """What a line says; nothing where somebody changed it to be no line."""
    try:
        fields = json.loads(line)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}
