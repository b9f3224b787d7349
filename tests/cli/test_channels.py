"""`fener channels check` against the strict doubles: one line each, nothing sent, no token repeated."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli.main import main
from tests.doubles.telegram import TelegramDouble
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import free_port


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FENER_KEY_CUSTODY", "file")
    monkeypatch.setenv("FENER_LOG_LEVEL", "error")


@pytest.fixture
async def telegram(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble() as double:
        monkeypatch.setenv("FENER_TELEGRAM_TOKEN", double.token)
        monkeypatch.setenv("FENER_TELEGRAM_API_URL", double.url)
        yield double


@pytest.fixture
async def twilio(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TwilioDouble]:
    async with TwilioDouble() as double:
        monkeypatch.setenv("FENER_PUBLIC_URL", "https://help.example.org")
        monkeypatch.setenv("FENER_TWILIO_ACCOUNT_SID", double.account)
        monkeypatch.setenv("FENER_TWILIO_AUTH_TOKEN", double.token)
        monkeypatch.setenv("FENER_TWILIO_FROM", double.sender)
        monkeypatch.setenv("FENER_TWILIO_API_URL", double.url)
        yield double


async def check() -> int:
    """In a thread, because the command has a loop of its own."""
    return await asyncio.to_thread(main, ["channels", "check"])


async def test_both_messengers_answer_and_nothing_is_sent(
    telegram: TelegramDouble, twilio: TwilioDouble, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await check() == 0
    assert capsys.readouterr().out == "Telegram: answers as @fener_double_bot\nWhatsApp: answers\n"
    assert [method.lower() for method, _ in telegram.calls] == ["getme"]
    assert [operation.split()[0] for operation, _ in twilio.calls] == ["GET"]


async def test_wrong_tokens_are_told_with_their_mend_and_never_repeated(
    telegram: TelegramDouble,
    twilio: TwilioDouble,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FENER_TELEGRAM_TOKEN", "987654321:another_token")
    monkeypatch.setenv("FENER_TWILIO_AUTH_TOKEN", "anothersecret")

    assert await check() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "@BotFather" in said.err
    assert "FENER_TWILIO_ACCOUNT_SID" in said.err
    assert said.err.count("\n") == 2
    assert "another" not in said.err


async def test_a_messenger_that_is_out_of_reach_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FENER_TELEGRAM_TOKEN", "123:abc")
    monkeypatch.setenv("FENER_TELEGRAM_API_URL", f"http://127.0.0.1:{free_port()}")

    assert await check() == 1
    said = capsys.readouterr()
    assert said.err.startswith("Telegram: out of reach for now")
    assert said.out.startswith("WhatsApp: off")


async def test_messengers_that_are_off_are_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert await check() == 0
    assert [line.partition(" (")[0] for line in capsys.readouterr().out.splitlines()] == [
        "Telegram: off",
        "WhatsApp: off",
    ]
