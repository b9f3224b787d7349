"""`fener channels check`: asks Telegram and Twilio who we are. Nothing is sent to anybody."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from bot.kernel.errors import FenerError, SendError, StartError
from bot.settings import Settings, read_settings
from bot.telemetry.logs import set_up_logs
from bot.wiring import open_channels

FINE: Final = 0
FAULTY: Final = 1


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener channels`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("check", help="whether Telegram and Twilio take our tokens; nothing is sent")


def run(args: argparse.Namespace) -> int:  # noqa: ARG001  # the shape of every command; there is one action
    """One line a messenger; 0 all that are on answer, 1 one does not."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    return asyncio.run(_check(settings))


async def _check(settings: Settings) -> int:
    telegram, whatsapp = open_channels(settings)
    answered = []
    if telegram is None:
        print("Telegram: off (FENER_TELEGRAM_TOKEN is not set)")
    else:
        answered.append(await _asked("Telegram", telegram.check, telegram.close))
    if whatsapp is None:
        print("WhatsApp: off (FENER_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM are not set)")
    else:
        answered.append(await _asked("WhatsApp", whatsapp.check, whatsapp.close))
    return FINE if all(answered) else FAULTY


async def _asked(
    name: str, check: Callable[[], Awaitable[str | None]], close: Callable[[], Awaitable[None]]
) -> bool:
    """Whether the messenger answers; says so in one line."""
    try:
        who = await check()
    except FenerError as fault:
        print(f"{name}: {_mend(fault)}", file=sys.stderr)
        return False
    finally:
        await close()
    print(f"{name}: answers{f' as @{who}' if who else ''}")
    return True


def _mend(fault: FenerError) -> str:
    if isinstance(fault, StartError) and fault.mend:
        return fault.mend
    if isinstance(fault, SendError) and fault.retryable:
        return "out of reach for now; check this machine's connection and the messenger's status page"
    return f"refuses the question ({fault.code}); check the token"
