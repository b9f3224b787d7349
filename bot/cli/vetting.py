"""`fener directory vet, suspend, reinstate, dismiss, agree, decline, history, write-back`: vetting from the command line.

They work on the installation's database and keys, also while a server runs: it follows within two seconds.
"""

import argparse
import asyncio
import subprocess  # nosec B404  # git, which holds the older half of a service's history
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from bot.cli.custody import open_keys
from bot.cli.stores import database_file, opened_database
from bot.cli.terminal import shown
from bot.content.directory_changes import edit_organisation
from bot.crypto.keys import KeyRoom, ServerKeys
from bot.directory.ledger import SAFETY, Event
from bot.directory.matching import Directory
from bot.directory.model import CHECKLIST
from bot.directory.standing import Standing
from bot.directory.vetting import VETTED_DAYS, state_today
from bot.installation import SystemClock
from bot.kernel.errors import RefusedError, StartError
from bot.settings import Settings, read_settings
from bot.storage.audit import SqlAuditTrail
from bot.storage.ledger import SqlDirectoryLedger
from bot.storage.memory import MemoryRateLimits
from bot.telemetry.logs import set_up_logs
from bot.usecases.act_on_service import Vetter
from bot.usecases.follow_directory import Current, find
from bot.usecases.keep_directory import KeepDirectory
from bot.usecases.vet_service import Vouching

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2
EVERY_POINT: Final = "all"

_Result = TypeVar("_Result")

_DEEDS: Final = ("vet", "suspend", "reinstate", "dismiss", "agree", "decline")
ACTIONS: Final = (*_DEEDS, "history", "write-back")


def describe(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
    content: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Describe the arguments; `content` adds the option that says which directory."""
    vet = actions.add_parser("vet", help="vouch for a service, as the first or the second of two vetters")
    vet.add_argument("--evidence", required=True, metavar="TEXT", help="how you know: called, visited, read")
    vet.add_argument(
        "--checklist",
        nargs="+",
        default=[],
        metavar="POINT",
        help=f"what you did: {', '.join(CHECKLIST)}; or {EVERY_POINT}",
    )
    vet.add_argument(
        "--expires",
        type=_day,
        metavar="DAY",
        help=f"last day, such as 2027-05-01 (default: in {VETTED_DAYS} days)",
    )
    reasons = {
        "suspend": "offer a service to nobody from now on",
        "reinstate": "put a suspended service back",
        "dismiss": "let a service stand that somebody reported: you looked into it",
        "decline": "leave a safety answer as it was",
    }
    parsers = {"vet": vet}
    for name, purpose in reasons.items():
        parsers[name] = actions.add_parser(name, help=purpose)
        parsers[name].add_argument(
            "--reason", required=True, metavar="TEXT", help="why, without names of people"
        )
    parsers["agree"] = actions.add_parser(
        "agree", help="agree with a safety answer that another person asked for"
    )
    for name in ("agree", "decline"):
        parsers[name].add_argument(
            "--word", required=True, metavar="W", help="the safety word, such as sogiesc_trained"
        )
    for parser in parsers.values():
        parser.add_argument(
            "--by", required=True, metavar="NAME", help="your work name, as it stands in the directory"
        )
    parsers["history"] = actions.add_parser(
        "history", help="what happened to a service: from git and from the database"
    )
    for parser in parsers.values():
        parser.add_argument(
            "service", metavar="ORG/SERVICE", help="the organisation's file name and the service's id"
        )
        content(parser)
    back = actions.add_parser(
        "write-back", help="write what happened at run time into the files of directory/"
    )
    back.add_argument("--dry-run", action="store_true", help="only say which files would change")
    content(back)


def act(args: argparse.Namespace, root: Path, directory: Directory) -> int:
    """Do one of these; 0 done, 1 refused, 2 no such service."""
    settings = read_settings()
    set_up_logs(settings.log_level)
    if args.action == "write-back":
        return _write_back(root, directory, current_of(settings, directory, ask=True), dry=args.dry_run)
    if find(directory, args.service) is None:
        print(f"fener directory {args.action}: there is no service '{shown(args.service)}'.", file=sys.stderr)
        return USAGE
    if args.action == "history":
        return _history(root, directory, args.service, current_of(settings, directory))
    try:
        standing = _with_services(settings, directory, lambda services: _deed(args, services))
    except RefusedError as refused:
        print(f"fener directory {args.action}: {refused.mend or refused.code}", file=sys.stderr)
        return FAULTY
    print(_told(args.service, standing))
    return FINE


def current_of(settings: Settings, directory: Directory, *, ask: bool = False) -> Current:
    """The directory as the server would see it now; as the files say where nothing was installed yet.

    Without `ask` nobody is asked for a passphrase. Raises StartError.
    """
    file = database_file(settings)
    keys_there = settings.keys_path.is_dir() and not KeyRoom.is_new(settings.keys_path)
    if not keys_there or (file is not None and not file.exists()):
        return Current(directory)

    async def look(services: KeepDirectory) -> Current:
        return await services.directory.current()

    return _with_services(settings, directory, look, ask=ask)


def _with_services(
    settings: Settings,
    directory: Directory,
    work: Callable[[KeepDirectory], Awaitable[_Result]],
    *,
    ask: bool = True,
) -> _Result:
    clock = SystemClock()
    keys = _keys(settings, clock, ask=ask)

    async def working() -> _Result:
        file = database_file(settings)
        is_new = file is not None and not file.exists()  # who vets before the first start begins the ledger
        async with opened_database(settings, upgrades=is_new) as database:
            services = KeepDirectory.over(
                lambda: directory,
                ledger=SqlDirectoryLedger(database),
                audit=SqlAuditTrail(database),
                keys=keys,
                limits=MemoryRateLimits(time.monotonic),
                clock=clock,
            )
            return await work(services)

    return asyncio.run(working())


def _keys(settings: Settings, clock: SystemClock, *, ask: bool) -> ServerKeys:
    """The server's keys; locked where only a person could open them and nobody is to be asked.

    Before the first start they are made. Never beside a database that has others: its ledger would not be believed.
    """
    file = database_file(settings)
    if (file is None or file.exists()) and (
        not settings.keys_path.is_dir() or KeyRoom.is_new(settings.keys_path)
    ):
        raise StartError(
            "keys.missing", "There are no keys yet: start the server once, or set FENER_KEYS_DIR."
        )
    if not ask and settings.custody == "passphrase" and settings.keys_passphrase is None:
        return KeyRoom.closed(settings.keys_path)
    return open_keys(settings, clock)


def _deed(args: argparse.Namespace, services: KeepDirectory) -> Awaitable[Standing]:
    """What was asked for, on its way."""
    name, who = args.service, Vetter(args.by)
    match args.action:
        case "vet":
            points = CHECKLIST if EVERY_POINT in args.checklist else _points(args.checklist)
            return services.vet(name, who, Vouching(args.evidence, points, args.expires))
        case "suspend":
            return services.suspend(name, who, args.reason)
        case "reinstate":
            return services.suspend.reinstate(name, who, args.reason)
        case "dismiss":
            return services.suspend.dismiss(name, who, args.reason)
        case _:
            return _decided(args, services, who)


async def _decided(args: argparse.Namespace, services: KeepDirectory, who: Vetter) -> Standing:
    """Agree with the safety answer that waits under a word, or leave it as it was."""
    standings = (await services.directory.current()).standings
    waiting = standings[args.service].waiting if args.service in standings else ()
    asked = [event.position for event in waiting if event.field == f"{SAFETY}{args.word}"]
    if not asked:
        raise RefusedError("change.gone", f"Nobody asked for another answer to '{shown(args.word)}'.")
    if args.action == "agree":
        return await services.change.accept_safety(args.service, who, asked[0])
    return await services.change.reject_safety(args.service, who, asked[0], reason=args.reason)


def _points(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(point for word in words for point in word.replace(",", " ").split())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write a day as 2027-05-01") from None


def _told(name: str, standing: Standing) -> str:
    """How a service stands after a deed, in one line."""
    vetting = standing.service.vetting
    state = state_today(vetting, SystemClock().now().date())
    if standing.proposed is not None:
        return f"{name}: {state}; {shown(standing.proposed.by)} vouches, and a second vetter has to."
    until = f" until {vetting.expires} by {shown(' and '.join(vetting.by))}" if state == "vetted" else ""
    return f"{name}: {state}{until}."


def _history(root: Path, directory: Directory, name: str, current: Current) -> int:
    """Everything that is known: the commits of its file, then what the database holds."""
    found = find(directory, name)
    assert found is not None
    file = found[0].at[""].file
    print(f"{file}:")
    for line in _commits(root, file) or ["not in git"]:
        print(f"  {shown(line)}")
    print("since then:")
    events = [event for event in current.record.events if event.service == name]
    for event in events:
        print(f"  {_line(event)}")
    if not events:
        print("  nothing")
    if not current.whole:
        print("fener directory history: the database's part was changed by somebody else.", file=sys.stderr)
        return FAULTY
    return FINE


def _commits(root: Path, file: str) -> list[str]:
    """Day, author and subject of each commit that changed a file, the oldest first; none where there is no git."""
    command = ["git", "-C", str(root), "log", "--reverse", "--date=short", "--format=%ad %an: %s", "--", file]
    try:
        told = subprocess.run(command, capture_output=True, check=True, text=True, timeout=30)  # noqa: S603  # nosec B603  # a list of ours; the file's name was read from disk
    except (OSError, subprocess.SubprocessError):
        return []
    return told.stdout.splitlines()


def _line(event: Event) -> str:
    what = event.kind.replace("_", " ")
    parts = [
        f"by {event.by}" if event.by else "",
        f"{event.field} = {event.value}" if event.field else "",
        f"until {event.expires}" if event.expires else "",
        event.words or event.source,
    ]
    return shown(f"{event.day} {what} " + "; ".join(part for part in parts if part)).rstrip()


def _write_back(root: Path, directory: Directory, current: Current, *, dry: bool) -> int:
    """Edit the files; 1 when some could not be edited by a program."""
    if not current.whole:
        raise StartError("ledger.broken", "The directory's history was changed: nothing was written.")
    edited = [
        edit
        for organisation in directory.organisations.values()
        if (edit := edit_organisation(organisation, current.standings, _text(root, organisation.at[""].file)))
    ]
    for edit in edited:
        if edit.text is None:
            print(f"{edit.file}: write this by hand: {', '.join(edit.services)}", file=sys.stderr)
            continue
        if not dry:
            (root / edit.file).write_text(edit.text, "utf-8", newline="")
        print(f"{edit.file}: {', '.join(edit.services)}")
    done = sum(edit.text is not None for edit in edited)
    print(f"{done} files {'would be' if dry else 'were'} written. Look at them ('git diff') and commit them.")
    return FINE if done == len(edited) else FAULTY


def _text(root: Path, file: str) -> str:
    """The file with the line ends that it has."""
    with (root / file).open(encoding="utf-8-sig", newline="") as opened:
        return opened.read()
