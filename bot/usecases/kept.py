"""What a turn left behind, in kinds: never what was said, nor who said it."""

from enum import StrEnum
from typing import NamedTuple


class Did(StrEnum):
    """One thing that a turn did beyond answering. A closed list; each is recorded where it is done."""

    CASE_OPENED = "case opened"
    MESSAGE_ADDED = "message added"
    CASE_CHANGED = "case changed"
    CASE_RENEWED = "case renewed"
    CASE_DELETED = "case deleted"
    CASE_CUT_LOOSE = "case cut loose"
    CLOSE_ASKED = "close asked"
    NOTES_READ = "notes read"
    NOTES_DELETED = "notes deleted"
    ROUTE_DROPPED = "route dropped"
    ERASED = "erased"


class Kept(NamedTuple):
    """What is kept of a person after a turn.

    `place`: the place in the conversation, in memory. `route`: the way back to them, in memory. `organisations`: to
    which the cases on disk are sealed that this person is linked to and that may be spoken of. `did`: what this turn
    did, in order; without any it wrote nothing to a disk.
    """

    place: bool
    route: bool
    organisations: tuple[str, ...] = ()
    did: tuple[Did, ...] = ()
