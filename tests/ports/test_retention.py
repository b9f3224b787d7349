from dataclasses import replace

from bot.handoff.retention import Cutoffs
from bot.kernel.audit import AuditEntry, AuditEvent
from bot.kernel.rows import StaffSession
from bot.ports import Invite, ReturnCodeRow
from bot.storage.audit import SqlAuditTrail, first_break
from bot.storage.cases import SqlCaseDesk, SqlCaseQueue
from bot.storage.database import Database
from bot.storage.mailboxes import SqlMailboxes
from bot.storage.retention import SqlRetention
from bot.storage.return_codes import SqlReturnCodes
from bot.storage.staff import SqlStaffRegister, SqlStaffSessions
from bot.storage.tables import metadata
from tests.ports.examples import HOUR, a_case, a_caseworker, a_note, after_reply, an_envelope, closed

NEVER = 0


async def test_unread_and_read_notes_go_each_after_their_time(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes, retention: SqlRetention
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    notes = [a_note(case, sequence=number, hour=HOUR + number) for number in range(1, 5)]
    for note in notes:
        answered = after_reply(case)
        await desk.reply(answered, note, None, expected=case)
        case = answered
    await mailboxes.delivered([notes[0].id], HOUR + 20)
    await mailboxes.delivered([notes[2].id], HOUR + 10)

    # Unread: numbers 2 and 4, of which 2 is too old. Read: 1 and 3, of which 3 was shown long ago.
    gone = await retention.expire_notes(unread_before=HOUR + 4, delivered_before=HOUR + 20)

    assert gone == 2
    assert [note.id for note in await mailboxes.waiting(case.id)] == [notes[0].id, notes[3].id]


async def test_cases_go_after_close_and_at_the_latest_after_opening_with_all_that_hangs_on_them(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes, retention: SqlRetention
) -> None:
    long_closed, just_closed, very_old, fresh = (
        a_case(opened_hour=HOUR + opened) for opened in (10, 10, 0, 10)
    )
    for case in (long_closed, just_closed, very_old, fresh):
        await queue.open(case, an_envelope(case), [case.id.encode()])
        note = a_note(case)
        await desk.reply(after_reply(case), note, None, expected=case)
        if case is not very_old:
            await mailboxes.delivered([note.id], HOUR)
    for case, hour in ((long_closed, HOUR + 11), (just_closed, HOUR + 12)):
        await desk.write(closed(after_reply(case), hour), expected=after_reply(case))

    gone = await retention.expire_cases(closed_before=HOUR + 12, opened_before=HOUR + 1)

    assert gone == 2
    assert await desk.read(long_closed.organisation, long_closed.id) is None
    assert await desk.read(very_old.organisation, very_old.id) is None
    assert await desk.read(just_closed.organisation, just_closed.id) is not None
    assert await desk.waiting(fresh.organisation) == [after_reply(fresh)]
    report = await retention.report()
    assert (report["cases"], report["envelopes"], report["notes"], report["seen"]) == (2, 2, 2, 2)


async def test_the_last_reply_of_a_closed_case_waits_its_thirty_days_while_the_envelopes_go(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes, retention: SqlRetention
) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])
    note = a_note(case)
    await desk.reply(after_reply(case), note, an_envelope(case, direction="out"), expected=case)
    reply_waits = replace(closed(after_reply(case)), pseudonym=case.pseudonym)
    await desk.write(reply_waits, expected=after_reply(case))

    assert await retention.expire_cases(closed_before=HOUR + 1, opened_before=NEVER) == 0
    assert await desk.read(case.organisation, case.id) == (reply_waits, [])
    assert await mailboxes.waiting(case.id) == [note]

    await retention.expire_notes(unread_before=HOUR + 1, delivered_before=NEVER)
    assert await retention.expire_cases(closed_before=HOUR + 1, opened_before=NEVER) == 1
    assert await desk.read(case.organisation, case.id) is None


async def test_when_nothing_is_due_nothing_goes(queue: SqlCaseQueue, retention: SqlRetention) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [])

    assert await retention.expire_cases(closed_before=HOUR, opened_before=HOUR) == 0
    assert await retention.expire_notes(unread_before=NEVER, delivered_before=NEVER) == 0
    assert await retention.expire_access(now=NEVER) == 0
    assert await retention.expire_audit({}) == 0


async def test_invitations_and_console_sessions_go_when_they_end(
    database: Database, retention: SqlRetention
) -> None:
    register, sessions = SqlStaffRegister(database), SqlStaffSessions(database)
    robin = a_caseworker()
    for token, ends in ((b"enrols", 500), (b"ended", 100), (b"lasts", 200)):
        await register.invite(Invite(token, "demo-lantern", "caseworker", ends))
    assert await register.redeem(b"enrols", 99, robin)
    await sessions.open(StaffSession(b"ended", robin.id, 100))
    await sessions.open(StaffSession(b"lasts", robin.id, 200))

    assert await retention.expire_access(now=100) == 2

    assert await register.peek(b"lasts", 99)
    assert await sessions.find(b"lasts", 99) is not None
    assert await sessions.find(b"ended", 99) is None


async def test_old_audit_lines_go_and_what_stays_is_a_whole_chain_that_goes_on(
    database: Database, retention: SqlRetention
) -> None:
    trail = SqlAuditTrail(database)
    for hour in range(5):
        await trail.append(AuditEntry("demo-lantern", AuditEvent.CASE_READ, "operator"), HOUR + hour)
    await trail.append(AuditEntry("demo-harbour", AuditEvent.CASE_READ, "operator"), HOUR)

    assert await retention.expire_audit({"demo-lantern": 3, "demo-harbour": 0}) == 3
    assert await retention.expire_audit({"demo-lantern": 100}) == 1  # the newest line of each chain stays
    await trail.append(AuditEntry("demo-lantern", AuditEvent.CASE_CLOSED, "operator"), HOUR + 100)

    chain = await trail.chain("demo-lantern")
    assert len(chain) == 2
    assert first_break(chain) is None
    assert len(await trail.chain("demo-harbour")) == 1


async def test_the_report_counts_every_table(queue: SqlCaseQueue, retention: SqlRetention) -> None:
    case = a_case()
    await queue.open(case, an_envelope(case), [b"one", b"two"])

    report = await retention.report()

    assert set(report) == set(metadata.tables)
    assert (report["cases"], report["envelopes"], report["seen"], report["staff"]) == (1, 1, 2, 0)


async def test_cases_whose_tie_nobody_needs_are_found_and_no_others(
    queue: SqlCaseQueue, desk: SqlCaseDesk, mailboxes: SqlMailboxes, retention: SqlRetention
) -> None:
    open_now, over, unread, read, lapsed, loose = (a_case(epoch=epoch) for epoch in (7, 7, 7, 7, 5, 7))
    for case in (open_now, over, unread, read, lapsed, loose):
        await queue.open(case, an_envelope(case), [])
    for case in (unread, read):
        await desk.reply(after_reply(case), a_note(case), None, expected=case)
    [note] = await mailboxes.waiting(read.id)
    await mailboxes.delivered([note.id], HOUR)
    for case in (over, after_reply(unread), after_reply(read)):
        await desk.write(replace(case, status="closed", closed_hour=HOUR), expected=case)
    await desk.write(closed(loose), expected=loose)

    assert {row.id for row in await retention.tied(oldest_epoch=6)} == {over.id, lapsed.id}
    await mailboxes.delete([note.id])
    assert {row.id for row in await retention.tied(oldest_epoch=6)} == {over.id, read.id, lapsed.id}


async def test_what_should_be_gone_already_is_counted_and_not_deleted(
    database: Database, queue: SqlCaseQueue, desk: SqlCaseDesk, retention: SqlRetention
) -> None:
    old, fresh = a_case(opened_hour=HOUR - 10), a_case()
    for case in (old, fresh):
        await queue.open(case, an_envelope(case), [])
        await desk.reply(after_reply(case), a_note(case, hour=case.opened_hour), None, expected=case)
    due = Cutoffs(
        notes_unread_before=HOUR - 5,
        notes_delivered_before=NEVER,
        cases_closed_before=NEVER,
        cases_opened_before=HOUR - 9,
        codes_made_before=HOUR - 5,
    )
    code = ReturnCodeRow(old.id, b"name", b"sealed", 7, HOUR - 6)
    await SqlReturnCodes(database).keep(code, expected=after_reply(old))

    assert await retention.overdue(due) == {"notes": 1, "cases": 1, "return_codes": 1}
    assert (await retention.report())["cases"] == 2

    await retention.expire_notes(unread_before=HOUR - 5, delivered_before=NEVER)
    await retention.expire_cases(closed_before=NEVER, opened_before=HOUR - 9)
    assert await retention.overdue(due) == {}
