"""Whether cases stand as their organisation's audit chain says: an earlier row, put back with its own MAC, does not."""

from collections.abc import Iterable, Mapping, Sequence

from bot.handoff.case import CaseStatus
from bot.kernel.audit import AuditEvent
from bot.ports import CaseRow

_LEADS_TO: Mapping[str, CaseStatus] = {
    AuditEvent.CASE_OPENED: CaseStatus.WAITING,
    AuditEvent.CASE_CLAIMED: CaseStatus.CLAIMED,
    AuditEvent.CASE_REPLIED: CaseStatus.CLAIMED,
    AuditEvent.CASE_RETURNED: CaseStatus.WAITING,
    AuditEvent.CASE_CLOSED: CaseStatus.CLOSED,
    AuditEvent.CASE_DECLINED: CaseStatus.CLOSED,
}

_WRITES = (AuditEvent.CASE_REPLIED, AuditEvent.CASE_DECLINED)
"""Each puts one note into the person's mailbox."""


def stands_otherwise(rows: Iterable[CaseRow], deeds: Mapping[str, Sequence[str]]) -> list[CaseRow]:
    """The rows that differ from what was recorded. `deeds` are the audit events of each case, in order.

    Status, number of replies and the tie to the person are recorded; a person's own messages are not.
    """
    return [row for row in rows if not _as_recorded(row, deeds.get(row.id, ()))]


def _as_recorded(row: CaseRow, deeds: Sequence[str]) -> bool:
    statuses = [_LEADS_TO[deed] for deed in deeds if deed in _LEADS_TO]
    if AuditEvent.CASE_OPENED not in deeds or row.status != statuses[-1]:
        return False
    if (row.closed_hour is not None) != (row.status == CaseStatus.CLOSED):
        return False
    if AuditEvent.CASE_ERASED in deeds and row.pseudonym is not None:
        return False
    return row.note_sequence == sum(deeds.count(event) for event in _WRITES)
