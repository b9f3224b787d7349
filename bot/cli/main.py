"""The parser of `fener`: each command is a module that is imported only when it is asked for."""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot import __version__
from bot.kernel.errors import FenerError

COMMANDS: Final[Mapping[str, str]] = {
    "serve": "the server: webhooks, Telegram polling, the caseworkers' interface",
    "chat": "talk to the flows in this terminal",
    "check": "every problem in flows, directory and translations, with its mend",
    "test": "play the scripted conversations beside the flows",
    "flow": "pictures of a flow",
    "directory": "what would be offered and why; what is due for vetting; exchange with others",
    "understand": "what the bot makes of a message",
    "translations": "texts for translators, and how far each language is",
    "unlock": "type the passphrase into a server that started locked",
    "staff": "invite caseworkers",
    "case": "the caseworker's work: enrol, list, open, reply, close",
    "duty": "go on or off duty",
    "db": "the database: upgrade, check, purge",
    "backup": "copy the database while the server works",
    "restore": "make a backup the database",
    "retention": "what is kept and when it goes",
    "stats": "what was needed in a quarter, in whole tens: printed, as CSV, as PDF",
    "audit": "whether the audit chains are whole",
    "channels": "whether the messengers answer",
    "doctor": "check this host and say what is missing",
}
"""Command -> what it is for. `bot.cli.<command>` holds `add(parser)` and `run(args) -> int`."""

EXIT_FAULT: Final = 1
EXIT_USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer with its exit code: 0 fine, 1 it found faults or failed, 2 wrong usage."""
    # Many threads for small products only wait for each other: training the intent model takes seconds under load.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    words = list(sys.argv[1:] if arguments is None else arguments)
    gc.disable()  # modules stay: looking for garbage among them takes a sixth of the time that they load in
    try:
        args, run = _command(words)
    finally:
        gc.enable()
    if run is None:
        return EXIT_USAGE
    try:
        return run(args)
    except FenerError as fault:
        print(f"fener: {fault.mend or fault.code}", file=sys.stderr)
        return EXIT_FAULT
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAULT


def _command(words: list[str]) -> tuple[argparse.Namespace, Callable[[argparse.Namespace], int] | None]:
    """The arguments and what runs them; None, with the help printed, where no command was named."""
    parser = argparse.ArgumentParser(
        prog="fener",
        description="Anonymous help and referrals, in the chat app people already have.",
        epilog="'fener COMMAND --help' says more. The manual is in docs/.",
    )
    parser.add_argument("--version", action="version", version=f"fener {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, purpose in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=purpose, description=_sentence(purpose))
        if words and words[0] == name:
            importlib.import_module(f"bot.cli.{name}").add(subparser)
    args = parser.parse_args(words)
    if args.command is None:
        parser.print_help()
        return args, None
    run: Callable[[argparse.Namespace], int] = importlib.import_module(f"bot.cli.{args.command}").run
    return args, run


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
