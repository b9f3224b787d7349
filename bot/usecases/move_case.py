"""Somebody types a return code at another address: the case is theirs there, and no longer where it was.

A closed one moves while its last reply waits, or how it goes with what was referred is still to be told, so that who looks
from elsewhere finds it. A wrong code, a used one, one that lapsed and one of a case that ended come to the same in the same
time: one stretching and one question to the database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

from bot.crypto.keys import ServerKeys
from bot.crypto.return_code import code_name, open_way
from bot.handoff.retention import RetentionRules, cutoffs
from bot.kernel.errors import ConflictError, RefusedError
from bot.ports import Clock, ReturnCodes, RouteVault
from bot.usecases.extend_case import ExtendCase
from bot.usecases.recognise_person import PATIENCE_SECONDS, Known, Recognised, RecognisePerson, Spoilt
from bot.usecases.row_integrity import code_is_ours

_TRIES: Final = 5


class MoveCase:
    """Finds the one case that a code is for, re-keys it to who typed it and destroys the way back to where it was.

    What else the person has open under the old address stays there.
    """

    def __init__(
        self,
        *,
        keys: ServerKeys,
        codes: ReturnCodes,
        recognise: RecognisePerson,
        extend_case: ExtendCase,
        routes: RouteVault,
        clock: Clock,
    ) -> None:
        """Take keys, where codes are kept and what re-keys a case."""
        self._keys = keys
        self._codes = codes
        self._recognise = recognise
        self._extend_case = extend_case
        self._routes = routes
        self._clock = clock

    async def __call__(
        self,
        code: str,
        *,
        fingerprint: Callable[[], Awaitable[bytes]],
        message: str,
        here: Recognised,
    ) -> Known | Literal["", "own case", "later"]:
        """The case, theirs from now on and committed. Otherwise nothing changed; empty: the code does not work.

        `fingerprint` gives that of who typed it, `here` is what they have already. With an ordinary case of their own
        no other one comes, and where nothing may be said of it, the code does not work; one that nobody believes gives
        way (`in_the_way`). A complaint is in nobody's way, and nothing in its, unless both would get the very same name.
        A closed case takes no words, so that nothing is in its way, and it is in nobody's. `later`: the team has no key to be told with. Raises
        ConflictError while others change the case, or many wait for their turn.
        """
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                preferred = await fingerprint()
                stretched = await self._recognise.of_code(code)
        except TimeoutError:
            raise ConflictError("turn.busy") from None
        try:
            return await self._moved(stretched, preferred, message=message, here=here)
        except RefusedError:
            return "later"

    async def _moved(
        self, stretched: bytes, preferred: bytes, *, message: str, here: Recognised
    ) -> Known | Literal["", "own case"]:
        for _ in range(_TRIES):
            known = await self._case_of(stretched, preferred)
            if known is None:
                return ""
            theirs = [each for each in here.cases if each.is_open and _collide(each, known)]
            if known.is_open and theirs:
                return "" if all(each.gate.asks_first for each in theirs) else "own case"
            for each in in_the_way(here.spoilt, known):
                await self._extend_case.let_go(each.row)
            try:
                moved = await self._extend_case.move(known, message=message)
            except ConflictError:
                continue
            await self._routes.forget(moved.row.id)
            return moved
        raise ConflictError("case.busy")

    async def _case_of(self, stretched: bytes, preferred: bytes) -> Known | None:
        now = self._clock.now()
        epochs = self._keys.epochs(now)
        names = [code_name(key, stretched) for key in epochs.accepted]
        since = cutoffs(now, RetentionRules()).codes_made_before
        found = await self._codes.find(names, since=since)
        if found is None or not code_is_ours(self._keys, found[0]):
            return None
        kept, row = found
        key = epochs.get(kept.epoch)
        if key is None:
            return None
        try:
            way = open_way(key, stretched, kept.sealed, case=row.id, salt=row.salt)
        except RefusedError:
            return None
        known = await self._recognise.case(row.id, way, preferred)
        return known if known is not None and known.row.salt == row.salt else None


def _collide(own: Known, coming: Known) -> bool:
    """Whether a case of theirs keeps another one from coming: of ordinary ones there is one, of complaints one a queue."""
    return _kind(own) == _kind(coming) or not (own.complaint or coming.complaint)


def in_the_way(spoilt: Sequence[Spoilt], known: Known) -> list[Spoilt]:
    """Those that nobody believes and that give way to a case that moves here: ordinary ones, and one of the same name."""
    if not known.is_open:
        return []
    return [each for each in spoilt if not each.complaint or _kind(each) == _kind(known)]


def _kind(each: Known | Spoilt) -> tuple[str, str]:
    """What the name of a case is made of beside the address."""
    return each.row.organisation, each.complaint
