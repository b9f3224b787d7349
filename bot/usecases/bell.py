"""What ringing caseworkers asks of the outside; one suite in tests/ports runs each on all its implementations."""

from collections.abc import Collection, Sequence
from typing import Protocol

from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import Way
from bot.kernel.staff_address import StaffAddress


class Bell(Protocol):
    """One way of ringing caseworkers. It says that somebody waits, and nothing else: not for whom, since when, or why."""

    async def ring(self, where: StaffAddress) -> None:
        """Ring once. Raises SendError; `gone` when nobody can be reached there any more."""
        ...


class Ways(Protocol):
    """How caseworkers are rung, each address sealed. Those of somebody who leaves go with `StaffRegister.write`."""

    async def of(self, staff: Collection[CaseworkerId]) -> Sequence[Way]:
        """All ways of these caseworkers, by id."""
        ...

    async def keep(self, way: Way) -> None:
        """Add one. Raises ConflictError when its caseworker is unknown."""
        ...

    async def forget(self, staff: CaseworkerId, way: str) -> bool:
        """Delete one of this caseworker's; whether it was there."""
        ...
