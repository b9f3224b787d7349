"""A service is taken out of the offer at once, and put back by somebody who looked; a report about it is looked into."""

from bot.directory.ledger import Event
from bot.directory.standing import Standing
from bot.kernel.audit import AuditEvent
from bot.kernel.errors import RefusedError
from bot.usecases.act_on_service import ActOnService, Scene, Vetter, check_not_own, reasonable


class SuspendService:
    """Takes out, puts back, and ends a report without either."""

    def __init__(self, act: ActOnService) -> None:
        """Take what writes deeds down."""
        self._act = act

    async def __call__(self, name: str, who: Vetter, reason: str) -> Standing:
        """Offer it to nobody from now on. Whoever may, may do so with their own organisation's services too.

        Raises RefusedError: `suspend.reason`, `suspend.already`, and those of `ActOnService`.
        """
        words = reasonable(reason, "suspend.reason")

        def decide(scene: Scene) -> Event:
            if scene.standing.suspended is not None:
                raise RefusedError("suspend.already", "It is suspended already.")
            return scene.event("suspended", words=words)

        return await self._act(name, who, AuditEvent.SERVICE_SUSPENDED, decide)

    async def reinstate(self, name: str, who: Vetter, reason: str) -> Standing:
        """Put it back as it was vetted before; reports about it are looked into with that.

        Raises RefusedError: `vetting.own`, `suspend.reason`, `suspend.not`, and those of `ActOnService`.
        """
        check_not_own(name, who)
        words = reasonable(reason, "suspend.reason")

        def decide(scene: Scene) -> Event:
            if scene.service.vetting.state != "suspended":
                raise RefusedError("suspend.not", "It is not suspended.")
            return scene.event("reinstated", words=words)

        return await self._act(name, who, AuditEvent.SERVICE_REINSTATED, decide)

    async def dismiss(self, name: str, who: Vetter, reason: str) -> Standing:
        """Let it stand: somebody looked into the report.

        Raises RefusedError: `vetting.own`, `suspend.reason`, `flag.none`, and those of `ActOnService`.
        """
        check_not_own(name, who)
        words = reasonable(reason, "suspend.reason")

        def decide(scene: Scene) -> Event:
            if not scene.standing.flags:
                raise RefusedError("flag.none", "Nobody reported anything about it.")
            return scene.event("dismissed", words=words)

        return await self._act(name, who, AuditEvent.SERVICE_DISMISSED, decide)
