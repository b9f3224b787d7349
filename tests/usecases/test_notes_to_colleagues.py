"""Notes between colleagues and giving a case back: sealed, signed, never sent to the person."""

import pytest

from bot.crypto.envelope import HeaderFields, Way, seal
from bot.handoff.summary import CaseMessage
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.usecases.add_note import TeamNote
from tests.usecases.house import WORDS, Caseworker, House


async def note_by(
    house: House,
    worker: Caseworker,
    case: str,
    words: str,
    *,
    sequence: int = 1,
    way: Way = "internal",
    signer: Caseworker | None = None,
) -> TeamNote:
    """A note as a caseworker's machine makes it."""
    row = await house.case()
    keyring = await worker.keyring()
    body = CaseMessage("internal", words, house.clock.now()).to_bytes()
    header = HeaderFields(case, worker.organisation, sequence, way, row.epoch)
    able = [member.duty for member in keyring.members if member.duty is not None]
    return TeamNote(sequence, seal(body, able, header, (signer or worker).identity))


async def test_a_note_is_read_by_colleagues_and_never_by_the_person(house: House) -> None:
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id

    await house.fener.staff.note(mina.row, case, await note_by(house, mina, case, "I know the place"))

    _, messages = await ana.read(case)
    assert [(each.kind, each.text) for each in messages] == [("internal", "I know the place")]
    assert await house.rows("notes") == []
    assert "I know the place" not in house.messenger.heard
    assert "I know the place" not in await sam.say("hello?")


async def test_a_case_given_back_waits_again_with_its_reason_and_a_colleague_takes_it(house: House) -> None:
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    await house.person().hand_over()
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)

    row = await house.fener.staff.give_back(ana.row, case, await note_by(house, ana, case, "My shift ends"))

    assert (row.status, row.claimed_by) == ("waiting", None)
    summary, messages = await mina.read(case)
    assert summary.note == WORDS
    assert [each.text for each in messages] == ["My shift ends"]
    assert (await house.fener.staff.claim(mina.row, case)).claimed_by == mina.row.id
    events = b"".join(bytes(line) for line in await chain(house, ana.organisation))
    assert b"case.returned" in events


async def chain(house: House, organisation: str) -> list[bytes]:
    rows = await house.rows("audit")
    return [row["line"] for row in rows if row["organisation"] == organisation]  # type: ignore[misc]  # a column of bytes


async def test_only_who_has_a_case_gives_it_back(house: House) -> None:
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    await house.person().hand_over()
    case = (await house.case()).id
    with pytest.raises(RefusedError, match=r"case\.status"):
        await house.fener.staff.give_back(ana.row, case, await note_by(house, ana, case, "no"))
    await house.fener.staff.claim(ana.row, case)
    with pytest.raises(RefusedError, match=r"case\.claimed"):
        await house.fener.staff.give_back(mina.row, case, await note_by(house, mina, case, "no"))
    assert (await house.case()).claimed_by == ana.row.id


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("note.sequence", {"sequence": 2}),
        ("envelope.elsewhere", {"way": "out"}),
        ("envelope.elsewhere", {"case": "0" * 32}),
        ("envelope.signature", {"signer": "mina"}),
        ("envelope.format", {"sealed": b"{}"}),
    ],
)
async def test_a_note_that_does_not_verify_is_not_kept(
    house: House, code: str, changes: dict[str, object]
) -> None:
    ana, mina = await house.caseworker("Ana"), await house.caseworker("Mina", role="caseworker")
    await house.person().hand_over()
    case = (await house.case()).id
    sequence = int(str(changes.get("sequence", 1)))
    way: Way = "out" if "way" in changes else "internal"
    made = await note_by(
        house,
        ana,
        str(changes.get("case", case)),
        "forged",
        sequence=sequence,
        way=way,
        signer=mina if "signer" in changes else None,
    )
    if "sealed" in changes:
        made = TeamNote(sequence, b"{}")

    with pytest.raises(RefusedError) as refused:
        await house.fener.staff.note(ana.row, case, made)

    assert refused.value.code == code
    assert [row["direction"] for row in await house.rows("envelopes")] == ["in"]


async def test_another_organisation_can_neither_write_nor_learn_of_a_case(house: House) -> None:
    ana = await house.caseworker("Ana")
    await house.person().hand_over()
    case = (await house.case()).id
    stranger = await house.caseworker("Eve", organisation="pt-demo-farol")
    made = await note_by(house, ana, case, "hello")
    for wanted in (case, CaseId("0" * 32)):
        with pytest.raises(RefusedError, match=r"case\.unknown"):
            await house.fener.staff.note(stranger.row, wanted, made)


async def test_a_closed_case_takes_no_more_notes(house: House) -> None:
    ana = await house.caseworker("Ana")
    await house.person().hand_over()
    case = (await house.case()).id
    made = await note_by(house, ana, case, "too late")
    await house.fener.staff.close(ana.row, case)
    with pytest.raises(RefusedError, match=r"case\.closed"):
        await house.fener.staff.note(ana.row, case, made)
