"""Two different people vouch for a service, each with a checklist, evidence and an end; the second one's word makes it vetted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.directory.ledger import Event
from bot.directory.model import CHECKLIST
from bot.directory.standing import PROPOSAL_HOURS, Standing, different_people
from bot.directory.vetting import VETTED_AT_MOST, VETTED_DAYS
from bot.kernel.audit import AuditEvent
from bot.kernel.errors import RefusedError
from bot.usecases.act_on_service import ActOnService, Scene, Vetter, check_not_own, reasonable


@dataclass(frozen=True, slots=True)
class Vouching:
    """What a vetter says: how they know, which points they did, and until when it holds (six months when None)."""

    evidence: str
    checklist: Sequence[str]
    expires: date | None = None


class VetService:
    """Takes a vetter's word."""

    def __init__(self, act: ActOnService) -> None:
        """Take what writes deeds down."""
        self._act = act

    async def __call__(self, name: str, who: Vetter, word: Vouching) -> Standing:
        """Vouch for `organisation/service`: as the first, or as the second where another person did within thirty days.

        Raises RefusedError: `vetting.own`, `vetting.same`, `vetting.suspended`, `vetting.closed`, `vetting.checklist`,
        `vetting.expires`, `vetting.evidence`, and those of `ActOnService`.
        """
        check_not_own(name, who)
        evidence = reasonable(word.evidence, "vetting.evidence")
        if missing := [point for point in CHECKLIST if point not in word.checklist]:
            raise RefusedError("vetting.checklist", f"Do these first: {', '.join(missing)}.")
        return await self._act(
            name, who, AuditEvent.SERVICE_VOUCHED, lambda scene: _vouched(scene, evidence, word.expires)
        )


def _vouched(scene: Scene, evidence: str, until: date | None) -> Event:
    today = scene.now.date()
    expires = until or today + timedelta(days=VETTED_DAYS)
    if not today < expires <= today + timedelta(days=VETTED_AT_MOST):
        raise RefusedError("vetting.expires", "Let it end after today, and within a year.")
    if scene.service.vetting.state == "suspended":
        raise RefusedError("vetting.suspended", "It is suspended: put it back first.")
    if scene.service.status in {"closed", "tombstone"}:
        raise RefusedError("vetting.closed", "It is closed: change its file first.")
    mine = scene.event("proposed", words=evidence, checklist=CHECKLIST, expires=expires)
    first = scene.standing.proposed
    if first is None or mine.hour - first.hour > PROPOSAL_HOURS:
        return mine
    if not different_people(first, mine):
        raise RefusedError("vetting.same", "You vouched already: another person has to be the second.")
    return scene.event("vetted", words=evidence, checklist=CHECKLIST, expires=expires)
