"""A caseworker's weekly duty keys that nobody needs any more: destroyed, as the console does with the same file."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.crypto.keyfile import CaseworkerKeys
from bot.kernel.errors import FenerError

KEPT_AFTER_USE: Final = timedelta(days=14)
"""A replaced key stays so long in any case: as closed cases do."""

LONGEST_NEEDED: Final = timedelta(days=90)
"""And longer than this in none, whatever the server says: no envelope is kept longer."""

_RETIRED: Final = "retired:"


class Asks(Protocol):
    """The signed-in connection to the caseworkers' interface."""

    def call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> object:
        """The answer as JSON. Raises FenerError."""
        ...


def without_old_keys(keys: CaseworkerKeys, certified: str, now: datetime, server: Asks) -> CaseworkerKeys:
    """The keys without those that were replaced long enough ago and that no open case is sealed to.

    `certified` is the key that is sealed to now; the server is asked which of the others open cases need. A key that
    is found replaced for the first time is noted with the time.
    """
    present = int(now.timestamp())
    current = {certified, *(key.kid for key in keys.duty[-1:])}
    old = [key.kid for key in keys.duty if key.kid not in current]
    notes = {**{f"{_RETIRED}{kid}": str(present) for kid in old}, **keys.notes}
    ages = {kid: timedelta(seconds=present - int(notes[f"{_RETIRED}{kid}"])) for kid in old}
    ripe = [kid for kid in old if ages[kid] >= KEPT_AFTER_USE]
    still = _needed(server, ripe) if ripe else ()
    gone = {kid for kid in ripe if kid not in still or ages[kid] >= LONGEST_NEEDED}
    return replace(
        keys,
        duty=tuple(key for key in keys.duty if key.kid not in gone),
        notes={name: note for name, note in notes.items() if name.removeprefix(_RETIRED) not in gone},
    )


def _needed(server: Asks, kids: Collection[str]) -> Collection[str]:
    """Those that open cases are sealed to; all of them when the server does not say."""
    try:
        told = server.call("POST", "/duty-key/needed", {"kids": list(kids)})
    except FenerError:
        return kids
    needed = told.get("needed") if isinstance(told, dict) else None
    return needed if isinstance(needed, list) else kids
