"""What is past its time goes: notes, cases, envelopes, return codes, invitations, audit lines, ties; keys of old epochs are destroyed."""

from dataclasses import dataclass
from datetime import timedelta

from bot.crypto.keys import ServerKeys
from bot.handoff.case import whole_hour
from bot.handoff.retention import RetentionRules, cutoffs
from bot.kernel.errors import StorageError
from bot.ports import CaseDesk, Clock, LooseEnds, Retention, ReturnCodes
from bot.telemetry.logs import logger, place_of
from bot.usecases.cut_loose_ends import CutLooseEnds
from bot.usecases.destroy_wraps import DestroyWraps
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.turn_keys import TurnKeys
from bot.usecases.vouch_for_audit import VouchForAudit

AUDIT_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many of each went; `loose` cases stayed without their tie to a person; `broken` chains of the audit were found."""

    notes: int
    cases: int
    loose: int = 0
    broken: int = 0


class PurgeExpired:
    """The retention job: run every hour, and by `fener db purge`."""

    def __init__(
        self,
        *,
        retention: Retention,
        ends: LooseEnds,
        desk: CaseDesk,
        codes: ReturnCodes,
        follow: FollowReferrals,
        vouch: VouchForAudit,
        wraps: DestroyWraps,
        keys: ServerKeys,
        turn_keys: TurnKeys,
        rules: RetentionRules,
        clock: Clock,
    ) -> None:
        """Take what deletes, what looks after the audit, and how long things may stay."""
        self._cut_loose = CutLooseEnds(ends=ends, desk=desk, follow=follow, keys=keys, clock=clock)
        self._vouch = vouch
        self._wraps = wraps
        self._retention = retention
        self._turn_keys = turn_keys
        self._codes = codes
        self._follow = follow
        self._rules = rules
        self._clock = clock

    async def __call__(self) -> Purged:
        """Delete what is due now and destroy the keys of lapsed epochs."""
        now = self._clock.now()
        due = cutoffs(now, self._rules)
        notes = await self._retention.expire_notes(
            unread_before=due.notes_unread_before, delivered_before=due.notes_delivered_before
        )
        cases = await self._retention.expire_cases(
            closed_before=due.cases_closed_before, opened_before=due.cases_opened_before
        )
        await self._codes.expire(before=due.codes_made_before)
        try:
            await self._follow.lapse()
        except StorageError as fault:  # whatever it is, the rest has a time of its own
            logger().error("task.failed", kind=type(fault).__name__, place=place_of(fault))
        await self._wraps.finish()
        await self._retention.expire_access(now=int(now.timestamp()))
        broken = await self._vouch.look()
        begins = await self._vouch.begin_later(broken, before=whole_hour(now - AUDIT_KEPT))
        await self._retention.expire_audit(begins)
        await self._turn_keys()
        loose = await self._cut_loose()
        if notes or cases:
            logger().info("retention.done", notes=notes, cases=cases)
        return Purged(notes, cases, loose, len(broken))
