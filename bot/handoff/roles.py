"""Who may do what in the console: eight roles, each with the least it needs, in one table.

Whether somebody is a *recipient*, so that cases can be sealed to them, is decided here too: the other five roles
never enter a keyring, and nothing about a case is ever shown to them.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final


class StaffRole(StrEnum):
    """What somebody was invited as; it never changes, a new role is a new invitation."""

    LEAD = "lead"
    CASEWORKER = "caseworker"
    FOCAL_POINT = "focal-point"
    DIRECTORY_EDITOR = "directory-editor"
    CONTENT_ADMIN = "content-admin"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    AGGREGATE_ONLY = "aggregate-only"


class Action(StrEnum):
    """What can be done in the console."""

    SESSION = "session"
    """Sign out, here or everywhere; leave the organisation."""
    TEAM = "team"
    """See the keyring, colleagues and the rules of the network."""
    DUTY = "duty"
    """Go on and off duty, take a pause, renew one's duty key, choose how one is rung."""
    CASES = "cases"
    """The queue, cases, replies, notes."""
    AGREE = "agree"
    """Agree, as the second person, that the emergency services are called."""
    EXPORT = "export"
    """Save a locked copy of one case."""
    MUTE = "mute"
    """Take no more words into a case for some hours."""
    KEYRING = "keyring"
    """Add a signed entry to the keyring."""
    STAFF = "staff"
    """Invite people, see those outside the keyring, and remove them."""
    ALARMS = "alarms"
    """Which colleague opened or saved unusually many cases within two hours; how heavy the work is, without anybody in it."""
    AUDIT = "audit"
    """Whether the organisation's own audit chain is whole, and how often what happened."""
    COUNTS = "counts"
    """Counts of ten or more, rounded."""
    REPORT = "report"
    """What the whole network says of a quarter, in whole tens."""
    NETWORK = "network"
    """How long people wait at each organisation, without a case."""
    DIRECTORY = "directory"
    """See every service of the directory: how it stands, its sources, its history."""
    DIRECTORY_EDIT = "directory-edit"
    """Change what changes every week; ask for another safety answer."""
    VET = "vet"
    """Vouch for a service; agree with a safety answer that another person asked for."""
    SUSPEND = "suspend"
    """Take a service out of the offer."""
    REINSTATE = "reinstate"
    """Put a service back; let one stand that somebody reported."""


_OWN: Final = frozenset({Action.SESSION})
_WORK: Final = _OWN | {Action.TEAM, Action.DUTY, Action.CASES, Action.AGREE, Action.EXPORT, Action.DIRECTORY}
_NUMBERS: Final = frozenset({Action.REPORT, Action.NETWORK})
_VETS: Final = frozenset({Action.VET, Action.SUSPEND})

MAY: Final[Mapping[StaffRole, frozenset[Action]]] = {
    StaffRole.LEAD: _WORK
    | _VETS
    | {Action.MUTE, Action.KEYRING, Action.STAFF, Action.DIRECTORY_EDIT, Action.REINSTATE, Action.ALARMS}
    | _NUMBERS,
    StaffRole.CASEWORKER: _WORK | {Action.MUTE},
    StaffRole.FOCAL_POINT: _WORK | _VETS | {Action.REINSTATE},
    StaffRole.DIRECTORY_EDITOR: _OWN | _VETS | {Action.DIRECTORY, Action.DIRECTORY_EDIT},
    StaffRole.CONTENT_ADMIN: _OWN | {Action.DIRECTORY},
    StaffRole.OPERATOR: _OWN | {Action.NETWORK},
    StaffRole.AUDITOR: _OWN | {Action.AUDIT, Action.DIRECTORY},
    StaffRole.AGGREGATE_ONLY: _OWN | {Action.COUNTS, Action.REPORT},
}
"""The whole of it. Operators work on the command line: the console only tells them so."""

RECIPIENTS: Final = frozenset(role for role, actions in MAY.items() if Action.CASES in actions)
"""Who can be in a keyring."""

FRESH: Final = frozenset(
    {Action.KEYRING, Action.STAFF, Action.AGREE, Action.EXPORT, Action.VET, Action.SUSPEND, Action.REINSTATE}
)
"""What asks for a signature made within the last minutes."""


def may(role: str, action: Action) -> bool:
    """Whether somebody with this role may do it. A role that nobody knows may do nothing."""
    known = _role(role)
    return known is not None and action in MAY[known]


def is_recipient(role: str) -> bool:
    """Whether cases can be sealed to this role."""
    return _role(role) in RECIPIENTS


def sees_queue(role: str, queue: str, *, complaints: Collection[str], focal_points: bool) -> bool:
    """Whether this role sees cases of a queue. A focal point sees complaints and nothing else.

    `complaints` are the queues that the network calls `independent`. `focal_points`: the organisation has or had some;
    then nobody else of it ever knows that there is a complaint.
    """
    if _role(role) is StaffRole.FOCAL_POINT:
        return queue in complaints
    return is_recipient(role) and not (queue in complaints and focal_points)


def _role(text: str) -> StaffRole | None:
    try:
        return StaffRole(text)
    except ValueError:
        return None
