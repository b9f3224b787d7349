"""`fener chat`: the flows in a terminal, with a caseworker who exists only in memory."""

import argparse
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.channels.simulator import lines
from bot.cli.content import content_folder, load_or_list
from bot.crypto.randomness import random_bytes
from bot.flow.library import Library
from bot.flow.rehearsal import Rehearsal, said, staffed
from bot.handoff.designation import DESIGNATION_BYTES, designation
from bot.handoff.return_code import RETURN_CODE_BYTES, return_code

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

ANSWER: Final = "!answer"
WAIT: Final = "!wait"
PHONE: Final = "!phone"
_HINT: Final = (
    "Write as a person would; Ctrl-D ends. You are the caseworker too: after a handoff, "
    f"{ANSWER} TEXT leaves an answer, {WAIT} MINUTES lets time pass, and {PHONE} takes another phone."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `fener chat`."""
    parser.add_argument("--lang", metavar="xx", default="en", help="language the conversation begins in")
    parser.add_argument(
        "--content",
        metavar="DIR",
        help="folder holding flows/, directory/, translations/ (default: FENER_CONTENT_DIR)",
    )
    parser.add_argument("--script", metavar="FILE", help="take the messages from a file, one a line")
    parser.add_argument("--closed", action="store_true", help="nobody is on duty")


def run(args: argparse.Namespace) -> int:
    """Chat until the input ends; 0, or 1 when the content has errors, 2 for wrong usage."""
    root = Path(args.content) if args.content else content_folder()
    messages: list[str] | None = None
    if args.script:
        try:
            messages = Path(args.script).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
            print(f"fener chat: {args.script} cannot be read: {reason}", file=sys.stderr)
            return USAGE
    if not root.is_dir():
        print(f"fener chat: there is no folder {root}", file=sys.stderr)
        return USAGE
    library = load_or_list(root)
    if library is None:
        return FAULTY
    if library.catalogue.languages.get(args.lang) is None:
        known = ", ".join(library.catalogue.languages.codes)
        print(f"fener chat: there is no language '{args.lang}'; there are {known}", file=sys.stderr)
        return USAGE
    _speak_utf8()
    chat = Chat(library, args.lang, on_duty=not args.closed)
    if messages is not None:
        chat.play(messages)
    elif sys.stdin.isatty():
        import readline  # noqa: F401  # gives the prompt a history and an arrow key

        chat.talk(input)
    else:
        chat.play(line.rstrip("\r\n") for line in sys.stdin)
    return FINE


def _speak_utf8() -> None:
    """The texts are in many scripts, whatever the terminal's locale says."""
    for stream in (sys.stdout, sys.stdin):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


class Chat:
    """One person at this terminal."""

    def __init__(self, library: Library, language: str, *, on_duty: bool) -> None:
        self._ahead = timedelta()
        self._rehearsal = Rehearsal(
            library,
            self._clock(),
            staffing=staffed(library, on_duty=on_duty),
            language=language,
            designate=lambda: designation(random_bytes(DESIGNATION_BYTES)),
            draw_code=lambda: return_code(random_bytes(RETURN_CODE_BYTES)),
        )

    def _clock(self) -> datetime:
        return datetime.now(UTC) + self._ahead  # noqa: TID251  # a command's own clock

    def play(self, messages: Iterable[str]) -> None:
        """Take each message that is neither blank nor a remark; echo it and print the reply."""
        for message in messages:
            if not message.strip() or message.startswith("#"):
                continue
            print(f"> {message}")
            self._reply(message, "< ")

    def talk(self, read: Callable[[str], str]) -> None:
        """Ask `read` for message after message until the input ends."""
        print(_HINT)
        print()
        while True:
            try:
                message = read("> ").strip()
            except EOFError:
                print()
                return
            if message.startswith(ANSWER):
                self._answer(message.removeprefix(ANSWER).strip())
            elif message.startswith(WAIT):
                self._wait(message.removeprefix(WAIT).strip())
            elif message == PHONE:
                self._rehearsal.take_another_phone()
                print("  (Another phone: what was open is not found here without its return code.)\n")
            elif message:
                self._reply(message, "  ")

    def _reply(self, message: str, margin: str) -> None:
        cases = len(self._rehearsal.opened)
        self._rehearsal.now = self._clock()
        self._rehearsal.wait(timedelta())
        for line in lines(said(self._rehearsal.say(message))):
            print(f"{margin}{line}")
        if margin == "  ":
            if len(self._rehearsal.opened) > cases:
                print(f"\n  (You are the caseworker now: {ANSWER} and your words.)")
            print()

    def _answer(self, words: str) -> None:
        if self._rehearsal.case is None or not words:
            print(f"  (There is no open case, or no words: {ANSWER} Hello, I am here.)\n")
            return
        self._rehearsal.answer(words)
        print("  (The answer waits. It is offered with the person's next message.)\n")

    def _wait(self, minutes: str) -> None:
        if not minutes.isdecimal():
            print(f"  (How many minutes? {WAIT} 40)\n")
            return
        self._ahead += timedelta(minutes=int(minutes))
        print("  (Time passed.)\n")
