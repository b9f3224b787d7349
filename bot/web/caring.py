"""What protects caseworkers and people from what one caseworker alone could not carry or decide."""

from dataclasses import dataclass

from bot.installation import Fener
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk
from bot.usecases.step_back import StepBack


@dataclass(frozen=True, slots=True)
class Care:
    """Stepping back from a case."""

    step_back: StepBack


def caring(fener: Fener) -> Care:
    """The parts, over one installation."""
    audit, desk = SqlAuditTrail(fener.database), SqlCaseDesk(fener.database)
    return Care(
        step_back=StepBack(
            replies=fener.staff.reply,
            desk=desk,
            keys=fener.keys,
            staffing=fener.staffing,
            audit=audit,
            clock=fener.clock,
        ),
    )
