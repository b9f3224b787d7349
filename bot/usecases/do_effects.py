"""What a turn asked for, done: cases opened and told, notes read, services reported, ways back kept or destroyed."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from bot.crypto.gate import Gate
from bot.flow import effects
from bot.flow.engine import Turn
from bot.flow.mail_gate import SPOILT
from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseId, Pseudonym
from bot.ports import Delivery, RateLimits, RouteVault
from bot.telemetry.logs import logger
from bot.usecases.answer_referral import AnswerReferral
from bot.usecases.extend_case import ExtendCase
from bot.usecases.flag_service import FULL
from bot.usecases.found import Found, check_looked, may_come_back, message_key, spoken_of, yes_key
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.kept import Did, forgets_person, opens_case
from bot.usecases.open_case import OpenCase
from bot.usecases.recognise_person import Known, RecognisePerson, Spoilt
from bot.usecases.tend_case import TendCase

ROUTE_SECONDS = 600
"""How long a reply can be delivered straight after the person's last message."""

_ONE_WAY_AN_HOUR = 2


class Done(NamedTuple):
    """Effects done: the person's cases afterwards, whose those are that may be spoken of, whether a way back is kept.

    `shown`: ids of the notes whose words stand in this turn's answer.
    """

    cases: tuple[str, ...]
    organisations: tuple[str, ...]
    route: bool
    did: tuple[Did, ...]
    shown: tuple[str, ...] = ()


class DoEffects:
    """Does what one turn asks for, before the person is told that it was done."""

    def __init__(
        self,
        *,
        recognise: RecognisePerson,
        services: KeepDirectory,
        open_case: OpenCase,
        extend_case: ExtendCase,
        tend: TendCase,
        refer: AnswerReferral,
        routes: RouteVault,
        limits: RateLimits,
    ) -> None:
        """Take what opens, tends and reports."""
        self._recognise = recognise
        self._services = services
        self._open_case = open_case
        self._extend_case = extend_case
        self._tend = tend
        self._refer = refer
        self._routes = routes
        self._limits = limits

    async def __call__(self, turn: Turn, delivery: Delivery, who: Pseudonym, found: Found) -> Done:
        """Do them all. Raises ConflictError or RefusedError when the turn must be played again, StorageError."""
        check_looked(found, turn.effects, locked=self._recognise.locked)
        await self._let_go(turn, found.spoilt)
        cases: dict[str, Known | None] = {known.row.id: known for known in found.cases}
        theirs: dict[str, str] = {each.id: each.organisation for each in spoken_of(turn, found)}
        did = [*([Did.CASE_MOVED] if found.moved else []), *await self._flagged(turn, who)]
        shown: list[str] = []
        for effect in turn.effects:
            match effect:
                case effects.Say() | effects.ForgetPerson() | effects.UseReturnCode():
                    pass
                case effects.FlagService() | effects.NothingFit() | effects.RateService():
                    pass  # flagged above; counted once the turn is kept
                case effects.OpenCase() if found.taken is not None:
                    theirs[found.taken.row.id] = found.taken.row.organisation
                case effects.OpenCase():
                    opened = await self._open(effect, delivery, who, found)
                    if opened:
                        cases[opened] = None
                    theirs[opened] = effect.organisation
                    did.append(Did.CASE_OPENED)
                case effects.DropRoute():
                    did.append(Did.ROUTE_DROPPED)
                case _:
                    known = found.case(effect.case)
                    message = message_key(delivery.message)
                    done = await self._tend(effect, known, message=message, theirs=found.cases)
                    did += [done] if done is not None else []
                    if known is not None and done is Did.CASE_DELETED:
                        del cases[known.row.id]
                        theirs.pop(known.row.id, None)
                    if known is not None and done is Did.NOTES_READ:
                        shown += [note.id for note in known.notes]
        route = await self._keep_routes(turn, delivery, cases, found)
        return Done(tuple(cases), tuple(dict.fromkeys(theirs.values())), route, tuple(did), tuple(shown))

    async def _keep_routes(
        self, turn: Turn, delivery: Delivery, cases: Mapping[str, Known | None], found: Found
    ) -> bool:
        """Keep the ways on which answers may come by themselves, destroy every other; whether any is kept.

        While the person writes to one of several cases, only its answer comes by itself: what they write back would go
        to that case. The other's waits for the next message.
        """
        into = turn.session.into if turn.session is not None else ""
        ways = [case for case, known in cases.items() if may_come_back(turn, known, found)]
        if into in cases:
            ways = [case for case in ways if case == into]
        for case in ways:
            await self._routes.keep(CaseId(case), delivery.address, seconds=ROUTE_SECONDS)
        theirs = dict.fromkeys((*(known.row.id for known in found.cases), *cases))
        for case in theirs:
            if case not in ways:
                await self._routes.forget(CaseId(case))
        for case in found.before:
            if case not in theirs:
                await self.drop_route(case, (delivery.address, *delivery.also))
        return bool(ways)

    async def drop_route(self, case: str, addresses: Collection[object]) -> None:
        """Destroy the way back to these addresses; one to where a return code took the case stays."""
        if await self._routes.find(CaseId(case)) in addresses:
            await self._routes.forget(CaseId(case))

    async def _flagged(self, turn: Turn, who: Pseudonym) -> list[Did]:
        """Report the services that the person says something was wrong with, or that were not safe."""
        did: list[Did] = []
        for effect in turn.effects:
            if isinstance(effect, effects.FlagService):
                await self._services.flag(who, effect.service)
                did.append(Did.SERVICE_FLAGGED)
            elif isinstance(effect, effects.RateService) and effect.outcome == "not_safe":
                try:
                    await self._services.flag(who, effect.service)
                except ConflictError as full:
                    if (
                        full.code != FULL
                    ):  # it is counted all the same, and nothing said that it is looked into
                        raise
                else:
                    did.append(Did.SERVICE_FLAGGED)
        return did

    async def _open(self, wanted: effects.OpenCase, delivery: Delivery, who: Pseudonym, found: Found) -> str:
        """Queue a case; its id. While the keys are locked one that can have no answer, and so no id to come back to.

        Then nobody can be recognised: how often is counted in memory only.
        """
        messages = [message_key(delivery.message)]
        if not self._recognise.locked:
            fingerprint = await self._recognise.fingerprint(who, delivery.address, live=True)
            if wanted.referred_from:
                known = found.case(wanted.referred_from)
                yes = yes_key(delivery.message)
                referred = await self._refer.accept(wanted, known, fingerprint=fingerprint, message=yes)
                return referred.id
            gate = Gate(wanted.discreet, wanted.check_word)  # silence chosen for a declined case holds on
            opened = await self._open_case(wanted, fingerprint=fingerprint, messages=messages, gate=gate)
            return opened.id
        if not await self._limits.allow(b"one-way" + who.encode(), limit=_ONE_WAY_AN_HOUR, seconds=3600):
            raise ConflictError("turn.busy")
        await self._open_case.one_way(wanted, messages=messages)
        return ""

    async def _let_go(self, turn: Turn, spoilt: Sequence[Spoilt]) -> None:
        """A row that somebody else wrote loses the person's name once they were told, erase, or need it for a new case."""
        if spoilt and (SPOILT in turn.trace or opens_case(turn.effects) or forgets_person(turn.effects)):
            logger().error("case.spoilt")
            for each in spoilt:
                await self._extend_case.let_go(each.row)
