import asyncio
from dataclasses import replace

import pytest

from bot.kernel.errors import ConflictError
from bot.kernel.ids import CaseworkerId
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.retention import SqlRetention
from tests.ports.conftest import Opener
from tests.ports.examples import HOUR, a_case, a_note, after_message, after_reply, an_envelope, an_id, closed

OURS = "demo-lantern"
THEIRS = "demo-harbour"


async def test_open_cases_of_the_organisation_wait_oldest_first(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    newer, older = a_case(opened_hour=HOUR + 1), a_case(opened_hour=HOUR)
    done, foreign = a_case(), a_case(organisation=THEIRS)
    for case in (newer, older, done, foreign):
        await queue.open(case, an_envelope(case), [])
    await desk.write(closed(done), expected=done)

    assert await desk.waiting(OURS) == [older, newer]
    assert await desk.waiting(THEIRS) == [foreign]
    assert await desk.waiting("nobody") == []


async def test_a_case_is_read_with_its_envelopes_in_the_order_they_came(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case()
    said = [an_envelope(case)]
    await queue.open(case, said[0], [])
    answered = after_reply(case)
    said.append(an_envelope(case, direction="out"))
    await desk.reply(answered, a_note(case), said[1], expected=case)
    asked = after_message(answered)
    said.append(an_envelope(case, sequence=2))
    await queue.append(asked, said[2], [], expected=answered)
    again = after_reply(asked)
    said.append(an_envelope(case, sequence=2, direction="out"))
    await desk.reply(again, a_note(case, sequence=2), said[3], expected=asked)

    assert await desk.read(OURS, case.id) == (again, said)


async def test_no_call_reaches_the_case_of_another_organisation(
    queue: SqlCaseQueue, desk: SqlCaseDesk, retention: SqlRetention
) -> None:
    case = a_case(organisation=THEIRS)
    await queue.open(case, an_envelope(case), [])
    as_if_ours = replace(case, organisation=OURS)

    assert await desk.waiting(OURS) == []
    assert await desk.read(OURS, case.id) is None
    for expected in (case, as_if_ours):
        with pytest.raises(ConflictError):
            await desk.write(replace(as_if_ours, status="claimed"), expected=expected)
        with pytest.raises(ConflictError):
            await desk.reply(after_reply(as_if_ours), a_note(case), None, expected=expected)
    await desk.erase(OURS, case.id)

    found = await desk.read(THEIRS, case.id)
    assert found is not None
    assert found[0] == case
    assert (await retention.report())["notes"] == 0


async def test_a_row_is_replaced_when_it_is_still_the_one_that_was_read(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    claimed = replace(case, status="claimed", claimed_by=CaseworkerId(an_id()), mac=b"another")

    await desk.write(claimed, expected=case)

    assert await desk.waiting(OURS) == [claimed]


@pytest.mark.parametrize(
    "difference",
    [
        {"status": "claimed"},
        {"claimed_by": "0" * 32},
        {"pseudonym": None},
        {"note_sequence": 3},
        {"closed_hour": HOUR},
        {"mac": b"forged"},
        {"gate": b"other"},
    ],
)
async def test_a_row_that_differs_in_any_field_is_not_replaced(
    queue: SqlCaseQueue, desk: SqlCaseDesk, difference: dict[str, object]
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])

    with pytest.raises(ConflictError, match=r"case\.changed"):
        await desk.write(replace(case, urgency="now"), expected=replace(case, **difference))  # type: ignore[arg-type]  # parametrised

    assert await desk.waiting(OURS) == [case]


async def test_of_two_caseworkers_who_claim_at_once_one_wins(
    opener: Opener, queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    desks = [desk, SqlCaseDesk(await opener())]
    claims = [replace(case, status="claimed", claimed_by=CaseworkerId(an_id())) for _ in range(4)]

    done = await asyncio.gather(
        *(desks[number % 2].write(claim, expected=case) for number, claim in enumerate(claims)),
        return_exceptions=True,
    )

    winner = done.index(None)
    assert sum(isinstance(result, ConflictError) for result in done) == 3
    assert await desk.waiting(OURS) == [claims[winner]]


async def test_a_reply_puts_note_copy_and_row_in_one_commit(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes
) -> None:
    case = a_case()
    first = an_envelope(case)
    await queue.open(case, first, [])
    answered, note, copy = after_reply(case), a_note(case), an_envelope(case, direction="out")

    await desk.reply(answered, note, copy, expected=case)

    assert await desk.read(OURS, case.id) == (answered, [first, copy])
    assert await mailboxes.waiting(case.id) == [note]


async def test_a_reply_to_a_case_that_changed_leaves_nothing_behind(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes
) -> None:
    case = a_case()
    first = an_envelope(case)
    await queue.open(case, first, [])
    moved = after_message(case)
    second = an_envelope(case, sequence=2)
    await queue.append(moved, second, [], expected=case)

    with pytest.raises(ConflictError, match=r"case\.changed"):
        await desk.reply(after_reply(case), a_note(case), an_envelope(case, direction="out"), expected=case)

    assert await desk.read(OURS, case.id) == (moved, [first, second])
    assert await mailboxes.waiting(case.id) == []


async def test_a_reply_whose_number_was_used_leaves_nothing_behind(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    answered, note = after_reply(case), a_note(case)
    await desk.reply(answered, note, None, expected=case)

    with pytest.raises(ConflictError):
        await desk.reply(after_reply(answered), a_note(case, sequence=1), None, expected=answered)

    assert await desk.waiting(OURS) == [answered]
    assert await mailboxes.waiting(case.id) == [note]


async def test_an_erased_case_takes_everything_with_it(
    queue: SqlCaseQueue, desk: SqlCaseDesk, retention: SqlRetention
) -> None:
    case, other = a_case(), a_case()
    for opened in (case, other):
        await queue.open(opened, an_envelope(opened), [opened.id.encode()])
        await desk.reply(
            after_reply(opened), a_note(opened), an_envelope(opened, direction="out"), expected=opened
        )

    await desk.erase(OURS, case.id)
    await desk.erase(OURS, case.id)

    assert await desk.read(OURS, case.id) is None
    assert await queue.find([case.pseudonym or b""]) == []
    assert await desk.waiting(OURS) == [after_reply(other)]
    report = await retention.report()
    assert {name: report[name] for name in ("cases", "envelopes", "notes", "seen")} == {
        "cases": 1,
        "envelopes": 2,
        "notes": 1,
        "seen": 1,
    }


async def test_notes_of_colleagues_are_counted_for_open_cases_of_the_organisation_only(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    noted, silent, done, foreign = a_case(), a_case(), a_case(), a_case(organisation=THEIRS)
    for case in (noted, silent, done, foreign):
        await queue.open(case, an_envelope(case), [])
    for case, sequence in ((noted, 1), (noted, 2), (done, 1), (foreign, 1)):
        await queue.append(
            case, an_envelope(case, direction="internal", sequence=sequence), [], expected=case
        )
    await desk.write(closed(done), expected=done)

    assert await desk.counts(OURS) == {noted.id: 2}
    assert await desk.counts(THEIRS) == {foreign.id: 1}
    assert await desk.counts("nobody") == {}


async def test_envelopes_of_one_organisation_are_rewritten_where_they_change_and_nowhere_else(
    queue: SqlCaseQueue, desk: SqlCaseDesk
) -> None:
    ours, foreign = a_case(), a_case(organisation=THEIRS)
    for case in (ours, foreign):
        await queue.open(case, an_envelope(case), [])
    before = await desk.read(THEIRS, foreign.id)

    assert await desk.rewrite(OURS, lambda sealed: sealed) == 0
    assert await desk.rewrite(OURS, lambda sealed: sealed + b"!") == 1
    assert await desk.rewrite("nobody", lambda sealed: sealed + b"!") == 0

    found = await desk.read(OURS, ours.id)
    assert found is not None
    assert found[1][0].sealed.endswith(b"!")
    assert await desk.read(THEIRS, foreign.id) == before
