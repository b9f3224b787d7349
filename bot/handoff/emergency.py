"""Whether the emergency services are called: what two people decide, one step after the other, and never one alone.

Nothing here calls anybody, and nothing begins by itself. Who asks cannot agree; what nobody agreed to in time was not decided.
Source: docs/adr/0023-two-people-for-the-emergency-services.md.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.kernel.errors import RefusedError

ANSWER_WITHIN: Final = timedelta(minutes=15)
"""So long a question waits for a second person."""

ACT_WITHIN: Final = timedelta(hours=1)
"""So long what two people agreed to holds. What happened meanwhile may have changed it."""

KEPT: Final = ANSWER_WITHIN + ACT_WITHIN
"""How long anything of it is remembered."""


class Stand(StrEnum):
    """How it stands."""

    ASKED = "asked"
    AGREED = "agreed"
    TOLD = "told"
    DROPPED = "dropped"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Decision:
    """`asked_by` and `agreed_by` are caseworker ids; times are whole seconds since 1970. `safe`: the person is told before.

    `dropped`: a second person does not agree, or who asked took it back.
    """

    asked_by: str
    asked_at: int
    safe: bool
    agreed_by: str = ""
    agreed_at: int = 0
    told: bool = False
    dropped: bool = False

    @property
    def until(self) -> int:
        """When it lapses, in seconds since 1970."""
        start, within = (self.agreed_at, ACT_WITHIN) if self.agreed_by else (self.asked_at, ANSWER_WITHIN)
        return start + int(within.total_seconds())

    def stand(self, now: int) -> Stand:
        """How it stands at `now`, in seconds since 1970."""
        if self.dropped:
            return Stand.DROPPED
        if now >= self.until:
            return Stand.LAPSED
        if not self.agreed_by:
            return Stand.ASKED
        return Stand.TOLD if self.told else Stand.AGREED


def ask(before: Decision | None, who: str, now: int, *, safe: bool) -> Decision:
    """The question of who has the case. Raises RefusedError `emergency.asked`: one waits or was agreed to already."""
    if before is not None and before.stand(now) not in {Stand.DROPPED, Stand.LAPSED}:
        raise RefusedError("emergency.asked", "This was asked already: read the case again.")
    return Decision(who, now, safe)


def agree(before: Decision | None, who: str, now: int, *, safe: bool) -> Decision:
    """What the second person decided, of the question that they read: `safe` as it stood there.

    Raises RefusedError `emergency.none`, also when the question is another one by now, `emergency.alone`.
    """
    asked = _asked(before, now)
    if asked.safe is not safe:
        raise _none()
    if asked.asked_by == who:
        raise RefusedError("emergency.alone", "A second person has to agree.")
    return replace(asked, agreed_by=who, agreed_at=now)


def drop(before: Decision | None, now: int) -> Decision:
    """Not agreed, or taken back; also what was agreed to, while nobody called. Raises RefusedError `emergency.none`."""
    if before is None or before.stand(now) not in {Stand.ASKED, Stand.AGREED, Stand.TOLD}:
        raise _none()
    return replace(before, dropped=True)


def tell(before: Decision | None, who: str, now: int) -> Decision:
    """The person is told, by one of the two. Raises RefusedError `emergency.none`, `emergency.alone`, `emergency.safe`."""
    agreed = _agreed(before, who, now)
    if not agreed.safe:
        raise RefusedError("emergency.safe", "You two decided that it is not safe to tell them before.")
    return replace(agreed, told=True)


def check_called(before: Decision | None, who: str, now: int) -> None:
    """Return if one of the two may write down that they called.

    Raises RefusedError `emergency.none`, `emergency.alone`, `emergency.tell`: the person is told first.
    """
    agreed = _agreed(before, who, now)
    if agreed.safe and not agreed.told:
        raise RefusedError("emergency.tell", "Tell the person first: you two decided that this is safe.")


def _asked(before: Decision | None, now: int) -> Decision:
    if before is None or before.stand(now) is not Stand.ASKED:
        raise _none()
    return before


def _agreed(before: Decision | None, who: str, now: int) -> Decision:
    if before is None or before.stand(now) in {Stand.DROPPED, Stand.LAPSED}:
        raise _none()
    if before.stand(now) is Stand.ASKED or who not in {before.asked_by, before.agreed_by}:
        raise RefusedError("emergency.alone", "A second person has to agree, and one of you two goes on.")
    return before


def _none() -> RefusedError:
    return RefusedError("emergency.none", "Nothing is asked here, or it is over: read the case again.")
