"""An organisation cannot take a case: it ends there, and its person hears so and is asked about another one."""

from dataclasses import replace

from bot.crypto.keys import ServerKeys
from bot.handoff.case import CaseStatus, whole_hour
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, RouteVault, StaffRow
from bot.usecases.deliver_mail import DeliverMail
from bot.usecases.follow_referrals import FollowReferrals
from bot.usecases.row_integrity import signed
from bot.usecases.send_reply import Reply, SendReply, kept


class DeclineCase:
    """Puts the signed note that says so into the mailbox and closes the case, in one commit.

    The server cannot open what the person wrote, so nothing of it goes anywhere: a new handoff begins when they say yes.
    """

    def __init__(
        self,
        *,
        replies: SendReply,
        desk: CaseDesk,
        routes: RouteVault,
        deliver: DeliverMail,
        follow: FollowReferrals,
        keys: ServerKeys,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take what checks a reply, and the way back to the person."""
        self._replies = replies
        self._desk = desk
        self._routes = routes
        self._deliver = deliver
        self._follow = follow
        self._keys = keys
        self._audit = audit
        self._clock = clock

    async def __call__(self, staff: StaffRow, case: CaseId, told: Reply) -> CaseRow:
        """The closed case. Its mailbox stays until the person was asked, or the note lapses.

        Raises as `SendReply`, and RefusedError `referral.received`: what was referred is sent back while nobody wrote and who
        referred can tell the person. A case whose person cannot be reached is closed, not declined.
        """
        row = await self._replies.checked(staff, case, told)
        if await self._follow.can_be_given_back(row):
            raise RefusedError("referral.received", "Another organisation referred this case: send it back.")
        hour = whole_hour(self._clock.now())
        note, copy = kept(staff, row, told, hour)
        closed = signed(
            self._keys,
            replace(row, note_sequence=told.sequence, status=CaseStatus.CLOSED.value, closed_hour=hour),
        )
        line = AuditEntry(self._replies.chain(row), AuditEvent.CASE_DECLINED, staff.id, case)
        async with self._audit.recording(line, hour):
            await self._follow.not_taken(case)
            await self._desk.reply(closed, note, copy, expected=row)
        await self._deliver(case)
        await self._routes.forget(case)
        return closed
