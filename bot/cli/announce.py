"""What a started server tells whoever started it."""

import socket

from bot import __version__
from bot.crypto.keyring import Role
from bot.installation import Fener
from bot.settings import Settings


async def demo_link(fener: Fener, listening: socket.socket) -> str:
    """A one-time link that enrols the lead of the demo organisation, while the demo is on."""
    if not fener.demo_organisations:
        return ""
    return await fener.staff.invite(
        fener.demo_organisations[0], Role.LEAD.value, console=f"{_address(listening)}/console/"
    )


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    local = host in {"127.0.0.1", "::1", "0.0.0.0", "::"}  # noqa: S104  # nosec B104  # compared, not bound
    return f"http://{'localhost' if local else host}:{port}"


def announce(settings: Settings, listening: socket.socket, link: str, telegram_name: str) -> None:
    """Say what to do next, on standard output."""
    address = _address(listening)
    lines = [f"Fener {__version__} is ready on {address}", ""]
    if link:
        lines += [
            "  First, as a caseworker of the demo, in the browser:",
            f"      {link}",
            f"      (works once, for 30 minutes; later {address}/console/)",
            "      or in a terminal: fener case enrol --invite with that link; then list, open, reply",
        ]
    if settings.shows_try:
        lines += [f"  {'Then, as' if link else 'As'} a person:".ljust(35) + f"{address}/try/"]
    lines += ["  As a person, in a terminal:      fener chat"]
    if settings.telegram:
        who = f" as @{telegram_name}" if telegram_name else ""
        lines += [f"  On Telegram:                     answering{who}, {settings.telegram_mode}"]
    else:
        lines += ["  On Telegram:                     start with FENER_TELEGRAM_TOKEN=... from @BotFather"]
    if settings.whatsapp:
        lines += [
            f"  On WhatsApp:                     POST {settings.public_url}/channels/whatsapp#rc=3&rp=ct,rt"
        ]
    if settings.marks_test:
        lines += ["", "  FENER_DEMO is on with a real channel: every message says TEST."]
    elif settings.offers_demo:
        lines += ["", "  This is a demo: its organisations are made up. Nothing is sent anywhere."]
    lines += ["", "  Stop with Ctrl+C."]
    print("\n".join(lines), flush=True)
