"""The try page before two workers over real PostgreSQL and Valkey: the answer comes by itself, whoever sends it."""

from pathlib import Path

from tests.e2e.installation import Installation
from tests.web.test_try import hand_over
from tests.web.try_person import TryPerson

ANSWERS = ("Hello, I am Ana.", "Are you safe now?")


async def test_with_two_workers_every_answer_appears_on_its_page_by_itself_and_once(
    tmp_path: Path, empty_postgres_url: str, valkey_url: str
) -> None:
    fener = Installation(tmp_path, FENER_DATABASE_URL=empty_postgres_url, FENER_MEMORY_URL=valkey_url)
    fener.workers = 2
    async with fener, TryPerson(fener.url) as sam, TryPerson(fener.url) as kim:
        await fener.enrol()
        waiting = {await hand_over(person): person for person in (sam, kim)}
        for person in waiting.values():
            person.listen()
        for answer in ANSWERS:
            for designation, person in waiting.items():
                told = await fener.case("reply", designation, answer)

                assert "Sent: the chat is live." in told
                await fener.until(
                    lambda heard=person.heard, wanted=answer: any(wanted in text for text in heard),
                    "the answer appears by itself",
                )
        for person in waiting.values():
            assert [sum(answer in text for text in person.heard) for answer in ANSWERS] == [1, 1]
