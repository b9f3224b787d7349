import asyncio
from dataclasses import replace

import pytest

from bot.kernel.errors import ConflictError
from bot.kernel.rows import StaffSession
from bot.ports import Invite, StaffRow
from bot.storage.database import Database
from bot.storage.staff import SqlStaffRegister, SqlStaffSessions
from tests.ports.conftest import Opener
from tests.ports.examples import a_caseworker, an_id

OURS = "demo-lantern"
NOW = 1_800_000_000
INVITE = Invite(b"token hash", OURS, "lead", NOW + 1800)


@pytest.fixture
def register(database: Database) -> SqlStaffRegister:
    return SqlStaffRegister(database)


@pytest.fixture
def sessions(database: Database) -> SqlStaffSessions:
    return SqlStaffSessions(database)


async def enrolled(register: SqlStaffRegister) -> StaffRow:
    token = an_id().encode()
    row = a_caseworker(organisation=OURS, role="caseworker")
    await register.invite(Invite(token, OURS, "caseworker", NOW + 1800))
    assert await register.redeem(token, NOW, row)
    return row


async def test_an_invitation_can_be_looked_at_without_using_it(register: SqlStaffRegister) -> None:
    await register.invite(INVITE)

    assert await register.peek(INVITE.token_hash, NOW) == INVITE
    assert await register.peek(INVITE.token_hash, NOW) == INVITE
    assert await register.peek(b"unknown", NOW) is None


async def test_an_invitation_works_once_and_decides_organisation_and_role(register: SqlStaffRegister) -> None:
    await register.invite(INVITE)
    claims_more = a_caseworker(organisation="demo-harbour", role="operator")

    assert await register.redeem(INVITE.token_hash, NOW, claims_more) == INVITE
    assert await register.redeem(INVITE.token_hash, NOW, a_caseworker()) is None

    assert await register.of(OURS) == [replace(claims_more, organisation=OURS, role="lead")]
    assert await register.of("demo-harbour") == []
    assert await register.peek(INVITE.token_hash, NOW) is None


async def test_an_invitation_that_ended_enrols_nobody(register: SqlStaffRegister) -> None:
    await register.invite(INVITE)

    assert await register.peek(INVITE.token_hash, INVITE.expires_at) is None
    assert await register.redeem(INVITE.token_hash, INVITE.expires_at, a_caseworker()) is None
    assert await register.of(OURS) == []


async def test_two_who_use_one_invitation_at_once_are_not_both_enrolled(
    opener: Opener, register: SqlStaffRegister
) -> None:
    await register.invite(INVITE)
    registers = [register, SqlStaffRegister(await opener())]

    done = await asyncio.gather(
        *(registers[number % 2].redeem(INVITE.token_hash, NOW, a_caseworker()) for number in range(4))
    )

    assert done.count(INVITE) == 1
    assert done.count(None) == 3
    assert len(await register.of(OURS)) == 1


async def test_a_key_that_is_enrolled_is_refused_and_the_invitation_stays(register: SqlStaffRegister) -> None:
    robin = await enrolled(register)
    await register.invite(INVITE)

    with pytest.raises(ConflictError, match=r"staff\.enrolled"):
        await register.redeem(INVITE.token_hash, NOW, a_caseworker(identity_kid=robin.identity_kid))

    assert await register.peek(INVITE.token_hash, NOW) == INVITE
    assert await register.of(OURS) == [robin]


async def test_a_caseworker_renews_a_duty_key_goes_on_duty_and_leaves(register: SqlStaffRegister) -> None:
    robin = await enrolled(register)
    on_duty = replace(robin, duty_certificate=b'{"week": 2}', duty_statement=b"on duty")

    await register.write(on_duty)
    assert await register.of(OURS) == [on_duty]

    await register.write(replace(on_duty, active=False))
    assert await register.of(OURS) == []


@pytest.mark.parametrize(
    "forgery",
    [{"organisation": "demo-harbour"}, {"identity_kid": "other"}, {"identity_public": b"other"}, {"id": "0"}],
)
async def test_nobody_moves_to_another_organisation_or_key_by_a_write(
    register: SqlStaffRegister, forgery: dict[str, object]
) -> None:
    robin = await enrolled(register)

    with pytest.raises(ConflictError, match=r"staff\.unknown"):
        await register.write(replace(robin, **forgery))  # type: ignore[arg-type]  # parametrised

    assert await register.of(OURS) == [robin]


async def test_a_console_session_names_its_caseworker_until_it_ends(
    register: SqlStaffRegister, sessions: SqlStaffSessions
) -> None:
    robin = await enrolled(register)
    await sessions.open(StaffSession(b"hash", robin.id, NOW + 60))

    assert await sessions.find(b"hash", NOW) == robin
    assert await sessions.find(b"other", NOW) is None
    assert await sessions.find(b"hash", NOW + 60) is None


async def test_a_closed_console_session_is_gone_at_once(
    register: SqlStaffRegister, sessions: SqlStaffSessions
) -> None:
    robin = await enrolled(register)
    await sessions.open(StaffSession(b"one", robin.id, NOW + 60))
    await sessions.open(StaffSession(b"two", robin.id, NOW + 60))

    await sessions.close(b"one")
    await sessions.close(b"unknown")

    assert await sessions.find(b"one", NOW) is None
    assert await sessions.find(b"two", NOW) == robin


async def test_who_left_is_signed_out(register: SqlStaffRegister, sessions: SqlStaffSessions) -> None:
    robin = await enrolled(register)
    await sessions.open(StaffSession(b"hash", robin.id, NOW + 60))

    await register.write(replace(robin, active=False))

    assert await sessions.find(b"hash", NOW) is None


async def test_nobody_signs_in_as_someone_unknown_or_under_a_taken_token(
    register: SqlStaffRegister, sessions: SqlStaffSessions
) -> None:
    robin = await enrolled(register)
    await sessions.open(StaffSession(b"hash", robin.id, NOW + 60))

    with pytest.raises(ConflictError):
        await sessions.open(StaffSession(b"new", a_caseworker().id, NOW + 60))
    with pytest.raises(ConflictError):
        await sessions.open(StaffSession(b"hash", robin.id, NOW + 600))

    assert await sessions.find(b"hash", NOW + 60) is None


async def test_a_session_that_is_used_lasts_longer(
    register: SqlStaffRegister, sessions: SqlStaffSessions
) -> None:
    robin = await enrolled(register)
    await sessions.open(StaffSession(b"hash", robin.id, NOW + 60))

    await sessions.prolong(b"hash", NOW + 600)
    await sessions.prolong(b"unknown", NOW + 600)

    assert await sessions.find(b"hash", NOW + 599) == robin
    assert await sessions.find(b"unknown", NOW) is None


async def test_all_sessions_of_one_person_end_and_used_challenges_stay_used(
    register: SqlStaffRegister, sessions: SqlStaffSessions
) -> None:
    robin, alex = await enrolled(register), await enrolled(register)
    for staff, token in ((robin, b"1"), (robin, b"2"), (alex, b"3")):
        await sessions.open(StaffSession(token * 32, staff.id, NOW + 60))
    used = StaffSession(b"used" + b"u" * 32, robin.id, NOW + 60)
    await sessions.open(used)

    await sessions.close_all(robin.id)

    assert [await sessions.find(token * 32, NOW) for token in (b"1", b"2", b"3")] == [None, None, alex]
    with pytest.raises(ConflictError):
        await sessions.open(used)
