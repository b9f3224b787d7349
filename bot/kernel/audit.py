"""The closed list of audit events: who did what kind of thing to which case; never content."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AuditEvent(StrEnum):
    """What may be written to an organisation's audit chain."""

    CASE_OPENED = "case.opened"
    CASE_READ = "case.read"
    CASE_EXPORTED = "case.exported"
    CASE_CLAIMED = "case.claimed"
    CASE_REPLIED = "case.replied"
    CASE_NOTED = "case.noted"
    CASE_RETURNED = "case.returned"
    CASE_STEPPED_BACK = "case.stepped-back"
    CASE_MUTED = "case.muted"
    CASE_UNMUTED = "case.unmuted"
    CASE_WISHES_READ = "case.wishes-read"
    CASE_EMERGENCY_ASKED = "case.emergency-asked"
    CASE_EMERGENCY_AGREED = "case.emergency-agreed"
    CASE_EMERGENCY_DROPPED = "case.emergency-dropped"
    CASE_EMERGENCY_CALLED = "case.emergency-called"
    CASE_DECLINED = "case.declined"
    CASE_CLOSED = "case.closed"
    CASE_ERASED = "case.erased"
    REFERRAL_OFFERED = "referral.offered"
    REFERRAL_SENT = "referral.sent"
    REFERRAL_ACCEPTED = "referral.accepted"
    REFERRAL_DECLINED = "referral.declined"
    REFERRAL_DONE = "referral.done"
    REFERRAL_LAPSED = "referral.lapsed"
    REFERRAL_REVOKED = "referral.revoked"
    STAFF_INVITED = "staff.invited"
    STAFF_ENROLLED = "staff.enrolled"
    STAFF_LEFT = "staff.left"
    STAFF_REMOVED = "staff.removed"
    STAFF_MANY_READ = "staff.many-read"
    STAFF_MANY_EXPORTED = "staff.many-exported"
    KEYRING_SIGNED = "keyring.signed"
    DUTY_ON = "duty.on"
    DUTY_OFF = "duty.off"
    KEYS_ROTATED = "keys.rotated"
    SERVICE_VOUCHED = "service.vouched"
    SERVICE_SUSPENDED = "service.suspended"
    SERVICE_REINSTATED = "service.reinstated"
    SERVICE_DISMISSED = "service.dismissed"
    SERVICE_CHANGED = "service.changed"


_OF_COMPLAINTS: Final = "--complaints"
_LONGEST: Final = 64  # characters of a chain's name in a checkpoint


def complaints_chain(organisation: str) -> str:
    """The name of the chain that an organisation's complaints have to themselves.

    Its leads, caseworkers and auditors see checkpoints and counts of their own chain: nothing in it grows with a
    complaint.
    """
    return organisation[: _LONGEST - len(_OF_COMPLAINTS)] + _OF_COMPLAINTS


def is_free_name(organisation: str) -> bool:
    """Whether an organisation may be called so: its two chains have names of their own, and no other organisation's."""
    return len(organisation) <= _LONGEST - len(_OF_COMPLAINTS) and not organisation.endswith(_OF_COMPLAINTS)


def organisation_of(chain: str) -> str:
    """Whose chain it is."""
    return chain.removesuffix(_OF_COMPLAINTS)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of a chain.

    `organisation` names the chain; `actor` is a caseworker id, `system` or `operator`; `case` an id or empty.
    """

    organisation: str
    event: AuditEvent
    actor: str
    case: str = ""
