"""The try page over HTTP: what a person gets, what a caseworker's answer does, and what is kept of whom."""

import asyncio
import contextlib
import re
import secrets
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.canaries import leaks
from tests.e2e.installation import Installation
from tests.web.try_person import TryPerson

WORDS = "I slept at the station again"
CENTRE = "Lantern Demo Centre"


def number_of(label: str, text: str) -> str:
    """The number to type for an option."""
    found = re.search(rf"^(\d+) {re.escape(label)}", text, re.MULTILINE)
    assert found, f"no option {label!r} in:\n{text}"
    return found[1]


async def hand_over(sam: TryPerson, words: str = WORDS) -> str:
    """From "hi" to a queued case; the designation."""
    for text in ("hi", "1", "1", "9"):
        await sam.say(text)
    await sam.say(number_of("Papers or a lawyer", sam.heard[-1]))
    assert CENTRE in sam.heard[-1]
    await sam.say(number_of("Yes", sam.heard[-1]))
    await sam.say(words)
    found = re.search(r"is called: (\w+ \w+)", sam.heard[-1])
    assert found, sam.heard[-1]
    return found[1]


def kept(sam: TryPerson) -> dict[str, Any]:
    """What is kept after the newest message."""
    facts = sam.facts[-1]
    assert facts is not None
    return facts


async def test_a_person_at_the_page_is_heard_and_the_answer_appears_by_itself(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await fener.enrol()
        sam.listen()
        designation = await hand_over(sam)

        opened = await fener.opened(designation)
        told = await fener.case("reply", designation, "Hello, I am Ana. Are you safe now?")
        await fener.until(
            lambda: any("I am Ana" in text for text in sam.heard), "the answer appears on the page"
        )

        assert opened["summary"]["note"] == WORDS
        assert "Sent: the chat is live." in told
        assert f"{CENTRE} writes:" in sam.heard[-1]
        assert sam.replies[-1]["from_case"]


async def test_what_is_kept_is_told_by_what_was_done(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await fener.enrol()
        await sam.say("hi")
        assert kept(sam) == {"place": True, "route": False, "sealed_to": "", "did": []}

        await hand_over(sam)
        assert kept(sam) == {"place": True, "route": True, "sealed_to": CENTRE, "did": ["case opened"]}

        await sam.say("it is cold and I am alone here")
        assert kept(sam)["did"] == ["message added"]

        await sam.say("0")
        assert kept(sam) == {"place": False, "route": False, "sealed_to": CENTRE, "did": ["route dropped"]}

        await sam.say("erase")
        await sam.say(number_of("Yes", sam.heard[-1]))
        assert kept(sam) == {
            "place": False,
            "route": False,
            "sealed_to": "",
            "did": ["case deleted", "erased"],
        }
        assert await fener.cases() == []


IN_MEMORY_ONLY = {"route dropped", "erased"}


def on_disk(fener: Installation) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the disk has it now."""
    with contextlib.closing(sqlite3.connect(fener.folder / "data" / "fener.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)  # our names
            for name in tables
        }


def open_cases(fener: Installation) -> int:
    """Cases on disk that lead to somebody."""
    with contextlib.closing(sqlite3.connect(fener.folder / "data" / "fener.db")) as database:
        [(count,)] = database.execute("SELECT count(*) FROM cases WHERE pseudonym IS NOT NULL")
        return int(count)


async def test_what_the_page_says_of_the_disk_is_what_the_disk_did_after_each_message(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await fener.enrol()
        told: list[str] = []

        async def says(text: str) -> None:
            before = on_disk(fener)
            await sam.say(text)
            did = set(kept(sam)["did"])
            told.extend(did)
            assert (before != on_disk(fener)) == bool(did - IN_MEMORY_ONLY), (text, did)
            assert open_cases(fener) == bool(kept(sam)["sealed_to"]), (text, did)

        for text in (
            "hi",
            "العربية",
            "1",
            "9",
            "2",
            "1",
            WORDS,
            "it is cold",
            "return code",
            "1",
            "9 km",
            "menu",
            "sos",
        ):
            await says(text)
        designation = (await fener.cases())[0]["designation"]
        await fener.case("reply", designation, "We have a bed for you")
        for text in ("hello?", "1", "menu", "0", "hi", "erase", "1"):
            await says(text)
        assert set(told) >= {
            "case opened",
            "message added",
            "return code made",
            "notes read",
            "notes deleted",
            "erased",
        }


async def test_an_answer_that_the_page_did_not_take_waits_and_is_offered_at_the_next_message(
    tmp_path: Path,
) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await fener.enrol()
        designation = await hand_over(sam)  # nobody listens: the page sleeps

        told = await fener.case("reply", designation, "We have a bed for you")
        assert "Locked and waiting" in told

        await sam.say("hello?")
        assert "Is now a good time?" in sam.heard[-1]
        await sam.say(number_of("Read", sam.heard[-1]))
        assert "We have a bed for you" in sam.heard[-1]
        assert kept(sam)["did"] == ["notes read", "message added"]  # and what was said before it was shown
        await sam.say("menu")
        assert kept(sam)["did"] == ["notes deleted"]


async def test_leaving_the_page_ends_the_conversation_and_the_way_back_at_once(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await fener.enrol()
        sam.listen()
        designation = await hand_over(sam)

        assert (await sam.call("leave"))[0] == 204
        told = await fener.case("reply", designation, "Are you still there?")

        assert "Locked and waiting" in told
        assert (await sam.call("wait"))[0] == 409
        assert (await sam.call("say", message_id=secrets.token_hex(16), text="hi"))[0] == 409
        assert len(await fener.cases()) == 1  # an open case stays, as with 0


async def test_after_a_whole_life_at_the_page_no_byte_names_it(tmp_path: Path) -> None:
    async with Installation(tmp_path, FENER_LOG_LEVEL="debug") as fener, TryPerson(fener.url) as sam:
        await fener.enrol()
        sam.listen()
        designation = await hand_over(sam)
        await sam.say("and one more thing")
        await fener.case("reply", designation, "Hello, I am Ana.")
        await fener.until(lambda: any("I am Ana" in text for text in sam.heard), "the answer arrives")
        await fener.restart()
        await sam.call("enter")
        await fener.case("reply", designation, "Are you still there?")
        await sam.say("hi")
        await sam.say(number_of("Read", sam.heard[-1]))
        assert "Are you still there?" in sam.heard[-1]
        await fener.kill()

        assert leaks([tmp_path], [sam.id, *sam.message_ids[-4:]]) == []
        assert leaks([tmp_path / "data", tmp_path / "keys"], [WORDS, "I am Ana", "one more thing"]) == []
        assert "127.0.0.1" not in fener.log.read_text()


async def test_the_same_reply_has_buttons_for_telegram_and_numbers_for_whatsapp(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await sam.say("hi")
        assert "1 English" in sam.heard[-1]

        await sam.say(tapped=sam.button("English"))
        assert "Is now a good time?" in sam.heard[-1]
        assert "1 Yes" not in sam.replies[-1]["telegram"][-1]["text"]


async def test_an_arabic_conversation_is_told_to_read_from_right_to_left(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await sam.say("hi")
        await sam.say(number_of("العربية", sam.heard[-1]))

        assert (sam.replies[-1]["language"], sam.replies[-1]["direction"]) == ("ar", "rtl")
        english = sam.replies[-1]["english"]
        assert (english["language"], english["direction"], english["english"]) == ("en", "ltr", None)
        assert "1 Yes" in english["whatsapp"][-1]


async def test_a_message_sent_twice_is_taken_once(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        await sam.say("hi")
        first = await sam.say("1", message_id="ab" * 16)
        again = await sam.say("1", message_id="ab" * 16)

        assert again == first
        assert sam.facts[-1] is None  # nothing changed


async def test_one_page_cannot_ask_for_the_answer_to_another_pages_message(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam, TryPerson(fener.url) as eve:
        await sam.say("hi")
        secret = await sam.say("1", message_id="cd" * 16)

        assert await eve.say("hi", message_id="cd" * 16) != secret


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, 200),
        ({"FENER_PUBLIC_URL": "https://help.example.org"}, 404),
        ({"FENER_PUBLIC_URL": "https://help.example.org", "FENER_TRY": "1"}, 200),
        ({"FENER_TRY": "0"}, 404),
    ],
    ids=["alone", "public", "public, asked for", "asked not"],
)
async def test_the_page_is_there_only_without_a_public_address_or_when_asked_for(
    tmp_path: Path, settings: dict[str, str], status: int
) -> None:
    async with Installation(tmp_path, **settings) as fener, aiohttp.ClientSession() as browser:
        found = []
        for path in ("/try/", "/try/app.js"):
            async with browser.get(fener.url + path) as answer:
                found.append(answer.status)
        async with browser.post(f"{fener.url}/try/api/enter", json={"id": "ab" * 16}) as answer:
            found.append(answer.status)

        assert found == [status] * 3
        assert ("/try/" in fener.out.read_text()) == (status == 200)


async def test_everything_of_the_page_is_under_one_strict_policy(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, aiohttp.ClientSession() as browser:
        for path in ("/try/", "/try/app.js", "/try/page.css", "/try/clock.html", "/try/missing"):
            async with browser.get(fener.url + path) as answer:
                policy = answer.headers["content-security-policy"]
                assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
                assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
                assert "unsafe" not in policy
                assert answer.headers["cache-control"] == "no-store"
                assert answer.headers["referrer-policy"] == "no-referrer"
                assert "set-cookie" not in answer.headers


async def test_the_page_has_its_sentences_in_every_language_of_the_menu_and_says_which_are_drafts(
    tmp_path: Path,
) -> None:
    async with (
        Installation(tmp_path) as fener,
        TryPerson(fener.url) as sam,
        aiohttp.ClientSession() as browser,
    ):
        codes = [each["code"] for each in sam.about["languages"]]
        assert {"en", "ar", "fa", "fr", "ur", "ps", "pt", "es", "sr", "sr-Cyrl", "tr", "ru"} == set(codes)
        told = {}
        for code in codes:
            async with browser.get(f"{fener.url}/try/words/{code}") as answer:
                told[code] = await answer.json()
        async with browser.get(f"{fener.url}/try/words/xx") as answer:
            assert answer.status == 404
        async with browser.get(f"{fener.url}/try/index.html") as answer:
            page = await answer.text()

        english = told["en"]["words"]
        assert not told["en"]["draft"]
        for code in set(codes) - {"en"}:
            assert told[code]["draft"]
            same = {key for key, text in told[code]["words"].items() if text == english[key]}
            assert same <= {"messages", "message", "conversation", "write"}, code
        assert told["sr-Cyrl"]["words"]["kept"] == "Шта се чува"
        for key in re.findall(r'data-(?:say|label|hint)="([^"]+)"', page):
            assert english[key]
        for key, text in re.findall(r'data-say="([^"]+)"[^>]*>([^<]+)<', page):
            assert text == english[key]  # what stands in the page before its script speaks


async def test_another_sites_page_can_make_nobody_speak_here(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, aiohttp.ClientSession() as browser:
        body = b'{"id": "%s"}' % (b"ab" * 16)
        attempts = {
            415: {"content-type": "text/plain"},
            403: {"content-type": "application/json", "sec-fetch-site": "cross-site"},
        }
        for status, headers in attempts.items():
            for call in ("enter", "say", "wait", "leave"):
                url = f"{fener.url}/try/api/{call}"
                async with browser.post(url, data=body, headers=headers) as answer:
                    assert answer.status == status


async def test_no_more_pages_are_let_in_than_a_minute_allows(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, aiohttp.ClientSession() as browser:
        answers = []
        for _ in range(64):
            content = {"id": secrets.token_hex(16)}
            async with browser.post(f"{fener.url}/try/api/enter", json=content) as answer:
                answers.append(answer.status)

        assert answers[:60] == [200] * 60
        assert set(answers[60:]) == {429}


async def test_a_body_over_its_limit_is_refused(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        assert (await sam.call("enter", more="x" * 70_000))[0] == 413


async def test_a_server_with_an_open_page_stops_as_fast_as_one_without(tmp_path: Path) -> None:
    async with Installation(tmp_path) as fener, TryPerson(fener.url) as sam:
        sam.listen()
        await asyncio.sleep(0.3)
        began = asyncio.get_running_loop().time()
        await fener.stop()

        assert asyncio.get_running_loop().time() - began < 7.0  # the server gives open requests eight
