"""One week of a whole network: people who ask, go silent, come back; caseworkers who come on duty, and who walk away.

Everything goes through the use cases that also the channels and the console use, over SQLite; only time is made up.
The same seed gives the same week.
"""

import heapq
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random  # noqa: TID251  # the same week every time
from typing import Final

from bot.crypto.envelope import parse_envelope
from bot.handoff.roles import RECIPIENTS, StaffRole
from bot.kernel.errors import ConflictError, RefusedError
from bot.kernel.ids import CaseId
from bot.kernel.staff_address import StaffAddress
from bot.ports import CaseRow
from bot.storage.cases import SqlCaseDesk
from tests.usecases.house import START, Caseworker, House, Person

MONDAY: Final = START.replace(hour=0) + timedelta(days=3)
WEEK: Final = timedelta(days=7)
SHIFTS: Final = ((0, 12), (12, 24))
SUNDAY: Final = 6
LOOKS_EVERY: Final = timedelta(minutes=30)
"""How often somebody on duty goes through the whole queue."""

STANDS_UP_WITHIN: Final = (1, 6)
"""Minutes from a ring to somebody at their desk who stands up for it."""

CALLED_IN_WITHIN: Final = (3, 15)
"""The same for a lead who is rung elsewhere, off duty or away from the desk."""

LOOKS_EACH_MINUTE: Final = timedelta(minutes=25)
"""For so long the bell looks at an urgent case every minute; then, and at all else, with the half hours, when it rings."""

DESK_IS_EMPTY: Final = 0.12
"""How often somebody who signed on as on duty is not at the desk for the shift at all."""

DECLINED: Final = 0.08
"""How often an organisation says that it cannot take a case."""

LANGUAGES: Final = ("1", "1", "1", "2", "3", "4")
COUNTRIES: Final = {"RS": ("1",), "PT": ("2",), "BA": ("3", "1"), "ME": ("3", "2"), "MK": ("3", "3")}


@dataclass
class Asked:
    """One handoff as its person lived it. Times are simulated; None is never."""

    person: Person
    at: datetime
    urgent: bool
    complaint: bool
    designation: str = ""
    case: str = ""
    organisation: str = ""
    answered: bool = False
    told: str = ""
    """What the person read when it could not be queued."""


@dataclass
class Urgent:
    """One urgent case from the moment it was queued to the moment somebody had it."""

    at: datetime
    seen_at: datetime | None = None
    by_ring: bool = False

    def is_seen_within(self, minutes: float) -> bool:
        """Whether somebody had it so soon."""
        return self.seen_at is not None and self.seen_at - self.at <= timedelta(minutes=minutes)


@dataclass
class Week:
    """The network and what happened in it."""

    house: House
    handoffs: int
    random: Random
    teams: dict[str, list[Caseworker]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    """Ids of staff who are signed on and not at their desk."""
    asked: list[Asked] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    """What a person wrote and got no answer to."""
    rung_for_nothing: list[str] = field(default_factory=list)
    """Who was rung although nothing waited that they may see."""
    urgent: dict[str, Urgent] = field(default_factory=dict)
    """Every urgent case."""
    _by_chat: dict[str, Caseworker] = field(default_factory=dict)
    _plan: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)
    _mine: dict[str, Asked] = field(default_factory=dict)

    def at(self, when: datetime, deed: Callable[[], Awaitable[None]]) -> None:
        """Plan something; what is planned for the same moment happens in the order of planning."""
        heapq.heappush(self._plan, (when, next(self._order), deed))

    def after(self, deed: Callable[[], Awaitable[None]], *, minutes: float) -> None:
        self.at(self.house.clock.now() + timedelta(minutes=minutes), deed)

    async def run(self) -> None:
        """Enrol everybody, then live the week and the day after it, when nobody new asks."""
        self.house.clock.move(seconds=(MONDAY - self.house.clock.now()).total_seconds())
        await self._enrol()
        for number in range(self.handoffs):
            minutes = self.random.uniform(0, WEEK.total_seconds() / 60)
            self.at(MONDAY + timedelta(minutes=minutes), self._asking(number))
        for day in range(8):
            for number, (begin, end) in enumerate(SHIFTS):
                self.at(MONDAY + timedelta(days=day, hours=begin), self._shift(number, hours=end - begin))
        self.at(MONDAY + timedelta(minutes=17), self._look_through)
        self.at(MONDAY, self._half_hour)
        while self._plan:
            when, _, deed = heapq.heappop(self._plan)
            if when > MONDAY + WEEK + timedelta(days=1):
                break
            self.house.clock.move(seconds=max(0.0, (when - self.house.clock.now()).total_seconds()))
            await deed()

    # --- the network ----------------------------------------------------------------------------------

    async def _enrol(self) -> None:
        """Two caseworkers and a lead in every member, and a focal point where complaints are taken."""
        network = self.house.library.directory.network
        independent = {name for name, queue in network.queues.items() if queue.independent}
        for member in network.members:
            roles = [StaffRole.LEAD, *[StaffRole.CASEWORKER] * 2]
            roles += [StaffRole.FOCAL_POINT] if independent.intersection(member.queues) else []
            self.teams[member.organisation] = [
                await self.house.caseworker(
                    f"{role.value} {number}",
                    organisation=member.organisation,
                    role=role.value,
                    on_duty=False,
                )
                for number, role in enumerate(roles)
            ]
        for number, worker in enumerate(itertools.chain.from_iterable(self.teams.values())):
            chat, ways = f"{number:04}", self.house.fener.bell.ways
            assert await ways.link(await ways.code(worker.row), StaffAddress("telegram", chat))
            self._by_chat[chat] = worker
        await self.house.fener.bell.ring(tuple(self.teams))  # it has run before: nothing waits

    def _shift(self, number: int, *, hours: int) -> Callable[[], Awaitable[None]]:
        async def begin() -> None:
            now = self.house.clock.now()
            for organisation, team in self.teams.items():
                if self._pauses(organisation, now):
                    self.happened["organisation paused"] += 1
                    continue
                for worker in (each for place, each in enumerate(team) if place in {0, 1 + number, 3}):
                    if number == 0 and now.weekday() == SUNDAY:
                        await self.house.fener.staff.duty.renew_key(
                            await worker.fresh_row(), worker.certificate()
                        )
                    await worker.go_on_duty(hours)
                    self.away.discard(worker.row.id)
                    if self.random.random() < DESK_IS_EMPTY:
                        self.away.add(worker.row.id)
                        self.happened["left duty without a word"] += 1

        return begin

    @staticmethod
    def _pauses(organisation: str, now: datetime) -> bool:
        """Each organisation but those that answer crises is away for one day of the week."""
        return (
            not organisation.endswith(("lantern", "bridge", "farol"))
            and len(organisation) % 7 == now.weekday()
        )

    def _at_desk(self, organisation: str, row: CaseRow) -> list[Caseworker]:
        """Those on duty who may see a case and look at their console."""
        complaint = self.house.library.directory.network.queues[row.queue].independent
        there = self._there(organisation)
        return [each for each in there if (each.row.role == StaffRole.FOCAL_POINT) is complaint]

    def _there(self, organisation: str) -> list[Caseworker]:
        """Those on duty who are at their desks."""
        now = self.house.clock.now()
        number = next(place for place, (begin, end) in enumerate(SHIFTS) if begin <= now.hour < end)
        if self._pauses(organisation, now - timedelta(hours=now.hour % 12)):
            return []
        return [
            worker
            for place, worker in enumerate(self.teams[organisation])
            if place in {0, 1 + number, 3} and worker.row.id not in self.away
        ]

    async def _look_through(self) -> None:
        """Everybody on duty goes through their queue: what waits is taken."""
        desk = SqlCaseDesk(self.house.fener.database)
        for organisation in self.teams:
            for row in await desk.waiting(organisation):
                if row.claimed_by is None and self._at_desk(organisation, row):
                    await self._take(organisation, row)
        self.after(self._look_through, minutes=LOOKS_EVERY.total_seconds() / 60)

    # --- the bell: the server's own, with a pager in place of the messenger -----------------------------

    async def _half_hour(self) -> None:
        """The bell's look at every queue in which something waits, as the server does it all the time."""
        desk = SqlCaseDesk(self.house.fener.database)
        for organisation in self.teams:
            if any(row.claimed_by is None for row in await desk.waiting(organisation)):
                await self._ring(organisation)
        self.after(self._half_hour, minutes=LOOKS_EVERY.total_seconds() / 60)

    def _watching(self, organisation: str, case: Urgent) -> Callable[[], Awaitable[None]]:
        """The bell's looks while an urgent request waits."""

        async def look() -> None:
            await self._ring(organisation)
            if case.seen_at is None and self.house.clock.now() - case.at < LOOKS_EACH_MINUTE:
                self.after(self._watching(organisation, case), minutes=1)

        return look

    async def _ring(self, organisation: str) -> None:
        """Let the bell look at this queue; whoever it rings comes, some at once and some later."""
        await self.house.fener.bell.ring([organisation])
        for chat in self.house.pager.heard():
            worker = self._by_chat[chat]
            self.happened["rung"] += 1
            if worker.organisation != organisation or not await self._waiting_for(worker):
                self.rung_for_nothing.append(worker.alias)
            if worker in self._there(organisation):
                self.after(self._coming(worker), minutes=self.random.uniform(*STANDS_UP_WITHIN))
            elif worker.row.role == StaffRole.LEAD and worker.row.id not in self.away:
                self.after(self._coming(worker), minutes=self.random.uniform(*CALLED_IN_WITHIN))

    async def _waiting_for(self, worker: Caseworker) -> list[CaseRow]:
        """What waits, the most urgent first, as this caseworker's own queue shows it."""
        rows = await self.house.fener.staff.read.queue(worker.row)
        return [row for row in rows if row.claimed_by is None]

    def _coming(self, worker: Caseworker) -> Callable[[], Awaitable[None]]:
        """Whoever was rung looks at the queue, and takes what waits first."""

        async def come() -> None:
            for row in (await self._waiting_for(worker))[:1]:
                await self._take(worker.organisation, row, rung=[worker])

        return come

    async def _take(self, organisation: str, row: CaseRow, *, rung: Sequence[Caseworker] = ()) -> None:
        worker = await self._who_can_open(organisation, row, first=rung)
        staff = self.house.fener.staff
        try:
            await staff.claim(worker.row, row.id)
        except RefusedError as refused:  # hands full: it waits on, and somebody has it in the end
            self.happened[f"could not claim: {refused.code}"] += 1
            return
        asked, urgent = self._mine[row.id], self.urgent.get(row.id)
        if urgent is not None and urgent.seen_at is None:
            urgent.seen_at, urgent.by_ring = self.house.clock.now(), bool(rung)
        if self.random.random() < DECLINED:
            await worker.decline(row.id)
            self.happened["declined"] += 1
            return
        if self.random.random() < 0.1:
            self.happened["claimed and never answered"] += 1
            return
        await worker.reply(row.id, f"Hello, I am {worker.alias}.")
        asked.answered = True
        self.after(self._closing(worker, row.id), minutes=self.random.uniform(60, 3000))

    async def _who_can_open(
        self, organisation: str, row: CaseRow, *, first: Sequence[Caseworker]
    ) -> Caseworker:
        """Who was rung, else one at a desk, whom every envelope is sealed to; where there is none, who else can."""
        there = self._at_desk(organisation, row)
        self.random.shuffle(there)
        others = [each for each in self.teams[organisation] if each not in there]
        for worker in (*first, *there, *others):
            if row.id not in {each.id for each in await self.house.fener.staff.read.queue(worker.row)}:
                continue
            _, envelopes = await self.house.fener.staff.read(worker.row, row.id)
            if all(worker.duty.kid in parse_envelope(each.sealed).recipients for each in envelopes):
                self.happened["called in"] += worker not in there and worker not in first
                return worker
        raise AssertionError(f"nobody of {organisation} can open what waits in {row.queue}")

    def _closing(self, worker: Caseworker, case: CaseId) -> Callable[[], Awaitable[None]]:
        async def close() -> None:
            try:
                await self.house.fener.staff.close(worker.row, case)
                self.happened["closed"] += 1
            except RefusedError as refused:
                self.happened[f"could not close: {refused.code}"] += 1  # its person erased it meanwhile
            except ConflictError:
                self.after(close, minutes=1)

        return close

    # --- the people -----------------------------------------------------------------------------------

    def _asking(self, number: int) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            drawn = self.random.random()
            person = self.house.person(f"4479{number:06}")
            asked = Asked(person, self.house.clock.now(), urgent=drawn < 0.3, complaint=drawn > 0.93)
            self.asked.append(asked)
            if asked.complaint:
                await self._complain(asked)
            else:
                await self._hand_over(asked)
            if asked.case:
                self._live_on(asked)

        return ask

    async def _say(self, asked: Asked, text: str) -> str:
        heard = await asked.person.say(text)
        if not heard.strip():
            self.silent.append(text)
        return heard

    async def _hand_over(self, asked: Asked) -> None:
        for text in ("hi", self.random.choice(LANGUAGES), "1"):
            await self._say(asked, text)
        if self.random.random() < 0.6:  # says where they are, on the way through a place to sleep
            for text in ("3", "1", "4", "4", "4", *self.random.choice(list(COUNTRIES.values()))):
                await self._say(asked, text)
        await self._say(asked, "9")
        asked.urgent = await self._choose(asked) if asked.urgent else await self._choose(asked, danger=False)
        await self._send(asked)

    async def _choose(self, asked: Asked, *, danger: bool = True) -> bool:
        """What it is about; whether that is urgent."""
        wanted = "1" if danger else self.random.choice("24")
        await self._say(asked, wanted)
        return danger

    async def _complain(self, asked: Asked) -> None:
        for text in ("hi", "1", "1", "8", "4", "1", "1", "1"):
            await self._say(asked, text)
        await self._send(asked)

    async def _send(self, asked: Asked) -> None:
        """Yes, with a few words; the words that a real helper will know, or what was said in their place."""
        heard = ""
        row: CaseRow | None = None
        for text in ("1", "Please help me"):
            heard = await self._say(asked, text)
            if (row := await self._new_case()) is not None:
                break
        if row is None:
            asked.told = heard
            return
        asked.designation = row.designation
        assert row.designation in heard  # the words that a real helper will know
        asked.case, asked.organisation = row.id, row.organisation
        asked.urgent = row.urgency == "now"
        self._mine[row.id] = asked
        if asked.urgent:
            urgent = self.urgent[row.id] = Urgent(self.house.clock.now())
            self.after(
                self._watching(row.organisation, urgent), minutes=self.random.uniform(0, 0.25)
            )  # it looks all 15 seconds

    async def _new_case(self) -> CaseRow | None:
        """What was queued just now: people ask one after the other, so it is this one's."""
        desk = SqlCaseDesk(self.house.fener.database)
        found = [row for each in self.teams for row in await desk.waiting(each) if row.id not in self._mine]
        return found[0] if found else None

    def _live_on(self, asked: Asked) -> None:
        """Half come back, some twice; some never write again; some erase all of it."""
        drawn = self.random.random()
        if drawn < 0.5:
            self.after(self._coming_back(asked), minutes=self.random.uniform(20, 2000))
        elif drawn < 0.6:
            self.after(self._erasing(asked), minutes=self.random.uniform(20, 2000))
        else:
            self.happened["went silent"] += 1

    def _coming_back(self, asked: Asked) -> Callable[[], Awaitable[None]]:
        async def come() -> None:
            heard = await self._say(asked, "hello?")
            if "Is now a good time?" in heard:
                heard = await self._say(asked, "1")
                self.happened["read an answer"] += "Hello, I am" in heard
            if "cannot take this" in heard:
                self.happened["heard that it was declined"] += 1
                await self._ask_the_next(asked, heard)
            if self.random.random() < 0.3:
                self.after(come, minutes=self.random.uniform(60, 2000))

        return come

    async def _ask_the_next(self, asked: Asked, heard: str) -> None:
        """Say yes to another organisation, where one is named; the numbers are there either way."""
        if "1 Yes" not in heard:
            asked.told = heard
            return
        await self._say(asked, "1")
        await self._send(asked)
        self.happened["asked another organisation"] += bool(asked.case)

    def _erasing(self, asked: Asked) -> Callable[[], Awaitable[None]]:
        async def erase() -> None:
            for text in ("erase", "1"):
                await self._say(asked, text)
            self.happened["erased"] += 1

        return erase

    # --- what is left at the end ----------------------------------------------------------------------

    async def rows(self) -> dict[str, dict[str, object]]:
        return {str(row["id"]): row for row in await self.house.rows("cases")}

    def recipients(self) -> list[Caseworker]:
        return [
            each for team in self.teams.values() for each in team if StaffRole(each.row.role) in RECIPIENTS
        ]
