"""How the server's keys are opened: the passphrase from a setting, a terminal, or later by `fener unlock`."""

import os
import sys
from pathlib import Path

from bot.crypto.keys import KeyRoom, ServerKeys
from bot.installation import SystemClock
from bot.settings import Settings


def open_keys(settings: Settings, clock: SystemClock, memory_key: bytes | None = None) -> ServerKeys:
    """The server's keys under the configured custody. Raises StartError."""
    passphrase = settings.keys_passphrase
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    return KeyRoom.open(
        settings.keys_path,
        settings.custody,
        clock.now(),
        passphrase=passphrase.get_secret_value if passphrase is not None else _ask_passphrase,
        credentials=Path(credentials) if credentials else None,
        demo=settings.offers_demo,
        memory_key=memory_key,
    )


def open_or_leave_locked(settings: Settings, clock: SystemClock) -> ServerKeys:
    """The server's keys; locked ones where a passphrase is needed and nobody is there to type it. Raises StartError.

    Keys that still have to be made are never left locked: there would be nothing to unlock.
    """
    asks = settings.custody == "passphrase" and settings.keys_passphrase is None
    if (
        asks
        and not sys.stdin.isatty()
        and settings.keys_path.is_dir()
        and not KeyRoom.is_new(settings.keys_path)
    ):
        return KeyRoom.closed(settings.keys_path, demo=settings.offers_demo)
    return open_keys(settings, clock)


def _ask_passphrase() -> str | None:
    import getpass

    return getpass.getpass("Passphrase of the server's keys: ") if sys.stdin.isatty() else None
