"""Which right each call of the caseworkers' interface needs: one table, and a gate that refuses what is not in it."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request

from bot.handoff.roles import FRESH, Action, may
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseworkerId
from bot.ports import StaffRow
from bot.web.console.desk import Desk

PREFIX: Final = "/console/api"
SERVICE: Final = "{organisation}/{service}"

NEEDS: Final[Mapping[tuple[str, str], Action | None]] = {
    ("POST", "/invitation"): None,
    ("POST", "/enrol"): None,
    ("POST", "/login/challenge"): None,
    ("POST", "/login"): None,
    ("POST", "/logout"): Action.SESSION,
    ("POST", "/logout/everywhere"): Action.SESSION,
    ("POST", "/leave"): Action.SESSION,
    ("GET", "/me"): Action.SESSION,
    ("GET", "/team"): Action.TEAM,
    ("GET", "/rules"): Action.TEAM,
    ("GET", "/phrases"): Action.TEAM,
    ("GET", "/asks"): Action.TEAM,
    ("GET", "/playbooks"): Action.CASES,
    ("GET", "/told"): Action.TEAM,
    ("GET", "/abuse"): Action.CASES,
    ("POST", "/keyring"): Action.KEYRING,
    ("GET", "/staff"): Action.STAFF,
    ("POST", "/staff/invite"): Action.STAFF,
    ("POST", "/staff/{who}/remove"): Action.STAFF,
    ("POST", "/duty"): Action.DUTY,
    ("DELETE", "/duty"): Action.DUTY,
    ("POST", "/pause"): Action.DUTY,
    ("DELETE", "/pause"): Action.DUTY,
    ("POST", "/duty-key"): Action.DUTY,
    ("POST", "/duty-key/needed"): Action.DUTY,
    ("GET", "/ways"): Action.DUTY,
    ("POST", "/ways/email"): Action.DUTY,
    ("POST", "/ways/telegram"): Action.DUTY,
    ("POST", "/ways/{way}/ring"): Action.DUTY,
    ("POST", "/ways/{way}/remove"): Action.DUTY,
    ("GET", "/cases"): Action.CASES,
    ("GET", "/cases/{case}"): Action.CASES,
    ("POST", "/cases/{case}/claim"): Action.CASES,
    ("POST", "/cases/{case}/reply"): Action.CASES,
    ("POST", "/cases/{case}/decline"): Action.CASES,
    ("POST", "/cases/{case}/note"): Action.CASES,
    ("POST", "/cases/{case}/return"): Action.CASES,
    ("POST", "/cases/{case}/step-back"): Action.CASES,
    ("POST", "/cases/{case}/close"): Action.CASES,
    ("GET", "/cases/{case}/referrals"): Action.CASES,
    ("POST", "/cases/{case}/refer"): Action.CASES,
    ("POST", "/cases/{case}/send-back"): Action.CASES,
    ("GET", "/cases/{case}/emergency"): Action.CASES,
    ("POST", "/cases/{case}/emergency"): Action.CASES,
    ("POST", "/cases/{case}/emergency/agree"): Action.AGREE,
    ("POST", "/cases/{case}/emergency/drop"): Action.CASES,
    ("POST", "/cases/{case}/emergency/tell"): Action.CASES,
    ("POST", "/cases/{case}/emergency/called"): Action.CASES,
    ("POST", "/cases/{case}/export"): Action.EXPORT,
    ("POST", "/cases/{case}/mute"): Action.MUTE,
    ("GET", "/directory"): Action.DIRECTORY,
    ("GET", f"/directory/{SERVICE}"): Action.DIRECTORY,
    ("POST", f"/directory/{SERVICE}/preview"): Action.DIRECTORY_EDIT,
    ("POST", f"/directory/{SERVICE}/change"): Action.DIRECTORY_EDIT,
    ("POST", f"/directory/{SERVICE}/safety"): Action.DIRECTORY_EDIT,
    ("POST", f"/directory/{SERVICE}/safety/agree"): Action.VET,
    ("POST", f"/directory/{SERVICE}/safety/decline"): Action.VET,
    ("POST", f"/directory/{SERVICE}/vet"): Action.VET,
    ("POST", f"/directory/{SERVICE}/suspend"): Action.SUSPEND,
    ("POST", f"/directory/{SERVICE}/reinstate"): Action.REINSTATE,
    ("POST", f"/directory/{SERVICE}/dismiss"): Action.REINSTATE,
    ("GET", "/alarms"): Action.ALARMS,
    ("GET", "/load"): Action.ALARMS,
    ("GET", "/audit"): Action.AUDIT,
    ("GET", "/counts"): Action.COUNTS,
    ("GET", "/report"): Action.REPORT,
    ("GET", "/report/file"): Action.REPORT,
    ("GET", "/network"): Action.NETWORK,
}
"""By method and path behind the prefix. None: for everybody, because it gives nothing without a token or a key."""

NOBODY: Final = StaffRow(CaseworkerId(""), "", "", "", "", b"", b"", active=False)
"""Who calls where no session is needed."""


class Gate:
    """The signed-in person of a request, if their role may do what they ask."""

    def __init__(self, desk: Desk) -> None:
        """Take what knows sessions."""
        self._desk = desk

    async def __call__(self, request: Request) -> StaffRow:
        """Who asks.

        Raises RefusedError `login.needed`; `role.refused`: not for this role, or nobody said for whom; `login.stale`:
        their key has to sign again first.
        """
        path = str(request.scope["route"].path).removeprefix(PREFIX)
        asked = (request.method, path)
        if asked not in NEEDS:
            raise _not_for_you()
        action = NEEDS[asked]
        if action is None:
            return NOBODY
        whose = await self._desk.door.who(token_of(request), request.cookies)
        if not may(whose.staff.role, action):
            raise _not_for_you()
        if action in FRESH and not whose.fresh:
            raise RefusedError("login.stale", "Sign in again first: this needs a fresh signature.")
        return whose.staff


def token_of(request: Request) -> str:
    """The bearer token of a request, or an empty text."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _not_for_you() -> RefusedError:
    return RefusedError("role.refused", "Your role does not do this.")
