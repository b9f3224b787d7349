"""A return code for an open case: the person's only one, told once and kept as something that it alone finds and opens."""

from collections.abc import Sequence
from typing import Final

from bot.crypto.keys import ServerKeys
from bot.crypto.return_code import code_name, seal_way
from bot.handoff.case import whole_hour
from bot.handoff.return_code import find_return_code
from bot.kernel.errors import ConflictError, RefusedError
from bot.ports import Clock, ReturnCodeRow, ReturnCodes
from bot.usecases.recognise_person import Known, RecognisePerson
from bot.usecases.row_integrity import signed_code

_TRIES: Final = 5


class MakeReturnCode:
    """Keeps a code; what was kept of earlier ones is destroyed."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        codes: ReturnCodes,
        recognise: RecognisePerson,
        clock: Clock,
    ) -> None:
        """Take keys, where codes are kept and what stretches them."""
        self._keys = keys
        self._codes = codes
        self._recognise = recognise
        self._clock = clock

    async def __call__(self, known: Known, code: str, *, theirs: Sequence[Known] = ()) -> None:
        """Committed when this returns. `code` is as it is shown; those for other cases of theirs end, as the person is told.

        Raises ConflictError while others change the case, or when they closed it.
        """
        typed = find_return_code(code)
        if typed is None or not typed.code:
            raise RefusedError("return-code.wrong")
        stretched = await self._recognise.of_code(typed.code)
        for each in theirs:
            if each.row.id != known.row.id:
                await self._codes.forget(each.row.id)
        for _ in range(_TRIES):
            try:
                return await self._codes.keep(self._made(known, stretched), expected=known.row)
            except ConflictError:
                again = await self._recognise.case(known.row.id, known.fingerprint, known.preferred)
                if again is None or not again.is_open:
                    break
                known = again
        raise ConflictError("case.busy")

    def _made(self, known: Known, stretched: bytes) -> ReturnCodeRow:
        now = self._clock.now()
        key = self._keys.epochs(now).current
        row = known.row
        made = ReturnCodeRow(
            case=row.id,
            name=code_name(key, stretched),
            sealed=seal_way(key, stretched, known.fingerprint, case=row.id, salt=row.salt),
            epoch=key.number,
            hour=whole_hour(now),
        )
        return signed_code(self._keys, made)
