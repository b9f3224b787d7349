"""The whole story, over strict doubles with the official clients: ask, be matched, be handed over, be answered."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_people import Person
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.installation import PUBLIC, Installation, on_telegram, on_whatsapp

WORDS = "I slept at the station again"


def number_of(label: str, text: str) -> str:
    """The number to type for an option."""
    found = re.search(rf"^(\d+) {re.escape(label)}", text, re.MULTILINE)
    assert found, f"no option {label!r} in:\n{text}"
    return found[1]


async def hand_over(sam: WhatsAppPerson, words: str = WORDS) -> str:
    """From "hi" to a queued case; the designation."""
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.say(number_of("Papers or a lawyer", sam.heard[-1]))
    assert "Lantern Demo Centre" in sam.heard[-1]
    await sam.say(number_of("Yes", sam.heard[-1]))
    await sam.say(words)
    found = re.search(r"is called: (\w+ \w+)", sam.heard[-1])
    assert found, sam.heard[-1]
    return found[1]


async def test_on_whatsapp_a_person_is_heard_by_a_human_and_the_answer_finds_them(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)

        [case] = await fener.cases()
        assert case["designation"] == designation
        opened = await fener.opened(designation)
        assert opened["summary"]["note"] == WORDS
        assert "Nothing" not in opened["summary"]["consent"]

        told = await fener.case("reply", designation, "Hello, I am Ana. Are you safe now?")
        assert "Sent: the chat is live." in told
        await fener.until(
            lambda: any("I am Ana" in text for text in sam.heard), "the reply arrives by itself"
        )
        assert "Lantern Demo Centre writes:" in sam.heard[-1]
        assert not twilio.alerts


async def test_what_the_person_writes_afterwards_reaches_the_same_caseworker(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await sam.say("it is cold and I am alone here")

        opened = await fener.opened(designation)

        assert [line["text"] for line in opened["messages"]] == ["it is cold and I am alone here"]


async def test_a_kill_between_handoff_and_reply_loses_nothing(twilio: TwilioDouble, tmp_path: Path) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await fener.restart()
        told = await fener.case("reply", designation, "We have a bed for you")
        assert "Locked and waiting" in told

        await sam.say("hello?")
        assert "Is now a good time?" in sam.heard[-1]
        assert "bed" not in sam.heard[-1]
        await sam.say(number_of("Read", sam.heard[-1]))

        assert "We have a bed for you" in sam.heard[-1]


async def test_a_redelivery_gets_the_same_answer_and_no_second_case(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person("+381601234567")
        await hand_over(sam)
        first = sam.heard[-1]

        again = await sam.replay(3)

        assert {answer.texts for answer in again} == {(first,)}
        assert len(await fener.cases()) == 1


async def test_a_redelivery_after_a_kill_makes_no_second_case_and_names_the_first(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await fener.restart()

        [again] = await sam.replay()

        assert designation in again.texts[0]
        [case] = await fener.cases()
        assert case["messages"] == 1


async def test_a_person_known_by_number_is_the_same_person_when_the_scoped_id_comes(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await fener.restart()
        await fener.case("reply", designation, "Come on Monday")
        sam.scoped = "RS.13491208655302741918"

        await sam.say("hello?")

        assert "Is now a good time?" in sam.heard[-1]


async def test_sos_is_at_most_two_messages_away_from_hi(twilio: TwilioDouble, tmp_path: Path) -> None:
    async with on_whatsapp(twilio, tmp_path):
        sam = twilio.person("+381601234567")
        await sam.say("hi")
        await sam.say("sos")

        assert "Police 192" in sam.heard[-1]
        assert "Ambulance 194" in sam.heard[-1]


async def test_a_contact_card_a_place_and_a_picture_are_dropped_with_a_kind_sentence(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path):
        sam = twilio.person("+381601234567")
        await sam.say("hi")
        for send in (sam.share_contact, sam.share_location, sam.send_photo):
            answer = await send()
            assert answer.status == 200
            assert answer.texts
            assert "Canary" not in answer.texts[0]


async def test_one_persons_fast_messages_are_taken_in_order(twilio: TwilioDouble, tmp_path: Path) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        words = [f"part {number} of my words" for number in range(8)]
        for each in words:
            await sam.say(each)

        opened = await fener.opened(designation)

        assert [line["text"] for line in opened["messages"]] == words


async def say(sam: Person, text: str) -> str:
    """Write, and wait for the next answer."""
    before = len(sam.messages)
    sam.say(text)
    await Installation.until(lambda: len(sam.messages) > before, f"an answer to {text!r}")
    return sam.heard[-1]


async def tap(sam: Person, label: str) -> str:
    """Tap a button, and wait for the next answer."""
    before = len(sam.messages)
    sam.tap(label)
    await Installation.until(lambda: len(sam.messages) > before, f"an answer to {label!r}")
    return sam.heard[-1]


async def hand_over_on_telegram(sam: Person) -> str:
    await say(sam, "/start")
    await tap(sam, "English")
    await tap(sam, "Yes")
    await say(sam, "9")
    await tap(sam, "Papers or a lawyer")
    assert "Lantern Demo Centre" in sam.heard[-1]
    await tap(sam, "Yes, send it")
    said = await say(sam, WORDS)
    found = re.search(r"is called: (\w+ \w+)", said)
    assert found, said
    return found[1]


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_on_telegram_a_person_is_heard_by_a_human_and_the_answer_finds_them(
    telegram: TelegramDouble, tmp_path: Path, mode: str
) -> None:
    fener = on_telegram(telegram, tmp_path)
    if mode == "webhook":
        fener.settings |= {
            "FENER_TELEGRAM_MODE": "webhook",
            "FENER_TELEGRAM_WEBHOOK_SECRET": "a-secret_of_ours",
            "FENER_PUBLIC_URL": fener.url,
        }
    async with fener:
        await fener.enrol()
        sam = telegram.person()
        designation = await hand_over_on_telegram(sam)
        assert (await fener.opened(designation))["summary"]["note"] == WORDS

        told = await fener.case("reply", designation, "Hello, I am Ana.")

        assert "Sent: the chat is live." in told
        await fener.until(lambda: any("I am Ana" in text for text in sam.heard), "the reply arrives")
        assert sam.messages[-1].protected


async def test_on_telegram_a_kill_between_handoff_and_reply_loses_nothing(
    telegram: TelegramDouble, tmp_path: Path
) -> None:
    async with on_telegram(telegram, tmp_path) as fener:
        await fener.enrol()
        sam = telegram.person()
        designation = await hand_over_on_telegram(sam)
        await fener.kill()
        sam.say("are you there?")  # written while nobody answers
        await fener.start()
        await fener.until(lambda: "Added, locked" in sam.heard[-1], "it is answered")
        await fener.restart()
        await fener.case("reply", designation, "We have a bed for you")

        sam.say("hello?")  # an answer not yet acknowledged before the second kill comes once more before
        await fener.until(lambda: "Is now a good time?" in sam.heard[-1], "the waiting mail is announced")
        assert "We have a bed for you" in await tap(sam, "Read")


async def test_erase_on_telegram_deletes_both_sides_and_says_what_remains(
    telegram: TelegramDouble, tmp_path: Path
) -> None:
    async with on_telegram(telegram, tmp_path) as fener:
        await fener.enrol()
        sam = telegram.person()
        await hand_over_on_telegram(sam)
        for _ in range(4):
            text = (
                await say(sam, "erase")
                if not any("erase" in label.lower() for label in sam.messages[-1].labels)
                else ""
            )
            if not text:
                break
        label = next(label for label in sam.messages[-1].labels if "rase" in label)
        sam.tap(label)
        await fener.until(
            lambda: any("deleted: 1" in each.text for each in sam.messages) and len(sam.messages) <= 2,
            "our messages are gone, and the last one is there",
        )

        last = " ".join(each.text for each in sam.messages)
        assert "code words" not in last
        assert "Requests that nobody had opened, deleted: 1" in last
        went = re.search(r"deleted on both sides: (\d+) of (\d+)", last)
        assert went
        assert went[1] == went[2]
        assert int(went[1]) > 10
        assert await fener.cases() == []


async def test_other_people_do_not_wait_for_a_fingerprint(twilio: TwilioDouble, tmp_path: Path) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        await hand_over(twilio.person("+381601234567"))  # from now on strangers need a fingerprint
        strangers = [twilio.person(f"+38160555{number:04}") for number in range(12)]

        answers = await asyncio.gather(*(each.say("hi") for each in strangers))

        assert all(answer.status == 200 and "English" in answer.texts[0] for answer in answers)


async def test_the_public_url_is_what_is_signed(twilio: TwilioDouble, tmp_path: Path) -> None:
    async with on_whatsapp(twilio, tmp_path):
        sam = twilio.person("+381601234567")
        twilio.public_url = f"{PUBLIC}:443/channels/whatsapp"
        assert (await sam.say("hi")).status == 200
        twilio.public_url = "https://elsewhere.example.org/channels/whatsapp"
        assert (await sam.say("hi")).status == 403
