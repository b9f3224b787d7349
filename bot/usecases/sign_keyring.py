"""A new entry of an organisation's keyring, signed by its leads on their own machines, is checked and kept."""

from collections.abc import Mapping

from bot.crypto.heads import KnownHeads
from bot.crypto.keyring import Role, root_fingerprint, verify
from bot.handoff.case import whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.ports import AuditTrail, Clock, Keyrings, StaffRow
from bot.usecases.check_staffing import CheckStaffing


class SignKeyring:
    """Adds an entry only when the whole chain with it verifies."""

    def __init__(
        self,
        *,
        keyrings: Keyrings,
        roots: Mapping[str, str],
        heads: KnownHeads,
        staffing: CheckStaffing,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """`roots` are the pinned fingerprints; a keyring that is not pinned yet must begin with the lead who adds."""
        self._keyrings = keyrings
        self._roots = roots
        self._heads = heads
        self._staffing = staffing
        self._audit = audit
        self._clock = clock

    async def __call__(self, lead: StaffRow, entry: bytes, *, expected: int) -> str:
        """The root fingerprint that the operator pins in fener.toml.

        Raises RefusedError `keyring.lead`, `keyring.*`; ConflictError when another entry came first.
        """
        if lead.role != Role.LEAD:
            raise RefusedError("keyring.lead", "Only a lead changes the keyring.")
        now = self._clock.now()
        entries = list(await self._keyrings.entries(lead.organisation))
        root = self._roots.get(lead.organisation) or root_fingerprint(lead.identity_public)
        keyring = verify(
            [*entries[:expected], entry],
            root,
            now,
            organisation=lead.organisation,
            seen=self._heads.get(lead.organisation),
        )
        if keyring.member(lead.identity_kid) is None:
            raise RefusedError("keyring.lead", "Only a lead in the keyring changes it.")
        line = AuditEntry(lead.organisation, AuditEvent.KEYRING_SIGNED, lead.id)
        async with self._audit.recording(line, whole_hour(now)):
            await self._keyrings.append(lead.organisation, entry, expected=expected)
        self._staffing.stale()
        return root
