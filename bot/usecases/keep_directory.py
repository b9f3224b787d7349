"""Everything the directory can do at run time, put together over one ledger: for the server, and for a command beside it."""

from dataclasses import dataclass
from typing import Self

from bot.crypto.keys import ServerKeys
from bot.ports import AuditTrail, Clock, DirectoryLedger, RateLimits
from bot.usecases.act_on_service import ActOnService
from bot.usecases.change_service import ChangeService
from bot.usecases.flag_service import FlagService
from bot.usecases.follow_directory import FollowDirectory, Release
from bot.usecases.keep_ledger import KeepLedger
from bot.usecases.suspend_service import SuspendService
from bot.usecases.vet_service import VetService


@dataclass(frozen=True, slots=True)
class KeepDirectory:
    """What the directory is now, and what may happen to a service."""

    directory: FollowDirectory
    vet: VetService
    suspend: SuspendService
    change: ChangeService
    flag: FlagService

    @classmethod
    def over(
        cls,
        release: Release,
        *,
        ledger: DirectoryLedger,
        audit: AuditTrail,
        keys: ServerKeys,
        limits: RateLimits,
        clock: Clock,
    ) -> Self:
        """The parts over a ledger. `limits` count flags."""
        kept = KeepLedger(ledger=ledger, keys=keys, audit=audit, clock=clock)
        directory = FollowDirectory(release=release, ledger=kept, clock=clock)
        act = ActOnService(release=release, ledger=kept, directory=directory, clock=clock)
        return cls(
            directory=directory,
            vet=VetService(act),
            suspend=SuspendService(act),
            change=ChangeService(act, release=release),
            flag=FlagService(release=release, ledger=kept, directory=directory, limits=limits, clock=clock),
        )
