"""A reply finds its person, and nothing that no caseworker wrote ever does."""

import pytest

from bot.crypto.identity import make_identity
from bot.crypto.keyring import remove_member
from bot.crypto.mailbox import seal_note, sign_note
from bot.handoff.summary import CaseMessage
from bot.kernel.errors import RefusedError
from bot.storage.mailboxes import SqlMailboxes
from tests.usecases.house import DEMO, Caseworker, House, Person

BED = "We have a bed for you"
GATE = "Is now a good time?"


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


@pytest.fixture
async def sam(house: House, ana: Caseworker) -> Person:  # somebody must be on duty
    person = house.person()
    await person.hand_over()
    return person


async def waiting_reply(house: House, ana: Caseworker, text: str = BED) -> str:
    """A reply that waits because the conversation was lost; the case."""
    case = (await house.case()).id
    await house.restart()
    sent = await ana.reply(case, text)
    assert not sent.delivered
    return case


# --- a reply arrives ------------------------------------------------------------------------------------


async def test_a_reply_in_a_live_chat_comes_by_itself(house: House, ana: Caseworker, sam: Person) -> None:
    assert sam.heard
    sent = await ana.reply((await house.case()).id, "Hello, I am Ana.")

    assert sent.delivered
    assert "Lantern Demo Centre writes:" in house.messenger.heard
    assert "Hello, I am Ana." in house.messenger.heard
    assert house.messenger.sent[0].from_case


async def test_after_a_restart_a_reply_waits_behind_a_neutral_question(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await waiting_reply(house, ana)

    asked = await sam.say("hello?")
    read = await sam.choose("Read")

    assert GATE in asked
    assert BED not in asked
    assert BED in read


async def test_a_reply_to_last_epochs_key_arrives_in_this_epoch(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await waiting_reply(house, ana)
    house.clock.move(days=29)
    await ana.work_again()

    await sam.say("hello?")

    assert BED in await sam.choose("Read")


async def test_every_contact_renews_the_keys_so_that_a_later_epoch_still_finds_the_person(
    house: House, ana: Caseworker, sam: Person
) -> None:
    first = await house.case()
    for _ in range(3):
        house.clock.move(days=31)
        await house.restart()
        await ana.work_again()
        await sam.say("I am still here")
    renewed = await house.case()
    assert renewed.epoch > first.epoch + 1
    assert renewed.mailbox_public != first.mailbox_public
    await house.restart()

    await ana.reply(first.id, BED)
    await sam.say("hello?")

    assert BED in await sam.choose("Read")


async def test_a_reply_after_the_key_ended_is_refused_with_a_sentence(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert sam.heard
    case = (await house.case()).id
    mailbox = await ana.mailbox(case)
    house.clock.move(days=61)
    await ana.work_again()

    with pytest.raises(RefusedError, match="no reply can find them") as refused:
        await house.fener.staff.reply(
            ana.row, (await house.case()).id, await ana.written(case, BED, mailbox=mailbox)
        )

    assert refused.value.code == "case.unreachable"
    assert await house.rows("notes") == []


async def test_a_reply_sealed_to_a_mailbox_that_was_renewed_meanwhile_is_refused(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = (await house.case()).id
    stale = await ana.written(case, BED)
    house.clock.move(days=31)
    await house.restart()
    await ana.work_again()
    await sam.say("hello?")

    with pytest.raises(RefusedError) as refused:
        await house.fener.staff.reply(ana.row, (await house.case()).id, stale)

    assert refused.value.code in {"reply.sequence", "envelope.elsewhere"}
    assert refused.value.mend


# --- nothing else does ----------------------------------------------------------------------------------


async def offered(sam: Person) -> bool:
    return GATE in await sam.say("hello?")


async def told_and_not_shown(sam: Person) -> bool:
    """Whether the person hears that a note waits which nobody can vouch for, and nothing of it."""
    assert await offered(sam)
    read = await sam.choose("Read")
    assert "writes:" not in read
    assert BED not in read
    return "A note could not be checked. So it is not shown." in read


async def test_a_note_that_no_keyring_member_signed_is_never_shown(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = await house.case()
    stranger = make_identity()
    sealed = seal_note(
        await ana.mailbox(case.id),
        CaseMessage("reply", BED, house.clock.now()).to_bytes(),
        case=case.id,
        sequence=1,
        organisation=DEMO,
    )
    signature = sign_note(stranger, sealed, case=case.id, sequence=1, organisation=DEMO)
    await house.restart()
    for signer in (stranger.kid, ana.kid):
        await house.write("DELETE FROM notes")
        await house.write(
            'INSERT INTO notes (id, "case", sequence, sealed, signer, signature, hour) '
            "VALUES (:id, :case, 1, :sealed, :signer, :signature, :hour)",
            id="0" * 32, case=case.id, sealed=sealed, signer=signer, signature=signature, hour=case.opened_hour,
        )  # fmt: skip
        assert await told_and_not_shown(sam)
        await house.restart()


@pytest.mark.parametrize(
    "change",
    [
        "sequence = sequence + 1",
        "signer = '00000000000000000000000000000000'",
        "signature = zeroblob(64)",
        "sealed = zeroblob(length(sealed))",
        "signer = (SELECT identity_kid FROM staff WHERE alias = 'Bo')",
    ],
)
async def test_a_note_changed_by_a_database_writer_is_never_shown(
    house: House, ana: Caseworker, change: str
) -> None:
    await house.caseworker("Bo")
    sam = house.person()
    await sam.hand_over()
    await waiting_reply(house, ana)
    await house.write(f"UPDATE notes SET {change}")

    assert await told_and_not_shown(sam)


async def test_a_note_moved_to_another_persons_case_is_never_shown(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = await waiting_reply(house, ana)
    kim = house.person("88234")
    await kim.hand_over()
    await house.restart()
    await house.write('UPDATE notes SET "case" = (SELECT id FROM cases WHERE id != :case)', case=case)

    assert await told_and_not_shown(kim)
    assert not await offered(sam)


async def test_a_note_of_somebody_who_left_the_keyring_is_not_shown(house: House, ana: Caseworker) -> None:
    bo = await house.caseworker("Bo")
    sam = house.person()
    await sam.hand_over()
    await waiting_reply(house, bo)
    keyrings, root = house.fener.staff.keyrings, house.fener.keys.demo_root
    assert root is not None
    entries = list(await keyrings.entries(DEMO))
    left = remove_member(entries, root, kid=bo.kid, now=house.clock.now())
    await keyrings.append(DEMO, left, expected=len(entries))
    house.fener.staffing.stale()
    assert (await ana.keyring()).member(bo.kid) is None

    assert await told_and_not_shown(sam)


@pytest.mark.parametrize(
    "change",
    [
        "organisation = 'rs-demo-harbour'",
        "pseudonym = zeroblob(32)",
        "mailbox_public = zeroblob(32)",
        "gate = zeroblob(length(gate))",
        "status = 'claimed'",
        "urgency = 'now'",
        "note_sequence = 7",
        "salt = zeroblob(16)",
        "epoch = epoch - 1",
        "touched_hour = touched_hour + 1",
    ],
)
async def test_a_case_row_edited_by_hand_is_as_good_as_absent(
    house: House, ana: Caseworker, sam: Person, change: str
) -> None:
    case = (await house.case()).id
    await house.restart()
    await house.write(f"UPDATE cases SET {change}")

    answer = await sam.say("hello?")

    assert "Added" not in answer
    assert "English" in answer
    assert case not in {row.id for row in await house.fener.staff.read.queue(ana.row)}
    for forbidden in (house.fener.staff.read, house.fener.staff.claim, house.fener.staff.close):
        with pytest.raises(RefusedError, match="no such case"):
            await forbidden(ana.row, case)


async def test_one_persons_pseudonym_put_on_anothers_case_brings_nothing_to_either(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = await waiting_reply(house, ana)
    kim = house.person("88234")
    await kim.hand_over()
    await house.restart()
    rows = await house.rows("cases")
    theirs = next(row for row in rows if row["id"] != case)
    await house.write("UPDATE cases SET pseudonym = NULL WHERE id = :id", id=theirs["id"])
    await house.write("UPDATE cases SET pseudonym = :p WHERE id = :id", p=theirs["pseudonym"], id=case)

    assert not await offered(kim)
    assert not await offered(sam)


# --- how long it waits ----------------------------------------------------------------------------------


async def test_an_unread_note_goes_after_thirty_days_and_not_before(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert sam.heard
    await waiting_reply(house, ana)
    house.clock.move(days=29, hours=23)
    await house.fener.purge()
    assert len(await house.rows("notes")) == 1

    house.clock.move(hours=1)
    await house.fener.purge()

    assert await house.rows("notes") == []


async def test_a_delivered_note_goes_after_a_day(house: House, ana: Caseworker, sam: Person) -> None:
    await waiting_reply(house, ana)
    await sam.say("hello?")
    await sam.choose("Read")
    assert len(await house.rows("notes")) == 1
    house.clock.move(hours=24)

    await house.fener.purge()

    assert await house.rows("notes") == []


async def test_a_note_that_was_read_is_deleted_at_the_next_message(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await waiting_reply(house, ana)
    await sam.say("hello?")
    await sam.choose("Read")

    answer = await sam.say("thank you")

    assert GATE not in answer
    assert await house.rows("notes") == []


async def test_a_note_that_came_by_itself_is_deleted_at_the_next_message(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await ana.reply((await house.case()).id, BED)
    assert len(await house.rows("notes")) == 1

    answer = await sam.say("thank you")

    assert GATE not in answer
    assert await house.rows("notes") == []


async def test_a_note_shown_just_before_a_crash_is_offered_again(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await waiting_reply(house, ana)
    await sam.say("hello?")
    await sam.choose("Read")
    await house.restart()

    assert await offered(sam)
    assert BED in await sam.choose("Read")


async def test_a_note_whose_turn_failed_after_it_was_marked_as_shown_is_not_lost(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await waiting_reply(house, ana)
    await sam.say("hello?")
    notes = SqlMailboxes(house.fener.database)
    case = (await house.case()).id
    await notes.delivered([note.id for note in await notes.waiting(case)], 498_661)  # and then we fell over

    assert BED in await sam.choose("Read")
    await sam.say("thank you")
    assert await house.rows("notes") == []


# --- the gate -------------------------------------------------------------------------------------------


async def test_a_discreet_person_hears_nothing_of_a_note_until_they_ask(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await sam.choose("How answers arrive")
    await sam.choose("Only when")
    await waiting_reply(house, ana)

    for text in ("hello?", "menu", "help", "sos"):
        assert "is a note" not in await sam.say(text)

    assert GATE in await sam.say("note")
    assert BED in await sam.choose("Read")


async def test_nothing_comes_by_itself_to_somebody_who_chose_silence_or_a_word(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = (await house.case()).id
    await sam.choose("How answers arrive")
    await sam.choose("Only when")
    assert not await house.route(case)
    await sam.say("I can write")
    assert not await house.route(case)

    sent = await ana.reply(case, BED)

    assert not sent.delivered
    assert house.messenger.sent == []


async def test_a_check_word_has_three_tries_and_then_the_note_stays_closed(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await sam.choose("How answers arrive")
    await sam.choose("Ask for")
    await sam.say("lavender")
    await waiting_reply(house, ana)
    await sam.say("hello?")
    assert "check word" in await sam.choose("Read")

    assert "Tries left: 2" in await sam.say("rosemary")
    await house.restart()  # the count is not in memory
    await sam.say("hello?")
    await sam.choose("Read")
    assert "Tries left: 1" in await sam.say("rosemary")
    assert "stays closed" in await sam.say("rosemary")
    await sam.say("lavender")

    await house.restart()
    await sam.say("hello?")
    assert BED not in await sam.say("note")
    assert BED not in await sam.say("lavender")
    assert len(await house.rows("notes")) == 1


async def test_the_right_check_word_opens_the_note(house: House, ana: Caseworker, sam: Person) -> None:
    await sam.choose("How answers arrive")
    await sam.choose("Ask for")
    await sam.say("lavender")
    await waiting_reply(house, ana)
    await sam.say("hello?")
    await sam.choose("Read")
    await sam.say("rosemary")

    assert BED in await sam.say("Lavender")


async def test_later_keeps_the_note_and_delete_destroys_it_unread(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await waiting_reply(house, ana)
    await sam.say("hello?")
    await sam.choose("Later")
    assert len(await house.rows("notes")) == 1

    await sam.say("note")
    answer = await sam.choose("Delete")

    assert BED not in answer
    assert await house.rows("notes") == []


# --- the end --------------------------------------------------------------------------------------------


def tied(row: dict[str, object]) -> bool:
    return row["pseudonym"] is not None or any(row[name] for name in ("mailbox_public", "gate", "salt"))


async def test_closing_cuts_the_tie_to_the_person_at_once_when_nothing_waits(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert sam.heard
    case = (await house.case()).id
    await house.fener.staff.close(ana.row, case)

    [row] = await house.rows("cases")
    assert not tied(row)
    assert not await house.route(case)


async def test_closing_with_an_unread_note_keeps_the_way_back_until_it_is_read(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = await waiting_reply(house, ana)
    await house.fener.staff.close(ana.row, (await house.case()).id)
    assert tied((await house.rows("cases"))[0])

    await sam.say("hello?")
    assert BED in await sam.choose("Read")
    assert not await house.route(case)
    await sam.say("thank you")

    assert not tied((await house.rows("cases"))[0])
    assert await house.rows("notes") == []


async def test_closing_with_an_unread_note_that_lapses_leaves_nothing_of_the_person(
    house: House, ana: Caseworker, sam: Person
) -> None:
    assert sam.heard
    await waiting_reply(house, ana)
    await house.fener.staff.close(ana.row, (await house.case()).id)
    house.clock.move(days=30, hours=1)

    await house.fener.purge()

    assert [row for row in await house.rows("cases") if tied(row)] == []
    assert await house.rows("envelopes") == []


async def test_a_closed_case_whose_note_was_lost_in_a_crash_offers_it_again(
    house: House, ana: Caseworker, sam: Person
) -> None:
    await waiting_reply(house, ana)
    await house.fener.staff.close(ana.row, (await house.case()).id)
    await sam.say("hello?")
    await sam.choose("Read")
    await house.restart()

    assert await offered(sam)


async def test_erase_while_waiting_deletes_the_case(house: House, ana: Caseworker, sam: Person) -> None:
    await erase(sam)

    for table in ("cases", "envelopes", "notes", "seen"):
        assert await house.rows(table) == []
    assert await house.fener.staff.read.queue(ana.row) == []


async def test_erase_while_claimed_cuts_the_case_loose_and_the_team_reads_that(
    house: House, ana: Caseworker, sam: Person
) -> None:
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)

    await erase(sam)

    [row] = await house.rows("cases")
    assert not tied(row)
    _, messages = await ana.read(case)
    assert [message.kind for message in messages] == ["erased"]
    assert not await house.route(case)
    with pytest.raises(RefusedError, match="no reply can find them"):
        await ana.reply(case, BED)
    assert "English" in await sam.say("hello?")


async def erase(sam: Person) -> None:
    await sam.say("erase")
    assert "deleted" in await sam.choose("Yes, erase")


# --- between organisations ------------------------------------------------------------------------------


async def test_two_organisations_names_for_one_person_share_nothing(house: House) -> None:
    keys = house.fener.keys.epochs(house.clock.now())
    fingerprint = b"\x07" * 32

    names = {org: keys.current.case_pseudonym(org, fingerprint) for org in (DEMO, "rs-demo-harbour")}

    one, other = names.values()
    assert one != other
    assert not set(windows(one)) & set(windows(other))


def windows(name: bytes) -> list[bytes]:
    return [name[at : at + 4] for at in range(len(name) - 3)]
