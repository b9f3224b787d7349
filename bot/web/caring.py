"""What protects caseworkers and people from what one caseworker alone could not carry or decide."""

from dataclasses import dataclass

from bot.installation import Fener
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk
from bot.usecases.decide_emergency import DecideEmergency, Decisions
from bot.usecases.pauses import Pauses
from bot.usecases.step_back import StepBack
from bot.usecases.take_pause import TakePause


@dataclass(frozen=True, slots=True)
class Care:
    """Stepping back from a case, a pause, and what two decide together."""

    step_back: StepBack
    pause: TakePause
    emergency: DecideEmergency


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
        emergency=DecideEmergency(
            decisions=Decisions(sessions=fener.memory.sessions, memory_key=fener.keys.memory_key),
            replies=fener.staff.reply,
            desk=desk,
            keys=fener.keys,
            staffing=fener.staffing,
            audit=audit,
            clock=fener.clock,
        ),
        pause=TakePause(
            pauses=Pauses(kept=fener.memory.replays, memory_key=fener.keys.memory_key),
            desk=desk,
            keys=fener.keys,
            staffing=fener.staffing,
            clock=fener.clock,
        ),
    )
