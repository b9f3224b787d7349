"""Two workers behind one port, over real PostgreSQL and Valkey: the same story, the same promises."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import valkey

from tests.doubles.twilio import TwilioDouble
from tests.e2e.canaries import Canary, leaks
from tests.e2e.installation import Installation, on_whatsapp
from tests.e2e.test_story import WORDS, hand_over, number_of

NUMBER = "+381607734951"
SCOPED = "RS.90281734655102948371"
NAME = "Zvezdana Canarić"


@pytest.fixture
async def fener(
    twilio: TwilioDouble, tmp_path: Path, empty_postgres_url: str, valkey_url: str
) -> AsyncIterator[Installation]:
    installation = on_whatsapp(
        twilio, tmp_path, FENER_DATABASE_URL=empty_postgres_url, FENER_MEMORY_URL=valkey_url
    )
    installation.workers = 2
    async with installation:
        yield installation


async def test_with_two_workers_a_conversation_and_its_answer_never_lose_each_other(
    twilio: TwilioDouble, fener: Installation
) -> None:
    await fener.enrol()
    people = [twilio.person(f"+38160773{number:04}") for number in range(4)]
    designations = [await hand_over(person) for person in people]
    assert len({case["designation"] for case in await fener.cases()}) == len(people)

    for designation in designations:
        told = await fener.case("reply", designation, f"This is for {designation}")
        assert "Sent: the chat is live." in told

    for person, designation in zip(people, designations, strict=True):
        await fener.until(
            lambda heard=person.heard, wanted=designation: any(f"for {wanted}" in text for text in heard),
            "the reply arrives",
        )
        assert sum("This is for" in text for text in person.heard) == 1


async def test_with_two_workers_duplicates_at_the_same_time_have_one_effect(
    twilio: TwilioDouble, fener: Installation
) -> None:
    await fener.enrol()
    sam = twilio.person(NUMBER)
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.say(number_of("Papers or a lawyer", sam.heard[-1]))
    await sam.say(number_of("Yes", sam.heard[-1]))
    form = sam.form(Body=WORDS)
    first = await sam.deliver(form)
    again = await sam.replay(6)

    assert {answer.texts for answer in again} == {first.texts}
    assert re.search(r"code words are: \w+ \w+", first.texts[0])
    assert len(await fener.cases()) == 1


async def test_valkey_and_the_logs_hold_nothing_that_names_a_person(
    twilio: TwilioDouble, fener: Installation, valkey_url: str
) -> None:
    await fener.enrol()
    sam = twilio.person(NUMBER, SCOPED, name=NAME)
    designation = await hand_over(sam)
    await fener.case("reply", designation, "Hello, I am Ana.")
    where = urlsplit(valkey_url)
    client = valkey.Valkey(host=where.hostname or "", port=where.port or 0)
    written = []
    for key in client.scan_iter():
        written.append(key)
        if client.type(key) == b"string":
            written.append(client.get(key) or b"")
    client.close()  # type: ignore[no-untyped-call]  # the package types only part of itself

    assert written
    patterns = [data for text in (NUMBER, SCOPED, NAME) for data in Canary(text).patterns()]
    assert not [data for data in patterns for piece in written if data in piece]
    assert leaks([fener.folder], [NUMBER, SCOPED, NAME]) == []


async def test_a_worker_that_dies_is_started_again(twilio: TwilioDouble, fener: Installation) -> None:
    sam = twilio.person(NUMBER)
    await sam.say("hi")
    fener.kill_one_worker()

    await fener.until(lambda: fener.worker_count() == 2, "there are two workers again")
    assert (await sam.say("1")).status == 200
