from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports import CaseRow, NoteRow
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.mailboxes import SqlMailboxes
from tests.ports.examples import HOUR, a_case, a_note, after_reply, an_envelope


async def a_case_with_notes(
    queue: SqlCaseQueue, desk: SqlCaseDesk, count: int
) -> tuple[CaseRow, list[NoteRow]]:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    written = []
    for number in range(1, count + 1):
        written.append(a_note(case, sequence=number))
        answered = after_reply(case)
        await desk.reply(answered, written[-1], None, expected=case)
        case = answered
    return case, written


async def test_an_empty_mailbox_holds_nothing(mailboxes: SqlMailboxes) -> None:
    assert await mailboxes.waiting(a_case().id) == []


async def test_replies_wait_in_the_order_they_were_written(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes
) -> None:
    case, written = await a_case_with_notes(queue, desk, 12)

    assert await mailboxes.waiting(case.id) == written


async def test_a_note_that_was_shown_stays_until_it_is_deleted_and_keeps_its_first_hour(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes
) -> None:
    case, (first, second) = await a_case_with_notes(queue, desk, 2)

    await mailboxes.delivered([first.id], HOUR + 5)
    await mailboxes.delivered([first.id], HOUR + 9)
    await mailboxes.delivered([], HOUR)

    assert await mailboxes.waiting(case.id) == [replace(first, delivered_hour=HOUR + 5), second]


async def test_deleted_notes_are_gone_and_the_others_stay(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes
) -> None:
    case, (first, second, third) = await a_case_with_notes(queue, desk, 3)
    other, (foreign,) = await a_case_with_notes(queue, desk, 1)

    await mailboxes.delete([first.id, third.id])
    await mailboxes.delete([first.id])
    await mailboxes.delete([])

    assert await mailboxes.waiting(case.id) == [second]
    assert await mailboxes.waiting(other.id) == [foreign]


@given(sealed=st.binary(max_size=5000), signature=st.binary(max_size=64))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_bytes_a_note_holds_come_back_unchanged(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes, sealed: bytes, signature: bytes
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    note = replace(a_note(case, sealed=sealed), signature=signature)

    await desk.reply(after_reply(case), note, None, expected=case)

    assert await mailboxes.waiting(case.id) == [note]
