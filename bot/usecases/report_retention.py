"""What is kept, how much of it, and when it goes at the latest: counts, rules and dates, nobody's identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.crypto.epochs import reachable_until
from bot.crypto.keys import ServerKeys
from bot.crypto.pseudonym import REMEMBERED
from bot.handoff.retention import LONGEST_CODE, RetentionRules, cutoffs
from bot.ports import Clock, Overdue, Retention
from bot.usecases.destroy_wraps import REMEMBERED as REPLACED_KEPT
from bot.usecases.invite_caseworker import LIFETIME
from bot.usecases.keep_counters import KEPT_WEEKS
from bot.usecases.purge_expired import AUDIT_KEPT
from bot.usecases.remember import REPLAY_SECONDS, SENT_SECONDS

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """One table. `gone_by` is the day by which every row that is there now is gone; None: the rule names no time.

    `overdue` rows are past it: the hourly job did not run.
    """

    table: str
    rows: int
    rule: str
    gone_by: date | None
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class KeptKey:
    """One epoch's key and the day it is destroyed: what hangs on it cannot be found or opened afterwards."""

    epoch: int
    destroyed: date


@dataclass(frozen=True, slots=True)
class Report:
    """`keys` is None where they were not opened. `memory` is what never reaches a disk: name -> rule."""

    tables: tuple[Kept, ...]
    keys: tuple[KeptKey, ...] | None
    memory: Mapping[str, str]


class ReportRetention:
    """Answers what an installation keeps."""

    def __init__(
        self,
        *,
        retention: Retention,
        late: Overdue,
        rules: RetentionRules,
        idle_minutes: int,
        keys: ServerKeys | None,
        clock: Clock,
    ) -> None:
        """`keys` is None where they cannot be opened; `idle_minutes` is how long a quiet conversation is kept."""
        self._retention = retention
        self._late = late
        self._rules = rules
        self._idle = idle_minutes
        self._keys = keys
        self._clock = clock

    async def __call__(self, newest: Mapping[str, int]) -> Report:
        """The report. `newest` gives the latest hour since 1970 in the tables that have one."""
        counts = await self._retention.report()
        stay = {
            "cases": self._rules.at_most,
            "envelopes": self._rules.at_most,
            "seen": self._rules.at_most,
            "notes": self._rules.unread_note,
            "return_codes": LONGEST_CODE,
        }
        late = await self._late.overdue(cutoffs(self._clock.now(), self._rules))
        since = {
            **newest,
            **({"seen": newest["cases"], "envelopes": newest["cases"]} if "cases" in newest else {}),
        }
        rules = self._told()
        tables = tuple(
            Kept(
                table,
                rows,
                rules.get(table, "as long as the installation"),
                _day(since[table], stay[table]) if rows and table in since and table in stay else None,
                late.get(table, 0),
            )
            for table, rows in sorted(counts.items())
        )
        return Report(tables, self._epochs(), self._memory())

    def _epochs(self) -> tuple[KeptKey, ...] | None:
        if self._keys is None:
            return None
        numbers = reversed(self._keys.numbers(self._clock.now()))
        return tuple(KeptKey(number, reachable_until(number).date()) for number in numbers)

    def _told(self) -> dict[str, str]:
        rules = self._rules
        case = f"{rules.after_close.days} days after close, {rules.at_most.days} days at most"
        return {
            "cases": case,
            "envelopes": f"with their case: {case}",
            "seen": f"with their case: {case}",
            "notes": f"{_hours(rules.delivered_note)} hours after reading, unread {rules.unread_note.days} days at most",
            "return_codes": f"until used, {LONGEST_CODE.days} days at most; with their case, and when nothing waits in a closed one",
            "referrals": f"with their case: {case}",
            "invites": f"until used, {int(LIFETIME.total_seconds() // 60)} minutes at most",
            "staff": "while enrolled, and as long as their signatures must be checked",
            "staff_sessions": "until signed out or ended",
            "epochs": "as long as the epoch's key",
            "replaced_keys": f"{REPLACED_KEPT.days} days, when no message sealed to such a key is left",
            "directory_ledger": "always: it is the directory's history since its files were released",
            "counters": f"{KEPT_WEEKS} weeks; whole tens of conversations, nobody's identity",
            "keyrings": "as long as the organisation is in the network",
            "audit": f"{AUDIT_KEPT.days} days; the newest line of each organisation stays, since the next one holds its hash",
        }

    def _memory(self) -> dict[str, str]:
        return {
            "conversations": f"{self._idle} minutes after the last message",
            "return routes": "10 minutes after the last message of a live chat",
            "counts below ten": "until their calendar week is over",
            "addresses": "while a request is answered",
            "fingerprints": f"of the last {REMEMBERED} people who may have a case, until a restart at the latest",
            "ids of our messages": f"{SENT_SECONDS // 3600} hours, so that 'erase' can delete them",
            "replies for a redelivery": f"{REPLAY_SECONDS // 60} minutes",
        }


def _hours(span: timedelta) -> int:
    return int(span / _HOUR)


def _day(hour: int, stays: timedelta) -> date:
    """The day on which what was written in this hour, rounded down, is gone."""
    return (datetime.fromtimestamp(hour * 3600, UTC) + stays + _HOUR).date()
