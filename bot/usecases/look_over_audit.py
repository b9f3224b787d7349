"""What an organisation's auditor and its statistics may know: whether the chain is whole, and how often what happened.

No line, no case, no person, no time. Where a case is concerned, and for who may see counts only, a number stands for
at least ten, is rounded, and tells what was so at the last midnight (UTC): whoever asks again and again sees neither
how long a queue is now nor when one thing happened.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEvent
from bot.kernel.errors import RefusedError
from bot.ports import AuditTrail, Clock
from bot.usecases.vouch_for_audit import VouchForAudit

CELL: Final = 10
"""The smallest number that is told where numbers are rounded, and what they are rounded down to."""

_OF_A_CASE: Final = ("case.", "referral.")
_DAY: Final = 24  # hours


@dataclass(frozen=True, slots=True)
class Overseen:
    """`whole`: every line follows from the one before, and the chain continues what this server remembers of it.

    `events`: how often each happened within the year that lines are kept; those about cases rounded.
    """

    whole: bool
    events: Mapping[str, int]


class LookOverAudit:
    """Reads one organisation's chain."""

    def __init__(
        self,
        *,
        audit: AuditTrail,
        vouch: VouchForAudit,
        first_break: Callable[[Sequence[bytes]], int | None],
        clock: Clock,
    ) -> None:
        """`first_break` finds the first line that does not follow from the one before it."""
        self._clock = clock
        self._audit = audit
        self._vouch = vouch
        self._first_break = first_break

    async def __call__(self, organisation: str) -> Overseen:
        """What the auditor of this organisation sees."""
        lines = await self._audit.chain(organisation)
        whole = self._first_break(lines) is None
        try:
            await self._vouch(organisation)
        except RefusedError:
            whole = False
        settled = _counted(lines, before=self._midnight())
        told = {
            event: rounded(settled.get(event, 0)) if event.startswith(_OF_A_CASE) else count
            for event, count in _counted(lines).items()
        }
        return Overseen(whole, {event: count for event, count in told.items() if count})

    async def counts(self, organisation: str) -> Mapping[str, int]:
        """What is left when every cell below ten is dropped and every other rounded down."""
        settled = _counted(await self._audit.chain(organisation), before=self._midnight())
        told = {event: rounded(count) for event, count in settled.items()}
        return {event: count for event, count in told.items() if count}

    def _midnight(self) -> int:
        return whole_hour(self._clock.now()) // _DAY * _DAY


def rounded(count: int) -> int:
    """Down to whole tens: nothing below ten is told, and one event more or less seldom shows."""
    return count - count % CELL


def _counted(lines: Sequence[bytes], *, before: int | None = None) -> Mapping[str, int]:
    """How often each event stands in these lines, or in those of hours before `before`."""
    known = {event.value for event in AuditEvent}
    found: Counter[str] = Counter()
    for line in lines:
        try:
            fields = json.loads(line)
            event, hour = fields.get("event"), int(fields.get("hour", 0))
        except (ValueError, TypeError, AttributeError):
            continue  # the chain is not whole, and that is told
        if event in known and (before is None or hour < before):
            found[event] += 1
    return {event.value: found[event.value] for event in AuditEvent if found[event.value]}
