"""How long people wait in a network, at a glance: no case, no person, no words, no complaint, and no number below ten.

It is what was so at the first look of a day, of cases from before midnight (UTC), and stays so until the next:
whoever looks again and again does not see when something happened.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median_low
from typing import Final, Literal

from bot.crypto.keys import ServerKeys
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEvent
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, ContentSource
from bot.telemetry.suppression import in_tens
from bot.telemetry.tallies import K
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.row_integrity import is_ours

STUCK_HOURS: Final = 24
"""A case without an answer is stuck after so long."""

LOOKED_AT: Final = timedelta(days=28)
"""Cases that came in this time say how long a first answer takes."""

Band = Literal["hour", "day", "three-days", "longer", "few"]
Stuck = Literal["none", "some", "many", "few"]

_BANDS: Final[tuple[tuple[int, Band], ...]] = ((1, "hour"), (24, "day"), (72, "three-days"))
_DAY: Final = 24  # hours
_LONGEST: Final = timedelta(days=90)
"""How old a case can be at most."""

_OPENED: Final = AuditEvent.CASE_OPENED.value
_ANSWERS: Final = frozenset({AuditEvent.CASE_REPLIED.value, AuditEvent.CASE_DECLINED.value})
_ENDS: Final = frozenset({AuditEvent.CASE_CLOSED.value, AuditEvent.CASE_ERASED.value})


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases of one queue that wait for a first answer, in whole tens; 0 stands for fewer than ten."""

    queue: str
    cases: int


@dataclass(frozen=True, slots=True)
class Watched:
    """One organisation. `first_answer`: within which time half of the cases got theirs; `few`: fewer than ten cases.

    `stuck`: whether cases wait longer than STUCK_HOURS. One's own organisation reads `some` or `none`; of another one
    no more is told than `many`, ten or more, or `few`, which may be none.
    """

    organisation: str
    queues: tuple[Waiting, ...]
    first_answer: Band
    stuck: Stuck


@dataclass(slots=True)
class _Case:
    opened: int
    answered: int | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class _Looked:
    queues: tuple[Waiting, ...]
    first_answer: Band
    stuck: int = field(repr=False)


class WatchNetwork:
    """Looks once a day."""

    def __init__(
        self,
        *,
        audit: AuditTrail,
        desk: CaseDesk,
        staffing: CheckStaffing,
        keys: ServerKeys,
        content: ContentSource,
        clock: Clock,
    ) -> None:
        """`content` says who is in the network, and for which queues."""
        self._audit = audit
        self._desk = desk
        self._staffing = staffing
        self._keys = keys
        self._content = content
        self._clock = clock
        self._day = date.min
        self._looked: Mapping[str, _Looked] = {}

    async def __call__(self, own: str = "") -> Sequence[Watched]:
        """Every member of the network, in file order; `own` is the organisation whose stuck cases may be told of."""
        today = self._clock.now().date()
        if today != self._day:
            midnight = whole_hour(self._clock.now()) // _DAY * _DAY
            members = [member.organisation for member in self._content.library.directory.network.members]
            self._looked = {each: await self._look(each, midnight) for each in members}
            self._day = today
        return [
            Watched(organisation, each.queues, each.first_answer, _stuck(each.stuck, own=organisation == own))
            for organisation, each in self._looked.items()
        ]

    async def _look(self, organisation: str, midnight: int) -> _Looked:
        since = midnight - (LOOKED_AT + _LONGEST) // timedelta(hours=1)
        cases = _cases(await self._audit.since(organisation, since), before=midnight)
        rows = {row.id: row for row in await self._desk.waiting(organisation) if is_ours(self._keys, row)}
        apart = self._staffing.complaints
        for case in [case for case in cases if case in rows and rows[case].queue in apart]:
            del cases[case]
        waiting = {
            name: case
            for name, case in cases.items()
            if name in rows and case.answered is None and not case.ended
        }
        recent = midnight - LOOKED_AT // timedelta(hours=1)
        return _Looked(
            queues=self._queues(organisation, [rows[name] for name in waiting]),
            first_answer=_band([case for case in cases.values() if case.opened >= recent], midnight),
            stuck=sum(midnight - case.opened > STUCK_HOURS for case in waiting.values()),
        )

    def _queues(self, organisation: str, rows: Sequence[CaseRow]) -> tuple[Waiting, ...]:
        """The queues that it serves, whether somebody waits there or not: that one stands here says nothing."""
        network = self._content.library.directory.network
        served = [
            name
            for name in network.queues
            if name not in self._staffing.complaints
            and any(member.organisation == organisation for member in network.serving(name))
        ]
        return tuple(Waiting(name, in_tens(sum(row.queue == name for row in rows))) for name in served)


def _cases(lines: Sequence[bytes], *, before: int) -> dict[CaseId, _Case]:
    """What lines from hours before this one say of each case; a line that cannot be read says nothing."""
    found: dict[CaseId, _Case] = {}
    for line in lines:
        try:
            fields = json.loads(line)
            event, name, hour = fields["event"], CaseId(str(fields["case"])), int(fields["hour"])
        except (ValueError, TypeError, KeyError):
            continue
        if hour >= before:
            continue
        if event == _OPENED:
            found.setdefault(name, _Case(hour))
        elif name in found and event in _ANSWERS and found[name].answered is None:
            found[name].answered = hour
        elif name in found and event in _ENDS:
            found[name].ended = True
    return found


def _band(cases: Sequence[_Case], now: int) -> Band:
    """Within which time half of these had an answer. Who still waits has waited so long at least; who left counts for nothing."""
    hours = [
        (now if case.answered is None else case.answered) - case.opened
        for case in cases
        if case.answered is not None or not case.ended
    ]
    if len(hours) < K:
        return "few"
    half = median_low(hours)
    return next((band for most, band in _BANDS if half <= most), "longer")


def _stuck(cases: int, *, own: bool) -> Stuck:
    if own:
        return "some" if cases else "none"
    return "many" if cases >= K else "few"
