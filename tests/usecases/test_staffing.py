"""Only people whom a lead signed, under the root that the operator pinned, receive and touch cases."""

from datetime import timedelta

import pytest

from bot.crypto.identity import certify_duty_key, make_duty_key, make_identity, sign_enrolment
from bot.crypto.keyring import Role, add_member, found, remove_member
from bot.flow import effects
from bot.kernel.errors import RefusedError
from bot.kernel.ids import CaseId
from bot.storage.audit import SqlAuditTrail
from bot.storage.cases import SqlCaseQueue
from bot.usecases.enrol_caseworker import Application
from bot.usecases.invite_caseworker import LIFETIME
from bot.usecases.open_case import OpenCase
from tests.usecases.house import DEMO, OTHER, Caseworker, House


async def recipients(house: House, organisation: str) -> set[str]:
    team = await house.fener.staffing.team(organisation)
    return {each.kid for each in team.recipients("general")} if team else set()


# --- enrolment ------------------------------------------------------------------------------------------


async def test_an_enrolment_link_works_once(house: House) -> None:
    link = await house.fener.staff.invite(DEMO, "lead", console="http://localhost/console/")
    token = link.partition("#enrol=")[2]
    await Caseworker(house, DEMO, "Ana").enrol(token)

    with pytest.raises(RefusedError, match="used or is over"):
        await Caseworker(house, DEMO, "Eve").enrol(token)


@pytest.mark.parametrize(("after", "works"), [(LIFETIME - timedelta(seconds=1), True), (LIFETIME, False)])
async def test_an_enrolment_link_lives_half_an_hour(house: House, after: timedelta, works: bool) -> None:
    link = await house.fener.staff.invite(DEMO, "lead", console="http://localhost/console/")
    house.clock.move(seconds=after.total_seconds())
    ana = Caseworker(house, DEMO, "Ana")
    if works:
        await ana.enrol(link.partition("#enrol=")[2])
        assert ana.row.organisation == DEMO
    else:
        with pytest.raises(RefusedError, match="used or is over"):
            await ana.enrol(link.partition("#enrol=")[2])


async def test_the_token_of_a_link_is_not_in_the_database(house: House) -> None:
    link = await house.fener.staff.invite(DEMO, "lead", console="http://localhost/console/")
    token = link.partition("#enrol=")[2]

    assert token.encode() not in (house.folder / "fener.db").read_bytes()
    assert token.encode() not in (house.folder / "fener.db-wal").read_bytes()


async def test_a_key_cannot_be_enrolled_by_somebody_who_does_not_hold_it(house: House) -> None:
    link = await house.fener.staff.invite(DEMO, "lead", console="http://localhost/console/")
    token = link.partition("#enrol=")[2]
    victim, eve = Caseworker(house, DEMO, "Vic"), Caseworker(house, DEMO, "Eve")
    stolen = Application(
        token, "Eve", victim.identity.public, victim.certificate(), sign_enrolment(eve.identity, token)
    )

    with pytest.raises(RefusedError):
        await house.fener.staff.enrol(stolen)

    await victim.enrol(token)  # the link was not spent


@pytest.mark.parametrize("alias", ["", "   ", "x" * 41, "An\na", "A\u202ena", "A\x1b[31m"])
async def test_a_work_name_that_would_deceive_is_refused(house: House, alias: str) -> None:
    link = await house.fener.staff.invite(DEMO, "lead", console="http://localhost/console/")
    with pytest.raises(RefusedError):
        await Caseworker(house, DEMO, alias).enrol(link.partition("#enrol=")[2])


# --- a real organisation --------------------------------------------------------------------------------


async def test_somebody_enrolled_in_a_real_organisation_receives_nothing_until_a_lead_signs(
    house: House,
) -> None:
    lead = await house.founded()
    bo = await house.caseworker("Bo", organisation=OTHER, role="caseworker")
    assert bo.enrolled.standing == "wait-for-lead"
    assert await recipients(house, OTHER) == {lead.duty.kid}

    await lead.admit(bo)

    assert await recipients(house, OTHER) == {lead.duty.kid, bo.duty.kid}


async def test_a_founded_keyring_counts_for_nothing_until_its_root_is_pinned(house: House) -> None:
    lead = await house.applicant("Lead", organisation=OTHER)
    root = await lead.found()
    assert await recipients(house, OTHER) == set()

    house.pinned[OTHER] = root
    await house.restart()

    assert await recipients(house, OTHER) == {lead.duty.kid}


async def test_another_root_than_the_pinned_one_is_no_team(house: House) -> None:
    await house.founded()
    house.pinned[OTHER] = "0" * 64
    await house.restart()

    assert await recipients(house, OTHER) == set()


async def test_only_a_lead_changes_the_keyring(house: House) -> None:
    lead = await house.founded()
    bo = await house.applicant("Bo", organisation=OTHER, role="caseworker")
    await lead.admit(bo)
    eve = await house.applicant("Eve", organisation=OTHER, role="caseworker")

    with pytest.raises(RefusedError) as refused:
        await bo.admit(eve)

    assert refused.value.code == "keyring.lead"


async def test_a_role_changed_in_the_database_signs_nobody_in(house: House) -> None:
    lead = await house.founded()
    bo = await house.applicant("Bo", organisation=OTHER, role="caseworker")
    await lead.admit(bo)
    await house.write("UPDATE staff SET role = 'lead' WHERE alias = 'Bo'")
    eve = await house.applicant("Eve", organisation=OTHER, role="caseworker")
    entries = list(await house.fener.staff.keyrings.entries(OTHER))
    entry = add_member(
        entries, bo.identity, public=eve.identity.public, role=Role.LEAD, alias="Eve", now=house.clock.now()
    )

    with pytest.raises(RefusedError):
        await house.fener.staff.sign_keyring(await bo.fresh_row(), entry, expected=len(entries))

    assert eve.duty.kid not in await recipients(house, OTHER)


# --- who can write the database -------------------------------------------------------------------------


async def test_a_keyring_written_by_a_stranger_is_no_team(house: House) -> None:
    await house.founded()
    eve = make_identity()
    forged = found(
        eve,
        organisation=OTHER,
        name="Harbour Demo Association",
        server_public=house.fener.keys.signing.public,
        alias="Eve",
        now=house.clock.now(),
    )
    await house.write("UPDATE keyrings SET entry = :e WHERE organisation = :o", e=forged, o=OTHER)
    house.fener.staffing.stale()

    assert await recipients(house, OTHER) == set()
    assert OTHER not in {each.organisation for each in await house.fener.staffing.now()}


async def test_a_stranger_added_to_the_keyring_by_a_database_writer_receives_nothing(house: House) -> None:
    lead = await house.founded()
    eve = await house.applicant("Eve", organisation=OTHER, role="caseworker")
    entries = list(await house.fener.staff.keyrings.entries(OTHER))
    forged = add_member(
        entries, eve.identity, public=eve.identity.public, role=Role.LEAD, alias="Eve", now=house.clock.now()
    )
    await house.fener.staff.keyrings.append(OTHER, forged, expected=len(entries))
    house.fener.staffing.stale()

    assert await recipients(house, OTHER) == set()  # nobody, rather than somebody wrong
    assert lead.row.active


async def test_a_keyring_cut_back_to_before_somebody_left_is_refused(house: House) -> None:
    lead = await house.founded()
    bo = await house.applicant("Bo", organisation=OTHER, role="caseworker")
    await lead.admit(bo)
    entries = list(await house.fener.staff.keyrings.entries(OTHER))
    gone = remove_member(entries, lead.identity, kid=bo.kid, now=house.clock.now())
    await house.fener.staff.sign_keyring(lead.row, gone, expected=len(entries))
    assert await recipients(house, OTHER) == {lead.duty.kid}
    await house.write(
        "DELETE FROM keyrings WHERE organisation = :o AND position = (SELECT max(position) FROM keyrings WHERE organisation = :o)",
        o=OTHER,
    )
    house.fener.staffing.stale()

    assert await recipients(house, OTHER) == set()


async def test_a_duty_key_that_its_owner_did_not_certify_is_ignored(house: House) -> None:
    ana = await house.caseworker("Ana")
    eve, key = make_identity(), make_duty_key()
    forged = certify_duty_key(eve, key, organisation=DEMO, now=house.clock.now())
    await house.write("UPDATE staff SET duty_certificate = :c", c=forged)
    house.fener.staffing.stale()

    assert await recipients(house, DEMO) == set()
    assert list(await house.fener.staffing.now()) == []
    sam = house.person()
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.choose("Papers or a lawyer")
    assert await house.rows("cases") == []
    assert ana.row.active


async def test_a_statement_of_duty_that_somebody_else_signed_is_ignored(house: House) -> None:
    ana = await house.caseworker("Ana")
    bo = await house.caseworker("Bo", on_duty=False)
    row = await ana.fresh_row()
    await house.write("UPDATE staff SET duty_statement = :s WHERE alias = 'Bo'", s=row.duty_statement)

    team = await house.fener.staffing.team(DEMO)

    assert team is not None
    assert team.on_duty == {ana.kid}
    assert bo.kid not in team.on_duty


async def test_duty_ends_by_itself(house: House) -> None:
    await house.caseworker("Ana")
    house.clock.move(hours=16, seconds=1)

    [staffing] = await house.fener.staffing.now()

    assert staffing.on_duty == 0
    assert staffing.keys == 1


# --- touching cases -------------------------------------------------------------------------------------


async def touches(house: House, worker: Caseworker, case: CaseId) -> list[str]:
    """What is refused of everything that touches cases, by code."""
    staff, codes = house.fener.staff, []
    for act in (
        lambda: staff.read.queue(worker.row),
        lambda: staff.read(worker.row, case),
        lambda: staff.claim(worker.row, case),
        lambda: staff.close(worker.row, case),
    ):
        try:
            await act()
        except RefusedError as refused:
            codes.append(refused.code)
        else:
            codes.append("done")
    return codes


async def test_somebody_whom_no_lead_signed_cannot_see_take_or_close_a_case(house: House) -> None:
    lead = await house.founded()
    await house.caseworker("Ana")
    case = await a_case_of(house, lead)
    eve = await house.caseworker("Eve", organisation=OTHER, role="caseworker")

    assert await touches(house, eve, case) == ["keyring.member"] * 4
    assert await touches(house, lead, case) == ["done"] * 4


async def test_a_caseworker_cannot_read_take_or_close_another_organisations_case(house: House) -> None:
    lead = await house.founded()
    ana = await house.caseworker("Ana")
    case = await a_case_of(house, lead)

    assert await touches(house, ana, case) == ["done", "case.unknown", "case.unknown", "case.unknown"]
    assert await house.fener.staff.read.queue(ana.row) == []
    with pytest.raises(RefusedError) as refused:
        await house.fener.staff.reply(ana.row, case, await lead.written(case, "from somebody else"))
    assert refused.value.code == "case.unknown"


async def test_a_case_goes_only_to_the_organisation_whose_name_the_person_agreed_to(house: House) -> None:
    lead = await house.founded()

    with pytest.raises(RefusedError) as refused:
        await a_case_of(house, lead, consent="Shall I send this to Somebody Else?")

    assert refused.value.code == "case.renamed"
    assert await house.rows("cases") == []


async def a_case_of(house: House, worker: Caseworker, consent: str = "") -> CaseId:
    """A case of any organisation, opened as a turn does."""
    fener = house.fener
    open_case = OpenCase(
        keys=fener.keys,
        queue=SqlCaseQueue(fener.database, house.clock.monotonic),
        staffing=fener.staffing,
        turn_keys=fener.turn_keys,
        audit=SqlAuditTrail(fener.database),
        clock=house.clock,
    )
    consent = consent or f"Shall I send this to {(await worker.keyring()).organisation_name}?"
    wanted = effects.OpenCase(
        worker.organisation, "legal", "soon", "en", "legal", "amber heron", consent=consent
    )
    return (await open_case(wanted, fingerprint=b"\x01" * 32, messages=["one"])).id


# --- somebody who writes the database -------------------------------------------------------------------


async def test_rows_written_into_the_database_neither_add_nor_swap_a_recipient(house: House) -> None:
    """Every way to put a key of one's own where sealing looks: the keyring's root is pinned outside."""
    lead = await house.founded()
    bo = await house.applicant("Bo", organisation=OTHER, role="caseworker")
    await lead.admit(bo)
    eve = Caseworker(house, OTHER, "Eve")
    ours = {lead.duty.kid, bo.duty.kid}
    assert await recipients(house, OTHER) == ours

    # a colleague's certificate replaced by the stranger's: that colleague has no key, and the stranger gets nothing
    await house.write("UPDATE staff SET duty_certificate = :c WHERE alias = 'Bo'", c=eve.certificate())
    assert await recipients(house, OTHER) == {lead.duty.kid}

    # the whole row made the stranger's, key id and all
    await house.write(
        "UPDATE staff SET identity_public = :p, identity_kid = :k WHERE alias = 'Bo'",
        p=eve.identity.public,
        k=eve.identity.kid,
    )
    assert await recipients(house, OTHER) == {lead.duty.kid}

    # under the colleague's key id, with the stranger's key
    await house.write("UPDATE staff SET identity_kid = :k WHERE alias = 'Bo'", k=bo.identity.kid)
    assert await recipients(house, OTHER) == {lead.duty.kid}

    # an entry of the stranger's own at the end of the chain: no team at all, and no case, rather than theirs
    entries = list(await house.fener.staff.keyrings.entries(OTHER))
    forged = add_member(
        entries, eve.identity, public=eve.identity.public, role=Role.LEAD, alias="Eve", now=house.clock.now()
    )
    await house.write(
        "INSERT INTO keyrings (organisation, position, entry) VALUES (:o, :p, :e)",
        o=OTHER,
        p=len(entries),
        e=forged,
    )
    assert await recipients(house, OTHER) == set()

    # a keyring of the stranger's own in its place
    await house.write("DELETE FROM keyrings WHERE organisation = :o", o=OTHER)
    founded = found(
        eve.identity,
        organisation=OTHER,
        name="Harbour Demo Association",
        server_public=house.fener.keys.signing.public,
        alias="Eve",
        now=house.clock.now(),
    )
    await house.write(
        "INSERT INTO keyrings (organisation, position, entry) VALUES (:o, 0, :e)", o=OTHER, e=founded
    )
    assert await recipients(house, OTHER) == set()
