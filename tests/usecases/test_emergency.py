"""Two people and the emergency services: both in the audit, the person told before where it is safe, nothing by itself."""

import json
from collections.abc import Awaitable, Callable, Sequence

import pytest

from bot.handoff.emergency import ANSWER_WITHIN, Stand
from bot.kernel.audit import AuditEntry
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId, Pseudonym
from bot.ports import SessionStore, StaffRow, Stored
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseDesk
from bot.usecases.decide_emergency import DecideEmergency, Decisions
from bot.usecases.send_reply import Reply, Sent
from bot.web.caring import caring
from tests.usecases.house import DEMO, Caseworker, House

TOLD = "Two of us agreed to call the emergency services"


def deciding(house: House) -> DecideEmergency:
    return caring(house.fener).emergency


async def a_case_in_danger(house: House, *, answered: bool = True) -> tuple[Caseworker, Caseworker, CaseId]:
    """Ana has it, Mina is a colleague."""
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    sam = house.person()
    await sam.hand_over()
    await sam.say("I want to kill myself")
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    if answered:
        await ana.reply(case, "I am here with you.")
    return ana, mina, case


async def agreed(house: House, *, safe: bool = True) -> tuple[Caseworker, Caseworker, CaseId]:
    ana, mina, case = await a_case_in_danger(house)
    await deciding(house).ask(ana.row, case, safe=safe)
    await mina.read(case)
    await deciding(house).agree(mina.row, case, safe=safe)
    return ana, mina, case


async def stand(house: House, case: CaseId) -> Stand | None:
    found = await deciding(house).stands(case)
    return None if found is None else found[1]


async def emergency_lines(house: House) -> list[tuple[str, str]]:
    lines = [json.loads(row["line"]) for row in await house.rows("audit") if row["organisation"] == DEMO]  # type: ignore[arg-type]  # a column of bytes
    return [(line["event"], line["actor"]) for line in lines if "emergency" in line["event"]]


async def test_two_decide_the_person_hears_it_first_and_both_are_in_the_audit(house: House) -> None:
    ana, mina, case = await agreed(house)

    with pytest.raises(RefusedError, match=r"emergency\.tell"):
        await deciding(house).called(ana.row, case)
    sent = await deciding(house).tell(ana.row, case, await ana.written(case, TOLD))
    assert sent.delivered
    assert TOLD in house.messenger.heard
    assert await stand(house, case) is Stand.TOLD
    await deciding(house).called(ana.row, case)

    assert await stand(house, case) is None
    assert await emergency_lines(house) == [
        ("case.emergency-asked", ana.row.id),
        ("case.emergency-agreed", mina.row.id),
        ("case.emergency-called", ana.row.id),
    ]


async def test_where_two_decide_that_it_is_not_safe_nothing_is_said_to_the_person(house: House) -> None:
    ana, mina, case = await agreed(house, safe=False)
    before = house.messenger.heard

    with pytest.raises(RefusedError, match=r"emergency\.safe"):
        await deciding(house).tell(ana.row, case, await ana.written(case, TOLD))
    await deciding(house).called(mina.row, case)

    assert house.messenger.heard == before


async def test_nobody_decides_alone_tells_alone_or_writes_alone_that_they_called(house: House) -> None:
    ana, mina, case = await a_case_in_danger(house)
    decide = deciding(house)
    for deed in (decide.called(ana.row, case), decide.agree(mina.row, case, safe=True)):
        with pytest.raises(RefusedError, match=r"emergency\.none"):
            await deed
    await decide.ask(ana.row, case, safe=True)
    told = await ana.written(case, TOLD)
    for deed in (decide.agree(ana.row, case, safe=True), decide.called(ana.row, case)):
        with pytest.raises(RefusedError, match=r"emergency\.alone"):
            await deed
    with pytest.raises(RefusedError, match=r"emergency\.alone"):
        await decide.tell(ana.row, case, told)

    assert TOLD not in house.messenger.heard
    assert await emergency_lines(house) == [("case.emergency-asked", ana.row.id)]


async def test_the_second_person_has_read_the_case(house: House) -> None:
    ana, mina, case = await a_case_in_danger(house)
    await deciding(house).ask(ana.row, case, safe=True)

    with pytest.raises(RefusedError, match=r"emergency\.unread"):
        await deciding(house).agree(mina.row, case, safe=True)
    await mina.read(case)
    await deciding(house).agree(mina.row, case, safe=True)

    assert await stand(house, case) is Stand.AGREED


async def test_who_does_not_have_the_case_does_not_ask(house: House) -> None:
    _, mina, case = await a_case_in_danger(house)

    with pytest.raises(RefusedError, match=r"emergency\.case"):
        await deciding(house).ask(mina.row, case, safe=True)


async def test_nobody_of_another_organisation_learns_of_it_or_agrees(house: House) -> None:
    await house.founded()
    ana, _, case = await a_case_in_danger(house)
    await deciding(house).ask(ana.row, case, safe=True)

    for deed in (
        deciding(house).agree(house.lead.row, case, safe=True),
        deciding(house).seen(house.lead.row, case),
    ):
        with pytest.raises(RefusedError, match=r"case\.unknown"):
            await deed


async def test_a_colleague_who_does_not_agree_ends_it(house: House) -> None:
    ana, mina, case = await a_case_in_danger(house)
    await deciding(house).ask(ana.row, case, safe=True)

    await deciding(house).drop(mina.row, case)

    assert await stand(house, case) is Stand.DROPPED
    with pytest.raises(RefusedError, match=r"emergency\.none"):
        await deciding(house).called(ana.row, case)
    await deciding(house).ask(ana.row, case, safe=False)
    assert await stand(house, case) is Stand.ASKED


async def test_who_agrees_agrees_to_what_they_read_and_not_to_what_was_asked_in_its_place(
    house: House,
) -> None:
    ana, mina, case = await a_case_in_danger(house)
    decide = deciding(house)
    await decide.ask(ana.row, case, safe=True)
    await mina.read(case)
    await decide.drop(ana.row, case)
    await decide.ask(ana.row, case, safe=False)

    with pytest.raises(RefusedError, match=r"emergency\.none"):
        await decide.agree(mina.row, case, safe=True)

    assert await stand(house, case) is Stand.ASKED


Meanwhile = Callable[[], Awaitable[None]]


class Replying:
    """Sends a reply while something happens."""

    def __init__(self, house: House, meanwhile: Meanwhile) -> None:
        self._send, self._meanwhile = house.fener.staff.reply, meanwhile

    async def __call__(self, staff: StaffRow, case: CaseId, reply: Reply) -> Sent:
        sent = await self._send(staff, case, reply)
        await self._meanwhile()
        return sent


class Writing(SqlAuditTrail):
    """Writes a line of the audit while something happens."""

    def __init__(self, house: House, meanwhile: Meanwhile) -> None:
        super().__init__(house.fener.database)
        self._meanwhile = meanwhile

    async def append(
        self,
        entry: AuditEntry,
        hour: int,
        *,
        then: Callable[[Sequence[bytes]], AuditEntry | None] | None = None,
    ) -> None:
        await super().append(entry, hour, then=then)
        await self._meanwhile()


def decisions(house: House, sessions: SessionStore | None = None) -> Decisions:
    fener = house.fener
    return Decisions(sessions=sessions or fener.memory.sessions, memory_key=fener.keys.memory_key)


class Overtaken:
    """A memory in which somebody else writes at the very moment of the first write."""

    def __init__(self, inner: SessionStore, meanwhile: Meanwhile) -> None:
        self._inner = inner
        self._once = [meanwhile]

    async def load(self, who: Pseudonym) -> Stored | None:
        return await self._inner.load(who)

    async def save(self, who: Pseudonym, sealed: bytes, *, expected: int, seconds: int) -> bool:
        while self._once:
            await self._once.pop()()
        return await self._inner.save(who, sealed, expected=expected, seconds=seconds)

    async def forget(self, who: Pseudonym) -> None:
        await self._inner.forget(who)


async def nothing() -> None:
    """Nothing happens meanwhile."""


@pytest.mark.parametrize("safe", [True, False])
async def test_of_two_who_step_at_the_same_moment_the_second_starts_from_what_the_first_did(
    house: House, safe: bool
) -> None:
    ana, mina, case = await a_case_in_danger(house)
    await deciding(house).ask(ana.row, case, safe=safe)
    await mina.read(case)
    memory = Overtaken(house.fener.memory.sessions, lambda: deciding(house).drop(ana.row, case))
    decide = deciding_while(house, nothing, memory)

    with pytest.raises(RefusedError, match=r"emergency\.none"):
        await decide.agree(mina.row, case, safe=safe)

    assert await stand(house, case) is Stand.DROPPED


def deciding_while(
    house: House, meanwhile: Meanwhile, sessions: SessionStore | None = None
) -> DecideEmergency:
    fener = house.fener
    return DecideEmergency(
        decisions=decisions(house, sessions),
        replies=Replying(house, meanwhile),  # type: ignore[arg-type]  # it is called and nothing else
        desk=SqlCaseDesk(fener.database),
        keys=fener.keys,
        staffing=fener.staffing,
        audit=Writing(house, meanwhile),
        clock=house.clock,
    )


async def test_a_no_while_the_person_is_told_stays_a_no(house: House) -> None:
    ana, mina, case = await agreed(house)
    decide = deciding_while(house, lambda: deciding(house).drop(mina.row, case))

    await decide.tell(ana.row, case, await ana.written(case, TOLD))

    assert await stand(house, case) is Stand.DROPPED


async def test_what_is_taken_back_while_somebody_agrees_is_not_agreed_to(house: House) -> None:
    ana, mina, case = await a_case_in_danger(house)
    await deciding(house).ask(ana.row, case, safe=True)
    await mina.read(case)
    decide = deciding_while(house, lambda: deciding(house).drop(ana.row, case))

    with pytest.raises(RefusedError, match=r"emergency\.none"):
        await decide.agree(mina.row, case, safe=True)

    assert await stand(house, case) is Stand.DROPPED


async def test_without_an_answer_nothing_is_decided_and_that_is_said(house: House) -> None:
    ana, mina, case = await a_case_in_danger(house)
    await deciding(house).ask(ana.row, case, safe=True)
    await mina.read(case)

    house.clock.move(seconds=ANSWER_WITHIN.total_seconds())

    assert await stand(house, case) is Stand.LAPSED
    with pytest.raises(RefusedError, match=r"emergency\.none"):
        await deciding(house).agree(mina.row, case, safe=True)


async def test_words_of_danger_alone_ask_nobody_and_call_nobody(house: House) -> None:
    _, _, case = await a_case_in_danger(house)

    assert await stand(house, case) is None
    assert await emergency_lines(house) == []


async def test_a_restart_decides_nothing_and_the_disk_holds_ids_in_the_audit_only(house: House) -> None:
    ana, _, case = await agreed(house)
    before = await house.rows("cases")

    await house.restart()

    assert await stand(house, case) is None
    assert await house.rows("cases") == before
    with pytest.raises(RefusedError, match=r"emergency\.none"):
        await deciding(house).called(ana.row, case)
