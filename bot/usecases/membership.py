"""What a caseworker may see: nothing before a lead signed them in, and only cases of their organisation and role."""

from collections.abc import Sequence
from typing import Final

from bot.crypto.keys import ServerKeys
from bot.handoff.roles import sees_queue
from bot.kernel.audit import complaints_chain
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId, KeyId
from bot.ports import CaseDesk, CaseRow, EnvelopeRow, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.row_integrity import is_ours

MOST_HELD: Final = 20
"""Open cases that one caseworker has at a time."""


async def check_member(staffing: CheckStaffing, staff: StaffRow) -> None:
    """Return if the verified keyring names this caseworker now. Raises RefusedError `keyring.member`.

    An enrolment link alone opens nothing.
    """
    keyring = await staffing.keyring(staff.organisation)
    if keyring is None or keyring.member(KeyId(staff.identity_kid)) is None:
        raise RefusedError(
            "keyring.member",
            "No lead has signed you into the keyring yet, or the operator has not pinned it: ask your lead.",
        )


async def check_hands(
    desk: CaseDesk, staffing: CheckStaffing, keys: ServerKeys, staff: StaffRow, case: CaseRow
) -> None:
    """Return if this caseworker may take one more case. Raises RefusedError `case.pause`, `case.enough`, `case.full`.

    Only taking has a limit, so that nobody empties a queue alone and no team takes more than it can do; coming into a
    queue has none. What is needed now is never left for the team's limit.
    """
    if await staffing.away_until(staff.id) is not None:
        raise RefusedError("case.pause", "You take a pause: end it first, in the console.")
    waiting = await desk.waiting(staff.organisation)
    apart = case.queue in staffing.complaints and staffing.has_focal_points(staff.organisation)
    most = None if apart else staffing.most_open.get(staff.organisation)
    taken = sum(
        row.claimed_by is not None and row.id != case.id and sees(staffing, keys, staff, row)
        for row in waiting
    )
    if most is not None and taken >= most and case.urgency != "now":
        raise RefusedError(
            "case.full",
            f"Your organisation has {taken} cases, its limit ('most open' in directory/network.yaml): close one first, or raise it.",
        )
    held = sum(row.claimed_by == staff.id and sees(staffing, keys, staff, row) for row in waiting)
    if held >= MOST_HELD:
        raise RefusedError("case.enough", f"You have {held} cases: close one or give one back first.")


def chain_of(staffing: CheckStaffing, row: CaseRow) -> str:
    """The audit chain that what happens to a case is written to: complaints have one of their own where they are for some only.

    Where leads and caseworkers take them, their leads hear of unusual reading as of any case.
    """
    apart = row.queue in staffing.complaints and staffing.has_focal_points(row.organisation)
    return complaints_chain(row.organisation) if apart else row.organisation


def sees(staffing: CheckStaffing, keys: ServerKeys, staff: StaffRow, row: CaseRow) -> bool:
    """Whether a row is one that this caseworker may know of: of their organisation and role, and written by us."""
    return (
        row.organisation == staff.organisation
        and sees_queue(
            staff.role,
            row.queue,
            complaints=staffing.complaints,
            focal_points=staffing.has_focal_points(row.organisation),
        )
        and is_ours(keys, row)
    )


async def find_case(
    desk: CaseDesk, staffing: CheckStaffing, keys: ServerKeys, staff: StaffRow, case: CaseId
) -> tuple[CaseRow, Sequence[EnvelopeRow]]:
    """The case with its sealed envelopes, for who may see it.

    Raises RefusedError `keyring.member`; `case.unknown`: not there, another organisation's, not for this role, or
    changed by another hand. Which of these it was is not told.
    """
    await check_member(staffing, staff)
    found = await desk.read(staff.organisation, case)
    if found is None or not sees(staffing, keys, staff, found[0]):
        raise RefusedError("case.unknown", "There is no such case in your organisation.")
    return found
