"""A caseworker proposes a second organisation: the person is asked in the chat, and nothing leaves before they say yes."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.crypto.keys import ServerKeys
from bot.directory.recipients import barred
from bot.handoff.case import whole_hour
from bot.handoff.referral import MOST_AT_ONCE, REASONS, Referral, ReferralState
from bot.handoff.routing import GENERAL, serves_queue, takes_new
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.ports import AuditTrail, CaseDesk, CaseRow, Clock, ContentSource, RouteVault, StaffRow
from bot.usecases.check_staffing import CheckStaffing
from bot.usecases.follow_referrals import FollowReferrals, running
from bot.usecases.kept_referrals import KeptReferrals, Side
from bot.usecases.membership import find_case
from bot.usecases.send_reply import Reply, SendReply
from bot.usecases.turn_keys import TurnKeys


@dataclass(frozen=True, slots=True)
class Receiver:
    """An organisation that can be asked now. `name` is from its signed keyring; `queues` are those it takes.

    `lgbtiq`: the network says that it is an organisation of or for LGBTIQ+ people.
    """

    organisation: str
    name: str
    queues: tuple[str, ...]
    on_duty: bool
    lgbtiq: bool


class OfferReferral:
    """Keeps the sealed question in the person's mailbox together with the state of the referral."""

    def __init__(
        self,
        *,
        kept: KeptReferrals,
        follow: FollowReferrals,
        reply: SendReply,
        desk: CaseDesk,
        routes: RouteVault,
        keys: ServerKeys,
        turn_keys: TurnKeys,
        staffing: CheckStaffing,
        content: ContentSource,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        """Take the way of a reply, and who could receive."""
        self._kept = kept
        self._follow = follow
        self._reply = reply
        self._desk = desk
        self._routes = routes
        self._keys = keys
        self._turn_keys = turn_keys
        self._staffing = staffing
        self._content = content
        self._audit = audit
        self._clock = clock

    async def receivers(self, staff: StaffRow) -> Sequence[Receiver]:
        """Who can be asked now: has keys that open cases, takes new ones, and at least one queue that is not of complaints.

        Never what represents a state, nor a state body: whether one may be asked is a question of its own, at a handoff.
        """
        directory = self._content.library.directory
        network, today = directory.network, self._clock.now().date()
        never = barred(directory.organisations, network, agreed=())
        members = {member.organisation: member for member in network.members}
        found = []
        for each in await self._staffing.now():
            member = members.get(each.organisation)
            if member is None or each.organisation in {staff.organisation, *never} or each.keys < 1:
                continue
            if not takes_new(member, today):
                continue
            queues = tuple(name for name in network.queues if serves_queue(member, name))
            open_to_all = tuple(name for name in queues if not network.queues[name].independent)
            if open_to_all:
                found.append(
                    Receiver(
                        each.organisation, each.name, open_to_all, each.on_duty > 0, lgbtiq=member.lgbtiq
                    )
                )
        return found

    async def of(self, staff: StaffRow, case: CaseId) -> tuple[Sequence[Side], bool]:
        """The referrals of a case as its own organisation may see them, and whether the case came by one itself.

        Raises RefusedError `keyring.member`, `case.unknown`.
        """
        await self._seen(staff, case)
        sides = await self._kept.of(case)
        return [side for side in sides if not side.kept.is_received], any(
            side.kept.is_received for side in sides
        )

    async def __call__(self, staff: StaffRow, case: CaseId, *, to: str, queue: str, question: Reply) -> bool:
        """Whether the question went out at once; otherwise it waits for the person's next message. Committed before that.

        Raises RefusedError `referral.claim`: not their case; `referral.complaint`; `referral.receiver`: not one of `receivers`, or not for this
        queue; `referral.enough`, `referral.same`; and as `SendReply`.
        """
        await self._turn_keys.when_due()
        row = await self._seen(staff, case)
        if row.claimed_by != staff.id:
            raise RefusedError("referral.claim", "Claim the case first: who leads it refers.")
        if row.queue in self._staffing.complaints:
            raise RefusedError("referral.complaint", "A complaint stays with you: it is passed on to nobody.")
        found = next((each for each in await self.receivers(staff) if each.organisation == to), None)
        if found is None or (queue or GENERAL) not in found.queues:
            raise RefusedError(
                "referral.receiver", "This organisation cannot take it now: choose another one."
            )
        sides = running(await self._kept.of(case))
        if any(side.kept.to == to for side in sides):
            raise RefusedError("referral.same", "This organisation was asked already: wait for its answer.")
        if len(sides) >= MOST_AT_ONCE:
            raise RefusedError(
                "referral.enough",
                f"A case has at most {MOST_AT_ONCE} referrals at a time: wait for one to end.",
            )
        hour = whole_hour(self._clock.now())
        line = AuditEntry(staff.organisation, AuditEvent.REFERRAL_OFFERED, staff.id)
        async with self._audit.recording(line, hour):
            changed = await self._reply.keep(staff, case, question)
            await self._kept.add(
                case, Referral(staff.organisation, hour, to=to, queue=queue, sequence=question.sequence)
            )
        return await self._reply.deliver(changed.id)

    async def send_back(self, staff: StaffRow, case: CaseId, reason: str) -> None:
        """Give a case back that came by a referral and that nobody answered: it is deleted here.

        Raises RefusedError `referral.reason`, `referral.none`: it came by none that still runs; `case.claimed`;
        `referral.answered`: the person was written to; `referral.untold`: who referred them cannot tell them any more.
        ConflictError when somebody claims or answers it at this moment.
        """
        if reason not in REASONS:
            raise RefusedError("referral.reason", f"Say why, one of: {', '.join(REASONS)}.")
        row = await self._seen(staff, case)
        if row.claimed_by not in {None, staff.id}:
            raise RefusedError("case.claimed", "A colleague has this case.")
        if not await self._follow.is_received(case):
            raise RefusedError(
                "referral.none", "This case came from no other organisation: close it instead."
            )
        if row.note_sequence or row.closed_hour is not None:
            raise RefusedError(
                "referral.answered", "You wrote to this person already: close the case instead."
            )
        await self._follow.give_back(row, ReferralState.DECLINED, actor=staff.id, reason=reason)
        await self._routes.forget(case)

    async def _seen(self, staff: StaffRow, case: CaseId) -> CaseRow:
        return (await find_case(self._desk, self._staffing, self._keys, staff, case))[0]
