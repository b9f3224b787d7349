"""Somebody who left opens no kept message any more, with none of their weekly keys; the others read on."""

import hashlib
from collections.abc import Collection
from typing import NamedTuple

import pytest

from bot.crypto.envelope import HeaderFields, Parsed, Recipient, check_envelope, parse_envelope, seal
from bot.crypto.identity import make_duty_key
from bot.crypto.keyring import remove_member
from bot.crypto.suites import SealingKey
from bot.crypto.wire import to_base64
from bot.handoff.summary import CaseMessage
from bot.kernel.errors import StorageError
from bot.kernel.ids import CaseId
from bot.ports import CaseRow, EnvelopeRow
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseQueue
from bot.usecases.add_note import TeamNote
from bot.usecases.destroy_wraps import DestroyWraps
from bot.usecases.dismiss_staff import DismissStaff
from bot.wiring import destroying_wraps
from tests.ports.examples import a_case, an_envelope
from tests.usecases.house import DEMO, OTHER, Caseworker, House, Person


def dismissing(house: House, wraps: DestroyWraps | None = None) -> DismissStaff:
    return DismissStaff(
        register=house.fener.staff.register,
        sessions=house.fener.staff.sessions,
        wraps=wraps or house.fener.wraps,
        staffing=house.fener.staffing,
        audit=SqlAuditTrail(house.fener.database),
        clock=house.clock,
    )


async def kept_envelopes(house: House) -> list[Parsed]:
    rows = await house.rows("envelopes")
    return [parse_envelope(bytes(row["sealed"])) for row in rows]  # type: ignore[call-overload]  # bytes


async def test_a_leavers_wraps_are_destroyed_in_every_kept_message_and_colleagues_read_on(
    house: House,
) -> None:
    ana, bo = await house.caseworker("Ana"), await house.caseworker("Bo", role="caseworker")
    sam = house.person()
    await sam.hand_over()
    await sam.say("it is cold here")
    case = (await house.case()).id
    assert [each.text for each in (await bo.read(case))[1]] == ["it is cold here"]
    kept = [bytes(row["sealed"]) for row in await house.rows("envelopes")]  # type: ignore[call-overload]  # bytes
    wraps = [parse_envelope(each).wraps[bo.duty.kid] for each in kept]
    assert all(wraps)

    await dismissing(house).leave(await bo.fresh_row())

    for row in await house.rows("envelopes"):
        after = parse_envelope(bytes(row["sealed"]))  # type: ignore[call-overload]  # bytes
        assert after.wraps[bo.duty.kid] is None
        assert after.wraps[ana.duty.kid] is not None
    for file in house.folder.glob("fener.db*"):
        for wrap in wraps:
            assert to_base64(wrap or b"").encode() not in file.read_bytes()
    assert [each.text for each in (await ana.read(case))[1]] == ["it is cold here"]
    await sam.say("are you there?")
    later = [parse_envelope(bytes(row["sealed"])) for row in await house.rows("envelopes")]  # type: ignore[call-overload]  # bytes
    newest = max(later, key=lambda each: each.header.seq)
    assert bo.duty.kid not in newest.recipients


async def test_a_certificate_written_into_the_database_destroys_nobody_elses_wraps(house: House) -> None:
    ana, bo = await house.caseworker("Ana"), await house.caseworker("Bo", role="caseworker")
    await house.person().hand_over()
    await house.write("UPDATE staff SET duty_certificate = :c WHERE alias = 'Bo'", c=ana.certificate())

    await dismissing(house).leave(await bo.fresh_row())

    [row] = await house.rows("envelopes")
    assert parse_envelope(bytes(row["sealed"])).wraps[ana.duty.kid]  # type: ignore[call-overload]  # bytes


class Weeks(NamedTuple):
    """A case that stayed open while its second recipient changed their weekly key twice."""

    stays: Caseworker
    leaves: Caseworker
    sam: Person
    case: str
    keys: tuple[SealingKey, ...]


async def three_weeks(house: House) -> Weeks:
    """Sam writes every week; in each one Bo has another key, and Ana as well."""
    ana, bo = await house.caseworker("Ana"), await house.caseworker("Bo", role="caseworker")
    sam = house.person()
    await sam.consent()
    await sam.say("I slept at the station again")
    keys = [bo.duty]
    for text in ("a week later", "two weeks later"):
        house.clock.move(days=7)
        for each in (ana, bo):
            each.duty = make_duty_key()
            row = await each.fresh_row()
            await house.fener.staff.duty.renew_key(row, each.certificate())
            await each.go_on_duty()
        keys.append(bo.duty)
        await sam.say(text)
    [first, *_] = await kept_envelopes(house)
    return Weeks(ana, bo, sam, first.header.case, tuple(keys))


async def open_to(house: House, keys: Collection[SealingKey]) -> int:
    """How many kept messages have a wrap for one of these keys."""
    kids = {key.kid for key in keys}
    return sum(
        any(wrap is not None and kid in kids for kid, wrap in each.wraps.items())
        for each in await kept_envelopes(house)
    )


async def test_no_weekly_key_of_a_leaver_opens_a_kept_message_also_not_an_older_one(house: House) -> None:
    weeks = await three_weeks(house)
    assert all([await open_to(house, [key]) for key in weeks.keys])
    others = await kept_envelopes(house)

    await dismissing(house).leave(await weeks.leaves.fresh_row())

    assert await open_to(house, weeks.keys) == 0
    theirs = {key.kid for key in weeks.keys}
    for before, after in zip(others, await kept_envelopes(house), strict=True):
        assert {kid: wrap for kid, wrap in before.wraps.items() if kid not in theirs} == {
            kid: wrap for kid, wrap in after.wraps.items() if kid not in theirs
        }
    keyring = await weeks.stays.keyring()
    for each in await kept_envelopes(house):  # and those who stay find nothing wrong with what is left
        check_envelope(
            each,
            expected=each.header.position,
            signers=keyring.signers(each.header.dir),
            left=keyring.left(each.recipients),
        )
    for file in house.folder.glob("fener.db*"):
        for each in others:
            for kid in theirs & set(each.recipients):
                assert to_base64(each.wraps[kid] or b"").encode() not in file.read_bytes()


async def test_whom_a_lead_takes_out_of_the_keyring_loses_the_wraps_of_older_keys_too(house: House) -> None:
    await house.founded()
    ana = house.lead
    bo = await house.applicant("Bo", organisation=OTHER, role="caseworker")
    await ana.admit(bo)
    old = bo.duty
    case = an_open_case(house, [Recipient.of(ana.duty.public), Recipient.of(old.public)])
    await SqlCaseQueue(house.fener.database, house.clock.monotonic).open(*case, [])
    bo.duty = make_duty_key()
    await house.fener.staff.duty.renew_key(await bo.fresh_row(), bo.certificate())
    assert await open_to(house, [old]) == 1

    entries = list(await house.fener.staff.keyrings.entries(OTHER))
    entry = remove_member(entries, ana.identity, kid=bo.identity.kid, now=house.clock.now())
    await house.fener.staff.sign_keyring(ana.row, entry, expected=len(entries))
    await dismissing(house).follow_keyring(ana.row)

    assert await open_to(house, [old]) == 0
    assert await open_to(house, [ana.duty]) == 1


def an_open_case(house: House, recipients: list[Recipient]) -> tuple[CaseRow, EnvelopeRow]:
    """A case of the real organisation, as the server seals it."""
    case = a_case(organisation=OTHER)
    header = HeaderFields(case.id, OTHER, 1, "in", case.epoch)
    sealed = seal(b"words", recipients, header, house.fener.keys.signing)
    return case, an_envelope(case, sealed=sealed)


async def test_removed_where_the_keys_do_not_open_the_server_destroys_the_rest_within_the_hour(
    house: House,
) -> None:
    weeks = await three_weeks(house)
    without = destroying_wraps(house.fener.database, None, house.clock)

    await dismissing(house, without).remove(DEMO, weeks.leaves.kid)
    assert [bool(await open_to(house, [key])) for key in weeks.keys] == [True, True, False]

    await house.fener.purge()
    assert await open_to(house, weeks.keys) == 0


async def test_what_a_colleagues_open_page_sealed_to_a_leaver_is_withdrawn_within_the_hour(
    house: House,
) -> None:
    weeks = await three_weeks(house)
    page = await weeks.stays.keyring()  # as Ana's page knows it
    await dismissing(house).leave(await weeks.leaves.fresh_row())
    recipients = [member.duty for member in page.members if member.duty is not None]
    header = HeaderFields(CaseId(weeks.case), DEMO, 1, "internal", (await house.case()).epoch)
    note = seal(
        CaseMessage("internal", "late", house.clock.now()).to_bytes(),
        recipients,
        header,
        weeks.stays.identity,
    )
    await house.fener.staff.note(weeks.stays.row, CaseId(weeks.case), TeamNote(1, note))
    assert await open_to(house, weeks.keys) == 1

    await house.fener.purge()

    assert await open_to(house, weeks.keys) == 0
    house.clock.move(hours=26)
    await house.fener.purge()
    remembered = {str(row["staff"]) for row in await house.rows("replaced_keys")}
    assert remembered == {weeks.stays.row.id}


async def test_the_database_does_not_say_which_older_key_was_whose(house: House) -> None:
    weeks = await three_weeks(house)
    rows = await house.rows("replaced_keys")

    assert len(rows) == 4
    told = repr(rows).encode()
    for key in weeks.keys:
        assert key.kid.encode() not in told
        digest = hashlib.sha256(f"{weeks.leaves.kid}{key.kid}".encode()).digest()
        assert digest not in [row["digest"] for row in rows]


async def test_a_writer_of_the_database_names_nobody_elses_key_as_a_leavers(house: House) -> None:
    weeks = await three_weeks(house)
    ana = weeks.stays
    await house.write("UPDATE replaced_keys SET staff = :s", s=weeks.leaves.row.id)

    await dismissing(house).leave(await weeks.leaves.fresh_row())

    assert await open_to(house, weeks.keys) == 0
    assert all(
        any(wrap is not None for wrap in each.wraps.values()) for each in await kept_envelopes(house)
    ), ana.alias


async def test_a_removal_that_cannot_destroy_the_wraps_removes_nobody(house: House) -> None:
    weeks = await three_weeks(house)
    await house.write("ALTER TABLE envelopes RENAME TO away")

    with pytest.raises(StorageError):
        await dismissing(house).leave(await weeks.leaves.fresh_row())

    await house.write("ALTER TABLE away RENAME TO envelopes")
    assert (await weeks.leaves.fresh_row()).active
    assert all([await open_to(house, [key]) for key in weeks.keys])


async def test_a_replaced_key_is_remembered_no_longer_than_a_message_can_be_kept(house: House) -> None:
    await three_weeks(house)
    house.clock.move(days=91)
    await house.fener.purge()

    assert await house.rows("replaced_keys") == []
