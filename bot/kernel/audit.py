"""The closed list of audit events: who did what kind of thing to which case; never content."""

from dataclasses import dataclass
from enum import StrEnum


class AuditEvent(StrEnum):
    """What may be written to an organisation's audit chain."""

    CASE_OPENED = "case.opened"
    CASE_READ = "case.read"
    CASE_EXPORTED = "case.exported"
    CASE_CLAIMED = "case.claimed"
    CASE_REPLIED = "case.replied"
    CASE_NOTED = "case.noted"
    CASE_RETURNED = "case.returned"
    CASE_MUTED = "case.muted"
    CASE_UNMUTED = "case.unmuted"
    CASE_WISHES_READ = "case.wishes-read"
    CASE_DECLINED = "case.declined"
    CASE_CLOSED = "case.closed"
    CASE_ERASED = "case.erased"
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


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of a chain. `actor` is a caseworker id, `system` or `operator`; `case` an id or empty."""

    organisation: str
    event: AuditEvent
    actor: str
    case: str = ""
