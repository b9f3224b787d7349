"""A one-time enrolment link: the token travels in the fragment, which browsers never send, and lives 30 minutes."""

import hashlib
from datetime import timedelta

from bot.crypto.randomness import url_token
from bot.handoff.case import whole_hour
from bot.handoff.roles import StaffRole
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.ports import AuditTrail, Clock, Invite, StaffRegister

LIFETIME = timedelta(minutes=30)

FRAGMENT = "#enrol="
"""What stands between the console's address and the token."""


def token_hash(token: str) -> bytes:
    """What is stored instead of a token: SHA-256. Tokens are random, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


class InviteCaseworker:
    """Makes invitations; only its hash is kept, so a copy of the database enrols nobody."""

    def __init__(self, *, register: StaffRegister, audit: AuditTrail, clock: Clock) -> None:
        """Take where invitations are kept."""
        self._register = register
        self._audit = audit
        self._clock = clock

    async def __call__(self, organisation: str, role: str, *, console: str, by: str = "operator") -> str:
        """The link to give to one person over a channel that is safe. `console` is the console's address.

        `by` is the lead who invites. Raises RefusedError `staff.role` for a role that nobody knows.
        """
        if role not in {each.value for each in StaffRole}:
            raise RefusedError("staff.role", f"Roles are {', '.join(StaffRole)}.")
        now = self._clock.now()
        token = url_token()
        expires = int((now + LIFETIME).timestamp())
        line = AuditEntry(organisation, AuditEvent.STAFF_INVITED, by)
        async with self._audit.recording(line, whole_hour(now)):
            await self._register.invite(Invite(token_hash(token), organisation, role, expires))
        return f"{console.rstrip('/')}/{FRAGMENT}{token}"
