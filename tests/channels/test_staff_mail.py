"""Ringing by mail: signing in, and what a server may answer."""

import asyncio
import socket
import ssl

import pytest

from bot.channels.staff_mail import MailBell, MailServer
from bot.kernel.errors import SendError
from bot.kernel.staff_address import StaffAddress
from tests.doubles.smtp import SmtpDouble
from tests.usecases.house import START

ROBIN = StaffAddress("email", "robin@example.org")


def a_bell(mail: SmtpDouble, **changes: str) -> MailBell:
    server = MailServer(
        "127.0.0.1",
        mail.port,
        "desk@example.org",
        "none",
        changes.get("user", ""),
        changes.get("password", ""),
    )
    return MailBell(server, now=lambda: START)


async def test_the_mail_is_two_neutral_lines_from_a_neutral_address() -> None:
    async with SmtpDouble(user="desk", password="s3cret words") as mail:
        await a_bell(mail, user="desk", password="s3cret words").ring(ROBIN)

    [one] = mail.taken
    head, _, body = one.text.partition("\n\n")
    assert (one.sender, one.to, body.strip()) == ("desk@example.org", ("robin@example.org",), "The queue.")
    names = [line.partition(":")[0] for line in head.splitlines()]
    assert names == [
        "From",
        "To",
        "Subject",
        "Date",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ]
    assert "Subject: The queue\n" in head
    assert mail.greeted_as == ["example.org"]  # and not what this machine is called


async def test_a_wrong_password_is_told_without_it() -> None:
    async with SmtpDouble(user="desk", password="right") as mail:
        with pytest.raises(SendError) as caught:
            await a_bell(mail, user="desk", password="wrong").ring(ROBIN)

    assert caught.value.code == "email.login"
    assert "desk" not in str(caught.value)
    assert mail.taken == []


async def test_a_server_that_says_nothing_holds_up_no_other_work_in_threads() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer("127.0.0.1", silent.getsockname()[1], "desk@example.org", "none")
        bell = MailBell(server, now=lambda: START)
        rings = [asyncio.create_task(bell.ring(ROBIN)) for _ in range(64)]
        await asyncio.sleep(0)  # all of them have begun

        assert await asyncio.wait_for(asyncio.to_thread(lambda: "done"), 5) == "done"

        for ring in rings:
            ring.cancel()
        await asyncio.gather(*rings, return_exceptions=True)


@pytest.mark.parametrize(("answer", "later"), [("451 try again", True), ("554 no", False)])
async def test_a_refusal_says_whether_it_may_pass(answer: str, *, later: bool) -> None:
    async with SmtpDouble(answer_to_data=answer) as mail:
        with pytest.raises(SendError) as caught:
            await a_bell(mail).ring(ROBIN)

    assert (caught.value.code, caught.value.retryable) == ("email.refused", later)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_nothing_is_sent_to_a_server_that_does_not_encrypt(security: str) -> None:
    async with SmtpDouble() as mail:
        server = MailServer("127.0.0.1", mail.port, "desk@example.org", security)  # type: ignore[arg-type]  # one of its words
        with pytest.raises(SendError) as caught:
            await MailBell(server, now=lambda: START, context=ssl.create_default_context()).ring(ROBIN)

    assert caught.value.retryable
    assert mail.taken == []


def test_neither_server_nor_password_shows() -> None:
    server = MailServer("mail.example.org", 465, "desk@example.org", user="desk", password="s3cret")

    assert "s3cret" not in repr(server)
    assert "example" not in repr(MailBell(server, now=lambda: START))
