"""A caseworker's keys, made on their own machine, join their organisation; nobody becomes a recipient by a link alone.

The demo organisation is the exception: the server's demo root signs its people in at once. For a real one the first
lead founds the keyring, the operator pins its root in fener.toml, and a lead signs each later member. Roles that are
not recipients enter no keyring, also not the demo's, and their sealing key is not kept.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from bot.crypto.identity import verify_duty_certificate, verify_enrolment
from bot.crypto.keyring import Role, add_member, found
from bot.crypto.keys import ServerKeys
from bot.crypto.randomness import token
from bot.crypto.signing import key_id
from bot.handoff.case import whole_hour
from bot.handoff.roles import is_recipient
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import ConflictError, RefusedError
from bot.kernel.ids import CaseworkerId
from bot.ports import AuditTrail, Clock, ContentSource, Keyrings, StaffRegister, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.invite_caseworker import token_hash

Standing = Literal["member", "found-keyring", "wait-for-lead", "no-recipient"]
"""Can receive cases; must found the keyring; a lead must compare words and sign; will never receive any."""

LONGEST_ALIAS = 40

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Application:
    """What a new caseworker's machine sends. `proof` signs the invitation's token, so the key is really theirs."""

    token: str
    alias: str
    identity_public: bytes
    duty_certificate: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who they are now and what is left to do."""

    staff: StaffRow
    organisation_name: str
    standing: Standing


class EnrolCaseworker:
    """Redeems an invitation."""

    def __init__(
        self,
        *,
        keys: ServerKeys,
        register: StaffRegister,
        keyrings: Keyrings,
        staffing: CheckStaffing,
        content: ContentSource,
        demo_organisations: Collection[str],
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """`demo_organisations` are those whose people the server's demo root may sign in."""
        self._keys = keys
        self._register = register
        self._keyrings = keyrings
        self._staffing = staffing
        self._content = content
        self._demo = demo_organisations
        self._audit = audit
        self._clock = clock

    async def __call__(self, application: Application) -> Enrolled:
        """The new caseworker.

        Raises RefusedError `enrol.invite` (used, over or never made), `enrol.alias`, `enrol.proof`, `duty-key.*`.
        """
        now = self._clock.now()
        alias = application.alias.strip()
        if not 0 < len(alias) <= LONGEST_ALIAS or not alias.isprintable():
            raise RefusedError("enrol.alias", f"Choose a work name of 1 to {LONGEST_ALIAS} characters.")
        hashed = token_hash(application.token)
        seconds = int(now.timestamp())
        invite = await self._register.peek(hashed, seconds)
        if invite is None:
            raise RefusedError("enrol.invite", "This link was used or is over: ask for a new one.")
        verify_enrolment(application.identity_public, application.proof, application.token)
        verify_duty_certificate(
            application.duty_certificate,
            application.identity_public,
            organisation=invite.organisation,
            now=now,
        )
        staff = StaffRow(
            id=CaseworkerId(token()),
            organisation=invite.organisation,
            role=invite.role,
            alias=alias,
            identity_kid=key_id(application.identity_public),
            identity_public=application.identity_public,
            duty_certificate=application.duty_certificate if is_recipient(invite.role) else b"",
        )
        line = AuditEntry(invite.organisation, AuditEvent.STAFF_ENROLLED, staff.id)
        async with self._audit.recording(line, whole_hour(now)):
            if await self._register.redeem(hashed, seconds, staff) is None:
                raise RefusedError("enrol.invite", "This link was used or is over: ask for a new one.")
        standing = await self._joined(staff)
        self._staffing.stale()
        return Enrolled(staff, self._name(invite.organisation), standing)

    async def _joined(self, staff: StaffRow) -> Standing:
        if not is_recipient(staff.role):
            return "no-recipient"
        if staff.organisation in self._demo and self._keys.demo_root is not None:
            for _ in range(_TRIES):
                try:
                    await self._sign_in(staff)
                except ConflictError:
                    continue
                return "member"
            raise ConflictError("keyring.busy")
        if not await self._keyrings.entries(staff.organisation) and staff.role == Role.LEAD:
            return "found-keyring"
        return "wait-for-lead"

    async def _sign_in(self, staff: StaffRow) -> None:
        root = self._keys.demo_root
        assert root is not None
        now = self._clock.now()
        entries = list(await self._keyrings.entries(staff.organisation))
        if not entries:
            first = found(
                root,
                organisation=staff.organisation,
                name=self._name(staff.organisation),
                server_public=self._keys.signing.public,
                alias=None,
                now=now,
                demo=True,
            )
            await self._keyrings.append(staff.organisation, first, expected=0)
            entries.append(first)
        entry = add_member(
            entries,
            root,
            public=staff.identity_public,
            role=Role(staff.role),
            alias=staff.alias,
            now=now,
        )
        await self._keyrings.append(staff.organisation, entry, expected=len(entries))

    def _name(self, organisation: str) -> str:
        found_ = self._content.library.directory.organisations.get(organisation)
        return found_.name.get("en", organisation) if found_ is not None else organisation
