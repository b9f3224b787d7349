"""A caseworker's own ways of being rung: put in, tried, taken out. Nobody else sees them, and nobody reads an address back."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.crypto.keys import ServerKeys
from bot.crypto.pseudonym import SessionNames
from bot.crypto.randomness import token
from bot.crypto.vault import SessionSeal
from bot.crypto.ways import WaySeal
from bot.kernel.errors import RefusedError, SendError
from bot.kernel.ids import CaseworkerId
from bot.kernel.rows import Way
from bot.kernel.staff_address import StaffAddress
from bot.ports import RateLimits, Replays, StaffRow
from bot.telemetry.logs import logger
from bot.usecases.bell import Bell, Ways
from bot.usecases.ring_staff import ring_at

CODE_SECONDS: Final = 600
"""How long a code for the bot can be used."""

MOST: Final = 5
"""Ways of one caseworker."""

_TRIES: Final = 10  # rings and new ways an hour
_HOUR: Final = 3600
_GUESSES: Final = 60  # codes a minute that strangers may write to the bot, all together
_MINUTE: Final = 60
_CODE_BYTES: Final = 8
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")
_CODE: Final = re.compile(r"[0-9a-f]{16}")


class KeepWays:
    """Looks after how one caseworker is rung."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        ways: Ways,
        bells: Mapping[str, Bell],
        codes: Replays,
        limits: RateLimits,
    ) -> None:
        """Take where ways are kept, who rings, and a memory that forgets codes."""
        self._ways = ways
        self._bells = bells
        self._codes = codes
        self._limits = limits
        self._names = SessionNames(keys.memory_key)
        self._code_seal = SessionSeal(keys.memory_key, "way-code")
        self._seal = WaySeal(keys)

    @property
    def offered(self) -> Sequence[str]:
        """The kinds of ways that the operator switched on."""
        return sorted(self._bells)

    async def of(self, staff: StaffRow) -> Sequence[Way]:
        """This caseworker's ways."""
        return await self._ways.of([staff.id])

    async def add_mail(self, staff: StaffRow, address: str) -> None:
        """Ring at this mail address from now on. Raises RefusedError `way.off`, `way.mail`, `way.many`, `way.limited`."""
        self._check_on("email")
        if _MAIL.fullmatch(address.strip()) is None:
            raise RefusedError("way.mail", "Write a mail address such as name@example.org.")
        await self._allow(staff)
        await self._keep(staff.id, StaffAddress("email", address.strip()))

    async def code(self, staff: StaffRow) -> str:
        """A code for the bot for staff, good once and for ten minutes. Raises RefusedError `way.off`, `way.many`, `way.limited`."""
        self._check_on("telegram")
        await self._allow(staff)
        await self._check_room(staff.id)
        code = token(_CODE_BYTES)
        name = self._names.digest("way-code", code)
        await self._codes.keep(name, self._code_seal.seal(staff.id.encode(), name), seconds=CODE_SECONDS)
        return code

    async def link(self, text: str, where: StaffAddress) -> bool:
        """Whether `text` is a code that somebody asked for: then they are rung in that chat. Raises RefusedError `way.many`."""
        code = text.lower().removeprefix("/start").replace("-", "").replace(" ", "")
        if _CODE.fullmatch(code) is None:
            return False
        if not await self._limits.allow(self._names.digest("way-code", ""), limit=_GUESSES, seconds=_MINUTE):
            return False
        name = self._names.digest("way-code", code)
        sealed = await self._codes.recall(name)
        opened = self._code_seal.open(sealed, name) if sealed is not None else None
        if opened is None:
            return False
        await self._codes.forget([name])
        await self._keep(CaseworkerId(opened.decode()), where)
        return True

    async def try_out(self, staff: StaffRow, way: str) -> None:
        """Ring there once, now.

        Raises RefusedError `way.unknown`, `way.off`, `way.limited`, `way.failed`: nothing arrives there.
        """
        found = next((each for each in await self._ways.of([staff.id]) if each.id == way), None)
        where = self._seal.open(found.sealed, staff.id) if found is not None else None
        if found is None or where is None:
            raise RefusedError("way.unknown", "There is no such way of yours: look at the list again.")
        kind = found.kind
        self._check_on(kind)
        await self._allow(staff)
        try:
            await ring_at(self._bells[kind], where)
        except SendError as fault:
            logger().warning("bell.failed", way=kind, reason=fault.code)
        else:
            return
        raise RefusedError(
            "way.failed", "Nothing could be sent there: check it, or take it out and add it again."
        )

    async def remove(self, staff: StaffRow, way: str) -> None:
        """Ring there no more. Raises RefusedError `way.unknown`."""
        if not await self._ways.forget(staff.id, way):
            raise RefusedError("way.unknown", "There is no such way of yours: look at the list again.")

    async def _keep(self, staff: CaseworkerId, where: StaffAddress) -> None:
        await self._check_room(staff)
        await self._ways.keep(Way(token(), staff, where.kind, self._seal.seal(where, staff)))

    async def _check_room(self, staff: CaseworkerId) -> None:
        if len(await self._ways.of([staff])) >= MOST:
            raise RefusedError("way.many", f"You have {MOST} ways of being rung: take one out first.")

    def _check_on(self, kind: str) -> None:
        if kind not in self._bells:
            raise RefusedError("way.off", "The operator has not switched this on.")

    async def _allow(self, staff: StaffRow) -> None:
        if not await self._limits.allow(self._names.digest("way", staff.id), limit=_TRIES, seconds=_HOUR):
            raise RefusedError("way.limited", "That was often enough for one hour: try again later.")
