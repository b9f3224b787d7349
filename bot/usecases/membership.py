"""Whether a caseworker was signed into their organisation's keyring: an enrolment link alone opens nothing."""

from bot.kernel.errors import RefusedError
from bot.kernel.ids import KeyId
from bot.ports import StaffRow
from bot.usecases.check_staffing import CheckStaffing


async def check_member(staffing: CheckStaffing, staff: StaffRow) -> None:
    """Return if the verified keyring names this caseworker now. Raises RefusedError `keyring.member`."""
    keyring = await staffing.keyring(staff.organisation)
    if keyring is None or keyring.member(KeyId(staff.identity_kid)) is None:
        raise RefusedError(
            "keyring.member",
            "No lead has signed you into the keyring yet, or the operator has not pinned it: ask your lead.",
        )
