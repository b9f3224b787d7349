"""Rings by e-mail: a subject and a line that say "The queue", to nobody by name.

The library of the language speaks SMTP in a thread; its faults can hold the address, so none of them leaves this module.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Literal

from bot.kernel.errors import SendError
from bot.kernel.staff_address import StaffAddress

SUBJECT: Final = "The queue"
BODY: Final = "The queue.\n"

Security = Literal["tls", "starttls", "none"]

_TIMEOUT: Final = 15.0  # seconds for one answer of the server
_AT_ONCE: Final = 4  # in threads of their own: a server that says nothing holds up no other work
_GONE: Final = frozenset({550, 551, 553})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and as whom. Without a name nobody signs in."""

    host: str
    port: int
    sender: str
    security: Security = "tls"
    user: str = ""
    password: str = field(default="", repr=False)


class MailBell:
    """Rings mail addresses."""

    def __init__(
        self, server: MailServer, *, now: Callable[[], datetime], context: ssl.SSLContext | None = None
    ) -> None:
        """Take the server, a clock, and what to trust it by: by default what the system trusts."""
        self._server = server
        self._now = now
        self._context = context
        self._threads = ThreadPoolExecutor(_AT_ONCE, "mail")

    def __repr__(self) -> str:
        """Show no server and no password."""
        return "MailBell()"

    async def ring(self, where: StaffAddress) -> None:
        """Send one mail. Raises SendError."""
        if where.kind != "email":
            raise SendError("email.wrong_way")
        await asyncio.get_running_loop().run_in_executor(self._threads, self._send, where.unveil())

    def _send(self, address: str) -> None:
        fault: SendError
        try:
            with self._open() as server:
                if self._server.user:
                    server.login(self._server.user, self._server.password)
                server.send_message(self._message(address))
        except smtplib.SMTPRecipientsRefused as refused:
            codes = {code for code, _ in refused.recipients.values()}
            fault = SendError("email.refused", gone=codes <= _GONE)
        except smtplib.SMTPAuthenticationError:
            fault = SendError("email.login")
        except smtplib.SMTPResponseException as answer:
            fault = SendError("email.refused", retryable=answer.smtp_code < 500)  # noqa: PLR2004  # RFC 5321: 4xx may pass
        except (smtplib.SMTPException, ssl.SSLError):
            fault = SendError("email.protocol", retryable=True)
        except (OSError, ValueError):
            fault = SendError("email.unreachable", retryable=True)
        else:
            return
        raise fault  # outside of `except`: no exception of the library, which names the address, hangs on it

    def _open(self) -> smtplib.SMTP:
        settings = self._server
        name = settings.sender.rpartition("@")[2]  # our own would stand in the head of every mail
        context = self._context or ssl.create_default_context()
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, name, timeout=_TIMEOUT, context=context)
        server = smtplib.SMTP(settings.host, settings.port, name, timeout=_TIMEOUT)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _message(self, address: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = address
        message["Subject"] = SUBJECT
        message["Date"] = format_datetime(self._now())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(BODY)
        return message
