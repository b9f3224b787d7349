"""After erasing a person reads what really went, in counts, and what could not."""

import pytest

from bot.kernel.address import Address
from bot.kernel.errors import SendError
from bot.usecases.remember import SENT_SECONDS
from tests.usecases.house import Caseworker, House, Person


@pytest.fixture
async def ana(house: House) -> Caseworker:
    return await house.caseworker("Ana")


async def erased(sam: Person) -> str:
    await sam.say("erase")
    return await sam.choose("Yes, erase")


async def heard_before(house: House, sam: Person, *numbers: int) -> None:
    """Messages of this chat that the app has."""
    await house.fener.turns.sent(Address("telegram", sam.address), numbers)


async def test_every_message_that_the_app_deleted_is_counted(house: House, ana: Caseworker) -> None:
    assert ana.row.active
    sam = house.person()
    await sam.hand_over()
    await heard_before(house, sam, 11, 12, 13)

    said = await erased(sam)

    assert house.messenger.deleted == [11, 12, 13]
    assert "Messages of this chat, deleted on both sides: 3 of 3" in said
    assert "Requests that nobody had opened, deleted: 1" in said
    assert "The app refused the others." not in said
    assert "Lantern" not in said
    assert "Legal" not in said


async def test_what_the_app_refused_is_said_too(house: House) -> None:
    sam = house.person()
    await sam.say("hi")
    await heard_before(house, sam, 11, 12, 13)
    house.messenger.keeps = 2

    said = await erased(sam)

    assert "deleted on both sides: 1 of 3" in said
    assert "The app refused the others. They stay until you delete them." in said


async def test_deleting_that_breaks_off_is_said_and_everything_of_ours_is_gone_all_the_same(
    house: House, ana: Caseworker
) -> None:
    assert ana.row.active
    sam = house.person()
    await sam.hand_over()
    await heard_before(house, sam, 11, 12)
    house.messenger.fault = SendError("gone")

    said = await erased(sam)

    assert "Deleting in this app broke off. Some messages are still there." in said
    assert "of 2" not in said
    assert await house.rows("cases") == []


async def test_no_message_id_is_kept_longer_than_two_days_however_often_somebody_writes(house: House) -> None:
    sam = house.person()
    await sam.say("hi")
    await heard_before(house, sam, 11)
    house.clock.move(seconds=SENT_SECONDS - 60)
    await heard_before(house, sam, 12)
    house.clock.move(seconds=120)
    await sam.say("hi")

    said = await erased(sam)

    assert house.messenger.deleted == [12]
    assert "1 of 1" in said
    assert "Messages older than 48 hours stay." in said


async def test_on_whatsapp_nothing_is_said_to_be_deleted_that_cannot_be(house: House) -> None:
    sam = house.person("+381600000001", channel="whatsapp")
    await sam.say("hi")

    said = await erased(sam)

    assert "Messages in WhatsApp cannot be deleted from here." in said
    assert "both sides" not in said
    assert "Clear chat" in said


async def test_a_page_is_told_only_what_is_true_of_a_page(house: House) -> None:
    sam = house.person(channel="simulator")
    await sam.say("hi")

    said = await erased(sam)

    assert "Deleted: where you were in this chat, and your answers." in said
    assert "WhatsApp" not in said
    assert "48 hours" not in said


async def test_the_report_is_told_again_to_a_redelivery_and_nothing_is_done_twice(
    house: House, ana: Caseworker
) -> None:
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    await heard_before(house, sam, 11)
    await sam.say("erase")
    delivery = sam.delivery("1")
    first = await sam.take(delivery)

    again = await sam.take(delivery)

    assert again.repeated
    assert again.message == first.message
    assert "The team is asked to delete what you sent." in sam.heard[-1]
    assert house.messenger.deleted == [11]
    assert [message.kind for message in (await ana.read(case))[1]] == ["erased"]


async def test_a_redelivery_after_everything_was_lost_does_nothing_and_claims_nothing(
    house: House, ana: Caseworker
) -> None:
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    await sam.say("erase")
    delivery = sam.delivery("1")
    await sam.take(delivery)
    await house.restart()

    await sam.take(delivery)

    assert "deleted" not in sam.heard[-1].lower()
    assert [message.kind for message in (await ana.read(case))[1]] == ["erased"]


async def test_a_team_that_nobody_could_tell_is_not_said_to_be_asked(house: House, ana: Caseworker) -> None:
    sam = house.person()
    await sam.hand_over()
    case = (await house.case()).id
    await house.fener.staff.claim(ana.row, case)
    house.clock.move(days=29)  # her weekly keys lapsed
    await sam.say("hi")

    said = await erased(sam)

    assert "no longer tied to you: 1" in said
    assert "A team could not be told: nobody there can open messages now." in said
    assert "is asked to delete" not in said
