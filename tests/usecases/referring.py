"""Two organisations and somebody between them: what caseworkers' machines and people do when one refers to another."""

from bot.crypto.acknowledgement import sign_wishes_read
from bot.crypto.envelope import HeaderFields, seal
from bot.crypto.mailbox import seal_note, sign_note
from bot.handoff.referral import ReferralOffer, ReferralState
from bot.handoff.summary import CaseMessage
from bot.kernel.ids import CaseId
from bot.ports import CaseRow
from bot.storage.cases import SqlCaseDesk
from bot.usecases.kept_referrals import Side
from bot.usecases.send_reply import Reply
from bot.wiring import keeping_referrals
from tests.usecases.house import DEMO, Caseworker, House, Person

WHEELS = "rs-demo-wheels"
GARDEN = "rs-demo-garden"
PONTE = "pt-demo-ponte"
YES = "Yes, send this"
FIELDS = (("place", "Belgrade, near the park"), ("note", "Needs a doctor this week"))


async def question(
    house: House,
    worker: Caseworker,
    case: str,
    *,
    to: str = WHEELS,
    queue: str = "health",
    fields: tuple[tuple[str, str], ...] = FIELDS,
) -> Reply:
    """The sealed and signed question as a caseworker's machine makes it."""
    row, _ = await house.fener.staff.read(worker.row, CaseId(case))
    sequence = row.note_sequence + 1
    offer = ReferralOffer(to, queue, fields)
    body = CaseMessage("referral", "", house.clock.now(), offer=offer).to_bytes()
    place = {"case": case, "organisation": worker.organisation}
    sealed = seal_note(await worker.mailbox(case), body, sequence=sequence, **place)
    header = HeaderFields(CaseId(case), worker.organisation, sequence, "out", row.epoch)
    keyring = await worker.keyring()
    copy = seal(body, [m.duty for m in keyring.members if m.duty is not None], header, worker.identity)
    return Reply(
        sequence,
        sealed,
        sign_note(worker.identity, sealed, sequence=sequence, **place),
        copy,
        wishes_read=sign_wishes_read(worker.identity, **place),
    )


async def offer(
    house: House,
    worker: Caseworker,
    case: str,
    *,
    to: str = WHEELS,
    queue: str = "health",
    fields: tuple[tuple[str, str], ...] = FIELDS,
) -> bool:
    """Ask the person as `fener case refer` does."""
    asked = await question(house, worker, case, to=to, queue=queue, fields=fields)
    return await house.fener.staff.refer(worker.row, CaseId(case), to=to, queue=queue, question=asked)


async def claimed(house: House, worker: Caseworker, sam: Person) -> CaseRow:
    """A case of this person that the caseworker leads."""
    await sam.hand_over()
    row = await house.case()
    return await house.fener.staff.claim(worker.row, row.id)


async def read_question(sam: Person) -> str:
    """From the next word to the question."""
    said = await sam.say("hello again")
    assert "There is a note. Is now a good time?" in said
    return await sam.choose("Read")


async def sent(house: House, ana: Caseworker, sam: Person) -> tuple[CaseRow, CaseRow]:
    """A case and the second one that came of it."""
    case = await claimed(house, ana, sam)
    await offer(house, ana, case.id)
    await read_question(sam)
    await sam.choose(YES)
    second = await case_at(house, WHEELS)
    assert second is not None
    return case, second


async def case_at(house: House, organisation: str) -> CaseRow | None:
    """The one open case of an organisation, if there is any."""
    rows = await SqlCaseDesk(house.fener.database).waiting(organisation)
    assert len(rows) < 2
    return rows[0] if rows else None


async def side(house: House, case: str) -> Side:
    """The only referral that a case made."""
    kept = keeping_referrals(house.fener.database, house.fener.keys, house.clock)
    [found] = [each for each in await kept.of(CaseId(case)) if not each.kept.is_received]
    return found


async def state(house: House, case: str) -> ReferralState:
    """How it stands."""
    return (await side(house, case)).kept.state


async def events(house: House, organisation: str = DEMO) -> list[str]:
    """What the audit of an organisation tells, in order."""
    lines = [row for row in await house.rows("audit") if row["organisation"] == organisation]
    found = sorted(lines, key=lambda row: int(str(row["position"])))
    return [bytes(row["line"]).decode().partition('"event":"')[2].partition('"')[0] for row in found]  # type: ignore[call-overload]
