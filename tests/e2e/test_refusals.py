"""Bad input and bad circumstances: refused in one clear sentence, and nobody identifiable in it."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import aiosqlite
import pytest

from tests.doubles.telegram import TelegramDouble
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import ROOT, Installation, free_port, on_telegram, on_whatsapp

NUMBER = "+381607734951"


async def refused(folder: Path, *words: str, **settings: str) -> str:
    """Start what must not start; what it says on standard error."""
    installation = Installation(folder, **settings)
    code, out, errors = await installation.fener("serve", "--port", str(installation.port), *words)
    assert code == 1
    assert "ready" not in out
    assert "Traceback" not in errors
    return errors


async def test_a_forged_signature_is_refused_with_an_empty_body(twilio: TwilioDouble, tmp_path: Path) -> None:
    async with on_whatsapp(twilio, tmp_path):
        sam = twilio.person(NUMBER)
        form = sam.form(Body="hi")
        for signature in ("", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é"):
            headers = {"X-Twilio-Signature": signature}
            target = twilio.webhook_url.partition("#")[0]
            async with (
                aiohttp.ClientSession() as http,
                http.post(target, data=form, headers=headers) as answer,
            ):
                assert answer.status == 403
                assert await answer.read() == b""


@pytest.mark.parametrize("path", ["/channels/whatsapp", "/channels/telegram", "/console/api/login"])
async def test_an_oversized_body_is_refused_whether_or_not_it_says_its_size(
    twilio: TwilioDouble, tmp_path: Path, path: str
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        big = b"x" * (600 * 1024)

        async def unsized() -> AsyncIterator[bytes]:
            for at in range(0, len(big), 8192):
                yield big[at : at + 8192]

        async with aiohttp.ClientSession() as http:
            async with http.post(fener.url + path, data=big) as answer:
                assert answer.status in {403, 413}
            try:
                async with http.post(fener.url + path, data=unsized()) as answer:
                    assert answer.status in {403, 413}
            except aiohttp.ClientError:
                pass  # cut off in the middle of the upload
            async with http.get(f"{fener.url}/healthz") as answer:
                assert answer.status == 200


async def test_whatsapp_gets_a_kind_sentence_and_never_a_server_error(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        await fener.enrol()
        sam = twilio.person(NUMBER)
        for text in ("hi", "1", "1", "9", "2"):
            await sam.say(text)
        async with aiosqlite.connect(fener.folder / "data" / "fener.db") as database:
            await database.execute("DROP TABLE envelopes")
            await database.commit()
        await sam.say("1")

        answer = await sam.say("nothing more")

        assert answer.status == 200
        assert "send that again" in answer.texts[0]
        assert not twilio.alerts
        assert NUMBER not in fener.log.read_text()


async def test_nothing_a_client_sends_is_echoed_by_the_interface(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener, aiohttp.ClientSession() as http:
        canary = "canary-3816077"
        for path in ("/console/api/enrol", "/console/api/login", f"/console/api/{canary}", f"/{canary}"):
            async with http.post(fener.url + path, json={canary: canary, "token": canary}) as answer:
                assert answer.status >= 400
                assert canary not in await answer.text()


async def test_content_with_errors_refuses_to_start_and_lists_every_problem_with_its_mend(
    tmp_path: Path,
) -> None:
    content = tmp_path / "content"
    for name in ("flows", "directory", "translations"):
        shutil.copytree(ROOT / name, content / name)
    flow = content / "flows" / "mental.health.yaml"
    text = flow.read_text().replace("start: ", "start: nowhere_", 1)
    flow.write_text(f"{text}\n  lost:\n    say: |\n      Nobody comes here.\n    nexxt: end\n")

    errors = await refused(tmp_path, FENER_CONTENT_DIR=str(content))

    assert errors.count("mend:") >= 2
    assert "flows/mental.health.yaml:" in errors
    assert "nowhere_" in errors
    assert "nexxt" in errors


async def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        installation = Installation(tmp_path)
        code, _, errors = await installation.fener("serve", "--port", str(port))

    assert code == 1
    assert errors == (
        f"fener: Port {port} on 127.0.0.1 is taken: stop what uses it, or choose another with --port.\n"
    )


async def test_a_data_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    errors = await refused(tmp_path, FENER_DATA_DIR=str(tmp_path / "file" / "data"))

    assert "cannot be written" in errors
    assert errors.count("\n") == 1


async def test_other_keys_than_the_databases_own_are_told_in_one_sentence(tmp_path: Path) -> None:
    async with Installation(tmp_path):
        pass

    errors = await refused(tmp_path, FENER_KEYS_DIR=str(tmp_path / "new-keys"))

    assert "not the ones this database was made with" in errors
    assert errors.count("\n") == 1


async def test_a_data_folder_of_a_newer_version_is_told_in_one_sentence(tmp_path: Path) -> None:
    async with Installation(tmp_path):
        pass
    async with aiosqlite.connect(tmp_path / "data" / "fener.db") as database:
        await database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
        await database.commit()

    errors = await refused(tmp_path)

    assert "newer" in errors
    assert errors.count("\n") == 1


async def test_a_wrong_telegram_token_is_told_in_one_sentence(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram:
        wrong = "123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

        errors = await refused(tmp_path, FENER_TELEGRAM_TOKEN=wrong, FENER_TELEGRAM_API_URL=telegram.url)

        assert "token" in errors
        assert wrong not in errors
        assert errors.count("\n") == 1


async def test_an_unreachable_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    url = f"postgresql://fener:secret-word@127.0.0.1:{free_port()}/fener"

    errors = await refused(tmp_path, FENER_DATABASE_URL=url)

    assert errors == "fener: The database does not answer: check that it runs, and FENER_DATABASE_URL.\n"


async def test_an_unreachable_memory_is_told_in_one_sentence(tmp_path: Path) -> None:
    errors = await refused(tmp_path, FENER_MEMORY_URL=f"valkey://127.0.0.1:{free_port()}/0")

    assert "Valkey does not answer" in errors
    assert errors.count("\n") == 1


async def test_wrong_settings_are_all_named_and_no_value_is_repeated(tmp_path: Path) -> None:
    errors = await refused(
        tmp_path,
        FENER_SESSION_IDLE_MINUTES="600",
        FENER_TELEGRAM_MODE="canary-mode",
        FENER_PUBLIC_URL="canary",
    )

    for name in ("FENER_SESSION_IDLE_MINUTES", "FENER_TELEGRAM_MODE", "FENER_PUBLIC_URL"):
        assert name in errors
    assert "canary" not in errors


async def test_several_workers_without_shared_stores_are_refused(tmp_path: Path) -> None:
    errors = await refused(tmp_path, "--workers", "2")

    assert "PostgreSQL" in errors
    assert "Valkey" in errors


async def test_a_real_channel_with_nothing_real_behind_it_does_not_start(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    installation = on_whatsapp(twilio, tmp_path)
    del installation.settings["FENER_TWILIO_API_URL"]

    errors = await refused(tmp_path, **{**installation.settings, "FENER_DEMO": "0"})

    assert "no organisation has a caseworker" in errors
    assert "no service is vetted" in errors
    assert errors.count("\n") == 1


async def test_a_demo_on_a_real_channel_marks_every_message(twilio: TwilioDouble, tmp_path: Path) -> None:
    async with on_whatsapp(twilio, tmp_path):
        sam = twilio.person(NUMBER)
        for text in ("hi", "1", "1", "sos", "help", "0"):
            await sam.say(text)

        assert all(text.startswith("TEST") for text in sam.heard)


async def test_a_telegram_that_forgets_us_for_a_while_loses_no_message(tmp_path: Path) -> None:
    async with TelegramDouble() as telegram, on_telegram(telegram, tmp_path) as fener:
        sam = telegram.person()
        telegram.flood(1, times=2, method="getUpdates")
        sam.say("hi")

        await fener.until(lambda: len(sam.messages) > 0, "an answer")
        await asyncio.sleep(0.2)
        assert len(sam.messages) == 1


async def test_while_the_database_is_away_information_and_sos_go_on(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        async with aiosqlite.connect(fener.folder / "data" / "fener.db") as database:
            for table in ("envelopes", "notes", "seen", "cases", "keyrings", "staff"):
                await database.execute(f"DROP TABLE IF EXISTS {table}")
            await database.commit()
        await asyncio.sleep(2.1)  # what was known of the database is two seconds old at most
        sam = twilio.person(NUMBER)

        await sam.say("hi")
        assert "English" in sam.heard[-1]
        await sam.say("sos")
        assert "Police 192" in sam.heard[-1]
        await sam.say("9")
        assert sam.heard[-1]
        assert not twilio.alerts
